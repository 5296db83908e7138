"""Firing planned touches in batches."""

from __future__ import annotations

import pytest

from followup.model import ReminderState
from scheduler.reminders import fire_all_due, next_reminder
from scripts_library.library import Library
from tests.scheduler.shop import MINUTE, NOON, Shop, an_order, help_of


async def test_everything_due_is_fired_in_batches(shop: Shop) -> None:
    """25 due reminders in batches of 10 become 25 messages, and the next step is planned."""
    shop.learn(*map(an_order, range(25)))
    assert await next_reminder(shop.store) == NOON + 15 * MINUTE
    shop.clock.move(15 * MINUTE)
    assert await fire_all_due(shop.store, shop.deps, shop.clock, batch=10) == 25
    assert {help_of(number): "due" for number in range(25)} == shop.states()
    assert await next_reminder(shop.store) == NOON + 15 * MINUTE + 24 * 60 * MINUTE


async def test_nothing_due_is_nothing_done(shop: Shop) -> None:
    """Before its time no reminder fires, and with none planned none is next."""
    assert await next_reminder(shop.store) is None
    shop.learn(an_order(1))
    assert await fire_all_due(shop.store, shop.deps, shop.clock) == 0


async def test_it_ends_between_batches_when_told(shop: Shop) -> None:
    """Asked to stop, it fires no further batch."""
    shop.learn(*map(an_order, range(25)))
    shop.clock.move(15 * MINUTE)
    answers = iter([True, False])
    assert await fire_all_due(shop.store, shop.deps, shop.clock, 10, lambda: next(answers)) == 10


async def test_a_poisonous_reminder_is_put_aside(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that raises is put aside with its error and a task; the others of its batch are said."""
    shop.learn(*map(an_order, range(3)))
    shop.clock.move(15 * MINUTE)
    good = Library.render

    def render(self, script, lang, facts, segment, said, seed):  # type: ignore[no-untyped-def]
        if facts.get("order") == "o1":
            raise ValueError("poison")
        return good(self, script, lang, facts, segment, said, seed)

    monkeypatch.setattr(Library, "render", render)
    assert await fire_all_due(shop.store, shop.deps, shop.clock) == 3
    aside = shop.reminder(help_of(1))
    assert (aside.state, aside.error) == (ReminderState.PUT_ASIDE, "ValueError: poison")
    assert [task.reason for task in shop.tasks()] == ["put_aside"]
    assert shop.states() == {help_of(0): "due", help_of(2): "due"}
