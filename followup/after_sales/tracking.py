"""The tracking number of a return: reminded of until it is due, taken where it comes, a person's matter without it."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

from followup.after_sales.model import AfterSale, Payer, Remedy, Stage
from followup.after_sales.short_answers import says
from followup.after_sales.telling import answer, round_of, sale_of, tell, with_sale
from followup.effects import AddNote, AlertAgent, CancelReminders, Effect, Keep, RemindAt, SetThread
from followup.kinds.kind import Case
from followup.model import Facts, Instant, RefundStatus, State
from followup.policy import Policy
from followup.politeness import DAY

REMIND, LAST, LAPSE, OVERDUE = "return.remind", "return.last", "return.lapse", "return.overdue"
AWAITED = (REMIND, LAST, LAPSE)
TAKEN = ("return.received", "return.late_number")
_NUMBER = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]{1,4}\d[A-Z0-9]{7,18}|1Z[A-Z0-9]{16}|\d{10,15})(?![A-Za-z0-9])", re.I)
_GAPS = re.compile(r"(?<=\d)[ \u00a0-](?=\d)")
_ORDER = re.compile(r"(?:订单|訂單|\border|\bpedido)[^\d\n]{0,12}(\d{6,20})(?!\d)", re.I)
_MOBILE = re.compile(r"1[3-9]\d{9}")


def awaits_number(sale: AfterSale | None) -> bool:
    """Whether the buyer is to send goods back and has not said under which number."""
    if sale is None or sale.return_by is None:
        return False
    return sale.stage is Stage.FOLLOW_THROUGH and not sale.tracking and sale.arrived_at is None


def comes_back(sale: AfterSale | None) -> bool:
    """Whether goods are to come back, or are on their way."""
    if sale is None or sale.stage is not Stage.FOLLOW_THROUGH or sale.arrived_at is not None:
        return False
    return sale.return_by is not None or bool(sale.tracking)


def numbers_sent(facts: Facts, text: str, seen: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What in a text may be the number of a parcel on its way back: `seen` and all that looks like one, without the
    numbers of orders, of our refunds and parcels, and without telephones."""
    plain = _GAPS.sub("", unicodedata.normalize("NFKC", text))
    found = dict.fromkeys(each.upper() for each in (*seen, *_NUMBER.findall(plain)))
    refunds = (refund.id.upper() for refund in facts.refunds)
    others = {facts.order.id.upper(), *refunds, *_sent_out(facts), *orders_named(text)}
    return tuple(each for each in found if each not in others and not _MOBILE.fullmatch(each))


def orders_named(text: str) -> tuple[str, ...]:
    """The numbers that a text calls those of orders."""
    return tuple(_ORDER.findall(unicodedata.normalize("NFKC", text)))


def names_our_parcel(facts: Facts, text: str) -> bool:
    """Whether a text names the parcel that we sent, as who reads the wrong slip does."""
    found = _NUMBER.findall(unicodedata.normalize("NFKC", text))
    return any(each.upper() in _sent_out(facts) for each in found)


def _sent_out(facts: Facts) -> set[str]:
    return {parcel.id.upper() for parcel in facts.parcels if not parcel.back}


def due_by(case: Case, policy: Policy, now: Instant) -> Instant:
    """By when the number is due: as the platform says while the goods are to come back, else as the shop does."""
    told = [
        refund.deadline
        for refund in case.facts.refunds
        if refund.status is RefundStatus.RETURNING and refund.deadline is not None and refund.deadline > now
    ]
    return min(told) if told else now + policy.after_sales.return_within


def next_word(since: Instant, by: Instant, policy: Policy) -> tuple[str, Instant] | None:
    """The reminder that follows a word said at `since`: none after `by`, and never a second one within a day."""
    last = max(by - policy.after_sales.return_last_before, since + DAY)
    due = since + max(DAY, policy.after_sales.return_remind_every)
    if due <= last - DAY:
        return REMIND, due
    return (LAST, last) if last < by else None


def await_number(case: Case, policy: Policy, since: Instant) -> list[Effect]:
    """Plan the reminders after a word said at `since`, and what happens when no number comes."""
    by = sale_of(case).return_by
    assert by is not None
    return [*_reminder(case, policy, since), RemindAt(LAPSE, by, round=round_of(case, _at(by)))]


def _reminder(case: Case, policy: Policy, since: Instant) -> list[Effect]:
    by = sale_of(case).return_by
    planned = next_word(since, by, policy) if by is not None and awaits_number(case.sale) else None
    if by is None or planned is None:
        return []
    step, due = planned
    return [RemindAt(step, due, by, round_of(case, _at(due)))]


