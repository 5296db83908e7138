"""Where the console may be served, and how `huifang check` and `huifang run` say so."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from os import environ
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import bootstrap
from bot.config import Config, Console, Http
from bot.console.invites import link_of
from bot.console.standing import refusal, standing
from bot.serving import ConsoleRefused
from tests.bot.console.conftest import a_console

HUIFANG = str(Path(sys.executable).with_name("huifang"))
URL = Console(url="https://desk.example")
WIDE = Http(host="0.0.0.0")
SECRET = {"console_secret": SecretStr("s" * 32)}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.2"])
def test_on_this_computer_it_needs_nothing(host: str) -> None:
    """Nobody else can reach it."""
    assert "" == refusal(Config(http=Http(host=host)))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"http": WIDE}, "http.host is 0.0.0.0), but HUIFANG_CONSOLE_SECRET is missing"),
        ({"http": Http(host="192.0.2.7")}, "http.host is 192.0.2.7"),
        ({"console": URL}, "console.url is https://desk.example), but"),
        ({"http": WIDE, "secrets": {"console_secret": SecretStr("s" * 31)}}, "has only 31 characters"),
    ],
)
def test_where_others_reach_it_it_needs_a_secret(given: Mapping[str, object], why: str) -> None:
    """The sentence says why, and the three ways out."""
    said = refusal(Config(**given))
    ways = ("Set it to at least 32", 'http.host = "127.0.0.1"', "console.on = false")
    assert (True, True) == (why in said, all(way in said for way in ways))


@pytest.mark.parametrize("given", [{"secrets": SECRET}, {"console": Console(on=False)}])
def test_the_ways_out(given: Mapping[str, object]) -> None:
    """With a secret it is served; and what is off can be open to nobody."""
    assert "" == refusal(Config(**{"http": WIDE, **given}))


def test_the_program_is_not_even_wired(tmp_path: Path, sqlite_url: str) -> None:
    """Before anything listens; without the console the same configuration is well."""
    config = a_console(tmp_path, sqlite_url, http=WIDE)
    with pytest.raises(ConsoleRefused, match="HUIFANG_CONSOLE_SECRET is missing"):
        bootstrap(config, serving=True)
    app = bootstrap(config)
    assert (None, None) == (app.desk, app.http)
    app.close()


def test_off(tmp_path: Path, sqlite_url: str) -> None:
    """There is none, and without a channel that listens no port either."""
    app = bootstrap(a_console(tmp_path, sqlite_url, console=Console(on=False)), serving=True)
    assert (None, None) == (app.desk, app.http)
    app.close()


def test_run_ends_with_a_sentence(tmp_path: Path) -> None:
    """And exit code 2."""
    (tmp_path / "config.toml").write_text('[http]\nhost = "0.0.0.0"\nport = 0\n[shops.tea]\n', encoding="utf-8")
    clean = {name: value for name, value in environ.items() if not name.startswith("HUIFANG_")}
    done = subprocess.run(
        [HUIFANG, "run"], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False, timeout=60
    )
    assert (2, True) == (done.returncode, done.stderr.startswith("huifang: console: others can reach it"))
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "http://127.0.0.1:8080/console/, for this computer alone"),
        ({"console": URL, "secrets": SECRET}, "https://desk.example/console/, for whoever logs in"),
        ({"console": Console(on=False)}, "off (console.on)"),
    ],
)
def test_how_it_stands(given: Mapping[str, object], said: str) -> None:
    """Where it is, and for whom."""
    assert said == standing(Config(**given))


@pytest.mark.parametrize(
    "given",
    [{"http": WIDE}, {"http": WIDE, "secrets": SECRET}, {"console": Console(url="http://desk"), "secrets": SECRET}],
)
def test_what_needs_care(given: Mapping[str, object]) -> None:
    """No secret, and words that travel in the open."""
    with pytest.raises(ValueError, match=r"HUIFANG_CONSOLE_SECRET|not HTTPS"):
        standing(Config(**given))


@pytest.mark.parametrize(
    ("config", "link"),
    [
        (Config(), "http://127.0.0.1:8080/console/login?t=x"),
        (Config(console=Console(url="https://desk.example/")), "https://desk.example/console/login?t=x"),
        (Config(http=WIDE), "http://127.0.0.1:8080/console/login?t=x"),
        (Config(http=Http(host="2001:db8::7")), "http://[2001:db8::7]:8080/console/login?t=x"),
    ],
)
def test_where_a_link_leads(config: Config, link: str) -> None:
    """To the address that people see."""
    assert link == link_of("x", config)
