"""What a channel hears is kept, handled once and in order; what cannot be handled does not stop the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from followup.events import MessageRecalled
from followup.model import Cursor, Note, Raw
from followup.ports import NotYet, Unparseable
from scheduler.clock import SystemClock
from scheduler.embedded import Embedded
from scheduler.handling import PAUSES
from store import raw_rows, views
from store.sql_tx import SqlTx
from tests.scheduler.receivers import NAME, ListeningShop
from tests.scheduler.shop import DAY, MINUTE, NOON
from tests.scheduler.test_embedded import until

on_both = pytest.mark.parametrize("shop", ["sqlite", "postgres"], indirect=True)
SECOND = timedelta(seconds=1)


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[ListeningShop]:
    """A shop that listens, on a fresh database."""
    shop = ListeningShop(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))
    yield shop
    shop.store.close()


def notes(shop: ListeningShop, thread: str) -> list[Note]:
    with shop.store.engine.connect() as connection:
        return views.notes_of(connection, thread)


class TestTake:
    @on_both
    async def test_what_was_taken_is_there_with_its_cursor(self, shop: ListeningShop) -> None:
        """Once `take` returns, the events are committed in the order of their arrival, and so is the cursor."""
        await shop.inbox.take([shop.raw("2"), shop.raw("1"), shop.raw("3")], Cursor("fake", "17"))
        assert {"2": "waiting", "1": "waiting", "3": "waiting"} == shop.raws()
        assert ["2", "1", "3"] == list(shop.raws())
        assert ("17", "") == (await shop.inbox.cursor("fake"), await shop.inbox.cursor("other"))

    @on_both
    async def test_a_repeat_is_dropped(self, shop: ListeningShop) -> None:
        """An event known by its id is neither kept again nor handled again, nor does it wait again."""
        await shop.inbox.take([shop.raw("1", "first"), shop.raw("1", "again")])
        await shop.inbox.drain()
        await shop.inbox.take([shop.raw("1", "later"), shop.raw("2", "second")])
        await shop.inbox.drain()
        assert (["first", "second"], {"1": "handled", "2": "handled"}) == (shop.texts(), shop.raws())

    async def test_the_cursor_moves_on_without_events(self, shop: ListeningShop) -> None:
        """An empty page of a service moves the cursor too."""
        for value in ("1", "2"):
            await shop.inbox.take([], Cursor("fake", value))
        assert "2" == await shop.inbox.cursor("fake")


class TestDrain:
    @on_both
    async def test_each_buyer_in_his_order(self, shop: ListeningShop) -> None:
        """Three hundred messages of three buyers, mixed, are handled in the order in which each said them."""
        raws = [shop.raw(str(n), f"{n:03}", chat=f"b{n % 3}") for n in range(300)]
        await shop.inbox.take(raws)
        assert 300 == await shop.inbox.drain()
        for n in range(3):
            assert [f"{m:03}" for m in range(300) if m % 3 == n] == shop.texts(f"b{n}")

    @on_both
    async def test_a_crash_between_taking_and_handling_loses_nothing(self, shop: ListeningShop) -> None:
        """What one process took another handles, and only what is left."""
        await shop.inbox.take([shop.raw("1"), shop.raw("2")])
        await shop.inbox.drain()
        await shop.inbox.take([shop.raw("3"), shop.raw("4")])
        again = shop.an_inbox()
        assert 2 == await again.drain()
        assert [f"text {n}" for n in range(1, 5)] == shop.texts()

    @on_both
    async def test_what_means_nothing_is_put_aside(self, shop: ListeningShop) -> None:
        """It is kept with its bytes and its error, a person is told once, and the rest is handled."""
        garbage = [Raw(NAME, f"bad{n}", b"\x00\xffnot json", NOON) for n in range(3)]
        await shop.inbox.take([shop.raw("1"), *garbage, shop.raw("2")])
        assert 5 == await shop.inbox.drain()
        asides = [row for row in shop.rows(Raw) if row.state.value == "put_aside"]
        assert [b"\x00\xffnot json"] * 3 == [row.body for row in asides]
        assert asides[0].error.startswith("Unparseable: ")
        assert ["text 1", "text 2"] == shop.texts()
        (task,) = [task for task in shop.tasks() if task.reason == "put_aside"]
        assert ("s", "s/fake", True) == (task.shop, task.thread, "fake" in task.text)

    @on_both
    async def test_a_handler_that_breaks_stops_nobody(self, shop: ListeningShop) -> None:
        """Its message is put aside, nothing of it is kept, and a person gets the buyer's words to answer."""
        shop.breaks["text 2"] = RuntimeError("cannot understand")
        await shop.inbox.take([shop.raw("1"), shop.raw("2"), shop.raw("3")])
        await shop.inbox.drain()
        assert {"1": "handled", "2": "put_aside", "3": "handled"} == shop.raws()
        assert ["text 1", "text 3"] == shop.texts()
        (task,) = [task for task in shop.tasks() if task.reason == "put_aside"]
        assert ("s/fake/b1", True) == (task.thread, "text 2" in task.text)

    async def test_of_several_events_all_or_none(self, shop: ListeningShop) -> None:
        """An event that means two things is undone whole when the second cannot be handled."""
        shop.breaks["bad"] = RuntimeError("cannot understand")
        second = await shop.receiver.parse(shop.raw("1b", "bad"))
        shop.receiver.also["1"] = list(second)
        await shop.inbox.take([shop.raw("1"), shop.raw("2")])
        await shop.inbox.drain()
        assert ({"1": "put_aside", "2": "handled"}, ["text 2"]) == (shop.raws(), shop.texts())

    async def test_a_shop_that_is_not_configured(self, shop: ListeningShop) -> None:
        """A message for it is put aside, with the reason."""
        await shop.inbox.take([shop.raw("1", shop="closed"), shop.raw("2")])
        await shop.inbox.drain()
        assert {"1": "put_aside", "2": "handled"} == shop.raws()
        assert "UnknownShop: shop 'closed' is not in the configuration" == shop.rows(Raw)[0].error

    async def test_what_does_not_concern_us_is_handled(self, shop: ListeningShop) -> None:
        """An event of which nothing follows waits for nothing."""
        await shop.inbox.take([Raw(NAME, "1", b"{}", NOON)])
        await shop.inbox.drain()
        assert {"1": "handled"} == shop.raws()

    @on_both
    async def test_an_address_that_no_index_takes(self, shop: ListeningShop) -> None:
        """Whoever sends it does not stop the rest."""
        await shop.inbox.take([shop.raw("1", chat="x" * 100_000), shop.raw("2")])
        await shop.inbox.drain()
        assert {"1": "put_aside", "2": "handled"} == shop.raws()

    async def test_a_trouble_of_the_database_puts_nothing_aside(self, shop: ListeningShop) -> None:
        """When it cannot be written to, the events wait."""
        await shop.inbox.take([shop.raw("1"), shop.raw("2")])
        with shop.store.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE inbox RENAME TO away")
        with pytest.raises(Exception, match="no such table"):
            await shop.inbox.drain()
        with shop.store.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO inbox")
        assert {"1": "waiting", "2": "waiting"} == shop.raws()
        await shop.inbox.drain()
        assert ["text 1", "text 2"] == shop.texts()

    @on_both
    async def test_what_the_database_does_not_take_is_not_overtaken(self, shop: ListeningShop) -> None:
        """What a buyer said after it waits with it; other buyers are served."""
        shop.breaks["text 1"] = OperationalError("INSERT", {}, Exception("database is locked"))
        await shop.inbox.take([shop.raw("1"), shop.raw("2"), shop.raw("3", chat="b2")])
        with pytest.raises(OperationalError):
            await shop.inbox.drain()
        assert {"1": "waiting", "2": "waiting", "3": "handled"} == shop.raws()
        shop.breaks.clear()
        await shop.inbox.drain()
        assert ["text 1", "text 2"] == shop.texts()

    @on_both
    @pytest.mark.parametrize(("text", "kept"), [("a\0b", "a\ufffdb"), ("a\\ud800b", "a\ufffdb")], ids=["zero", "half"])
    async def test_signs_that_no_database_keeps(self, shop: ListeningShop, text: str, kept: str) -> None:
        """A zero byte and half of a pair are replaced, and the message is handled."""
        body = shop.raw("1", "here").body.replace(b"here", text.replace("\0", "\\u0000").encode())
        shop.receiver.parse = _with_python_json(shop)  # type: ignore[method-assign]
        await shop.inbox.take([Raw(NAME, "1", body, NOON)])
        await shop.inbox.drain()
        assert [kept] == shop.texts()

    async def test_a_very_long_text_is_cut(self, shop: ListeningShop) -> None:
        """Its beginning is handled, with a mark; the whole is in the raw event."""
        await shop.inbox.take([shop.raw("1", "长" * 120_000)])
        await shop.inbox.drain()
        (text,) = shop.texts()
        assert ("长" * 19_000, 20_000, " […]") == (text[:19_000], len(text), text[-4:])
        assert shop.rows(Raw)[0].body.count("长".encode()) == 120_000

    async def test_a_message_taken_back_is_noted(self, shop: ListeningShop) -> None:
        """Agents see what it was; nothing is said about it."""
        shop.receiver.also["2"] = [MessageRecalled("s", NAME, "b1", "2r", NOON, recalled="1")]
        await shop.inbox.take([shop.raw("1", "my secret"), shop.raw("2", "sorry")])
        await shop.inbox.drain()
        assert ["took back: my secret"] == [note.text for note in notes(shop, "s/fake/b1") if "back" in note.text]


