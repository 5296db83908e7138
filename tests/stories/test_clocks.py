"""Clocks of whole threads: met, at risk, breached; over nights, weekends and holidays; paused for the buyer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from followup.after_sales.model import Branch
from followup.desk.hours import Hours, Shift
from followup.model import Status, TaskState
from followup.policy import StuckParcelPolicy
from tests.stories.clocked import ClockShop
from tests.stories.shop import POLICY, SHOP

QUESTION = "这个料子起球吗，会不会掉色"
MINUTE = timedelta(minutes=1)
OFFICE = Hours((Shift("office", frozenset(range(5))),), frozenset({date(2026, 3, 9)}))


def asked(now: str = "2026-03-02 14:20", **more: object) -> ClockShop:
    """A buyer asked what the bot cannot answer."""
    shop = ClockShop(now, **more).order().buyer_says(QUESTION)  # type: ignore[arg-type]
    shop.tasks()
    return shop


class TestFirstReply:
    def test_met(self) -> None:
        """A person answers in three minutes."""
        shop = asked().after("3m").person_says("不起球，也不掉色", "unpaid_order")
        assert ["first_reply Mon 14:25 met", "details Wed 14:20 met"] == shop.clocks()

    def test_met_by_a_task_that_is_done(self) -> None:
        """He was answered on the telephone."""
        shop = asked().after("3m").answers_task("buyer_message")
        assert ["first_reply Mon 14:25 met", "details Wed 14:20 met"] == shop.clocks()

    def test_nobody_waits_by_what_could_not_be_done(self) -> None:
        """The task is over, and nobody answers."""
        shop = asked().after("3m").answers_task("buyer_message", done=False)
        assert ["first_reply Mon 14:25 dropped", "details Wed 14:20 dropped"] == shop.clocks()

    def test_at_risk(self) -> None:
        """After four minutes the task is told of again, at once; there is no second one."""
        shop = asked().after("4m")
        assert (shop.clock.now(), []) == (shop.task("buyer_message").alert_at, shop.tasks())

    def test_breached_and_escalated(self) -> None:
        """After five the task is urgent and late, so that a supervisor hears of it; the clock waits to be met."""
        shop = asked().after("6m")
        task = shop.task("buyer_message")
        assert (True, True) == (task.urgent, task.due_at is not None and task.due_at <= shop.clock.now())
        assert (["first_reply"], "first_reply Mon 14:25 running late") == (shop.late(), shop.clocks()[0])

    def test_met_too_late_is_breached(self) -> None:
        """So that the figures are honest; the answer to his question was in time."""
        shop = asked().after("20m").person_says("不起球", "unpaid_order")
        assert ["first_reply Mon 14:25 breached", "details Wed 14:20 met"] == shop.clocks()
        assert shop.last_clock("first_reply").closed_at == shop.clock.now()

    def test_asked_again_after_an_answer(self) -> None:
        """A new question has a clock of its own."""
        shop = asked().after("2m").person_says("不起球", "unpaid_order").after("1h").buyer_says("那这款会不会透呢？")
        assert ["first_reply Mon 14:25 met", "first_reply Mon 15:27 running"] == shop.clocks("first_reply")

    def test_met_by_who_solved_the_matter(self) -> None:
        """Nobody solves it without the buyer."""
        shop = asked().after("3m").agent("solved", "unpaid_order")
        assert ["first_reply Mon 14:25 met", "details Wed 14:20 met"] == shop.clocks()

    def test_met_in_another_matter(self) -> None:
        """A person spoke to him in the same minute about his refund; his question is still to be answered."""
        shop = asked().paid_order("1002").refund(order="1002", deadline=None).after("1m")
        shop.person_says("正在为您处理退款", "pending_refund", "1002")
        assert ["first_reply Mon 14:25 met", "details Wed 14:20 running"] == shop.clocks()[:2]

    def test_where_nothing_is_followed_up(self) -> None:
        """A stranger's question counts as well, and is met in his chat."""
        shop = ClockShop().buyer_says("你们的羊毛围巾机洗会缩水吗", "guest")
        assert ["first_reply Mon 14:05 running"] == shop.clocks("first_reply")
        shop.after("6m")
        assert ["first_reply"] == shop.late()
        shop.person_says("请手洗，不会缩水", chat=f"{SHOP}/terminal/guest")
        assert [] == shop.open_clocks()

    def test_pasted_words_count_when_they_are_pasted(self) -> None:
        """On the platform's own chat he hears it when somebody has pasted it."""
        shop = asked(channel="manual").after("1m").person_says("不起球", "unpaid_order")
        assert ["first_reply Mon 14:25 running"] == shop.clocks("first_reply")

    def test_over_when_the_order_is_paid(self) -> None:
        """The matter is over, and with it what was to be done for it."""
        shop = asked().after("2m").changes(status=Status.PAID, paid_at=asked().clock.now())
        assert ["first_reply Mon 14:25 dropped", "details Wed 14:20 dropped"] == shop.clocks()[:2]


