"""The tracking number of a return: what counts as one, when the buyer is reminded of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.after_sales.model import AfterSale, Payer, Remedy, Stage
from followup.after_sales.tracking import (
    LAST,
    REMIND,
    awaits_number,
    comes_back,
    due_by,
    lapses,
    moved_deadline,
    names_our_parcel,
    next_word,
    number_came,
    numbers_sent,
    put_off,
)
from followup.effects import CancelReminders, SetThread
from followup.model import RefundStatus, State
from followup.policy import AfterSalesPolicy, Policy
from tests.followup.after_sales.return_cases import a_parcel, a_return, a_sale, alerts, kept, notes, planned, scripts
from tests.followup.makers import NOON, POLICY, SHOP, a_chat, a_refund, days, hours, minutes

HERE = a_chat(last_in_at=NOON)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SF1234567890123", ("SF1234567890123",)),
        ("寄了 yt8877665544332 谢谢", ("YT8877665544332",)),
        ("78123456789012", ("78123456789012",)),
        ("7812 3456 7890 12", ("78123456789012",)),
        ("sent it, 1Z999AA10123456784", ("1Z999AA10123456784",)),
        ("RR123456789ES", ("RR123456789ES",)),
        ("13812345678", ()),
        ("大概 3 天到", ()),
        ("订单 2026030599887766554", ()),
        ("新订单号 20260302551", ()),
        ("订单号 20260302551，运单 SF1234567890", ("SF1234567890",)),
        ("ABCDEFGHIJKL", ()),
    ],
)
def test_what_looks_like_a_tracking_number(text: str, found: tuple[str, ...]) -> None:
    """Carriers' forms and bare runs of 10 to 15 digits count; telephones, long order numbers and words do not."""
    assert found == numbers_sent(a_return().facts, text)


def test_our_own_numbers_are_none() -> None:
    """The order, its refund and the parcel that went out are known; whoever reads the wrong slip is understood."""
    sent = a_parcel("SF1111111111")
    facts = a_return(parcels=(sent,), refunds=(a_refund(id="9988776655"),)).facts
    assert () == numbers_sent(facts, "SF1111111111 9988776655")
    assert names_our_parcel(facts, "sf1111111111")
    assert not names_our_parcel(facts, "SF2222222222")


def test_a_parcel_that_comes_back_is_not_ours() -> None:
    """The number of the return is taken even when a source told it first."""
    facts = a_return(parcels=(a_parcel("SF2222222222", back=True),)).facts
    assert ("SF2222222222",) == numbers_sent(facts, "SF2222222222")


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    """Whatever is written, each number found is one run of letters and digits of a fair length."""
    assert all(each.isalnum() and 9 <= len(each) <= 22 for each in numbers_sent(a_return().facts, text))


class TestReminders:
    """`next_word`: every two days, the last a day before the number is due."""

    def test_a_week(self) -> None:
        """Seven days: reminded after two and four, for the last time after six."""
        by, since, heard = NOON + days(7), NOON, []
        while (word := next_word(since, by, POLICY)) is not None:
            heard.append((word[0], (word[1] - NOON) / days(1)))
            since = word[1]
        assert [(REMIND, 2), (REMIND, 4), (LAST, 6)] == heard

    def test_little_time(self) -> None:
        """Who has less than a day was told so a moment ago; with two there is one word, the last."""
        assert next_word(NOON, NOON + hours(23), POLICY) is None
        assert (LAST, NOON + days(1)) == next_word(NOON, NOON + days(2), POLICY)

    @given(
        every=st.integers(1, 10_000),
        last=st.integers(0, 10_000),
        within=st.integers(1, 60_000),
        delays=st.lists(st.integers(0, 3_000), max_size=80),
    )
    def test_never_late_never_two_in_a_day(self, every: int, last: int, within: int, delays: list[int]) -> None:
        """Whatever the figures, and however long quiet hours hold a word: all come before the number is due, a day or
        more apart, and they come to an end."""
        figures = AfterSalesPolicy(return_remind_every=minutes(every), return_last_before=minutes(last))
        policy, by = Policy(SHOP, after_sales=figures), NOON + minutes(within)
        said, waits = [NOON], iter(delays)
        while (word := next_word(said[-1], by, policy)) is not None:
            assert word[1] < by
            said.append(word[1] + minutes(next(waits, 0)))
            if word[0] == LAST:
                break
        assert all(later - earlier >= timedelta(days=1) for earlier, later in pairwise(said))
        assert len(said) <= within // (24 * 60) + 2


