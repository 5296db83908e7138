"""Carrying out what was decided: effects become rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from followup.effects import (
    AddNote,
    AlertAgent,
    CancelReminders,
    Effect,
    ExpireAt,
    HandOver,
    MarkBenefit,
    MoveNext,
    OptOut,
    RemindAt,
    Say,
    SetThread,
    Withhold,
)
from followup.events import reminder_id
from followup.kinds import KINDS
from followup.model import Instant, Note, Outgoing, Reminder, ReminderState, Thread
from handlers.deps import Deps
from handlers.offering import withdraw
from handlers.saying import hand_over, say
from handlers.scene import Scene, no_thread
from handlers.taking_back import cancel, mark_benefit, opt_out
from store.tx import Tx

__all__ = ["carry_out", "no_thread"]


def carry_out(effects: Iterable[Effect], thread: Thread, tx: Tx, deps: Deps, now: Instant) -> Thread:
    """Write what the effects ask for and return the thread as it is afterwards.

    A thread without a kind stands for a chat in which nothing is followed up; it is never stored.
    """
    scene = Scene(thread, tx, deps, now)
    for effect in effects:
        _carry_out(effect, scene)
    if scene.thread is not thread and thread.kind:
        tx.save(scene.thread)
    return scene.thread


def _carry_out(effect: Effect, scene: Scene) -> None:
    match effect:
        case Say():
            say(effect, scene)
        case Withhold():
            scene.decided(effect.step, effect.reminder, effect.decision, scene.chat(effect.chat).channel)
        case RemindAt():
            _remind(effect, scene)
        case MoveNext():
            _move_next(effect, scene)
        case ExpireAt():
            _expire_at(effect.when, scene)
        case CancelReminders():
            steps = scene.spoken if effect.only_words else KINDS[scene.thread.kind].steps
            cancel(steps, effect.verdict, effect.why, scene)
        case AlertAgent():
            scene.alert(effect)
        case SetThread():
            _set_thread(effect, scene)
        case AddNote():
            scene.tx.add(Note(scene.thread.id, scene.now, effect.who, effect.text))
        case OptOut():
            opt_out(scene)
        case MarkBenefit():
            mark_benefit(scene)
        case HandOver():
            hand_over(effect, scene)


def _set_thread(effect: SetThread, scene: Scene) -> None:
    closed_at = scene.now if effect.state.closed else None
    scene.thread = replace(scene.thread, state=effect.state, outcome=effect.outcome, closed_at=closed_at)
    if effect.state.closed:
        withdraw(scene.thread, scene.tx)


def _remind(effect: RemindAt, scene: Scene) -> None:
    thread, when, expires = scene.thread, effect.when, effect.expires_at
    id_ = reminder_id(thread.id, effect.step, effect.round)
    planned = scene.tx.get(Reminder, id_)
    if planned is None:
        priority = KINDS[thread.kind].priority
        scene.tx.save(
            Reminder(id_, thread.id, thread.shop, thread.buyer, effect.step, when, expires, priority=priority)
        )
    elif planned.state is ReminderState.PENDING and planned.due_at != when:
        scene.tx.save(replace(planned, due_at=when, expires_at=expires, error=""))


def _move_next(effect: MoveNext, scene: Scene) -> None:
    spoken = [reminder for reminder in scene.tx.pending(scene.thread.id) if reminder.step in scene.spoken]
    for reminder in spoken:
        scene.tx.save(replace(reminder, due_at=effect.when, expires_at=effect.expires_at, error=""))
    if not spoken and effect.otherwise:
        named = f"@{effect.when:%Y-%m-%dT%H:%M}"
        _remind(RemindAt(effect.otherwise, effect.when, effect.expires_at, named), scene)


def _expire_at(when: Instant, scene: Scene) -> None:
    tx, thread, spoken = scene.tx, scene.thread.id, scene.spoken
    waiting: list[Reminder | Outgoing] = [*tx.pending(thread), *tx.unsent(thread)]
    for item in waiting:
        if item.step in spoken and item.expires_at != when:
            tx.save(replace(item, expires_at=when))
