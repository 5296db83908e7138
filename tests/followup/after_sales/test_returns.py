"""Returns and exchanges: what the buyer is told first, what his messages mean, what facts change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from followup.after_sales.model import Branch, Payer, Remedy, Stage
from followup.after_sales.return_words import return_words
from followup.after_sales.returns import RETURN_STEPS, ask_for_return, changed, chose, hear, moved, takes_number
from followup.after_sales.telling import CHOICES
from followup.causes import Cause
from followup.effects import CancelReminders, Effect, RemindAt, Say
from followup.kinds import Case
from followup.model import Money, RefundStatus, Role, Status
from followup.understood import Intent, Understood
from scripts_library.catalogue import load_catalogue
from tests.followup.after_sales.return_cases import (
    a_move,
    a_parcel,
    a_return,
    a_sale,
    alerts,
    kept,
    notes,
    planned,
    scripts,
)
from tests.followup.makers import NOON, POLICY, a_buyer, a_chat, a_message, a_refund, an_order, days, heard, hours

HERE = a_chat(last_in_at=NOON)
AGREED = a_sale(stage=Stage.SOLVE, return_by=None)


def to(case: Case, text: str = "hello", understood: Understood | None = None) -> list[Effect] | None:
    return hear(case, a_message(text), understood or heard(Intent.OTHER), POLICY, NOON)


class TestAsked:
    def test_the_buyer_pays_for_a_change_of_mind(self) -> None:
        """No reason: he pays the way back, and has seven days for the number (rules 42, 53, 62)."""
        effects = ask_for_return(a_return(AGREED), POLICY, NOON)
        sale = kept(effects)
        assert (Payer.BUYER, NOON + days(7), Stage.FOLLOW_THROUGH) == (sale.payer, sale.return_by, sale.stage)
        assert (["return.ask"], ["return_address"]) == (scripts(effects), alerts(effects))
        assert {"return.remind", "return.lapse", "return.ask"} == set(planned(effects))

    @pytest.mark.parametrize("branch", [Branch.QUALITY, Branch.WRONG_GOODS, Branch.DAMAGED_SIGNED])
    def test_the_shop_pays_for_a_fault(self, branch: Branch) -> None:
        """A fault, other goods, damage: the shop pays (rule 52), and the words say up to how much he may lay out."""
        case = a_return(replace(AGREED, branch=branch), chat=HERE)
        effects = ask_for_return(case, POLICY, NOON)
        (say,) = (each for each in effects if isinstance(each, Say))
        assert Payer.SHOP is kept(effects).payer
        assert (Money(POLICY.compensation.freight), "yes") == (say.facts["freight"], say.facts["ours"])

    def test_where_the_platform_has_a_page_it_shows_the_address(self) -> None:
        """Nobody has to write an address that the refund page shows; the platform's deadline counts."""
        told = NOON + days(4)
        refund = a_refund(status=RefundStatus.RETURNING, deadline=told)
        effects = ask_for_return(a_return(AGREED, refunds=(refund,)), POLICY, NOON)
        assert ([], told) == (alerts(effects), kept(effects).return_by)

    def test_who_is_here_is_answered_at_once_who_is_not_at_a_polite_hour(self) -> None:
        """The words are a reply while the buyer talks, a notice when a person decided meanwhile."""
        here = ask_for_return(a_return(AGREED, chat=HERE), POLICY, NOON)
        away = ask_for_return(a_return(AGREED, chat=HERE), POLICY, NOON + hours(1))
        assert Role.REPLY is next(each.role for each in here if isinstance(each, Say))
        assert NOON + hours(1) == planned(away)["return.ask"]

    def test_asked_again_the_old_dates_are_gone(self) -> None:
        """A person gives more time: what was planned for the old day is dropped, and it begins anew."""
        effects = ask_for_return(a_return(a_sale(tracking="SF1", arrived_at=NOON)), POLICY, NOON + days(8))
        sale = kept(effects)
        assert (NOON + days(15), "", None) == (sale.return_by, sale.tracking, sale.arrived_at)
        assert any(isinstance(each, CancelReminders) and "return.lapse" in each.steps for each in effects)

    def test_an_exchange_is_a_return_and_a_new_order(self) -> None:
        """It is told in words of its own, and without a fault the postage is the buyer's (rules 49, 53)."""
        effects = ask_for_return(a_return(replace(AGREED, remedy=Remedy.EXCHANGE)), POLICY, NOON)
        assert (["exchange.ask"], Payer.BUYER) == (scripts(effects), kept(effects).payer)

    @pytest.mark.parametrize(("cause", "payer"), [(Cause.WAREHOUSE, Payer.SHOP), (Cause.BUYER, Payer.BUYER)])
    def test_a_verified_cause_decides_who_pays(self, cause: Cause, payer: Payer) -> None:
        """What a person found out counts before what the buyer said first (rule 66)."""
        assert payer is kept(ask_for_return(a_return(replace(AGREED, cause=cause)), POLICY, NOON)).payer


