"""What stands around a page, and who may see it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from nicegui import ui

from bot.console.desk import Desk, Visit
from bot.console.frame import PAGES, page, register
from bot.console.head import like
from bot.console.keys import keys
from bot.console.parts import TONES, chip, heading, moment, when
from bot.console.sessions import written
from followup.desk.people import Person, Rank
from store.console import logins
from tests.bot.console.conftest import Served
from tests.bot.tea import NOON


@pytest.fixture
async def pages(served: Served) -> AsyncIterator[Served]:
    """With pages of our own: one for all, one for the owner, one that breaks."""
    known = len(PAGES)

    @page("/probe/{id:path}", "thread")
    async def probe(desk: Desk, visit: Visit, id: str, q: str = "none") -> None:  # noqa: A002
        heading("Probe", 1)
        ui.label(f"{visit.person.id} asks {q} about {id} of {desk.config.shops['tea'].platform}")
        keys({"j": ("Next one", "next .row")})

    @page("/throne", "settings", Rank.OWNER)
    async def throne(desk: Desk, visit: Visit) -> None:
        heading("Throne", 1)

    @page("/foreign/{id:path}", "thread")
    async def foreign(desk: Desk, visit: Visit, id: str) -> None:  # noqa: A002
        ui.context.client.status_code = 404

    @page("/broken", "today")
    async def broken(desk: Desk, visit: Visit) -> None:
        raise RuntimeError("phone 13800138000")

    register(served.desk)
    yield served
    del PAGES[known:]


async def test_a_page_gets_what_it_asks_for(pages: Served) -> None:
    """The desk, who looks, and the parts of its path and query."""
    answer = await (await pages.logged_in()).get("/console/probe/tea/1/unpaid_order?q=why")
    assert (200, True) == (answer.status_code, "li asks why about tea/1/unpaid_order of taobao" in answer.text)


async def test_what_somebody_saw_is_written_down(pages: Served) -> None:
    """With what it was about."""
    await (await pages.logged_in()).get("/console/probe/tea/1/unpaid_order")
    await written()
    acts = await pages.desk.read(logins.acts_of, "tea/1/unpaid_order")
    assert [("li", "saw.thread")] == [(act.person, act.what) for act in acts]


async def test_what_somebody_was_refused_is_not_written_down_as_seen(pages: Served) -> None:
    """Another shop's thread answers 404, and nobody has seen it."""
    answer = await (await pages.logged_in()).get("/console/foreign/cups/1/unpaid_order")
    await written()
    assert 404 == answer.status_code
    assert [] == await pages.desk.read(logins.acts_of, "cups/1/unpaid_order")


@pytest.mark.parametrize(("who", "code"), [("li", 403), ("wang", 403), ("chen", 200)])
async def test_who_may_see_it(pages: Served, who: str, code: int) -> None:
    """Others get a sentence, nothing of the page, and no place for it in the navigation."""
    browser = await pages.logged_in(who)
    answer = await browser.get("/console/throne")
    assert (code, code == 200, code == 403) == (
        answer.status_code,
        "Throne" in answer.text,
        "You may not see this page" in answer.text,
    )


async def test_what_was_refused_was_not_seen(pages: Served) -> None:
    """The list of who saw what holds what was shown."""
    await (await pages.logged_in()).get("/console/throne")
    await written()
    assert ["did.login_by_link"] == [act.what for act in await pages.desk.read(logins.acts_of)]


async def test_a_page_that_breaks(pages: Served) -> None:
    """One reads that it did, and nothing of the error."""
    answer = await (await pages.logged_in()).get("/console/broken")
    assert (500, True) == (answer.status_code, "Something went wrong" in answer.text)
    assert "13800138000" not in answer.text


async def test_a_page_that_is_not_there(pages: Served) -> None:
    """Said in his language, with a way back."""
    answer = await (await pages.logged_in()).get("/console/nowhere")
    assert (404, True) == (answer.status_code, "There is no such page" in answer.text)
    assert 'href="/console/"' in answer.text


async def test_in_his_language_and_colours(pages: Served) -> None:
    """As he chose them, of this page as of all others; others keep theirs."""
    li, wang = await pages.logged_in(), await pages.logged_in("wang")
    await like(pages.desk, Person("li", "Li"), lang="zh-CN")
    await like(pages.desk, Person("li", "Li"), theme="dark")
    mine, his = [(await browser.get("/console/probe/x")).text for browser in (li, wang)]
    assert ['<html lang="zh-CN">', '<html lang="en-US">'] == [
        next(line for line in text.splitlines() if line.startswith("<html")) for text in (mine, his)
    ]
    assert (True, True) == ("<title>跟进 · Huifang</title>" in mine, "<title>Thread · Huifang</title>" in his)
    assert ("const dark = True" in mine, "const dark = None" in his) == (True, True)


async def test_a_password_keeps_the_looks(pages: Served) -> None:
    """And the other way round."""
    from bot.console.passwords import set_password

    li = Person("li", "Li")
    await like(pages.desk, li, theme="dark")
    await set_password(pages.desk, li, "correct horse battery")
    await like(pages.desk, li, lang="zh-CN")
    login = await pages.desk.read(logins.login_of, "li")
    assert login
    assert ("dark", "zh-CN", True) == (login.theme, login.lang, login.password.startswith("$argon2id$"))


async def test_where_one_is(pages: Served) -> None:
    """The navigation marks the present page, a matter under its list, and only what he may see is in it."""
    text = (await (await pages.logged_in()).get("/console/probe/x")).text
    marked = text.split('"aria-current":"page"')
    assert (2, True) == (len(marked), "/console/threads" in marked[0][-400:] + marked[1][:400])


async def test_a_moment_in_short() -> None:
    """Only what does not go without saying."""
    zone = NOON.tzinfo
    assert zone
    found = [when(NOON.replace(**at), zone, NOON) for at in ({}, {"day": 1}, {"year": 2025})]
    assert ["04:00", "03-01 04:00", "2025-03-02 04:00"] == found


async def test_a_tone_that_there_is_not() -> None:
    """A chip has one of the tones that can be read."""
    with pytest.raises(ValueError, match="calm, good, warn, bad, info"):
        chip("late", "red")
    assert (5, True) == (len(TONES), callable(moment))
