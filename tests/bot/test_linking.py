"""`huifang link`, `huifang chats` and `huifang import --links`: what a shop's people type and what they get."""

from __future__ import annotations

import csv
import re
import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.commands.linking import masked
from followup.events import ChatOpened, DeliveryResult, Outcome
from followup.linking import digest_of
from followup.model import Link, Outgoing, Status
from followup.policy import Policy
from followup.ports import Capabilities, NotYet
from followup.understood import Intent, Understood
from handlers.chat_opened import chat_opened, wanted
from handlers.deps import Deps
from scripts_library.library import Library
from store.store import SqlStore
from tests.bot.tea import an_order, write_jsonl
from tests.store.makers import keep, kept

CONFIG = """\
[agents]
lang = "en"

[shops.tea]
platform = "independent"
channel = "talk"
zone = "UTC"
link_lasts = "2d"

[shops.market]
platform = "taobao"

[shops.phone]
platform = "independent"

[channels.talk]
type = "telegram"
shop = "tea"

[channels.words]
type = "wechaty"
shop = "tea"
"""
TOKEN = r"hf-[2-9a-hjkmnp-z]{26}"
NOW = datetime.now(UTC).replace(microsecond=0)
CAN = Capabilities(needs_chat=True)
DEPS = Deps(
    Library.load(),
    {"tea": Policy("tea")},
    lambda *_: Understood(Intent.OTHER),
    {"tea": "talk"},
    {"talk": CAN, "words": CAN},
)


class Words:
    """A channel that hears buyers and has no links."""

    capabilities = CAN

    def __init__(self, name: str) -> None:
        self.name, self.is_closed = name, False

    async def send(self, message: Outgoing) -> DeliveryResult:
        return DeliveryResult(message.id, Outcome.ACCEPTED, NOW)

    async def receive(self, inbox: object) -> None: ...

    async def close(self) -> None:
        self.is_closed = True


class Talk(Words):
    """A channel with links, which may be down."""

    is_down = False

    async def link(self, token: str) -> str:
        if self.is_down:
            raise NotYet("no answer")
        return f"https://talk.example/{token}"


class Typed:
    """What came of a command."""

    def __init__(self, *words: str) -> None:
        done = CliRunner().invoke(app, [*words], env={"COLUMNS": "200"})
        self.code, self.out, self.err = done.exit_code, done.stdout, done.stderr
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception

    @property
    def token(self) -> str:
        """The one token that was printed."""
        found = set(re.findall(TOKEN, self.out))
        assert 1 == len(found)
        return str(found.pop())


@pytest.fixture
def channels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, migrated_file: Path) -> dict[str, Words]:
    """A configured shop with an order, in the folder where commands are typed, and its two channels."""
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text(CONFIG, encoding="utf-8")
    Path("var").mkdir()
    shutil.copy(migrated_file, "var/huifang.db")
    monkeypatch.setattr("bot.logs.setup_logs", lambda *_: None)
    made: dict[str, Words] = {"talk": Talk("talk"), "words": Words("words")}
    monkeypatch.setattr("bot.app.make_channels", lambda *_: list(made.values()))
    store = SqlStore("sqlite:///var/huifang.db")
    keep(store, an_order(1, NOW), replace(an_order(2, NOW), shop="market"), replace(an_order(3, NOW), shop="phone"))
    store.close()
    return made


def stored(token: str) -> Link | None:
    """The link of a token."""
    store = SqlStore("sqlite:///var/huifang.db")
    try:
        return kept(store, Link(digest_of(token), "", "", NOW, NOW))
    finally:
        store.close()


def opens(channel: str, address: str, token: str) -> None:
    """A buyer follows a link."""
    store = SqlStore("sqlite:///var/huifang.db")
    event = ChatOpened("tea", channel, address, address, NOW, token)
    store.run(lambda tx: chat_opened(event, tx, DEPS, NOW), wanted(event))
    store.close()


