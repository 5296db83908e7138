"""The outbox of one channel: what becomes of each message, in which order, and after which trouble."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from followup.events import DeliveryResult, Outcome, chat_id
from followup.model import Chat, Outgoing, OutgoingState, Role, Verdict
from scheduler.outbox import LEASE, recover
from store import outbox_rows
from store.codec import to_micros
from store.sql_tx import SqlTx
from store.wanted import NOTHING, Wanted
from tests.scheduler.shop import HOUR, MINUTE, NOON, Shop, an_order, help_of, on_both


@on_both
async def test_a_due_message_goes_out_once(shop: Shop) -> None:
    """due → sending → sent, each step in its history, and a second drain finds nothing."""
    shop.waiting("m")
    assert await shop.outbox.drain() == 1
    assert await shop.outbox.drain() == 0
    at = to_micros(NOON)
    assert shop.message("m") == replace(
        shop.message("m"),
        state=OutgoingState.SENT,
        sent_at=NOON,
        attempts=1,
        history=(f"started@{at}", f"accepted@{at}"),
    )
    assert shop.channel.calls == ["m"]


async def test_a_message_is_marked_before_the_call(shop: Shop) -> None:
    """While the channel is called the message is committed as sending."""
    seen = []

    async def look(message: Outgoing) -> DeliveryResult:
        seen.append(shop.message(message.id).state)
        return DeliveryResult(message.id, Outcome.ACCEPTED, NOON)

    shop.waiting("m")
    shop.channel.answers["m"] = [look]
    await shop.outbox.drain()
    assert seen == [OutgoingState.SENDING]


async def test_what_is_not_due_waits(shop: Shop) -> None:
    """A message for later stays, and the outbox says when it is due."""
    shop.waiting("later", due_at=NOON + HOUR)
    assert await shop.outbox.drain() == 0
    assert await shop.outbox.next_due() == NOON + HOUR


async def test_a_window_is_never_exceeded(shop: Shop) -> None:
    """Of 50 messages to 50 buyers no more than 8 are in flight at once, and all go out."""
    for number in range(50):
        shop.waiting(f"m{number}", chat=f"b{number}")
    assert await shop.outbox.drain() == 50
    assert shop.channel.most_in_flight == 8
    assert set(shop.states().values()) == {"sent"}


async def test_a_chat_hears_its_messages_one_after_another_and_in_order(shop: Shop) -> None:
    """Three messages of one chat go in their order, never two at once, however many chats go on beside it."""
    for number in range(3):
        shop.waiting(f"m{number}")
        shop.waiting(f"other{number}", chat=f"o{number}")
    assert await shop.outbox.drain() == 6
    assert [id_ for id_ in shop.channel.calls if id_.startswith("m")] == ["m0", "m1", "m2"]
    assert [shop.message(f"m{number}").state for number in range(3)] == [OutgoingState.SENT] * 3


@on_both
async def test_a_message_waits_behind_the_retry_of_an_earlier_one(shop: Shop) -> None:
    """While the first message of a chat waits for its next attempt the second does not overtake it."""
    shop.waiting("first")
    shop.waiting("second")
    shop.channel.retry("first", NOON + 5 * MINUTE)
    await shop.outbox.drain()
    assert shop.states() == {"first": "due", "second": "due"}
    assert await shop.outbox.next_due() == NOON + 5 * MINUTE
    shop.clock.move(5 * MINUTE)
    await shop.outbox.drain()
    assert shop.channel.calls == ["first", "first", "second"]
    assert shop.states() == {"first": "sent", "second": "sent"}


async def test_a_retry_without_a_time_waits_longer_each_time(shop: Shop) -> None:
    """A channel that says only "again" is asked again at once, then after a pause that grows."""
    shop.waiting("m")
    shop.channel.answers["m"] = [Outcome.RETRY] * 4
    await shop.outbox.drain()
    waits = []
    while shop.message("m").state is OutgoingState.DUE:
        due = shop.message("m").due_at
        waits.append(due - shop.clock.now())
        shop.clock.move_to(due)
        await shop.outbox.drain()
    assert waits == [MINUTE, 2 * MINUTE, 5 * MINUTE]
    assert shop.message("m").attempts == 5


async def test_a_retry_time_in_the_past_does_not_spin(shop: Shop) -> None:
    """A channel that always says "again, a minute ago" is not asked without end."""
    shop.waiting("m")
    for _ in range(50):
        shop.channel.retry("m", NOON - MINUTE)
    await asyncio.wait_for(shop.outbox.drain(), 20)
    assert len(shop.channel.calls) == 2


@on_both
async def test_a_flood_deadline_stops_every_chat(shop: Shop) -> None:
    """When the service asks for silence nothing more goes through this channel, and what was claimed is given back."""
    for number in range(30):
        shop.waiting(f"m{number:02}", chat=f"b{number}")
    shop.channel.retry("m03", NOON + MINUTE)
    assert await shop.outbox.drain() == 8
    assert len([state for state in shop.states().values() if state == "due"]) == 23
    assert await shop.outbox.next_due() == NOON + MINUTE
    assert await shop.outbox.drain() == 0
    shop.clock.move(MINUTE)
    assert await shop.outbox.drain() == 23
    assert set(shop.states().values()) == {"sent"}


async def test_leases_end_when_a_pause_begins(shop: Shop) -> None:
    """Another sender may take at once what this one had claimed and may not send."""
    for number in range(30):
        shop.waiting(f"m{number:02}", chat=f"b{number}")
    shop.channel.retry("m00", NOON + HOUR)
    await shop.outbox.drain()
    assert await shop.an_outbox().drain() == 22


async def test_a_rate_is_kept(shop: Shop) -> None:
    """Three a second: of ten messages three go at once, and the outbox says when the next may."""
    shop.limited_to(3)
    for number in range(10):
        shop.waiting(f"m{number}", chat=f"b{number}")
    went = []
    while (due := await shop.outbox.next_due()) is not None:
        shop.clock.move_to(max(due, shop.clock.now()))
        went.append((await shop.outbox.drain(), shop.clock.now()))
    assert went[0] == (3, NOON)
    assert {count for count, _ in went[1:]} == {1}
    assert 2.3 < (went[-1][1] - NOON).total_seconds() < 2.4


@on_both
async def test_a_refusal_fails_the_message_and_closes_the_chat(shop: Shop) -> None:
    """refused → failed, the chat is unreachable, an agent gets a task, the verdict is recorded."""
    shop.learn(an_order(1))
    shop.waiting(help_of(1), thread="s/o1/unpaid_order")
    shop.channel.answers[help_of(1)] = [Outcome.REFUSED]
    await shop.outbox.drain()
    chat = shop.store.run(lambda tx: tx.get(Chat, chat_id("s", "manual", "b1")), Wanted(chats=("s/manual/b1",)))
    assert chat is not None
    assert (shop.message(help_of(1)).state, chat.unreachable_at) == (OutgoingState.FAILED, NOON)
    assert [task.reason for task in shop.tasks()] == ["unreachable"]
    assert "o1" in shop.tasks()[0].text
    assert [line.decision.verdict for line in shop.decided(help_of(1))] == [Verdict.UNREACHABLE]


@pytest.mark.parametrize("role", [Role.NUDGE, Role.NOTICE])
async def test_an_unsure_word_of_our_own_is_shown_and_never_sent_again(shop: Shop, role: Role) -> None:
    """unsure → unsure, an agent gets a task that names the order, and no drain touches it any more."""
    shop.learn(an_order(1))
    shop.waiting(help_of(1), thread="s/o1/unpaid_order", role=role)
    shop.channel.answers[help_of(1)] = [Outcome.UNSURE]
    await shop.outbox.drain()
    shop.clock.move(HOUR)
    assert await shop.outbox.drain() == 0
    assert shop.message(help_of(1)).state is OutgoingState.UNSURE
    assert [(task.reason, "o1" in task.text) for task in shop.tasks()] == [("unsure", True)]
    assert shop.channel.calls == [help_of(1)]


@pytest.mark.parametrize("role", [Role.REPLY, Role.ALERT])
async def test_an_unsure_reply_is_sent_again(shop: Shop, role: Role) -> None:
    """A reply twice is a small evil, no reply a great one: it is due again, and nobody is alarmed."""
    shop.waiting("reply", role=role)
    shop.channel.answers["reply"] = [Outcome.UNSURE]
    await shop.outbox.drain()
    assert shop.message("reply").state is OutgoingState.SENT
    assert (shop.channel.calls, shop.tasks()) == (["reply", "reply"], [])


async def test_an_unsure_message_does_not_hold_up_the_chat(shop: Shop) -> None:
    """What comes after it is sent."""
    shop.waiting("first")
    shop.waiting("second")
    shop.channel.answers["first"] = [Outcome.UNSURE]
    await shop.outbox.drain()
    assert shop.states() == {"first": "unsure", "second": "sent"}


@pytest.mark.parametrize("error", [RuntimeError("socket closed"), TimeoutError()])
async def test_a_channel_that_raises_leaves_us_unsure(shop: Shop, error: Exception) -> None:
    """A bug in a channel is read as unsure, with its name kept, and the rest of the window goes on."""
    shop.waiting("broken")
    shop.waiting("fine", chat="b2")
    shop.channel.answers["broken"] = [error]
    await shop.outbox.drain()
    assert shop.states() == {"broken": "unsure", "fine": "sent"}
    assert shop.message("broken").error.startswith(type(error).__name__)


async def test_a_channel_that_hangs_is_given_up(shop: Shop) -> None:
    """A call that does not come back leaves us unsure instead of waiting for ever."""

    async def hang(_message: Outgoing) -> DeliveryResult:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    shop.waiting("m")
    shop.channel.answers["m"] = [hang]
    await shop.an_outbox(patience=0.01).drain()
    assert shop.message("m").state is OutgoingState.UNSURE


async def test_an_idempotent_channel_is_asked_again(shop: Shop) -> None:
    """Where a repeat is refused by the channel itself an unsure nudge is simply sent again."""
    shop.idempotent()
    shop.waiting("m")
    shop.channel.answers["m"] = [Outcome.UNSURE]
    await shop.outbox.drain()
    assert (shop.message("m").state, shop.channel.calls) == (OutgoingState.SENT, ["m", "m"])


@on_both
async def test_what_expires_while_it_waits_is_not_sent(shop: Shop) -> None:
    """A message that is too late becomes expired, with the verdict recorded and a task for an agent."""
    shop.learn(an_order(1))
    shop.waiting(help_of(1), thread="s/o1/unpaid_order", expires_at=NOON + MINUTE)
    shop.clock.move(HOUR)
    assert await shop.outbox.drain() == 0
    assert shop.message(help_of(1)).state is OutgoingState.EXPIRED
    assert [line.decision.verdict for line in shop.decided(help_of(1))] == [Verdict.EXPIRED]
    assert [task.reason for task in shop.tasks()] == ["expired"]


async def test_a_retry_beyond_its_expiry_is_not_waited_for(shop: Shop) -> None:
    """Asked to come back when it is too late, the message expires at once."""
    shop.waiting("m", expires_at=NOON + MINUTE)
    shop.channel.retry("m", NOON + HOUR)
    await shop.outbox.drain()
    assert shop.message("m").state is OutgoingState.EXPIRED


async def test_more_than_a_hundred_expire_at_once(shop: Shop) -> None:
    """A long stop leaves nothing waiting that is too late."""
    for number in range(230):
        shop.waiting(f"m{number}", chat=f"b{number}", expires_at=NOON + MINUTE)
    shop.clock.move(HOUR)
    assert await shop.outbox.drain() == 0
    assert set(shop.states().values()) == {"expired"}


@on_both
async def test_what_is_cancelled_after_its_claim_is_not_sent(shop: Shop) -> None:
    """The buyer paid while the message waited in a claimed batch: it is left out, and the rest goes on."""
    shop.waiting("first", chat="b1")
    shop.waiting("second", chat="b2")
    shop.waiting("third", chat="b3")

    async def cancel_the_second(message: Outgoing) -> DeliveryResult:
        second = shop.message("second")
        shop.store.run(lambda tx: tx.save(replace(second, state=OutgoingState.CANCELLED)), Wanted(outgoing=("second",)))
        return DeliveryResult(message.id, Outcome.ACCEPTED, NOON)

    shop.channel.answers["first"] = [cancel_the_second]
    assert await shop.an_outbox(window=1).drain() == 2
    assert shop.channel.calls == ["first", "third"]


@on_both
async def test_what_is_put_off_after_its_claim_waits(shop: Shop) -> None:
    """People paused the bot for a buyer while a reminder to him waited in a claimed batch: it is kept back."""
    shop.waiting("first", chat="b1")
    shop.waiting("second", chat="b2")

    async def put_off_the_second(message: Outgoing) -> DeliveryResult:
        second = replace(shop.message("second"), due_at=NOON + HOUR, error="paused")
        shop.store.run(lambda tx: tx.save(second), Wanted(outgoing=("second",)))
        return DeliveryResult(message.id, Outcome.ACCEPTED, NOON)

    shop.channel.answers["first"] = [put_off_the_second]
    assert await shop.an_outbox(window=1).drain() == 1
    assert ["first"] == shop.channel.calls
    assert "due" == shop.states()["second"]


@on_both
async def test_after_a_crash_what_was_in_flight_is_unsure(shop: Shop) -> None:
    """A nudge that was being sent becomes unsure with a task that names the order; a reply is due again."""
    shop.learn(an_order(1))
    shop.waiting(help_of(1), thread="s/o1/unpaid_order", state=OutgoingState.SENDING, attempts=1)
    shop.waiting("reply", chat="b2", role=Role.REPLY, state=OutgoingState.SENDING, attempts=1)
    assert set(await recover(shop.store, shop.deps, shop.clock)) == {help_of(1), "reply"}
    assert shop.states() == {help_of(1): "unsure", "reply": "due"}
    assert [(task.reason, "o1" in task.text) for task in shop.tasks()] == [("unsure", True)]
    assert await shop.outbox.drain() == 1


async def test_after_a_crash_an_idempotent_channel_sends_again(shop: Shop) -> None:
    """The manual channel hands the same words over again, which changes nothing there, and nobody is alarmed."""
    shop.idempotent()
    shop.waiting("m", state=OutgoingState.SENDING, attempts=1)
    await recover(shop.store, shop.deps, shop.clock)
    assert await shop.outbox.drain() == 1
    assert (shop.message("m").state, shop.tasks()) == (OutgoingState.SENT, [])


@on_both
async def test_after_a_crash_leases_are_given_back(shop: Shop) -> None:
    """What a dead process had claimed is sent at once by the next."""
    for number in range(30):
        shop.waiting(f"m{number:02}", chat=f"b{number}")
    never = shop.an_outbox(batch=30)
    await never._claim()
    assert await shop.outbox.drain() == 0
    await recover(shop.store, shop.deps, shop.clock)
    assert await shop.outbox.drain() == 30


async def test_leased_messages_are_nobodys_next(shop: Shop) -> None:
    """While somebody holds the lease nobody is woken for the message; when it ends it is due."""
    shop.waiting("m")
    await shop.an_outbox()._claim()
    assert await shop.outbox.next_due() is None
    shop.clock.move(LEASE)
    assert await shop.outbox.next_due() == NOON + LEASE
    assert await shop.outbox.drain() == 1


async def test_outcomes_outlive_a_failing_commit(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the database refuses to record what was sent, the outcomes are kept and recorded with the next drain."""
    shop.waiting("first")
    shop.waiting("second")
    good = outbox_rows.record_accepted
    failures = [OSError("disk full")]

    def fail_once(tx: SqlTx, results: Sequence[DeliveryResult], worker: str) -> int:
        if results and failures:
            raise failures.pop()
        return good(tx, results, worker)

    monkeypatch.setattr(outbox_rows, "record_accepted", fail_once)
    with pytest.raises(OSError, match="disk full"):
        await shop.outbox.drain()
    assert shop.states() == {"first": "sending", "second": "due"}
    assert await shop.outbox.drain() == 1
    assert shop.states() == {"first": "sent", "second": "sent"}
    assert shop.channel.calls == ["first", "second"]


