"""Fetching what buyers sent: beside the inbox, over restarts, and with every way in which it can fail."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.evidence.files import EvidenceFolder
from followup.evidence import PAUSES, Evidence, EvidenceState
from followup.model import Attachment, Media, Note, Outgoing, Task
from followup.ports import NotYet, TooLarge, Unparseable
from scheduler.evidence import Fetcher, Fetching
from store import views
from tests.bot.evidence.samples import PNG
from tests.scheduler.receivers import NAME, FakeReceiver, ListeningShop
from tests.scheduler.shop import an_order

on_both = pytest.mark.parametrize("shop", ["sqlite", "postgres"], indirect=True)
MOST = 3


@dataclass
class Gallery(FakeReceiver):
    """Gives out PNGs; what is in `answers` by the id of a file is given or raised first, each once."""

    given: dict[str, deque[bytes | Exception]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None
    called: asyncio.Event = field(default_factory=asyncio.Event)

    async def fetch(self, attachment: Attachment) -> bytes:
        self.asked.append(attachment.ref)
        self.called.set()
        if self.gate is not None:
            await self.gate.wait()
        answer = self.given[attachment.ref].popleft() if self.given.get(attachment.ref) else PNG
        if isinstance(answer, Exception):
            raise answer
        return answer


class Photographed(ListeningShop):
    """Shop `s`, whose buyers send photos; `b1` has not paid for an order."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url)
        self.receiver: Gallery = Gallery(self.clock)
        self.deps = replace(self.deps, channels={"s": NAME})
        self.inbox = self.an_inbox()
        self.folder = EvidenceFolder(folder, largest=10_000, most=MOST)
        self.fetcher = self.a_fetcher()
        self.learn(an_order(1))

    def a_fetcher(self, **more: Any) -> Fetcher:
        """A fresh one, as after a restart."""
        return Fetcher(self.receiver, self.folder, self.store, self.deps, self.clock, **more)

    async def sends(self, *refs: str, chat: str = "b1", media: str = "photo", **more: Any) -> None:
        """A buyer sends files in one message."""
        number = len(self.rows(Evidence))
        raw = self.raw(f"m{number}-{refs[0]}", "看图", chat=chat)
        self.receiver.photos[raw.external_id] = [Attachment(Media(media), ref, **more) for ref in refs]
        await self.inbox.take([raw])
        await self.inbox.drain()

    def evidence(self) -> dict[str, Evidence]:
        """Every row by its file's id on the channel."""
        return {row.ref: row for row in self.rows(Evidence)}

    def states(self) -> dict[str, str]:
        """What became of each file."""
        return {ref: row.state.value for ref, row in sorted(self.evidence().items())}

    def reasons(self) -> list[str]:
        """Why people were given tasks, except for the messages themselves."""
        return [task.reason for task in self.rows(Task) if task.reason != "buyer_message"]

    def said(self) -> list[str]:
        """The scripts of our messages."""
        return [row.step for row in self.rows(Outgoing)]


