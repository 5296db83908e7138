"""Two messages of one chat keep their distance, and nobody else waits for them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.events import DeliveryResult, Outcome
from followup.model import Instant, Outgoing, OutgoingState, Role
from followup.ports import Capabilities
from scheduler.pace import FEW, Chats, Spacing
from tests.scheduler.shop import MINUTE, NOON, Shop, on_both

SECOND = timedelta(seconds=1)
APART = Spacing(SECOND)


def spaced(shop: Shop, **more: timedelta | int) -> list[tuple[str, Instant]]:
    """From now on the channel wants these distances; what it is given is noted with the time."""
    shop.channel.capabilities = Capabilities(**more)  # type: ignore[arg-type]
    shop.outbox = shop.an_outbox()
    heard: list[tuple[str, Instant]] = []

    async def note(message: Outgoing) -> DeliveryResult:
        heard.append((message.address, shop.clock.now()))
        return DeliveryResult(message.id, Outcome.ACCEPTED, shop.clock.now())

    shop.channel.answers = _Always(note)
    return heard


class _Always(dict[str, list[object]]):
    """One answer for every message."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self._answer = answer

    def get(self, _key: str, _default: object = None) -> list[object]:  # type: ignore[override]
        return [self._answer]


async def drained(shop: Shop) -> None:
    """Let time jump from one due time to the next until nothing waits."""
    await shop.outbox.drain()
    while (due := await shop.outbox.next_due()) is not None:
        assert due > shop.clock.now(), "it would spin"
        shop.clock.move_to(due)
        await shop.outbox.drain()


@on_both
async def test_a_chat_hears_one_message_a_second(shop: Shop) -> None:
    """Three messages for one buyer go a second apart and in order; the other buyer's goes at once."""
    heard = spaced(shop, chat_every=SECOND)
    for n in (1, 2, 3):
        shop.waiting(f"m{n}", "b1", role=Role.REPLY)
    shop.waiting("other", "b2")
    await drained(shop)
    assert [("b1", NOON), ("b2", NOON), ("b1", NOON + SECOND), ("b1", NOON + 2 * SECOND)] == heard


async def test_many_chats_hear_all_they_are_owed(shop: Shop) -> None:
    """Twenty buyers with three messages each are served side by side in two seconds."""
    heard = spaced(shop, chat_every=SECOND)
    for n in range(60):
        shop.waiting(f"m{n}", f"b{n % 20}", role=Role.REPLY)
    await drained(shop)
    assert (60, NOON + 2 * SECOND) == (len(heard), shop.clock.now())
    for buyer in {address for address, _ in heard}:
        times = [at for address, at in heard if address == buyer]
        assert all(later - earlier >= SECOND for earlier, later in pairwise(times))


async def test_the_distance_counts_from_when_a_message_has_gone(shop: Shop) -> None:
    """A slow send does not let the next one follow on its heels."""
    shop.channel.capabilities = Capabilities(chat_every=SECOND)
    shop.outbox = shop.an_outbox()

    async def slowly(message: Outgoing) -> DeliveryResult:
        shop.clock.move(5 * SECOND)
        return DeliveryResult(message.id, Outcome.ACCEPTED, shop.clock.now())

    shop.channel.answers["m1"] = [slowly]
    shop.waiting("m1", role=Role.REPLY)
    shop.waiting("m2", role=Role.REPLY)
    await shop.outbox.drain()
    assert NOON + 6 * SECOND == await shop.outbox.next_due()


async def test_groups_have_a_pace_of_their_own(shop: Shop) -> None:
    """A channel that knows groups says which addresses they are."""
    shop.channel.is_group = lambda address: address.startswith("-")  # type: ignore[attr-defined]
    heard = spaced(shop, chat_every=SECOND, group_every=3 * SECOND)
    for n, address in enumerate(("-100", "-100", "7", "7")):
        shop.waiting(f"m{n}", address, role=Role.REPLY)
    await drained(shop)
    assert {"7": SECOND, "-100": 3 * SECOND} == {
        address: max(at for who, at in heard if who == address) - NOON for address in ("7", "-100")
    }


async def test_a_burst_to_a_group_is_quick(shop: Shop) -> None:
    """Twenty messages go to a group a second apart; the next ones wait until the minute of the first ones is over."""
    shop.channel.is_group = lambda _address: True  # type: ignore[attr-defined]
    heard = spaced(shop, group_every=SECOND, group_within=MINUTE, group_most=20)
    for n in range(22):
        shop.waiting(f"m{n}", "-100", role=Role.REPLY)
    await drained(shop)
    assert [NOON + n * SECOND for n in (*range(20), 60, 61)] == [at for _, at in heard]


