"""A photo or file could not be kept: a person hears of it, and a buyer who can mend it (rules 54, 119)."""

from __future__ import annotations

from collections.abc import Mapping

from followup.effects import AlertAgent, Effect
from followup.evidence import Evidence, Why
from followup.kinds import Case
from followup.model import Instant
from followup.policy import Policy
from followup.replies import or_a_person, reply

_BUYER_CAN_MEND = {
    Why.TOO_LARGE: "evidence.too_large",
    Why.WRONG_TYPE: "evidence.wrong_type",
    Why.GONE: "evidence.send_again",
}
_REASONS = {
    Why.TOO_LARGE: "evidence_too_large",
    Why.WRONG_TYPE: "evidence_wrong_type",
    Why.TOO_MANY: "evidence_too_many",
    Why.GONE: "evidence_lost",
    Why.NO_ANSWER: "evidence_lost",
}


def decide_not_kept(case: Case, evidence: Evidence, why: Why, policy: Policy, now: Instant) -> list[Effect]:
    """A file of this case is not kept: the buyer is answered if he has only just sent it, once a day for each cause."""
    script, alert = _BUYER_CAN_MEND.get(why), _alert(evidence, why, now)
    is_fresh = now <= evidence.at + policy.reply_within and evidence.chat == case.chat.id
    if script is None or not is_fresh or case.thread.state.closed or case.buyer.opted_out_at is not None:
        return [alert]
    return [*or_a_person(reply(script, case, alert.key, policy, now)), alert]


def decide_not_kept_of_stranger(evidence: Evidence, why: Why, now: Instant) -> list[Effect]:
    """A file of somebody with whom no thread is open is not kept."""
    return [_alert(evidence, why, now, {"order": ""})]


def tasks_about(evidence: Evidence, now: Instant) -> dict[Why, str]:
    """For each cause, the id of the task that tells of it: one a day in a thread, or in a chat outside all threads."""
    of = evidence.thread or evidence.chat
    return {why: f"{of}/{reason}/{_day(now)}" for why, reason in _REASONS.items()}


def _alert(evidence: Evidence, why: Why, now: Instant, facts: Mapping[str, object] | None = None) -> AlertAgent:
    told = {"text": evidence.name or evidence.media.value, **(facts or {})}
    return AlertAgent(_REASONS[why], _day(now), told)


def _day(now: Instant) -> str:
    return f"{now:%Y-%m-%d}"
