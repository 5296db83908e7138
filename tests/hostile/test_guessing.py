"""Whoever guesses at an order from many chats and addresses at once gets no more guesses than the order has."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import httpx
import orjson
import pytest

from followup.events import OrderChanged, chat_id
from followup.linking import CHATS_AN_ORDER
from followup.model import Chat, Tries
from handlers.order_changed import order_changed, wanted
from store.wanted import Wanted
from tests.bot.channels.test_telegram_parse import a_message
from tests.bot.channels.webchat.served import a_key
from tests.bot.tea import an_order
from tests.hostile.door import SECRET, TELEGRAM, Door
from tests.hostile.test_signatures import HEADER

THERE, NOWHERE, TAIL = "20260301001", "20260301999", "1234"


@pytest.fixture
async def either(tmp_path: Path, database_url: str) -> AsyncIterator[Door]:
    """On each database, with an order whose buyer gave a telephone number."""
    door = await Door(tmp_path, database_url).start()
    changed = OrderChanged(an_order(1, id=THERE, phone_tail=TAIL))
    await door.store.transact(
        lambda tx: order_changed(changed, tx, door.app.deps, door.clock.now()), Wanted.all_of([wanted(changed)])
    )
    yield door
    await door.stop()


async def on_telegram(client: httpx.AsyncClient, sender: int, text: str) -> None:
    """Somebody writes from an account of his own."""
    who = {"id": sender, "is_bot": False, "first_name": "X"}
    message = a_message(text=text, **{"from": who, "chat": {"id": sender, "type": "private"}, "message_id": sender})
    update = orjson.dumps({"update_id": sender, "message": message})
    assert 200 == (await client.post(TELEGRAM, content=update, headers={HEADER: SECRET})).status_code


async def on_the_web(client: httpx.AsyncClient, sender: int, text: str) -> None:
    """Somebody writes from a browser that was never here."""
    frame = {"type": "say", "id": f"guess-{sender:08}", "text": text}
    headers = {"authorization": f"Bearer {a_key()}"}
    answer = await client.post("/chat/poll", json={"after": "", "frames": [frame]}, headers=headers)
    assert 200 == answer.status_code
    assert "refused" not in {each["type"] for each in answer.json()["frames"]}


async def guess(door: Door, order: str, first: int, tails: Iterable[str]) -> None:
    """Each from a chat of its own, by turns of either kind, all at once; then they are handled."""
    async with httpx.AsyncClient(base_url=door.url, timeout=60) as client:
        ways = (on_telegram, on_the_web)
        said = [ways[at % 2](client, at, f"order {order} {tail}") for at, tail in enumerate(tails, first)]
        await asyncio.gather(*said)
    await asyncio.gather(*(inbox.drain() for inbox in door.app.inboxes))


def told(door: Door) -> Counter[str]:
    """What was answered so far."""
    with door.store.engine.connect() as connection:
        return Counter(connection.exec_driver_sql("SELECT step FROM outbox WHERE step LIKE 'link.%%'").scalars())


async def test_twenty_guesses_are_all_there_are(either: Door) -> None:
    """Though they come at once, from twenty chats of two channels: the right digits, in one more chat, open nothing.
    Whether there is such an order cannot be told from the answers."""
    most = either.app.deps.policy("tea").link_tries * CHATS_AN_ORDER
    answers = {}
    for at, order in enumerate((THERE, NOWHERE), 1):
        before = told(either)
        await guess(either, order, at * 1000, ["0000"] * most)
        await guess(either, order, at * 2000 + 500, [TAIL])
        answers[order] = told(either) - before
    assert answers[THERE] == answers[NOWHERE] == Counter({"link.wrong": most, "link.closed": 1})
    chat = either.store.run(lambda tx: tx.get(Chat, at_telegram()), Wanted(chats=(at_telegram(),)))
    assert chat is not None
    assert chat.linked_at is None
    counted = either.store.run(
        lambda tx: tx.get(Tries, "tea", f"order/{THERE}"), Wanted(tries=(("tea", f"order/{THERE}"),))
    )
    assert counted is not None
    assert most < counted.count


def at_telegram() -> str:
    """The chat in which the right digits were said."""
    return chat_id("tea", "tg", "2500")


async def test_the_right_digits_open_before_that(either: Door) -> None:
    """Or nothing of the above would mean anything."""
    await guess(either, THERE, 3000, ["0000"] * 19)
    await guess(either, THERE, 2500, [TAIL])
    chat = either.store.run(lambda tx: tx.get(Chat, at_telegram()), Wanted(chats=(at_telegram(),)))
    assert chat is not None
    assert chat.linked_at == either.clock.now()
