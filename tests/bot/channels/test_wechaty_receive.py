"""How the WeChat channel keeps at it: its pauses, and what it tells and how often."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

import pytest

from bot.channels.wechaty_link import Failed, Heard, Link, Lost, NotAttached, Unwelcome
from bot.channels.wechaty_receive import CALM, LOGIN_WITHIN, REFUSED_PAUSE, Listening
from followup.model import Health, Instant
from scheduler.clock import FakeClock, SystemClock
from tests.bot.channels.live import until
from tests.bot.channels.wechaty_wire import Kept, Wire, running
from tests.scheduler.shop import NOON

LOGIN = Heard(25, '{"contactId": "me"}')


class Enough(Exception):
    """The test has seen what it wanted."""


class Sleeps(FakeClock):
    """A clock that notes how long it is slept, and goes there."""

    def __init__(self) -> None:
        super().__init__(NOON)
        self.slept: list[timedelta] = []

    async def sleep_until(self, when: Instant) -> None:
        """Be there, unless that is only the wait for a login."""
        if when - self.now() == LOGIN_WITHIN:
            await super().sleep_until(when)
        self.slept.append(when - self.now())
        self.move_to(when)


class Fates:
    """A link that meets one fate after another: each attachment lasts so long and ends with that error."""

    attached = False

    def __init__(self, clock: FakeClock, fates: Iterable[tuple[timedelta, Exception]], heard: Iterable[Heard]) -> None:
        self._clock, self._fates, self._heard = clock, iter(fates), list(heard)

    async def attach(self, hear: Callable[[list[Heard]], Awaitable[None]]) -> None:
        """What the next fate is."""
        try:
            lasts, error = next(self._fates)
        except StopIteration:
            raise Enough from None
        if lasts:
            await hear(self._heard)
        self._clock.move(lasts)
        raise error


AT_ONCE = timedelta()


async def met(fates: Iterable[tuple[timedelta, Exception]], *heard: Heard) -> tuple[list[timedelta], Kept]:
    """The pauses after each fate, and what was reported."""
    clock, kept = Sleeps(), Kept()
    listening = Listening(Fates(clock, fates, heard or (LOGIN,)), "w", clock, lambda _id: None)  # type: ignore[arg-type]
    with pytest.raises(Enough):
        await asyncio.wait_for(listening.listen(kept), 20)
    return clock.slept, kept


async def test_pauses_grow_to_a_minute() -> None:
    """From half a second, doubled each time, and each up to a half shorter by chance."""
    slept, _ = await met([(AT_ONCE, NotAttached("nobody listens"))] * 12)
    longest = [min(0.5 * 2**n, 60.0) for n in range(12)]
    assert all(most / 2 <= pause.total_seconds() <= most for pause, most in zip(slept, longest, strict=True))


async def test_after_a_calm_while_they_begin_anew() -> None:
    """One that lasted was a success; two programs that put each other off never are."""
    quick, calm = (timedelta(seconds=2), Lost("x")), (CALM * 2, Lost("x"))
    slept, _ = await met([quick] * 8 + [calm])
    assert slept[7].total_seconds() > 20
    assert slept[8].total_seconds() <= 0.5


async def test_a_token_that_is_refused_is_tried_every_five_minutes() -> None:
    """And said once."""
    slept, kept = await met([(AT_ONCE, Unwelcome("no"))] * 3)
    assert [REFUSED_PAUSE] * 3 == slept
    assert [(Health.REFUSED, "no", False)] == kept.reports


async def test_a_loss_is_told_once_however_it_goes_on() -> None:
    """By its first reason; and so is the return, which is always one from a silence."""
    losses = [(AT_ONCE, Lost("first")), (AT_ONCE, Failed("second")), (CALM, NotAttached("third"))]
    _, kept = await met(losses)
    assert [(Health.DOWN, "first", False), (Health.UP, "", True), (Health.DOWN, "third", False)] == kept.reports


@pytest.mark.parametrize(
    "payload",
    ["", "null", "[]", "{", "{}", '"x"', '{"contactId": null}', "[" * 100_000],
    ids=lambda payload: payload[:20],
)
async def test_events_without_their_fields_do_no_harm(payload: str) -> None:
    """Of whatever type: only what they say is missed."""
    events = [Heard(type_, payload) for type_ in (1, 2, 3, 16, 22, 23, 25, 26, 27, 99)]
    _, kept = await met([(CALM, Lost("x"))], *events)
    assert [payload.encode()] == [raw.body for raw in kept.raws]


async def test_what_was_known_of_a_contact_may_change() -> None:
    """The gateway tells whose."""
    clock, changed = Sleeps(), list[str]()
    link = Fates(clock, [(CALM, Lost("x"))], [Heard(27, '{"payloadType": 2, "payloadId": "wxid_lin"}')])
    listening = Listening(link, "w", clock, changed.append)  # type: ignore[arg-type]
    with pytest.raises(Enough):
        await listening.listen(Kept())
    assert ["wxid_lin"] == changed


async def test_thirty_losses_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """No task, no open connection, no growth from the fifth to the last."""
    monkeypatch.setattr("bot.channels.wechaty_receive.LONGEST_PAUSE", 0.001)
    wire, kept, left = Wire(), Kept(), list[tuple[int, int]]()
    async with running(wire):
        listening = Listening(Link(f"127.0.0.1:{wire.port}", "t"), "w", SystemClock(), lambda _id: None)
        task = asyncio.create_task(listening.listen(kept))
        for _ in range(30):
            wire.say(25, contactId="me")
            await until(lambda: listening.can_send)
            left.append((len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))))
            wire.hang_up()
            await until(lambda: not listening.can_send)
        task.cancel()
        await asyncio.wait({task})
    assert left[5] == left[-1]
    assert 1 == len(asyncio.all_tasks())


async def test_sending_waits_for_the_next_attachment() -> None:
    """No earlier than it is planned, and at least a moment."""
    clock = Sleeps()
    listening = Listening(Fates(clock, [(AT_ONCE, Unwelcome("no"))], []), "w", clock, lambda _id: None)  # type: ignore[arg-type]
    assert NOON + timedelta(seconds=5) == listening.next_try()
    with pytest.raises(Enough):
        await listening.listen(Kept())
    assert NOON + REFUSED_PAUSE + timedelta(seconds=5) == listening.next_try()
