"""A day at the desk over real HTTP: two agents, their supervisor and a stranger in the group, three buyers at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import App, bootstrap
from bot.config import Config, Database, Evidence, Orders, Reports
from bot.config_channels import TelegramOptions
from bot.config_people import Agents, PersonOptions
from bot.config_shop import CompensationOptions, ShiftOptions, Shop
from followup.after_sales.model import Branch, Grant, GrantState, Loss, Remedy
from followup.events import CaseMoved, CompensationAsked, Move, OrderChanged, chat_id
from followup.model import Chat, Money, Note, Outgoing, OutgoingState, Status, Task, TaskState, Thread
from handlers import case_moved, compensating, order_changed
from scheduler.alerting import Alerting
from scheduler.clock import SystemClock
from store import schema, views
from store.audit import audit
from store.tables import KEPT
from tests.bot.channels.live import ALL_DAY, an_order
from tests.bot.channels.live import until as until_true
from tests.peers.telegram import TOKEN, TelegramPeer
from tests.peers.telegram_agents import GROUP, Agent, AgentsGroup

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
DAY_AND_NIGHT = ShiftOptions(opens="00:00", closes="00:00")  # type: ignore[arg-type]
PEOPLE = {
    "li": PersonOptions(name="Li", telegram=901),
    "chen": PersonOptions(name="Chen", telegram=902),
    "wang": PersonOptions(name="Wang", rank="supervisor", telegram=903),
}


class AheadClock(SystemClock):
    """The machine's clock, put forward: the group's pauses between messages need not be waited for."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self._ahead

    def move(self, by: timedelta) -> None:
        """Put it forward."""
        self._ahead += by


class Desk:
    """Shop `tea`, its group, and everybody in it; `li`, `chen` and `wang` are listed, `eve` is not."""

    def __init__(self, app: App, peer: TelegramPeer, group: AgentsGroup, clock: AheadClock) -> None:
        self.app, self.peer, self.group, self.clock = app, peer, group, clock
        self.li, self.chen, self.wang = group.agent(901, "Li"), group.agent(902, "Chen"), group.agent(903, "Wang")
        self.eve = group.agent(999, "Eve")
        self._alerting = Alerting(app.store, app.deps, clock)

    async def until(self, true: Callable[[], bool] | Callable[[], Awaitable[bool]]) -> None:
        """Let time pass, a second at a time, until something is true."""

        async def passing() -> bool:
            await self._alerting.run()
            await self.app.engine.pump()
            found = true()
            is_true = found if isinstance(found, bool) else await found
            self.clock.move(timedelta() if is_true else SECOND)
            return is_true

        await until_true(passing)

    async def later(self, by: timedelta) -> None:
        """So much later, with all that is sent on the way."""
        then = self.clock.now() + by
        await self.until(lambda: self.clock.now() >= then)

    async def orders(self, number: int, **more: Any) -> str:
        """The buyer of that number writes for the first time, and the shop learns of his order; returns its id."""
        address = self.peer.buyer(number)
        await self.peer.says(address, "hi")
        await self.until(lambda: any(chat.address == address for chat in self.rows(Chat, schema.chats)))
        now = self.clock.now()
        order = an_order(now - 30 * MINUTE, number, buyer=chat_id("tea", "telegram", address), **more)
        event = OrderChanged(replace(order, observed_at=now))
        work = lambda tx: order_changed.order_changed(event, tx, self.app.deps, now)  # noqa: E731
        self.app.store.run(work, order_changed.wanted(event))
        return order.id

    async def topic(self, part: str) -> str:
        """The number of the topic that is named so, once it is there."""

        async def there() -> bool:
            return any(part in topic["name"] for topic in (await self.group.topics()).values())

        await self.until(there)
        return await self.group.topic(part)

    async def shown(self, topic: str, words: str) -> None:
        """Something is said in a topic."""
        await self.until(lambda: any(words in text for text in self.group.heard(topic)))

    async def read(self, number: int, words: str) -> None:
        """A buyer reads something."""

        async def has() -> bool:
            return any(words in text for text in await self.peer.heard(self.peer.buyer(number)))

        await self.until(has)

    def card(self, topic: str) -> dict[str, Any]:
        """The last message in a topic that has buttons."""
        return [call for call in self.group.sent(topic) if "reply_markup" in call][-1]

    def rows(self, cls: type, table: Any) -> list[Any]:
        """All rows of a table."""
        with self.app.store.engine.connect() as connection:
            return [KEPT[cls].codec.decode(row) for row in connection.execute(select(table))]

    def thread(self, order: str) -> Thread:
        """The thread of an order."""
        (thread,) = [each for each in self.rows(Thread, schema.threads) if each.order_id == order]
        return thread

    def notes(self, thread: str) -> list[Note]:
        """Who noted what."""
        with self.app.store.engine.connect() as connection:
            return views.notes_of(connection, thread)

    def sent(self) -> list[Outgoing]:
        """All that went."""
        return [row for row in self.rows(Outgoing, schema.outbox) if row.state is OutgoingState.SENT]

    def open_tasks(self) -> list[Task]:
        """What is still to be done."""
        return [task for task in self.rows(Task, schema.tasks) if task.state is TaskState.OPEN]


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """The whole program runs."""
    monkeypatch.setenv("HUIFANG_CHANNELS_TELEGRAM_TOKEN", TOKEN)
    peer, clock = TelegramPeer(tmp_path / "peer"), AheadClock()
    await peer.start()
    group = AgentsGroup(peer)
    await group.open()
    shop = Shop(
        platform="independent",
        channel="telegram",
        lang="en",
        quiet_hours=ALL_DAY,
        shifts={"all": DAY_AND_NIGHT},
        compensation=CompensationOptions(own_limit=Decimal(1)),
    )
    config = Config(
        database=Database(url=f"sqlite:///{tmp_path}/shop.db"),
        orders=Orders(folder=tmp_path / "orders"),
        evidence=Evidence(folder=tmp_path / "evidence"),
        reports=Reports(folder=tmp_path / "reports"),
        agents=Agents(lang="en", people=PEOPLE),
        shops={"tea": shop},
        channels={"telegram": TelegramOptions(type="telegram", api_url=peer.url, agents_group=GROUP)},
    )
    app = bootstrap(config, clock=clock)
    await app.engine.start()
    yield Desk(app, peer, group, clock)
    await app.engine.stop()
    app.close()
    await peer.stop()


