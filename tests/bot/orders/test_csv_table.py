from __future__ import annotations

from pathlib import Path

import pytest

from bot.orders.csv_table import LONGEST_LINE, encoding_of, read_csv
from followup.ports import UnknownFormat

HEADER = "订单编号,总金额,宝贝标题"


def _file(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "orders.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_every_encoding_reads_alike(tmp_path: Path, encoding: str) -> None:
    """The same table comes out of every encoding that exports use."""
    path = _file(tmp_path, f"{HEADER}\n1,2,围裙\n", encoding)
    header, row = read_csv(path)
    assert HEADER == ",".join(header[1]).lstrip("\ufeff")
    assert (2, ["1", "2", "围裙"]) == row


def test_the_header_row_decides_the_encoding() -> None:
    """Damage further down does not turn a UTF-8 file into GB18030."""
    assert "utf-8" == encoding_of(f"{HEADER}\n".encode() + b"\xff\xb6")
    assert "gb18030" == encoding_of(HEADER.encode("gbk"))


def test_a_damaged_byte_costs_its_cell_only(tmp_path: Path) -> None:
    """A title that was cut within a character does not lose the row."""
    path = tmp_path / "orders.csv"
    path.write_bytes(f"{HEADER}\n1,2,围裙".encode("gbk")[:-1] + "\n3,4,碗\n".encode("gbk"))
    assert [["1", "2", "围\ufffd"], ["3", "4", "碗"]] == [cells for _, cells in read_csv(path)][1:]


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_the_separator_is_the_header_s(tmp_path: Path, separator: str) -> None:
    """Tables saved with TABs or semicolons are read too."""
    path = _file(tmp_path, f"{HEADER}\n1,2,碗\n".replace(",", separator))
    assert ["1", "2", "碗"] == list(read_csv(path))[1][1]


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    """A row has the number of the line it begins on, blank lines and multi-line cells counted."""
    path = _file(tmp_path, f'{HEADER}\r\n\r\n1,2,"a\r\nb"\r\n,,\r\n3,4,c\r\n')
    assert [1, 3, 6] == [line for line, _ in read_csv(path)]


def test_a_stray_quote_is_told_and_stops_nothing(tmp_path: Path) -> None:
    """Rows swallowed by a quote that never closes are reported with their lines; rows before are read."""
    path = _file(tmp_path, f'{HEADER}\n1,2,碗\n3,4,"碗\n5,6,碗\n7,8,碗\n')
    rows = list(read_csv(path))
    assert (2, ["1", "2", "碗"]) == rows[1]
    assert [(3, ["lines 3 to 5: a quote is not closed"])] == rows[2:]


def test_reading_goes_on_after_a_cell_that_is_too_long(tmp_path: Path) -> None:
    """The csv module's own refusal costs the rows it names, not the rest of the file."""
    filler = "".join(f"{n},2,{'碗' * 100}\n" for n in range(2000))
    path = _file(tmp_path, f'{HEADER}\n1,2,"碗\n{filler}9,9,碗\n')
    rows = list(read_csv(path))
    assert "field larger than field limit" in rows[1][1][0]
    assert ["9", "9", "碗"] == rows[-1][1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (b"\xff\xfe", "is empty"),
        (HEADER.encode() + b"\n1,\0,2\n", "NUL bytes"),
        (HEADER.encode() + b"\n" + b"x" * LONGEST_LINE, "a line longer than"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """Empty files, NUL bytes and endless lines are named as what they are."""
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    with pytest.raises(UnknownFormat, match=f"orders.csv .*{message}"):
        list(read_csv(path))
