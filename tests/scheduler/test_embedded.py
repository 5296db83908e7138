"""The engine of one process: it wakes in time, stops cleanly, and survives what breaks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from followup.events import DeliveryResult, Outcome
from followup.model import Instant, Outgoing, OutgoingState, Status
from handlers.reminder_due import BATCH
from scheduler.clock import SystemClock
from scheduler.embedded import BATCHES, BREATH, FIRST, Embedded
from scheduler.jobs import Job, every
from scheduler.outbox import Outbox, recover
from tests.scheduler.shop import DAY, HOUR, MINUTE, NOON, ScriptedChannel, Shop, an_order, help_of, on_both


class Armed:
    """Stands in for APScheduler: remembers what it was told, runs nothing."""

    running = True

    def __init__(self) -> None:
        self.wakes: list[Instant] = []

    def add_job(self, _run: Any, trigger: Any, *_: Any, **__: Any) -> None:
        self.wakes.append(trigger.run_date)


def an_engine(shop: Shop, *jobs: Job, **more: Any) -> Embedded:
    """The engine of the shop."""
    return Embedded(shop.store, shop.deps, shop.clock, [shop.outbox], jobs, **more)


def an_armed_engine(shop: Shop) -> tuple[Embedded, Armed]:
    """An engine whose wake-ups are only noted."""
    engine, armed = an_engine(shop), Armed()
    engine._scheduler = armed
    return engine, armed


async def until(true: Any) -> None:
    """Give the loop turns until something is true, for twenty seconds at the most."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - what is waited for happens in other threads
            await asyncio.sleep(0.005)


@on_both
async def test_a_pump_fires_and_sends_all_that_is_due(shop: Shop) -> None:
    """Reminders become messages and messages go, in one pump."""
    shop.learn(*map(an_order, range(3)))
    shop.clock.move(15 * MINUTE)
    assert await an_engine(shop).pump() == 6
    assert shop.states() == {help_of(number): "sent" for number in range(3)}


async def test_of_many_the_first_goes_before_the_last_is_fired(shop: Shop) -> None:
    """Who comes back to a long backlog sends some after one batch, more after a few others, and all in the end."""
    many = (FIRST + BATCHES) * BATCH + 1
    shop.learn(*map(an_order, range(many)))
    shop.clock.move(15 * MINUTE)
    fired = []

    async def look(_: Outgoing) -> Outcome:
        fired.append(len(shop.states()))
        return Outcome.ACCEPTED

    shop.channel.answers = {help_of(0): [look], help_of(FIRST * BATCH): [look]}
    assert await an_engine(shop).pump() == 2 * many
    assert fired == [FIRST * BATCH, many - 1]
    assert shop.states() == {help_of(number): "sent" for number in range(many)}


async def test_after_a_pump_it_wakes_at_the_next_due_time(shop: Shop) -> None:
    """The earliest of the next reminder and the next message."""
    engine, armed = an_armed_engine(shop)
    shop.learn(an_order(1))
    await engine.pump()
    assert armed.wakes == [NOON + 15 * MINUTE]
    shop.waiting("retry", due_at=NOON + MINUTE)
    await engine.pump()
    assert armed.wakes[-1] == NOON + MINUTE


async def test_with_nothing_planned_it_sleeps(shop: Shop) -> None:
    """No wake-up is set where nothing waits."""
    engine, armed = an_armed_engine(shop)
    await engine.pump()
    assert armed.wakes == []


async def test_only_an_earlier_time_moves_the_wake_up(shop: Shop) -> None:
    """Of several times the earliest counts."""
    engine, armed = an_armed_engine(shop)
    for when in (NOON + HOUR, NOON + DAY, NOON + MINUTE, NOON + HOUR):
        engine.wake_by(when)
    assert armed.wakes == [NOON + HOUR, NOON + MINUTE]


async def test_what_is_planned_during_a_pump_is_not_forgotten(shop: Shop) -> None:
    """Something planned for sooner while the engine looks for its next wake-up is not overridden by a later time."""
    engine, armed = an_armed_engine(shop)
    shop.learn(an_order(1))

    async def next_due() -> Instant:
        engine.wake_by(NOON + MINUTE)
        return NOON + DAY

    shop.outbox.next_due = next_due  # type: ignore[method-assign]
    await engine.pump()
    assert min(armed.wakes) == armed.wakes[-1] == NOON + MINUTE


