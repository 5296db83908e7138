"""One zip with all that is known of a matter: transcript, files, data, and the SHA-256 of each part (rule 51).

The same matter makes the same bytes, so that the pack's own digest seals it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import tzinfo
from decimal import Decimal
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import orjson

from bot.evidence import transcript
from bot.evidence.files import EvidenceFolder
from bot.evidence.telling import File, Telling, unsealed
from followup.evidence import Evidence, EvidenceState
from store.evidence_views import Matter

FORMAT = "huifang evidence 1"
MANIFEST = "manifest.json"
CHUNK = 1 << 20
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class InTheWay(Exception):
    """A file of that name is there already, with other contents."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack on disk; `files` are those it tells of, kept or not, `is_new` is False if the same was there already."""

    path: Path
    digest: str
    size: int
    files: tuple[File, ...]
    is_new: bool = True


def pack(matter: Matter, folder: EvidenceFolder, path: Path, zone: tzinfo, lang: str) -> Packed:
    """Write the pack of a matter to `path`, whole or not at all. Raises InTheWay and OSError."""
    files = tuple(_named(matter.evidence, folder))
    handle, partial = tempfile.mkstemp(prefix=".evidence-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            _write(stream, matter, files, folder, Telling(matter, files, zone, lang))
            stream.flush()
            os.fsync(stream.fileno())
        digest = digest_of(Path(partial))
        is_new = _put(Path(partial), path, digest)
    finally:
        Path(partial).unlink(missing_ok=True)
    return Packed(path, digest, path.stat().st_size, files, is_new)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _put(partial: Path, path: Path, digest: str) -> bool:
    with suppress(FileNotFoundError):
        if digest_of(path) != digest:
            raise InTheWay(path)
        return False
    partial.replace(path)
    return True


def _named(evidence: Sequence[Evidence], folder: EvidenceFolder) -> list[File]:
    """Each with its name in the pack; a file that is gone has none."""
    found = []
    for number, each in enumerate(evidence, 1):
        state = folder.state_of(each) if each.state is EvidenceState.KEPT else "intact"
        in_pack = each.state is EvidenceState.KEPT and state != "missing"
        found.append(File(each, f"files/{number:03}-{Path(each.path).name}" if in_pack else "", state))
    return found


def _write(stream: IO[bytes], matter: Matter, files: Sequence[File], folder: EvidenceFolder, telling: Telling) -> None:
    parts: dict[str, dict[str, Any]] = {}
    with ZipFile(stream, "w", ZIP_STORED) as archive:
        for name, content in (
            ("transcript.html", transcript.page(telling).encode()),
            ("transcript.txt", transcript.text(telling).encode()),
            ("matter.json", _json(as_data(matter, files))),
        ):
            parts[name] = _add(archive, name, [content])
        for file in files:
            if file.name:
                parts[file.name] = _add(archive, file.name, _chunks(folder.at(file.evidence.path)))
        threads = [story.thread.id for story in matter.stories]
        head = {"format": FORMAT, "shop": matter.shop, "order": matter.order_id, "threads": threads}
        _add(archive, MANIFEST, [_json({**head, "parts": parts})])


def _add(archive: ZipFile, name: str, chunks: Iterable[bytes]) -> dict[str, Any]:
    """Write a part; returns what the manifest says of it."""
    info = ZipInfo(name, _NO_TIME)
    info.create_system, info.external_attr = 3, 0o600 << 16
    digest, size = sha256(), 0
    with archive.open(info, "w", force_zip64=True) as into:
        for chunk in chunks:
            into.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return {"sha256": digest.hexdigest(), "bytes": size}


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def as_data(matter: Matter, files: Sequence[File]) -> Mapping[str, Any]:
    """The matter for programs, without what only serves to prove or permit something."""
    facts = matter.facts and replace(matter.facts, order=replace(matter.facts.order, phone_tail=""))
    return {
        "format": FORMAT,
        "shop": matter.shop,
        "order": matter.order_id,
        "facts": facts,
        "buyers": matter.buyers,
        "chats": [replace(chat, asked_order="") for chat in matter.chats],
        "threads": [_story(unsealed(story)) for story in matter.stories],
        "heard": matter.heard,
        "said": [replace(message, code="") for message in matter.said],
        "evidence": [{"in_pack": file.name, "on_disk": file.state, **_fields(file.evidence)} for file in files],
        "sales": matter.sales,
        "grants": matter.grants,
        "promises": matter.promises,
    }


def _story(story: Any) -> dict[str, Any]:
    told = {name: getattr(story, name) for name in ("decisions", "reminders", "notes", "tasks")}
    return {"thread": replace(story.thread, said=()), **told}


def _fields(item: Any) -> dict[str, Any]:
    fields: dict[str, Any] = orjson.loads(orjson.dumps(item, default=_plain, option=orjson.OPT_UTC_Z))
    return fields


def _json(value: object) -> bytes:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a pack")
