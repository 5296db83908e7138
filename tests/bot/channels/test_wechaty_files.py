"""Photos and files as Wechaty packs them."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.channels.wechaty_files import LARGEST, Gone, TooLarge, fetched, packed, unpacked


@pytest.fixture
def web() -> Iterator[str]:
    """A server on which /tea is tea, /500 is trouble, and nothing else is there."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = {"/tea": 200, "/500": 500}.get(self.path, 404)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"tea")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_of_ours_is_packed_whole(tmp_path: Path) -> None:
    """Under its own name or a given one, as new gateways and old ones read it."""
    path = tmp_path / "茶.jpg"
    path.write_bytes(b"\x00\xff" * 10)
    box = json.loads(packed(path, ""))
    assert ("茶.jpg", 1, 1) == (box["name"], box["type"], box["boxType"])
    assert b"\x00\xff" * 10 == base64.b64decode(box["base64"])
    assert "tea.jpg" == json.loads(packed(path, "tea.jpg"))["name"]


def test_what_does_not_fit_into_a_call_is_not_packed(tmp_path: Path) -> None:
    """The largest that does fit makes a call of less than 4 MiB."""
    path = tmp_path / "large"
    path.write_bytes(b"x" * LARGEST)
    assert len(packed(path, "")) < 4 * 2**20
    path.write_bytes(b"x" * (LARGEST + 1))
    with pytest.raises(TooLarge):
        packed(path, "")


@pytest.mark.parametrize(
    ("box", "found"),
    [
        ('{"type": 1, "base64": "dGVh"}', b"tea"),
        ('{"type": 2, "url": "https://x.example/t"}', "https://x.example/t"),
        ('{"boxType": 2, "remoteUrl": "http://x.example/t"}', "http://x.example/t"),
        ('{"type": 7, "uuid": "6f88"}', ""),
    ],
)
def test_a_box_holds_bytes_or_says_where_they_are(box: str, found: bytes | str) -> None:
    """Bytes, an address, or nothing that can be read without the gateway."""
    assert found == unpacked(box)


@pytest.mark.parametrize("box", ["", "[]", "{", '{"url": "file:///etc/passwd"}', '{"base64": "x"}', '{"base64": 1}'])
def test_a_box_that_is_none(box: str) -> None:
    """Nor is a file of this machine ever read because a message says so."""
    with pytest.raises(Gone):
        unpacked(box)


def test_bytes_on_the_web(web: str) -> None:
    """They are fetched; what is not there never will be; trouble may pass."""
    assert b"tea" == fetched(f"{web}/tea", "127.0.0.1")
    with pytest.raises(Gone):
        fetched(f"{web}/nothing", "127.0.0.1")
    with pytest.raises(OSError, match="500"):
        fetched(f"{web}/500", "127.0.0.1")
