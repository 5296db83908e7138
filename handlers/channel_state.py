"""How a channel stands: kept, and told to a person where only a person can help."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from followup.model import ChannelState, Health, Instant, Segment, Task, TaskState
from handlers.deps import Deps
from handlers.desk.giving import give
from store.tx import Tx
from store.wanted import Wanted

LOGIN, REFUSED, DOWN, GAP = "channel_login", "channel_refused", "channel_down", "channel_gap"
_NEEDS_A_PERSON = {Health.LOGIN: LOGIN, Health.REFUSED: REFUSED}
_UNTIL_IT_IS_UP = (LOGIN, REFUSED, DOWN)


@dataclass(frozen=True, slots=True)
class Reported:
    """A channel of a shop says how it stands, and `deaf_since` when it has heard nothing, where that matters."""

    channel: str
    shop: str
    health: Health
    at: Instant
    detail: str = ""
    deaf_since: Instant | None = None


def wanted(event: Reported) -> Wanted:
    """How it stood before."""
    return Wanted(states=(event.channel,))


def channel_state(event: Reported, tx: Tx, deps: Deps) -> None:
    """Keep the state if it is new. A person is asked once to log in or to mend, until the channel is up again; and to
    look up what was said since `deaf_since`, for that is lost."""
    before = tx.get(ChannelState, event.channel)
    same = before is not None and before.health is event.health
    if not same or before is None or before.detail != event.detail:
        since = before.since if before is not None and same else event.at
        tx.save(ChannelState(event.channel, event.health, since, event.detail))
    if not same and event.health is Health.UP:
        _close(event, _UNTIL_IT_IS_UP, "the channel is up", tx)
    if not same and event.health in _NEEDS_A_PERSON:
        _ask(event, _NEEDS_A_PERSON[event.health], tx, deps)
    if event.deaf_since is not None:
        _close(event, (GAP,), "told anew, with what was lost since", tx, event.deaf_since)
        _ask(event, GAP, tx, deps)


def long_away(event: Reported, tx: Tx, deps: Deps) -> None:
    """Ask a person, once, to see why a channel is away since `deaf_since` that should be back by itself."""
    _ask(event, DOWN, tx, deps)


def _ask(event: Reported, reason: str, tx: Tx, deps: Deps) -> None:
    thread = f"{event.shop}/{event.channel}"
    if any(task.reason == reason for task in tx.open_tasks(thread) if reason != GAP):
        return
    zone = deps.policy(event.shop).zone
    facts: dict[str, object] = {"channel": event.channel, "detail": event.detail}
    if event.deaf_since is not None:
        facts |= {"since": event.deaf_since.astimezone(zone), "away": event.at - event.deaf_since}
    if reason == GAP:
        facts["until"] = event.at.astimezone(zone)
    id_ = f"{thread}/{reason}/{event.at:%Y-%m-%dT%H:%M:%S.%f}"
    words = deps.scripts.render(f"agent.{reason}", deps.agent_lang, facts, Segment.NEW, (), id_)
    give(Task(id_, event.shop, thread, reason, words.text, event.at), tx, deps)


def _close(event: Reported, reasons: Collection[str], why: str, tx: Tx, since: Instant | None = None) -> None:
    """Nobody needs to do these tasks any more; of those made at `since` or later, if it is given."""
    for task in tx.open_tasks(f"{event.shop}/{event.channel}"):
        if task.reason in reasons and (since is None or task.created_at >= since):
            tx.save(replace(task, state=TaskState.CANCELLED, closed_at=event.at, answer=why))
