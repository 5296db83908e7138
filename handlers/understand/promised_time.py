"""A time promised in our own words ("明天中午前给您答复", "within 24 hours", "hoy mismo"): it opens a clock (rule 119).

What a message promises is read clause by clause: a time, something that is ours to do by then, and nothing that makes
it anybody else's, a condition, a question or a thing done. What is not sure promises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from followup.model import Instant
from followup.policy import Policy
from handlers.understand.languages import languages_in
from handlers.understand.named_time import FARTHEST, PARTS, clock_times, dates_meant
from handlers.understand.normalise import LONGEST, normalise
from handlers.understand.promise_words import PromiseWords, promise_words
from handlers.understand.time_words import TimeWords, time_words

DAY = timedelta(days=1)
CLOSING = time(18, 0)
LAST = time(23, 59)
SHOWN = 200
_SENTENCES = re.compile(r"(?<=[。！？!?\n…;；])|(?<![ap]\.m\.)(?<=\.)\s+", re.IGNORECASE)
_PARTS = {"morning": (time(9), time(12)), "afternoon": (time(12), time(18)), "evening": (time(18), LAST)}


@dataclass(frozen=True, slots=True)
class Named:
    """A promise as words make it: their sentence, and by when something is to happen."""

    text: str
    due_at: Instant


@dataclass(frozen=True, slots=True)
class _When:
    """A moment, as whom it concerns reckons it: days in the buyer's zone, closing time in the shop's."""

    now: datetime
    zone: ZoneInfo
    policy: Policy

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, self.zone).astimezone(UTC)

    def closes(self, day: date) -> datetime:
        return datetime.combine(day, CLOSING, self.policy.zone).astimezone(UTC)

    def works(self, day: date) -> bool:
        return day.isoweekday() <= 5 and day not in self.policy.quiet.holidays


def promised_time(text: str, now: datetime, zone: ZoneInfo, policy: Policy) -> Named | None:
    """The earliest time that a text of ours promises, in (now, now + 60 days], aware UTC; None if it promises none.

    `zone` is where the buyer lives; what is "before we close" is reckoned in the shop's. Business days are Monday to
    Friday without the holidays of the shop's quiet hours.
    """
    when = _When(now, zone, policy)
    found = [Named(each.strip()[:SHOWN], due) for each in _sentences(text) for due in _promised(each, when)]
    return min(found, key=lambda named: named.due_at, default=None)


def _sentences(text: str) -> Iterator[str]:
    return (each for each in _SENTENCES.split(text[:LONGEST]) if each and each.strip())


def _promised(sentence: str, when: _When) -> Iterator[datetime]:
    folded = normalise(sentence)
    for lang in languages_in(folded):
        words = promise_words(lang)
        if words is not None:
            yield from _in_language(folded, words, time_words(lang), when)


def _in_language(folded: str, words: PromiseWords, times: TimeWords, when: _When) -> Iterator[datetime]:
    clauses = _clauses(folded, words)
    for at, clause in enumerate(clauses):
        due, named = _deadline(words.plain(clause), words, times, when)
        named = words.plain(named)
        if words.unless.search(named):
            return
        if due is None or _is_question(named, words):
            continue
        if words.bare.fullmatch(named):
            named = _with_neighbour(named, clauses, at, words)
        if words.are_a_promise(named):
            yield due


def _clauses(folded: str, words: PromiseWords) -> list[str]:
    """The clauses of a sentence, without a question behind it that only asks for agreement."""
    clauses = [clause for each in words.clause.split(folded) if (clause := each.strip(" ."))]
    if len(clauses) > 1 and words.tag.fullmatch(clauses[-1].rstrip("? ")):
        clauses.pop()
    return clauses


def _is_question(clause: str, words: PromiseWords) -> bool:
    return clause.endswith("?") or words.ask.search(clause) is not None


def _with_neighbour(named: str, clauses: list[str], at: int, words: PromiseWords) -> str:
    """A time that stands alone, with the clause that says what happens by then: the next, else the one before."""
    later, earlier = clauses[at + 1 : at + 2], clauses[max(0, at - 1) : at]
    if any(map(words.never.search, later)):
        return named
    around = (*(f"{named} {clause}" for clause in later), *(f"{clause} {named}" for clause in earlier))
    sound = (each for each in around if not words.unless.search(each) and not _is_question(each, words))
    return next(filter(words.are_a_promise, sound), named)


def _deadline(clause: str, words: PromiseWords, times: TimeWords, when: _When) -> tuple[datetime | None, str]:
    """The end of the time that a clause names, and the clause with `_` for its words."""
    rest = times.past.sub("#", clause)
    span, rest = words.span.take(rest)
    if span:
        return _in_reach(_after(span, words.count(str(span.get("n", 1))), when), when), rest
    end, rest = words.end.take(rest)
    part, rest = times.part.take(rest)
    day, rest = times.date.take(rest)
    clock, rest = times.clock.take(rest)
    if not (end or part or day or clock):
        return None, rest
    is_before = words.before.search(rest) is not None
    return _in_reach(_latest(end, part | day, clock, is_before, words.noon, when), when), rest


def _in_reach(due: datetime | None, when: _When) -> datetime | None:
    return due if due is not None and when.now < due <= when.now + FARTHEST else None


def _after(span: dict[str, Any], count: int, when: _When) -> datetime | None:
    if "minutes" in span:
        return when.now.astimezone(UTC) + timedelta(minutes=span["minutes"] * count)
    day = when.today
    for _ in range(min(count, FARTHEST.days)):
        day = next(each for ahead in range(1, FARTHEST.days) if when.works(each := day + ahead * DAY))
    return when.at(day, LAST)


def _latest(
    end: dict[str, Any], day: dict[str, Any], clock: dict[str, Any], is_before: bool, noon: time, when: _When
) -> datetime | None:
    part = day.get("part", "")
    has_day = any(name != "part" for name in day)
    dates = list(dates_meant(day, when.today)) if has_day or not end else [_last_day(end, when.today)]
    for each in dates:
        for due in _limits(each, part, clock, end.get("at") == "closing", is_before, noon, when):
            if due > when.now:
                return due
    return when.closes(when.today + DAY) if end.get("at") and not has_day else None


def _limits(
    day: date, part: str, clock: dict[str, Any], closing: bool, is_before: bool, noon: time, when: _When
) -> Iterator[datetime]:
    """The moments by which something promised for that day has to happen, the first that may be meant first."""
    if clock:
        yield from (when.at(day, each) for each in clock_times(PARTS.get(part), clock))
    elif closing:
        yield when.closes(day)
    elif part == "noon":
        yield when.at(day, time(12) if is_before else noon)
    elif part:
        yield when.at(day, _PARTS[part][0 if is_before else 1])
    else:
        yield when.at(day - DAY if is_before else day, LAST)


def _last_day(end: dict[str, Any], today: date) -> date:
    """The last day of a week (its Friday, while that is ahead), a month, or so many days."""
    if "week" in end:
        friday = today + timedelta(days=5 - today.isoweekday(), weeks=end["week"])
        return friday if friday >= today else friday + 2 * DAY
    if "month" in end:
        return (today.replace(day=28) + 4 * DAY).replace(day=1) - DAY
    return today + timedelta(days=end.get("days", 0))
