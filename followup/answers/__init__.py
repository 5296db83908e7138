"""The table of answers: one file for each kind that has its own, one line here."""

from followup.answers.answers import Answers, nothing_of_its_own, one_of
from followup.answers.review_revision import REVIEW_REVISION
from followup.answers.unpaid_order import UNPAID_ORDER

ANSWERS: dict[str, Answers] = {"unpaid_order": UNPAID_ORDER, "review_revision": REVIEW_REVISION}
PLAIN = Answers(one_of(), nothing_of_its_own)


def answers_of(kind: str) -> Answers:
    """How a kind answers its buyers."""
    return ANSWERS.get(kind, PLAIN)


__all__ = ["ANSWERS", "Answers", "answers_of"]
