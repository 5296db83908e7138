"""Which clocks a thread has: when each begins, how long it runs, what pauses and what meets it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest

from followup.after_sales.model import AfterSale, Branch, Grant, GrantState, Loss, Remedy, Stage
from followup.desk.clocks import RULES, WAITS, News, Standing, Want, changed_clocks, tells_itself, wanted_clocks
from followup.desk.deadlines import ClockState, Deadline, Due
from followup.desk.hours import Hours, Shift
from followup.desk.platform_clocks import says_extended
from followup.kinds import KINDS
from followup.model import Instant, Money, RefundStatus, State, Status
from followup.policy import ClockPolicy
from tests.followup.makers import NOON, POLICY, a_buyer, a_case, a_refund, an_order, days, hours, minutes

SHIPPED = an_order(status=Status.SHIPPED, paid_at=NOON, shipped_at=NOON)
CASE_ID = "shop/1001/after_sales"


def standing(kind: str, clocks: Iterable[Deadline] = (), **more: Any) -> Standing:
    """A thread of that kind; `news`, `buyer`, `sale` and `grants` are of its standing, the rest of the case."""
    own = {name: more.pop(name) for name in ("news", "buyer", "sale", "grants") if name in more}
    case = a_case(kind, **more)
    by_due = {clock.due: clock for clock in clocks}
    return Standing(case.thread, **{"buyer": a_buyer(), "facts": case.facts, "clocks": by_due, **own})


def a_sale(branch: Branch = Branch.QUALITY, stage: Stage = Stage.SOOTHE, **more: Any) -> AfterSale:
    return AfterSale(CASE_ID, "shop", branch, stage, **more)


def wanted(of: Standing, now: Instant = NOON) -> dict[Due, Want]:
    return wanted_clocks(of, POLICY, now)


def begin(of: Standing, now: Instant = NOON) -> list[Deadline]:
    return changed_clocks(of, POLICY, now)


def dues(found: Iterable[Due]) -> list[str]:
    return sorted(found)


class TestFirstReply:
    @pytest.mark.parametrize("reason", sorted(WAITS))
    def test_five_minutes(self, reason: str) -> None:
        """Rules 38 and 45: from the words that were handed on; nearly over after four."""
        want = wanted(standing("unpaid_order", news=News(asked=frozenset({reason}))))[Due.FIRST_REPLY]
        assert (NOON, NOON + minutes(4), NOON + minutes(5)) == (want.start, want.risk_at, want.due_at)

    def test_in_business_hours(self) -> None:
        """Who writes two minutes before closing is answered three minutes after opening."""
        late = datetime(2026, 3, 5, 12, 58, tzinfo=UTC)  # 20:58 in Shanghai
        want = wanted(standing("unpaid_order", news=News(asked=frozenset({"angry"}))), late)[Due.FIRST_REPLY]
        assert datetime(2026, 3, 6, 1, 3, tzinfo=UTC) == want.due_at

    def test_in_a_shop_that_never_opens(self) -> None:
        """It is counted as time passes, rather than never."""
        closed = replace(POLICY, hours=Hours((Shift(days=frozenset(), opens=time(9)),)))
        news = News(asked=frozenset({"angry"}))
        want = wanted_clocks(standing("unpaid_order", news=news), closed, NOON)[Due.FIRST_REPLY]
        assert NOON + minutes(5) == want.due_at

    def test_from_the_first_of_his_words(self) -> None:
        """Who asks again does not give us more time."""
        news = News(asked=frozenset({"buyer_message"}))
        clocks = begin(standing("unpaid_order", news=news))
        assert [] == begin(standing("unpaid_order", clocks, news=news), NOON + minutes(3))

    def test_other_tasks_keep_no_buyer_waiting(self) -> None:
        """A task for the warehouse is no question."""
        assert {} == wanted(standing("unpaid_order", news=News(asked=frozenset({"unpaid_lost"}))))

    @pytest.mark.parametrize(
        ("state", "news", "expected"),
        [
            (State.OPEN, News(answered=True), ClockState.MET),
            (State.SETTLED, News(), ClockState.DROPPED),
            (State.CLOSED, News(), ClockState.DROPPED),
        ],
    )
    def test_ends(self, state: State, news: News, expected: ClockState) -> None:
        """Met by a person's words; nobody waits any more when the matter is over."""
        clocks = begin(standing("unpaid_order", news=News(asked=frozenset({"buyer_message"}))))
        ended = begin(standing("unpaid_order", clocks, news=news, state=state), NOON + minutes(2))
        assert [(Due.FIRST_REPLY, expected), (Due.DETAILS, expected)] == [(each.due, each.state) for each in ended]

    def test_a_word_of_ours_is_no_answer(self) -> None:
        """The bot said that a colleague answers; the buyer waits on."""
        clocks = begin(standing("unpaid_order", news=News(asked=frozenset({"buyer_message"}))))
        assert [] == begin(standing("unpaid_order", clocks, news=News(said=True)), NOON + minutes(2))


