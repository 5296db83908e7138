"""After-sales cases with goods on their way, for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from followup.after_sales.model import AfterSale, Branch, Remedy, Stage
from followup.effects import AddNote, AlertAgent, Effect, Keep, RemindAt, Say
from followup.events import CaseMoved, Move
from followup.kinds import Case
from followup.model import Facts, Instant, Parcel, ParcelStatus, Status
from tests.followup.makers import NOON, SHOP, a_case, an_order, days

THREAD = "shop/1001/after_sales"


def a_sale(**more: Any) -> AfterSale:
    """A return without a reason, asked for at noon: its number is due in seven days."""
    sale = AfterSale(
        THREAD,
        SHOP,
        Branch.NO_REASON,
        Stage.FOLLOW_THROUGH,
        remedy=Remedy.RETURN_REFUND,
        return_by=NOON + days(7),
    )
    return replace(sale, **more)


def a_return(sale: AfterSale | None = None, parcels: tuple[Parcel, ...] = (), **more: Any) -> Case:
    """A case about signed goods; `more` is as in `a_case`."""
    order = more.pop("order", an_order(NOON - days(9), status=Status.SIGNED, paid_at=NOON - days(9)))
    case = a_case("after_sales", NOON, order=order, **more)
    facts = Facts(case.facts.order, case.facts.refunds, case.facts.reviews, parcels)
    return replace(case, facts=facts, sale=sale or a_sale())


def a_parcel(id_: str = "SF1234567890", status: str = "on_its_way", at: Instant = NOON, **more: Any) -> Parcel:
    """A parcel of the order, shipped and seen at `at`."""
    return replace(Parcel(SHOP, id_, "1001", ParcelStatus(status), at, at), **more)


def a_move(move: str, at: Instant = NOON, **more: Any) -> CaseMoved:
    """What an agent did with the case."""
    return replace(CaseMoved(SHOP, "1001", Move(move), "小美", at), **more)


def kept(effects: list[Effect]) -> AfterSale:
    """The record as the effects leave it."""
    record = [each.record for each in effects if isinstance(each, Keep)][-1]
    assert isinstance(record, AfterSale)
    return record


def scripts(effects: list[Effect]) -> list[str]:
    """What is said, at once or as a planned touch that is due by now."""
    said = [each.script if isinstance(each, Say) else each.step for each in effects if isinstance(each, Say | RemindAt)]
    return [script for script in said if script not in ("return.remind", "return.last", "return.lapse")]


def planned(effects: list[Effect]) -> dict[str, Instant]:
    """When which step is due."""
    return {each.step: each.when for each in effects if isinstance(each, RemindAt)}


def alerts(effects: list[Effect]) -> list[str]:
    """The reasons of the tasks."""
    return [each.reason for each in effects if isinstance(each, AlertAgent)]


def notes(effects: list[Effect]) -> list[str]:
    """The notes."""
    return [each.text for each in effects if isinstance(each, AddNote)]
