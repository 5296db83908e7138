"""The promises of a thread: what opens their clock, and what stops it (rules 7, 110, 119).

A person's words keep every promise of the thread. Words of ours that name the next time keep what a script promised,
never what a person did: he owes an answer, and a daily word that there is none is not that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from followup.effects import Say
from followup.events import reminder_id
from followup.model import (
    Chat,
    Decided,
    Decision,
    Instant,
    Outgoing,
    Reason,
    ReminderState,
    Task,
    TaskState,
    Thread,
    Verdict,
)
from followup.promises import DUE, NEAR, OURS, Promise, promise_id
from followup.promising import answered, clock, due, for_people, late, released
from handlers.outgoing import first_of
from handlers.scene import Scene
from scripts_library.catalogue import load_catalogue
from store.tx import Tx

KEPT, RELEASED, LATE = "promise_kept", "promise_released", "promise_late"
ASKED = ("promise_near", "promise_broken")
ANSWERED = frozenset(
    (*ASKED, "buyer_message", "angry", "address_change", "goods_talk", "late_cancel", "late_pressed", "stuck_pressed")
)
SAYS = "says"


def open_clock(message: str, who: str, text: str, due_at: Instant, scene: Scene) -> Promise:
    """Remember what a message of the thread promises, and plan whom to warn and what is said when nobody keeps it."""
    thread, now = scene.thread, scene.now
    promise = Promise(promise_id(thread.id, message), thread.id, thread.shop, who, text, now, due_at)
    scene.tx.save(promise)
    for reminder in clock(promise, scene.buyer, scene.deps.policy(thread.shop)):
        scene.remind(reminder)
    return promise


def by_script(what: Say, text: str, scene: Scene) -> None:
    """Words of ours went out: where the catalogue says that they promise a moment, its clock opens."""
    spec = load_catalogue().get(what.script)
    by = what.facts.get(spec.promises) if spec and spec.promises else None
    thread, tx, now = scene.thread, scene.tx, scene.now
    if not isinstance(by, datetime) or not thread.kind:
        return
    known = tx.promises_of(thread.id)
    if what.script == DUE:
        up = due(known, scene.buyer, scene.deps.policy(thread.shop), now)
        close(up, late, LATE, thread, tx, now)
        known = tuple(each for each in known if each not in up and each.due_at > by)
    close((each for each in known if each.said_by == OURS), answered, KEPT, thread, tx, now)
    if what.script != DUE and by > now:
        open_clock(what.key, OURS, text, by.astimezone(UTC), scene)


def keep(thread: Thread, tx: Tx, now: Instant, made_before: Instant | None = None) -> int:
    """A person told the buyer: every promise of the thread is answered (of those made before, if that is given);
    returns how many there were."""
    known = [each for each in tx.promises_of(thread.id) if made_before is None or each.made_at < made_before]
    return close(known, answered, KEPT, thread, tx, now)


def told_by_task(task: Task, tx: Tx, now: Instant) -> bool:
    """A person did a task; whether the buyer heard from a person by it: he was answered, what a channel did not take
    was said in another way, or a person's words were pasted."""
    thread = tx.get(Thread, task.thread)
    about = task.id.removeprefix(f"{task.thread}/{task.reason}/")
    heard = task.reason in ANSWERED or about.startswith((f"{task.thread}/{SAYS}/", f"{task.thread}/{DUE}/"))
    pasted = tx.get(Outgoing, task.outgoing) if task.outgoing else None
    is_pasted = pasted is not None and pasted.step == SAYS
    if thread is not None and heard:
        keep(thread, tx, now)
    if thread is not None and pasted is not None and is_pasted:
        keep(thread, tx, now, made_before=pasted.created_at)
    return heard or is_pasted


def release(thread: Thread, tx: Tx, now: Instant) -> None:
    """The matter of the thread is over, and with it what was promised about it."""
    close(tx.promises_of(thread.id), released, RELEASED, thread, tx, now)


def never_heard(message: Outgoing, tx: Tx, now: Instant) -> None:
    """The buyer will never read a message: what it promised was not promised."""
    thread = tx.get(Thread, message.thread)
    made = promise_id(message.thread, first_of(message.id).removesuffix(f"@{message.channel}"))
    if thread is not None:
        known = (each for each in tx.promises_of(thread.id) if each.id == made)
        close(known, released, RELEASED, thread, tx, now)


def leave_to_people(scene: Scene) -> None:
    """The buyer wants to hear nothing from us: what was promised to him is kept by a person or by nobody."""
    for promise in scene.tx.promises_of(scene.thread.id):
        scene.remind(for_people(promise))


def close(
    promises: Iterable[Promise],
    outcome: Callable[[Promise, Instant], Promise],
    why: str,
    thread: Thread,
    tx: Tx,
    now: Instant,
) -> int:
    """Stop the clocks of promises, with the tasks they gave; returns how many there were."""
    closed = [outcome(promise, now) for promise in promises]
    for promise in closed:
        tx.save(promise)
    if closed:
        _stop_clocks(closed, why, thread, tx, now)
        owed = closed if why == LATE else tx.promises_of(thread.id)
        _take_tasks_back({promise.key for promise in owed}, why, thread, tx, now)
    return len(closed)


def _stop_clocks(closed: list[Promise], why: str, thread: Thread, tx: Tx, now: Instant) -> None:
    rounds = [f"@{promise.key}{more}" for promise in closed for more in ("", "/due")]
    planned = {reminder_id(thread.id, step, round_) for step in (NEAR, DUE) for round_ in rounds}
    for reminder in tx.pending(thread.id):
        if reminder.id not in planned:
            continue
        tx.save(replace(reminder, state=ReminderState.CANCELLED))
        if reminder.step == DUE:
            chat = tx.get(Chat, thread.chat)
            decision = Decision(Verdict.SETTLED, (Reason(Verdict.SETTLED, False, (("outcome", why),)),))
            spoken = (thread.id, reminder.id, thread.shop, thread.buyer, DUE, now)
            tx.add(Decided(*spoken, decision, chat.channel if chat else ""))


def _take_tasks_back(owed: set[str], why: str, thread: Thread, tx: Tx, now: Instant) -> None:
    """Nobody has to be warned any more but of the promises with these keys."""
    still = {f"{thread.id}/{reason}/{key}" for reason in ASKED for key in owed}
    for task in tx.open_tasks(thread.id):
        if task.reason in ASKED and task.id not in still:
            tx.save(replace(task, state=TaskState.CANCELLED, closed_at=now, answer=why))
