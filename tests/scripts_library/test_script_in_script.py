"""One script said within another, such as the reason why somebody pays freight."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from followup.model import Money, Segment
from scripts_library.facts import BadFact
from scripts_library.library import Library, UnknownScript

LIBRARY = Library.load()
BY = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
FACTS = {"buyer": "林晓", "goods": "围巾", "order": "1001", "send_by": BY}


def said(lang: str = "zh-CN", **more: object) -> str:
    return LIBRARY.render("return.ask", lang, {**FACTS, **more}, Segment.NEW, (), "seed").text


@pytest.mark.parametrize("lang", ["zh-CN", "en", "es"])
def test_it_is_said_in_the_same_language(lang: str) -> None:
    """The reason stands within the words, in its own words of that language, with its own facts."""
    price = Money(Decimal(13))
    reasons = LIBRARY.readings("freight.fault", lang, {"order": "1001", "freight": price}, Segment.NEW)
    assert any(reason in said(lang, why="freight.fault", freight=price) for reason in reasons)


def test_nobody_is_addressed_twice() -> None:
    """The reason on its own may begin with the buyer's name; within other words it does not repeat it."""
    assert 1 == said(why="freight.no_reason").count("林晓")


def test_a_reason_that_is_wanted_has_to_be_there() -> None:
    """Without its id the words cannot be said."""
    with pytest.raises(BadFact, match="why"):
        said()


def test_a_reason_has_to_exist() -> None:
    """An id that no script has is a mistake, not a text."""
    with pytest.raises(UnknownScript, match="no_such"):
        said(why="freight.no_such")
