"""What windows show: everything once and in order, over reloads, reconnects, restarts and several windows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import delete, update

from bot.channels.webchat.channel import Webchat
from bot.channels.webchat.message import id_of
from bot.evidence.files import EvidenceFolder
from bot.web_chats import buyers_files
from followup.events import AgentSpoke
from followup.model import Choice, Cursor, Outgoing, OutgoingState, Raw, RawState, Role
from handlers.agent_says import agent_says
from handlers.agent_says import wanted as says_wanted
from scheduler.erasing import erase_buyer
from store import schema
from store.sql_tx import SqlTx
from store.tx import Tx
from store.wanted import Wanted
from tests.bot.channels.live import until
from tests.bot.channels.webchat.served import ChatShop, a_key, address
from tests.peers.webchat_browser import Browser


def ours(shop: ChatShop, window: Browser, number: int, **more: Any) -> Outgoing:
    """Words for the buyer of a window, due at once."""
    chat = shop.chat(window.address)
    assert chat
    now = shop.clock.now()
    of = (f"tea/test/{number}", "tea", chat.buyer, chat.id, "chat", window.address, chat.id, "says", Role.REPLY)
    return replace(Outgoing(*of, "en", f"word {number}", OutgoingState.DUE, now, now), **more)


async def say(shop: ChatShop, *messages: Outgoing) -> None:
    """Put them into the outbox, as an answer would be."""

    def save(tx: Tx) -> None:
        for message in messages:
            tx.save(message)

    await shop.app.store.transact(save, Wanted(outgoing=tuple(message.id for message in messages)))


async def answered(window: Browser, text: str = "你好") -> None:
    """The buyer has written, and was answered."""
    await window.said(text)
    await window.until(lambda: window.shop_said() != [])


async def test_a_say_is_kept_only_once_it_is_committed(shop: ChatShop) -> None:
    """What is told to be kept stands in the database at that moment; before the commit nothing is told."""
    window = await shop.window()
    inbox, gate = shop.app.inboxes[0], asyncio.Event()
    take = inbox.take

    async def held(raws: Sequence[Raw], cursor: Cursor | None = None) -> None:
        await gate.wait()
        await take(raws, cursor)

    inbox.take = held  # type: ignore[method-assign]
    id_ = window.says("hello?")
    await until(lambda: bool(gate._waiters))  # type: ignore[attr-defined]
    assert id_ in window.unkept
    assert [] == shop.raws()
    gate.set()
    await window.until(lambda: id_ not in window.unkept)
    assert [f"{window.address}.{id_}"] == [raw.external_id for raw in shop.raws()]


async def test_the_same_say_again_is_kept_again_and_handled_once(shop: ChatShop) -> None:
    """However often, also by another window and after a restart."""
    window = await shop.window()
    id_ = window.says("one")
    frame = window.unkept[id_]
    await window.until(lambda: id_ not in window.unkept)
    for _ in range(3):
        await window.repeat(frame)
    await window.sync()
    await shop.stop()
    await shop.start()
    await window.until(lambda: window.socket is not None)
    await window.repeat(frame)
    await window.sync()
    await window.said("two")
    await until(lambda: shop.said() == 2)
    assert ["one", "two"] == shop.said_by(window.address)
    kept = [each for each in window.frames if each["type"] == "kept" and each["id"] == id_]
    first = next(row for row in shop.raws() if row.external_id == f"{window.address}.{id_}").at
    assert (5, {first.isoformat(timespec="milliseconds")}) == (
        len(kept),
        {each["at"].replace("Z", "+00:00") for each in kept[:4]},
    )


async def test_a_reload_finds_the_conversation(shop: ChatShop) -> None:
    """Another window with the same key shows both sides, in order, with the buyer's own ids; another key nothing."""
    key = a_key()
    window = await shop.window(key)
    first = await window.said("你好")
    await window.until(lambda: len(window.shop_said()) == 1)
    second = await window.said("还有一个问题")
    await until(lambda: shop.said() == 2)
    reloaded, stranger = await shop.window(key), await shop.window()
    shown = list(reloaded.messages.values())
    assert [first, "shop", second] == [each["id"] if each["from"] == "buyer" else "shop" for each in shown][:3]
    assert {} == stranger.messages