class TestHeard:
    def test_a_number_is_taken_in_any_tone(self) -> None:
        """An angry buyer's number counts too; what else he says in anger is left to people (rule 118)."""
        angry = Understood(Intent.REFUND_STATUS, angry=True)
        effects = to(a_return(chat=HERE), "气死我了 SF1234567890", angry)
        assert effects is not None
        assert "SF1234567890" == kept(effects).tracking
        assert takes_number(effects)
        assert to(a_return(chat=HERE), "钱呢！！", angry) is None

    def test_the_wrong_slip_is_pointed_out(self) -> None:
        """The number of the way out is no number of a return."""
        effects = to(a_return(parcels=(a_parcel("SF1111111111"),), chat=HERE), "SF1111111111")
        assert effects is not None
        assert ["return.which_number"] == scripts(effects)

    def test_where_is_my_money(self) -> None:
        """Who asks hears where his return stands and what is next."""
        effects = to(a_return(chat=HERE), "退款什么时候到", heard(Intent.REFUND_STATUS))
        assert effects is not None
        assert ["return.status"] == scripts(effects)

    @pytest.mark.parametrize(
        ("text", "understood"),
        [
            ("周六吧", heard(Intent.LATER, NOON + days(2))),
            ("周六寄", Understood(Intent.DELIVERY_PROMISE, times=(NOON + days(1), NOON + days(2)))),
            ("I'll drop it off on Saturday", Understood(Intent.OTHER, times=(NOON + days(2),))),
            ("lo envío el sábado", Understood(Intent.OTHER, times=(NOON + days(2),))),
        ],
    )
    def test_a_named_day_is_noted(self, text: str, understood: Understood) -> None:
        """He sends it on Saturday: no word before."""
        effects = to(a_return(chat=HERE), text, understood)
        assert effects is not None
        assert (["return.noted"], NOON + days(4)) == (scripts(effects), planned(effects)["return.remind"])

    def test_the_new_order_of_an_exchange_is_noted_and_flagged(self) -> None:
        """Its number is no tracking number; a person checks the price difference (rules 11, 98)."""
        new = Understood(Intent.OTHER, orders=("2026030511",))
        effects = to(a_return(a_sale(remedy=Remedy.EXCHANGE), chat=HERE), "新订单号 2026030511", new)
        assert effects is not None
        assert (["exchange.noted"], ["exchange_order"]) == (scripts(effects), alerts(effects))
        assert ["flag yellow: exchange, new order 2026030511"] == notes(effects)

    @pytest.mark.parametrize(
        "case",
        [
            a_return(AGREED),
            a_return(a_sale(arrived_at=NOON)),
            a_return(a_sale(stage=Stage.REGISTER)),
            a_return(a_sale(remedy=Remedy.REFUND, return_by=None)),
            replace(a_return(), sale=None),
        ],
    )
    def test_nothing_is_read_into_other_cases(self, case: Case) -> None:
        """Before a return is agreed, once it is here, or without one, a number is only a number."""
        assert to(case, "SF1234567890") is None

    @pytest.mark.parametrize("intent", [Intent.COMPLAINT, Intent.HUMAN, Intent.THANKS, Intent.OTHER])
    def test_all_else_is_for_others(self, intent: Intent) -> None:
        """Whatever is neither a number nor about this return is answered elsewhere."""
        assert to(a_return(chat=HERE), "…", heard(intent)) is None