async def test_a_result_that_cannot_be_handled_is_put_aside(shop: Shop) -> None:
    """A message of a shop that is no longer configured becomes unsure, with the error, and stops nothing."""
    shop.waiting("foreign", shop="gone")
    shop.waiting("m", chat="b2")
    shop.channel.retry("foreign", NOON + MINUTE)
    await shop.outbox.drain()
    shop.clock.move(MINUTE)
    await shop.outbox.drain()
    assert shop.states() == {"foreign": "unsure", "m": "sent"}
    assert "UnknownShop" in shop.message("foreign").error


async def test_a_halted_outbox_finishes_its_window_and_gives_back_the_rest(shop: Shop) -> None:
    """Asked to stop in the middle of 30 messages it sends no more than the window at hand; the next start goes on."""
    for number in range(30):
        shop.waiting(f"m{number:02}", chat=f"b{number}")

    async def halt(message: Outgoing) -> DeliveryResult:
        shop.outbox.halt()
        return DeliveryResult(message.id, Outcome.ACCEPTED, NOON)

    shop.channel.answers["m09"] = [halt]
    assert await shop.outbox.drain() == 16
    assert "sending" not in shop.states().values()
    assert await shop.an_outbox().drain() == 14


@on_both
async def test_two_outboxes_on_one_channel_send_each_message_once(shop: Shop) -> None:
    """They share the work and double nothing."""
    for number in range(60):
        shop.waiting(f"m{number}", chat=f"b{number % 20}")
    counts = await asyncio.gather(*(shop.an_outbox(batch=7).drain() for _ in range(2)))
    await shop.outbox.drain()
    assert sorted(shop.channel.calls) == sorted(f"m{number}" for number in range(60))
    assert sum(counts) <= 60


