"""Effects become rows: each kind of effect, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from followup.effects import AlertAgent, CancelReminders, Effect, ExpireAt, MoveNext, RemindAt, Say
from followup.model import (
    Decision,
    Outgoing,
    OutgoingState,
    Reason,
    Reminder,
    ReminderState,
    Role,
    Task,
    TaskState,
    Thread,
    Verdict,
)
from handlers.carry_out import carry_out
from tests.followup.makers import hours
from tests.stories.shop import SHOP, Shop

SENT = Decision(Verdict.SENT, (Reason("settled", True),))
HELP = "shop/1001/unpaid_order/unpaid.help"
GIVE_UP = "shop/1001/unpaid_order/unpaid.give_up"


def do(shop: Shop, *effects: Effect, kind: str = "unpaid_order") -> Thread:
    now = shop.clock.now()
    return shop.store.run(lambda tx: carry_out(effects, shop.thread(kind), tx, shop.deps, now))


def reminder(shop: Shop, id_: str = HELP) -> Reminder:
    found = shop.store.tx.get(Reminder, id_)
    assert found is not None
    return found


def states(items: Iterable[Outgoing | Reminder]) -> dict[str, str]:
    return {item.step: item.state.value for item in items}


class TestRemindAt:
    def test_a_pending_touch_is_moved_and_keeps_its_id(self) -> None:
        """Due and expiry move, the dedupe key of the message does not."""
        shop = Shop().order()
        when = shop.clock.now() + hours(5)
        do(shop, RemindAt("unpaid.help", when, when + hours(1)))
        assert (when, when + hours(1)) == (reminder(shop).due_at, reminder(shop).expires_at)
        assert {HELP, GIVE_UP} == {each.id for each in shop.store.tx.items[Reminder].values()}

    def test_a_touch_that_was_fired_is_not_planned_again(self) -> None:
        """One id is one message: asking for it again changes nothing."""
        shop = Shop().order().after("15m")
        do(shop, RemindAt("unpaid.help", shop.clock.now()))
        assert ReminderState.FIRED == reminder(shop).state
        assert ["unpaid.help"] == shop.after("1h").steps()


class TestSay:
    def test_the_message_says_where_it_goes_and_why(self) -> None:
        """Channel, address, language, role and script are those of the moment; the decision keeps the words."""
        shop = Shop().order().after("15m")
        (message,) = shop.store.tx.items[Outgoing].values()
        assert ("terminal", "lin", "zh-CN", Role.NUDGE, "unpaid.help") == (
            message.channel,
            message.address,
            message.lang,
            message.role,
            message.step,
        )
        assert [(HELP, message.text)] == [(line.reminder, line.text) for line in shop.decided()]

    def test_a_nudge_is_remembered_with_the_buyer(self) -> None:
        """The cap knows when and by what; a notice and a reply leave it alone."""
        shop = Shop().order().after("15m")
        assert (shop.clock.now(), HELP) == (shop.buyer().nudged_at, shop.buyer().nudged_by)
        shop.after("1h").buyer_says("我有个问题").refund()
        assert HELP == shop.buyer().nudged_by

    def test_what_may_not_be_said_is_only_remembered(self) -> None:
        """A reply whose decision is no leaves a decision and no message."""
        shop = Shop().order()
        no = Decision(Verdict.OPTED_OUT, (Reason("opted_out", False),))
        do(shop, Say("reply.received", Role.REPLY, "key", no))
        assert {} == shop.store.tx.items[Outgoing]
        assert [Verdict.OPTED_OUT] == shop.verdicts("reply.received")


class TestAlertAgent:
    def test_a_task_is_given_once_for_each_key(self) -> None:
        """The same alert again does not open a task that was done; another key is another task."""
        shop = Shop().order()
        alert = AlertAgent("says_paid", "m1", {"text": "付了"})
        do(shop, alert)
        done = shop.task("says_paid")
        shop.store.run(lambda tx: tx.save(replace(done, state=TaskState.DONE)))
        do(shop, alert, AlertAgent("says_paid", "m2"))
        assert ["done", "open"] == [task.state.value for task in shop.store.tx.items[Task].values()]


class TestMoveNext:
    def test_every_touch_with_words_moves_and_silent_ones_stay(self) -> None:
        """The help waits until the named time, giving up does not."""
        shop = Shop().order()
        gives_up, when = reminder(shop, GIVE_UP).due_at, shop.clock.now() + hours(20)
        do(shop, MoveNext(when, when + hours(9), otherwise="unpaid.last_call"))
        assert (when, gives_up) == (reminder(shop).due_at, reminder(shop, GIVE_UP).due_at)
        assert 2 == len(shop.store.tx.items[Reminder])

    def test_where_nothing_is_planned_the_other_step_is(self) -> None:
        """After the last call a named time plans one more, and a second one moves that."""
        shop = Shop("2026-03-02 10:00").order(auto_close_at=None).after("1d 1h")
        for ahead in (22, 24):
            do(shop, MoveNext(shop.clock.now() + hours(ahead), otherwise="unpaid.last_call"))
        assert ["Wed 11:00 < unpaid.last_call"] == shop.after("40h").story()[2:]


class TestExpireAt:
    def test_planned_and_waiting_words_get_the_new_expiry(self) -> None:
        """Touches and messages of the thread, but neither replies nor silent touches."""
        shop = Shop().order().channel_answers("retry", "retry").after("15m").buyer_says("我有个问题")
        when = shop.clock.now() + hours(2)
        do(shop, ExpireAt(when))
        expiries = {each.step: each.expires_at for each in shop.store.tx.items[Outgoing].values()}
        assert {"unpaid.help": when, "reply.received": None} == expiries
        assert reminder(shop, GIVE_UP).expires_at is None


class TestCancelReminders:
    def test_replies_are_spared(self) -> None:
        """What answers the buyer goes, also when the matter is settled meanwhile."""
        shop = Shop().order().channel_answers("retry", "retry").after("15m").buyer_says("我有个问题")
        do(shop, CancelReminders("paid"))
        assert {"unpaid.help": "cancelled", "reply.received": "due"} == states(shop.store.tx.items[Outgoing].values())

    def test_only_words_leaves_the_silent_touches(self) -> None:
        """The agents' own clock goes on."""
        shop = Shop().order()
        do(shop, CancelReminders("refused", only_words=True))
        assert {"unpaid.help": "cancelled", "unpaid.give_up": "pending"} == states(
            shop.store.tx.items[Reminder].values()
        )

    def test_words_that_wait_to_be_pasted_are_taken_back(self) -> None:
        """A person does not paste a reminder of a settled matter; the paste of a reply stays."""
        shop = Shop().order().after("15m").buyer_says("我有个问题")
        for message in shop.store.tx.items[Outgoing].values():
            paste = Task(message.id, SHOP, message.thread, "paste", message.text, shop.clock.now(), outgoing=message.id)
            shop.store.run(lambda tx, paste=paste: tx.save(paste))
        do(shop, CancelReminders("paid"))
        found = [task.state.value for task in shop.store.tx.items[Task].values() if task.reason == "paste"]
        assert ["cancelled", "open"] == found

    def test_what_was_cancelled_is_remembered_with_its_reason(self) -> None:
        """Each dropped touch and message has a decision that says why."""
        shop = Shop().order().channel_answers("retry").after("15m")
        do(shop, CancelReminders("paid"))
        assert [Verdict.SENT, Verdict.SETTLED] == shop.verdicts("unpaid.help")
        assert [Verdict.SETTLED] == shop.verdicts("unpaid.last_call")
        assert (("outcome", "paid"),) == shop.decided()[-1].decision.reasons[0].facts

    def test_expired_is_remembered_as_expired(self) -> None:
        """When an order is given up, what could not be said any more has expired."""
        shop = Shop().order().channel_answers("retry").after("15m")
        do(shop, CancelReminders("not_paid", verdict=Verdict.EXPIRED))
        assert OutgoingState.EXPIRED == next(iter(shop.store.tx.items[Outgoing].values())).state
        assert [Verdict.EXPIRED] == shop.verdicts("unpaid.last_call")
