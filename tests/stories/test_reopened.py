"""What could not be said for want of an open chat is said when the buyer opens one."""

from __future__ import annotations

import pytest

from followup.events import Refusal
from followup.model import ReminderState, Verdict
from followup.ports import Capabilities
from tests.stories.linked import LinkShop
from tests.stories.shop import Shop, span

WECOM = Capabilities(window=span("48h"), quota=4)


def a_silent_shop(**more: Capabilities) -> Shop:
    """On WeCom Lin said hello on Monday, asked for his money, and has not written since: on Thursday all is shut."""
    shop = Shop("2026-03-02 10:00", channel="wecom", capabilities={"wecom": WECOM, **more}).paid_order()
    return shop.buyer_says("我有个问题").refund().until("2026-03-05 15:00")


class TestWindow:
    def test_a_held_word_waits_and_a_person_is_told_once(self) -> None:
        """It is looked at every day, for nobody knows when he writes; the task is one."""
        shop = a_silent_shop().after("3d")
        assert ["buyer_message", "window_closed"] == shop.tasks()
        assert "refund.daily" == shop.steps()[-1]
        assert {Verdict.WINDOW_CLOSED} == set(shop.verdicts("refund.daily")[1:])

    def test_the_daily_chain_goes_on_when_he_writes(self) -> None:
        """An hour after his message, when he has had his answer, and every day from then on (rule 43)."""
        shop = a_silent_shop()
        before = len(shop.steps())
        shop.buyer_says("还没到账吗").after("2d")
        assert [
            "Thu 15:00 > 还没到账吗",
            "Thu 15:00 < common.refund_requested",
            "Thu 16:00 < refund.daily",
        ] == shop.story()[-4:-1]
        assert ["common.refund_requested", "refund.daily", "refund.daily"] == shop.steps()[before:]

    def test_the_money_is_announced_as_soon_as_he_writes(self) -> None:
        """A notice waits for no hour; the words that were held for a pending refund are dropped."""
        shop = a_silent_shop().refund("paid_back").after("1d")
        assert Verdict.WINDOW_CLOSED == shop.verdicts("refund.settled")[-1]
        shop.buyer_says("我有个问题").after("3d")
        assert ["reply.received", "refund.settled"] == shop.steps()[-2:]
        assert 1 == shop.steps().count("refund.settled")

    def test_an_announcement_nobody_could_make_is_not_reported_twice(self) -> None:
        """The person who was given it when the window was closed need not hear of its expiry."""
        shop = a_silent_shop().refund("paid_back").after("9d")
        assert ["buyer_message", "window_closed", "window_closed"] == shop.tasks()
        assert Verdict.EXPIRED == shop.verdicts("refund.settled")[-1]

    def test_what_he_says_counts_first(self) -> None:
        """Who opens the chat to say when he will pay, or stop, is not asked again before that."""
        silent = Capabilities(window=span("48h"))
        shop = Shop("2026-03-02 10:00", channel="wecom", capabilities={"wecom": silent}).order().after("1h")
        assert ([], ["window_closed"]) == (shop.steps(), shop.tasks())
        shop.buyer_says("明天下午三点付").after("5h")
        assert ["later.noted"] == shop.steps()
        assert ["stop.confirmed"] == shop.buyer_says("退订").after("3d").steps()[1:]

    def test_what_a_person_did_instead_is_not_said_again(self) -> None:
        """The task is done: an announcement is dropped, a daily word comes a day later."""
        shop = a_silent_shop().refund("paid_back").does_task("window_closed").buyer_says("我有个问题").after("1d")
        assert "refund.settled" not in shop.steps()
        shop = a_silent_shop().does_task("window_closed").buyer_says("我有个问题").after("20h")
        assert "reply.received" == shop.steps()[-1]
        assert "refund.daily" == shop.after("1d").steps()[-1]


class TestQuota:
    def test_a_fresh_quota_brings_the_held_word(self) -> None:
        """Four messages, one kept back: the third word of ours waits until he writes."""
        shop = Shop("2026-03-02 10:00", channel="wecom", capabilities={"wecom": Capabilities(quota=3)}).paid_order()
        shop.buyer_says("我有个问题").refund().after("30h")
        assert ["reply.received", "refund.acknowledge"] == shop.steps()
        assert "refund.daily" == shop.buyer_says("我有个问题").after("1h").steps()[-1]


