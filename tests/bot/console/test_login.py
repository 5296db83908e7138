"""Logging in and out: who may, by what, how often, and what nobody learns from trying."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from bot.console.entering import inside
from bot.console.passwords import fault_of, set_password
from bot.console.sessions import written
from bot.console.tries import place_of
from followup.desk.people import Person
from store.console import logins
from tests.bot.console.conftest import FORM, Served, sent

GOOD = "correct horse battery"


async def with_password(served: Served, person: str = "li") -> None:
    """Somebody who chose a password before."""
    known = served.desk.deps.roster.named(person)
    assert known
    await set_password(served.desk, known, GOOD)


def is_in(answer: httpx.Response) -> bool:
    """Whether somebody was let in."""
    return (answer.status_code, answer.headers.get("location")) == (303, "/console/")


class TestLink:
    async def test_it_logs_in_once(self, served: Served) -> None:
        """The button uses it up: who comes second is told that it is dead."""
        token = await served.invited()
        first, second = served.browser(), served.browser()
        page = f"/console/login?t={token}"
        forms = [await browser.get(page) for browser in (first, second)]
        assert ["Hello, Li" in form.text for form in forms] == [True, True]
        assert is_in(await sent(first, "/console/login", {}, page))
        late = await sent(second, "/console/login", {"t": token}, "/console/login")
        assert (410, True) == (late.status_code, "This link was used already" in late.text)

    async def test_looking_at_it_uses_nothing_up(self, served: Served) -> None:
        """Programs that show a preview of a link fetch it, some even twice."""
        page = f"/console/login?t={await served.invited()}"
        for _ in range(3):
            assert 200 == (await served.browser().get(page)).status_code
        assert is_in(await sent(served.browser(), "/console/login", {}, page))

    async def test_it_runs_out(self, served: Served) -> None:
        """After a day it is dead, and says nothing of whose it was."""
        token = await served.invited()
        served.clock.move(timedelta(days=1))
        answer = await served.browser().get(f"/console/login?t={token}")
        assert (410, False) == (answer.status_code, "Li" in answer.text)

    async def test_of_somebody_who_left(self, served: Served) -> None:
        """Whoever is none of the shop's people gets in by no link."""
        answer = await served.browser().get(f"/console/login?t={await served.invited('gone')}")
        assert 410 == answer.status_code

    async def test_one_that_nobody_made(self, served: Served) -> None:
        """It is as dead as a used one."""
        assert 410 == (await served.browser().get("/console/login?t=guessed")).status_code


