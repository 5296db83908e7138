"""Promises with a time, told as chats: kept, forgotten, due at night, stopped by the buyer, overtaken by the matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal

import pytest

from followup.after_sales.model import Grant, GrantState, Loss, Remedy
from followup.events import AgentSpoke, Refusal, thread_id
from followup.model import Money, TaskState, Verdict
from followup.policy import PromisePolicy, QuietHours
from followup.ports import Capabilities
from handlers.agent_says import NobodyToTell, NotSayable, SaidAMomentAgo, agent_says
from tests.stories.promising import REFUND, TalkingShop
from tests.stories.shop import POLICY, SHOP, span

TOMORROW = "我跟仓库核实一下，明天中午前给您答复。"
NO_NEWS = "promise.no_news"


def a_shop(now: str = "2026-03-02 14:00", **more: object) -> TalkingShop:
    """A Monday afternoon; a buyer asked for her money back."""
    return TalkingShop(now, **more).asks_for_his_money()  # type: ignore[arg-type]


def told_by_daily_words(shop: TalkingShop) -> list[str]:
    """The story without the daily word on the refund, which has its own."""
    return [line for line in shop.story() if not line.endswith(("refund.daily", "refund.acknowledge"))]


class TestKept:
    def test_in_time(self) -> None:
        """小美 promises an answer by noon and gives it at eleven: nobody is warned, nothing more is said."""
        shop = a_shop().says(TOMORROW)
        assert ["小美 Tue 12:00 open"] == shop.promises()
        shop.until("2026-03-03 11:00").says("核实好了，退款已经提交。").until("2026-03-09 10:00")
        assert ["Mon 14:00 < says", "Tue 11:00 < says"] == told_by_daily_words(shop)
        assert (["小美 Tue 12:00 kept"], []) == (shop.promises(), shop.tasks())

    def test_the_last_minute(self) -> None:
        """At 11:30 she is warned; she answers at 11:59, and the task goes away by itself."""
        shop = a_shop().says(TOMORROW).until("2026-03-03 11:29")
        assert [] == shop.tasks()
        assert ["promise_near"] == shop.after("1m").tasks()
        shop.until("2026-03-03 11:59").says("核实好了，可以退，请您放心。")
        assert ("kept", TaskState.CANCELLED) == (shop.promises()[0].split()[-1], shop.task("promise_near").state)
        shop.until("2026-03-05 13:00")
        assert [] == shop.spoken_of(NO_NEWS) + shop.tasks() + shop.clocks()

    def test_a_new_time_replaces_the_old_one(self) -> None:
        """ "还要一天" keeps the first promise and makes the second; only that clock runs."""
        shop = a_shop().says(TOMORROW).until("2026-03-03 10:00").says("仓库还在找，明天下午5点前给您答复。")
        assert ["小美 Tue 12:00 kept", "小美 Wed 17:00 open"] == shop.promises()
        assert ["Wed 16:30 promise.near", "Wed 17:00 promise.no_news"] == shop.clocks()

    def test_by_a_task_that_is_done(self) -> None:
        """She called the buyer and marks the warning as done: that is an answer by a person."""
        shop = a_shop().says(TOMORROW).until("2026-03-03 11:40").does_task("promise_near")
        assert (["小美 Tue 12:00 kept"], []) == (shop.promises(), shop.clocks())
        assert [] == shop.until("2026-03-04 13:00").spoken_of(NO_NEWS)

    def test_the_daily_word_keeps_no_promise(self) -> None:
        """The bot's "still in progress" is not the answer that a person promised."""
        shop = a_shop().says("明天下午5点前给您答复").until("2026-03-03 16:00")
        assert "refund.daily" in shop.steps()
        assert ["小美 Tue 17:00 open"] == shop.promises()