class TestRefused:
    @pytest.mark.parametrize("refusal", [Refusal.WINDOW_CLOSED, Refusal.QUOTA_USED, Refusal.BLOCKED])
    def test_a_refused_announcement_comes_when_he_writes(self, refusal: Refusal) -> None:
        """The channel refused it for good, so it is a new message; that one is refused no second time."""
        shop = (
            a_silent_shop()
            .buyer_says("我有个问题")
            .after("1m")
            .channel_refuses(refusal)
            .refund("paid_back")
            .after("1h")
        )
        (first,) = [message for message in shop.outbox() if message.step == "refund.settled"]
        assert (refusal_task(refusal), "failed") == (shop.tasks()[-1], first.state)
        shop.buyer_says("到账了吗").after("1d")
        (_, again) = [message for message in shop.outbox() if message.step == "refund.settled"]
        assert ("sent", f"{first.id}@again") == (again.state, again.id)

    def test_one_of_which_nobody_knows_is_not_said_again(self) -> None:
        """He may have it: a person looks."""
        can = Capabilities(window=span("48h"), quota=4, idempotent=True)
        shop = a_silent_shop(wecom=can).buyer_says("我有个问题").after("1m").channel_answers("unsure")
        shop.channel_refuses(Refusal.WINDOW_CLOSED).refund("paid_back").after("1h").buyer_says("到账了吗").after("1d")
        assert 1 == len([message for message in shop.outbox() if message.step == "refund.settled"])

    def test_one_of_which_nobody_knows_goes_to_no_other_chat(self) -> None:
        """Not even on a channel that takes no message twice, for the other chat is none of its."""
        can = Capabilities(window=span("48h"), quota=4, idempotent=True)
        shop = Shop("2026-03-02 10:00", channel="wecom", capabilities={"wecom": can}).paid_order()
        shop.buyer_says("我有个问题").linked("telegram").prefers("wecom").channel_answers("unsure")
        shop.channel_refuses(Refusal.WINDOW_CLOSED).refund().after("1h")
        assert ([], ["buyer_message", "window_closed"]) == (shop.steps()[1:], shop.tasks())


class TestNoChat:
    def test_the_money_is_announced_to_who_links_in_time(self) -> None:
        """The matter is closed, but he has not heard of it."""
        shop = LinkShop().paid_order(phone_tail="1234").after("1h").refund().after("2d").refund("paid_back").after("1d")
        assert [] == shop.steps()
        shop.opens(token=shop.link()).after("1d")
        assert ["link.welcome", "refund.settled"] == shop.steps()

    def test_who_links_too_late_hears_nothing_old(self) -> None:
        """Three days after the money nobody needs the news."""
        shop = LinkShop().paid_order().refund().after("2d").refund("paid_back").after("4d")
        shop.opens(token=shop.link()).after("1d")
        assert (["link.welcome"], ["expired"]) == (shop.steps(), shop.tasks())

    def test_a_chat_that_takes_messages_again_is_spoken_in_again(self) -> None:
        """He blocked us and took it back: the daily word goes on."""
        shop = LinkShop().paid_order().opens(token="").refund()
        shop.opens(token=shop.link()).channel_refuses(Refusal.BLOCKED).after("26h")
        assert "unreachable" in shop.tasks()
        shop.after("2d").opens(greet=False).after("1h")
        assert "refund.daily" == shop.steps()[-1]


def refusal_task(refusal: Refusal) -> str:
    """The reason of the task that a refusal makes."""
    return "unreachable" if refusal is Refusal.BLOCKED else refusal.value


def test_nothing_waits_for_ever_behind_a_stop() -> None:
    """A stop on another chat drops what waits for this one."""
    shop = (
        a_silent_shop().linked("telegram").buyer_says("退订", channel="telegram").after("5d").buyer_says("我有个问题")
    )
    assert "stop.confirmed" == shop.steps()[-1]
    assert not [r for r in shop.reminders() if r.state is ReminderState.PENDING]
