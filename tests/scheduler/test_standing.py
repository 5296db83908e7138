"""How a channel stands is kept, said once, and told to a person where only a person can help."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from followup.model import ChannelState, Health, Task, TaskState
from scheduler.embedded import Embedded
from tests.scheduler.receivers import NAME, ListeningShop
from tests.scheduler.shop import HOUR, MINUTE, NOON
from tests.scheduler.test_embedded import until
from tests.scheduler.test_inbox import on_both

UP, DOWN, LOGIN, REFUSED = Health


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[ListeningShop]:
    """A shop that listens, on a fresh database."""
    shop = ListeningShop(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))
    yield shop
    shop.store.close()


def asked(shop: ListeningShop) -> list[str]:
    """What people were asked for, in the order of time."""
    return [task.reason for task in sorted(shop.rows(Task), key=lambda task: task.created_at)]


def logged(lines: list[object]) -> list[str]:
    return [line["event"] for line in lines]  # type: ignore[index]


@on_both
async def test_only_changes_are_kept(shop: ListeningShop) -> None:
    """The same again changes nothing; `since` is when this health began, whatever its details."""
    await shop.inbox.report(DOWN, "no answer")
    for detail in ("no answer", "reset"):
        shop.clock.move(MINUTE)
        await shop.inbox.report(DOWN, detail)
    assert ChannelState(NAME, DOWN, NOON, "reset") == shop.state()
    await shop.inbox.report(UP)
    assert ChannelState(NAME, UP, NOON + 2 * MINUTE) == shop.state()


async def test_lost_and_back_are_said_once(shop: ListeningShop) -> None:
    """However often it is tried meanwhile; and how long it was away."""
    with capture_logs() as lines:
        await shop.inbox.report(UP)
        for why in ("timeout", "timeout", "refused"):
            await shop.inbox.report(DOWN, why)
            shop.clock.move(HOUR)
        await shop.inbox.report(UP)
        await shop.inbox.report(UP)
    assert ["channel_lost", "channel_back"] == logged(lines)
    assert ("timeout", "3:00:00") == (lines[0]["why"], lines[1]["away"])


async def test_worse_news_of_a_lost_channel_say_why(shop: ListeningShop) -> None:
    """A wrong token at the next start is told with its reason, though the channel was down before."""
    with capture_logs() as lines:
        await shop.inbox.report(DOWN, "timeout")
        await shop.inbox.report(REFUSED, "the token is wrong")
    assert [("channel_lost", "timeout"), ("channel_still_lost", "the token is wrong")] == [
        (line["event"], line["why"]) for line in lines
    ]


async def test_a_code_to_log_in_with_is_not_logged(shop: ListeningShop) -> None:
    """Whoever has it can take the account."""
    with capture_logs() as lines:
        await shop.inbox.report(LOGIN, "https://login.example/secret")
        await shop.inbox.report(UP)
        await shop.inbox.report(LOGIN, "https://login.example/secret2")
    assert "secret" not in str(lines)


async def test_a_short_loss_is_no_task(shop: ListeningShop) -> None:
    """What mends by itself bothers nobody."""
    for health in (UP, DOWN, UP, DOWN):
        await shop.inbox.report(health)
    assert [] == asked(shop)


@on_both
async def test_a_person_is_asked_once_to_log_in(shop: ListeningShop) -> None:
    """With what to scan; new codes and losses in between ask nobody again, and when it is up nobody is needed."""
    for health, detail in ((UP, ""), (LOGIN, "code 1"), (LOGIN, "code 2"), (DOWN, ""), (LOGIN, "code 3")):
        await shop.inbox.report(health, detail)
        shop.clock.move(MINUTE)
    (task,) = shop.tasks()
    assert ("channel_login", "s/fake", True) == (task.reason, task.thread, "code 1" in task.text)
    assert "code 3" == shop.state().detail
    await shop.inbox.report(UP)
    assert ([], TaskState.CANCELLED) == (shop.tasks(), shop.rows(Task)[0].state)
    shop.clock.move(MINUTE)
    await shop.inbox.report(LOGIN, "code 4")
    assert ["channel_login", "channel_login"] == asked(shop)


async def test_a_person_is_asked_to_mend_a_refusal(shop: ListeningShop) -> None:
    """With what the service says."""
    await shop.inbox.report(REFUSED, "Unauthorized")
    await shop.an_inbox().report(REFUSED, "Unauthorized")
    (task,) = shop.tasks()
    assert ("channel_refused", True) == (task.reason, "Unauthorized" in task.text)


@on_both
async def test_a_gap_names_its_ends(shop: ListeningShop) -> None:
    """What was said between the loss and the return is to be looked up by hand, in the shop's own time."""
    await shop.inbox.report(UP)
    shop.clock.move(MINUTE)
    await shop.inbox.report(DOWN)
    await shop.inbox.report(LOGIN)
    shop.clock.move(HOUR)
    await shop.inbox.report(UP, gap=True)
    (task,) = [task for task in shop.tasks() if task.reason == "channel_gap"]
    assert all(part in task.text for part in ("3月2日 12:01", "3月2日 13:01", "1 小时"))