class TestLink:
    def test_a_link_with_its_picture(self, channels: dict[str, Words]) -> None:
        """On the shop's own channel, for as long as the shop says; stored by its hash alone, the channel let go."""
        typed = Typed("link", "o1")
        link = stored(typed.token)
        assert (0, f"https://talk.example/{typed.token}", True) == (
            typed.code,
            typed.out.splitlines()[-1],
            len(typed.out.splitlines()) > 12,
        )
        assert link is not None
        assert ("tea", "o1", None) == (link.shop, link.order_id, link.used_at)
        assert timedelta(days=2) == link.expires_at - link.created_at
        assert channels["talk"].is_closed
        assert typed.token not in Path("var/huifang.db").read_bytes().decode("latin-1")

    def test_each_link_is_another(self, channels: dict[str, Words]) -> None:
        """Two commands, two tokens, both good."""
        assert Typed("link", "o1").token != Typed("link", "o1").token

    def test_the_link_ties_the_chat(self, channels: dict[str, Words]) -> None:
        """What is printed is what the buyer shows."""
        opens("talk", "77", Typed("link", "o1").token)
        assert " talk " in Typed("chats", "o1").out

    def test_on_a_channel_without_links_it_is_words(self, channels: dict[str, Words]) -> None:
        """To be sent in the chat; the sentence says so, and there is nothing to draw."""
        typed = Typed("link", "o1", "--channel", "words", "--lasts", "1h")
        link = stored(typed.token)
        assert ("this channel has no links", typed.token) == (typed.out[:25], typed.out.splitlines()[-1])
        assert timedelta(hours=1) == (link.expires_at - link.created_at if link else None)
        refused = Typed("link", "o1", "--channel", "words", "--qr", "a.png")
        assert (2, True) == (refused.code, "nothing to draw" in refused.err)

    @pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml")])
    def test_the_picture_as_a_file(self, channels: dict[str, Words], name: str, begins: bytes) -> None:
        """For e-mails and parcels."""
        typed = Typed("link", "o1", "--qr", name)
        assert (0, True) == (typed.code, Path(name).read_bytes().startswith(begins))

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("o9",), "there is no order o9"),
            (("o2",), "taobao forbids taking its buyers to another chat"),
            (("o3",), "where no buyer can open a chat"),
            (("o1", "--shop", "market"), "there is no order o1"),
            (("o1", "--channel", "nowhere"), "tea has no channel 'nowhere'; it may be one of talk, words"),
            (("o3", "--channel", "talk"), "phone has no channel 'talk'"),
            (("o1", "--lasts", "soon"), '--lasts: expected a duration from "1s" to "365d"'),
            (("o1", "--qr", "a.txt"), "--qr: expected a file ending in .png or .svg"),
            (("o1", "--qr", "nowhere/a.png"), "No such file or directory"),
        ],
    )
    def test_a_mistake_is_one_sentence(self, channels: dict[str, Words], words: tuple[str, ...], sentence: str) -> None:
        """And exit code 2."""
        typed = Typed("link", *words)
        assert (2, True) == (typed.code, sentence in typed.err), typed.err

    def test_a_number_in_two_shops_has_to_be_told_apart(self, channels: dict[str, Words]) -> None:
        """Which shop's order is meant is asked."""
        store = SqlStore("sqlite:///var/huifang.db")
        keep(store, replace(an_order(1, NOW), shop="phone"))
        store.close()
        assert (2, 0) == (Typed("link", "o1").code, Typed("link", "o1", "--shop", "tea").code)

    def test_a_service_that_is_down_makes_nothing(self, channels: dict[str, Words]) -> None:
        """The sentence says what to do, and no link is left behind."""
        Talk.is_down = True
        try:
            typed = Typed("link", "o1")
        finally:
            Talk.is_down = False
        assert (2, True) == (typed.code, "talk cannot make a link now: no answer" in typed.err)
        assert channels["talk"].is_closed
        with sqlite3.connect("var/huifang.db") as connection:
            assert (0,) == connection.execute("SELECT count(*) FROM links").fetchone()