class TestDetails:
    def test_a_day_of_business_hours(self) -> None:
        """Rule 7: 24 hours are two days of twelve; only for what the bot could not answer."""
        want = wanted(standing("unpaid_order", news=News(asked=frozenset({"buyer_message"}))))[Due.DETAILS]
        assert NOON + days(2) == want.due_at
        assert Due.DETAILS not in wanted(standing("unpaid_order", news=News(asked=frozenset({"angry"}))))


class TestLogistics:
    def test_of_a_stuck_parcel(self) -> None:
        """Rule 38: 48 hours as they pass, until it moves."""
        clocks = begin(standing("stuck_parcel"))
        (clock,) = [each for each in clocks if each.due is Due.LOGISTICS]
        assert NOON + hours(48) == clock.due_at
        ended = begin(standing("stuck_parcel", [clock], state=State.SETTLED, outcome="moved"), NOON + hours(40))
        assert [ClockState.MET] == [each.state for each in ended if each.due is Due.LOGISTICS]

    @pytest.mark.parametrize("branch", [Branch.IN_TRANSIT, Branch.DAMAGED_UNSIGNED, Branch.UNINVITED, Branch.RECALLED])
    def test_of_a_case_until_it_is_decided(self, branch: Branch) -> None:
        """What is done about it is the solution; carrying it out has clocks of its own."""
        clocks = begin(standing("after_sales", sale=a_sale(branch)))
        decided = a_sale(branch, Stage.FOLLOW_THROUGH, remedy=Remedy.REISSUE)
        ended = begin(standing("after_sales", clocks, sale=decided), NOON + hours(5))
        assert [ClockState.MET] == [each.state for each in ended if each.due is Due.LOGISTICS]

    def test_who_waits_with_us_needs_no_solution(self) -> None:
        """The buyer of a parcel on its way rather waits for it: there is nothing to decide."""
        clocks = begin(standing("after_sales", sale=a_sale(Branch.IN_TRANSIT)))
        waits = a_sale(Branch.IN_TRANSIT, Stage.FOLLOW_THROUGH)
        ended = begin(standing("after_sales", clocks, sale=waits), NOON + hours(5))
        assert [ClockState.DROPPED] == [each.state for each in ended if each.due is Due.LOGISTICS]

    def test_not_of_a_fault_of_the_goods(self) -> None:
        """A broken seam is not the courier's."""
        assert Due.LOGISTICS not in wanted(standing("after_sales", sale=a_sale(Branch.QUALITY)))

    def test_stands_still_while_the_buyer_is_asked(self) -> None:
        """He says whether he waits or wants it back; it goes on with what was left."""
        asked = a_sale(Branch.IN_TRANSIT, Stage.VERIFY, needs=("wish",))
        clocks = begin(standing("after_sales", sale=asked))
        (clock,) = [each for each in clocks if each.due is Due.LOGISTICS]
        assert (ClockState.PAUSED, hours(48)) == (clock.state, clock.remaining)
        (on,) = begin(standing("after_sales", [clock], sale=a_sale(Branch.IN_TRANSIT)), NOON + hours(20))[:1]
        assert NOON + hours(68) == on.due_at


