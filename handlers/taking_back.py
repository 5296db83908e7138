"""Taking back what was planned and what waits to be said: a matter is over, or the buyer wants no more."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace

from followup.kinds import KINDS
from followup.model import Decision, OutgoingState, Reason, ReminderState, TaskState, Verdict
from followup.replies import GOODBYE
from handlers.budget import give_back
from handlers.outgoing import is_first, step_of
from handlers.promised import SAYS, leave_to_people, never_heard
from handlers.scene import Scene, no_thread
from scripts_library.lint import review_in


def cancel(steps: Container[str], verdict: Verdict, why: str, scene: Scene) -> None:
    """Drop the planned touches of these steps, and their words that have not gone."""
    state = ReminderState.EXPIRED if verdict is Verdict.EXPIRED else ReminderState.CANCELLED
    for reminder in scene.tx.pending(scene.thread.id):
        if reminder.step in steps:
            scene.tx.save(replace(reminder, state=state))
            scene.dropped.add(reminder.id)
            if reminder.step in scene.spoken:
                _never(reminder.step, reminder.id, verdict, why, scene)
    take_back(lambda step, _: step in steps, verdict, why, scene)


def take_back(taken: Callable[[str, str], bool], verdict: Verdict, why: str, scene: Scene) -> None:
    """Drop the words that wait in the outbox or to be pasted, where `taken` says so of their script and text."""
    thread, tx = scene.thread.id, scene.tx
    state = OutgoingState.EXPIRED if verdict is Verdict.EXPIRED else OutgoingState.CANCELLED
    for message in tx.unsent(thread):
        if taken(message.step, message.text):
            tx.save(replace(message, state=state, error=why))
            give_back(message, tx)
            if is_first(message.id):
                never_heard(message, tx, scene.now)
            _never(message.step, message.id, verdict, why, scene)
    for task in tx.open_tasks(thread):
        if task.outgoing and taken(step_of(task.outgoing, thread), task.text):
            tx.save(replace(task, state=TaskState.CANCELLED, closed_at=scene.now, answer=why))


def opt_out(scene: Scene) -> None:
    """The buyer said stop: nothing is planned for him any more, and nothing but a goodbye still goes."""
    buyer = scene.buyer
    if buyer.opted_out_at is None:
        scene.tx.save(replace(buyer, opted_out_at=scene.now))
    for each in _all_of_buyer(scene):
        cancel(each.spoken, Verdict.OPTED_OUT, "stop", each)
        leave_to_people(each)
        take_back(lambda step, _: step != GOODBYE, Verdict.OPTED_OUT, "stop", each)


def mark_benefit(scene: Scene) -> None:
    """A benefit was given or discussed: nothing about a review still goes, not in a person's words either."""
    buyer = scene.buyer
    scene.tx.save(replace(buyer, benefit_at=buyer.benefit_at or scene.now))
    for each in _all_of_buyer(scene):
        take_back(_about_review, Verdict.FIREWALL, "benefit", each)


def _never(step: str, reminder: str, verdict: Verdict, why: str, scene: Scene) -> None:
    scene.decided(step, reminder, Decision(verdict, (Reason(verdict, False, (("outcome", why),)),)))


def _all_of_buyer(scene: Scene) -> list[Scene]:
    """Every thread of the buyer, the closed ones too, for their words may still wait, and what was said in a chat
    outside of any."""
    shop, buyer = scene.thread.shop, scene.thread.buyer
    outside = (no_thread(chat, scene.now) for chat in scene.tx.chats_of(shop, buyer))
    threads = (*scene.tx.every_thread_of(shop, buyer), *outside)
    return [Scene(thread, scene.tx, scene.deps, scene.now) for thread in threads]


def _about_review(script: str, text: str) -> bool:
    if script == SAYS:
        return bool(review_in(text))
    return any(script in kind.steps and kind.steps[script].about_review for kind in KINDS.values())