@pytest.fixture
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Photographed]:
    """The shop on a fresh database and an empty folder."""
    shop = Photographed(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"), tmp_path / "evidence")
    yield shop
    shop.store.close()


@on_both
async def test_a_photo_is_kept_under_its_thread(shop: Photographed) -> None:
    """It is wanted with its message, and fetched afterwards."""
    await shop.sends("P1", "P2")
    assert {"P1": "wanted", "P2": "wanted"} == shop.states()
    assert {"kept": 2} == await shop.fetcher.fetch_due()
    row = shop.evidence()["P1"]
    assert ("s/o1/unpaid_order", "image/png", len(PNG)) == (row.thread, row.mime, row.size)
    assert PNG == shop.folder.at(row.path).read_bytes()
    assert {} == await shop.fetcher.fetch_due()
    assert [] == shop.reasons()


@on_both
async def test_a_channel_that_is_away_is_asked_later(shop: Photographed) -> None:
    """One file waits, the next is fetched; nobody is told."""
    await shop.sends("P1", "P2")
    shop.receiver.given["P1"] = deque([NotYet("away"), OSError("reset")])
    await shop.fetcher.fetch_due()
    assert {"P1": "wanted", "P2": "kept"} == shop.states()
    assert {} == await shop.fetcher.fetch_due()
    for tries in range(1, 3):
        assert shop.clock.now() + PAUSES[tries - 1] == shop.evidence()["P1"].retry_at
        shop.clock.move(PAUSES[tries - 1])
        await shop.fetcher.fetch_due()
    assert {"P1": "kept", "P2": "kept"} == shop.states()
    assert ([], 3) == (shop.reasons(), shop.evidence()["P1"].tries)


async def test_a_channel_that_never_answers_is_not_waited_for(shop: Photographed) -> None:
    """Its patience over, the next file has its turn."""
    shop.receiver.gate = asyncio.Event()
    await shop.sends("P1")
    assert {"wanted": 1} == await shop.a_fetcher(patience=0.01).fetch_due()
    assert "TimeoutError" == shop.evidence()["P1"].error


@on_both
async def test_what_the_channel_has_no_more_is_lost(shop: Photographed) -> None:
    """The buyer is asked for it once more, and a person hears, once a day."""
    await shop.sends("P1", "P2")
    shop.receiver.given = {ref: deque([Unparseable("gone")]) for ref in ("P1", "P2")}
    assert {"lost": 2} == await shop.fetcher.fetch_due()
    assert ["evidence_lost"] == shop.reasons()
    assert 1 == shop.said().count("evidence.send_again")


@pytest.mark.parametrize(
    ("answer", "more", "reason"),
    [
        (b"MZ\x90\0", {"name": "photo.jpg", "mime": "image/jpeg"}, "evidence_wrong_type"),
        (b"\x89PNG\r\n\x1a\n" + bytes(10_000), {}, "evidence_too_large"),
        (TooLarge("file is too big"), {}, "evidence_too_large"),
    ],
)
async def test_what_may_not_be_kept_is_refused(
    shop: Photographed, answer: Any, more: dict[str, Any], reason: str
) -> None:
    """By its bytes, whatever it is called; nothing of it is on disk, and buyer and person hear of it."""
    await shop.sends("P1", **more)
    shop.receiver.given["P1"] = deque([answer])
    assert {"refused": 1} == await shop.fetcher.fetch_due()
    assert [] == [path for path in shop.folder.root.rglob("*") if path.is_file()]
    assert [reason] == shop.reasons()
    assert reason.replace("evidence_", "evidence.") in shop.said()


async def test_what_is_told_to_be_too_large_is_not_even_asked_for(shop: Photographed) -> None:
    """Neither memory nor the line is spent on it."""
    await shop.sends("P1", size=10_001)
    assert {"refused": 1} == await shop.fetcher.fetch_due()
    assert [] == shop.receiver.asked


@on_both
async def test_so_many_of_a_thread_are_kept(shop: Photographed) -> None:
    """The rest is refused and a person told once; another buyer's are kept."""
    await shop.sends(*[f"P{n}" for n in range(MOST + 3)])
    await shop.sends("Q1", chat="stranger")
    await shop.fetcher.fetch_due()
    states = shop.states()
    assert "kept" == states.pop("Q1")
    assert {"kept": MOST, "refused": 3} == Counter(states.values())
    assert ["evidence_too_many"] == shop.reasons()
    assert MOST + 1 == len([path for path in shop.folder.root.rglob("*") if path.is_file()])
    asked = len(shop.receiver.asked)
    await shop.sends("P9")
    await shop.fetcher.fetch_due()
    assert asked == len(shop.receiver.asked)


async def test_a_strangers_photo_is_kept_with_his_chat(shop: Photographed) -> None:
    """Of no thread yet; if it is lost a person hears, and nobody speaks to him."""
    await shop.sends("P1", chat="stranger")
    await shop.sends("P2", chat="stranger")
    shop.receiver.given["P2"] = deque([Unparseable("gone")])
    await shop.fetcher.fetch_due()
    assert ("", "kept") == (shop.evidence()["P1"].thread, shop.evidence()["P1"].state.value)
    assert ["evidence_lost"] == shop.reasons()
    assert "evidence.send_again" not in shop.said()


async def test_a_disk_that_fails_is_tried_again(shop: Photographed) -> None:
    """Nothing is lost because a disk was full."""
    await shop.sends("P1")
    shop.folder.root.write_text("no folder")
    assert {"wanted": 1} == await shop.fetcher.fetch_due()
    shop.folder.root.unlink()
    shop.clock.move(PAUSES[0])
    assert {"kept": 1} == await shop.fetcher.fetch_due()


async def test_a_file_that_was_written_but_not_recorded_is_fetched_again(shop: Photographed) -> None:
    """As after a crash between the two: one file, one row, no leftovers."""
    await shop.sends("P1")
    shop.folder.keep(shop.evidence()["P1"], PNG)
    await shop.a_fetcher().fetch_due()
    assert {"P1": "kept"} == shop.states()
    assert 1 == len([path for path in shop.folder.root.rglob("*") if path.is_file()])


async def test_of_two_that_fetch_the_same_one_counts(shop: Photographed) -> None:
    """A second process that is slower changes nothing."""
    await shop.sends("P1")
    await asyncio.gather(shop.fetcher.fetch_due(), shop.a_fetcher().fetch_due())
    assert ("kept", 1) == (shop.states()["P1"], shop.evidence()["P1"].tries)


async def test_nobody_waits_for_a_slow_file(shop: Photographed) -> None:
    """While one is being fetched, messages are handled."""
    shop.receiver.gate = asyncio.Event()
    await shop.sends("P1")
    fetching = asyncio.create_task(shop.fetcher.fetch_due())
    await shop.receiver.called.wait()
    await shop.inbox.take([shop.raw("m9", "在吗")])
    await shop.inbox.drain()
    assert "handled" == shop.raws()["m9"]
    shop.receiver.gate.set()
    assert {"kept": 1} == await fetching


async def test_the_service_fetches_what_comes_and_stops_at_once(shop: Photographed) -> None:
    """What comes later is found at the next look; what is being fetched at the stop waits for the next start."""
    service = Fetching([shop.receiver], shop.folder, shop.store, shop.deps, shop.clock)
    await shop.sends("P1")
    await service.start()
    await _until(shop, lambda: shop.states() == {"P1": "kept"})
    shop.receiver.gate = asyncio.Event()
    await shop.sends("P2")
    await _until(shop, lambda: "P2" in shop.receiver.asked)
    await service.stop()
    assert {"P1": "kept", "P2": "wanted"} == shop.states()


async def test_everything_that_waits_is_tried_when_asked(shop: Photographed) -> None:
    """Whatever its next time is, once each."""
    await shop.sends("P1", "P2")
    shop.receiver.given = {ref: deque([NotYet("away"), NotYet("away")]) for ref in ("P1", "P2")}
    await shop.fetcher.fetch_due()
    service = Fetching([shop.receiver], shop.folder, shop.store, shop.deps, shop.clock)
    assert {"wanted": 2} == await service.fetch_all()
    assert {"kept": 2} == await service.fetch_all()


async def test_a_look_that_breaks_is_not_the_end(shop: Photographed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is away for a moment is asked again."""
    await shop.sends("P1")
    broken = [RuntimeError("away")]
    real = Fetcher.fetch_due

    async def once_broken(self: Fetcher, *args: Any, **more: Any) -> Any:
        if broken:
            raise broken.pop()
        return await real(self, *args, **more)

    monkeypatch.setattr(Fetcher, "fetch_due", once_broken)
    task = asyncio.create_task(shop.fetcher.listen())
    await _until(shop, lambda: shop.states() == {"P1": "kept"})
    task.cancel()


async def test_a_trouble_of_the_database_is_told_by_the_store_alone(shop: Photographed) -> None:
    """In one line, as everywhere; the fetcher adds nothing to it, and fetches when it is over."""
    await shop.sends("P1")
    await asyncio.to_thread(shop.store.run, lambda tx: tx.connection.exec_driver_sql("PRAGMA query_only = 1"))  # type: ignore[attr-defined]
    with capture_logs() as logs:
        task = asyncio.create_task(shop.fetcher.listen())
        await _until(shop, lambda: shop.states() == {"P1": "kept"})
        task.cancel()
    assert ["database_in_trouble", "database_works_again"] == [line["event"] for line in logs]


async def _until(shop: Photographed, true: Any) -> None:
    """Let time pass until it is true."""
    for _ in range(2000):
        if true():
            return
        shop.clock.move(timedelta(seconds=1))
        await asyncio.sleep(0.001)
    raise AssertionError("it never came true")


def test_a_note_tells_of_the_photo(shop: Photographed) -> None:
    """The thread's story has the message with its mark."""
    asyncio.run(shop.sends("P1"))
    with shop.store.engine.connect() as connection:
        notes = views.notes_of(connection, "s/o1/unpaid_order")
    assert [Note("s/o1/unpaid_order", shop.clock.now(), "buyer", "看图 [photo]")] == notes
    assert EvidenceState.WANTED is shop.evidence()["P1"].state
