"""A whole thread over real services: ordered, not paid, linked, asked, "明天付", moved, asked again, paid, silence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from followup.events import OrderChanged
from followup.linking import make_link
from followup.model import Order, OutgoingState, ReminderState, State, Status
from handlers.order_changed import order_changed, wanted
from scheduler.clock import SystemClock
from store.wanted import Wanted
from tests.bot.channels.live import Live, an_order, until
from tests.bot.channels.peer import Peer
from tests.bot.channels.peers import PEERS
from tests.peers.telegram import TelegramPeer
from tests.peers.webchat import WebchatPeer
from tests.peers.wecom import WecomPeer

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class AheadClock(SystemClock):
    """The machine's clock, put forward as far as the story wants: services and pauses are real, weeks are not."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self._ahead

    def move(self, by: timedelta) -> None:
        """Put it forward."""
        self._ahead += by

    def move_to(self, when: datetime) -> None:
        """Put it forward to then."""
        self.move(when - self.now())


@pytest.fixture(params=["telegram", "wechaty", "wecom", "webchat"])
async def peer(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Peer]:
    """The service of a channel, running."""
    peer: Peer = PEERS[request.param](tmp_path / "peer")
    await peer.start()
    yield peer
    await peer.stop()


async def test_from_the_order_to_silence(peer: Peer, tmp_path: Path) -> None:
    """The buyer opens the chat by the link of his order, is asked once, names tomorrow, is asked then, pays; after
    that he hears nothing more, however long we wait."""
    clock = AheadClock()
    live = Live(tmp_path / "bot", peer.channel(clock), clock)
    async with live:
        await until(lambda: live.health() == "up")
        order = an_order(live.clock.now(), buyer="b1", buyer_name="小林")
        tell(live, order)
        address, token = peer.buyer(1), a_token(live, order)
        if isinstance(peer, WecomPeer):  # whoever only enters may be welcomed; his first word opens the 48 hours
            await shows(peer, address, token)
            await until(lambda: live.thread().chat.endswith(address))
            await peer.says(address, "明白")
            await until(lambda: live.said() == 2)
        clock.move(16 * MINUTE)
        await live.app.engine.pump()
        if not isinstance(peer, WecomPeer):
            assert [] == live.outgoing()
            await shows(peer, address, token)
            await until(lambda: live.thread().chat.endswith(address))
        await until(lambda: ["unpaid.help"] == [row.step for row in live.nudges()])
        before = len(live.outgoing())
        await heard(live, peer, address, before)
        assert ["link.welcome", "unpaid.help"] == [live.outgoing()[0].step, live.outgoing()[-1].step]

        await peer.says(address, "明天付")
        await heard(live, peer, address, before + 1)
        assert "later.noted" == live.outgoing()[-1].step
        (planned,) = [row for row in live.reminders() if row.step == "unpaid.last_call"]
        assert planned.state is ReminderState.PENDING
        assert timedelta(hours=6) < planned.due_at - clock.now() < 2 * DAY

        clock.move_to(planned.due_at)
        await live.app.engine.pump()
        await heard(live, peer, address, before + 2)
        assert ["unpaid.help", "unpaid.last_call"] == [row.step for row in live.nudges()]

        tell(live, replace(order, status=Status.PAID, paid_at=clock.now(), observed_at=clock.now()))
        assert (State.SETTLED, "paid") == (live.thread().state, live.thread().outcome)
        for _ in range(10):
            clock.move(DAY)
            await live.app.engine.pump()
        assert before + 2 == len(await peer.heard(address))
        assert {OutgoingState.SENT} == {row.state for row in live.outgoing()}


async def shows(peer: Peer, address: str, token: str) -> None:
    """The buyer follows the link, or types the token where there are no links."""
    if isinstance(peer, TelegramPeer):
        await peer.says(address, f"/start {token}")
    elif isinstance(peer, WecomPeer):
        await peer.control("enter", address=address, scene_param=token)
    elif isinstance(peer, WebchatPeer):
        await peer.follow(address, token)
    else:
        await peer.says(address, token)


def tell(live: Live, order: Order) -> None:
    """The order source says how an order stands."""
    event, now = OrderChanged(order), live.clock.now()
    live.app.store.run(lambda tx: order_changed(event, tx, live.app.deps, now), wanted(event))


def a_token(live: Live, order: Order) -> str:
    """What `huifang link` makes."""
    token, link = make_link(order.shop, order.id, live.clock.now(), 7 * DAY)
    live.app.store.run(lambda tx: tx.save(link), Wanted(links=(link.digest,)))
    return token


async def heard(live: Live, peer: Peer, address: str, count: int) -> None:
    """So many messages have reached the buyer, and all of ours are recorded."""

    async def there() -> bool:
        return len(await peer.heard(address)) >= count

    await until(there)
    await until(lambda: all(row.state is OutgoingState.SENT for row in live.outgoing()))
    assert count == len(await peer.heard(address))