async def a_gap(shop: ListeningShop) -> None:
    """The channel is away for a minute."""
    await shop.inbox.report(DOWN)
    shop.clock.move(MINUTE)
    await shop.inbox.report(UP, gap=True)


async def test_each_gap_is_told(shop: ListeningShop) -> None:
    """Two losses with an hour between them are two tasks."""
    await shop.inbox.report(UP)
    await a_gap(shop)
    shop.clock.move(HOUR)
    await a_gap(shop)
    assert ["channel_gap", "channel_gap"] == [task.reason for task in shop.tasks()]


@on_both
async def test_gaps_in_a_row_are_one_task(shop: ListeningShop) -> None:
    """A channel that comes and goes a hundred times leaves one task, from the first loss to the last return."""
    await shop.inbox.report(UP)
    for _ in range(100):
        await a_gap(shop)
    (task,) = shop.tasks()
    assert all(part in task.text for part in ("3月2日 12:00", "3月2日 13:40", "1 小时"))
    done = [task for task in shop.rows(Task) if task.state is TaskState.CANCELLED]
    assert 99 == len(done)


async def test_a_task_of_before_the_start_is_not_swallowed(shop: ListeningShop) -> None:
    """The next process knows nothing of the gap before, so it leaves its task alone."""
    await shop.inbox.report(UP)
    await a_gap(shop)
    shop.clock.move(MINUTE)
    again = shop.an_inbox()
    await again.report(DOWN)
    shop.clock.move(MINUTE)
    await again.report(UP, gap=True)
    assert 2 == len(shop.tasks())


class TestLook:
    @on_both
    async def test_a_person_is_asked_once_to_see_to_a_long_loss(self, shop: ListeningShop) -> None:
        """After a quarter of an hour, with the reason; when it is back nobody is needed."""
        await shop.inbox.report(UP)
        await shop.inbox.report(DOWN, "connection refused")
        for minutes, expected in ((14, []), (1, ["channel_down"]), (60, ["channel_down"])):
            shop.clock.move(minutes * MINUTE)
            await shop.inbox.standing.look()
            assert expected == asked(shop)
        (task,) = shop.tasks()
        assert ("s/fake", True, True) == (task.thread, "connection refused" in task.text, "12:00" in task.text)
        await shop.inbox.report(UP)
        assert [] == shop.tasks()

    async def test_the_next_loss_is_another_task(self, shop: ListeningShop) -> None:
        """Asked for anew."""
        for _ in range(2):
            await shop.inbox.report(DOWN)
            shop.clock.move(HOUR)
            await shop.inbox.standing.look()
            await shop.inbox.report(UP)
        assert ["channel_down"] * 2 == asked(shop)

    async def test_the_time_in_which_nothing_ran_does_not_count(self, shop: ListeningShop) -> None:
        """A start after a weekend is no loss; a channel that then says nothing at all is."""
        await shop.inbox.report(UP)
        await shop.inbox.standing.stopped()
        shop.clock.move(HOUR)
        again = shop.an_inbox()
        await again.standing.look()
        assert [] == asked(shop)
        shop.clock.move(16 * MINUTE)
        await again.standing.look()
        assert ["channel_down"] == asked(shop)

    async def test_a_restart_does_not_ask_again(self, shop: ListeningShop) -> None:
        """While the task is open."""
        for _ in range(2):
            inbox = shop.an_inbox()
            await inbox.report(DOWN)
            shop.clock.move(HOUR)
            await inbox.standing.look()
        assert ["channel_down"] == asked(shop)

    @pytest.mark.parametrize("health", [LOGIN, REFUSED])
    async def test_who_was_asked_already_is_not_asked_twice(self, shop: ListeningShop, health: Health) -> None:
        """A login or a new token is what is needed."""
        await shop.inbox.report(health)
        shop.clock.move(HOUR)
        await shop.inbox.standing.look()
        assert ["channel_login" if health is LOGIN else "channel_refused"] == asked(shop)

    async def test_whoever_listens_looks(self, shop: ListeningShop) -> None:
        """By itself, while it waits for events."""
        listening = asyncio.create_task(shop.inbox.listen())
        for _ in range(20):
            await until(lambda: len(shop.clock._sleepers) > 0)
            shop.clock.move(MINUTE)
        await until(lambda: asked(shop) == ["channel_down"])
        listening.cancel()


