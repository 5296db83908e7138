from __future__ import annotations

import pytest

from followup.answers import answers_of
from followup.effects import Say
from followup.understood import Candidate, Intent, Understood
from tests.followup.makers import NOON, POLICY, a_case, a_message

ANSWERS = answers_of("address_check")


def unsure(intent: Intent, score: float) -> Understood:
    return Understood(Intent.OTHER, sure=False, candidates=(Candidate(intent, score),))


@pytest.mark.parametrize(
    ("text", "heard", "is_right"),
    [
        ("好的", Understood(Intent.ACKNOWLEDGEMENT), True),
        ("没问题", Understood(Intent.CONFIRMED), True),
        ("好的", unsure(Intent.ACKNOWLEDGEMENT, 0.6), True),
        ("好的", unsure(Intent.ACKNOWLEDGEMENT, 0.4), False),
        ("好的，不过请把颜色换成灰色再发", unsure(Intent.ACKNOWLEDGEMENT, 0.9), False),
        ("换成灰色", unsure(Intent.SIZE_SPEC, 0.9), False),
    ],
)
def test_only_a_plain_yes_is_a_yes(text: str, heard: Understood, is_right: bool) -> None:
    """Sure, or short and likely; whatever says more is for a person to read."""
    case = a_case("address_check", touches=1)
    answer = ANSWERS.to(case, a_message(text), heard, POLICY, NOON) or []
    assert is_right == any(isinstance(effect, Say) and effect.script == "address.thanks" for effect in answer)


def test_before_it_was_asked_a_yes_means_something_else() -> None:
    """And so does one to the news of an unserved region."""
    asked, unasked = a_case("address_check", touches=1), a_case("address_check")
    unserved = a_case("address_check", touches=1, matter="unserved")
    told = [ANSWERS.means(Intent.CONFIRMED, case.thread) for case in (asked, unasked, unserved)]
    assert [True, False, False] == told