class TestFacts:
    def test_a_source_may_know_the_number_first(self) -> None:
        """A parcel on its way back is the number, and the buyer hears that it is noted."""
        effects = changed(a_return(parcels=(a_parcel("SF2", back=True),)), POLICY, NOON)
        assert "SF2" == kept(effects).tracking
        assert "return.received" in scripts(effects)

    @pytest.mark.parametrize("status", ["signed", "returned"])
    def test_an_arrival_is_told_and_inspected(self, status: str) -> None:
        """It is here: the buyer knows, a person looks, nothing is said of its state yet (rule 42)."""
        parcel = a_parcel("SF2", status, back=True, signed_at=NOON + hours(2))
        effects = changed(a_return(a_sale(tracking="SF2"), (parcel,)), POLICY, NOON + hours(3))
        assert (["return.arrived"], ["return_inspect"]) == (scripts(effects), alerts(effects))
        assert NOON + hours(2) == kept(effects).arrived_at

    def test_an_arrival_is_told_once(self) -> None:
        """The same facts again say nothing."""
        parcel = a_parcel("SF2", "signed", back=True)
        assert [] == changed(a_return(a_sale(tracking="SF2", arrived_at=NOON), (parcel,)), POLICY, NOON)

    def test_a_return_of_long_ago_is_another(self) -> None:
        """What came back before this case was opened has nothing to do with it."""
        parcel = a_parcel("SF2", "signed", NOON - days(3), back=True)
        assert [] == changed(a_return(parcels=(parcel,)), POLICY, NOON)

    @pytest.mark.parametrize("status", [RefundStatus.PAID_BACK, RefundStatus.WITHDRAWN])
    def test_the_end_of_the_refund_is_the_end_of_the_return(self, status: RefundStatus) -> None:
        """The money went, or nobody asks for it any more: all words stop, the case is for the register."""
        effects = changed(a_return(refunds=(a_refund(status=status),)), POLICY, NOON)
        assert Stage.REGISTER is kept(effects).stage
        assert any(isinstance(each, CancelReminders) and "return.remind" in each.steps for each in effects)

    def test_a_refund_that_is_still_asked_for_goes_on(self) -> None:
        """One of two requests was withdrawn: the other still counts."""
        refunds = (a_refund(status=RefundStatus.WITHDRAWN), a_refund(id="R2"))
        assert [] == changed(a_return(refunds=refunds), POLICY, NOON)

    def test_the_refund_of_an_exchange_does_not_end_it(self) -> None:
        """The old goods are paid back while the new ones travel: a person registers that."""
        case = a_return(a_sale(remedy=Remedy.EXCHANGE), refunds=(a_refund(status=RefundStatus.PAID_BACK),))
        assert [] == changed(case, POLICY, NOON)