def then_again(case: Case, policy: Policy, now: Instant, _said: bool) -> list[Effect]:
    """What follows a reminder: the next one, if there is time for it."""
    return _reminder(case, policy, now)


def lapses(case: Case, policy: Policy, now: Instant, _said: bool) -> list[Effect]:
    """The time is over without a number: the buyer is told kindly, a person decides (rule 62)."""
    sale = sale_of(case)
    if not awaits_number(sale) or sale.return_by is None or sale.return_by > now:
        return []
    told = {"deadline": sale.return_by.astimezone(policy.zone)}
    lapsed = AlertAgent("return_lapsed", round_of(case, _at(sale.return_by)), told)
    return [lapsed, *tell("return.lapsed", case, policy, now, _at(sale.return_by)), SetThread(State.WITH_AGENT)]


def put_off(case: Case, until: Instant, policy: Policy, now: Instant, key: str) -> list[Effect]:
    """The buyer named the day on which he sends the goods: no word before it, if there is time (rule 119)."""
    by = sale_of(case).return_by
    if by is None or until >= by:
        return answer("return.too_late", case, policy, now, key)
    stop = CancelReminders("put off", steps=(REMIND, LAST))
    return [*answer("return.noted", case, policy, now, key), stop, *_reminder(case, policy, until)]


def keeps_them(case: Case, text: str) -> bool:
    """Whether who is to send goods back says that he would rather keep them."""
    return awaits_number(case.sale) and says(text, "return_kept")


def given_up() -> list[Effect]:
    """He keeps the goods: nobody reminds him to send them, and a person settles the case with him."""
    return [CancelReminders("he keeps them", steps=AWAITED), SetThread(State.WITH_AGENT)]


def moved_deadline(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """The platform named another deadline: it counts from now on."""
    sale, by = sale_of(case), due_by(case, policy, now)
    if not awaits_number(sale) or by == sale.return_by or not _is_told(case, by):
        return []
    later = with_sale(case, return_by=by)
    stop = CancelReminders("another deadline", steps=AWAITED)
    return [Keep(sale_of(later)), stop, *await_number(later, policy, now)]


def _is_told(case: Case, by: Instant) -> bool:
    return any(refund.deadline == by for refund in case.facts.refunds)


def number_came(case: Case, number: str, policy: Policy, now: Instant, key: str = "") -> list[Effect]:
    """The number is there: no reminder any more, and the buyer hears what happens next and when (rule 62)."""
    sale = sale_of(case)
    if sale.tracking == number:
        return answer("return.received", case, policy, now, key) if key else []
    late = sale.return_by is not None and now >= sale.return_by
    known = with_sale(case, tracking=number)
    script = "return.late_number" if late else "return.received"
    said = answer(script, known, policy, now, key) if key else tell(script, known, policy, now, number)
    alert: list[Effect] = [AlertAgent("return_late", number, {"number": number})] if late else []
    return [Keep(sale_of(known)), *under_way(known, policy, now), *said, *alert, *_send_early(known, number)]


def under_way(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """The goods travel: nobody is reminded, and who hears nothing for long hears from us (rule 119)."""
    number = sale_of(case).tracking
    overdue = now + max(DAY, policy.after_sales.return_within)
    return [
        CancelReminders("the number came", steps=(*AWAITED, OVERDUE)),
        AddNote(f"return tracking number {number}"),
        RemindAt(OVERDUE, overdue, overdue + timedelta(days=3), round_of(case, number)),
    ]


def _send_early(case: Case, number: str) -> list[Effect]:
    """The shop's own error: what is urgent may go out before the first is back, with a supervisor's approval (rule
    50)."""
    sale = sale_of(case)
    if sale.remedy is not Remedy.EXCHANGE or sale.payer is not Payer.SHOP:
        return []
    return [AlertAgent("exchange_early", round_of(case), {"number": number})]


def is_overdue(case: Case, _policy: Policy, _now: Instant, _said: bool) -> list[Effect]:
    """The goods have been on their way for long: a person asks the courier."""
    sale = sale_of(case)
    if sale.arrived_at is not None or not sale.tracking:
        return []
    return [AlertAgent("return_overdue", sale.tracking, {"number": sale.tracking})]


def _at(when: Instant) -> str:
    return f"{when:%Y-%m-%dT%H:%M}"
