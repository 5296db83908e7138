"""One web chat as a channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

import structlog
from starlette.routing import BaseRoute, Route, WebSocketRoute

from bot.channels.webchat.account import make_account
from bot.channels.webchat.history import History
from bot.channels.webchat.live import Live
from bot.channels.webchat.message import Change, id_of, known_as, of_shop, on_the_web, sent_photo
from bot.channels.webchat.page import TYPES, Page
from bot.channels.webchat.parse import parse
from bot.channels.webchat.photo_routes import PhotoRoutes
from bot.channels.webchat.photos import NotTaken
from bot.channels.webchat.polling import Polling
from bot.channels.webchat.talk import Talk
from bot.config_channels import WebchatOptions
from followup.events import DeliveryResult, Incoming, Outcome, Refusal
from followup.model import Attachment, Health, Outgoing, Raw
from followup.ports import Capabilities, Clock, Inbox, NotYet, Unparseable

log = structlog.get_logger(__name__)
TIDY = 3600.0
MORE = 65_536
BUTTONS = 10


class Webchat:
    """Receiver, Editor and Linker. A message is with its buyer as soon as it stands in our database, for that is where
    his window finds it; open windows show it at once."""

    def __init__(self, *, name: str, shop: str, options: WebchatOptions, clock: Clock) -> None:
        largest = options.largest_photo_mb * 1024 * 1024
        self.name, self.shop = name, shop
        self.capabilities = Capabilities(
            idempotent=True,
            buttons=BUTTONS,
            largest_photo=largest,
            largest_file=largest,
            edits=True,
            needs_chat=True,
        )
        self._of = make_account(name, shop, options, clock)

    def belongs(self, history: History, lang: Callable[[], str], is_first: bool, served_at: Callable[[], str]) -> None:
        """Tell it where it is: what it reads of, the shop's language as it is now, whether the plain
        path /chat is its own, and the beginning of the address at which this program is reached."""
        self._of.history, self._of.lang, self._of.served_at = history, lang, served_at
        self._of.bases = (*(("/chat",) if is_first else ()), f"/chat/{self.name}")

    @property
    def largest_bodies(self) -> Mapping[str, int]:
        """What may be larger than usual: photos."""
        return {f"{base}/photo": self._of.photos.largest + MORE for base in self._of.bases}

    def routes(self, inbox: Inbox) -> list[BaseRoute]:
        """The page with its files, the socket, the polls and the photos, under each of its paths."""
        talk, page, photos = Talk(self._of, inbox), Page(self._of), PhotoRoutes(self._of)
        live, polling = Live(self._of, talk), Polling(self._of, talk)
        return [
            route
            for base in self._of.bases
            for route in (
                Route(base, page.show),
                *(Route(f"{base}/{file}", page.file) for file in TYPES),
                WebSocketRoute(f"{base}/live", live.serve),
                Route(f"{base}/poll", polling.serve, methods=["POST"]),
                Route(f"{base}/photo", photos.put, methods=["POST"]),
                Route(f"{base}/photo/{{id}}", photos.show),
            )
        ]

    async def receive(self, inbox: Inbox) -> None:
        """It is always there; meanwhile photos that nobody sent are deleted."""
        await inbox.report(Health.UP)
        while True:
            try:
                await self.tidy()
            except Exception as error:  # noqa: BLE001 - the next look may succeed
                log.error("photos_not_tidied", channel=self.name, error=type(error).__name__)
            await asyncio.sleep(TIDY)

    async def tidy(self) -> int:
        """Delete what was uploaded more than a day ago and belongs to no message; returns how many files."""
        unused, count = await asyncio.to_thread(self._of.photos.unused, self._of.moments.now()), 0
        for address, refs in unused.items():
            shown = set(await self._of.history.shown(address))
            count += await asyncio.to_thread(self._of.photos.drop, [ref for ref in refs if ref not in shown])
        return count

    async def parse(self, raw: Raw) -> Sequence[Incoming]:
        """The event of something that a buyer did."""
        return parse(raw, self.shop)

    async def fetch(self, attachment: Attachment) -> bytes:
        """The bytes of a photo that a buyer showed."""
        try:
            return await asyncio.to_thread(self._of.photos.read, attachment.ref)
        except FileNotFoundError:
            raise Unparseable("there is no such photo") from None
        except OSError as error:
            raise NotYet(error.strerror or type(error).__name__) from None

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Show it; its files are kept for whoever opens the chat later."""
        try:
            if message.attachments:
                await asyncio.to_thread(self._copy, message)
        except NotTaken:
            return self._refused(message, "a file is too large")
        except OSError as error:
            return self._refused(message, f"a file cannot be read: {error.strerror}")
        at = self._of.moments.now()
        room, shown = self._of.rooms.at(message.address), of_shop(message, at)
        if room.shown(shown.id) is None:
            room.push(shown)
        return DeliveryResult(message.id, Outcome.ACCEPTED, at, external_id=known_as(message))

    async def edit(self, message: Outgoing, external_id: str) -> DeliveryResult:
        """Show other words in the place of those that were sent."""
        id_ = external_id.rpartition(".")[2] or id_of(message.edits)
        self._of.rooms.at(message.address).push(Change(id_, message.text, message.choices))
        return DeliveryResult(message.id, Outcome.ACCEPTED, self._of.moments.now(), external_id=external_id)

    async def link(self, token: str) -> str:
        """The address of the chat with the token in it. Raises NotYet if nobody knows where it is served."""
        url = self._of.options.url.rstrip("/") or self._of.served_at()
        if urlsplit(url).path in ("", "/"):
            url += self._of.bases[0]
        return f"{url}?t={quote(token, safe='')}"

    async def start(self) -> None:
        """Take callers; each is shown anew what was said, for between two starts others may have led."""
        self._of.rooms.clear()
        self._of.closing.clear()

    async def stop(self) -> None:
        """Let every window go, and take no other."""
        self._of.closing.set()
        self._of.rooms.wake()

    async def close(self) -> None:
        """Let every window go."""
        await self.stop()

    def _copy(self, message: Outgoing) -> None:
        for number, attachment in enumerate(message.attachments):
            if not on_the_web(attachment):
                id_ = sent_photo(message, number)
                self._of.photos.copy(message.address, id_, Path(attachment.ref), self._of.moments.now())

    def _refused(self, message: Outgoing, error: str) -> DeliveryResult:
        now = self._of.moments.now()
        return DeliveryResult(message.id, Outcome.REFUSED, now, error=error, refusal=Refusal.CONTENT)