class TestStockOut:
    def test_of_a_late_order(self) -> None:
        """Rule 27: 72 hours from when it is late, not from when we noticed."""
        late = standing("late_shipment", acted_at=NOON - hours(5))
        assert NOON + hours(67) == wanted(late)[Due.STOCK_OUT].due_at

    @pytest.mark.parametrize(("outcome", "expected"), [("shipped", ClockState.MET), ("new_date", ClockState.DROPPED)])
    def test_sent_or_put_off(self, outcome: str, expected: ClockState) -> None:
        """Another date on the page settles nothing."""
        clocks = begin(standing("late_shipment"))
        ended = begin(standing("late_shipment", clocks, state=State.SETTLED, outcome=outcome), NOON + hours(30))
        assert [expected] == [each.state for each in ended if each.due is Due.STOCK_OUT]

    @pytest.mark.parametrize("state", list(GrantState))
    def test_of_a_case_in_which_it_was_said(self, state: GrantState) -> None:
        """Something was granted because the goods are not there; a grant that came to nothing says nothing."""
        money = Money(POLICY.compensation.out_of_stock)
        grant = Grant("g", CASE_ID, "shop", Remedy.COUPON, Loss.OUT_OF_STOCK, money, state, "mei", NOON - hours(2))
        found = wanted(standing("after_sales", sale=a_sale(Branch.MISSING_ITEM), grants=(grant,)))
        counts = state not in (GrantState.REFUSED, GrantState.DECLINED)
        assert ([NOON + hours(70)] if counts else []) == [
            want.due_at for due, want in found.items() if due is Due.STOCK_OUT
        ]


class TestDailyWord:
    @pytest.mark.parametrize("kind", ["pending_refund", "late_shipment", "stuck_parcel"])
    def test_two_hours_after_the_day(self, kind: str) -> None:
        """Rule 43: who heard at noon hears by two the next day."""
        assert NOON + hours(26) == wanted(standing(kind))[Due.DAILY_WORD].due_at

    @pytest.mark.parametrize(
        "kind", sorted(set(KINDS) - {"pending_refund", "late_shipment", "stuck_parcel", "after_sales"})
    )
    def test_only_of_cases(self, kind: str) -> None:
        """Who has not paid is not owed a word a day."""
        assert {} == wanted(standing(kind))

    def test_not_at_night(self) -> None:
        """What would be due in quiet hours is due two hours after they end: the word itself waited for them."""
        evening = datetime(2026, 3, 5, 12, 15, tzinfo=UTC)  # 20:15, so that 26 hours end at 22:15
        assert (
            datetime(2026, 3, 7, 3, 0, tzinfo=UTC) == wanted(standing("pending_refund"), evening)[Due.DAILY_WORD].due_at
        )

    @pytest.mark.parametrize("news", [News(said=True), News(answered=True)])
    def test_begins_again_with_each_word(self, news: News) -> None:
        """The last one was in time, the next is counted from now."""
        clocks = [each for each in begin(standing("stuck_parcel")) if each.due is Due.DAILY_WORD]
        changed = begin(standing("stuck_parcel", clocks, news=news), NOON + hours(3))
        found = [(each.state, each.due_at) for each in changed if each.due is Due.DAILY_WORD]
        assert [(ClockState.MET, NOON + hours(26)), (ClockState.RUNNING, NOON + hours(29))] == found

    @pytest.mark.parametrize("more", [{"opted_out_at": NOON}, {"paused_at": NOON}])
    def test_who_wants_no_word_is_owed_none(self, more: dict[str, Any]) -> None:
        """After a stop, and while only people write to him."""
        clocks = [each for each in begin(standing("stuck_parcel")) if each.due is Due.DAILY_WORD]
        changed = begin(standing("stuck_parcel", clocks, buyer=a_buyer(**more)), NOON + hours(3))
        assert [ClockState.DROPPED] == [each.state for each in changed if each.due is Due.DAILY_WORD]

    @pytest.mark.parametrize(
        ("sale", "paused"),
        [
            (a_sale(stage=Stage.CONTACT), False),
            (a_sale(stage=Stage.SOOTHE), False),
            (a_sale(stage=Stage.VERIFY, needs=("photos",)), True),
            (a_sale(stage=Stage.FOLLOW_THROUGH, remedy=Remedy.REFUND), False),
            (a_sale(stage=Stage.FOLLOW_THROUGH, remedy=Remedy.RETURN_REFUND, return_by=NOON + days(7)), True),
        ],
    )
    def test_stands_still_while_it_is_his_turn(self, sale: AfterSale, paused: bool) -> None:
        """Photos and goods are his to send; an answer and money are ours."""
        assert paused is wanted(standing("after_sales", sale=sale))[Due.DAILY_WORD].paused

    def test_nothing_is_owed_once_it_is_for_the_register(self) -> None:
        """The buyer has what he wanted."""
        assert {} == wanted(standing("after_sales", sale=a_sale(stage=Stage.REGISTER)))


