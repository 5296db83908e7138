"""Photos and files of conversations, given out to who is logged in and works for the shop; and those sent from here.

Pictures are shown; anything else is only saved, under a type that no browser runs.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.config import Config
from bot.console.conversation import SHOWN, is_ours
from bot.console.desk import Desk, Visit
from bot.console.sessions import saw
from bot.console.sockets import VISIT
from bot.evidence.files import EvidenceFolder, write_whole
from bot.evidence.types import type_of
from followup.desk.places import DESK_FILES
from followup.evidence import EvidenceState
from followup.model import Attachment, Media
from store.console.thread import evidence_of_id, message_of_id

SAFE = {
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
}
_MEDIA = {"image": Media.PHOTO, "video": Media.VIDEO, "audio": Media.VOICE}


class NotTaken(ValueError):
    """A file is of no kind that is sent."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file on disk: whose shop's it is, what it is and what it is called."""

    shop: str
    path: Path
    mime: str
    name: str


def file_routes(desk: Desk) -> list[Route]:
    """`/console/file?evidence=…` and `/console/file?message=…&number=…`; the guard has looked who asks."""

    async def given(request: Request) -> Response:
        visit, asked = request.scope.get(VISIT), request.query_params
        found = await _found(desk, asked.get("evidence", ""), asked.get("message", ""), asked.get("number", "0"))
        if not isinstance(visit, Visit) or found is None or not visit.sees(found.shop) or not found.path.is_file():
            return PlainTextResponse("There is no such file.", 404)
        await saw(desk, visit, "file", asked.get("evidence") or asked.get("message", ""))
        return _response(found)

    return [Route("/console/file", given)]


def keep(config: Config, name: str, content: bytes) -> Attachment:
    """Put a file that somebody wants to send into the folder from which every channel can send it, beside those of the
    agents' group, so that erasing finds it. Raises NotTaken, and OSError if the disk will not have it."""
    kind = type_of(content)
    if kind is None:
        raise NotTaken(name)
    ending, mime = kind
    folder = config.evidence.folder
    path = Path(DESK_FILES, f"{sha256(content).hexdigest()[:32]}.{ending}")
    write_whole(folder, path, content)
    media = _MEDIA.get(mime.partition("/")[0], Media.FILE)
    return Attachment(media, str(folder / path), plain_name(name, ending), mime, len(content))


def plain_name(name: str, ending: str) -> str:
    """A file's name without any path, with the ending of what it is."""
    stem = PurePath(name.replace("\\", "/").replace("\x00", "")).stem.strip(". ")[:80]
    return f"{stem or 'file'}.{ending}"


async def _found(desk: Desk, evidence: str, message: str, number: str) -> Found | None:
    if evidence:
        return await _of_buyer(desk, evidence)
    return await _of_ours(desk, message, int(number)) if message and number.isdecimal() and len(number) < 4 else None


async def _of_buyer(desk: Desk, id_: str) -> Found | None:
    known = await desk.read(evidence_of_id, id_)
    if known is None or known.state is not EvidenceState.KEPT:
        return None
    try:
        path = EvidenceFolder(desk.config.evidence.folder, 0, 0).at(known.path)
    except ValueError:
        return None
    return Found(known.shop, path, known.mime, known.name or path.name)


async def _of_ours(desk: Desk, id_: str, number: int) -> Found | None:
    message = await desk.read(message_of_id, id_)
    if message is None or number >= len(message.attachments):
        return None
    return await asyncio.to_thread(_inside, message.shop, message.attachments[number], desk.config.evidence.folder)


def _inside(shop: str, attachment: Attachment, folder: Path) -> Found | None:
    """Only what stands in the folder of what the shop's people send: a path in a message could name anything."""
    path = Path(attachment.ref)
    if not is_ours(attachment) or path.resolve().parent != (folder / DESK_FILES).resolve():
        return None
    return Found(shop, path, attachment.mime, attachment.name or path.name)


def _response(found: Found) -> Response:
    is_shown = found.mime in SHOWN
    headers = {
        **SAFE,
        "content-disposition": f"{'inline' if is_shown else 'attachment'}; filename*=utf-8''{quote(found.name)}",
    }
    return FileResponse(
        os.fspath(found.path), media_type=found.mime if is_shown else "application/octet-stream", headers=headers
    )
