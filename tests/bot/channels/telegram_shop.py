"""A bot with an agents' group, on a store in memory, and a thread to speak of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.channels.telegram import Telegram
from bot.channels.telegram_desk import TelegramDesk
from bot.channels.telegram_topics import Topics
from followup.desk.people import Person, Rank, Roster
from followup.desk.records import Topic
from followup.model import Outgoing, Role, State, Thread
from scheduler.clock import FakeClock
from store.memory import MemoryStore
from tests.bot.channels.live import an_order
from tests.bot.channels.test_contract import a_message
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_agents import GROUP, AgentsGroup
from tests.scheduler.shop import NOON

THREAD = "tea/90000001/unpaid_order"
OTHER = "tea/90000002/unpaid_order"
ROSTER = Roster(
    {
        "li": Person("li", "小李", telegram="901"),
        "wang": Person("wang", "王姐🍵", Rank.SUPERVISOR, telegram="902"),
        "zhao": Person("zhao", "赵"),
    }
)


@dataclass
class DeskShop:
    """The peer with its group, and our side of it."""

    peer: TelegramPeer
    group: AgentsGroup
    bot: Telegram
    desk: TelegramDesk
    store: MemoryStore
    clock: FakeClock

    def topic(self, thread: str = THREAD) -> Topic | None:
        """What is kept of a topic."""
        return self.store.tx.get(Topic, "telegram.desk", thread)

    def close_thread(self, state: State = State.SETTLED) -> None:
        """The matter is over, or open again."""
        thread = self.store.tx.get(Thread, THREAD)
        self.store.tx.save(_with(thread, state=state))

    def message(self, text: str = "一位客户在等", about: str = THREAD, **more: Any) -> Outgoing:
        """Words for the shop's people."""
        return for_agents(text, about, **more)


def for_agents(text: str = "一位客户在等", about: str = THREAD, **more: Any) -> Outgoing:
    """Words for the shop's people."""
    step = more.pop("step", "card")
    where = {"channel": "telegram.desk", "address": str(GROUP), "chat": f"telegram.desk/{GROUP}"}
    whom = {"buyer": "", "thread": "", "role": Role.ALERT, "step": step, "expires_at": None}
    return a_message(more.pop("id_", f"desk/{step}/1"), text=text, about=about, **where, **whom, **more)


def a_thread(order: str, buyer: str) -> Thread:
    """An order that is not paid."""
    id_ = f"tea/{order}/unpaid_order"
    return Thread(id_, "tea", order, "unpaid_order", buyer, f"tea/telegram/{buyer}", State.OPEN, NOON, NOON)


def _with(thread: Thread | None, **more: Any) -> Thread:
    from dataclasses import replace

    assert thread is not None
    return replace(thread, **more)


@asynccontextmanager
async def desk_shop(
    folder: Path, lost: Callable[[Any], str] = lambda _: "[lost]", **group: Any
) -> AsyncIterator[DeskShop]:
    """Everything, with the group opened as told."""
    peer = TelegramPeer(folder / "peer")
    await peer.start()
    agents, clock, store = AgentsGroup(peer), FakeClock(NOON), MemoryStore()
    await agents.open(**group)
    for number, (order, buyer, name) in enumerate((("90000001", "b1", "张三"), ("90000002", "b2", "李四")), 1):
        store.tx.save(an_order(NOON, number, id=order, buyer=buyer, buyer_name=name))
        store.tx.save(a_thread(order, buyer))
    bot = peer.channel(clock, agents_group=GROUP)
    yield DeskShop(peer, agents, bot, desk_of(bot, store, clock), store, clock)
    await bot.close()
    await peer.stop()


def desk_of(bot: Telegram, store: Any, clock: Any, lost: Callable[[Any], str] = lambda _: "[lost]") -> TelegramDesk:
    """The bot's way to its agents' group."""
    group = bot.desk.group
    assert group is not None
    topics = Topics("telegram.desk", group, store, clock, {"unpaid_order": "催付"}.__getitem__)
    return TelegramDesk(
        name="telegram.desk", api=bot.api, group=group, topics=topics, clock=clock, roster=ROSTER, lost=lost
    )
