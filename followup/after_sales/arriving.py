"""Goods are back: the buyer hears it, a person looks at them, and the money goes or the two of them talk (rule 42)."""

from __future__ import annotations

from collections.abc import Iterable

from followup.after_sales.model import Remedy, Stage
from followup.after_sales.telling import GOODS_BACK, answer, round_of, sale_of, tell, with_sale
from followup.after_sales.tracking import AWAITED, OVERDUE, number_came
from followup.effects import AddNote, AlertAgent, CancelReminders, Effect, Keep, SetThread
from followup.events import CaseMoved
from followup.kinds.kind import Case
from followup.model import Instant, Parcel, ParcelStatus, Refund, RefundStatus, State
from followup.policy import Policy

SENT_BACK = (Remedy.RETURN_REFUND, Remedy.EXCHANGE, Remedy.REPAIR)
ASKS = {Remedy.RETURN_REFUND: "return.ask", Remedy.EXCHANGE: "exchange.ask", Remedy.REPAIR: "repair.ask"}
AWAITED_BACK = (*AWAITED, OVERDUE)
_IN_ORDER = {Remedy.EXCHANGE: "exchange.in_order", Remedy.REPAIR: "repair.arrived"}


def is_sent_back(case: Case) -> bool:
    """Whether the buyer himself sends the goods, and not the courier."""
    sale = sale_of(case)
    return sale.return_by is not None or bool(sale.tracking) or sale.remedy in SENT_BACK


def parcel_back(case: Case) -> Parcel | None:
    """The parcel by which the goods of this case come back, if a source knows of one."""
    tracking = sale_of(case).tracking
    ours = [parcel for parcel in case.facts.parcels if parcel.back and _since(parcel, case.thread.opened_at)]
    return max(ours, key=lambda parcel: (parcel.id.upper() == tracking, parcel.shipped_at), default=None)


def _since(parcel: Parcel, opened_at: Instant) -> bool:
    return parcel.observed_at >= opened_at


def seen(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """What the sources tell of goods on their way back: their number, then that they are here."""
    parcel, sale = parcel_back(case), sale_of(case)
    if parcel is None or sale.arrived_at is not None or not is_sent_back(case):
        return []
    effects = [] if sale.tracking else number_came(case, parcel.id, policy, now)
    if parcel.status not in (ParcelStatus.SIGNED, ParcelStatus.RETURNED):
        return effects
    known = with_sale(case, tracking=sale.tracking or parcel.id, arrived_at=parcel.signed_at or now)
    return _arrived(known, policy, now)


def _arrived(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """A person has to look at them; until he did, nothing is said of their state."""
    inspect = AlertAgent("return_inspect", round_of(case), {"number": sale_of(case).tracking})
    stop = CancelReminders("the goods are here", steps=AWAITED_BACK)
    return [Keep(sale_of(case)), stop, *tell("return.arrived", case, policy, now), inspect]


def inspected(case: Case, event: CaseMoved, policy: Policy) -> list[Effect]:
    """A person looked at the goods: in order, and the money goes; or not, and a person talks with the buyer."""
    sale, now = sale_of(case), event.at
    known = with_sale(
        case, arrived_at=sale.arrived_at or now, tracking=sale.tracking or event.number, stage=Stage.FOLLOW_THROUGH
    )
    condition = "in order" if event.sound else "not in order"
    note = AddNote(f"goods back {condition} {event.text}".strip(), event.who)
    stop = CancelReminders("the goods are here", steps=(*AWAITED_BACK, "return.arrived"))
    effects: list[Effect] = [note, Keep(sale_of(known)), stop]
    return [*effects, *(_sound(known, policy, now) if event.sound else _not_sound(known, event, policy))]


def _sound(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    remedy = sale_of(case).remedy
    said = tell(_IN_ORDER.get(remedy, "return.in_order"), case, policy, now)
    if remedy is Remedy.REPAIR:
        return [*said, AlertAgent("repair_due", round_of(case))]
    return said if _is_paid(case.facts.refunds) else [*said, AlertAgent("return_pay", round_of(case))]


def _not_sound(case: Case, event: CaseMoved, policy: Policy) -> list[Effect]:
    """The photos and what can be done are a person's matter; nothing is refused by a machine."""
    alert = AlertAgent("return_not_sound", round_of(case), {"text": event.text})
    return [alert, *tell("return.not_sound", case, policy, event.at), SetThread(State.WITH_AGENT)]


def _is_paid(refunds: Iterable[Refund]) -> bool:
    return any(refund.status is RefundStatus.PAID_BACK for refund in refunds)


def chose_what_next(case: Case, choice: str, policy: Policy, now: Instant) -> list[Effect]:
    """The buyer of goods that are not in order wants them back, or wants to talk."""
    key = round_of(case, f"{now:%Y-%m-%d}")
    said = answer(f"return.{choice}", case, policy, now, key)
    reason = "goods_back" if choice == GOODS_BACK else "goods_talk"
    return [AddNote(f"chose: {choice}"), *said, AlertAgent(reason, key)]