class TestPassword:
    @pytest.mark.parametrize("name", ["li", "Li"])
    async def test_it_logs_in(self, served: Served, name: str) -> None:
        """By the id or by what the others call one."""
        await with_password(served)
        assert is_in(await served.ask(served.browser(), name, GOOD))

    async def test_one_comes_to_where_one_wanted(self, served: Served) -> None:
        """A page that asked for the login is shown after it."""
        await with_password(served)
        browser = served.browser()
        asked = await browser.get("/console/threads?kind=unpaid_order&q=1")
        answer = await sent(browser, "/console/login", {"name": "li", "password": GOOD}, asked.headers["location"])
        assert "/console/threads?kind=unpaid_order&q=1" == answer.headers["location"]

    async def test_nobody_learns_whether_a_name_exists(self, served: Served) -> None:
        """A wrong password, a name without one, and a name of nobody are answered the same."""
        await with_password(served)
        answers = [await served.ask(served.browser(), name, "wrong wrong wrong") for name in ("li", "wang", "nobody")]
        texts = {answer.text.split('name="proof"')[0] for answer in answers}
        assert ([401] * 3, 1) == ([answer.status_code for answer in answers], len(texts))
        assert "This is not the right name or password." in texts.pop()

    async def test_one_who_has_none_gets_in_by_none(self, served: Served) -> None:
        """An empty password is not his, nor the one that is hashed for strangers."""
        answers = [await served.ask(served.browser(), "wang", given) for given in ("", "nobody has this one")]
        assert [401, 401] == [answer.status_code for answer in answers]

    async def test_an_older_hash_is_made_anew(self, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        """With today's effort, at the next login."""
        from argon2 import PasswordHasher

        with monkeypatch.context() as before:
            before.setattr("bot.console.passwords._hasher", PasswordHasher(time_cost=1, memory_cost=8192))
            await with_password(served)
        old = await served.desk.read(logins.login_of, "li")
        assert is_in(await served.ask(served.browser(), "li", GOOD))
        new = await served.desk.read(logins.login_of, "li")
        assert old
        assert new
        assert ("m=8192,t=1" in old.password, "m=65536,t=3" in new.password) == (True, True)
        assert is_in(await served.ask(served.browser(), "li", GOOD))


class TestTries:
    async def test_an_address_has_five(self, served: Served) -> None:
        """The sixth is not even looked at, though it be right; a quarter of an hour later it is."""
        await with_password(served)
        browser = served.browser()
        codes = [(await served.ask(browser, "li", f"wrong wrong {n}")).status_code for n in range(5)]
        assert [401] * 5 == codes
        late = await served.ask(browser, "li", GOOD)
        assert (429, True) == (late.status_code, "Try again in 15 minutes" in late.text)
        served.clock.move(timedelta(minutes=15))
        assert is_in(await served.ask(browser, "li", GOOD))

    async def test_whatever_names_it_tries(self, served: Served) -> None:
        """Other names are no other attempts, and unknown ones count as known ones do."""
        for name in ("a", "b", "c", "li", "wang"):
            await served.ask(served.browser(), name, "wrong wrong wrong")
        assert 429 == (await served.ask(served.browser(), "chen", "wrong wrong wrong")).status_code

    async def test_a_person_has_twenty_from_everywhere(self, served: Served) -> None:
        """From many addresses no more than four times as many; others are not locked out by it."""
        await with_password(served)
        await with_password(served, "wang")
        for number in range(21):
            far = served.browser()
            far.headers["x-forwarded-for"] = f"203.0.113.{number}"
            answer = await served.ask(far, "li", "wrong wrong wrong")
        assert 429 == answer.status_code
        assert is_in(await served.ask(served.browser(), "wang", GOOD))

    async def test_a_right_one_does_not_count(self, served: Served) -> None:
        """Who logs in every hour, and mistypes sometimes, is not locked out."""
        await with_password(served)
        assert 401 == (await served.ask(served.browser(), "li", "wrong wrong wrong")).status_code
        for _ in range(8):
            assert is_in(await served.ask(served.browser(), "li", GOOD))

    async def test_one_s_own_login_does_not_free_the_address(self, served: Served) -> None:
        """An agent who guesses at the owner's password gains nothing by logging in as himself between."""
        await with_password(served)
        for _ in range(4):
            await served.ask(served.browser(), "chen", "wrong wrong wrong")
        assert is_in(await served.ask(served.browser(), "li", GOOD))
        assert 401 == (await served.ask(served.browser(), "chen", "wrong wrong wrong")).status_code
        assert 429 == (await served.ask(served.browser(), "chen", "wrong wrong wrong")).status_code

    def test_what_an_address_is(self) -> None:
        """Of IPv6 the network, for its holder has billions of addresses; an IPv4 one written as IPv6 is itself."""
        found = [place_of(host) for host in ("192.0.2.7", "2001:db8:1:2:3::4", "::ffff:192.0.2.7", "::1", "unix")]
        assert ["192.0.2.7", "2001:db8:1:2::/64", "192.0.2.7", "::1", "unix"] == found


class TestForms:
    async def test_one_that_is_not_ours(self, served: Served) -> None:
        """Without what was hidden in our form nobody is let in, whatever he knows."""
        await with_password(served)
        browser = served.browser()
        await browser.get("/console/login")
        answer = await browser.post("/console/login", data={"name": "li", "password": GOOD}, headers=FORM)
        assert 403 == answer.status_code

    @pytest.mark.parametrize(
        "said",
        [
            {},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "none"},
            {"origin": "https://evil.example"},
            {"origin": "null", "sec-fetch-site": "cross-site"},
            {"origin": "http://127.0.0.1:1"},
        ],
        ids=str,
    )
    async def test_from_another_page(self, served: Served, said: dict[str, str]) -> None:
        """Where a browser says that another page sent it, or nobody says anything, nothing is done."""
        browser = await served.logged_in()
        answer = await browser.post("/console/logout", data={}, headers=said)
        assert (403, 303) == (answer.status_code, (await browser.get("/console/")).status_code)
        assert "/console/today" == (await browser.get("/console/")).headers["location"]

    async def test_its_own_origin_will_do(self, served: Served) -> None:
        """Browsers that do not name the kind of a request name where it comes from."""
        browser = served.browser()
        text = (await browser.get("/console/login")).text
        proof = text.split('name="proof" value="')[1].split('"')[0]
        answer = await browser.post(
            "/console/login", data={"proof": proof, "name": "li"}, headers={"origin": served.url}
        )
        assert 401 == answer.status_code

    @pytest.mark.parametrize(
        "path",
        [
            "https://evil.example/",
            "//evil.example",
            "/console/\\evil",
            "/elsewhere",
            "/console/login",
            "/console/logout",
            "/console/\r\nx: y",
            "",
        ],
    )
    def test_where_it_never_leads(self, path: str) -> None:
        """After the login only a page of the console is shown."""
        assert "/console/" == inside(path)