def _with_python_json(shop: ListeningShop) -> Any:
    """Parse as Python does, which lets halves of pairs through."""
    import json
    from dataclasses import replace

    parse = type(shop.receiver).parse

    async def loose(raw: Raw) -> Any:
        text = json.loads(raw.body)["text"]
        (message,) = await parse(shop.receiver, shop.raw(raw.external_id))
        return [replace(message, text=text)]  # type: ignore[type-var]

    return loose


class TestNotYet:
    @on_both
    async def test_all_after_it_wait_with_it(self, shop: ListeningShop) -> None:
        """While the service cannot tell what an event means nothing overtakes it; then all go in order."""
        shop.receiver.trouble["2"] = [NotYet("away"), NotYet("away")]
        await shop.inbox.take([shop.raw(str(n)) for n in range(1, 5)])
        assert (1, ["text 1"]) == (await shop.inbox.drain(), shop.texts())
        assert 0 == await shop.inbox.drain()
        shop.clock.move(SECOND)
        assert 0 == await shop.inbox.drain()
        shop.clock.move(SECOND)
        assert 0 == await shop.inbox.drain()
        shop.clock.move(SECOND)
        assert 3 == await shop.inbox.drain()
        assert [f"text {n}" for n in range(1, 5)] == shop.texts()

    async def test_no_answer_is_not_yet(self, shop: ListeningShop) -> None:
        """A service that hangs is asked again."""
        hang = asyncio.Event()

        async def parse(raw: Raw) -> Any:
            await hang.wait()
            return await type(shop.receiver).parse(shop.receiver, raw)

        shop.receiver.parse = parse  # type: ignore[method-assign]
        inbox = shop.an_inbox(patience=0.01)
        await inbox.take([shop.raw("1")])
        await inbox.drain()
        assert ({"1": "waiting"}, "NotYet: no answer") == (shop.raws(), shop.rows(Raw)[0].error)
        hang.set()
        shop.clock.move(SECOND)
        await inbox.drain()
        assert {"1": "handled"} == shop.raws()

    async def test_one_that_never_can_does_not_wait_for_ever(self, shop: ListeningShop) -> None:
        """While others succeed it is put aside after ten minutes; as long as none does all wait."""
        shop.receiver.trouble["1"] = [NotYet("away")] * 99
        shop.receiver.trouble["2"] = [NotYet("away")] * (len(PAUSES) + 5)
        await shop.inbox.take([shop.raw("1"), shop.raw("2")])
        for _ in range(len(PAUSES) + 5):
            await shop.inbox.drain()
            assert {"1": "waiting", "2": "waiting"} == shop.raws()
            shop.clock.move(MINUTE)
        await shop.inbox.drain()
        assert {"1": "put_aside", "2": "handled"} == shop.raws()

    @on_both
    async def test_a_handler_that_must_wait_holds_up_nobody(self, shop: ListeningShop) -> None:
        """An event whose handler says so is tried again by itself, then put aside."""
        shop.breaks["text 1"] = NotYet("the message is not recorded yet")
        await shop.inbox.take([shop.raw("1"), shop.raw("2")])
        await shop.inbox.drain()
        assert {"1": "waiting", "2": "handled"} == shop.raws()
        began = shop.clock.now()
        while shop.raws()["1"] == "waiting":
            shop.clock.move(SECOND)
            await shop.inbox.drain()
            assert shop.clock.now() - began <= 11 * MINUTE
        assert 8 * MINUTE < shop.clock.now() - began
        assert {"1": "put_aside", "2": "handled"} == shop.raws()


