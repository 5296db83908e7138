"""The page of simulations without a browser: what it asks for, its process, and saving."""

from __future__ import annotations

import asyncio
import gc
import os
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nicegui import Client
from nicegui.page import page as a_page

from bot.app import App, bootstrap
from bot.cadence import KNOBS, Knob
from bot.comparing import Comparison, Side
from bot.comparing_job import MOST_KNOWN, Job, Month, Outcome, Uploads, work
from bot.comparing_process import Failed, compared_apart, folder
from bot.config import ConfigError, load
from bot.console import simulating
from bot.console.compared import Compared
from bot.console.desk import Desk, Visit
from bot.console.labels import labels
from bot.console.live import Live
from bot.console.pages.simulate import _Page
from bot.console.presence import Presence
from bot.console.simulating import CannotRun, Files, Wish, job_of, may_save, present, run, save
from bot.shop_month import timeline, write_export
from followup.desk.people import Person, Rank
from followup.policy import Policy
from handlers import order_changed
from store.views import counts

SAY = labels("simulate", "en")
CONFIG = """\
# ours
[database]
url = "sqlite:///{folder}/huifang.db"

[agents.people.li]
[agents.people.wang]
rank = "supervisor"
[agents.people.chen]
rank = "owner"
shops = ["abroad"]

[shops.tea]
nudge_every = "1d"  # as ever
[shops.abroad]
platform = "independent"
"""
PRESENT = Policy("shop")
LATER = replace(PRESENT, unpaid=replace(PRESENT.unpaid, help_after=timedelta(hours=2)))


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A shop with a configuration of its own."""
    file = tmp_path / "config.toml"
    file.write_text(CONFIG.format(folder=tmp_path), "utf-8")
    app = bootstrap(load(file), speaking=False)
    yield app
    app.close()


@pytest.fixture
def desk(app: App, tmp_path: Path) -> Desk:
    """Its desk."""
    return Desk(app.config, tmp_path / "config.toml", app.store, app.deps, app.clock, _live(app), Presence())


def _live(app: App) -> Live:
    return Live.__new__(Live)  # nothing here watches


def _visit(who: str, rank: Rank, *shops: str) -> Visit:
    return Visit(Person(who, rank=rank, shops=frozenset(shops)), "en", f"session of {who}")


def _knob(name: str) -> Knob:
    return next(knob for knob in KNOBS if knob.id == name)


async def _wish(desk: Desk, **more: Any) -> Wish:
    config, seen = await present(desk)
    return Wish("tea", config.shops["tea"], seen, **more)


def _job(place: Path, source: Any, **more: Any) -> Job:
    job = Job(place, "shop", "CNY", "manual", "en", source, PRESENT, LATER, overrides=place / "none.json")
    return replace(job, **more)


def _messages(found: Comparison) -> tuple[float | None, float | None]:
    first = next(found.measures())
    return first.before, first.after


def _silent(**_said: object) -> None: ...


async def test_a_comparison_apart_is_the_same_as_one_here(tmp_path: Path) -> None:
    """The process finds what this one would find, and says how far it is."""
    here = work(_job(tmp_path, Month(80, 3)), _silent)
    stages: list[str] = []
    async with folder() as place:
        outcome, page = await compared_apart(_job(place, Month(80, 3)), lambda said: stages.append(said["stage"]))
        assert oct(0o700) == oct(place.stat().st_mode & 0o777)
    assert here == outcome
    assert not place.exists()
    assert ["reading", "before", "after", "telling"] == list(dict.fromkeys(stages))
    assert "<!doctype html>" in page


async def test_the_loop_answers_while_it_simulates() -> None:
    """Nothing of it takes more than 50 ms of the program's own time, and half its answers come within 50 ms even on a
    busy machine."""
    done, lags, own = asyncio.Event(), [], []

    async def answer() -> None:
        while not done.is_set():
            began, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.005)
            lags.append(time.perf_counter() - began - 0.005)
            own.append(time.thread_time() - used)

    answering = asyncio.create_task(answer())
    async with folder() as place:
        await compared_apart(_job(place, Month(300, 7)), lambda _said: None)
    done.set()
    await answering
    assert len(lags) > 20
    assert max(own) < 0.05
    assert sorted(lags)[len(lags) // 2] < 0.05


async def test_cancelling_ends_the_process() -> None:
    """Who cancels, or closes the page, leaves no process and no file behind."""
    begun, pids = asyncio.Event(), []

    def hear(said: dict[str, Any]) -> None:
        if said["stage"] == "before":
            pids.extend(_children())
            begun.set()

    async def compare() -> None:
        async with folder() as place:
            pids.append(str(place))
            await compared_apart(_job(place, Month(5000, 7)), hear)

    task = asyncio.create_task(compare())
    await asyncio.wait_for(begun.wait(), 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    place, *children = pids
    assert children
    assert not await asyncio.to_thread(Path(place).exists)
    assert [] == [pid for pid in children if pid in _children()]


def _children() -> list[str]:
    """The processes that this one has started and that still run."""
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text("utf-8").split()
    return [pid for pid in found if b"comparing_job" in Path(f"/proc/{pid}/cmdline").read_bytes()]


async def test_secrets_stay_with_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reads hostile files does not know them."""
    monkeypatch.setenv("HUIFANG_DATABASE_PASSWORD", "geheim")
    seen: list[bytes] = []

    def hear(_said: dict[str, Any]) -> None:
        seen.extend(Path(f"/proc/{pid}/environ").read_bytes() for pid in _children())

    async with folder() as place:
        await compared_apart(_job(place, Month(10, 7)), hear)
    assert seen
    assert not any(b"HUIFANG" in each for each in seen)


