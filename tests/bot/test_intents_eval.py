"""Scoring of labelled messages, and the files it reads."""

from pathlib import Path

import pytest

from bot.intents_eval import BadFile, read_map, read_rows, score
from followup.understood import Candidate, Intent, Understood

HEARD = {
    "a": Understood(Intent.PAID, candidates=(Candidate(Intent.PAID, 0.9),)),
    "b": Understood(
        Intent.OTHER, sure=False, candidates=(Candidate(Intent.PRICE, 0.4), Candidate(Intent.SIZE_SPEC, 0.3))
    ),
    "c": Understood(Intent.PRICE, candidates=(Candidate(Intent.PRICE, 0.9),)),
    "d": Understood(Intent.OTHER, sure=False),
}


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


def test_counts_as_the_issue_says(tmp_path: Path) -> None:
    """Accuracy and top 3 leave rows of `other` out, precision does not; an alternative counts as right."""
    table = "text,label,alt_label\na,paid,\nb,size_spec,\nb,invoice,price\nc,other,\nd,other,\n"
    rows, bad = read_rows(write(tmp_path, "m.csv", table), {})
    found = score(rows, lambda text, *_: HEARD[text])

    assert (5, [], 3) == (len(rows), bad, len(found.meant))
    assert (0.6667, 1.0, 0.5, 0.3333) == (found.accuracy, found.top3, found.precision, found.coverage)


def test_maps_foreign_labels(tmp_path: Path) -> None:
    """A foreign label may stand for several of ours, by id or by name, however spelt."""
    names = "theirs,ours\n催发货,Ship faster\n物流,where_is_parcel|delivery promise asked\n其他,other\n"
    mapping, bad = read_map(write(tmp_path, "map.csv", names, "utf-8-sig"))
    rows, bad_rows = read_rows(write(tmp_path, "m.csv", "text,label\nx,催发货\ny,物流\nz,其他\n"), mapping)

    assert ([], []) == (bad, bad_rows)
    assert [
        {Intent.SHIP_FASTER},
        {Intent.WHERE_IS_PARCEL, Intent.DELIVERY_PROMISE},
        {Intent.OTHER},
    ] == [each.label for each in rows]


def test_puts_bad_rows_aside_with_their_line(tmp_path: Path) -> None:
    """An unknown label or empty text costs one row, not the file; an unknown alternative costs only itself."""
    table = 'text,label,alt_label\n"two\nlines",paid,\n,paid,\nb,nonsense,\nc,price,nonsense|paid\n'
    rows, bad = read_rows(write(tmp_path, "m.csv", table), {})

    assert ["two\nlines", "c"] == [each.text for each in rows]
    assert {Intent.PRICE, Intent.PAID} == rows[1].right
    assert ["line 4", "line 5", "line 6"] == [f"line {each.split('line ')[1][0]}" for each in bad]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"text;label\n", "no column"), (b"", "no column"), (b"\xff\xff\xff", "neither UTF-8 nor GB18030")],
)
def test_refuses_what_is_no_table(tmp_path: Path, content: bytes, says: str) -> None:
    """A file without the columns, or that is no text, is refused with a sentence."""
    file = tmp_path / "m.csv"
    file.write_bytes(content)

    with pytest.raises(BadFile, match=says):
        read_rows(file, {})


def test_reads_gb18030(tmp_path: Path) -> None:
    """A table saved by a Chinese spreadsheet is read."""
    rows, _ = read_rows(write(tmp_path, "m.csv", "text,label\n什么时候发货,delivery_promise\n", "gb18030"), {})

    assert ["什么时候发货"] == [each.text for each in rows]
