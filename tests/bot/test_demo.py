"""The demo: three threads in three languages, and the reader as a buyer."""

from __future__ import annotations

import asyncio
import os
from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from bot.app import make_scripts
from bot.config import Config
from bot.demo.acting import BUYERS
from bot.demo.places import PLACES
from bot.demo.play import agents_read, live, transcript, typed_lines
from bot.demo.show import folded
from bot.desk import words
from followup.model import Segment
from store import views
from store.audit import audit
from store.store import SqlStore

LANGS = tuple(PLACES)
LATER = {"zh-CN": "3月3日 14:15", "en": "Mar 3, 14:15", "es": "3 de marzo a las 14:15"}
TYPED = {
    "zh-CN": ("明天付", "已经付款了", "退订"),
    "en": ("I'll pay tomorrow", "I have already paid", "STOP"),
    "es": ("pago mañana", "ya pagué", "BAJA"),
}


def a_screen() -> tuple[Console, StringIO]:
    """A console and what is printed on it."""
    paper = StringIO()
    return Console(file=paper, width=90, highlight=False, markup=False), paper


async def played(folder: Path, lang: str, *lines: str) -> str:
    """What a reader sees who types these lines, one each time the shop has spoken to him."""
    screen, paper = a_screen()
    read, write = os.pipe()
    os.write(write, "".join(f"{line}\n" for line in lines).encode())
    os.close(write)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.demo.play.sys.stdin", os.fdopen(read))
        await asyncio.wait_for(live(folder / "demo.db", lang, screen, beat=0.0, patience=5.0), 60)
    return paper.getvalue()


@pytest.mark.parametrize("lang", LANGS)
async def test_a_transcript_tells_every_kind_from_beginning_to_end(tmp_path: Path, lang: str) -> None:
    """Each buyer is spoken to by name about his goods, answers, and the matter ends; the promised time is kept."""
    screen, paper = a_screen()
    await transcript(tmp_path / "demo.db", lang, screen)
    told, place = paper.getvalue(), PLACES[lang]
    for part in place.parts.values():
        for text in (part.name, part.goods, *part.lines.values()):
            assert text in told
    assert LATER[lang] in told
    store = SqlStore(f"sqlite:///{tmp_path}/demo.db")
    with store.engine.connect() as connection:
        threads = views.threads(connection, 10, only_open=False)
        ends = {(thread.order_id, thread.kind): thread.outcome for thread in threads}
        proof = audit(connection)
    store.close()
    assert ends == {
        ("1001", "unpaid_order"): "paid",
        ("1002", "pending_refund"): "paid_back",
        ("1003", "review_revision"): "asked_twice",
        ("1004", "after_sales"): "registered",
        ("1005", "after_sales"): "registered",
        ("1006", "stuck_parcel"): "moved",
    }
    assert (proof.ok, proof.unsure) == (True, [])


@pytest.mark.parametrize("lang", LANGS)
async def test_a_transcript_keeps_the_matters_apart(tmp_path: Path, lang: str) -> None:
    """One buyer after another, each in the order of time."""
    screen, paper = a_screen()
    await transcript(tmp_path / "demo.db", lang, screen)
    told = paper.getvalue()
    names = [part.name for part in PLACES[lang].parts.values()]
    firsts = [told.index(name) for name in names]
    assert sorted(firsts) == firsts
    assert all(told.rindex(name) < later for name, later in zip(names, firsts[1:], strict=False))
    assert len(BUYERS) == 6


async def test_a_second_demo_begins_afresh(tmp_path: Path) -> None:
    """What an earlier one left behind does not speak in it."""
    for _ in range(2):
        screen, paper = a_screen()
        await transcript(tmp_path / "demo.db", "en", screen)
    assert paper.getvalue().count("Mar 3, 14:15") == 1


@pytest.mark.parametrize("lang", LANGS)
async def test_the_reader_is_answered_at_once(tmp_path: Path, lang: str) -> None:
    """Who says "tomorrow", then "paid", then "stop" hears the fitting answer to each, a minute later each."""
    told = await played(tmp_path, lang, *TYPED[lang], "/quit")
    later, paid, stop = TYPED[lang]
    answers = [told.partition(f"    {line}\n")[2].partition("14:1")[2].splitlines()[1] for line in (later, paid, stop)]
    promised = told.partition(f"    {later}\n")[2].partition(f"    {paid}\n")[0].replace("\n    ", " ")
    assert LATER[lang] in promised
    assert len(set(answers)) == 3
    assert words(agents_read(lang)).table["demo"]["dropped"] in told.partition(f"    {stop}\n")[2]


@pytest.mark.parametrize(("lang", "answer"), [("zh-CN", "代付"), ("en", "pay for"), ("es", "otra persona")])
async def test_a_number_answers_the_reasons(tmp_path: Path, lang: str, answer: str) -> None:
    """The first reason is a payment problem: who types 1 reads what helps, and a person is asked to look."""
    told = await played(tmp_path, lang, "1", "/quit")
    asked, _, after = told.partition("    1\n")
    label = make_scripts(Config()).render("choice.payment_problem", lang, {}, Segment.NEW, (), "").text
    assert f"    1. {label}\n" in asked
    assert answer in after.replace("\n    ", " ")


async def test_who_says_paid_sees_it_in_the_shops_records(tmp_path: Path) -> None:
    """Half an hour later the payment is there, the matter is settled, and nobody reminds any more."""
    told = await played(tmp_path, "en", "I have already paid", *[""] * 9)
    after = told.partition("    I have already paid\n")[2]
    assert "14:46  shop's records · you\n    wool scarf paid" in after
    assert "still unpaid" not in after


async def test_the_reader_may_leave_at_any_time(tmp_path: Path) -> None:
    """/quit ends it, and so does the end of the input."""
    assert "Ms Novak" not in await played(tmp_path, "en", "/quit")
    assert "Ms Novak" not in await played(tmp_path, "en")


async def test_time_goes_on_without_a_word(tmp_path: Path) -> None:
    """A reader who only presses Enter sees all three matters to their end."""
    told = await played(tmp_path, "en", *[""] * 80)
    for story in ("pending_refund", "review_revision"):
        assert PLACES["en"].parts[story].name in told
    assert "this is our last message about it" in told.replace("\n    ", " ")


async def test_typed_lines_come_whole(tmp_path: Path) -> None:
    """A line may arrive in pieces, even in the middle of a character."""
    read, write = os.pipe()
    lines = typed_lines(asyncio.get_running_loop(), read)
    data = "明天付\n退订\n".encode()
    for piece in (data[:4], data[4:11], data[11:]):
        os.write(write, piece)
        await asyncio.sleep(0.01)
    os.close(write)
    assert [await lines.get() for _ in range(3)] == ["明天付", "退订", None]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("short", 10, ["short"]),
        ("one two three", 8, ["one two", "three"]),
        ("您好，林小姐！看到您的围巾", 12, ["您好，林小", "姐！看到您的", "围巾"]),
        ("退款 ¥89.00 已经办好", 12, ["退款 ¥89.00", "已经办好"]),
    ],
)
def test_texts_are_folded_to_the_screen(text: str, width: int, lines: list[str]) -> None:
    """At spaces, between Chinese characters, never before a full stop, never wider than the screen."""
    assert folded(text, width) == lines
    assert all(cell_len(line) <= width for line in lines)
