"""Firing what is due: the most urgent first, and none that fails holds up the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from followup.model import Outgoing, Reminder, ReminderState, Segment, Verdict
from followup.ports import Words, WordsExhausted
from handlers.reminder_due import fire_due
from tests.followup.makers import hours
from tests.stories.shop import Shop, library

HELP = "shop/1001/unpaid_order/unpaid.help"


class Poison:
    """Scripts that fail for one order, as a shop's own broken words would."""

    def __init__(self, order: str, error: Exception) -> None:
        self.order, self.error = order, error

    def render(
        self, script: str, lang: str, facts: Mapping[str, object], segment: Segment, said: Collection[str], seed: str
    ) -> Words:
        if facts.get("order") == self.order and not script.startswith("agent."):
            raise self.error
        return library().render(script, lang, facts, segment, said, seed)


def fire(shop: Shop) -> int:
    now = shop.clock.now()
    return shop.store.run(lambda tx: fire_due(tx, shop.deps, now))


def reminder(shop: Shop, id_: str = HELP) -> Reminder:
    found = shop.store.tx.get(Reminder, id_)
    assert found is not None
    return found


def test_a_poisonous_reminder_is_put_aside_and_the_rest_goes_on() -> None:
    """One order's words are broken: its touch is put aside with the error, a person knows, others are reminded."""
    shop = Shop(scripts=Poison("1001", ValueError("bad fact"))).order("1001").order("1002", "he").after("15m")
    assert ["unpaid.help"] == shop.steps()
    assert (ReminderState.PUT_ASIDE, "ValueError: bad fact") == (reminder(shop).state, reminder(shop).error)
    assert ["put_aside"] == shop.tasks()


def test_nothing_of_a_poisonous_reminder_is_kept() -> None:
    """What it had written before it failed is undone: no message, no decision, no nudge that nobody heard."""
    shop = Shop(scripts=Poison("1001", WordsExhausted("none left"))).order().after("15m")
    assert ({}, []) == (shop.store.tx.items[Outgoing], shop.decided())
    assert (None, 0) == (shop.buyer().nudged_at, shop.thread("unpaid_order").touches)


def test_of_what_is_due_together_the_most_urgent_goes_first() -> None:
    """A downtime over a refund's day, an order's help and a review's note: the refund speaks, the others are held."""
    shop = Shop("2026-03-01 10:00").paid_order("1001").refund(order="1001").review(order="1001")
    shop.after("20h").order("1002").agent("solved", "review_revision", "1001").buyer_says("解决了")
    shop.clock.move(hours(12))
    fire(shop)
    decided = [(line.step, line.decision.verdict) for line in shop.decided()[-3:]]
    assert [
        ("refund.daily", Verdict.SENT),
        ("unpaid.help", Verdict.CAPPED),
        ("review.note", Verdict.CAPPED),
    ] == decided


def test_a_hold_moves_the_touch_and_keeps_it() -> None:
    """Held until nine, and decided afresh then."""
    shop = Shop("2026-03-02 22:00").order().after("15m")
    assert (ReminderState.PENDING, shop.moment("2026-03-03 09:00")) == (reminder(shop).state, reminder(shop).due_at)


def test_a_touch_fires_once() -> None:
    """Firing again at the same moment finds nothing."""
    shop = Shop().order().after("15m")
    assert 0 == fire(shop)
    assert ReminderState.FIRED == reminder(shop).state


def test_a_touch_that_another_one_cancelled_is_left_alone() -> None:
    """After a long downtime everything is due together: the order is given up, and its other touches with it, once."""
    shop = Shop("2026-03-02 14:00").order().after("15m")
    shop.clock.move(hours(24 * 9))
    early = reminder(shop, "shop/1001/unpaid_order/unpaid.give_up")
    shop.store.run(lambda tx: tx.save(replace(early, due_at=early.due_at - hours(71))))
    fire(shop)
    assert "given_up not_paid" == shop.fate("unpaid_order")
    assert [Verdict.EXPIRED] == shop.verdicts("unpaid.last_call")
    assert ReminderState.EXPIRED == reminder(shop, "shop/1001/unpaid_order/unpaid.last_call").state


def test_after_a_downtime_nothing_late_is_said() -> None:
    """Nine days later: no help, no last call, one report to the agents."""
    shop = Shop("2026-03-02 14:00").order()
    shop.clock.move(hours(24 * 9))
    shop.after("1m")
    assert ([], ["unpaid_lost"]) == (shop.steps(), shop.tasks())
    assert Verdict.EXPIRED in shop.verdicts("unpaid.help")


def test_a_reminder_without_its_order_is_put_aside() -> None:
    """Its facts are gone: a person looks."""
    shop = Shop().order()
    orphan = replace(reminder(shop), id="nowhere", thread="shop/9/unpaid_order")
    shop.store.run(lambda tx: tx.save(orphan))
    shop.after("15m")
    assert ReminderState.PUT_ASIDE == reminder(shop, "nowhere").state
    assert "put_aside" in shop.tasks()