async def test_windows_of_one_chat_show_the_same(shop: ChatShop) -> None:
    """What one says the other shows; the answer is in both, once; nobody else's shows anything."""
    key = a_key()
    one, other, stranger = await shop.window(key), await shop.window(key), await shop.window()
    said = await one.said("hello")
    await other.until(lambda: said in other.messages and other.shop_said() != [])
    await one.until(lambda: one.shop_said() != [])
    await stranger.sync()
    assert one.shop_said() == other.shop_said()
    assert said not in [each.get("id") for each in one.frames if each["type"] == "message"], "it knows already"
    assert ([], [], {}) == (one.doubled, other.doubled, stranger.messages)


async def test_nothing_is_lost_or_doubled_while_windows_come_and_go(shop: ChatShop) -> None:
    """A hundred messages are sent while windows open, break and come back: each shows each of them once, in order."""
    key = a_key()
    first = await shop.window(key)
    await answered(first)
    before = len(first.shop_said())
    told = [f"word {number}" for number in range(100)]
    windows: list[Browser] = []
    for number in range(100):
        await say(shop, ours(shop, first, number))
        if number % 30 == 10 and number < 80:
            windows.append(await shop.window(key))
        if number % 20 == 5 and first.socket is not None:
            await first.socket.close()
    for window in [first, *windows]:
        await window.until(lambda window=window: len(window.shop_said()) == before + 100)  # type: ignore[misc]
        assert told == window.shop_said()[before:]
        assert [] == window.doubled
    await first.close()
    assert told == (await shop.window(key)).shop_said()[before:]


async def test_an_unknown_cursor_brings_everything(shop: ChatShop) -> None:
    """After a restart of the program the window is told what it may have missed, and shows nothing twice."""
    window = await shop.window()
    await answered(window)
    shown = list(window.messages)
    await shop.stop()
    await shop.start()
    await window.until(lambda: window.socket is not None)
    await say(shop, ours(shop, window, 1))
    await window.until(lambda: "word 1" in window.shop_said())
    assert shown == list(window.messages)[: len(shown)]


async def test_what_waits_to_be_handled_is_shown_all_the_same(shop: ChatShop) -> None:
    """A message that was kept and then broke its handler is in the window after a reload."""
    key = a_key()
    window = await shop.window(key)
    await window.said("first")
    await until(lambda: shop.said() == 1)
    id_ = await window.said("second")
    await until(lambda: shop.said() == 2)

    def undo(tx: Tx) -> None:
        assert isinstance(tx, SqlTx)
        ours_ = schema.raw_events.c.external_id == f"{address(key)}.{id_}"
        tx.connection.execute(update(schema.raw_events).where(ours_).values(state=RawState.PUT_ASIDE.value))
        tx.connection.execute(delete(schema.inbox).where(schema.inbox.c.external_id == f"{address(key)}.{id_}"))

    await shop.stop()
    shop.wire()
    await shop.app.store.transact(undo, Wanted(alone=True))
    shop.app.close()
    await shop.start()
    reloaded = await shop.window(key)
    assert ["first", "second"] == [each["text"] for each in reloaded.messages.values() if each["from"] == "buyer"]


async def test_edits_reach_open_windows_and_those_that_were_away(shop: ChatShop) -> None:
    """An agent corrects what he wrote: the words change where they stand, at once and after a reconnect or reload."""
    key = a_key()
    window = await shop.window(key)
    await answered(window)
    first = ours(shop, window, 1)
    await say(shop, first)
    await window.until(lambda: "word 1" in window.shop_said())
    await say(shop, replace(ours(shop, window, 2), edits=first.id, text="better words"))
    await window.until(lambda: "better words" in window.shop_said())
    assert "word 1" not in window.shop_said()
    running = list(window.messages)
    await until(lambda: all(row.state is OutgoingState.SENT for row in shop.outgoing()))
    await shop.stop()
    await shop.start()
    await window.until(lambda: window.socket is not None)
    assert "better words" in (await shop.window(key)).shop_said()
    assert running == list(window.messages)


