"""Files made to take all memory or all time are refused with a sentence, wherever orders are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.importing import import_file
from bot.orders import xlsx_extent
from bot.orders.headers import ORDER_LISTS
from bot.orders.sources import open_source, read_orders
from bot.orders.table import read_table
from followup.ports import UnknownFormat
from tests.bot.orders.files import ORDER, orders, write
from tests.bot.test_importing import Desk, desk
from tests.hostile import bombs
from tests.hostile.bombs import FIRST, SHARED, cell_at, hollow, lying, xlsx
from tests.hostile.child import ran
from tests.hostile.code import callers, importers

__all__ = ["desk"]
HEAD = ",".join(ORDER_LISTS["2018"]) + "\n"
FAR = "a cell too far out"
HALF_A_GIGABYTE = 512 * 1024 * 1024
READ = """
import json
from pathlib import Path
from bot.orders.headers import ORDER_LISTS
from bot.orders.sources import read_orders
from followup.ports import UnknownFormat
for path in sys.argv[1:]:
    print(Path(path).name, end=" ", flush=True)
    try:
        print(json.dumps(sum(1 for _ in read_orders(Path(path), "tea"))), flush=True)
    except UnknownFormat as error:
        print(json.dumps(str(error)), flush=True)
print("all", Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""

BOMBS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "corner.xlsx": (lambda path: xlsx(path, cell_at('r="XFD1048576"')), FAR),
    "blank.xlsx": (lambda path: xlsx(path, cell_at('r = "XFD1048576"')), FAR),
    "small.xlsx": (lambda path: xlsx(path, cell_at('r="xfd1048576"')), FAR),
    "entity.xlsx": (lambda path: xlsx(path, cell_at('r="&#88;FD1048576"')), FAR),
    "name.xlsx": (lambda path: xlsx(path, cell_at('r="XFD1048576"'), target="data/one.xml"), FAR),
    "binary.xlsx": (lambda path: xlsx(path, cell_at('r="XFD1048576"'), target="data/one.bin"), FAR),
    "prefix.xlsx": (
        lambda path: xlsx(path, [FIRST, '<x:row xmlns:x="x">', "<x:c/>" * 200_000, "<c><v>1</v></c></x:row>"]),
        FAR,
    ),
    "rows.xlsx": (
        lambda path: xlsx(path, [FIRST, "<row/>" * 8_000_000, '<row><c r="DZ1"><v>1</v></c></row>']),
        FAR,
    ),
    "columns.xlsx": (
        lambda path: xlsx(path, ["<row>", "<c/>" * 3_000_000, "<c><v>1</v></c></row>", "<row/>" * 200_000]),
        FAR,
    ),
    "million.xlsx": (
        lambda path: xlsx(path, ['<row r="1">', "<c><v>1</v></c>" * 1_000_000, "</row>"]),
        FAR,
    ),
    "tag.xlsx": (
        lambda path: xlsx(path, [FIRST, "<c", " " * 70_000, 'r="XFD1048576"><v>1</v></c>']),
        "not a whole XLSX file|" + FAR,
    ),
    "ratio.xlsx": (lambda path: xlsx(path, [FIRST], shared=bombs.shared(b"a" * 60_000_000)), "would unpack to"),
    "lying.xlsx": (
        lambda path: lying(xlsx(path, [FIRST], shared=bombs.shared(b"a" * 60_000_000)), SHARED, 1000),
        "not a whole XLSX file",
    ),
    "entities.xlsx": (
        lambda path: xlsx(path, [FIRST], shared=bombs.shared(b"&j;", bombs.entities())),
        "not a whole XLSX file",
    ),
    "repeated.ods": (lambda path: bombs.ods(path, 9000, 10_000), "another kind of spreadsheet"),
    "repeated.xlsx": (lambda path: bombs.ods(path, 1_000_000, 16_000), "another kind of spreadsheet"),
    "nested.xlsx": (
        lambda path: xlsx(path, [FIRST], target=str("a/" * 100 + "one.zip")),
        "another|not a whole|no headings|neither an order list",
    ),
    "line.csv": (lambda path: hollow(path, HEAD, 1_000_000_000), "a line longer than"),
    "row.csv": (
        lambda path: bombs.long_line(path, HEAD, '"\n",', 2_000_000),
        "a row longer than",
    ),
    "line.jsonl": (lambda path: hollow(path, '{"type":"order"', 1_000_000_000), "longer than"),
    "other": (lambda path: hollow(path, "", 1_000_000_000), "a line longer than|empty|neither|NUL"),
}
"""By the name of its file: how it is made, and what the sentence about it says."""