class TestListen:
    def engine(self, shop: ListeningShop) -> Embedded:
        """The engine of a shop that hears and answers through its receiver, in real time."""
        return Embedded(shop.store, shop.deps, shop.clock, [shop.an_outbox()], inboxes=[shop.inbox], look=3600)

    @on_both
    async def test_what_a_buyer_says_is_answered(self, shop: ListeningShop) -> None:
        """Heard, handled, answered, without waiting for a look an hour away; and the end closes the receiver."""
        shop.clock = SystemClock()  # type: ignore[assignment]
        shop.channel, shop.inbox = shop.receiver, shop.an_inbox()
        engine = self.engine(shop)
        await engine.start()
        for n in range(5):
            shop.receiver.said.put_nowait([shop.raw(str(n), chat=f"b{n}")])
            await until(lambda n=n: len(shop.receiver.calls) > n)  # type: ignore[misc]
        await engine.stop()
        assert (5, True) == (len(shop.receiver.calls), shop.receiver.closed)

    async def test_a_start_handles_what_waits_before_it_reminds(self, shop: ListeningShop) -> None:
        """Who said stop before the crash is not reminded after it."""
        seen: list[str] = []
        await shop.inbox.take([shop.raw("1")])
        shop.waiting("m")
        shop.channel.answers["m"] = [_remembering(shop, seen)]
        engine = self.engine(shop)
        await engine.start()
        await until(lambda: seen)
        await engine.stop()
        assert ["text 1"] == seen

    async def test_a_receiver_that_ends_is_begun_anew(self, shop: ListeningShop) -> None:
        """Whether it raises or just returns, after a pause that grows it listens again, and meanwhile it is down."""
        shop.receiver.ends = [RuntimeError("bug"), None]
        listening = asyncio.create_task(shop.inbox.listen())
        await until(lambda: shop.receiver.began == 1 and shop.rows_of_state())
        assert ("down", "RuntimeError") == (shop.state().health.value, shop.state().detail)
        shop.clock.move(SECOND)
        await until(lambda: shop.receiver.began == 2)
        await asyncio.sleep(0.05)
        shop.clock.move(SECOND)
        await asyncio.sleep(0.05)
        assert 2 == shop.receiver.began
        shop.clock.move(SECOND)
        await until(lambda: shop.receiver.began == 3)
        shop.receiver.said.put_nowait([shop.raw("1")])
        await until(lambda: shop.texts() == ["text 1"])
        listening.cancel()

    async def test_a_database_that_comes_and_goes_is_waited_for_shortly(self, shop: ListeningShop) -> None:
        """However often it went, once it is back what buyers said meanwhile is heard within seconds."""
        gone = OperationalError("", None, psycopg.OperationalError("the connection is lost"))
        shop.receiver.ends = [gone] * 8
        listening = asyncio.ensure_future(shop.inbox.listen())
        for times in range(1, 9):
            await until(lambda times=times: shop.receiver.began == times and shop.rows_of_state())  # type: ignore[misc]
            await asyncio.sleep(0)
            shop.clock.move(timedelta(seconds=4))
        await until(lambda: shop.receiver.began == 9)
        listening.cancel()

    async def test_it_sleeps_where_nothing_waits(self, shop: ListeningShop) -> None:
        """Also after a trouble that is over: it looks again at the next look, not without pause."""
        drained = 0
        drain = shop.inbox.drain

        async def counted() -> int:
            nonlocal drained
            drained += 1
            if drained == 1:
                raise OSError("disk full")
            return await drain()

        shop.inbox.drain = counted  # type: ignore[method-assign]
        listening = asyncio.create_task(shop.inbox.listen())
        await until(lambda: len(shop.clock._sleepers) == 1)
        shop.clock.move(SECOND)
        await until(lambda: drained == 2)
        await asyncio.sleep(0.05)
        assert 2 == drained
        listening.cancel()

    async def test_what_another_process_gave_back_is_found(self, shop: ListeningShop) -> None:
        """`huifang channels retry` is seen at the next look."""
        await shop.inbox.take([shop.raw("1")])
        listening = asyncio.create_task(shop.inbox.listen())
        shop.receiver.trouble["1"] = [Unparseable("odd")]
        await until(lambda: shop.raws() == {"1": "put_aside"})
        number = await shop.store.transact(lambda _tx: _asides(shop)[0].number)
        assert await shop.store.transact(lambda tx: raw_rows.try_again(_sql(tx), number))
        await until(lambda: len(shop.clock._sleepers) > 0)
        shop.clock.move(6 * SECOND)
        await until(lambda: shop.texts() == ["text 1"])
        listening.cancel()


