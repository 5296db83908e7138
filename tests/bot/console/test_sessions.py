"""How long somebody stays logged in, and what ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.config import Config, Console
from bot.console.desk import Visit
from bot.console.sessions import begin, did, digest_of, find, proof_of, saw, touch, written
from bot.console.sockets import Sockets
from followup.desk.people import Person, Rank
from store import schema
from store.console import logins
from store.console.logins import tidy
from tests.bot.channels.live import until
from tests.bot.console.conftest import Served

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def desk(serve: Callable[..., Served]) -> Served:
    """The program, which serves nobody yet."""
    return serve()


async def begun(desk: Served, person: str = "li") -> str:
    """Somebody is logged in."""
    known = desk.desk.deps.roster.named(person)
    assert known
    return await begin(desk.desk, known, "192.0.2.7")


class TestLasting:
    async def test_who_holds_the_token_is_known(self, desk: Served) -> None:
        """With his rank, in his language; another token is nobody's."""
        token = await begun(desk, "wang")
        visit = await find(desk.desk, token)
        assert visit
        assert (Person("wang", "Wang", Rank.SUPERVISOR), "en") == (visit.person, visit.lang)
        assert await find(desk.desk, token[:-1]) is None

    async def test_it_ends_when_nobody_comes(self, desk: Served) -> None:
        """After twelve hours without a sign."""
        token = await begun(desk)
        desk.clock.move(12 * HOUR - MINUTE / 60)
        assert await find(desk.desk, token)
        desk.clock.move(12 * HOUR)
        assert await find(desk.desk, token) is None

    async def test_it_slides(self, desk: Served) -> None:
        """Who comes every day at work stays logged in; but not for more than a week."""
        token = await begun(desk)
        for _ in range(14):
            desk.clock.move(12 * HOUR - MINUTE)
            last = await find(desk.desk, token)
        assert last
        desk.clock.move(14 * MINUTE)
        assert await find(desk.desk, token) is None

    async def test_acting_in_an_open_page_counts(self, desk: Served) -> None:
        """The page need not be loaded anew."""
        token = await begun(desk)
        for _ in range(3):
            desk.clock.move(11 * HOUR)
            await touch(desk.desk, digest_of(token, desk.app.config))
        assert await find(desk.desk, token)

    async def test_it_is_not_written_at_every_look(self, desk: Served) -> None:
        """Once a minute will do."""
        token = await begun(desk)
        began = desk.clock.now()
        for seconds, seen in ((59, began), (1, began + MINUTE)):
            desk.clock.move(timedelta(seconds=seconds))
            await find(desk.desk, token)
            (session,) = await desk.desk.read(logins.sessions_now, desk.clock.now())
            assert seen == session.seen_at

    async def test_as_long_as_the_shop_wants(self, serve: Callable[..., Served]) -> None:
        """`session_lasts` says it."""
        desk = serve(console=Console(session_lasts=HOUR))
        token = await begun(desk)
        desk.clock.move(HOUR)
        assert await find(desk.desk, token) is None


class TestPeople:
    async def test_one_who_left_is_out(self, serve: Callable[..., Served]) -> None:
        """With the next request, and his sessions are gone."""
        desk = serve()
        token = await begun(desk)
        people = desk.desk.deps.roster.people
        assert isinstance(people, dict)
        del people["li"]
        assert await find(desk.desk, token) is None
        assert [] == await desk.desk.read(logins.sessions_now, desk.clock.now())

    async def test_one_who_takes_the_id_as_his_name_is_another(self, serve: Callable[..., Served]) -> None:
        """A session belongs to an id; somebody who is called like it gets nothing."""
        desk = serve()
        token = await begun(desk)
        people = desk.desk.deps.roster.people
        assert isinstance(people, dict)
        del people["li"]
        people["new"] = Person("new", "li", Rank.OWNER)
        assert await find(desk.desk, token) is None

    async def test_a_rank_is_that_of_today(self, serve: Callable[..., Served]) -> None:
        """Who becomes an agent again sees what agents see."""
        desk = serve()
        token = await begun(desk, "chen")
        people = desk.desk.deps.roster.people
        assert isinstance(people, dict)
        people["chen"] = Person("chen", "chen", Rank.AGENT)
        visit = await find(desk.desk, token)
        assert visit
        assert Rank.AGENT is visit.person.rank


class TestTokens:
    async def test_none_is_stored(self, desk: Served) -> None:
        """Who reads the database can log in as nobody."""
        token, link = await begun(desk), await desk.invited()
        tables = (schema.sessions, schema.invites)
        with desk.app.store.engine.connect() as connection:
            rows = [str(row) for table in tables for row in connection.execute(select(table))]
        assert [] == [row for row in rows if token in row or link in row]

    def test_a_secret_makes_them_its_own(self) -> None:
        """With another secret, or none, the same token has another digest; a form's proof is neither."""
        configs = [Config(secrets={"console_secret": SecretStr(c * 32)}) for c in "ab"] + [Config()]
        digests = [digest_of("token", config) for config in configs]
        proofs = [proof_of("token", config) for config in configs]
        assert 6 == len({*digests, *proofs})


class TestActs:
    async def test_who_saw_and_did_what(self, desk: Served) -> None:
        """In the order of time, the newest first, and by what it was about."""
        visit = Visit(Person("li", "Li"), "en")
        await saw(desk.desk, visit, "thread", "tea/1/unpaid_order")
        desk.clock.move(MINUTE)
        await did(desk.desk, visit, "take", "tea/1/unpaid_order")
        await saw(desk.desk, visit, "threads")
        await written()
        found = await desk.desk.read(logins.acts_of, "tea/1/unpaid_order")
        assert ["did.take", "saw.thread"] == [act.what for act in found]
        assert 3 == len(await desk.desk.read(logins.acts_of, "", "li"))
        assert [] == await desk.desk.read(logins.acts_of, "", "chen")

    async def test_who_only_looks_disturbs_nobody(self, desk: Served) -> None:
        """What many saw is one commit, a little later; what somebody did is written at once."""
        visit, commits = Visit(Person("li", "Li"), "en"), desk.app.store.dialect.commits()
        before = commits.mark()
        for number in range(20):
            await saw(desk.desk, visit, "thread", f"tea/{number}/unpaid_order")
        assert (before, []) == (commits.mark(), await desk.desk.read(logins.acts_of))
        await did(desk.desk, visit, "take", "tea/1/unpaid_order")
        await until(lambda: commits.mark() != before)
        assert ["did.take"] == [act.what for act in await desk.desk.read(logins.acts_of)]
        await Sockets(desk.desk).stop()
        assert 21 == len(await desk.desk.read(logins.acts_of))
        commits.close()

    async def test_they_are_kept_for_a_year(self, desk: Served) -> None:
        """The tidying job drops older ones, and whatever else is over."""
        visit = Visit(Person("li", "Li"), "en")
        await begun(desk)
        await desk.invited()
        for days in (0, 364):
            desk.clock.move(days * DAY)
            await saw(desk.desk, visit, f"page{days}")
        await written()
        desk.clock.move(DAY)
        await tidy(desk.app.store, desk.clock.now())
        assert ["saw.page364"] == [act.what for act in await desk.desk.read(logins.acts_of)]
        with desk.app.store.engine.connect() as connection:
            left = [connection.execute(select(table)).all() for table in (schema.sessions, schema.invites)]
        assert [[], []] == left