async def test_a_tap_on_a_changed_message(shop: ChatShop) -> None:
    """The new buttons can be tapped, and the new words stay, in every window."""
    key, new = a_key(), (Choice("green", "Green tea"),)
    window, other = await shop.window(key), await shop.window(key)
    await answered(window)
    first = ours(shop, window, 1, choices=(Choice("black", "Black tea"),))
    await say(shop, first)
    await say(shop, replace(ours(shop, window, 2), edits=first.id, text="better words", choices=new))
    await other.until(lambda: "better words" in other.shop_said())
    tapped = await window.said("", choice="green", answers=id_of(first.id))
    await other.until(lambda: tapped in other.messages)
    await other.sync()
    assert "Green tea" == other.messages[tapped]["text"]
    shown = other.messages[id_of(first.id)]
    assert ("better words", []) == (shown["text"], shown["choices"])


async def test_a_buyer_who_was_erased_by_another_program(shop: ChatShop) -> None:
    """His chat is empty when it is opened again, also while we remember what was said there; what he says then is
    shown."""
    key = a_key()
    window = await shop.window(key)
    await answered(window, "my leaking cup")
    await until(lambda: all(row.state is OutgoingState.SENT for row in shop.outgoing()))
    await window.close()
    chat = shop.chat(window.address)
    assert chat
    now, files = shop.clock.now(), buyers_files(shop.config, EvidenceFolder(shop.config.evidence.folder, 10**6, 10))
    await asyncio.to_thread(erase_buyer, "tea", chat.buyer, "chen", shop.app.store, shop.app.deps, now, files)
    opened = await shop.window(key)
    assert {} == opened.messages
    said = await opened.said("hello again")
    assert said in (await shop.window(key)).messages


async def test_an_agent_speaks_and_the_buyer_sees_it(shop: ChatShop) -> None:
    """What a person of the shop writes to a chat is in its window, with the file that goes with it."""
    window = await shop.window()
    await answered(window)
    now, chat = shop.clock.now(), shop.chat(window.address)
    assert chat
    event = AgentSpoke("li", now, "Let me look into it.", chat=chat.id)
    await shop.app.store.transact(lambda tx: agent_says(event, tx, shop.app.deps), says_wanted(event))
    await window.until(lambda: "Let me look into it." in window.shop_said())


async def test_a_hundred_at_once(shop: ChatShop) -> None:
    """Twenty-five windows speak at once, and each is answered in its own chat only."""
    windows = [await shop.window() for _ in range(25)]
    await asyncio.gather(*(window.said(f"hello from {n}") for n, window in enumerate(windows)))
    for window in windows:
        await window.until(lambda window=window: len(window.shop_said()) >= 1)  # type: ignore[misc]
    assert [[f"hello from {n}"] for n in range(25)] == [shop.said_by(window.address) for window in windows]


async def test_it_stops_within_three_seconds_with_windows_open(shop: ChatShop) -> None:
    """Open sockets and waiting polls do not hold the program up, and are told to come back."""
    windows = [await shop.window() for _ in range(10)]
    keys = [a_key() for _ in range(5)]
    cursors = [(await shop.polled(key, hello(key)))[0]["cursor"] for key in keys]
    polls = [asyncio.ensure_future(shop.polled(key, after=at)) for key, at in zip(keys, cursors, strict=True)]
    await until(lambda: sum(len(room._waiting) for room in shop.account.rooms._rooms.values()) == 5)
    began = time.monotonic()
    await shop.app.engine.stop()
    assert time.monotonic() - began < 3
    assert [[]] * 5 == await asyncio.gather(*polls)
    shop.app.close()
    await shop.start()
    for window in windows:
        await window.until(lambda window=window: window.socket is not None)  # type: ignore[misc]


def hello(key: str, **more: str) -> dict[str, str]:
    """The frame that opens a conversation."""
    return {"type": "hello", "key": key, "token": "", "lang": "en", "after": "", **more}


async def test_a_second_start_knows_nothing_of_the_first(shop: ChatShop) -> None:
    """A worker that leads again has not seen what another one told meanwhile: who asks for what is new since then is
    shown the whole conversation, from the database."""
    rooms, channel = shop.account.rooms, cast(Webchat, shop.receiver)
    cursor = rooms.at("w-1").cursor
    await channel.stop()
    await channel.start()
    assert rooms.at("w-1").since(cursor) is None