class TestRefund:
    def test_the_first_that_the_platform_decides(self) -> None:
        """At risk when the silent step tells people of it."""
        asked = (a_refund(deadline=NOON + days(5)), a_refund(id="R2", deadline=NOON + days(3)), a_refund(id="R3"))
        want = wanted(standing("pending_refund", refunds=asked))[Due.REFUND]
        assert (NOON + days(2), NOON + days(3)) == (want.risk_at, want.due_at)

    @pytest.mark.parametrize("status", [RefundStatus.PAID_BACK, RefundStatus.WITHDRAWN, RefundStatus.RETURNING])
    def test_decided(self, status: RefundStatus) -> None:
        """Paid, taken back, or agreed to: it is not the platform that decides."""
        refund = a_refund(deadline=NOON + days(5))
        clocks = [each for each in begin(standing("pending_refund", refunds=(refund,))) if each.due is Due.REFUND]
        after = standing("pending_refund", clocks, refunds=(replace(refund, status=status),))
        assert [ClockState.MET] == [each.state for each in begin(after, NOON + days(1)) if each.due is Due.REFUND]

    def test_moves_with_the_platform(self) -> None:
        """More time is more time."""
        refund = a_refund(deadline=NOON + days(5))
        clocks = [each for each in begin(standing("pending_refund", refunds=(refund,))) if each.due is Due.REFUND]
        after = standing("pending_refund", clocks, refunds=(replace(refund, deadline=NOON + days(6)),))
        (moved,) = [each for each in begin(after) if each.due is Due.REFUND]
        assert (clocks[0].id, NOON + days(6)) == (moved.id, moved.due_at)

    def test_not_of_a_time_that_is_over(self) -> None:
        """What is imported long after says nothing of people now."""
        assert Due.REFUND not in wanted(standing("pending_refund", refunds=(a_refund(deadline=NOON - days(1)),)))


class TestReturnNumber:
    SALE = a_sale(Branch.NO_REASON, Stage.FOLLOW_THROUGH, remedy=Remedy.RETURN_REFUND, return_by=NOON + days(7))

    def test_until_it_is_due(self) -> None:
        """Rule 62."""
        want = wanted(standing("after_sales", sale=self.SALE))[Due.RETURN_NUMBER]
        assert (NOON + days(6), NOON + days(7)) == (want.risk_at, want.due_at)

    def test_it_comes(self) -> None:
        """The goods are on their way."""
        clocks = [each for each in begin(standing("after_sales", sale=self.SALE)) if each.due is Due.RETURN_NUMBER]
        after = standing("after_sales", clocks, sale=replace(self.SALE, tracking="SF1"))
        states = [each.state for each in begin(after, NOON + days(2)) if each.due is Due.RETURN_NUMBER]
        assert [ClockState.MET] == states