class TestLeaving:
    async def test_logging_out(self, served: Served) -> None:
        """The session is over, and the cookie forgotten."""
        browser = await served.logged_in()
        token = dict(browser.cookies)
        page = await sent(browser, "/console/logout", {}, "/console/password")
        assert (303, "/console/login") == (page.status_code, page.headers["location"])
        assert not [name for name in browser.cookies if name.startswith("huifang-") and name != "huifang-form"]
        again = served.browser(cookies=token)
        assert "/console/login?next=/console/threads" == (await again.get("/console/threads")).headers["location"]

    async def test_it_is_written_down(self, served: Served) -> None:
        """Who came, how, and who went."""
        browser = await served.logged_in()
        await sent(browser, "/console/logout", {}, "/console/password")
        await written()
        acts = await served.desk.read(logins.acts_of)
        assert {("li", "did.login_by_link"), ("li", "did.logout")} == {(act.person, act.what) for act in acts}


class TestOwnPassword:
    async def test_the_first(self, served: Served) -> None:
        """Who came by a link chooses one, and gets in by it."""
        browser = await served.logged_in()
        answer = await sent(browser, "/console/password", {"new": GOOD, "again": GOOD})
        assert is_in(answer)
        assert "/console/today" == (await browser.get("/console/")).headers["location"]
        assert is_in(await served.ask(served.browser(), "li", GOOD))

    async def test_another_needs_the_one_before(self, served: Served) -> None:
        """Who finds an open browser cannot make it his own."""
        await with_password(served)
        browser, other = await served.logged_in(), "quite another thing"
        for before, code in (("wrong wrong wrong", 400), (GOOD, 303)):
            form = {"password": before, "new": other, "again": other}
            assert code == (await sent(browser, "/console/password", form)).status_code
        assert is_in(await served.ask(served.browser(), "li", other))

    async def test_all_other_browsers_are_logged_out(self, served: Served) -> None:
        """And the links that were not used are dead; nobody else is touched."""
        mine, lost, wangs = await served.logged_in(), await served.logged_in(), await served.logged_in("wang")
        link = await served.invited()
        await sent(mine, "/console/password", {"new": GOOD, "again": GOOD})
        found = [(await browser.get("/console/")).headers["location"] for browser in (mine, lost, wangs)]
        assert ["/console/today", "/console/login", "/console/today"] == found
        assert 410 == (await served.browser().get(f"/console/login?t={link}")).status_code

    @pytest.mark.parametrize(
        ("new", "again", "said"),
        [
            ("short", "short", "at least 10 characters"),
            ("x" * 201, "x" * 201, "at most 200 characters"),
            ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "too easy to guess"),
            (GOOD, "something else", "two different ones"),
        ],
    )
    async def test_one_that_is_no_good(self, served: Served, new: str, again: str, said: str) -> None:
        """The sentence says why, and nothing is changed."""
        answer = await sent(await served.logged_in(), "/console/password", {"new": new, "again": again})
        assert (400, True) == (answer.status_code, said in answer.text)
        assert await served.desk.read(logins.login_of, "li") is None

    @pytest.mark.parametrize(
        ("password", "fault"),
        [
            ("wangxiaoming", "guessable"),
            ("WangXiaoMing", "guessable"),
            ("wangwangwang", "guessable"),
            ("password12", ""),
            ("passwordpassword", "guessable"),
            ("abababababab", "guessable"),
            ("纸上得来终觉浅绝知此事", ""),
            ("         a", "short"),
            (GOOD, ""),
        ],
    )
    def test_what_is_good_enough(self, password: str, fault: str) -> None:
        """Ten characters that are neither a name nor always the same."""
        assert fault == fault_of(password, Person("wang", "wangxiaoming"))

    async def test_a_stranger_is_sent_to_the_login(self, served: Served) -> None:
        """There is nothing to choose for him."""
        answer = await served.browser().get("/console/password")
        assert "/console/login?next=/console/password" == answer.headers["location"]
