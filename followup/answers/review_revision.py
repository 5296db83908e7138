"""What the buyer of a bad review is answered (rules 84-87)."""

from __future__ import annotations

from followup.answers.answers import Answers
from followup.effects import AddNote, Effect
from followup.events import MessageReceived
from followup.kinds import Case
from followup.kinds.review_revision import awaits_confirmation, confirmed
from followup.model import Instant, Thread
from followup.policy import Policy
from followup.replies import declined
from followup.understood import Intent, Understood


def _means(intent: Intent, thread: Thread) -> bool:
    return intent in (Intent.DECLINED, Intent.CANCEL) or (intent is Intent.CONFIRMED and awaits_confirmation(thread))


def _to(case: Case, _message: MessageReceived, heard: Understood, policy: Policy, now: Instant) -> list[Effect] | None:
    match heard.intent:
        case Intent.DECLINED | Intent.CANCEL:
            return [*declined(), AddNote("buyer declined")]
        case Intent.CONFIRMED if awaits_confirmation(case.thread):
            return [AddNote("buyer confirmed"), *confirmed(case, policy, now)]
        case _:
            return None


REVIEW_REVISION = Answers(_means, _to)
