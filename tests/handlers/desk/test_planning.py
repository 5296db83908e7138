"""Planned touches moved by hand, on every kind of store: nothing is sent twice, whoever is quicker, and all is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.desk import words
from bot.why import tell
from followup.desk.verbs import Verb
from followup.events import Commanded, OrderChanged
from followup.model import Instant, Reminder, ReminderState
from handlers import order_changed
from handlers.desk import commanded
from handlers.desk.told import Told
from handlers.reminder_due import fire_due
from store import views
from store.audit import audit
from store.gaps import GAPS
from store.store import SqlStore, Store
from tests.handlers.linking import DEPS as LINKING
from tests.handlers.linking import NOON
from tests.store.makers import an_order, kept

DEPS = replace(LINKING, channels={"s": "terminal"})
ORDER = replace(an_order(), created_at=NOON)
THREAD = f"s/{ORDER.id}/unpaid_order"
HELP = Reminder(f"{THREAD}/unpaid.help", THREAD, "s", ORDER.buyer, "unpaid.help", NOON)
LAST = replace(HELP, id=f"{THREAD}/unpaid.last_call", step="unpaid.last_call")


@pytest.fixture
def shop(store: Store) -> Store:
    """An order that waits to be paid, with an offer of help in a quarter of an hour."""
    event = OrderChanged(ORDER)
    store.run(lambda tx: order_changed.order_changed(event, tx, DEPS, NOON), order_changed.wanted(event))
    return store


def told(store: Store, verb: Verb, at: Instant = NOON, who: str = "li", **more: object) -> Told:
    """Somebody gives a command about the order."""
    event = Commanded(verb, who, at, f"{verb} by {who}", THREAD, **more)  # type: ignore[arg-type]
    return store.run(lambda tx: commanded.commanded(event, tx, DEPS), commanded.wanted(event))


def fires(store: Store, at: Instant) -> None:
    """Everything that is due goes."""
    while store.run(lambda tx: fire_due(tx, DEPS, at)):
        pass


def gaps(store: SqlStore) -> list[str]:
    """What the audit finds in the ledger beside the attempts, which nobody made here."""
    with store.engine.connect() as connection:
        return [f"{each.rule} {each.id}" for each in audit(connection).findings if each.rule in GAPS]


def test_two_send_it_at_once(shop: Store) -> None:
    """One message goes; the other person is told that it has gone, or that the next one must wait."""
    with ThreadPoolExecutor(2 if isinstance(shop, SqlStore) else 1) as both:
        answers = list(both.map(lambda who: told(shop, Verb.NOW, NOON, who, word=HELP.id), ("li", "chen")))
    assert ["desk.now_goes", "desk.planned_gone"] == sorted(answer.script for answer in answers)


def test_it_fires_in_the_moment_in_which_it_is_skipped(shop: Store) -> None:
    """Either it went and the person is told so, or it is skipped and never goes."""
    due = NOON + timedelta(minutes=15)
    with ThreadPoolExecutor(2 if isinstance(shop, SqlStore) else 1) as both:
        skipped = both.submit(told, shop, Verb.SKIP, due, "li", word=HELP.id)
        both.submit(fires, shop, due).result()
    went = skipped.result().script == "desk.planned_gone"
    assert (ReminderState.FIRED if went else ReminderState.CANCELLED) is kept(shop, HELP).state
    fires(shop, due + timedelta(hours=1))
    assert went is (skipped.result().script != "desk.skipped")


def test_the_same_command_again_is_another(shop: Store) -> None:
    """A program that died before it answered is asked again: the touch that went is told of, not sent again."""
    assert "desk.now_goes" == told(shop, Verb.NOW, word="unpaid.help").script
    assert "desk.planned_gone" == told(shop, Verb.NOW, word="unpaid.help").script
    assert "desk.moved" == told(shop, Verb.MOVE, until=NOON + timedelta(hours=30)).script
    assert NOON + timedelta(hours=30) == kept(shop, LAST).due_at


def test_a_skipped_touch_stays_away_when_the_program_begins_anew(shop: Store) -> None:
    """Its id is taken: what plans it again in a new transaction changes nothing."""
    assert told(shop, Verb.SKIP).done
    again = replace(ORDER, observed_at=NOON + timedelta(minutes=1), goods="another colour")
    event = OrderChanged(again)
    shop.run(
        lambda tx: order_changed.order_changed(event, tx, DEPS, NOON + timedelta(minutes=1)),
        order_changed.wanted(event),
    )
    assert (ReminderState.CANCELLED, "skipped") == (kept(shop, HELP).state, kept(shop, HELP).error)
    shop.run(lambda tx: tx.save(replace(HELP, due_at=NOON)))
    fires(shop, NOON + timedelta(hours=1))
    if isinstance(shop, SqlStore):
        assert (ReminderState.CANCELLED, "skipped") == (kept(shop, HELP).state, kept(shop, HELP).error)


@pytest.mark.parametrize("verbs", [(Verb.SKIP, Verb.SKIP), (Verb.NOW, Verb.SKIP), (Verb.MOVE, Verb.SKIP)])
def test_two_people_at_once(shop: Store, verbs: tuple[Verb, Verb]) -> None:
    """Whoever comes second is told that it has gone, or moves it before it is skipped; it is said at most once."""
    with ThreadPoolExecutor(2 if isinstance(shop, SqlStore) else 1) as both:
        later = {Verb.MOVE: {"until": NOON + timedelta(hours=2)}}
        ask = lambda verb, who: told(shop, verb, NOON, who, word=HELP.id, **later.get(verb, {}))  # noqa: E731
        answers = [each.script for each in both.map(ask, verbs, ("li", "chen"))]
    fires(shop, NOON + timedelta(hours=3))
    if Verb.MOVE in verbs:
        assert "desk.skipped" in answers
    else:
        assert 1 == answers.count("desk.planned_gone")
    went = "desk.now_goes" in answers
    assert (ReminderState.FIRED if went else ReminderState.CANCELLED) is kept(shop, HELP).state


def test_the_answer_is_in_the_language_of_who_asked(shop: Store) -> None:
    """With its reasons; what is kept stays in the one that all read."""
    night = {"until": NOON + timedelta(hours=14)}
    english = told(shop, Verb.MOVE, word=HELP.id, lang="en", **night)
    chinese = told(shop, Verb.MOVE, word=HELP.id, lang="zh-CN", **night)
    assert english.facts["why"] != chinese.facts["why"]
    assert str(english.facts["why"]).isascii()
    assert not str(chinese.facts["why"]).isascii()


@pytest.mark.parametrize("verb", [Verb.NOW, Verb.SKIP, Verb.MOVE])
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_the_story_tells_who_did_it(shop: SqlStore, verb: Verb) -> None:
    """`huifang why` names the act and the step in both languages, and the ledger is proven."""
    more = {"until": NOON + timedelta(hours=2)} if verb is Verb.MOVE else {}
    assert told(shop, verb, **more).done
    for hours in range(1, 24 * 5, 6):
        fires(shop, NOON + timedelta(hours=hours))
    assert [] == gaps(shop)
    for lang, name in (("en", "li: "), ("zh-CN", "li：")):
        with shop.engine.connect() as connection:
            lines = tell(views.story(connection, THREAD), DEPS.policy("s").zone, words(lang))
        (act,) = [line.text for line in lines if line.text.startswith(name)]
        assert words(lang).step("unpaid.help") in act
        assert "unpaid.help" not in act
