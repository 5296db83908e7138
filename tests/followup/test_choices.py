"""Offered answers: how they are written, and how an answer is heard."""

from __future__ import annotations

import pytest

from followup.choices import can_be_tapped, chosen, meant, numbered
from followup.kinds import KINDS
from followup.kinds.unpaid_order import REASONS
from followup.model import Chat, Choice
from followup.understood import Intent
from tests.followup.makers import a_chat, a_message, heard

PROBLEM, MIND, LATER = (
    Choice("payment_problem", "Problema al pagar"),
    Choice("changed_mind", "Changed my mind"),
    Choice("later", "晚点再付"),
)
OFFERED = (PROBLEM, MIND, LATER)


def a_chat_that_offered(*choices: Choice) -> Chat:
    return a_chat(offered=choices or OFFERED)


@pytest.mark.parametrize(
    "text",
    [
        *("2", "２", " 2 ", "2.", "2。", "2)", "(2)", "（2）", "【2】", "2、", "2!", "#2", "②", "2️⃣", "二"),
        *("选2", "选 2", "我选2", "选择2", "选第2个", "第二个", "第2项", "扣2", "2吧", "选二"),
        *("option 2", "Option 2.", "number 2", "the 2", "I choose 2", "2 please", "2, thanks"),
        *("la 2", "el 2", "opción 2", "La opción 2", "número 2", "elijo la 2", "2, por favor", "2 gracias"),
        *("Changed my mind", "changed my mind.", "CHANGED MY MIND!", "2. Changed my mind", "2 changed my mind"),
    ],
)
def test_a_number_or_the_label_is_the_answer(text: str) -> None:
    """As people write it in any of our languages, in any width, with any mark, and nothing else beside it."""
    assert chosen(a_message(text), a_chat_that_offered()) == MIND


@pytest.mark.parametrize(("text", "choice"), [("problema al pagar", PROBLEM), ("1", PROBLEM), ("晚点再付。", LATER)])
def test_every_answer_has_its_own_number_and_label(text: str, choice: Choice) -> None:
    """The first is 1, the last is as many as there are."""
    assert chosen(a_message(text), a_chat_that_offered()) == choice


@pytest.mark.parametrize(
    "text",
    [
        *("0", "4", "9", "22", "-2", "+2", "2.5", "2,3", "1 2", "2%", "¥2", "$2", "2元", "2000", "0002", "13800138002"),
        *(
            "2个",
            "我要2个",
            "2号",
            "2点",
            "两",
            "2 days",
            "in 2",
            "at 2",
            "2pm",
            "2 xl",
            "no. 2000",
            "a2",
            "2/3",
            "2:30",
        ),
        *("", " ", "...", "二十", "I changed my mind about the colour", "stop", "2" * 100, "\N{ROMAN NUMERAL TWO}\0"),
        *("Changed my mind" * 9, "\ud800", "二二"),
    ],
)
def test_anything_else_is_plain_text(text: str) -> None:
    """Numbers that were not offered, amounts, sizes, times, order numbers and proofs are no answer."""
    assert chosen(a_message(text), a_chat_that_offered()) is None


@pytest.mark.parametrize("text", ["1", "选1", "Changed my mind", ""])
def test_where_nothing_is_offered_nothing_is_chosen(text: str) -> None:
    """A number alone is plain text."""
    assert chosen(a_message(text), a_chat()) is None


def test_a_tap_is_the_answer_whatever_the_text() -> None:
    """Channels send the label, or nothing, along with the id of the button."""
    taps = (a_message(text, choice="changed_mind") for text in ("", "1", "Changed my mind"))
    assert [MIND, MIND, MIND] == [chosen(tap, a_chat_that_offered()) for tap in taps]


def test_a_tap_on_an_offer_that_is_no_longer_kept_still_counts() -> None:
    """Buttons stay on the screen; only what was offered can be tapped."""
    assert chosen(a_message("Later", choice="later"), a_chat()) == Choice("later", "Later")


@pytest.mark.parametrize(("count", "buttons", "expected"), [(5, 0, False), (5, 4, False), (5, 5, True), (0, 0, True)])
def test_all_choices_are_buttons_or_none_is(count: int, buttons: int, expected: bool) -> None:
    """A channel with too few of them gets numbered text for all."""
    assert can_be_tapped([PROBLEM] * count, buttons) is expected


def test_choices_are_numbered() -> None:
    """One line each, counted from 1."""
    assert numbered(OFFERED) == "1. Problema al pagar\n2. Changed my mind\n3. 晚点再付"


def test_an_answer_is_what_was_meant_unless_it_says_stop() -> None:
    """Whatever stands on a button, who says stop means stop; without an answer the words count."""
    later, stop = heard(Intent.LATER), heard(Intent.STOP)
    read = [meant(choice, words) for choice, words in ((MIND, later), (MIND, stop), (None, later))]
    assert [(Intent.CHOSE, "changed_mind"), (Intent.STOP, ""), (Intent.LATER, "")] == [
        (each.intent, each.choice) for each in read
    ]


def test_the_help_for_an_unpaid_order_asks_for_the_reason() -> None:
    """Rule 2: five reasons; the last call, which comes when they were asked already, has none."""
    asked = {step.id: step.choices for kind in KINDS.values() for step in kind.steps.values() if step.choices}
    assert (REASONS, False) == (asked["unpaid.help"], "unpaid.last_call" in asked)
    assert REASONS == ("payment_problem", "changed_mind", "wrong_item", "later", "other")
