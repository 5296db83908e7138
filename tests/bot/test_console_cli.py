"""`huifang console`: links to log in by, who is logged in, and who saw and did what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.app import App, bootstrap
from bot.cli import app as cli
from bot.config import load
from bot.console.sessions import digest_of
from followup.desk.logins import Act, Session
from store.console import logins
from store.wanted import Wanted

CONFIG = """
[agents]
lang = "en"
[agents.people.li]
name = "Xiao Li"
[agents.people.chen]
rank = "owner"
[shops.tea]
zone = "UTC"
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A shop with two people, and no database yet."""
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text(CONFIG, encoding="utf-8")


def typed(*words: str) -> Result:
    """What a command says."""
    return CliRunner().invoke(cli, ["console", *words])


def opened() -> App:
    """The same shop from within."""
    return bootstrap(load(Path("config.toml")), speaking=False)


def kept(*items: object) -> None:
    """Somebody was at work in the console."""
    app = opened()
    app.store.run(lambda tx: [tx.save(item) for item in items], Wanted())
    app.close()


class TestInvite:
    @pytest.mark.parametrize("name", ["li", "Xiao Li"])
    def test_it_prints_the_link(self, name: str) -> None:
        """Of somebody by id or name; only a digest of it is kept, and the day it is good for."""
        lines = typed("invite", name).output.splitlines()
        assert lines[-2].startswith("link for Xiao Li to log in, good until ")
        address, token = lines[-1].split("?t=")
        app = opened()
        with app.store.engine.connect() as connection:
            invite = logins.invite_of(connection, digest_of(token, app.config), datetime.now(UTC))
        app.close()
        assert invite
        assert ("http://127.0.0.1:8080/console/login", "li") == (address, invite.person)
        assert timedelta(days=1) == invite.expires_at - invite.made_at

    def test_for_as_long_as_one_says(self) -> None:
        """And no longer."""
        token = typed("invite", "li", "--lasts", "2h").output.split("?t=")[1].strip()
        app = opened()
        with app.store.engine.connect() as connection:
            over = logins.invite_of(connection, digest_of(token, app.config), datetime.now(UTC) + timedelta(hours=2))
        app.close()
        assert over is None

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("nobody",), "'nobody' is none of your people (agents.people): li, chen"),
            (("li", "--lasts", "5"), "--lasts: expected a duration"),
        ],
    )
    def test_a_mistake_is_one_sentence(self, words: tuple[str, ...], sentence: str) -> None:
        """With exit code 2."""
        done = typed("invite", *words)
        assert (2, True) == (done.exit_code, sentence in done.output)

    def test_without_the_secret_that_the_console_has(self) -> None:
        """The link would lead nowhere, and the sentence says what is missing."""
        with Path("config.toml").open("a", encoding="utf-8") as file:
            file.write('[console]\nurl = "https://desk.example"\n')
        done = typed("invite", "li")
        assert (2, True) == (done.exit_code, "HUIFANG_CONSOLE_SECRET is missing" in done.output)


class TestSessions:
    def test_nobody(self) -> None:
        """A sentence, where the list is empty."""
        kept()
        assert "Nobody is logged in.\n" == typed("sessions").output

    def test_who_is_there(self) -> None:
        """By name, from where, and until when; not whose time is over."""
        now = datetime.now(UTC).replace(microsecond=0)
        ago, later = now - timedelta(hours=1), now + timedelta(hours=9)
        kept(
            Session("a", "li", "192.0.2.7", ago, now, later),
            Session("b", "chen", "192.0.2.9", ago, ago, now - timedelta(minutes=1)),
        )
        told = typed("sessions").output
        assert (True, True, False) == ("Xiao Li" in told, "192.0.2.7" in told, "chen" in told)
        assert f"{later:%Y-%m-%d %H:%M}" in told

    def test_ending_them(self) -> None:
        """All of one person; the links he did not use are dead too."""
        now = datetime.now(UTC)
        kept(*(Session(name, "li", "", now, now, now + timedelta(hours=1)) for name in "ab"))
        token = typed("invite", "li").output.split("?t=")[1].strip()
        assert "Xiao Li is logged out of 2 browsers" in typed("sessions", "--end", "Xiao Li").output
        app = opened()
        with app.store.engine.connect() as connection:
            left = (
                logins.sessions_now(connection, now),
                logins.invite_of(connection, digest_of(token, app.config), now),
            )
        app.close()
        assert ([], None) == left


class TestActs:
    @pytest.fixture(autouse=True)
    def _acts(self) -> None:
        at = datetime(2026, 3, 2, 4, tzinfo=UTC)
        kept(
            Act("1", at, "li", "saw.threads"),
            Act("2", at + timedelta(minutes=1), "li", "did.take", "tea/1/unpaid_order"),
            Act("3", at + timedelta(minutes=2), "chen", "saw.thread", "tea/1/unpaid_order"),
        )

    def lines(self, *words: str) -> list[str]:
        """The rows of the table."""
        return [line for line in typed("acts", *words).output.splitlines() if "2026-03-02" in line]

    def test_who_did_what(self) -> None:
        """The newest first, in words."""
        first, second, third = self.lines()
        assert (True, True, True) == ("saw: Thread" in first, "did: take it over" in second, "saw: Threads" in third)
        assert ("chen" in first, "Xiao Li" in second) == (True, True)

    @pytest.mark.parametrize(
        ("words", "rows"),
        [
            (("--about", "tea/1/unpaid_order"), 2),
            (("--of", "li"), 2),
            (("--of", "Xiao Li", "--about", "tea/1/unpaid_order"), 1),
            (("--limit", "1"), 1),
            (("--about", "tea/2/unpaid_order"), 0),
        ],
    )
    def test_only_some(self, words: tuple[str, ...], rows: int) -> None:
        """About one matter, or of one person."""
        assert rows == len(self.lines(*words))