async def test_a_second_drain_waits_for_the_first_and_forgets_nothing_of_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the first sent and could not record is recorded by the second, not forgotten."""
    shop.waiting("m")
    claim, record = outbox_rows.claim, outbox_rows.record_accepted
    claims, sent, failures = threading.Event(), threading.Event(), [OSError("disk full")]
    seconds: list[asyncio.Task[int]] = []

    def claim_meanwhile(*arguments: Any) -> list[Outgoing]:
        if seconds and failures:
            claims.set()
            sent.wait(20)
        return claim(*arguments)

    def fail_once(tx: SqlTx, results: Sequence[DeliveryResult], worker: str) -> int:
        if results and failures:
            raise failures.pop()
        return record(tx, results, worker)

    async def drain_again(message: Outgoing) -> DeliveryResult:
        seconds.append(asyncio.create_task(shop.outbox.drain()))
        await asyncio.to_thread(claims.wait, 0.2)
        asyncio.get_running_loop().call_later(0.05, sent.set)
        return DeliveryResult(message.id, Outcome.ACCEPTED, NOON)

    monkeypatch.setattr(outbox_rows, "claim", claim_meanwhile)
    monkeypatch.setattr(outbox_rows, "record_accepted", fail_once)
    shop.channel.answers["m"] = [drain_again]
    with pytest.raises(OSError, match="disk full"):
        await shop.outbox.drain()
    assert (0, {"m": "sent"}) == (await seconds[0], shop.states())


async def test_other_channels_are_left_alone(shop: Shop) -> None:
    """An outbox sends what is addressed to its own channel."""
    shop.waiting("m", channel="telegram")
    assert (await shop.outbox.drain(), await shop.outbox.next_due()) == (0, None)


@on_both
async def test_an_answer_does_not_wait_for_words_that_wait_for_the_morning(shop: Shop) -> None:
    """A nudge of this chat is put off for hours; the buyer who writes meanwhile is answered at once."""
    shop.waiting("nudge", due_at=NOON + 9 * HOUR)
    shop.waiting("reply", role=Role.REPLY)
    shop.waiting("nudge of later", role=Role.NUDGE)
    assert await shop.outbox.drain() == 1
    assert shop.states() == {"nudge": "due", "reply": "sent", "nudge of later": "due"}


async def test_an_answer_waits_for_an_answer(shop: Shop) -> None:
    """Two replies keep their order, also when the first is to be tried again."""
    shop.waiting("first", role=Role.REPLY)
    shop.waiting("second", role=Role.REPLY)
    shop.channel.retry("first", NOON + MINUTE)
    await shop.outbox.drain()
    assert shop.states() == {"first": "due", "second": "due"}


async def test_an_answer_waits_for_what_is_about_to_go(shop: Shop) -> None:
    """A nudge that is due now goes first."""
    shop.waiting("nudge")
    shop.waiting("reply", role=Role.REPLY)
    await shop.outbox.drain()
    assert shop.channel.calls == ["nudge", "reply"]


async def test_a_message_that_cannot_be_judged_again_waits(shop: Shop) -> None:
    """Its shop is not configured at present: it is looked at again in an hour, with the error kept; others go on."""
    shop.waiting("foreign", shop="gone")
    shop.waiting("m", chat="b2")
    shop.clock.move(HOUR)
    assert await shop.outbox.drain() == 1
    foreign = shop.message("foreign")
    assert (foreign.state, foreign.due_at, foreign.attempts) == (OutgoingState.DUE, NOON + 2 * HOUR, 0)
    assert "UnknownShop" in foreign.error
    assert shop.message("m").state is OutgoingState.SENT


@on_both
@pytest.mark.parametrize("kept", [False, True], ids=["nothing was kept", "it was kept, and the answer was lost"])
@pytest.mark.parametrize("number", range(6))
async def test_what_a_failed_drain_held_goes_with_the_next(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, number: int, kept: bool
) -> None:
    """Whichever transaction of a drain fails, by the next one all is sent, once, and no lease has to run out."""
    for count in range(20):
        shop.waiting(f"m{count}", chat=f"b{count}")
    transact, calls = shop.store.transact, itertools.count()

    async def failing(fn: Any, wanted: Wanted = NOTHING) -> Any:
        fails = next(calls) == number
        done = await transact(fn, wanted) if kept or not fails else None
        if fails:
            raise OperationalError("", None, OSError("the disk is full"))
        return done

    monkeypatch.setattr(shop.store, "transact", failing)
    with pytest.raises(OperationalError):
        await shop.outbox.drain()
    await shop.outbox.drain()
    assert {"sent"} == set(shop.states().values())
    assert 20 == len(set(shop.channel.calls)) == len(shop.channel.calls)
