"""Photos and files as Wechaty packs them ("file boxes"): JSON with the bytes in it, or with where they are."""

from __future__ import annotations

import base64
import json
import socket
import urllib.request
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

LARGEST = 3_000_000
"""Bytes that fit into one call (4 MiB) in base64."""
LARGEST_FETCHED = 100_000_000
FETCH_WITHIN = 20.0
BASE64 = 1


class Gone(Exception):
    """The bytes are not to be had any more."""


class TooLarge(Exception):
    """More bytes than can be sent."""


def packed(path: Path, name: str) -> str:
    """The box of a file of ours. Raises TooLarge and OSError."""
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise TooLarge(f"more than {LARGEST} bytes")
    box = {"type": BASE64, "boxType": BASE64, "name": name or path.name}  # the second is what it was called before 2022
    return json.dumps({**box, "base64": base64.b64encode(content).decode()})


def unpacked(box: str) -> bytes | str:
    """The bytes in a box, or the address at which they are, or "" if the gateway has to be asked for them. Raises
    Gone."""
    try:
        told: dict[str, Any] = json.loads(box)
        if content := told.get("base64"):
            return base64.b64decode(content)
        address = told.get("url") or told.get("remoteUrl") or ""
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise Gone("the gateway's answer is no file") from None
    if address and not str(address).startswith(("https://", "http://")):
        raise Gone("the file is at no address of the web")
    return str(address)


def fetched(address: str, gateway: str = "") -> bytes:
    """The bytes at an address, of which we ask instead of the gateway: an address that does not answer ends it.

    It has to be one of the open web, or of the gateway's own host, wherever it leads: an answer of the gateway tells of
    what a stranger sent. Raises Gone, and OSError if a later try may succeed.
    """
    _look(address, gateway)
    try:
        with _opener(gateway).open(address, timeout=FETCH_WITHIN) as answer:
            content: bytes = answer.read(LARGEST_FETCHED + 1)
    except HTTPError as error:
        if error.code < 500:
            raise Gone(f"HTTP {error.code}") from None
        raise
    except ValueError as error:
        raise Gone(str(error)) from None
    if len(content) > LARGEST_FETCHED:
        raise Gone(f"more than {LARGEST_FETCHED} bytes")
    return content


def _opener(gateway: str) -> urllib.request.OpenerDirector:
    class Careful(urllib.request.HTTPRedirectHandler):
        """Follows to where we would have gone ourselves."""

        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            _look(newurl, gateway)
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    return urllib.request.build_opener(urllib.request.ProxyHandler({}), Careful)


def _look(address: str, gateway: str) -> None:
    """Raises Gone for an address within our own network, and OSError if nobody knows its name."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Gone("the file is at no address of the web")
    if parts.hostname == gateway:
        return
    for *_, where in socket.getaddrinfo(parts.hostname, None, type=socket.SOCK_STREAM):
        found = ip_address(str(where[0]).partition("%")[0])
        if not (getattr(found, "ipv4_mapped", None) or found).is_global:
            raise Gone("the file is at an address within this network")


async def streamed(gateway: Any, id_: str) -> bytes:
    """The bytes in a message, piece by piece; no more than `LARGEST_FETCHED` and a piece."""
    content = bytearray()
    async for piece in gateway.message_file_stream(id=id_):
        content += piece.file_box_chunk.data
        if len(content) > LARGEST_FETCHED:
            break
    return bytes(content)
