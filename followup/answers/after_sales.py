"""What the buyer of an open case is answered: what he shows or chooses, more trouble, how it stands (rules 39-74)."""

from __future__ import annotations

import re
from dataclasses import replace

from followup.after_sales import offer_answers, reissue, returns, tracking
from followup.after_sales.answering import answered, how_it_is
from followup.after_sales.branch import FAULTS, WISHES, course_of
from followup.after_sales.model import AfterSale, Stage
from followup.after_sales.progress import asks_if_well, registering, watches_parcel
from followup.after_sales.proof import answer_in, missing, says_more, with_answer, with_shown
from followup.after_sales.stages import WELL, Turn, advance, begin, contact, finish
from followup.after_sales.telling import ALL_WELL, sale_of
from followup.answers.answers import Answers, one_of
from followup.effects import AddNote, CancelReminders, Effect, Keep
from followup.events import MessageReceived
from followup.kinds import STEPS, Case
from followup.model import Instant
from followup.policy import Policy
from followup.replies import for_a_person, or_a_person, reply, tell
from followup.understood import Intent, Understood

STANDING = {Stage.SOOTHE: "sales.standing", Stage.SOLVE: "sales.standing", Stage.FOLLOW_THROUGH: "sales.standing_doing"}
NODS = frozenset((Intent.ACKNOWLEDGEMENT, Intent.THANKS))
LIKELY = 0.8
_BESIDE = re.compile(r"\[[^\]]*\]")


def spoken(turn: Turn, case: Case, key: str, policy: Policy, now: Instant) -> list[Effect]:
    """The turn for a buyer who is here: answered at once, in place of what was planned to be said."""
    mine = replace(case, sale=turn.sale)
    if not turn.script:
        return [Keep(turn.sale), *turn.effects]
    step = STEPS.get(turn.script)
    said = replace(reply(turn.script, mine, key, policy, now), choices=step.choices if step else ())
    stops = [CancelReminders("answered", steps=(turn.script,)), *(e for e in turn.effects if _is_stop(e))]
    rest = (effect for effect in turn.effects if not _is_stop(effect))
    return [Keep(turn.sale), *stops, *or_a_person(said), *rest]


def _is_stop(effect: Effect) -> bool:
    """What drops words has to come before those that are said now."""
    return isinstance(effect, CancelReminders)


def _to(case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant) -> list[Effect] | None:
    if case.sale is None:
        return None
    if case.sale.stage is Stage.CONTACT:
        return spoken(contact(case, policy, now), case, message.key, policy, now)
    offered = offer_answers.hear(case, message, heard, policy, now)
    if offered is not None:
        return offered
    if (well := reissue.hear(case, message.text, policy, now, message.key)) is not None:
        return registering(well, case, is_well=True)
    if tracking.keeps_them(case, message.text):
        return [*tracking.given_up(), *for_a_person(case, message, policy, now, heard)]
    own = returns.hear(case, message, heard, policy, now)
    if own is not None:
        return registering(own, case)
    turn = _shown(case, message, policy, now) or _more_trouble(case, heard, message, policy, now)
    if turn is not None:
        return spoken(turn, case, message.key, policy, now)
    return _talk(case, message, heard, policy, now)


def _shown(case: Case, message: MessageReceived, policy: Policy, now: Instant) -> Turn | None:
    """What he was asked for, in photos or in words."""
    sale = sale_of(case)
    left = missing(sale)
    if sale.stage is not Stage.VERIFY or not left:
        return None
    if choice := answer_in(message.text, left[0]):
        return answered(case, choice, policy, now)
    shown = with_shown(case, sale, message.text)
    return advance(case, shown, policy, now) if shown.has != sale.has else None


def _more_trouble(case: Case, heard: Understood, message: MessageReceived, policy: Policy, now: Instant) -> Turn | None:
    """What was waited for came, and something is wrong with it; a second fault beside the first is a person's."""
    sale = sale_of(case)
    if heard.intent not in (FAULTS | WISHES) or not (watches_parcel(sale) or asks_if_well(sale)):
        return None
    found = course_of(heard.intent, case.facts, policy, now, says_more(message.text))
    if found is None or (found.branch is sale.branch and not asks_if_well(sale)):
        return None
    return contact(replace(case, sale=begin(found, sale)), policy, now)


def _talk(case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant) -> list[Effect] | None:
    sale, key = sale_of(case), message.key
    match heard.intent:
        case Intent.CONFIRMED if sale.stage is not Stage.REGISTER:
            return spoken(finish(case, with_answer(sale, WELL), "confirmed", now, "sales.glad"), case, key, policy, now)
        case Intent.REFUND_STATUS if sale.stage in STANDING and not case.facts.refunds:
            said = or_a_person(reply(STANDING[sale.stage], case, key, policy, now))
            return [*said, tell("buyer_message", message, heard, case.thread.kind)]
        case _ if sale.stage is Stage.VERIFY and _nods(heard):
            return [AddNote("buyer nodded")]
        case Intent.OTHER if message.attachments and not _BESIDE.sub("", message.text).strip():
            return []
        case _:
            return None


def _nods(heard: Understood) -> bool:
    """Whether he says no more than "all right". Who is asked again tomorrow anyway is not handed to a person for that,
    even if it is only likely."""
    if heard.intent is not Intent.OTHER:
        return heard.intent in NODS
    return any(each.intent in NODS and each.score >= LIKELY for each in heard.candidates[:1])


def _chose(case: Case, choice: str, policy: Policy, now: Instant) -> list[Effect]:
    """What one of the answers calls for; given twice, it is answered once."""
    if choice in offer_answers.OFFER_CHOICES:
        return offer_answers.chose(case, choice, policy, now)
    if case.sale is None:
        return []
    noted, key = AddNote(f"chose: {choice}"), f"{case.sale.round}/{choice}/{now:%Y-%m-%d}"
    turn = answered(case, choice, policy, now) or how_it_is(case, choice, policy, now)
    if turn is not None:
        return [noted, *spoken(turn, case, key, policy, now)]
    own = returns.chose(case, choice, policy, now)
    return [noted] if own is None else registering(own, case, is_well=choice == ALL_WELL)


def is_open_to(sale: AfterSale | None) -> bool:
    """Whether a case waits for something that the buyer shows."""
    return sale is not None and sale.stage is Stage.VERIFY and bool(missing(sale))


AFTER_SALES = Answers(one_of(*FAULTS, *WISHES, Intent.CONFIRMED), _to, _chose)