async def test_what_becomes_due_at_the_end_of_a_pump_goes_with_it(shop: Shop) -> None:
    """An answer that is written while the engine already looks for its next wake-up is sent without a breath."""
    engine, armed = an_armed_engine(shop)
    looked = shop.outbox.next_due

    async def next_due() -> Instant | None:
        shop.outbox.next_due = looked  # type: ignore[method-assign]
        await asyncio.to_thread(shop.waiting, "m")
        engine.wake_by(NOON)
        return None

    shop.outbox.next_due = next_due  # type: ignore[method-assign]
    assert 1 == await engine.pump()
    assert ({"m": "sent"}, []) == (shop.states(), armed.wakes)


async def test_what_cannot_be_done_now_is_not_tried_without_pause(shop: Shop) -> None:
    """If something is due and yet could not be taken, the engine breathes before it looks again."""
    engine, armed = an_armed_engine(shop)

    async def next_due() -> Instant:
        return NOON

    shop.outbox.next_due = next_due  # type: ignore[method-assign]
    await engine.pump()
    assert armed.wakes == [NOON + BREATH]


async def test_a_message_behind_a_waiting_one_does_not_keep_it_awake(shop: Shop) -> None:
    """The second message of a chat whose first is to be tried in an hour wakes nobody before that."""
    engine, armed = an_armed_engine(shop)
    shop.waiting("first", due_at=NOON + HOUR)
    shop.waiting("second")
    await engine.pump()
    assert armed.wakes == [NOON + HOUR]


async def test_an_error_is_survived(shop: Shop) -> None:
    """If the database fails during a pump the engine tries again soon."""
    engine, armed = an_armed_engine(shop)

    async def drain() -> int:
        raise OSError("disk full")

    shop.outbox.drain = drain  # type: ignore[method-assign]
    await engine._wake()
    assert [NOON + 25 * BREATH] == armed.wakes


async def test_a_channel_that_breaks_leaves_no_other_at_work(shop: Shop) -> None:
    """If one channel's outcomes cannot be recorded, the round is over only when the others have sent and recorded."""
    broken = Outbox(ScriptedChannel(shop.clock, name="telegram"), shop.store, shop.deps, shop.clock)

    async def drain() -> int:
        raise OSError("disk full")

    async def slow(message: Outgoing) -> DeliveryResult:
        await asyncio.sleep(0.05)
        return DeliveryResult(message.id, Outcome.ACCEPTED, NOON)

    broken.drain = drain  # type: ignore[method-assign]
    shop.waiting("m")
    shop.channel.answers["m"] = [slow]
    with pytest.raises(OSError, match="disk full"):
        await Embedded(shop.store, shop.deps, shop.clock, [broken, shop.outbox]).pump()
    assert {"m": "sent"} == shop.states()


@on_both
async def test_a_running_engine_wakes_when_something_sooner_is_planned(shop: Shop) -> None:
    """With real time and APScheduler: a message put into the outbox by a transaction goes at once."""
    shop.clock.move_to(SystemClock().now())
    engine = an_engine(shop, look=3600)
    await engine.start()
    await asyncio.to_thread(shop.waiting, "m")
    await until(lambda: shop.channel.calls == ["m"])
    await engine.stop()
    assert shop.states() == {"m": "sent"}


async def test_a_look_finds_what_another_process_planned(shop: Shop) -> None:
    """What came into the database behind its back is sent at the next look."""
    engine = an_engine(shop, look=0.05)
    await engine.start()
    await until(lambda: not engine._pumping.locked())
    shop.store.on_due = None
    await asyncio.to_thread(shop.waiting, "m")
    await until(lambda: shop.channel.calls == ["m"])
    await engine.stop()


async def test_at_start_it_tidies_up_learns_and_only_then_sends(shop: Shop) -> None:
    """What was in flight at a crash is settled, and an export that says "paid" is read before anybody is reminded."""
    shop.learn(an_order(1))
    shop.waiting("crashed", chat="b2", state=OutgoingState.SENDING, attempts=1)
    shop.clock.move(15 * MINUTE)

    async def read_exports() -> None:
        paid = an_order(1, status=Status.PAID, paid_at=NOON, observed_at=NOON + MINUTE)
        await asyncio.to_thread(shop.learn, paid)

    engine = an_engine(shop, Job("orders", read_exports, every(3600), at_start=True))
    await engine.start()
    await until(lambda: shop.states()["crashed"] != "sending")
    await engine.pump()
    await engine.stop()
    assert (shop.channel.calls, shop.states()) == ([], {"crashed": "unsure"})


