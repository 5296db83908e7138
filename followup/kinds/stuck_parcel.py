"""A parcel stands still or is in trouble: the courier is chased, the buyer told daily (rules 23, 30, 37, 38, 43)."""

from __future__ import annotations

from datetime import timedelta

from followup.effects import AlertAgent, CancelReminders, Effect, RemindAt, SetThread
from followup.kinds.daily import Daily
from followup.kinds.kind import Case, Kind, Opening, Step, steps
from followup.model import Facts, Instant, Parcel, ParcelStatus, Role, State, Status, Thread
from followup.parcels import TROUBLED, seen_at, stuck_at, to_buyer, words_of_parcel
from followup.policy import Policy
from followup.politeness import zone_of

NEWS_FOR = timedelta(hours=48)
_ON_THE_WAY = (Status.PAID, Status.SHIPPED)
_STILL = ("stuck.told", "stuck.at_door", "stuck.daily")
_REASONS = {ParcelStatus.TROUBLE: "parcel_trouble", ParcelStatus.LOST: "parcel_lost"}
_ENDS = {
    ParcelStatus.SIGNED: "signed",
    ParcelStatus.RETURNED: "parcel_returned",
    ParcelStatus.REFUSED: "parcel_refused",
}


def parcel_of(thread: Thread, facts: Facts) -> Parcel | None:
    """The parcel that the thread is about now."""
    number = thread.matter.partition("+")[0]
    return next((parcel for parcel in facts.parcels if parcel.id == number), None)


def _matter(parcel: Parcel) -> str:
    """One stillness of one parcel: if it moves and stands still again, that is a new matter."""
    return f"{parcel.id}+{seen_at(parcel):%Y-%m-%dT%H:%M:%S}"


def _stuck(facts: Facts, policy: Policy, now: Instant) -> list[tuple[Instant, Parcel]]:
    """The parcels that are stuck now, with since when, the latest last."""
    if facts.order.status not in _ON_THE_WAY:
        return []
    figures = policy.stuck_parcel
    known = [(stuck_at(parcel, figures), parcel) for parcel in to_buyer(facts)]
    found = [(at, parcel) for at, parcel in known if at is not None and at <= now < at + figures.follow_for]
    return sorted(found, key=lambda each: (each[0], each[1].id))


def _opens(facts: Facts, policy: Policy, now: Instant) -> Opening | None:
    stuck = _stuck(facts, policy, now)
    return Opening(_matter(stuck[-1][1]), stuck[-1][0]) if stuck else None


def _looks(facts: Facts, policy: Policy, now: Instant) -> Instant | None:
    if facts.order.status not in _ON_THE_WAY:
        return None
    times = (stuck_at(parcel, policy.stuck_parcel) for parcel in to_buyer(facts))
    return min((at for at in times if at is not None and at > now), default=None)


def _settled(thread: Thread, facts: Facts) -> str:
    if facts.order.status not in _ON_THE_WAY:
        return facts.order.status.value
    parcel = parcel_of(thread, facts)
    if parcel is None:
        return ""
    moved = _matter(parcel) > thread.matter and parcel.status not in TROUBLED
    return _ENDS.get(parcel.status, "moved" if moved else "")


def _opening(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    matter, parcel = case.thread.matter, parcel_of(case.thread, case.facts)
    unsolved = RemindAt("stuck.unsolved", now + policy.stuck_parcel.solve_within, round=matter)
    if parcel is None or parcel.status in TROUBLED:
        return [*_refresh(case, policy, now), unsolved]
    step = "stuck.at_door" if parcel.status is ParcelStatus.AT_THE_DOOR else "stuck.told"
    return [*_refresh(case, policy, now), RemindAt(step, now, round=matter), unsolved]


def _refresh(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """Every stuck parcel of the order is a task of its own, though one of them at a time is spoken of."""
    tasks: list[Effect] = [_task(parcel, policy) for _, parcel in _stuck(case.facts, policy, now)]
    parcel = parcel_of(case.thread, case.facts)
    if parcel is None or parcel.status not in TROUBLED or case.thread.outcome == parcel.status.value:
        return tasks
    trouble = RemindAt("stuck.trouble", now, round=f"{case.thread.matter}@{parcel.status.value}")
    drop = CancelReminders(parcel.status.value, steps=_STILL)
    return [*tasks, drop, SetThread(State.WITH_AGENT, parcel.status.value), trouble]


def _task(parcel: Parcel, policy: Policy) -> AlertAgent:
    reason = _REASONS.get(parcel.status, "stuck_parcel")
    return AlertAgent(reason, _matter(parcel), _told_agents(parcel, policy))


def _told_agents(parcel: Parcel, policy: Policy) -> dict[str, object]:
    return {**words_of_parcel(parcel, policy.zone), "since": seen_at(parcel).astimezone(policy.zone)}


_DAILY = Daily(
    "stuck.daily", "stuck_too_long", lambda policy: (policy.stuck_parcel.daily_every, policy.stuck_parcel.daily_most)
)


def _daily(case: Case, policy: Policy, now: Instant, said: bool) -> list[Effect]:
    """A parcel that gets into trouble may be spoken of once more on the same day."""
    return _DAILY.follows(case, policy, now, said, case.thread.outcome)


def _unsolved(case: Case, policy: Policy, _now: Instant, _said: bool) -> list[Effect]:
    parcel = parcel_of(case.thread, case.facts)
    return [AlertAgent("stuck_unsolved", case.thread.matter, _told_agents(parcel, policy) if parcel else {})]


def _settling(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """It moves: good news. It was refused: a person talks to the buyer. It was signed: nothing to say. Of one that
    came back a case begins by itself (rule 59)."""
    parcel = parcel_of(case.thread, case.facts)
    match _settled(case.thread, case.facts):
        case "moved":
            return [RemindAt("stuck.moved", now, now + NEWS_FOR, round=case.thread.matter)]
        case "parcel_refused" if parcel is not None:
            return [AlertAgent("parcel_refused", case.thread.matter, _told_agents(parcel, policy))]
        case _:
            return []


def _words(case: Case, policy: Policy, now: Instant) -> dict[str, object]:
    parcel = parcel_of(case.thread, case.facts)
    return {**_DAILY.words(case, policy, now), **words_of_parcel(parcel, zone_of(case.buyer, policy))}


STUCK_PARCEL = Kind(
    name="stuck_parcel",
    priority=12,
    opens=_opens,
    settled=_settled,
    opening=_opening,
    refresh=_refresh,
    settling=_settling,
    words=_words,
    steps=steps(
        Step("stuck.told", follows=_daily),
        Step("stuck.at_door"),
        Step("stuck.trouble", Role.NOTICE, follows=_daily),
        Step("stuck.daily", follows=_daily),
        Step("stuck.unsolved", Role.SILENT, follows=_unsolved),
        Step("stuck.moved", Role.NOTICE, after_settled=True, solves=True),
    ),
    looks=_looks,
)
