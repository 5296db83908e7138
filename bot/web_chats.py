"""Web chats in their place: what each reads of, where it is served, and what of its photos is deleted with a buyer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bot.config import Config
from bot.config_channels import WebchatOptions
from bot.evidence.files import EvidenceFolder
from followup.ports import Channel, NotYet
from followup.webchat import chat_of_photos
from handlers.deps import Deps
from store.store import SqlStore

if TYPE_CHECKING:
    from bot.channels.webchat import Webchat
    from bot.http import Http

ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - addresses that are not to be shown


def put_in_place(
    config: Config, channels: Sequence[Channel], store: SqlStore, deps: Deps, http: Callable[[], Http | None]
) -> list[Webchat]:
    """Tell every web chat where it is; the first one has the plain path. They are to be let go before the server is."""
    found = [cast("Webchat", channel) for channel in channels if hasattr(channel, "belongs")]
    if found:
        from bot.webchat_history import StoredHistory
    for number, chat in enumerate(found):
        lang = partial(_lang_of, chat.shop, deps)
        chat.belongs(StoredHistory(store, chat.shop, chat.name), lang, number == 0, lambda: address_of(config, http()))
    return found


def _lang_of(shop: str, deps: Deps) -> str:
    return deps.policies[shop].lang if shop in deps.policies else "en"


def address_of(config: Config, http: Http | None) -> str:
    """Where this program is reached from this machine. Raises NotYet while its port is not known."""
    host, port = config.http.host, http.port if http is not None else config.http.port
    if not port:
        raise NotYet("the port is chosen when huifang runs; set http.port, or the url of the web chat")
    host = "127.0.0.1" if host in ANYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{host}:{port}"


@dataclass(frozen=True, slots=True)
class BuyersFiles:
    """The folder of evidence and the photos of all web chats, as far as files of erased buyers are to be deleted."""

    evidence: EvidenceFolder
    photos: dict[str, Path]

    def at(self, path: str) -> Path:
        """Where what has this path stands."""
        chat = chat_of_photos(path)
        return self.photos.get(chat[0], Path()) / chat[1] if chat else self.evidence.root / path

    def remove(self, path: str) -> None:
        """Delete what stands under a path for good. Raises OSError."""
        chat = chat_of_photos(path)
        if chat is None:
            self.evidence.remove(path)
        elif chat[0] in self.photos:
            from bot.channels.webchat.photos import Photos

            Photos(self.photos[chat[0]], 0).forget(chat[1])


def buyers_files(config: Config, evidence: EvidenceFolder) -> BuyersFiles:
    """Where files of buyers stand."""
    accounts = config.accounts.items()
    return BuyersFiles(evidence, {name: o.folder / name for name, o in accounts if isinstance(o, WebchatOptions)})
