"""Which scripts an agent is shown beside a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.after_sales.model import Branch
from followup.kinds import KINDS
from followup.suggestions import MOST, OF_BRANCH, OF_KIND, SUITS, fitting, suggested
from followup.understood import Candidate, Intent, Understood
from scripts_library.catalogue import load_catalogue

INTENTS = [intent for intent in Intent if intent is not Intent.CHOSE]


def unsure(*likely: tuple[Intent, float]) -> Understood:
    """A message that may mean these."""
    return Understood(Intent.OTHER, sure=False, candidates=tuple(Candidate(*each) for each in likely))


@pytest.mark.parametrize("intent", INTENTS)
def test_every_intent_has_words(intent: Intent) -> None:
    """Whatever a buyer may mean, an agent is shown at least one script for it, and it is in the desk's library."""
    assert SUITS[intent]
    assert SUITS[intent][0] == suggested(Understood(intent))[0]


def test_every_suggestion_is_in_the_catalogue() -> None:
    """An agent finds each by its id; the bot itself never says one."""
    named = {script for scripts in (*SUITS.values(), *OF_KIND.values()) for script in scripts}
    assert set() == named - set(load_catalogue())
    assert {"desk"} == {script.partition(".")[0] for script in named}


def test_every_script_of_the_desk_can_be_found() -> None:
    """What is not suggested is at least told of in a list: nothing is written in vain."""
    named = {script for scripts in (*SUITS.values(), *OF_KIND.values()) for script in scripts}
    to_copy = (spec for spec in load_catalogue().values() if spec.audience == "buyer")
    left = {spec.id for spec in to_copy if spec.id.startswith("desk.")} - named
    assert {"desk.extra_freight", "desk.address_not_found", "desk.present", "desk.cash_on_delivery"} == left


def test_kinds_are_kinds() -> None:
    """No suggestion is for a kind that is not there."""
    assert set() == set(OF_KIND) - set(KINDS)


def test_the_likeliest_come_first() -> None:
    """Of three likely intents the first script of each, in their order."""
    heard = unsure((Intent.INVOICE, 0.5), (Intent.PRICE, 0.2), (Intent.SIZE_SPEC, 0.1))
    assert ("desk.invoice", "desk.bargaining", "desk.sizing") == suggested(heard)


def test_a_clear_message_gets_all_that_suits_it() -> None:
    """One likely intent fills the three places with its own scripts; the unlikely ones help nobody."""
    heard = unsure((Intent.REFUND_STATUS, 0.9), (Intent.PRAISE, 0.01))
    assert SUITS[Intent.REFUND_STATUS] == suggested(heard)


def test_where_nothing_is_heard_the_thread_tells() -> None:
    """A refund is under way: the words for that, then a question what is meant."""
    assert ("desk.refund_under_way", "desk.refund_steps", "desk.ask_more") == suggested(unsure(), "pending_refund")


@given(st.lists(st.tuples(st.sampled_from(INTENTS), st.floats(0, 1)), max_size=5), st.sampled_from(["", *KINDS, "new"]))
def test_there_are_always_three_and_never_the_same_twice(likely: list[tuple[Intent, float]], kind: str) -> None:
    """Whatever was heard, in whatever thread."""
    found = suggested(unsure(*likely), kind)
    assert (MOST, MOST) == (len(found), len(set(found)))


def test_a_case_is_helped_by_its_procedure_first() -> None:
    """What suits the branch leads, then what suits the kind; where nothing is followed up there is help too."""
    broken = fitting("after_sales", Branch.DAMAGED_UNSIGNED)
    assert ("desk.at_the_door", "desk.listen", "desk.photos") == broken
    assert (SUITS[Intent.OTHER], OF_KIND["inquiry"]) == (fitting(""), fitting("inquiry"))


def test_every_branch_has_scripts_that_suit() -> None:
    """No procedure is forgotten."""
    assert set(Branch) == set(OF_BRANCH)