async def test_an_upload_is_compared_under_its_own_name(tmp_path: Path) -> None:
    """Rows that cannot be read are told with file, line and column; the others take part."""
    files = Files()
    path = await files.next("../../etc/passwd", 10)
    assert ("upload-1", "../../etc/passwd") == (path.name, files.shown[0])
    write_export(path, 30, 7)
    path.write_bytes(path.read_bytes() + b"broken,row\n")
    async with folder() as place:
        outcome, _ = await compared_apart(
            _job(place, Uploads(tuple(files.paths), tuple(files.shown))), lambda _said: None
        )
    assert 30 == outcome.comparison.before.orders
    assert (1, {"../../etc/passwd"}, {32}) == (
        outcome.rejected,
        {row.file for row in outcome.first},
        {row.line for row in outcome.first},
    )
    files.clear()
    assert not path.exists()
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("content", "why", "says"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "unknown_format", "photo.csv"),
        (b"name,colour\nanna,red\n", "unknown_format", "photo.csv"),
        (b"", "unknown_format", "photo.csv is empty"),
        (b"PK\x03\x04 no zip at all", "unknown_format", "photo.csv is not a whole XLSX file"),
    ],
)
async def test_a_file_of_no_known_format_is_told(tmp_path: Path, content: bytes, why: str, says: str) -> None:
    """With the name that its owner knows, and never the one we keep it under."""
    path = tmp_path / "upload-1"
    path.write_bytes(content)
    async with folder() as place:
        with pytest.raises(Failed) as caught:
            await compared_apart(_job(place, Uploads((path,), ("photo.csv",))), lambda _said: None)
    assert why == caught.value.why
    assert says in caught.value.sentence
    assert "upload-1" not in caught.value.sentence


async def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    """A workbook that would unpack to hundreds of megabytes is not unpacked."""
    path = tmp_path / "upload-1"
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(sheet, "w") as member:
        for _ in range(60):
            member.write(b" " * 10_000_000)
    assert path.stat().st_size < 1_000_000
    async with folder() as place:
        with pytest.raises(Failed) as caught:
            await compared_apart(_job(place, Uploads((path,), ("bomb.xlsx",))), lambda _said: None)
    assert "bomb.xlsx would unpack to 600,000,000 bytes" in caught.value.sentence


