"""What a compensation may cost: a cap for each loss, a part of the price as the last resort, what was given before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from followup.after_sales.freight import freight
from followup.after_sales.model import AfterSale, Grant, GrantState, Loss, Payer, Remedy
from followup.after_sales.partial_refund import CENT, is_amount
from followup.model import Money
from followup.policy import CompensationPolicy

BENEFITS = frozenset(
    (Remedy.COUPON, Remedy.MEMBER_BENEFIT, Remedy.RED_PACKET, Remedy.GIFT, Remedy.PARTIAL_REFUND),
)
OFFERED = BENEFITS | {Remedy.FREIGHT}
STANDING = frozenset((GrantState.ASKED, GrantState.GRANTED, GrantState.ACCEPTED))
TOLD = frozenset((GrantState.GRANTED, GrantState.ACCEPTED))


class NotAllowed(Exception):
    """The sentence says which limit or rule stands in the way."""


@dataclass(frozen=True, slots=True)
class Book:
    """The price of a case's goods and what was granted in it so far, against the shop's limits."""

    price: Money
    grants: tuple[Grant, ...]
    limits: CompensationPolicy

    def given(self, *losses: Loss) -> Decimal:
        """What stands for these losses: asked for, granted or accepted; by default for all but freight."""
        counted = losses or tuple(loss for loss in Loss if loss is not Loss.FREIGHT)
        return _sum(grant for grant in self.grants if grant.loss in counted)

    def cap(self, loss: Loss) -> Decimal:
        """The most for a loss without a supervisor (rules 76, 78)."""
        own = self.price.amount if loss is Loss.UNUSABLE else Decimal(getattr(self.limits, loss.value))
        return min(own, self.ceiling(loss))

    def ceiling(self, loss: Loss) -> Decimal:
        """The most that anybody grants: the price of what is of no use, the limit of freight, else a part of the
        price (rule 76)."""
        if loss is Loss.UNUSABLE:
            return self.price.amount
        if loss is Loss.FREIGHT:
            return self.limits.freight
        return (self.price.amount * self.limits.share_of_price).quantize(CENT, ROUND_DOWN)

    def left(self, loss: Loss, by_supervisor: bool = False) -> Decimal:
        """What may still be granted for a loss, never less than nothing; repeated offers add up (rules 75, 76)."""
        if loss is Loss.FREIGHT:
            return max(Decimal(0), self.limits.freight - self.given(Loss.FREIGHT))
        of_price = self.ceiling(loss) - self.given()
        room = of_price if by_supervisor else min(of_price, self.cap(loss) - self.given(loss))
        return max(Decimal(0), room)

    def own_left(self) -> Decimal:
        """What agents may still grant in this case without asking (rule 10): splitting a sum does not raise it."""
        alone = _sum(grant for grant in self.grants if grant.answered_by == grant.asked_by)
        return max(Decimal(0), self.limits.own_limit - alone)


def weigh(remedy: Remedy, loss: Loss, amount: Money, book: Book, is_supervisor: bool) -> GrantState:
    """GRANTED at once within the cap and the agent's own limit, else ASKED (rules 10, 76); raises NotAllowed for what
    nobody who asks may have."""
    _check(remedy, loss, amount, book)
    if amount.amount > book.left(loss, by_supervisor=True):
        raise NotAllowed(f"{_shown(amount)} is too much: {_ceiling(loss, book)}")
    if amount.amount > book.left(loss):
        if not is_supervisor:
            raise NotAllowed(f"{_shown(amount)} is too much: {_cap(loss, book)}")
        return GrantState.ASKED
    return GrantState.GRANTED if amount.amount <= book.own_left() else GrantState.ASKED


def recheck(grant: Grant, book: Book) -> None:
    """Before a supervisor's word counts: the ceiling, as things stand by now. Raises NotAllowed."""
    others = Book(book.price, tuple(each for each in book.grants if each.id != grant.id), book.limits)
    if grant.amount.amount > others.left(grant.loss, by_supervisor=True):
        raise NotAllowed(f"{_shown(grant.amount)} is too much by now: {_ceiling(grant.loss, others)}")


def is_benefit(remedy: Remedy, sale: AfterSale | None) -> bool:
    """Whether it is a benefit in the eyes of the review firewall; freight that the shop owes is none (rule 52)."""
    if remedy is not Remedy.FREIGHT:
        return remedy in BENEFITS
    owed = freight(sale.branch, sale.cause) if sale else None
    return owed is None or owed.back is not Payer.SHOP


def uncovered(amount: object, grant: Grant | None, thread: str) -> str:
    """Why words that promise this amount must not be said, "" if a grant covers them (rules 10, 75)."""
    if not isinstance(amount, Money):
        return "they name no amount"
    if grant is None or grant.thread != thread:
        return "nothing of the kind was granted in this thread"
    if grant.state not in TOLD:
        return f"it is {grant.state.value}, not granted"
    if grant.amount.currency != amount.currency or amount.amount > grant.amount.amount:
        return f"only {_shown(grant.amount)} was granted, not {_shown(amount)}"
    return ""


def _check(remedy: Remedy, loss: Loss, amount: Money, book: Book) -> None:
    if remedy not in OFFERED:
        known = ", ".join(sorted(OFFERED))
        raise NotAllowed(f"{remedy.value or 'nothing'} is no compensation; it can be {known}")
    if (remedy is Remedy.FREIGHT) != (loss is Loss.FREIGHT):
        raise NotAllowed("freight is made good as freight: remedy and loss must both be freight, or neither (rule 52)")
    value = amount.amount
    if not is_amount(value) or value <= 0:
        raise NotAllowed(f"an amount is more than nothing and has at most two decimals, not {value}")
    if amount.currency != book.price.currency:
        raise NotAllowed(f"the order was paid in {book.price.currency}, not in {amount.currency}")


def _ceiling(loss: Loss, book: Book) -> str:
    limit, given = Money(book.ceiling(loss), book.price.currency), book.given(loss)
    if loss is Loss.FREIGHT:
        return f"freight is made good up to {_shown(limit)} (compensation.freight, rule 76){_before(given, book)}"
    given = book.given()
    if loss is Loss.UNUSABLE:
        return f"nobody gives back more than the price, {_shown(limit)} (rule 76){_before(given, book)}"
    share = f"{book.limits.share_of_price:.0%}"
    return (
        f"for goods that stay usable nobody grants more than {share} of their price, {_shown(limit)} "
        f"(compensation.share_of_price, rule 76){_before(given, book)}"
    )


def _cap(loss: Loss, book: Book) -> str:
    limit, most = (Money(value, book.price.currency) for value in (book.cap(loss), book.left(loss, by_supervisor=True)))
    name = "the price" if loss is Loss.UNUSABLE else f"compensation.{loss.value}"
    return (
        f"the cap for {loss.value} is {_shown(limit)} ({name}, rules 76 and 78){_before(book.given(loss), book)}; "
        f"a supervisor may offer up to {_shown(most)}"
    )


def _before(given: Decimal, book: Book) -> str:
    return f", of which {_shown(Money(given, book.price.currency))} is taken" if given else ""


def _shown(money: Money) -> str:
    return f"{money.amount:.2f} {money.currency}"


def _sum(grants: Iterable[Grant]) -> Decimal:
    return sum((grant.amount.amount for grant in grants if grant.state in STANDING), Decimal(0))