async def test_a_day_at_the_desk(desk: Desk) -> None:
    """Alerts come, one is taken; buyers are answered in words, changes and photos; a compensation is refused, a topic
    lost and made anew. Strangers and buyers command nothing, and nobody reads what was meant for somebody else."""
    peer, group, li, chen, wang = desk.peer, desk.group, desk.li, desk.chen, desk.wang
    one, two = await desk.orders(1), await desk.orders(2)
    three = await desk.orders(3, status=Status.SIGNED, paid_at=desk.clock.now(), shipped_at=desk.clock.now())
    await peer.says(peer.buyer(1), "I have a question about the size, which fits me?")
    await peer.says(peer.buyer(2), "May I ask something about the fabric, is it soft?")
    first, second = await desk.topic(one), await desk.topic(two)
    await desk.shown(first, "which fits me?")
    await desk.shown(second, "is it soft?")
    await desk.until(lambda: any("wait" in text for text in group.heard("")))

    await li.taps("Take it", desk.card(first))
    await desk.until(lambda: desk.thread(one).agent == "li" or any(task.assignee == "li" for task in desk.open_tasks()))
    said = await li.says(first, "Hello, I am Li. Size M fits you.")
    await desk.read(1, "Size M fits you.")
    await desk.until(lambda: desk.thread(one).agent == "li")
    await li.edits(said, "Hello, I am Li. Size L fits you.")
    await desk.until(lambda: [call["text"] for call in changes(peer, 1)] == ["Hello, I am Li. Size L fits you."])
    await peer.says(peer.buyer(1), "Then I will take L, how do I change it?")
    await desk.shown(first, "Then I will take L")

    await chen.sends(second, [b"one", b"two"], "This is how it looks")
    await desk.until(lambda: len(peer.calls("sendMediaGroup")) == 1)
    await chen.says(second, "// sounds like a reseller")
    await chen.says(second, "/flag purple out of stock, back on Wednesday")
    await desk.until(lambda: desk.thread(two).flag == "purple")
    assert "note sounds like a reseller" in [note.text for note in desk.notes(desk.thread(two).id)]

    await a_compensation_is_refused(desk, three, wang)
    await nobody_obeys(desk, first)

    await group.delete_topic(second)
    await peer.says(peer.buyer(2), "And does it shrink when washed?")
    again = await desk.topic(two)
    await desk.shown(again, "does it shrink")
    await chen.says(again, "No, it does not.")
    await desk.read(2, "No, it does not.")

    await desk.later(2 * MINUTE)
    everybody_read_his_own(desk)
    with desk.app.store.engine.connect() as connection:
        found = audit(connection, desk.app.deps.idempotent, desk.clock.now())
    assert (True, []) == (found.ok, found.findings)
    assert most_in_a_minute([row for row in desk.sent() if row.channel == "telegram.desk"]) <= 20


