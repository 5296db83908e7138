"""What is done about an after-sales case is decided at the desk (rule 46), as by `huifang case remedy`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from followup.after_sales.compensation import TOLD
from followup.after_sales.model import Remedy
from followup.after_sales.moves import DECIDED
from followup.desk.command_names import remedies
from followup.desk.names import first_named
from followup.desk.verbs import Verb
from followup.events import CaseMoved, Move
from followup.model import Choice, Thread
from handlers.case_brief import Brief
from handlers.case_moved import CannotMove, case_moved
from handlers.desk.call import Call
from handlers.desk.told import Told
from handlers.money_said import case_beside
from scripts_library.words import built_in

E = TypeVar("E", bound=StrEnum)


def remedy(call: Call) -> Told:
    """It is decided, and the case goes on; how much of the price goes back is asked for first (rules 10, 80)."""
    case = open_case(call)
    if isinstance(case, Told):
        return case
    chosen, text = named(call.event.text, Remedy, remedies())
    if chosen not in DECIDED:
        return call.not_done("which_remedy", *_buttons(call), asked=call.event.text, known=listed(DECIDED, call))
    if chosen is Remedy.PARTIAL_REFUND and not _is_granted(case, call):
        return call.not_done("offer_first")
    moved = CaseMoved(case.shop, case.order_id, Move.REMEDY, call.person.id, call.now, text, remedy=chosen)
    try:
        thread = case_moved(moved, call.tx, call.deps)
    except CannotMove:
        return call.not_done("not_fitting")
    sale = call.tx.sale(thread.id)
    stage = Brief(sale, call.deps, call.lang).stage if sale else ""
    return call.told("remedied", what=called(chosen, call), order=case.order_id, stage=stage)


def open_case(call: Call) -> Thread | Told:
    """The after-sales case of the order that the matter is about; what to say if there is none, or it is over."""
    thread = call.thread
    if thread is None or not thread.order_id:
        return call.not_done("not_followed")
    case = call.tx.get(Thread, case_beside(thread.id))
    if case is None:
        return call.not_done("no_case", order=thread.order_id)
    return call.not_done("closed_already") if case.state.closed else case


def named(text: str, known: type[E], short: Mapping[str, str]) -> tuple[E | None, str]:
    """The member that the first words name, by its value or by what people call it, and the words behind it."""
    names = {name: each.value for each in known if each for name in _names(each)}
    found, behind = first_named(text, {**names, **short})
    return (known(found) if found else None), behind


def called(what: StrEnum, call: Call) -> str:
    """What people call a remedy or a loss."""
    return call.called(f"{type(what).__name__.lower()}.{what}")


def listed(known: Iterable[StrEnum], call: Call) -> str:
    """What people call several of them."""
    return ("、" if call.lang.startswith("zh") else ", ").join(called(each, call) for each in known)


def _names(what: StrEnum) -> tuple[str, ...]:
    of = f"{type(what).__name__.lower()}.{what}"
    said = (text for (script, _, _), texts in built_in().items() if script == of for text in texts)
    return (what.value, *said)


def _is_granted(case: Thread, call: Call) -> bool:
    grants = call.tx.grants_of(case.id)
    return any(each.remedy is Remedy.PARTIAL_REFUND and each.state in TOLD for each in grants)


def _buttons(call: Call) -> Iterable[Choice]:
    return (Choice(f"{Verb.REMEDY}::{each}", called(each, call)) for each in DECIDED)
