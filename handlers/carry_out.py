"""Carrying out what was decided: effects become rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from followup.effects import (
    AddNote,
    AlertAgent,
    CancelReminders,
    Effect,
    ExpireAt,
    HandOver,
    Keep,
    LeaveInPeace,
    MarkBenefit,
    MayHaveHeard,
    MoveNext,
    OptOut,
    RemindAt,
    Say,
    SetThread,
    Withhold,
)
from followup.kinds import KINDS
from followup.model import Instant, Note, Outgoing, Reminder, State, Thread
from handlers.deps import Deps
from handlers.desk.clocks import carried_out
from handlers.desk.showing import show_end
from handlers.offering import withdraw
from handlers.promised import release
from handlers.saying import hand_over, say
from handlers.scene import Scene, no_thread
from handlers.taking_back import cancel, mark_benefit, opt_out
from store.log_ids import about
from store.tx import Tx

__all__ = ["carry_out", "no_thread"]


def carry_out(effects: Iterable[Effect], thread: Thread, tx: Tx, deps: Deps, now: Instant) -> Thread:
    """Write what the effects ask for and return the thread as it is afterwards.

    A thread without a kind stands for a chat in which nothing is followed up; it is never stored.
    """
    scene, effects = Scene(thread, tx, deps, now), list(effects)
    with about(thread=thread.id):
        for effect in effects:
            _HOW[type(effect)](effect, scene)
        if scene.thread is not thread and thread.kind:
            tx.save(scene.thread)
        carried_out(thread, scene.thread, effects, tx, deps, now)
    return scene.thread


def _withhold(effect: Withhold, scene: Scene) -> None:
    scene.decided(effect.step, effect.reminder, effect.decision, scene.chat(effect.chat).channel)


def _cancel(effect: CancelReminders, scene: Scene) -> None:
    steps = scene.movable if effect.only_words else KINDS[scene.thread.kind].steps
    cancel(effect.steps or steps, effect.verdict, effect.why, scene)


def _set_thread(effect: SetThread, scene: Scene) -> None:
    closed_at = scene.now if effect.state.closed else None
    scene.thread = replace(scene.thread, state=effect.state, outcome=effect.outcome, closed_at=closed_at)
    if effect.state.closed:
        withdraw(scene.thread, scene.tx)
    if effect.state.closed or effect.state is State.SOLVED:
        release(scene.thread, scene.tx, scene.now)
    if effect.state.closed:
        show_end(scene.thread, scene.tx, scene.deps, scene.now)


def _move_next(effect: MoveNext, scene: Scene) -> None:
    spoken = [reminder for reminder in scene.tx.pending(scene.thread.id) if reminder.step in scene.movable]
    for reminder in spoken:
        scene.tx.save(replace(reminder, due_at=effect.when, expires_at=effect.expires_at, error=""))
    if not spoken and effect.otherwise:
        named = f"@{effect.when:%Y-%m-%dT%H:%M}"
        scene.remind(RemindAt(effect.otherwise, effect.when, effect.expires_at, named))


def _expire_at(effect: ExpireAt, scene: Scene) -> None:
    when = effect.when
    tx, thread, movable = scene.tx, scene.thread.id, scene.movable
    waiting: list[Reminder | Outgoing] = [*tx.pending(thread), *tx.unsent(thread)]
    for item in waiting:
        if item.step in movable and item.expires_at != when:
            tx.save(replace(item, expires_at=when))


def _note(effect: AddNote, scene: Scene) -> None:
    scene.tx.add(Note(scene.thread.id, scene.now, effect.who, effect.text))


def _leave_in_peace(effect: LeaveInPeace, scene: Scene) -> None:
    scene.tx.save(replace(scene.buyer, nudged_at=scene.now, nudged_by=effect.why))


def _may_have_heard(effect: MayHaveHeard, scene: Scene) -> None:
    buyer = scene.buyer
    if buyer.nudged_at is None or buyer.nudged_at < effect.at:
        scene.tx.save(replace(buyer, nudged_at=effect.at))


_HOW: dict[type, Callable[[Any, Scene], None]] = {
    Say: say,
    HandOver: hand_over,
    Withhold: _withhold,
    RemindAt: lambda effect, scene: scene.remind(effect),
    MoveNext: _move_next,
    ExpireAt: _expire_at,
    CancelReminders: _cancel,
    AlertAgent: lambda effect, scene: scene.alert(effect),
    SetThread: _set_thread,
    AddNote: _note,
    Keep: lambda effect, scene: scene.tx.save(effect.record),
    LeaveInPeace: _leave_in_peace,
    MayHaveHeard: _may_have_heard,
    OptOut: lambda _, scene: opt_out(scene),
    MarkBenefit: lambda _, scene: mark_benefit(scene),
}