class TestDeadline:
    def test_the_platforms_counts(self) -> None:
        """While the goods are to come back the refund's deadline is the one; else the shop's own seven days."""
        told = NOON + days(3)
        asked = a_return(refunds=(a_refund(status=RefundStatus.RETURNING, deadline=told),))
        assert told == due_by(asked, POLICY, NOON)
        assert NOON + days(7) == due_by(a_return(refunds=(a_refund(deadline=told),)), POLICY, NOON)

    def test_one_that_is_over_is_no_deadline(self) -> None:
        """What the platform said of last week does not close a return today."""
        asked = a_return(refunds=(a_refund(status=RefundStatus.RETURNING, deadline=NOON - days(1)),))
        assert NOON + days(7) == due_by(asked, POLICY, NOON)

    def test_another_deadline_moves_all_that_is_planned(self) -> None:
        """The platform names another day: reminders and the end follow it."""
        told = NOON + days(3)
        case = a_return(refunds=(a_refund(status=RefundStatus.RETURNING, deadline=told),))
        effects = moved_deadline(case, POLICY, NOON)
        assert told == kept(effects).return_by
        assert {LAST: NOON + days(2), "return.lapse": told} == planned(effects)
        assert [("return.remind", "return.last", "return.lapse")] == [
            each.steps for each in effects if isinstance(each, CancelReminders)
        ]

    def test_the_same_deadline_changes_nothing(self) -> None:
        """Told again, it is no news; nor is the shop's own, for time goes by."""
        told = NOON + days(7)
        same = a_return(refunds=(a_refund(status=RefundStatus.RETURNING, deadline=told),))
        assert [] == moved_deadline(same, POLICY, NOON)
        assert [] == moved_deadline(a_return(), POLICY, NOON + days(1))

    def test_it_lapses_kindly(self) -> None:
        """Nothing came: a person decides, the buyer is told, and the thread is his who decides."""
        effects = lapses(a_return(), POLICY, NOON + days(7), True)
        assert (["return.lapsed"], ["return_lapsed"]) == (scripts(effects), alerts(effects))
        assert SetThread(State.WITH_AGENT) in effects

    @pytest.mark.parametrize(
        "sale",
        [a_sale(tracking="SF1"), a_sale(arrived_at=NOON), a_sale(return_by=NOON + days(9)), a_sale(stage=Stage.SOLVE)],
    )
    def test_it_does_not_lapse(self, sale: AfterSale) -> None:
        """A number, an arrival, more time, or another step of the case: nothing lapses."""
        assert [] == lapses(replace(a_return(), sale=sale), POLICY, NOON + days(7), True)


class TestNumber:
    def test_it_is_taken(self) -> None:
        """The number is kept, nobody is reminded any more, and the buyer hears what comes next."""
        effects = number_came(a_return(chat=HERE), "SF1", POLICY, NOON, "m1")
        assert "SF1" == kept(effects).tracking
        assert (["return.overdue", "return.received"], []) == (scripts(effects), alerts(effects))
        assert ["return tracking number SF1"] == notes(effects)
        assert not awaits_number(kept(effects))
        assert comes_back(kept(effects))

    def test_another_one_takes_its_place(self) -> None:
        """Who corrects himself is believed."""
        assert "SF2" == kept(number_came(a_return(a_sale(tracking="SF1")), "SF2", POLICY, NOON, "m2")).tracking

    def test_the_same_again_is_only_answered(self) -> None:
        """Told twice, nothing changes; told by a source, nobody is bothered."""
        case = a_return(a_sale(tracking="SF1"))
        assert ["return.received"] == scripts(number_came(case, "SF1", POLICY, NOON, "m2"))
        assert [] == number_came(case, "SF1", POLICY, NOON)

    def test_a_late_one_is_for_a_person(self) -> None:
        """After its time the number is taken all the same, and a person says how it goes on."""
        effects = number_came(a_return(), "SF1", POLICY, NOON + days(8), "m1")
        assert (["return.overdue", "return.late_number"], ["return_late"]) == (scripts(effects), alerts(effects))

    @pytest.mark.parametrize(("payer", "tasks"), [(Payer.SHOP, ["exchange_early"]), (Payer.BUYER, [])])
    def test_our_own_error_may_be_quick(self, payer: Payer, tasks: list[str]) -> None:
        """An exchange for the shop's error may go out once the number exists, if a supervisor agrees (rule 50)."""
        case = a_return(a_sale(remedy=Remedy.EXCHANGE, payer=payer))
        assert tasks == alerts(number_came(case, "SF1", POLICY, NOON, "m1"))


class TestPutOff:
    def test_no_word_before_the_day_he_named(self) -> None:
        """He sends it in three days: the next word comes after that."""
        effects = put_off(a_return(chat=HERE), NOON + days(3), POLICY, NOON, "m1")
        assert ["return.noted"] == scripts(effects)
        assert {REMIND: NOON + days(5)} == planned(effects)

    @pytest.mark.parametrize("later", [7, 12])
    def test_too_late_is_said_at_once(self, later: int) -> None:
        """A day after the deadline does not move it; he hears that at once."""
        effects = put_off(a_return(chat=HERE), NOON + days(later), POLICY, NOON, "m1")
        assert ["return.too_late"] == scripts(effects)
        assert {} == planned(effects)


@pytest.mark.parametrize("stage", list(Stage))
def test_only_a_return_under_way_awaits_a_number(stage: Stage) -> None:
    """Before it is agreed and after it is registered nobody waits for a number."""
    assert (stage is Stage.FOLLOW_THROUGH) is awaits_number(a_sale(stage=stage))
    assert not awaits_number(None)