class TestForgotten:
    def test_the_buyer_hears_from_us_all_the_same(self) -> None:
        """Warned at 11:30, nobody writes: at noon the buyer hears that there is no news, and the next time."""
        shop = a_shop().says(TOMORROW).until("2026-03-03 12:00")
        assert ["promise_near"] == shop.tasks()
        assert "3月4日 12:00" in shop.spoken_of(NO_NEWS)[0]
        assert ["小美 Tue 12:00 late", "小美 Wed 12:00 open"] == shop.promises()

    def test_and_again_until_only_a_person_can_help(self) -> None:
        """Twice the bot comes back with a next time and other words; then a person is told, and it is silent."""
        policy = replace(POLICY, promise=PromisePolicy(most=2))
        shop = a_shop(policy=policy).says(TOMORROW).until("2026-03-12 20:00")
        assert ["Tue 12:00 < promise.no_news", "Wed 12:00 < promise.no_news"] == told_by_daily_words(shop)[1:]
        assert ["promise_near", "promise_near", "promise_near", "promise_broken"] == shop.tasks()
        assert ["小美 Tue 12:00 late", "小美 Wed 12:00 late", "小美 Thu 12:00 late"] == shop.promises()
        assert (2, []) == (len({text[:12] for text in shop.spoken_of(NO_NEWS)}), shop.clocks())

    def test_figures_that_change_meanwhile_leave_no_promise_without_a_clock(self) -> None:
        """It was planned that only a person speaks when it is due; by then the bot may again, and the buyer hears."""
        shop = a_shop(policy=replace(POLICY, promise=PromisePolicy(most=0))).says(TOMORROW).until("2026-03-03 10:00")
        shop.deps = replace(shop.deps, policies={SHOP: POLICY})
        shop.until("2026-03-03 18:00")
        assert ["小美 Tue 12:00 late", "小美 Wed 12:00 open"] == shop.promises()
        assert ["Wed 11:30 promise.near", "Wed 12:00 promise.no_news"] == shop.clocks()

    def test_late_but_answered(self) -> None:
        """After the first no-news she answers before the next time: that one is kept, the first stays late."""
        shop = a_shop().says(TOMORROW).until("2026-03-04 09:30").says("查到了，退款已经提交。")
        assert ["小美 Tue 12:00 late", "小美 Wed 12:00 kept"] == shop.promises()
        assert [TaskState.CANCELLED] == [task.state for task in [shop.task("promise_near")]]

    def test_a_promise_for_soon_is_warned_of_half_way(self) -> None:
        """ "Within twenty minutes" leaves no half hour: the warning comes after ten."""
        shop = a_shop().says("二十分钟内给您回复")
        assert ["Mon 14:10 promise.near", "Mon 14:20 promise.no_news"] == shop.clocks()

    def test_a_crash_says_it_once(self) -> None:
        """Nobody knows whether the word arrived: a person looks, and it is not said again; the next clock runs."""
        shop = a_shop().says(TOMORROW).until("2026-03-03 11:59").channel_answers("unsure").until("2026-03-03 18:00")
        assert (1, []) == (shop.in_doubt(), shop.spoken_of(NO_NEWS))
        assert "unsure" in shop.tasks()
        assert ["Wed 11:30 promise.near", "Wed 12:00 promise.no_news"] == shop.clocks()


class TestNight:
    def test_due_at_night_it_is_said_before_the_hours_close(self) -> None:
        """ "Today" ends at midnight, when nobody may be written to: the word comes at 20:20."""
        shop = a_shop().says("今天内给您答复").until("2026-03-03 08:00")
        assert ["Mon 14:00 < says", "Mon 20:20 < promise.no_news"] == told_by_daily_words(shop)
        assert ["小美 Mon 23:59 late", "小美 Tue 20:20 open"] == shop.promises()

    def test_promised_at_night_it_is_said_in_the_morning(self) -> None:
        """At 22:00 she promises an answer within two hours: no word at midnight, the first at nine."""
        shop = a_shop("2026-03-02 21:30").after("30m").says("两小时内给您答复").until("2026-03-03 09:00")
        assert "Tue 09:00 < promise.no_news" == shop.story()[-1]
        assert ["小美 Tue 00:00 late", "小美 Wed 09:00 open"] == shop.promises()

    def test_an_agent_may_write_at_any_hour(self) -> None:
        """Quiet hours are for the bot; a person who answers at eleven in the evening is not held back."""
        shop = a_shop("2026-03-02 21:30").until("2026-03-02 23:00").says("您好，刚查到，退款已经提交。")
        assert (True, "Mon 23:00 < says") == (shop.last.went, shop.story()[-1])

    def test_hours_of_the_shop(self) -> None:
        """A shop that is silent from eleven on says it just before that."""
        policy = replace(POLICY, quiet=QuietHours(time(9), time(23)))
        shop = a_shop(policy=policy).says("今天内给您答复").until("2026-03-02 23:30")
        assert "Mon 22:50 < promise.no_news" == shop.story()[-1]


