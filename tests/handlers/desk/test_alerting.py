"""Which way carries what, in whose language."""

from __future__ import annotations

from dataclasses import replace

from followup.desk.alerting import Telling
from followup.desk.people import Person, Rank, Roster
from followup.desk.places import Service
from followup.model import Outgoing, Task
from handlers.desk.alerting import roads, tell, wanted
from handlers.desk.giving import give
from store.memory import MemoryTx
from tests.followup.makers import NOON, SHOP, hours
from tests.handlers.desk.test_posting import GROUP, THERE

LI, WANG = Person("li", "Li", lang="en"), Person("wang", "王姐", Rank.SUPERVISOR)
SERVICES = (
    Service("alerts.ops"),
    Service("alerts.li", frozenset({"li"})),
    Service("alerts.boss", frozenset({"wang"}), escalated_only=True),
    Service("alerts.other", shops=frozenset({"other"})),
)
DEPS = replace(THERE, services=SERVICES, roster=Roster({"li": LI, "wang": WANG}), reasons={"en": {"cluster": "goods"}})
TASK = Task("t1", SHOP, "", "cluster", "请看", NOON)


def carrying(task: Task, people: frozenset[str], escalated: bool = False) -> list[str]:
    telling = Telling(task, people, escalated)
    return [way.place.channel for way in roads(SHOP, DEPS) if way.carries(telling)]


def test_which_way_carries_a_task() -> None:
    """By whom it reaches, of which shop it tells, and whether it is late."""
    assert [GROUP, "alerts.ops", "alerts.li"] == carrying(TASK, frozenset({"li"}))
    assert [GROUP, "alerts.ops"] == carrying(TASK, frozenset({"wang"}))
    assert [GROUP, "alerts.ops", "alerts.boss"] == carrying(TASK, frozenset({"wang"}), True)
    assert [GROUP, "alerts.ops", "alerts.li"] == carrying(TASK, frozenset({""}))


def test_a_way_does_not_tell_of_its_own_failure() -> None:
    """The others do."""
    dead = replace(TASK, reason="alert_undelivered", thread=f"{SHOP}/alerts.ops")
    assert [GROUP, "alerts.li"] == carrying(dead, frozenset({""}))


def test_a_service_of_one_person_speaks_his_language() -> None:
    """Everybody else reads the common one."""
    tx = MemoryTx()
    give(TASK, tx, DEPS)
    assert ["t1"] == [task.id for task in tell(SHOP, ["t1"], tx, DEPS, NOON)]
    texts = {message.channel: message.text for message in tx.items[Outgoing].values() if message.step == "alert"}
    assert {GROUP, "alerts.ops", "alerts.li"} == texts.keys()
    assert "1. Goods · by " in texts["alerts.li"]
    assert "1. 请看 · " in texts["alerts.ops"]


def test_an_alert_lasts_until_the_next() -> None:
    """What could not be told by then is told with it."""
    tx = MemoryTx()
    give(TASK, tx, DEPS)
    (task,) = tell(SHOP, ["t1"], tx, DEPS, NOON)
    assert {task.alert_at} == {message.expires_at for message in tx.items[Outgoing].values() if message.step == "alert"}


def test_what_no_way_carries_waits_until_it_is_late() -> None:
    """A shop with nothing but a phone for escalations is silent until then."""
    tx, deps = MemoryTx(), replace(DEPS, places={}, services=SERVICES[2:3])
    give(TASK, tx, deps)
    assert [] == tell(SHOP, ["t1"], tx, deps, NOON)
    silent = tx.get(Task, "t1")
    assert silent is not None
    assert (NOON + hours(4), 0) == (silent.alert_at, silent.alerts)
    assert 1 == len(tell(SHOP, ["t1"], tx, deps, NOON + hours(4)))


def test_what_is_read_first() -> None:
    """The tasks, their cards, and the alerts of this minute."""
    want = wanted(SHOP, ["t1"], DEPS, NOON)
    alerts = [
        f"desk/alert/{SHOP}/{name}/2026-03-05T04:00" for name in (GROUP, "alerts.ops", "alerts.li", "alerts.boss")
    ]
    assert (("t1",), (*alerts, "desk/card/t1")) == (want.tasks, want.outgoing)
