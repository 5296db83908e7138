"""What agents taught lies over what ships."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.understand import Intent, Learnt, Understanding, understand

NOW = datetime(2026, 3, 11, 6, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
LEARNT = Learnt([("小蓝瓶还有冇", Intent.PRODUCT_QUESTION), ("老规矩", Intent.PAID), ("stop me", Intent.PRAISE)])


@pytest.mark.parametrize("text", ["小蓝瓶还有冇", "小藍瓶還有冇！", "小蓝瓶还有冇呀"])
def test_takes_a_learnt_phrase(text: str) -> None:
    """The same words, in either script, or with a slip, mean what was taught, and are sure."""
    heard = Understanding(LEARNT)(text, NOW, ZONE)

    assert (Intent.PRODUCT_QUESTION, True) == (heard.intent, heard.sure)
    assert "learnt" in heard.why


def test_takes_a_short_phrase_only_as_it_stands() -> None:
    """Of three characters one slip is a third: only the very words count."""
    heard = Understanding(LEARNT)

    assert (Intent.PAID, False) == (heard("老规矩", NOW, ZONE).intent, "learnt" in heard("老规律", NOW, ZONE).why)


def test_a_stop_cannot_be_unlearnt() -> None:
    """Whatever agents teach, a wish to stop is one."""
    assert Intent.STOP == Understanding(Learnt([("STOP", Intent.PRAISE)]))("STOP", NOW, ZONE).intent


def test_a_later_lesson_replaces_an_earlier_one() -> None:
    """The last correction counts."""
    learnt = Learnt([("老规矩", Intent.PAID), ("老规矩", Intent.THANKS)])

    assert Intent.THANKS == Understanding(learnt)("老规矩", NOW, ZONE).intent


def test_without_lessons_nothing_changes() -> None:
    """An empty book of lessons is the built-in understanding."""
    assert understand("什么时候发货", NOW, ZONE) == Understanding()("什么时候发货", NOW, ZONE)
