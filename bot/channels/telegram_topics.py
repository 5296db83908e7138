"""One topic of the agents' group for each matter: made when it is first spoken of, closed and opened with it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary
from zlib import crc32

from telegram.error import BadRequest, TelegramError

from bot.channels.telegram_group import Group
from followup.desk.records import Topic
from followup.model import Chat, Order, Thread
from followup.ports import Clock, Measure
from followup.split import split
from store.store import Store
from store.tx import Tx
from store.wanted import NOTHING, Wanted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LONGEST_NAME = 128
COLOURS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)
"""All that Telegram has for icons."""
GONE = re.compile(r"(?i)message thread not found|topic_deleted|topic_id_invalid|thread_id_invalid")
CLOSED = re.compile(r"(?i)topic_closed")
NO_RIGHTS = re.compile(
    r"(?i)not enough rights|not a forum|chat_admin_required|admin_rights|forum_disabled|topics? .*disabled"
)
_SAME = re.compile(r"(?i)not_modified|not modified")


class NoTopics(Exception):
    """The bot may make no topics in the group."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a message to the shop's people is about: a thread, or a chat in which nothing is followed up."""

    about: str
    title: str
    kind: str = ""
    is_closed: bool = False
    topic: Topic | None = None


class Topics:
    """The topics of one group. Two messages about one matter at a time wait for each other here."""

    def __init__(self, desk: str, group: Group, store: Store, clock: Clock, kind_name: Callable[[str], str]) -> None:
        self._desk, self._group, self._store, self._clock = desk, group, store, clock
        self._kind_name = kind_name
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def matter(self, about: str) -> Matter:
        """What is known of a matter, and its topic if it has one."""
        wanted = Wanted(threads=(about,), chats=(about,), alone=True)
        return await self._store.transact(lambda tx: self._read(about, tx), wanted)

    async def open_for(self, about: str) -> tuple[Matter, Topic]:
        """The topic of a matter, made or opened again where that is needed. Raises NoTopics and TelegramError.

        It is kept before anything is said in it: a crash between the two leaves an empty topic at the most.
        """
        async with self._alone(about):
            matter = await self.matter(about)
            topic = matter.topic or await self._make(matter)
            if not topic.is_open and not matter.is_closed:
                topic = await self._reopened(matter, topic)
            return matter, topic

    async def again(self, matter: Matter, topic: Topic, error: BadRequest) -> Topic:
        """The topic to try after words were refused in `topic`: a new one if it is gone, itself if it was closed.
        Raises the error if it is about something else."""
        async with self._alone(matter.about):
            if CLOSED.search(str(error)):
                return await self._reopened(matter, topic)
            if not GONE.search(str(error)):
                raise error
            return await self._instead(matter, topic)

    async def close_if_over(self, matter: Matter, topic: Topic) -> None:
        """A matter that is closed has said its last word: so is its topic. If that fails it stays open until then."""
        if not matter.is_closed or not topic.is_open:
            return
        try:
            await self._tell("closeForumTopic", topic)
        except TelegramError:
            return
        await self._keep(replace(topic, is_open=False))

    async def _reopened(self, matter: Matter, topic: Topic) -> Topic:
        try:
            await self._tell("reopenForumTopic", topic)
        except BadRequest as error:
            if not GONE.search(str(error)):
                raise
            return await self._instead(matter, topic)
        return await self._keep(replace(topic, is_open=True))

    async def _instead(self, matter: Matter, gone: Topic) -> Topic:
        """A new topic, unless another message has made one meanwhile."""
        current = (await self.matter(matter.about)).topic
        return current if current is not None and current.number != gone.number else await self._make(matter)

    async def _make(self, matter: Matter) -> Topic:
        colour = COLOURS[crc32(matter.kind.encode()) % len(COLOURS)]
        try:
            made = await self._group.call("createForumTopic", {"name": matter.title, "icon_color": colour})
        except BadRequest as error:
            if NO_RIGHTS.search(str(error)):
                raise NoTopics(str(error)) from None
            raise
        number = str(made["message_thread_id"])
        return await self._keep(Topic(self._desk, matter.about, number, matter.title, self._clock.now()))

    async def _keep(self, topic: Topic) -> Topic:
        def keep(tx: Tx) -> None:
            tx.topics_of(topic.thread)  # so that it is known what it replaces
            tx.save(topic)

        await self._store.transact(keep, NOTHING)
        return topic

    async def _tell(self, method: str, topic: Topic) -> None:
        try:
            await self._group.call(method, {"message_thread_id": int(topic.number)})
        except BadRequest as error:
            if not _SAME.search(str(error)):
                raise

    def _read(self, about: str, tx: Tx) -> Matter:
        topic = next((each for each in tx.topics_of(about) if each.desk == self._desk), None)
        if thread := tx.get(Thread, about):
            order = tx.get(Order, thread.shop, thread.order_id) if thread.order_id else None
            name = (order.buyer_name if order else "") or tx.buyer(thread.shop, thread.buyer).name or thread.buyer
            title = titled(name, self._kind_name(thread.kind), thread.order_id)
            return Matter(about, title, thread.kind, thread.state.closed, topic)
        chat = tx.get(Chat, about)
        name = tx.buyer(chat.shop, chat.buyer).name or chat.address if chat else about
        return Matter(about, titled(name, chat.channel if chat else ""), topic=topic)

    @asynccontextmanager
    async def _alone(self, about: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(about, asyncio.Lock())
        async with lock:
            yield


def titled(*parts: str) -> str:
    """The name of a topic: what there is, as long as Telegram takes it."""
    name = " · ".join(" ".join(part.split()) for part in parts if part.strip())
    return split(name, LONGEST_NAME, Measure.UTF16)[0] or "?"
