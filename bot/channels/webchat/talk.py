"""Doing what a frame asks for, whichever way it came."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator

import structlog

from bot.channels.webchat.account import Account
from bot.channels.webchat.frames import LONGEST_TEXT, MOST_PHOTOS, Hello, Say
from bot.channels.webchat.history import NEWEST, conversation, shop_messages, wordings
from bot.channels.webchat.limits import TooMany
from bot.channels.webchat.message import BUYER, Change, Frame, Message, Photo, changed, photo_id
from bot.channels.webchat.parse import opened_raw, said_raw
from bot.channels.webchat.photos import NotTaken
from bot.channels.webchat.rooms import Entry, Room, Window
from followup.model import Attachment, Choice, Raw
from followup.ports import Inbox
from followup.webchat import Past

log = structlog.get_logger(__name__)
BUSY_FOR = 5
Offer = tuple[Message, Choice]


class Busy(Exception):
    """The database cannot be used at this moment."""


def refused(id_: str, why: str, wait: float = 0) -> Frame:
    """A frame that says why something is not taken, and after how many seconds it may be tried again."""
    return {"type": "refused", "id": id_, "why": why, **({"wait": wait} if wait else {})}


def kept(said: Message) -> Frame:
    """A frame that says since when something stands in the database."""
    return {"type": "kept", "id": said.id, "at": said.moment}


class Talk:
    """The conversations of one account; `inbox` keeps what buyers say."""

    def __init__(self, account: Account, inbox: Inbox) -> None:
        self._of, self._inbox = account, inbox

    async def hello(self, hello: Hello, caller: str) -> list[Frame]:
        """The frames that greet a window: what was said up to this moment, all of it or since its cursor. A token that
        it shows is committed by then. Raises TooMany and Busy.

        From its return on nothing may happen before the window is offered what follows.
        """
        self._of.limits.hello(caller)
        if hello.token:
            self._of.limits.say(hello.address, caller)
            await self._keep_token(hello)
        room = self._of.rooms.at(hello.address)
        since = room.since(hello.after)
        if since is not None:
            messages, changes = _apart(since)
            return [self._greeting(changed(messages, changes), room), *(each.frame(room.cursor) for each in changes)]
        past = await self._read(self._of.history.past(hello.address, NEWEST))
        said = conversation(past, room.recent(), hello.address)
        return [self._greeting(said, room), *(_corrections(said, room) if hello.after else ())]

    async def say(self, address: str, say: Say, caller: str, besides: Window | None = None) -> Frame:
        """Keep what a buyer says and show it in his other windows; the answer for the one that said it."""
        room = self._of.rooms.at(address)
        try:
            self._of.limits.say(address, caller)
            photos = await self._photos(address, say)
            async with room.order:
                return await self._kept(address, say, photos, room, besides)
        except TooMany as error:
            return refused(say.id, "too_many", error.wait)
        except NotTaken as error:
            return refused(say.id, error.why)
        except Busy:
            return refused(say.id, "busy", BUSY_FOR)

    async def _kept(
        self, address: str, say: Say, photos: list[Attachment], room: Room, besides: Window | None
    ) -> Frame:
        if before := room.shown(say.id):
            return kept(before)
        tapped = await self._tapped(address, say)
        text = tapped[1].label if tapped else say.text
        if not (text.strip() or photos):
            raise NotTaken("empty")
        at = self._of.moments.now()
        known = Say(say.id, text, tapped[1].id if tapped else "")
        await self._take(said_raw(self._of.name, address, known, photos, at))
        shown = tuple(Photo(photo_id(each), each.name, each.mime) for each in photos)
        said = Message(say.id, BUYER, at, text, photos=shown)
        room.push(said, besides)
        if tapped:
            room.push(Change(tapped[0].id, tapped[0].text))
        return kept(said)

    async def _keep_token(self, hello: Hello) -> None:
        await self._take(opened_raw(self._of.name, hello.address, hello.token, self._of.moments.now()))

    async def _read(self, reading: Awaitable[Past]) -> Past:
        try:
            return await reading
        except Exception as error:
            log.error("not_read", channel=self._of.name, error=type(error).__name__)
            raise Busy from error

    async def _take(self, raw: Raw) -> None:
        try:
            await self._inbox.take([raw])
        except Exception as error:
            log.error("not_kept", channel=self._of.name, error=type(error).__name__)
            raise Busy from error

    async def _photos(self, address: str, say: Say) -> list[Attachment]:
        """The photos that go with it, all of them the buyer's own."""
        if len(say.text) > LONGEST_TEXT:
            raise NotTaken("too_long")
        if len(say.photos) > MOST_PHOTOS:
            raise NotTaken("bad_photo")
        if not say.photos:
            return []
        found = await asyncio.to_thread(lambda: [self._of.photos.shown(address, id_) for id_ in say.photos])
        photos = [each for each in found if each is not None]
        if len(photos) < len(found):
            raise NotTaken("bad_photo")
        return photos

    async def _tapped(self, address: str, say: Say) -> Offer | None:
        """The message in its last words, and its button that the buyer tapped. One that was never there was not
        tapped."""
        if not (say.choice and say.answers):
            return None
        offers = wordings(self._of.rooms.at(address).recent(), say.answers)
        if not offers:
            offers = shop_messages(await self._read(self._of.history.sent(address, f"{address}.{say.answers}")))
        found = (choice for message in offers for choice in message.choices if choice.id == say.choice)
        choice = next(found, None)
        return (offers[-1], choice) if choice else None

    def _greeting(self, messages: list[Message], room: Room) -> Frame:
        lines = [message.fields for message in messages]
        return {
            "type": "hello",
            "title": self._of.title,
            "lang": self._of.lang(),
            "messages": lines,
            "cursor": room.cursor,
        }


def _apart(entries: list[Entry]) -> tuple[list[Message], list[Change]]:
    happened = [entry.what for entry in entries]
    messages = [each for each in happened if isinstance(each, Message)]
    return messages, [each for each in happened if isinstance(each, Change)]


def _corrections(messages: list[Message], room: Room) -> Iterator[Frame]:
    """For a window that has been away: which words of those that it may show already are others now."""
    return (Change(each.id, each.text, each.choices).frame(room.cursor) for each in messages if each.changed)