async def test_known_orders_are_replayed_by_their_own_times(desk: Desk, app: App) -> None:
    """As an export made now would tell them; the shop itself stays as it is."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for event in timeline(40, 7, start=start, shop="tea"):
        at = event.order.observed_at
        app.store.run(
            lambda tx, event=event, at=at: order_changed.order_changed(event, tx, app.deps, at),
            order_changed.wanted(event),
        )
    wish = await _wish(desk)
    wish.set(_knob("unpaid_order_help_after"), timedelta(hours=2))
    kept = await desk.read(counts)
    outcome, page = await run(desk, _visit("li", Rank.AGENT), wish, lambda _said: None, SAY)
    assert kept == await desk.read(counts)
    assert 40 == outcome.comparison.before.orders <= MOST_KNOWN
    before, after = _messages(outcome.comparison)
    assert before is not None
    assert after is not None
    assert before > after > 0
    assert "Unpaid orders · Help offered so long after ordering" in page


async def test_no_orders_is_a_sentence(desk: Desk) -> None:
    """A shop without orders has nothing to simulate."""
    with pytest.raises(Failed) as caught:
        await run(desk, _visit("li", Rank.AGENT), await _wish(desk), lambda _said: None, SAY)
    assert "no_orders" == caught.value.why
    assert SAY(f"failed.{caught.value.why}")


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"source": "upload"}, "no_file"),
        ({"source": "month", "orders": 0}, "bad_month"),
        ({"source": "month", "orders": None}, "bad_month"),
        ({"source": "month", "seed": None}, "bad_month"),
        ({"since": "tomorrow"}, "bad_day"),
        ({"until": "9999-12-31"}, "bad_day"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "days_backwards"),
        ({"asked": "soon"}, "bad_assumption"),
        ({"asked": "4d", "settled": "1d"}, "bad_assumption"),
        ({"values": {_knob("unpaid_order_help_after"): timedelta(days=5)}}, "not_together.unpaid_order"),
    ],
)
async def test_what_has_to_be_mended_is_said(desk: Desk, tmp_path: Path, more: dict[str, Any], word: str) -> None:
    """With words of the page, in both languages."""
    with pytest.raises(CannotRun) as caught:
        job_of(desk, "en", await _wish(desk, **more), tmp_path, SAY)
    assert word == caught.value.word
    assert all(labels("simulate", lang)(word) for lang in ("zh-CN", "en"))


async def test_both_sides_share_everything_but_the_cadence(desk: Desk, tmp_path: Path) -> None:
    """Orders, period, assumptions and words are those of one job."""
    wish = await _wish(desk, source="month", asked="24h", settled="4d", since="2026-03-01", until="2026-03-31")
    wish.set(_knob("nudge_every"), timedelta(days=2))
    job = job_of(desk, "en", wish, tmp_path, SAY)
    assert replace(job.before, nudge_every=timedelta(days=2)) == job.after
    assert "refund_requested=24h,refund_settled=4d" == job.assume
    assert (datetime(2026, 2, 28, 16, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC)) == (job.since, job.until)
    assert (("All reminders · Least time between two reminders to one buyer", "1d", "2d"),) == job.changes


async def test_one_at_a_time_for_a_session_and_two_in_all(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for a second one is told, and so is a third person; afterwards there is room again."""
    goes_on, begun = asyncio.Event(), asyncio.Semaphore(0)

    async def wait(*_job: object) -> tuple[Any, str]:
        begun.release()
        await goes_on.wait()
        return None, ""

    monkeypatch.setattr(simulating, "compared_apart", wait)
    wish, people = await _wish(desk), [_visit(name, Rank.AGENT) for name in ("li", "wang", "chen")]

    async def go(visit: Visit) -> str:
        try:
            await run(desk, visit, wish, lambda _said: None, SAY)
        except CannotRun as error:
            return error.word
        return "done"

    first = [asyncio.create_task(go(visit)) for visit in people[:2]]
    for _ in first:
        await begun.acquire()
    assert ["already_running", "others_run"] == [await go(people[0]), await go(people[2])]
    goes_on.set()
    assert ["done", "done", "done"] == [*[await task for task in first], await go(people[2])]


async def test_files_have_limits() -> None:
    """Five files, 64 MB together."""
    files = Files()
    for number in range(5):
        (await files.next(f"{number}.csv", 1)).touch()
    with pytest.raises(CannotRun, match="too_many_files"):
        await files.next("6.csv", 1)
    files.drop(files.paths[0])
    with pytest.raises(CannotRun, match="too_large_files"):
        await files.next("7.csv", 64 * 1024 * 1024 + 1)
    files.clear()


async def test_files_that_still_arrive_count() -> None:
    """Two that come at once are kept both, and are not more together than one may be."""
    files, most = Files(), 64 * 1024 * 1024
    await files.next("1.csv", most - 10)
    await files.next("2.csv", 10)
    with pytest.raises(CannotRun, match="too_large_files"):
        await files.next("3.csv", 1)
    files.drop(files.paths[0])
    await files.next("3.csv", 1)
    files.clear()


async def test_two_files_at_once_lie_in_one_folder() -> None:
    """Neither takes the other's away."""
    files = Files()
    first, second = await asyncio.gather(files.next("1.csv", 1), files.next("2.csv", 1))
    gc.collect()
    assert first.parent == second.parent
    assert first != second
    assert first.parent.is_dir()
    files.clear()
    assert not first.parent.exists()


async def test_saving_writes_the_file_and_is_gone_by_at_once(desk: Desk) -> None:
    """The option stands in config.toml, its comments too, and the program goes by it."""
    wish = await _wish(desk)
    wish.set(_knob("unpaid_order_help_after"), timedelta(minutes=25))
    wish.set(_knob("nudge_every"), timedelta(days=2))
    await save(desk, wish)
    assert desk.file is not None
    text = desk.file.read_text("utf-8")
    assert text.startswith("# ours\n")
    assert 'nudge_every = "2d"  # as ever' in text
    assert 'help_after = "25m"' in text
    policy = desk.deps.policy("tea")
    assert (timedelta(days=2), timedelta(minutes=25)) == (policy.nudge_every, policy.unpaid.help_after)