class TestChats:
    def test_nobody_has_opened_one(self, channels: dict[str, Words]) -> None:
        """Said with what to do."""
        assert "has opened no chat yet; `huifang link o1`" in Typed("chats", "o1").out

    def test_the_chats_and_which_is_preferred(self, channels: dict[str, Words]) -> None:
        """Addresses by their ends; the chat that was linked last is preferred until somebody chooses another."""
        opens("talk", "7712345678", Typed("link", "o1").token)
        opens("words", "wxid_abcdefgh", Typed("link", "o1").token)
        listed = Typed("chats", "o1").out
        assert ("…678" in listed, "…fgh" in listed, "7712345678" in listed) == (True, True, False)
        assert ["talk", "words", "yes"] == [row[1] for row in cells(listed)] + [cells(listed)[1][-1]]
        chosen = cells(Typed("chats", "o1", "--prefer", "1").out)
        assert ["yes", ""] == [row[-1] for row in chosen]
        assert ["yes", ""] == [row[-1] for row in cells(Typed("chats", "o1").out)]
        assert 2 == Typed("chats", "o1", "--prefer", "3").code

    def test_an_unknown_order(self, channels: dict[str, Words]) -> None:
        """One sentence."""
        assert (2, True) == ((typed := Typed("chats", "o9")).code, "there is no order o9" in typed.err)


def cells(table: str) -> list[list[str]]:
    """The rows of a printed table below its header."""
    rows = [[cell.strip() for cell in line.strip("│┃").split("│")] for line in table.splitlines() if "│" in line]
    return [row for row in rows if len(row) > 3]


class TestImport:
    def test_links_for_those_who_have_no_chat(self, channels: dict[str, Words]) -> None:
        """Of the orders in the file those under way whose buyers have opened none; the file is for nobody else."""
        opens("talk", "77", Typed("link", "o1").token)
        finished = an_order(5, NOW, status=Status.FINISHED, paid_at=NOW)
        write_jsonl(Path("a.jsonl"), [an_order(1, NOW), an_order(4, NOW), finished, an_order(6, NOW)])
        typed = Typed("import", "a.jsonl", "--shop", "tea", "--links", "links.csv")
        with Path("links.csv").open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file)
        assert (0, ["order", "link", "expires"], ["o4", "o6"]) == (typed.code, header, [row[0] for row in rows])
        assert 0o600 == Path("links.csv").stat().st_mode & 0o777
        assert "links.csv: 2 links" in typed.out
        token = rows[0][1].removeprefix("https://talk.example/")
        link = stored(token)
        assert ("o4", rows[0][2]) == ((link.order_id, link.expires_at.isoformat(timespec="seconds")) if link else ())

    def test_a_platform_that_forbids_it_is_asked_first(self, channels: dict[str, Words]) -> None:
        """Nothing is imported before the mistake is told."""
        write_jsonl(Path("a.jsonl"), [replace(an_order(4, NOW), shop="market")])
        typed = Typed("import", "a.jsonl", "--shop", "market", "--links", "links.csv")
        assert (2, True, "") == (typed.code, "taobao forbids" in typed.err, typed.out)

    def test_a_service_that_is_down_leaves_the_orders(self, channels: dict[str, Words]) -> None:
        """They are imported, and no half file is left."""
        write_jsonl(Path("a.jsonl"), [an_order(4, NOW)])
        Talk.is_down = True
        try:
            typed = Typed("import", "a.jsonl", "--shop", "tea", "--links", "links.csv")
        finally:
            Talk.is_down = False
        assert (2, True) == (typed.code, "the orders are imported" in typed.err)
        assert [] == list(Path().glob("*links*")) + list(Path().glob(".*links*"))
        assert "has opened no chat" in Typed("chats", "o4").out


def test_every_chat_can_be_told_by_its_end() -> None:
    """Never more than half of an address is shown."""
    assert ["…", "…", "…2", "…67", "…678"] == [masked(address) for address in ("", "1", "12", "4567", "12345678")]