class TestStopped:
    def test_the_buyer_says_stop(self) -> None:
        """Then we are silent for good; the agent is warned all the same, and learns that the promise was broken."""
        shop = a_shop().says(TOMORROW).after("1h").buyer_says("别再给我发消息了，退订").until("2026-03-05 13:00")
        assert ["promise_near", "promise_broken"] == [reason for reason in shop.tasks() if "promise" in reason]
        assert ([], ["小美 Tue 12:00 late"]) == (shop.spoken_of(NO_NEWS), shop.promises())
        assert [Verdict.OPTED_OUT] == shop.verdicts(NO_NEWS)

    def test_nobody_writes_to_who_said_stop(self) -> None:
        """Not even a person, unless the buyer writes again: that asks for an answer."""
        shop = a_shop().buyer_says("退订").after("1h").says("您好，退款提交了")
        assert (False, Verdict.OPTED_OUT) == (shop.last.went, shop.last.decision.verdict)
        shop.buyer_says("我的退款到底怎么样了？").says("您好，已经提交，明天中午前给您结果。")
        assert (True, ["小美 Tue 12:00 open"]) == (shop.last.went, shop.promises())
        assert ["promise_broken"] == shop.until("2026-03-03 12:00").tasks()[-1:]
        assert [] == shop.spoken_of(NO_NEWS)

    def test_the_matter_settles_first(self) -> None:
        """The money is back before noon: nothing is owed any more."""
        shop = a_shop().says(TOMORROW).until("2026-03-03 09:30").refund("paid_back").until("2026-03-04 13:00")
        assert (["小美 Tue 12:00 released"], [], []) == (shop.promises(), shop.clocks(), shop.spoken_of(NO_NEWS))

    def test_the_agent_says_that_it_is_solved(self) -> None:
        """Solved is over, as far as the promise goes."""
        shop = a_shop().says(TOMORROW).agent("solved", REFUND)
        assert (["小美 Tue 12:00 released"], []) == (shop.promises(), shop.clocks())

    def test_a_promise_after_the_end_is_a_promise(self) -> None:
        """The refund is done, and she promises to look for the invoice: its clock runs in the closed thread."""
        shop = a_shop().refund("paid_back").after("1d").says("发票明天中午前给您开好").until("2026-03-04 12:00")
        assert "Wed 12:00 < promise.no_news" == shop.story()[-1]
        assert "settled paid_back" == shop.fate(REFUND)

    def test_the_buyer_names_a_time_of_his_own(self) -> None:
        """ "明天付" moves our reminders, not our promise."""
        shop = TalkingShop().order().after("15m").says("半小时内给您答复", "unpaid_order").buyer_says("我明天付")
        assert ["Mon 14:30 promise.near", "Mon 14:45 promise.no_news"] == shop.clocks()


WINDOW = {"wecom": Capabilities(window=span("48h"), quota=5)}


