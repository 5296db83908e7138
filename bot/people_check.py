"""What `huifang check` says of the shop's people: how many, who cannot be told apart on Telegram, who is there now."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.config import Config
from followup.desk.hours import Hours, is_open, on_duty
from followup.desk.people import Person, Rank, Roster
from followup.policy import Policy


def people(config: Config) -> str:
    """A sentence about the people; there need be none."""
    from scheduler.clock import SystemClock

    return told(config.agents.roster(), config, SystemClock().now())


def told(roster: Roster, config: Config, now: datetime) -> str:
    """The same at a moment."""
    on_duty_now = "; ".join(_there(id_, policy, roster, now) for id_, policy in config.policies().items())
    if not roster.people:
        return f"nobody is listed, so whoever gives a name is trusted; on duty now: {on_duty_now}"
    everybody = roster.people.values()
    parts = [f"{len(roster.people)} listed"]
    if without := [each.name for each in everybody if not each.telegram]:
        parts.append(f"without a Telegram id, so not heard in the agents' group: {', '.join(without)}")
    if all(each.rank < Rank.OWNER for each in everybody):
        parts.append("no owner, so nobody may erase a buyer")
    return "; ".join((*parts, f"on duty now: {on_duty_now}"))


def _there(shop: str, policy: Policy, roster: Roster, now: datetime) -> str:
    return f"{shop}: {_who(shop, policy.hours, policy, roster, now.astimezone(UTC))}"


def _who(shop: str, hours: Hours, policy: Policy, roster: Roster, now: datetime) -> str:
    if not is_open(hours, policy.zone, now):
        return f"nobody (on call: {_names(hours.on_call, roster)})" if hours.on_call else "nobody"
    there = on_duty(hours, policy.zone, now)
    if there is not None:
        return _names(there, roster)
    everybody = (each.id for each in roster.people.values() if each.works_for(shop))
    return _names(frozenset(everybody), roster) or "everybody"


def _names(ids: frozenset[str], roster: Roster) -> str:
    found = (roster.people.get(id_, Person(id_, id_)) for id_ in sorted(ids))
    return ", ".join(each.name or each.id for each in found)