async def test_a_failing_job_stops_nothing(shop: Shop) -> None:
    """A job that raises is run again at its next time, and so are the others."""
    runs = {"bad": 0, "good": 0}

    def job(name: str) -> Job:
        async def run() -> None:
            runs[name] += 1
            if name == "bad":
                raise RuntimeError("bad")

        return Job(name, run, every(0.02), at_start=True)

    engine = an_engine(shop, job("bad"), job("good"))
    await engine.start()
    await until(lambda: min(runs.values()) > 2)
    await engine.stop()


async def test_it_stops_in_the_middle_of_a_batch_without_doubt(shop: Shop) -> None:
    """Stopped while 40 messages go out it finishes those in flight; none is left as sending, the rest is still due."""
    for number in range(40):
        shop.waiting(f"m{number:02}", chat=f"b{number}")
    engine, stopping = an_engine(shop), []

    async def stop_meanwhile(message: Outgoing) -> DeliveryResult:
        stopping.append(asyncio.create_task(engine.stop()))
        await asyncio.sleep(0.01)
        return DeliveryResult(message.id, Outcome.ACCEPTED, NOON)

    shop.channel.answers["m20"] = [stop_meanwhile]
    await engine.start()
    await until(lambda: stopping)
    await stopping[0]
    states = list(shop.states().values())
    assert (states.count("sent"), states.count("due")) == (24, 16)


async def test_it_waits_a_moment_for_a_job_at_work(shop: Shop) -> None:
    """An import that is nearly done is not torn off."""
    done = []

    async def work() -> None:
        await asyncio.sleep(0.05)
        done.append(True)

    engine = an_engine(shop, Job("orders", work, every(0.01)))
    await engine.start()
    await until(lambda: len(engine._running) > 0)
    await engine.stop()
    assert done


async def test_it_does_not_wait_for_a_channel_that_hangs(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stops all the same; what was being sent then is unsure at the next start, as after a crash."""
    monkeypatch.setattr("scheduler.embedded.PATIENCE", 0.02)

    async def hang(_message: Outgoing) -> DeliveryResult:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    shop.waiting("m")
    shop.channel.answers["m"] = [hang]
    engine = an_engine(shop)
    await engine.start()
    await until(lambda: shop.channel.calls == ["m"])
    await asyncio.wait_for(engine.stop(), 20)
    assert shop.states() == {"m": "sending"}
    assert await recover(shop.store, shop.deps, shop.clock) == ["m"]
    assert shop.states() == {"m": "unsure"}


async def test_it_may_be_stopped_before_it_started(shop: Shop) -> None:
    """Stopping what never ran is no error."""
    await an_engine(shop).stop()


async def test_a_commit_after_the_loop_is_gone_is_still_a_commit(shop: Shop) -> None:
    """The engine is told of new work from the writer's thread; if nobody listens any more nothing breaks."""
    engine = an_engine(shop)
    loop = asyncio.new_event_loop()
    loop.close()
    from scheduler.embedded import _from_thread

    shop.store.on_due = lambda due: _from_thread(loop, engine, due)
    await asyncio.to_thread(shop.waiting, "m")
    assert shop.states() == {"m": "due"}


async def test_one_channel_that_pauses_does_not_hold_up_another(shop: Shop) -> None:
    """Each channel has its own outbox and its own pace."""
    other = ScriptedChannel(shop.clock, name="telegram")
    outboxes = [shop.outbox, Outbox(other, shop.store, shop.deps, shop.clock)]
    engine = Embedded(shop.store, shop.deps, shop.clock, outboxes)
    shop.waiting("slow")
    shop.waiting("quick", chat="b2", channel="telegram")
    shop.channel.retry("slow", NOON + HOUR)
    await engine.pump()
    assert shop.states() == {"slow": "due", "quick": "sent"}


async def test_a_paid_order_is_not_reminded(shop: Shop) -> None:
    """Whatever is planned, once the source says "paid" nothing is said any more."""
    shop.learn(an_order(1))
    shop.learn(replace(an_order(1), status=Status.PAID, paid_at=NOON, observed_at=NOON + MINUTE))
    shop.clock.move(2 * DAY)
    await an_engine(shop).pump()
    assert shop.channel.calls == []