class TestChannels:
    def test_a_closed_window_is_explained_and_nothing_is_lost(self) -> None:
        """The words stay as a note, with the verdict."""
        shop = a_shop(channel="wecom", capabilities=WINDOW).says(TOMORROW)
        assert (False, Verdict.WINDOW_CLOSED) == (shop.last.went, shop.last.decision.verdict)
        assert [] == shop.promises()
        assert f"not_said {TOMORROW}" in [getattr(line, "text", "") for line in shop.store.lines]

    def test_no_news_waits_for_the_window(self) -> None:
        """At noon the window is closed: a person gets the task, and the word goes when the buyer writes."""
        shop = a_shop(channel="wecom", capabilities={"wecom": Capabilities(window=span("12h"))})
        shop.buyer_says("在吗").says(TOMORROW).until("2026-03-03 12:00")
        assert "window_closed" in shop.tasks()
        assert ["小美 Tue 12:00 open"] == shop.promises()
        shop.until("2026-03-03 15:00").buyer_says("怎么还没消息")
        assert NO_NEWS in shop.steps()
        assert ["小美 Tue 12:00 late", "小美 Wed 15:00 open"] == shop.promises()

    def test_a_person_told_him_in_another_way(self) -> None:
        """The task about the closed window is done: the promise is answered, and the buyer is not told twice."""
        shop = a_shop(channel="wecom", capabilities={"wecom": Capabilities(window=span("12h"))})
        shop.buyer_says("在吗").says(TOMORROW).until("2026-03-03 12:30").does_task("window_closed")
        shop.buyer_says("好的，知道了")
        assert (["小美 Tue 12:00 late"], [], []) == (shop.promises(), shop.clocks(), shop.spoken_of(NO_NEWS))

    def test_words_that_never_arrive_promise_nothing(self) -> None:
        """The buyer blocked us: the agent has a task with the words, and no clock runs for them."""
        shop = a_shop().channel_refuses(Refusal.BLOCKED).says(TOMORROW)
        assert (["小美 Tue 12:00 released"], [], ["unreachable"]) == (shop.promises(), shop.clocks(), shop.tasks())

    def test_the_same_words_twice(self) -> None:
        """A second click within a minute is asked about; later, or on purpose, they go."""
        shop = a_shop().says("您好，查到了。")
        with pytest.raises(SaidAMomentAgo):
            shop.says("您好，查到了。")
        shop.says("您好，查到了。", again=True).after("2m").says("您好，查到了。")
        assert 3 == len(shop.spoken_of("says"))

    def test_who_is_nobody(self) -> None:
        """A thread that is not there is named."""
        with pytest.raises(NobodyToTell):
            a_shop().says("您好", "unpaid_order", "9999")

    def test_a_chat_that_is_not_the_buyers(self) -> None:
        """Words for one chat never go to another one, nor to another buyer's."""
        shop = a_shop()
        shop.buyer_says("在吗", buyer="he")
        for chat in ("nope/x/1", "shop/terminal/he"):
            with pytest.raises(NobodyToTell, match=f"has no chat '{chat}'"):
                shop.says("您好", chat=chat)
        assert [] == shop.spoken_of("says")

    def test_a_strangers_chat_has_no_clock(self) -> None:
        """Nothing is followed up there: the words go, and a person keeps the promise in mind."""
        shop = TalkingShop()
        shop.buyer_says("在吗", buyer="he")
        shop.tasks()
        shop.says("您好，明天中午前给您答复。", "", chat="shop/terminal/he")
        assert (True, None) == (shop.last.went, shop.last.promise)
        assert ["promise_by_hand"] == shop.tasks()


