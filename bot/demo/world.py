"""What happens to the shop of a served demo: its stories and a crowd of other orders, before it opens and after."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import structlog
from sqlalchemy import select

from bot.app import App
from bot.channels.webchat.photos import Photos
from bot.config_channels import WebchatOptions
from bot.demo.acting import BUYERS, SHOP, an_order
from bot.demo.colleagues import Colleagues
from bot.demo.crowd import CHANNEL, crowd, guests, words_of
from bot.demo.photo import photo
from bot.demo.places import Place
from bot.demo.stage import Event, handle
from bot.demo.stories import STORIES
from followup.events import MessageReceived, OrderChanged, chat_id
from followup.model import Attachment, Chat, Health, Inbound, Instant, Status
from followup.understood import Intent
from handlers.understand import understand
from scheduler.clock import PacedClock
from scheduler.clocks import check_clocks
from scheduler.reminders import next_reminder
from store import schema
from store.tables import KEPT

log = structlog.get_logger(__name__)
READER = "reader"
ORDER = "2001"
EARLIER, BEFORE = timedelta(days=12), timedelta(days=14, hours=13, minutes=50)
SINCE_ORDERED, UNTIL_PAID = timedelta(minutes=3), timedelta(minutes=30)
LOOK, MINUTE = timedelta(minutes=30), timedelta(minutes=1)
CHATTING = 3
"""Of so many buyers of the crowd, all but one have a chat."""


class World:
    """Plays everything up to `opens` at once, and the rest as the clock goes on."""

    def __init__(self, app: App, clock: PacedClock, place: Place) -> None:
        self.app, self.clock, self.place = app, clock, place
        self.opens = place.monday + BEFORE
        self._cues: list[tuple[Instant, int, Event]] = []
        self._order = itertools.count()
        self._heard: set[str] = set()
        self._happening = asyncio.Lock()
        self.order = replace(
            an_order(place, "unpaid_order", self.opens - SINCE_ORDERED),
            id=ORDER,
            buyer=READER,
            buyer_name=place.crowd.names[0],
            phone_tail="2001",
        )
        self._cue_all()

    def cue(self, at: Instant, event: Event) -> None:
        """Let something happen at its time; what buyers say is said in the web chat."""
        if isinstance(event, MessageReceived):
            address = address_of(event.address)
            shown = tuple(self._photo(address, number) for number, _ in enumerate(event.attachments))
            event = replace(event, channel=CHANNEL, address=address, attachments=shown)
        heapq.heappush(self._cues, (at, next(self._order), event))

    async def play(self) -> None:
        """Everything before the shop opens."""
        for inbox in self.app.inboxes:
            await inbox.report(Health.UP)
        people, look = Colleagues(self.app, self.place, self.opens), self.clock.now()
        while (when := min(await self._next() or self.opens, look)) < self.opens:
            self.clock.jump_to(when)
            await self._happen()
            await self.app.engine.pump()
            if when >= look:
                await check_clocks(self.app.store, self.app.deps, self.clock)
                await people.work(when)
                look = when + LOOK
        self.clock.jump_to(self.opens)
        await people.tidy(self.opens)

    async def go_on(self) -> None:
        """What happens from then on, to the minute; trouble with one thing does not end the others."""
        while True:
            await self.clock.sleep_until(self.clock.now() + MINUTE)
            try:
                self._listen()
                await self._happen()
            except Exception as error:
                log.exception("demo_failed", error=type(error).__name__)

    def _listen(self) -> None:
        """Whoever says in the chat that he has paid is seen in the shop's records half an hour later."""
        for text, at in self._said_by_the_reader():
            if understand(text, at, self.place.zone, self.place.lang).intent is Intent.PAID:
                paid = at + UNTIL_PAID
                order = replace(self.order, status=Status.PAID, paid_at=paid, observed_at=paid)
                self.cue(paid, OrderChanged(order))

    async def step(self) -> Instant:
        """Move to the next thing that happens, and let it happen."""
        self._listen()
        when = await self._next()
        if when is not None:
            self.clock.jump_to(when)
            await self._happen()
            await self.app.engine.pump()
        return self.clock.now()

    async def _next(self) -> Instant | None:
        cued = self._cues[0][0] if self._cues else None
        times = [cued, await next_reminder(self.app.store)]
        times += [await outbox.next_due() for outbox in self.app.outboxes]
        return min((time for time in times if time is not None), default=None)

    async def _happen(self) -> None:
        async with self._happening:
            while self._cues and self._cues[0][0] <= self.clock.now():
                await handle(heapq.heappop(self._cues)[2], self.app.store, self.app.deps, self.clock.now())

    def _said_by_the_reader(self) -> list[tuple[str, Instant]]:
        """What the reader has said since the last look."""
        chats, said = schema.chats.c, schema.inbox
        his = select(chats.id).where(chats.shop == SHOP, chats.buyer == READER)
        with self.app.store.engine.connect() as connection:
            rows = connection.execute(select(said).where(said.c.chat.in_(his)))
            found = [KEPT[Inbound].codec.decode(row) for row in rows]
        new = [each for each in found if each.external_id not in self._heard]
        self._heard |= {each.external_id for each in new}
        return [(each.text, each.at) for each in new]

    def _cue_all(self) -> None:
        for buyer in BUYERS.values():
            self._meet(buyer)
        for story in STORIES.values():
            story(self, self.place)
        for number, told in enumerate(crowd(self.place, self.place.monday - EARLIER)):
            if number % CHATTING:
                self._meet(told[0].order.buyer)
                for at, said in words_of(told, self.place, number):
                    self.cue(at, said)
            for event in told:
                self.cue(event.order.observed_at, event)
        for at, news in guests(self.place, self.opens):
            if isinstance(news, OrderChanged):
                self._meet(news.order.buyer)
            self.cue(at, news)
        self.cue(self.order.created_at, OrderChanged(self.order))

    def _photo(self, address: str, number: int) -> Attachment:
        """A photo that this buyer has uploaded."""
        options = self.app.config.accounts[CHANNEL]
        assert isinstance(options, WebchatOptions)
        photos = Photos(options.folder / CHANNEL, options.largest_photo_mb * 1024 * 1024)
        found = photos.shown(address, photos.take(address, photo(40 * number), self.opens))
        assert found is not None
        return found

    def _meet(self, buyer: str) -> None:
        address, at = address_of(buyer), self.place.monday - EARLIER
        chat = Chat(chat_id(SHOP, CHANNEL, address), SHOP, buyer, CHANNEL, address, linked_at=at)
        self.app.store.run(lambda tx: tx.save(chat))


def address_of(buyer: str) -> str:
    """The address of a buyer's chat, as the web chat would have made it of a key."""
    return f"w-{sha256(buyer.encode()).hexdigest()[:32]}"
