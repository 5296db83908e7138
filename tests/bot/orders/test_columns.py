from __future__ import annotations

import pytest

from bot.orders.cells import Unreadable, order_id, words
from bot.orders.columns import Column, Columns, missing
from followup.ports import BadRow

COLUMNS = (Column(("编号", "号"), order_id), Column(("标题",), words, absent="-"), Column(("地区",), words, absent=""))


def test_columns_are_found_by_name_wherever_they_stand() -> None:
    """Order and further columns do not matter."""
    assert ["7", "碗", "上海"] == Columns(["地区", "x", "标题", "编号"], COLUMNS).read(["上海", "?", "碗", "7"])


def test_an_older_name_is_the_same_column() -> None:
    """A column that was renamed over the years is one column."""
    assert ["7", "-", ""] == Columns(["号"], COLUMNS).read(["7"])


def test_missing_names_the_required_columns_only() -> None:
    """What may be absent is not missed."""
    assert ["编号"] == missing(["地区"], COLUMNS)


def test_the_first_of_two_columns_of_one_name_counts() -> None:
    """A doubled heading does not confuse the row."""
    assert ["7", "-", ""] == Columns(["编号", "编号"], COLUMNS).read(["7", "8"])


def test_blank_cells_beyond_the_header_are_dropped() -> None:
    """A trailing separator is no fault."""
    assert ["7", "-", ""] == Columns(["编号"], COLUMNS).read(["7", "", ""])


@pytest.mark.parametrize("cells", [["7"], ["7", "碗", "more"]])
def test_a_ragged_row_is_blamed_as_a_whole(cells: list[str]) -> None:
    """Too few or too many cells: no cell is trusted."""
    columns = Columns(["编号", "标题"], COLUMNS)
    with pytest.raises(Unreadable):
        columns.read(cells)
    assert "2 cells, as in the header" == columns.blame(9, cells).expected


def test_blame_names_line_column_value_and_what_was_expected() -> None:
    """A bad row can be found and mended from its report alone."""
    bad = Columns(["标题", "编号"], COLUMNS).blame(9, ["碗", "合计"])
    assert BadRow(9, "编号", "合计", "an order number", ("碗", "合计")) == bad
