"""Files of conversations: only what is what it says, only for who may see it, never as a page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from bot.console.conversation import evidence_url, sent_url
from bot.console.desk import Visit
from bot.console.files import NotTaken, file_routes, keep, plain_name
from bot.console.sessions import written
from bot.console.sockets import VISIT
from followup.evidence import Evidence, EvidenceState
from followup.model import Attachment, Media, Outgoing, OutgoingState, Role
from tests.bot.console.matters import NOON, Matters

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PDF = b"%PDF-1.7\n" + bytes(64)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Matters]:
    made = Matters.made(tmp_path)
    yield made
    made.app.close()


def get(shop: Matters, visit: Visit | None, url: str) -> httpx.Response:
    """What a browser behind the door gets, which has seen who it is."""
    app = Starlette(routes=file_routes(shop.desk))

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        scope[VISIT] = visit
        await app(scope, receive, send)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://console") as browser:
            answer = await browser.get(url)
        await written()
        return answer

    return asyncio.run(ask())


def kept(shop: Matters, content: bytes, mime: str, name: str = "cup.jpg", path: str = "tea/1.bin") -> str:
    """A file that the buyer sent; returns its address."""
    place = shop.desk.config.evidence.folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    file = Evidence(f"e/{path}", "tea/1001/unpaid_order", "tea", "c", "manual", "m", NOON, Media.PHOTO, "r", name, mime)
    shop.app.store.run(lambda tx: tx.save(replace(file, state=EvidenceState.KEPT, path=path)))
    return evidence_url(file.id)


def sent(shop: Matters, attachment: Attachment) -> str:
    """A message of ours with a file; returns the file's address."""
    of = ("tea", "b1", "c", "manual", "b1", "t", "says", Role.REPLY, "en", "", OutgoingState.SENT, NOON, NOON)
    message = Outgoing("m/1", *of, attachments=(attachment,))
    shop.app.store.run(lambda tx: tx.save(message))
    return sent_url("m/1", 0)


class TestGivenOut:
    def test_a_picture_is_shown(self, shop: Matters) -> None:
        """With its own type, in the page."""
        answer = get(shop, shop.visit(), kept(shop, PNG, "image/png", "杯子.png"))
        assert (200, "image/png", PNG) == (answer.status_code, answer.headers["content-type"], answer.content)
        assert answer.headers["content-disposition"].startswith("inline")
        assert "nosniff" == answer.headers["x-content-type-options"]

    @pytest.mark.parametrize("mime", ["application/pdf", "text/html", "image/svg+xml", "text/plain", "image/heic"])
    def test_anything_else_is_saved(self, shop: Matters, mime: str) -> None:
        """Under a type that no browser runs, whatever somebody called it."""
        answer = get(shop, shop.visit(), kept(shop, b"<script>alert(1)</script>", mime, 'x".html'))
        assert "application/octet-stream" == answer.headers["content-type"]
        assert answer.headers["content-disposition"].startswith("attachment")

    def test_only_who_works_for_the_shop(self, shop: Matters) -> None:
        """Somebody of another shop, and who is not logged in, find nothing."""
        url = kept(shop, PNG, "image/png")
        assert [404, 404] == [get(shop, each, url).status_code for each in (shop.visit("far"), None)]

    @pytest.mark.parametrize("path", ["../huifang.db", "/etc/passwd", "tea/../../huifang.db"])
    def test_nothing_outside_the_folder(self, shop: Matters, path: str) -> None:
        """Whatever stands in the database."""
        file = Evidence("e", "t", "tea", "c", "manual", "m", NOON, Media.PHOTO, "r", "", "image/png")
        shop.app.store.run(lambda tx: tx.save(replace(file, state=EvidenceState.KEPT, path=path)))
        assert 404 == get(shop, shop.visit(), evidence_url("e")).status_code

    def test_what_our_people_sent(self, shop: Matters) -> None:
        """From the folder of what they send, and from nowhere else."""
        attachment = keep(shop.desk.config, "cup.png", PNG)
        assert PNG == get(shop, shop.visit(), sent(shop, attachment)).content

    def test_a_path_in_a_message_names_no_other_file(self, shop: Matters) -> None:
        """Not even one in a folder of that name elsewhere."""
        other = shop.desk.config.evidence.folder.parent / "elsewhere" / "desk" / "x.png"
        other.parent.mkdir(parents=True)
        other.write_bytes(PNG)
        url = sent(shop, Attachment(Media.PHOTO, str(other), "x.png", "image/png"))
        assert 404 == get(shop, shop.visit(), url).status_code

    @pytest.mark.parametrize("query", ["", "?evidence=no", "?message=no&number=0", "?message=m&number=x"])
    def test_what_is_not_there(self, shop: Matters, query: str) -> None:
        """Is not found."""
        assert 404 == get(shop, shop.visit(), f"/console/file{query}").status_code


class TestKept:
    def test_beside_those_of_the_group(self, shop: Matters) -> None:
        """In the folder in which erasing looks, readable by nobody else, under a name of our own."""
        found = keep(shop.desk.config, "../../cup.exe", PNG)
        path = Path(found.ref)
        assert ("desk", ".png", 0o600) == (path.parent.name, path.suffix, path.stat().st_mode & 0o777)
        assert ("cup.png", "image/png", len(PNG), Media.PHOTO) == (found.name, found.mime, found.size, found.media)
        assert found == keep(shop.desk.config, "../../cup.exe", PNG)

    def test_what_is_none_of_the_kinds(self, shop: Matters) -> None:
        """Programs and pages are not sent, whatever they are called."""
        for content in (b"MZ" + bytes(64), b"<html><script>", b""):
            with pytest.raises(NotTaken):
                keep(shop.desk.config, "cup.jpg", content)

    def test_a_document_is_a_file(self, shop: Matters) -> None:
        """By its bytes, not by its name."""
        assert (Media.FILE, "offer.pdf") == (
            keep(shop.desk.config, "offer.jpg", PDF).media,
            keep(shop.desk.config, "offer.jpg", PDF).name,
        )

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("a/b/c.txt", "c.png"),
            ("..", "file.png"),
            ("", "file.png"),
            ("C:\\x\\茶.jpeg", "茶.png"),
            ("x" * 200, "x" * 80 + ".png"),
        ],
    )
    def test_a_name_is_only_a_name(self, name: str, expected: str) -> None:
        """No path in it leads anywhere."""
        assert expected == plain_name(name, "png")
