"""What a buyer is answered who was asked to check his order: it goes as it is, or a person changes it (rules 3, 35)."""

from __future__ import annotations

from followup.answers.answers import Answers
from followup.effects import AddNote, AlertAgent, CancelReminders, Effect, SetThread
from followup.events import MessageReceived
from followup.kinds import Case
from followup.kinds.address_check import RIGHT, UNSERVED
from followup.model import Instant, State, Thread
from followup.policy import Policy
from followup.replies import or_a_person, reply, tell
from followup.understood import Intent, Understood

LIKELY, SHORT = 0.5, 12
_YES = (Intent.CONFIRMED, Intent.ACKNOWLEDGEMENT)


def _to(case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant) -> list[Effect] | None:
    if heard.intent is Intent.CHANGE_ADDRESS:
        task = tell("address_change", message)
        return [*or_a_person(reply("address.noted", case, message.key, policy, now)), task, *_for_a_person()]
    if _is_asked(case.thread) and _says_yes(message, heard):
        return _right(case, message.key, policy, now)
    return None


def _chose(case: Case, choice: str, policy: Policy, now: Instant) -> list[Effect]:
    """What the answer with the id `choice` calls for; given twice on one day, it is answered once."""
    noted, key = AddNote(f"reason: {choice}"), f"{choice}/{now:%Y-%m-%d}"
    if choice == RIGHT:
        return [noted, *_right(case, key, policy, now)]
    task = AlertAgent("address_change", key, {"choice": choice})
    return [noted, *or_a_person(reply("address.what", case, key, policy, now)), task, *_for_a_person()]


def _means(intent: Intent, thread: Thread) -> bool:
    return intent is Intent.CHANGE_ADDRESS or (intent in _YES and _is_asked(thread))


def _is_asked(thread: Thread) -> bool:
    """Whether a plain yes can only mean that all is right."""
    return thread.touches > 0 and thread.state is State.OPEN and thread.matter != UNSERVED


def _says_yes(message: MessageReceived, heard: Understood) -> bool:
    """A yes that stands alone may be less sure than one among other words: it was asked for."""
    likeliest = heard.candidates[0] if heard.candidates and heard.intent is Intent.OTHER else None
    is_alone = likeliest is not None and likeliest.score >= LIKELY and len(message.text.strip()) <= SHORT
    return heard.intent in _YES or (is_alone and heard.likeliest in _YES)


def _right(case: Case, key: str, policy: Policy, now: Instant) -> list[Effect]:
    thanks = reply("address.thanks", case, key, policy, now)
    return [thanks, CancelReminders("all_right"), SetThread(State.SETTLED, "all_right")]


def _for_a_person() -> list[Effect]:
    return [SetThread(State.WITH_AGENT, "change_asked")]


ADDRESS_CHECK = Answers(_means, _to, _chose)
