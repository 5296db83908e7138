"""Who tries passwords gets nowhere, learns nothing, and cannot keep the owner out for good."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.console import passwords
from bot.console.passwords import set_password
from tests.bot.console.conftest import Served
from tests.hostile.door import Door

GOOD, WRONG = "a right password", "wrong wrong wrong"


def served(door: Door) -> Served:
    """Its console."""
    return Served(door.app, door.clock)


async def owner(door: Door) -> None:
    """The owner has a password."""
    person = door.app.deps.roster.named("chen")
    assert person
    assert door.app.desk
    await set_password(door.app.desk, person, GOOD)


async def locked_out(desk: Served) -> None:
    """Somebody used up what there is."""
    for _ in range(desk.app.config.console.login_tries):
        assert 401 == (await desk.ask(desk.browser(), "chen", WRONG)).status_code
    assert 429 == (await desk.ask(desk.browser(), "chen", GOOD)).status_code


async def test_a_restart_forgets_no_attempt(tmp_path: Path, sqlite_url: str) -> None:
    """Attempts are counted in the database: who has the program fall begins no new count."""
    door = await Door(tmp_path, sqlite_url).start()
    await owner(door)
    await locked_out(served(door))
    await door.stop()
    again = await Door(tmp_path, sqlite_url).start()
    try:
        assert 429 == (await served(again).ask(served(again).browser(), "chen", GOOD)).status_code
    finally:
        await again.stop()


async def test_the_owner_gets_in_by_a_link_all_the_same(door: Door) -> None:
    """Whoever is at the machine makes himself one (`huifang console link`); and in a quarter of an hour passwords count
    again."""
    await owner(door)
    desk = served(door)
    await locked_out(desk)
    assert await desk.logged_in("chen")
    door.clock.move(door.app.config.console.login_tries_every + timedelta(seconds=1))
    assert 303 == (await desk.ask(desk.browser(), "chen", GOOD)).status_code


async def test_an_unknown_name_costs_as_much(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """For every name one password is verified, with today's effort: nothing is learnt from how long it takes."""
    await owner(door)
    verified: list[str] = []
    fits = passwords._fits

    def counted(hashed: str, password: str) -> bool:
        verified.append(hashed.rpartition("$")[0].rpartition("$")[0])
        return fits(hashed, password)

    monkeypatch.setattr(passwords, "_fits", counted)
    assert door.app.desk
    for name in ("chen", "li", "nobody", "", "x" * 10_000):
        assert None is await passwords.proven(door.app.desk, name, WRONG)
    assert (5, 1) == (len(verified), len(set(verified)))


@pytest.mark.parametrize(
    "password", ["", "\0", "\ud800".encode("utf-8", "replace").decode(), "x" * 100_000, "' OR 1=1 --"]
)
async def test_no_password_is_too_strange_to_be_wrong(door: Door, password: str) -> None:
    """It is answered as every wrong one is."""
    await owner(door)
    desk = served(door)
    assert 401 == (await desk.ask(desk.browser(), "chen", password)).status_code


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "../../etc/passwd", "%00", "' OR '1'='1"])
async def test_no_session_and_no_link_is_guessed(door: Door, token: str) -> None:
    """Both are 256 bits of chance, of which only a digest is stored."""
    desk = served(door)
    cookies: Any = {f"huifang-{door.http.port}": token, "__Host-huifang": token}
    answer = await desk.browser(cookies=cookies).get("/console/today")
    assert (303, True) == (answer.status_code, answer.headers["location"].startswith("/console/login"))
    assert (await desk.browser().get("/console/login", params={"t": token})).status_code in (200, 410)
