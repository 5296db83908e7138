"""How much goes back when part of an order is refunded, exact to the cent (rules 63, 80).

What was paid for the goods, coupons taken off, is spread over the items by their prices, and so is the freight; the
buyer gets back the shares of the faulty ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from followup.model import Money

CENT = Decimal("0.01")
MOST = 10**12


class Impossible(ValueError):
    """The figures do not go together; the message says which."""


@dataclass(frozen=True, slots=True)
class Split:
    """What the buyer enters as "refund only", and what the seller keeps of what was paid."""

    paid: Money
    refund: Money
    kept: Money


@dataclass(frozen=True, slots=True)
class Item:
    """An item of an order at its listed price for each piece."""

    name: str
    price: Decimal
    count: int = 1
    faulty: bool = False

    @property
    def amount(self) -> Decimal:
        """The price of all pieces."""
        return self.price * self.count


@dataclass(frozen=True, slots=True)
class Share:
    """What falls to an item: its coupons, what was really paid for it, its freight, and what goes back."""

    item: Item
    discount: Decimal
    paid: Decimal
    freight: Decimal

    @property
    def refund(self) -> Decimal:
        """All of it for a faulty item, nothing for a sound one."""
        return self.paid + self.freight if self.item.faulty else Decimal(0)


def is_amount(value: Decimal) -> bool:
    """Whether a number can be an amount of money: not negative, no more than a shop ever sees, in whole cents."""
    return value.is_finite() and 0 <= value < MOST and value == value.quantize(CENT)


def part_of(paid: Money, refund: Money) -> Split:
    """Paid 100, refund 10: the seller keeps 90 (rule 63). Raises Impossible."""
    if paid.currency != refund.currency:
        raise Impossible(f"paid in {paid.currency}, but to be refunded in {refund.currency}")
    _check_amount("paid", paid.amount)
    _check_amount("refund", refund.amount)
    if refund.amount > paid.amount:
        raise Impossible(f"the refund ({refund.amount}) is more than was paid ({paid.amount})")
    return Split(paid, refund, Money(paid.amount - refund.amount, paid.currency))


def shares(items: Sequence[Item], paid: Decimal, freight: Decimal = Decimal(0)) -> tuple[Share, ...]:
    """What of `paid`, which includes the freight, falls to each item; the shares add up. Raises Impossible."""
    _check_order(items, paid, freight)
    prices = [item.amount for item in items]
    goods, ways = spread(paid - freight, prices), spread(freight, prices)
    return tuple(Share(item, item.amount - part, part, way) for item, part, way in zip(items, goods, ways, strict=True))


def of_faulty(items: Sequence[Item], paid: Money, freight: Decimal = Decimal(0)) -> Split:
    """The refund for the faulty items of a mixed order, with their share of coupons and freight (rule 80). Raises
    Impossible."""
    if not any(item.faulty for item in items):
        raise Impossible("no item is marked as faulty")
    refund = sum((share.refund for share in shares(items, paid.amount, freight)), Decimal(0))
    return part_of(paid, Money(refund, paid.currency))


def spread(total: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """The total in cents, divided by weight; what rounding leaves goes to those who lost most by it."""
    cents, whole = int(total / CENT), sum(weights, Decimal(0))
    if not whole:
        return spread(total, [Decimal(1)] * len(weights)) if weights else ()
    exact = [cents * weight / whole for weight in weights]
    parts = [int(each) for each in exact]
    most = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in most[: cents - sum(parts)]:
        parts[at] += 1
    return tuple(part * CENT for part in parts)


def _check_order(items: Sequence[Item], paid: Decimal, freight: Decimal) -> None:
    _check_amount("paid", paid)
    _check_amount("freight", freight)
    if not items:
        raise Impossible("an order has at least one item")
    for item in items:
        _check_amount(f"the price of {item.name}", item.price)
        if item.count < 1:
            raise Impossible(f"of {item.name} there must be at least one, not {item.count}")
    listed = sum((item.amount for item in items), Decimal(0))
    if freight > paid:
        raise Impossible(f"the freight ({freight}) is more than was paid in all ({paid})")
    if paid - freight > listed:
        raise Impossible(f"{paid - freight} was paid for goods that cost {listed}: an item or the freight is missing")


def _check_amount(name: str, amount: Decimal) -> None:
    if not is_amount(amount):
        raise Impossible(f"{name}: an amount is not negative, under {MOST} and has at most two decimals, not {amount}")