async def test_what_is_known_from_before_is_not_said_to_be_so_now(shop: ListeningShop) -> None:
    """A program that was killed left "up" behind; until the channel says so again nobody knows."""
    await shop.inbox.report(UP)
    again = shop.an_inbox()
    assert (UP, None) == (shop.inbox.standing.health, again.standing.health)
    await again.report(UP)
    assert UP == again.standing.health


@pytest.mark.parametrize("gap", [False, True])
async def test_after_a_crash_it_is_up_since_the_new_start(shop: ListeningShop, gap: bool) -> None:
    """Not since that of the program that was killed; what it says again later changes nothing."""
    await shop.inbox.report(UP)
    shop.clock.move(HOUR)
    again = shop.an_inbox()
    await again.report(UP, gap=gap)
    shop.clock.move(HOUR)
    await again.report(UP)
    assert ChannelState(NAME, UP, NOON + HOUR) == shop.state()


async def test_after_a_crash_the_gap_begins_with_the_last_message(shop: ListeningShop) -> None:
    """Nobody noted when it went away; the last thing heard is the last thing known."""
    await shop.inbox.report(UP)
    await shop.inbox.take([shop.raw("1")])
    shop.clock.move(HOUR)
    await shop.an_inbox().report(UP, gap=True)
    (task,) = shop.tasks()
    assert all(part in task.text for part in ("12:00", "13:00"))


async def test_the_first_start_of_all_has_no_gap(shop: ListeningShop) -> None:
    """Before it there was nothing to miss."""
    await shop.inbox.report(UP, gap=True)
    assert [] == asked(shop)


async def test_a_stop_is_known_and_no_alarm(shop: ListeningShop) -> None:
    """A channel that was up is down while nothing runs, and back with the next start."""
    engine = Embedded(shop.store, shop.deps, shop.clock, [], inboxes=[shop.inbox])
    with capture_logs() as lines:
        await engine.start()
        await shop.inbox.report(UP)
        await engine.stop()
        shop.clock.move(HOUR)
        await shop.an_inbox().report(UP)
    assert ["info", "info"] == [line["log_level"] for line in lines if line["event"].startswith("channel_")]
    assert ("channel_back", "1:00:00") == (lines[-1]["event"], lines[-1]["away"])


async def test_a_stop_does_not_hide_what_is_wrong(shop: ListeningShop) -> None:
    """A channel that wants a login still wants it after the program stopped."""
    await shop.inbox.report(LOGIN, "code")
    await shop.inbox.standing.stopped()
    assert LOGIN == shop.state().health


async def test_a_receiver_that_gives_up_does_not_hide_it_either(shop: ListeningShop) -> None:
    """Refused stays refused when the receiver ends."""
    await shop.inbox.report(REFUSED, "Unauthorized")
    shop.receiver.ends = [RuntimeError("told you")]
    listening = asyncio.create_task(shop.inbox.listen())
    await until(lambda: len(shop.clock._sleepers) > 1)
    listening.cancel()
    assert (REFUSED, "Unauthorized") == (shop.state().health, shop.state().detail)