def test_no_bomb_goes_off(tmp_path: Path) -> None:
    """Every one of them is refused with a sentence that names the file, by a process of half a gigabyte in all."""
    paths = [make(tmp_path / name) for name, (make, _) in BOMBS.items()]
    done = ran(READ, *paths, most=HALF_A_GIGABYTE)
    lines = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert 0 == done.returncode, (done.stdout[-500:], done.stderr[-500:])
    for name, (_, why) in BOMBS.items():
        said = json.loads(lines[name])
        assert isinstance(said, str), (name, said)
        assert any(each in said for each in why.split("|")), (name, said)
        assert name in said
    assert int(lines["all"]) < 200_000, "kilobytes of memory"


def test_a_row_of_many_lines_is_refused(tmp_path: Path) -> None:
    """A row that goes on over lines, cell after cell, has an end, as a line has."""
    path = bombs.long_line(tmp_path / "a.csv", "a,b\n1,2\n", '"\n",', 2_000_000)
    _, rows = read_table(path)
    assert (2, ["1", "2"]) == next(rows)
    with pytest.raises(UnknownFormat, match="a row longer than 1,000,000 characters"):
        next(rows)


def test_lines_below_one_another_have_no_end_together(tmp_path: Path) -> None:
    """It is the row that may not be long: any number of them is read."""
    path = write(tmp_path / "a.csv", [["a", "b"], *([["x" * 60_000, "two\nlines"]] * 40)])
    assert 40 == sum(1 for _ in read_table(path)[1])


@pytest.mark.parametrize("odd", ['<row><c t="n"><v>7</v></c></row>', '<row r="2"><c r="a2"><v>7</v></c></row>'])
def test_unusual_workbooks_are_read_all_the_same(tmp_path: Path, odd: str) -> None:
    """Cells that do not say where they are, and small letters, are no crime."""
    path = xlsx(tmp_path / "a.xlsx", ["<row><c><v>5</v></c></row>", odd])
    header, rows = read_table(path)
    assert (["5"], [(2, ["7"])]) == (header, list(rows))


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_no_cut_hides_a_cell(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the pieces of a part are cut in two, the cell that lies too far out is found."""
    path = xlsx(tmp_path / "a.xlsx", [FIRST * 20, *cell_at('s="1" r="EA7"'), FIRST * 20])
    monkeypatch.setattr(xlsx_extent, "_CHUNK", size)
    with pytest.raises(UnknownFormat, match=FAR):
        read_table(path)


async def test_a_file_of_bad_rows_comes_to_an_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bad rows are kept for their file, so that there is an end to how many; the good ones before them stay."""
    monkeypatch.setattr("bot.importing.MOST_BAD", 100)
    path = write(desk.folder / "a.csv", orders({}, *({"总金额": "?"} for _ in range(200))))
    with pytest.raises(UnknownFormat, match=r"a.csv: 101 rows cannot be read.*line 3, 总金额: expected an amount"):
        await desk.bring(path)
    assert 1 == desk.rows()["orders"]


async def test_wide_bad_rows_come_to_an_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they hold counts, not only how many they are."""
    monkeypatch.setattr("bot.importing.LARGEST_BAD", 100_000)
    path = write(desk.folder / "a.csv", orders({}, *({"宝贝标题": "x" * 30_000, "总金额": "?"} for _ in range(9))))
    with pytest.raises(UnknownFormat, match=r"4 rows cannot be read"):
        await import_file(path, open_source(path, "tea"), desk.store, desk.deps, desk.clock)


def test_no_picture_is_opened() -> None:
    """However large a stranger's picture would be once it is unpacked: ours are drawn, his are kept as they came."""
    assert {"bot/figures/canvas.py", "bot/figures/fonts.py"} == importers("PIL")
    assert set() == callers({"Image.open", "Image.frombytes", "Image.frombuffer", "ImageFile.Parser"})


def test_what_is_read_is_the_same_as_before(tmp_path: Path) -> None:
    """The looks change nothing of what a list says, in either form."""
    many = [{"订单编号": str(3510000000000000017 + number)} for number in range(50)]
    for suffix in ("csv", "xlsx"):
        events = list(read_orders(write(tmp_path / f"a.{suffix}", orders(*many)), "tea"))
        assert [each["订单编号"] for each in many] == [event.order.id for event in events], ORDER  # type: ignore[union-attr]
