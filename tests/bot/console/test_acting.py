"""What somebody does in the console is done as himself, within his shops, and written down."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.console.acting import answer, obeyed
from bot.console.answering import say
from bot.console.desk import Visit
from bot.console.sessions import written
from followup.desk.people import Person
from followup.desk.verbs import Verb
from followup.events import OrderChanged
from handlers.agent_says import NobodyToTell
from handlers.order_changed import order_changed, wanted
from store.console import logins
from store.views import notes_of
from tests.bot.console.conftest import Served
from tests.bot.tea import an_order

THREAD = "tea/o1/unpaid_order"


@pytest.fixture
async def desk(serve: Callable[..., Served]) -> Served:
    """A shop with one unpaid order."""
    desk, event = serve(), OrderChanged(an_order(1))
    now = desk.clock.now()
    await desk.app.store.transact(lambda tx: order_changed(event, tx, desk.app.deps, now), wanted(event))
    return desk


async def test_a_command_as_in_the_group(desk: Served) -> None:
    """Its note carries his id, the answer is in his language, and who did it stands in the list."""
    visit = Visit(Person("li", "Li"), "en")
    told = await obeyed(desk.desk, visit, Verb.NOTE, THREAD, text="wants the blue one")
    assert (True, True) == (told.done, bool(answer(desk.desk, visit, told)))
    (note,) = await desk.desk.read(notes_of, THREAD)
    assert ("li", True) == (note.who, "wants the blue one" in note.text)
    await written()
    assert [("li", "did.note", THREAD)] == [
        (act.person, act.what, act.about) for act in await desk.desk.read(logins.acts_of)
    ]


async def test_a_shop_that_is_not_his(desk: Served) -> None:
    """He says nothing to its buyers, as though there were none; nothing is written down as done."""
    visit = Visit(Person("li", "Li", shops=frozenset({"cups"})), "en")
    with pytest.raises(NobodyToTell):
        await say(desk.desk, visit, THREAD, "Hello")
    await written()
    assert [] == await desk.desk.read(logins.acts_of)
