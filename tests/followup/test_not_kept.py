"""What is said of a photo that could not be kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from followup.effects import AlertAgent, Effect, Say
from followup.evidence import Evidence, Why
from followup.kinds import Case
from followup.model import Instant, Media, State
from followup.not_kept import decide_not_kept, decide_not_kept_of_stranger
from tests.followup.makers import NOON, POLICY, SHOP, a_buyer, a_case, minutes

PHOTO = Evidence("e1", "shop/1001/pending_refund", SHOP, "shop/terminal/lin", "terminal", "m1", NOON, Media.PHOTO, "F")


def told(why: Why, case: Case | None = None, now: Instant = NOON, **more: Any) -> list[tuple[str, str]]:
    """The scripts and the reasons of tasks."""
    effects = decide_not_kept(case or a_case("pending_refund"), replace(PHOTO, **more), why, POLICY, now)
    return [_named(effect) for effect in effects]


def _named(effect: Effect) -> tuple[str, str]:
    assert isinstance(effect, Say | AlertAgent)
    return ("say", effect.script) if isinstance(effect, Say) else ("task", effect.reason)


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (Why.TOO_LARGE, [("say", "evidence.too_large"), ("task", "evidence_too_large")]),
        (Why.WRONG_TYPE, [("say", "evidence.wrong_type"), ("task", "evidence_wrong_type")]),
        (Why.GONE, [("say", "evidence.send_again"), ("task", "evidence_lost")]),
        (Why.TOO_MANY, [("task", "evidence_too_many")]),
        (Why.NO_ANSWER, [("task", "evidence_lost")]),
    ],
)
def test_the_buyer_hears_what_he_can_mend(why: Why, said: list[tuple[str, str]]) -> None:
    """And a person in any case."""
    assert said == told(why)


def test_only_what_he_has_just_sent_is_answered() -> None:
    """Ten minutes later, in a closed matter, after a stop, or about another chat, only a person hears."""
    alone = [("task", "evidence_wrong_type")]
    assert alone == told(Why.WRONG_TYPE, now=NOON + minutes(11))
    assert alone == told(Why.WRONG_TYPE, a_case("pending_refund", state=State.SETTLED))
    assert alone == told(Why.WRONG_TYPE, a_case("pending_refund", buyer=a_buyer(opted_out_at=NOON)))
    assert alone == told(Why.WRONG_TYPE, chat="shop/telegram/5")


def test_of_a_strangers_file_a_person_hears() -> None:
    """With the file's name, or what it is, and no order."""
    (alert,) = decide_not_kept_of_stranger(replace(PHOTO, thread="", name="a.exe"), Why.WRONG_TYPE, NOON)
    assert isinstance(alert, AlertAgent)
    assert {"text": "a.exe", "order": ""} == dict(alert.facts)
