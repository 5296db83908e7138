"""Parcels of ours that came back: uninvited, or recalled (rules 19, 31, 41, 59, 60)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followup.after_sales.came_back import begins, begun, came_back, uninvited
from followup.after_sales.model import Branch, Payer, Remedy, Stage
from followup.after_sales.returns import chose, moved
from followup.causes import Cause
from followup.effects import Effect, Say
from followup.model import Status
from tests.followup.after_sales.return_cases import (
    a_move,
    a_parcel,
    a_return,
    a_sale,
    alerts,
    kept,
    notes,
    scripts,
)
from tests.followup.makers import NOON, POLICY, a_chat, a_refund, an_order, days

HERE = a_chat(last_in_at=NOON)
OURS = a_sale(branch=Branch.UNINVITED, remedy=Remedy.NONE, return_by=None, stage=Stage.SOLVE, payer=Payer.SHOP)
RECALLED = a_sale(branch=Branch.IN_TRANSIT, remedy=Remedy.NONE, return_by=None, stage=Stage.SOLVE)
SHIPPED = an_order(NOON - days(9), status=Status.SHIPPED, paid_at=NOON - days(9))


def move(sale: object, name: str, **more: object) -> list[Effect]:
    effects = moved(replace(a_return(chat=HERE, order=SHIPPED), sale=sale), a_move(name, **more), POLICY)
    assert effects is not None
    return effects


class TestCameBack:
    def test_the_last_parcel_counts(self) -> None:
        """A parcel that came back begins a case; one that was sent again since does not."""
        first = a_parcel("SF1", "returned", NOON - days(5))
        again = a_parcel("SF2", "on_its_way", NOON)
        assert first == came_back(a_return(parcels=(first,)).facts)
        assert came_back(a_return(parcels=(first, again)).facts) is None

    @pytest.mark.parametrize("status", ["on_its_way", "refused", "signed", "lost"])
    def test_only_what_is_with_us_again(self, status: str) -> None:
        """Refused at the door is not back yet."""
        assert came_back(a_return(parcels=(a_parcel(status=status),)).facts) is None

    def test_a_return_that_was_spoken_of_is_invited(self) -> None:
        """Where money is asked for or goods travel back, somebody knows of it."""
        back = a_parcel("SF1", "returned")
        assert came_back(a_return(parcels=(back,), refunds=(a_refund(),)).facts) is None
        assert came_back(a_return(parcels=(replace(back, back=True),)).facts) is None

    def test_its_matter_is_the_parcel(self) -> None:
        """The case begins when the source told of it, in a new round."""
        case = a_return(a_sale(round=2), (a_parcel("SF1", "returned"),))
        opening = begins(case.facts)
        assert opening is not None
        assert ("SF1", NOON) == (opening.matter, opening.acted_at)
        sale = begun(case).sale
        assert sale is not None
        assert (3, Branch.UNINVITED, "") == (sale.round, sale.branch, sale.tracking)


class TestUninvited:
    @pytest.mark.parametrize(
        ("why", "cause", "script", "payer"),
        [
            ("", Cause.UNKNOWN, "uninvited.ask", Payer.SHOP),
            ("地址不详", Cause.UNKNOWN, "uninvited.address", Payer.BUYER),
            ("电话打不通", Cause.UNKNOWN, "uninvited.unreachable", Payer.BUYER),
            ("No answer at the door", Cause.UNKNOWN, "uninvited.unreachable", Payer.BUYER),
            ("客户拒收", Cause.UNKNOWN, "uninvited.refused", Payer.BUYER),
            ("地址写错了", Cause.WAREHOUSE, "uninvited.ours", Payer.SHOP),
            ("", Cause.COURIER, "uninvited.ask", Payer.SHOP),
            ("", Cause.BUYER, "uninvited.ask", Payer.BUYER),
        ],
    )
    def test_why_it_came_back(self, why: str, cause: Cause, script: str, payer: Payer) -> None:
        """He hears the reason that is known, an apology where it was ours, and who pays comes of it (rules 59, 81)."""
        effects = uninvited(replace(a_return(order=SHIPPED), sale=OURS), POLICY, NOON, why, cause)
        assert ([script], payer) == (scripts(effects), kept(effects).payer)

    def test_an_agents_words_stay_among_ourselves(self) -> None:
        """What the courier wrote goes into the note, with a blue flag, and not to the buyer (rule 57)."""
        effects = move(OURS, "uninvited", text="地址不详，客户态度差")
        (say,) = (each for each in effects if isinstance(each, Say))
        assert ["flag blue: came back uninvited 地址不详，客户态度差"] == notes(effects)
        assert not any("态度" in str(value) for value in say.facts.values())
        assert ("send_again", "money_back") == say.choices

    @pytest.mark.parametrize(
        ("payer", "choice", "script", "reason"),
        [
            (Payer.SHOP, "send_again", "reissue.coming", "reissue_due"),
            (Payer.BUYER, "send_again", "again.costs", "reissue_due"),
            (Payer.BUYER, "money_back", "again.money", "refund_due"),
        ],
    )
    def test_he_chooses(self, payer: Payer, choice: str, script: str, reason: str) -> None:
        """Once more or his money: answered at once, and a task; the price comes before the parcel."""
        case = replace(a_return(chat=HERE, order=SHIPPED), sale=replace(OURS, payer=payer))
        effects = chose(case, choice, POLICY, NOON)
        assert effects is not None
        assert ([script], [reason]) == (scripts(effects), alerts(effects))
        assert Stage.FOLLOW_THROUGH is kept(effects).stage


class TestRecalled:
    @pytest.mark.parametrize(
        ("agreed", "script", "tasks"),
        [
            (Remedy.REFUND, "recalled.refund", ["refund_due"]),
            (Remedy.REISSUE, "recalled.again", ["reissue_due"]),
            (Remedy.NONE, "recalled.ask", []),
        ],
    )
    def test_the_earlier_note_is_followed(self, agreed: Remedy, script: str, tasks: list[str]) -> None:
        """What was agreed is done; where nothing was, he chooses (rule 60)."""
        effects = move(replace(RECALLED, remedy=agreed), "recalled")
        assert ([script], tasks) == (scripts(effects), alerts(effects))
        assert f"agreed: {agreed.value or 'nothing yet'}" in notes(effects)[0]

    def test_who_changed_his_mind_pays_and_knows_it_first(self) -> None:
        """The freight stands in the question, before he chooses (rule 19)."""
        effects = move(RECALLED, "recalled")
        (say,) = (each for each in effects if isinstance(each, Say))
        assert ("yes", Payer.BUYER) == (say.facts["pays"], kept(effects).payer)

    def test_who_had_it_recalled_wanted_his_money(self) -> None:
        """His wish is the earlier note: nobody asks him once more."""
        assert ["recalled.refund"] == scripts(move(replace(RECALLED, has=("wish:recall",)), "recalled"))

    def test_an_agent_may_say_what_was_agreed(self) -> None:
        """The note may be older than the case."""
        assert ["recalled.refund"] == scripts(move(RECALLED, "recalled", remedy=Remedy.REFUND))

    def test_what_the_courier_spoilt_is_our_matter(self) -> None:
        """The buyer hears the same as ever; the claim is the shop's (rule 31)."""
        effects = move(replace(RECALLED, remedy=Remedy.REFUND), "arrived", sound=False, text="箱子压扁")
        assert (["recalled.refund"], ["courier_claim", "refund_due"]) == (scripts(effects), alerts(effects))