class TestBusinessHours:
    def test_over_the_night(self) -> None:
        """Asked at two to nine, answered at two past nine the next day: in time."""
        shop = asked("2026-03-02 20:58").until("2026-03-03 09:02").person_says("不起球", "unpaid_order")
        assert ["first_reply Tue 09:03 met"] == shop.clocks("first_reply")

    def test_over_a_weekend_and_a_holiday(self) -> None:
        """Friday evening, the weekend and a holiday on Monday: the five minutes are Tuesday's."""
        shop = ClockShop("2026-03-06 20:59", policy=replace(POLICY, hours=OFFICE)).paid_order().buyer_says(QUESTION)
        assert ["first_reply Tue 09:04 running"] == shop.clocks("first_reply")
        assert [] == shop.until("2026-03-10 09:03").late()
        assert ["first_reply"] == shop.until("2026-03-10 09:05").late()


class TestAway:
    def test_told_once_in_a_closed_period(self) -> None:
        """He hears when somebody is there; what he adds at night is kept in silence, the next night is another."""
        shop = ClockShop("2026-03-02 22:10").buyer_says("我有个问题")
        assert ["Mon 22:10 > 我有个问题", "Mon 22:10 < reply.away"] == shop.story()
        assert "3月3日 09:00" in shop.heard()[0]
        shop.after("2h").buyer_says("是关于运费的问题")
        assert 1 == len(shop.steps())
        shop.until("2026-03-03 22:10").buyer_says("还有一个问题")
        assert ["reply.away", "reply.away"] == shop.steps()

    def test_who_was_told_in_the_day_is_told_at_night(self) -> None:
        """Then somebody was there, now nobody is."""
        shop = ClockShop("2026-03-02 20:30").buyer_says("我有个问题").after("1h").buyer_says("有人吗，我有个问题")
        assert ["reply.received", "reply.away"] == shop.steps()

    def test_a_holiday_is_named(self) -> None:
        """Closed until Tuesday, he hears of Tuesday."""
        shop = ClockShop("2026-03-07 12:00", policy=replace(POLICY, hours=OFFICE)).buyer_says("我有个问题")
        assert "3月10日 09:00" in shop.heard()[0]

    def test_in_the_day_nothing_changes(self) -> None:
        """A person is there."""
        assert ["reply.received"] == ClockShop("2026-03-02 14:00").buyer_says("我有个问题").steps()


class TestPaused:
    def test_while_photos_are_waited_for(self) -> None:
        """No word a day is owed to who has to show something; it is once he has shown it."""
        shop = ClockShop("2026-03-02 14:00").signed_order().buyer_says("衣服开线了，质量太差")
        assert ["daily_word (1 day, 2:00:00) paused"] == shop.clocks("daily_word")
        shop.after("4h").shows()
        assert ["daily_word Tue 16:00 met", "daily_word Tue 20:00 running"] == shop.clocks("daily_word")

    def test_a_case_about_a_parcel(self) -> None:
        """While he is asked whether he waits, the 48 hours stand still; then they run."""
        shop = ClockShop("2026-03-02 14:00").shipped_order().buyer_says("我不想要了，退款吧")
        assert Branch.IN_TRANSIT is shop.record().branch
        assert ["logistics (2 days, 0:00:00) paused"] == shop.clocks("logistics")
        shop.after("5h").taps("case_recall")
        assert ["logistics Wed 19:00 running"] == shop.clocks("logistics")