class TestManners:
    @pytest.mark.parametrize(
        "text", ["亲，改成五星好评给您返5元红包", "Change it to five stars and get 5 yuan back", "不改评价就不给您退款"]
    )
    def test_what_no_one_may_say(self, text: str) -> None:
        """The sentence of the rule comes back, and nothing goes."""
        shop = a_shop()
        with pytest.raises(NotSayable) as refused:
            shop.says(text)
        assert refused.value.findings[0].message.endswith(")")
        assert ["refund.acknowledge"] == shop.steps()

    def test_softer_findings_only_advise(self) -> None:
        """A date of arrival is better not named, but a person may."""
        shop = a_shop().says("包裹明天送到您家")
        assert (True, ["date_promise"]) == (shop.last.went, [finding.rule for finding in shop.last.read.advice])

    def test_a_benefit_closes_the_firewall(self) -> None:
        """Whoever was offered money hears nothing of reviews any more, not from a person either."""
        shop = a_shop().says("给您补偿10元，您看可以吗")
        assert shop.buyer().benefit_at is not None
        with pytest.raises(NotSayable, match="though this buyer was offered a benefit"):
            shop.after("1h").says("对了，您的评价方便更新一下吗")

    def test_refused_words_are_no_offer_made_before(self) -> None:
        """Where only the refused words offer something, the sentence says so and blames no earlier offer."""
        with pytest.raises(NotSayable, match="offers money in the same breath") as refused:
            a_shop().says("Give us 5 stars and you get 3 euro")
        assert "was offered" not in str(refused.value)


class TestMoney:
    @pytest.mark.parametrize(
        "text", ["再退您10块", "给您50元", "I can offer you $50 for it", "le abonamos 15 euros", "给您退一半，东西留着"]
    )
    def test_more_than_was_granted(self, text: str) -> None:
        """Money that nothing accounts for is an offer: it goes, for a person decides, but with a loud word, and the
        review firewall is closed for the whole buyer."""
        shop = a_shop().says(text)
        assert (True, ["not_granted"]) == (shop.last.went, [found.rule for found in shop.last.read.advice])
        assert shop.buyer().benefit_at is not None

    @pytest.mark.parametrize("text", ["89元已经原路退回，请您查收", "您的退款¥89.00平台已受理", "好的，3天内到账"])
    def test_the_orders_own_money(self, text: str) -> None:
        """The price and the refund are no offer."""
        shop = a_shop().says(text)
        assert ([], None) == ([found.rule for found in shop.last.read.advice], shop.buyer().benefit_at)

    def test_what_was_granted(self) -> None:
        """Of that, and no more, an agent may speak without a word."""
        shop = a_shop()
        thread = thread_id(SHOP, "1001", "after_sales")
        money = (Remedy.RED_PACKET, Loss.GOODWILL, Money(Decimal(10)), GrantState.GRANTED, "小美", shop.clock.now())
        shop.store.run(lambda tx: tx.save(Grant(f"{thread}/grant/1", thread, SHOP, *money)))
        assert [] == [found for found in shop.says("这是给您的10元").last.read.advice if found.rule == "not_granted"]
        assert "12" in shop.says("给您12元").last.read.advice[-1].words

    def test_not_together_with_a_review(self) -> None:
        """Money in the same breath as a review is what the law forbids, whatever the words for giving are."""
        with pytest.raises(NotSayable):
            a_shop().says("给您50元。您的评价我们看到了。")

    def test_a_price_asked_by_a_stranger(self) -> None:
        """Outside all orders prices are named all day."""
        shop = TalkingShop()
        shop.buyer_says("多少钱", buyer="he")
        shop.says("这款37元", "", chat="shop/terminal/he")
        assert ([], None) == (list(shop.last.read.advice), shop.buyer("he").benefit_at)

    def test_waiting_words_about_a_review_stay_away(self) -> None:
        """A person's word on a review waits in the outbox; then money is offered: the word does not go."""
        shop = a_shop()
        event = AgentSpoke("小美", shop.clock.now(), "您的评价我们认真看了", thread_id(SHOP, "1001", REFUND))
        shop.store.run(lambda tx: agent_says(event, tx, shop.deps))
        shop.says("给您补偿10元")
        assert ["给您补偿10元"] == shop.spoken_of("says")
        assert Verdict.FIREWALL in shop.verdicts("says")


def test_the_clock_follows_the_policy() -> None:
    """Warned two hours before, renewed by twelve."""
    policy = replace(POLICY, promise=PromisePolicy(timedelta(hours=2), timedelta(hours=6)))
    shop = a_shop(policy=policy).says(TOMORROW).until("2026-03-03 12:00")
    assert ["Tue 16:00 promise.near", "Tue 18:00 promise.no_news"] == shop.clocks()