async def a_compensation_is_refused(desk: Desk, order: str, wang: Agent) -> None:
    """An agent asks for more than she may give; the supervisor says no in the topic, and the buyer hears nothing."""
    now, deps = desk.clock.now(), desk.app.deps
    opened = CaseMoved("tea", order, Move.OPEN, "li", now, branch=Branch.QUALITY)
    desk.app.store.run(lambda tx: case_moved.case_moved(opened, tx, deps), case_moved.wanted(opened))
    wish = CompensationAsked("tea", order, Remedy.RED_PACKET, Loss.LEAK, Money(Decimal(2)), "li", now)
    desk.app.store.run(lambda tx: compensating.compensation_asked(wish, tx, deps), compensating.wanted(wish))
    topic = await desk.topic(order)
    await desk.until(lambda: any("2.00" in text for text in desk.group.heard(topic)))
    await wang.says(topic, "/refuse too much for a small leak")
    await desk.until(lambda: {GrantState.REFUSED} == {each.state for each in desk.rows(Grant, schema.grants)})
    assert not [text for text in await desk.peer.heard(desk.peer.buyer(3)) if "leak" in text]


async def nobody_obeys(desk: Desk, topic: str) -> None:
    """A stranger in the group, and a buyer who types what the people type: nothing of it happens."""
    buyer, marks = desk.peer.buyer(1), len(desk.group.sent())
    before = (desk.rows(Thread, schema.threads), len(await desk.peer.heard(buyer)))
    for text in ("/take", "I write in your topic", "/resolve courier", "/erase yes"):
        await desk.eve.says(topic, text)
        await desk.eve.says("", text)
    await desk.eve.taps("Done", desk.card(topic))
    await all_is_handled(desk, topic, "after Eve")
    assert before == (desk.rows(Thread, schema.threads), len(await desk.peer.heard(buyer)))
    assert [] == [call for call in desk.group.sent()[marks:] if "message_thread_id" not in call]
    for text in ("/take", "/resolve courier"):
        await desk.peer.says(buyer, text)
    await all_is_handled(desk, topic, "after the buyer")
    thread = desk.thread("90000001")
    assert "li" == thread.agent
    assert [] == [note for note in desk.notes(thread.id) if note.who not in ("li", "buyer", "huifang")]


async def all_is_handled(desk: Desk, topic: str, mark: str) -> None:
    """A note of somebody listed is there, and so is whatever was said before it."""
    await desk.li.says(topic, f"// {mark}")
    await desk.until(lambda: f"note {mark}" in [note.text for note in desk.notes(desk.thread("90000001").id)])


def everybody_read_his_own(desk: Desk) -> None:
    """What people said to one buyer no other has read."""
    heard = {number: all_read_by(desk.peer, number) for number in (1, 2, 3)}
    for words, reader in (("I am Li", 1), ("This is how it looks", 2), ("No, it does not.", 2)):
        assert [reader] == [number for number, texts in heard.items() if words in texts]
    for secret in ("reseller", "purple", "too much", "I write in your topic"):
        assert [] == [number for number, texts in heard.items() if secret in texts]


def all_read_by(peer: TelegramPeer, number: int) -> str:
    """All words that went to a buyer, those under photos and those that replaced others too."""
    calls = [call for call in peer.calls() if call["status"] == 200 and str(call.get("chat_id")) == peer.buyer(number)]
    return "\n".join(str(call.get("text") or call.get("caption") or call.get("media") or "") for call in calls)


def changes(peer: TelegramPeer, number: int) -> list[dict[str, Any]]:
    """What was changed in a buyer's chat."""
    return [call for call in peer.calls("editMessageText") if str(call["chat_id"]) == peer.buyer(number)]


def most_in_a_minute(sent: list[Outgoing]) -> int:
    """The greatest number of messages and photos that went within sixty seconds."""
    times = [(row.sent_at, max(1, len(row.attachments))) for row in sent if row.sent_at]
    return max(sum(count for at, count in times if start <= at < start + MINUTE) for start, _ in times)