class TestAutoClose:
    def test_only_where_somebody_took_it(self) -> None:
        """Ten thousand unpaid orders have no clock; the one that 小李 looks after has."""
        assert {} == wanted(standing("unpaid_order"))
        want = wanted(standing("unpaid_order", agent="li"))[Due.AUTO_CLOSE]
        assert (NOON + hours(69), NOON + hours(72)) == (want.risk_at, want.due_at)

    def test_paid(self) -> None:
        """In time."""
        clocks = begin(standing("unpaid_order", agent="li"))
        paid = an_order(status=Status.PAID, paid_at=NOON)
        after = standing("unpaid_order", clocks, agent="li", order=paid, state=State.SETTLED)
        assert [ClockState.MET] == [each.state for each in begin(after, NOON + hours(70))]

    def test_closed(self) -> None:
        """It closes at its very end, which was not prevented."""
        clocks = begin(standing("unpaid_order", agent="li"))
        after = standing("unpaid_order", clocks, agent="li", state=State.GIVEN_UP)
        assert [ClockState.BREACHED] == [each.state for each in begin(after, NOON + hours(72) + minutes(1))]


class TestExtension:
    @pytest.mark.parametrize("kind", ["after_sales", "stuck_parcel"])
    def test_until_the_order_completes(self, kind: str) -> None:
        """Rule 55: ten days after its shipping, whenever the case begins."""
        of = standing(kind, order=SHIPPED, sale=a_sale() if kind == "after_sales" else None)
        want = wanted(of, NOON + days(5))[Due.EXTENSION]
        assert (NOON + days(9), NOON + days(10)) == (want.risk_at, want.due_at)

    @pytest.mark.parametrize("status", [Status.PAID, Status.FINISHED])
    def test_not_before_and_not_after(self, status: Status) -> None:
        """What is not shipped does not complete, and what is complete cannot be extended."""
        order = replace(SHIPPED, status=status)
        assert Due.EXTENSION not in wanted(standing("after_sales", order=order, sale=a_sale()))

    def test_extended(self) -> None:
        """In time, and ten more days until the next time."""
        clocks = [each for each in begin(standing("stuck_parcel", order=SHIPPED)) if each.due is Due.EXTENSION]
        after = standing("stuck_parcel", clocks, order=SHIPPED, news=News(extended=True))
        first, second = (each for each in begin(after, NOON + days(8)) if each.due is Due.EXTENSION)
        assert (ClockState.MET, NOON + days(20)) == (first.state, second.due_at)

    def test_too_late(self) -> None:
        """The order has completed by then, as far as anybody can tell."""
        assert Due.EXTENSION not in wanted(standing("stuck_parcel", order=SHIPPED), NOON + days(11))

    @pytest.mark.parametrize(
        ("text", "expected"), [("已延长收货 10 天", True), ("Extended by 10 days", True), ("问过仓库了", False)]
    )
    def test_a_note_says_so(self, text: str, expected: bool) -> None:
        """In the words that people use."""
        assert expected is says_extended(text)


def test_figures_are_the_shop_s_own() -> None:
    """Each length is an option."""
    own = replace(POLICY, clocks=ClockPolicy(first_reply=minutes(10), logistics=hours(24)))
    asked = standing("stuck_parcel", news=News(asked=frozenset({"stuck_pressed"})))
    found = wanted_clocks(asked, own, NOON)
    assert [NOON + minutes(10), NOON + hours(24)] == [found[due].due_at for due in (Due.FIRST_REPLY, Due.LOGISTICS)]


@pytest.mark.parametrize("state", [State.SETTLED, State.GIVEN_UP, State.CLOSED])
@pytest.mark.parametrize("kind", list(KINDS))
def test_what_is_over_has_no_clock(kind: str, state: State) -> None:
    """Whatever its kind, and whatever is still said in it."""
    sale = a_sale() if kind == "after_sales" else None
    of = standing(kind, sale=sale, order=SHIPPED, state=state, agent="li", news=News(asked=WAITS, said=True))
    assert {} == wanted(of)


def test_every_clock_has_a_rule() -> None:
    """And where a step tells people, it does so in its own kind only."""
    assert dues(Due) == dues(RULES)
    assert [False, True] == [tells_itself(Due.LOGISTICS, kind) for kind in ("stuck_parcel", "after_sales")]
    assert {kind for rule in RULES.values() for kind in rule.by_steps} <= set(KINDS)