async def test_a_full_claim_of_waiting_chats_hides_nobody(shop: Shop) -> None:
    """Even if the first message that is due has to keep its distance, the one behind it goes."""
    spaced(shop, chat_every=MINUTE)
    shop.waiting("first", "b1", role=Role.REPLY)
    await shop.outbox.drain()
    shop.outbox._batch = 1
    shop.waiting("second", "b1", role=Role.REPLY)
    shop.waiting("other", "b2", role=Role.REPLY)
    assert 1 == await shop.outbox.drain()
    assert {"first": "sent", "second": "due", "other": "sent"} == shop.states()


async def test_the_longer_of_two_flood_pauses_counts(shop: Shop) -> None:
    """Sends in flight together are told different times: nothing goes before the later one."""
    shop.channel.retry("m1", NOON + 2 * MINUTE)
    shop.channel.retry("m2", NOON + MINUTE)
    for n in (1, 2):
        shop.waiting(f"m{n}", f"b{n}", role=Role.REPLY)
    await shop.outbox.drain()
    shop.clock.move_to(NOON + MINUTE)
    shop.waiting("m3", "b3", role=Role.REPLY)
    assert (0, NOON + 2 * MINUTE) == (await shop.outbox.drain(), await shop.outbox.next_due())
    shop.clock.move_to(NOON + 2 * MINUTE)
    assert 3 == await shop.outbox.drain()


async def test_a_channel_that_is_down_burns_no_message(shop: Shop) -> None:
    """While it answers "later" for days every message stays due, however often it was tried."""
    shop.waiting("m", role=Role.REPLY)
    for hour in range(1, 60):
        shop.channel.retry("m", NOON + hour * 60 * MINUTE)
        await shop.outbox.drain()
        shop.clock.move_to(NOON + hour * 60 * MINUTE)
    assert (OutgoingState.DUE, 59) == (shop.message("m").state, shop.message("m").attempts)
    assert 1 == await shop.outbox.drain()


async def test_a_refused_message_waits_out_the_pause_after_a_restart(shop: Shop) -> None:
    """A fresh outbox, as after a restart, does not try before its time what was told to come later."""
    shop.channel.retry("m", NOON + MINUTE)
    shop.waiting("m", role=Role.REPLY)
    await shop.outbox.drain()
    restarted = shop.an_outbox()
    assert (0, NOON + MINUTE) == (await restarted.drain(), await restarted.next_due())


class TestChats:
    def test_only_those_that_wait_are_remembered(self) -> None:
        """A year of buyers takes no more room than the last second of them."""
        chats = Chats()
        for n in range(10 * FEW):
            chats.said(f"c{n}", NOON + n * SECOND, Spacing(SECOND, 20, MINUTE))
        assert len(chats._free_at) + len(chats._counts_until) <= FEW + 1

    @pytest.mark.parametrize(("later", "expected"), [(0, NOON + SECOND), (1, None), (2, None)])
    def test_a_chat_is_free_again(self, later: int, expected: Instant | None) -> None:
        """After its distance, and so is every other chat before."""
        chats = Chats()
        chats.said("c", NOON, APART)
        now = NOON + later * SECOND
        assert (expected, None) == (chats.waits_until("c", now, APART), chats.waits_until("d", NOON, APART))

    def test_no_distance_is_none(self) -> None:
        """A channel without one is never held up."""
        chats = Chats()
        chats.said("c", NOON, Spacing())
        assert ({}, {}) == (chats._free_at, chats._counts_until)

    @given(st.lists(st.tuples(st.integers(0, 70), st.integers(1, 10)), max_size=60))
    def test_a_group_never_hears_more_than_its_most(self, asked: list[tuple[int, int]]) -> None:
        """Whatever is said when, and in albums of whatever size: 20 in any minute, a second apart, and none is lost."""
        chats, now, heard = Chats(), NOON, list[Instant]()
        for pause, count in asked:
            now += pause * SECOND
            spacing = Spacing(SECOND, 20, MINUTE, count)
            now = chats.waits_until("g", now, spacing) or now
            assert chats.waits_until("g", now, spacing) is None
            chats.said("g", now, spacing)
            heard += [now] * count
        assert all(late - early >= MINUTE for early, late in zip(heard, heard[20:], strict=False))
        assert all(late == early or late - early >= SECOND for early, late in pairwise(heard))

    def test_an_album_larger_than_the_most_goes_alone(self) -> None:
        """It waits until nothing counts any more, and does not wait for ever."""
        chats, large = Chats(), Spacing(SECOND, 20, MINUTE, 25)
        chats.said("g", NOON, Spacing(SECOND, 20, MINUTE))
        assert (NOON + MINUTE, None) == (
            chats.waits_until("g", NOON, large),
            chats.waits_until("g", NOON + MINUTE, large),
        )
