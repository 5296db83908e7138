"""Puts the parts together: learnt phrases, words that are sure, the models, and what can be taken out of the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from followup.after_sales.branch import FAULTS
from followup.understood import Candidate, Intent, Understood
from handlers.understand import emoji, meaning
from handlers.understand.extract import orders_in, tracking_in
from handlers.understand.features import concepts
from handlers.understand.intents import READINGS, whole_intent
from handlers.understand.languages import languages_in, tell_language
from handlers.understand.learnt import Learnt
from handlers.understand.measures import amounts_in, weights_in
from handlers.understand.named_time import find_time
from handlers.understand.normalise import letters_only, normalise
from handlers.understand.phrases import hints_of, words_of
from handlers.understand.ranking import Ranking, is_clear, rank

# These change what the bot does next, so the models alone never decide them: their words have to be there.
BY_WORDS_ONLY = {Intent.STOP, Intent.PAID, Intent.LATER, Intent.DECLINED, Intent.CANCEL, Intent.CONFIRMED}
ANGRY = {Intent.COMPLAINT, Intent.BAD_REVIEW_THREAT}
# Who says that all is well, "but", is not done: a person reads what follows.
WELL = frozenset((Intent.THANKS, Intent.PRAISE, Intent.ACKNOWLEDGEMENT, Intent.CONFIRMED))
BUT = "but"
ANGRY_FROM = 0.3
ANGRY_IN_HEAT = 0.1
FAULT_AT_LEAST, FAULT_CLOSE = 0.45, 0.7
OFFERED = 5


@dataclass(frozen=True, slots=True)
class _Words:
    """What the words of the phrases say for sure (intent None: nothing), and what they nearly say."""

    intent: Intent | None
    named_at: datetime | None
    why: str


def prepare(text: str) -> None:
    """Works out beforehand what `understand` may need of the sentence's meaning: milliseconds, in any thread.

    Does nothing where the words are clear, or without the extra `intents`.
    """
    folded = normalise(text)
    if folded and meaning.available() and not is_clear(folded):
        meaning.prepare(folded)


_COMMAND = re.compile(r"\s*/\w+\s*", re.ASCII)


def read(text: str, now: datetime, zone: ZoneInfo, lang_hint: str, learnt: Learnt) -> Understood:
    """Understands a text; see `understand`."""
    folded = normalise(text)
    langs = languages_in(folded)
    times = find_time(folded, langs, now, zone)[0]
    understood = _decide(folded, langs, now, zone, learnt)
    if understood.intent in WELL and (but := takes_back(folded, langs)):
        understood = replace(understood, intent=Intent.OTHER, sure=False, why=f"{understood.intent}? {but}")
    if meant := emoji.only_emoji(text):
        understood = Understood(meant, None, "", True, f"{meant}: {text.strip()}", (Candidate(meant, 0.9),))
    return replace(
        understood,
        angry=understood.angry or emoji.is_angry(text),
        lang=lang_hint if _COMMAND.fullmatch(text) else tell_language(folded, langs, lang_hint),
        orders=orders_in(text),
        tracking=tracking_in(text),
        amounts=amounts_in(text),
        weights=weights_in(text),
        times=(times,) if times else (),
    )


def _decide(folded: str, langs: tuple[str, ...], now: datetime, zone: ZoneInfo, learnt: Learnt) -> Understood:
    words = _words(folded, langs, now, zone)
    ranking = rank(folded)
    angry = _is_angry(folded, ranking)
    if words.intent is not Intent.STOP and (lesson := learnt.nearest(folded)):
        named_at = find_time(folded, langs, now, zone)[0] if lesson.intent is Intent.LATER else None
        return _act(lesson.intent, named_at, f"{lesson.intent}: learnt {lesson.text}", ranking, angry)
    if words.intent:
        return _act(_finer(words.intent, ranking), words.named_at, words.why, ranking, angry)
    if fault := _fault_to_refund(ranking):
        return _act(fault, None, f"{fault}: a refund is wanted for it, by {ranking.by}", ranking, angry)
    best = ranking.shares[0]
    candidates = _candidates(ranking)
    if ranking.sure and best.intent not in BY_WORDS_ONLY and not words.why.startswith(f"{best.intent}?"):
        why = f"{best.intent}: {best.score:.2f} by {ranking.by}"
        return Understood(best.intent, None, "", True, why, candidates, angry=angry)
    return Understood(Intent.OTHER, None, "", False, words.why, candidates, angry=angry)


def takes_back(folded: str, langs: tuple[str, ...]) -> str:
    """The word that takes back what was said before it, such as "but" or "still"; "" where there is none."""
    if not hints_of(langs, BUT).search(folded):
        return ""
    found = (words_of(lang, BUT, "take").search(words_of(lang, BUT, "leave").sub("#", folded)) for lang in langs)
    return next((match[0] for match in found if match), "")


def _is_angry(folded: str, ranking: Ranking) -> bool:
    named = concepts(folded)
    share = max(map(ranking.share, ANGRY))
    return "anger" in named or share >= (ANGRY_IN_HEAT if "heat" in named else ANGRY_FROM)


def _words(folded: str, langs: tuple[str, ...], now: datetime, zone: ZoneInfo) -> _Words:
    """The first sure intent by the precedence of `READINGS`."""
    if whole := whole_intent(letters_only(folded)):
        return _Words(whole, None, f"{whole}: {folded}")
    doubt = ""
    for reading in READINGS:
        named_at, seen = find_time(folded, langs, now, zone) if reading.intent is Intent.LATER else (None, folded)
        sure, words = reading.find(seen, langs)
        if sure:
            return _Words(reading.intent, named_at, f"{reading.intent}: {words}")
        doubt = doubt or (words and f"{reading.intent}? {words}")
    return _Words(None, None, doubt)


def _finer(intent: Intent, ranking: Ranking) -> Intent:
    """Not wanting something is a cancellation where it is likelier one."""
    if intent is Intent.DECLINED and ranking.share(Intent.CANCEL) > ranking.share(Intent.DECLINED):
        return Intent.CANCEL
    return intent


def _fault_to_refund(ranking: Ranking) -> Intent | None:
    """The fault for which the money is wanted back, where these two are the likeliest and close: it is its case."""
    first, second = ranking.shares[:2]
    if second.score < max(FAULT_AT_LEAST, first.score * FAULT_CLOSE):
        return None
    of = {first.intent, second.intent}
    return next(iter(of & FAULTS), None) if Intent.RETURN_REFUND in of else None


def _act(intent: Intent, named_at: datetime | None, why: str, ranking: Ranking, angry: bool) -> Understood:
    rest = tuple(each for each in _candidates(ranking) if each.intent is not intent)[: OFFERED - 1]
    first = Candidate(intent, max(0.9, ranking.share(intent)))
    return Understood(intent, named_at, "", intent is not Intent.OTHER, why, (first, *rest), angry=angry)


def _candidates(ranking: Ranking) -> tuple[Candidate, ...]:
    return tuple(each for each in ranking.shares if each.intent is not Intent.OTHER)[:OFFERED]
