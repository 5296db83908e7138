"""A pause reaches what was let go before it: what waits in the outbox is kept back, and goes on afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from followup.desk.verbs import Verb
from followup.events import Action, AgentActed, AgentSpoke, Commanded, MessageReceived
from followup.model import OutgoingState, ReminderState, Role, Verdict
from handlers import agent_command, agent_says, buyer_message
from handlers.desk.commanded import commanded, wanted
from handlers.desk.told import Told
from scheduler.reminders import fire_all_due
from store.audit import audit
from tests.scheduler.conftest import *  # noqa: F403 - the shop's fixture
from tests.scheduler.shop import DAY, HOUR, MINUTE, NOON, Shop, an_order, help_of, on_both

THREAD = "s/o1/unpaid_order"


def command(shop: Shop, verb: Verb, about: str = THREAD) -> Told:
    """小李 types a command."""
    event = Commanded(verb, "li", shop.clock.now(), f"{verb}@{shop.clock.now()}", about)
    return shop.store.run(lambda tx: commanded(event, tx, shop.deps), wanted(event))


async def fire(shop: Shop, after: timedelta = timedelta()) -> None:
    shop.clock.move(after)
    await fire_all_due(shop.store, shop.deps, shop.clock)


def proven(shop: Shop) -> list[object]:
    with shop.store.engine.connect() as connection:
        return list(audit(connection).findings)


@pytest.fixture
async def late(shop: Shop) -> Shop:
    """The help of order 1 was let go at 12:15 and waits in the outbox."""
    shop.learn(an_order(1))
    await fire(shop, 15 * MINUTE)
    return shop


@on_both
async def test_what_waits_in_the_outbox_is_kept_back(late: Shop) -> None:
    """Let go, not sent yet: a pause holds it, and it goes an hour after the bot may speak again, as it was."""
    command(late, Verb.PAUSE)
    assert 0 == await late.outbox.drain()
    kept = late.message(help_of(1))
    assert (OutgoingState.DUE, "paused") == (kept.state, kept.error)
    late.clock.move(2 * HOUR)
    assert 0 == await late.outbox.drain()
    told = command(late, Verb.RESUME)
    assert {"count": 1} == {name: value for name, value in told.facts.items() if name == "count"}
    assert 0 == await late.outbox.drain()
    late.clock.move(HOUR)
    assert (1, []) == (await late.outbox.drain(), proven(late))
    assert ("", [help_of(1)]) == (late.message(help_of(1)).error, late.channel.calls)


@on_both
async def test_paused_for_ever_it_says_why(late: Shop) -> None:
    """What loses its use while it is kept back is dropped with its reason; the proof holds."""
    command(late, Verb.PAUSE)
    await fire(late, 10 * DAY)
    await late.outbox.drain()
    assert ([], []) == (late.channel.calls, proven(late))
    assert Verdict.PAUSED in [line.decision.verdict for line in late.decided(help_of(1))]


async def test_a_retry_meets_the_pause(late: Shop) -> None:
    """The channel asked for another attempt; meanwhile somebody paused the bot."""
    late.channel.retry(help_of(1), NOON + 30 * MINUTE)
    await late.outbox.drain()
    command(late, Verb.PAUSE)
    late.clock.move(HOUR)
    assert 0 == await late.outbox.drain()
    assert ("paused", OutgoingState.DUE) == (late.message(help_of(1)).error, late.message(help_of(1)).state)


async def test_an_answer_that_waits_becomes_a_task(shop: Shop) -> None:
    """The bot had an answer ready when it was paused: a person gives it, with its words before him."""
    shop.learn(an_order(1))
    event = MessageReceived("s", "manual", "b1", "m1", "hello", shop.clock.now())
    shop.store.run(lambda tx: buyer_message.buyer_message(event, tx, shop.deps, event.at), buyer_message.wanted(event))
    waiting = [shop.message(id_) for id_ in shop.states()]
    assert [Role.REPLY] == [message.role for message in waiting]
    command(shop, Verb.PAUSE)
    assert 0 == await shop.outbox.drain()
    assert OutgoingState.CANCELLED is shop.message(waiting[0].id).state
    (task,) = (task for task in shop.tasks() if task.reason == "paused")
    assert waiting[0].text.splitlines()[0] in task.text
    assert [] == proven(shop)


async def test_a_persons_words_wait_for_nobody(late: Shop) -> None:
    """What somebody said before or after the pause goes, an hour later too."""
    spoke = AgentSpoke("li", late.clock.now(), "您好，我来帮您看看", THREAD)
    late.store.run(lambda tx: agent_says.agent_says(spoke, tx, late.deps), agent_says.wanted(spoke))
    command(late, Verb.PAUSE)
    late.clock.move(HOUR)
    assert 1 == await late.outbox.drain()
    after = replace(spoke, at=late.clock.now(), text="已经查到了")
    late.store.run(lambda tx: agent_says.agent_says(after, tx, late.deps), agent_says.wanted(after))
    assert 1 == await late.outbox.drain()


async def test_a_reminder_is_held_and_due_again(shop: Shop) -> None:
    """A planned touch stays planned, says why it waits, and is due when the bot goes on."""
    shop.learn(an_order(1))
    command(shop, Verb.PAUSE)
    await fire(shop, 15 * MINUTE)
    held = shop.reminder(help_of(1))
    assert (ReminderState.PENDING, "paused", True) == (held.state, held.error, held.due_at > shop.clock.now() + HOUR)
    command(shop, Verb.RESUME)
    assert shop.clock.now() + HOUR == shop.reminder(help_of(1)).due_at
    await fire(shop, HOUR)
    assert 1 == await shop.outbox.drain()


async def test_other_buyers_hear_as_ever(shop: Shop) -> None:
    """A pause is about one person."""
    shop.learn(an_order(1), an_order(2))
    command(shop, Verb.PAUSE)
    await fire(shop, 15 * MINUTE)
    await shop.outbox.drain()
    assert [help_of(2)] == shop.channel.calls


async def test_what_agents_do_besides_still_works(shop: Shop) -> None:
    """Closing a matter of a buyer for whom the bot is paused ends what was held."""
    shop.learn(an_order(1))
    command(shop, Verb.PAUSE)
    await fire(shop, 15 * MINUTE)
    event = AgentActed(THREAD, Action.CLOSE, "li", shop.clock.now())
    shop.store.run(lambda tx: agent_command.agent_acted(event, tx, shop.deps), agent_command.wanted(event))
    assert (ReminderState.CANCELLED, []) == (shop.reminder(help_of(1)).state, proven(shop))