class TestDelivery:
    def stuck(self, **more: object) -> ClockShop:
        """A parcel that has stood still for three days."""
        shop = ClockShop("2026-03-02 14:00", **more).shipped_order()  # type: ignore[arg-type]
        return shop.until("2026-03-05 14:00")

    def test_48_hours(self) -> None:
        """Settled when it moves, the next day."""
        shop = self.stuck().after("20h").parcel("YT1111111111")
        assert ["logistics Sat 14:00 met"] == shop.clocks("logistics")

    def test_breached_is_told_by_its_own_step(self) -> None:
        """The step gives its task; the clock makes what is open urgent, and gives none."""
        shop = self.stuck().after("49h")
        assert ("logistics" in shop.late(), True) == (True, shop.task("stuck_parcel").urgent)
        assert (1, 0) == (shop.open_reasons().count("stuck_unsolved"), shop.open_reasons().count("clock_breached"))

    def test_the_bot_s_own_words_keep_the_daily_word(self) -> None:
        """Nobody is warned of a word that is planned, and none is late."""
        shop = self.stuck().until("2026-03-11 20:00")
        assert ([], []) == ([late for late in shop.late() if late == "daily_word"], shop.spoken_of("daily_word"))
        assert {"met", "running"} == {line.split()[-1] for line in shop.clocks("daily_word")}

    def test_no_word_at_all(self) -> None:
        """When the bot's words have come to an end, a person owes them."""
        short = replace(POLICY, stuck_parcel=StuckParcelPolicy(daily_most=1))
        shop = self.stuck(policy=short).until("2026-03-10 12:00")
        assert (1, True) == (shop.late().count("daily_word"), "stuck_too_long" in shop.open_reasons())


class TestStockOut:
    def late(self) -> ClockShop:
        """Paid at two on Monday, to be shipped within 48 hours."""
        return ClockShop("2026-03-02 14:00").unshipped_order().until("2026-03-04 14:30")

    def test_settled_within_72_hours(self) -> None:
        """It goes out on Friday."""
        shop = self.late().until("2026-03-06 10:00").ships()
        assert ["stock_out Sat 14:00 met"] == shop.clocks("stock_out")

    def test_breached(self) -> None:
        """On Saturday its step tells people; the clock shows it until the money is back."""
        shop = self.late().until("2026-03-07 14:30")
        assert (["stock_out"], 1) == (shop.late(), shop.open_reasons().count("late_overdue"))
        shop.until("2026-03-08 10:00").refund(amount=shop.orders["1001"].order.total)
        assert ["stock_out Sat 14:00 breached"] == shop.clocks("stock_out")


class TestExtension:
    def test_people_are_told_before_the_order_completes(self) -> None:
        """Rule 55: an open case, nine days after the shipping; done, it is asked for again ten days later."""
        shop = ClockShop("2026-03-02 14:00").shipped_order().until("2026-03-04 10:00").buyer_says("我不想要了，退款吧")
        assert "clock_risk" not in shop.until("2026-03-10 12:00").open_reasons()
        task = shop.until("2026-03-11 12:00").open_task("clock_risk")
        assert ("延长交易" in task.text, "1001" in task.text, "3月12日 14:00" in task.text) == (True, True, True)
        assert 1 == shop.open_reasons().count("clock_risk"), "the parcel stands still by now, and its thread asks too"
        shop.answers_task("clock_risk")
        assert {"extension Thu 14:00 met", "extension Sun 14:00 running"} == set(shop.clocks("extension"))

    def test_a_note_says_that_it_was_extended(self) -> None:
        """Nobody has to be told then."""
        shop = ClockShop("2026-03-02 14:00").shipped_order().until("2026-03-04 10:00").buyer_says("我不想要了，退款吧")
        shop.after("1h").agent("note", "after_sales", text="已延长收货 10 天")
        assert ["extension Thu 14:00 met", "extension Sun 14:00 running"] == shop.clocks("extension")

    def test_breached(self) -> None:
        """The task that warned gives way to one for the supervisor."""
        shop = ClockShop("2026-03-02 14:00").shipped_order().until("2026-03-04 10:00").buyer_says("我不想要了，退款吧")
        warned = shop.until("2026-03-11 12:00").open_task("clock_risk")
        late = shop.until("2026-03-12 14:01").open_task("clock_breached")
        assert (True, TaskState.CANCELLED) == (late.urgent, shop.task("clock_risk").state)
        assert (warned.id.replace("clock_risk", "clock_breached"), late.due_at) == (late.id, late.created_at)


def test_ten_thousand_unpaid_orders_have_no_clock() -> None:
    """Nothing is measured where nobody waits."""
    shop = ClockShop("2026-03-02 14:00").order().after("3d")
    assert [] == shop.clocks()
