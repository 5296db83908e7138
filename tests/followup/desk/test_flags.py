"""The flags of rule 98: their colours, their numbers, and the line beside them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.desk.flags import NUMBERS, Flag, memo, misfit, needs_reason

DAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("flag", "what", "reason", "expected"),
    [
        (Flag.YELLOW, "已改价", "", "已改价 · 小李"),
        (Flag.YELLOW, "已改价", "89 改 79", "已改价 · 89 改 79 · 小李"),
        (Flag.PURPLE, "未发货", "缺货", "未发货 · 缺货 · 小李 2026-03-05"),
        (Flag.BLUE, "已发货", " 少件已补发 ", "已发货 · 少件已补发 · 小李 2026-03-05"),
        (Flag.GREEN, "可退款", "", "可退款 · 小李 2026-03-05"),
    ],
)
def test_the_line_beside_each_flag(flag: Flag, what: str, reason: str, expected: str) -> None:
    """Yellow names the writer; purple and blue reason, writer and date; green writer and date."""
    assert expected == memo(flag, what, reason, "小李", DAY)


@pytest.mark.parametrize("writer", ["", "  "])
def test_somebody_writes_it(writer: str) -> None:
    """Rule 99."""
    with pytest.raises(ValueError, match="rule 99"):
        memo(Flag.GREEN, "可退款", "", writer, DAY)


@pytest.mark.parametrize("flag", [Flag.PURPLE, Flag.BLUE])
def test_a_reason_is_named(flag: Flag) -> None:
    """Rule 98: these two say nothing without it."""
    with pytest.raises(ValueError, match="rule 98"):
        memo(flag, "x", " ", "小李", DAY)


def test_the_numbers_of_the_marketplace() -> None:
    """0 grey, 2 yellow, 3 green, 4 blue, 5 purple."""
    assert {"": 0, "yellow": 2, "green": 3, "blue": 4, "purple": 5} == NUMBERS


def test_a_flag_does_not_contradict_the_order() -> None:
    """Purple is for what was not shipped, blue for what was; the others go with both."""
    found = {(flag.value, shipped): misfit(flag, shipped) for flag in Flag for shipped in (True, False)}
    assert {("purple", True): "shipped", ("blue", False): "not_shipped"} == {k: v for k, v in found.items() if v}


@given(st.sampled_from([flag for flag in Flag if flag]), st.text(), st.text())
def test_the_line_is_whole_or_refused(flag: Flag, reason: str, writer: str) -> None:
    """Whatever is typed, the writer stands in the line, and so does the reason."""
    if not writer.strip() or (needs_reason(flag) and not reason.strip()):
        with pytest.raises(ValueError, match="rule 9"):
            memo(flag, "what", reason, writer, DAY)
        return
    line = memo(flag, "what", reason, writer, DAY)
    assert line.startswith("what · ")
    assert writer.strip() in line
    assert reason.strip() in line