async def test_saving_what_somebody_else_changed_is_refused(desk: Desk) -> None:
    """Nothing is lost: the second is told."""
    wish = await _wish(desk)
    wish.set(_knob("nudge_every"), timedelta(days=2))
    assert desk.file is not None
    desk.file.write_text(desk.file.read_text("utf-8").replace('"1d"', '"3d"'), "utf-8")
    with pytest.raises(ConfigError, match="somebody else"):
        await save(desk, wish)
    assert '"3d"' in desk.file.read_text("utf-8")


@pytest.mark.parametrize(
    ("who", "rank", "expected"),
    [("li", Rank.AGENT, False), ("wang", Rank.SUPERVISOR, True), ("chen", Rank.OWNER, False)],
)
def test_who_may_save(desk: Desk, who: str, rank: Rank, expected: bool) -> None:
    """Supervisors and owners of the shop, by what they are now: Chen works for another shop."""
    assert expected is may_save(desk, _visit(who, rank), "tea")


def test_every_knob_and_group_has_its_name() -> None:
    """In both languages, and the same ones."""
    for lang in ("zh-CN", "en"):
        say = labels("simulate", lang)
        assert {knob.id for knob in KNOBS} == set(say.table["knobs"])
        assert {knob.group or "shop" for knob in KNOBS} == set(say.table["groups"])
        assert {knob.group or knob.keys[0] for knob in KNOBS} == set(say.table["not_together"])


async def test_closing_the_page_ends_what_it_began(desk: Desk) -> None:
    """No process, no upload and no folder of it are left."""
    config, seen = await present(desk)
    wish = Wish("tea", config.shops["tea"], seen, source="month", orders=5000)
    upload = await wish.files.next("orders.csv", 1)
    begun = asyncio.Event()
    with Client(a_page("/simulate")) as client:
        open_page = _Page(desk, _visit("li", Rank.AGENT), SAY, wish, 0)
        await open_page.draw(["tea"])
        hear = open_page._hear
        open_page._hear = lambda said: (hear(said), said["stage"] == "before" and begun.set())  # type: ignore[method-assign, assignment]
        starting = asyncio.create_task(open_page.start())
        await asyncio.wait_for(begun.wait(), 60)
        assert _children()
    client.delete()
    await starting
    assert [] == _children()
    assert not await asyncio.to_thread(upload.parent.exists)


async def test_pressed_twice_it_begins_once(desk: Desk) -> None:
    """The second press changes nothing: the page waits, and closing it ends what the first began."""
    wish = await _wish(desk)
    wish.source, wish.orders = "month", 5000
    begun = asyncio.Event()
    with Client(a_page("/simulate")) as client:
        open_page = _Page(desk, _visit("li", Rank.AGENT), SAY, wish, 0)
        await open_page.draw(["tea"])
        hear = open_page._hear
        open_page._hear = lambda said: (hear(said), said["stage"] == "before" and begun.set())  # type: ignore[method-assign, assignment]
        pressed = [asyncio.create_task(open_page.start()) for _ in range(2)]
        await asyncio.wait_for(begun.wait(), 60)
        assert "" == open_page.told.text
        assert open_page.stop.visible
    client.delete()
    await asyncio.wait_for(asyncio.gather(*pressed), 20)
    assert [] == _children()


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
async def test_it_says_how_many_orders_are_used(desk: Desk, lang: str) -> None:
    """Of more than can be replayed the newest are, and whoever chooses them is told so."""
    says = []
    for known in (MOST_KNOWN, MOST_KNOWN + 1):
        with Client(a_page("/simulate")) as client:
            visit = replace(_visit("li", Rank.AGENT), lang=lang)
            open_page = _Page(desk, visit, labels("simulate", lang), await _wish(desk), known)
            await open_page.draw(["tea"])
            says.append(open_page.source.options["known"])
        client.delete()
    assert f"{MOST_KNOWN:,}" in says[0]
    assert f"{MOST_KNOWN:,}" in says[1]
    assert f"{MOST_KNOWN + 1:,}" in says[1]


async def test_what_was_compared_is_what_is_saved(desk: Desk) -> None:
    """A slider that comes in while the question stands there changes nothing of what is answered."""
    wish = await _wish(desk)
    knob = _knob("nudge_every")
    wish.set(knob, timedelta(days=2))
    side = Side(0, 0, 0, 0, 0, 0, 0, 0, 0, None, {}, {}, {}, {})
    outcome, visit = Outcome(Comparison(side, side, 0, ()), 0, (), ()), _visit("wang", Rank.SUPERVISOR)
    compared = Compared(desk, visit, SAY, wish, dict(wish.values), outcome, "", lambda: None)
    wish.set(knob, timedelta(days=5))
    assert "" == await compared._save()
    assert desk.file is not None
    assert 'nudge_every = "2d"' in desk.file.read_text("utf-8")
    assert "somebody else" in await compared._save()