class TestRows:
    @on_both
    async def test_old_bodies_are_emptied(self, shop: ListeningShop) -> None:
        """Of what was handled; the ids stay, so that a repeat is still known, and what was put aside stays whole."""
        await shop.inbox.take([shop.raw("1"), Raw(NAME, "2", b"garbage", NOON)])
        await shop.inbox.drain()
        shop.clock.move(6 * DAY)
        await shop.inbox.take([shop.raw("3")])
        await shop.inbox.drain()
        shop.clock.move(2 * DAY)
        await raw_rows.forget_bodies(shop.store, shop.clock.now())
        assert {"1": b"", "2": b"garbage"} == {row.external_id: row.body for row in shop.rows(Raw)[:2]}
        assert shop.rows(Raw)[2].body
        await shop.inbox.take([shop.raw("1")])
        assert 0 == await shop.inbox.drain()

    @on_both
    async def test_what_is_not_handled_is_counted(self, shop: ListeningShop) -> None:
        """For each channel: how many wait, how many were put aside."""
        await shop.inbox.take([Raw(NAME, "2", b"garbage", NOON)])
        await shop.inbox.drain()
        await shop.inbox.take([shop.raw("1"), shop.raw("3")])
        with shop.store.engine.connect() as connection:
            assert {NAME: (2, 1)} == raw_rows.unhandled(connection)


def _asides(shop: ListeningShop) -> list[raw_rows.Aside]:
    with shop.store.engine.connect() as connection:
        return raw_rows.asides(connection, 9)


def _sql(tx: Any) -> SqlTx:
    assert isinstance(tx, SqlTx)
    return tx


def _remembering(shop: ListeningShop, seen: list[str]) -> Any:
    async def answer(message: Any) -> Any:
        seen.extend(shop.texts())
        return shop.receiver.accepted(message)

    return answer