class TestMoved:
    def test_in_order(self) -> None:
        """The goods are sound: the buyer hears it, a person pays (rules 42, 62)."""
        effects = moved(a_return(), a_move("arrived"), POLICY)
        assert effects is not None
        assert (["return.in_order"], ["return_pay"]) == (scripts(effects), alerts(effects))

    def test_paid_already(self) -> None:
        """Who was paid back in advance needs no second refund."""
        effects = moved(a_return(refunds=(a_refund(status=RefundStatus.PAID_BACK),)), a_move("arrived"), POLICY)
        assert effects is not None
        assert [] == alerts(effects)

    def test_not_in_order(self) -> None:
        """They are not: kind words with two choices, photos are a person's task; his words stay among ourselves."""
        effects = moved(a_return(chat=HERE), a_move("arrived", sound=False, text="吊牌剪了"), POLICY)
        assert effects is not None
        (say,) = (each for each in effects if isinstance(each, Say))
        assert (("goods_back", "goods_talk"), ["return_not_sound"]) == (say.choices, alerts(effects))
        assert "吊牌剪了" not in say.facts.values()

    @pytest.mark.parametrize(("choice", "reason"), [("goods_back", "goods_back"), ("goods_talk", "goods_talk")])
    def test_he_chooses(self, choice: str, reason: str) -> None:
        """Each choice is answered with a time, and is a task."""
        effects = chose(a_return(a_sale(arrived_at=NOON), chat=HERE), choice, POLICY, NOON)
        assert effects is not None
        assert ([f"return.{choice}"], [reason]) == (scripts(effects), alerts(effects))

    @pytest.mark.parametrize(
        ("remedy", "script"),
        [("return_refund", "return.ask"), ("exchange", "exchange.ask"), ("repair", "repair.ask")],
    )
    def test_a_remedy_that_needs_the_goods_asks_for_them(self, remedy: str, script: str) -> None:
        """A person agreed to it: the buyer hears how."""
        effects = moved(a_return(AGREED), a_move("remedy", remedy=Remedy(remedy)), POLICY)
        assert effects is not None
        assert (script, Remedy(remedy)) == (scripts(effects)[0], kept(effects).remedy)

    @pytest.mark.parametrize("move", ["open", "shown", "cause", "register"])
    def test_other_moves_are_others(self, move: str) -> None:
        """What has nothing to do with goods on their way is left alone."""
        assert moved(a_return(), a_move(move), POLICY) is None

    def test_a_remedy_without_goods_is_others(self) -> None:
        """Money alone needs no parcel."""
        assert moved(a_return(AGREED), a_move("remedy", remedy=Remedy.PARTIAL_REFUND), POLICY) is None

    def test_no_case_no_move(self) -> None:
        """Without a record there is nothing to move."""
        assert moved(replace(a_return(), sale=None), a_move("arrived"), POLICY) is None


def test_every_step_has_words_or_speaks_to_nobody() -> None:
    """Each step that says something is a script, offers answers that exist, and is listed once."""
    catalogue = load_catalogue()
    spoken = [step for step in RETURN_STEPS if step.role is not Role.SILENT]
    assert [] == [step.id for step in spoken if step.id not in catalogue]
    assert len(RETURN_STEPS) == len({step.id for step in RETURN_STEPS})
    assert [] == [choice for offered in CHOICES.values() for choice in offered if f"choice.{choice}" not in catalogue]


def test_words_of_a_case_without_a_record_are_none() -> None:
    """Nothing is invented about a case that nobody opened."""
    assert {} == return_words(replace(a_return(), sale=None), POLICY, NOON)


def test_days_left_are_the_calendars() -> None:
    """The night of 28 March 2026 is an hour short in Madrid, and from Thursday noon to Thursday noon are seven days."""
    madrid = ZoneInfo("Europe/Madrid")
    now, send_by = datetime(2026, 3, 26, 12, tzinfo=madrid), datetime(2026, 4, 2, 12, tzinfo=madrid)
    case = a_return(a_sale(return_by=send_by.astimezone(UTC)), buyer=a_buyer(zone="Europe/Madrid"))
    words = return_words(case, POLICY, now.astimezone(UTC))
    assert (7, days(7)) == (words["days"], words["left"])
    assert 0 == return_words(case, POLICY, (send_by + days(2)).astimezone(UTC))["days"]


@pytest.mark.parametrize(("status", "extends"), [(Status.SHIPPED, "yes"), (Status.FINISHED, "")])
def test_only_an_order_that_is_not_complete_is_extended(status: Status, extends: str) -> None:
    """Rule 55: 10 days more, unless it has completed."""
    case = a_return(order=an_order(NOON, status=status, paid_at=NOON))
    assert extends == return_words(case, POLICY, NOON)["extends"]


def test_planned_words_wait_for_a_polite_hour() -> None:
    """All but the answers to a buyer are planned touches, which quiet hours hold."""
    effects = ask_for_return(a_return(AGREED), POLICY, NOON)
    assert not any(isinstance(each, Say) for each in effects)
    assert any(isinstance(each, RemindAt) and each.step == "return.ask" for each in effects)
