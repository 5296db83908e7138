"""Orders as JSON lines: Huifang's own form, for shops whose platform has no export we read (docs/orders.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from bot.orders.cells import TRACKING, phone_tail, without_numbers, words
from bot.orders.times import YEARS
from followup.events import OrderChanged
from followup.model import Instant, Money, Order, Parcel, ParcelStatus, Rating, Refund, RefundStatus, Review, Status
from followup.ports import BadRow, UnknownFormat

LONGEST_LINE = 1_000_000
_STATUSES: dict[str, type[RefundStatus] | type[ParcelStatus]] = {"refunds": RefundStatus, "parcels": ParcelStatus}
SOURCE = "jsonl"
_TIME = "a time with its zone, such as 2020-02-20T23:59:35+08:00, of the years 2000 to 2100"


def _aware(value: object) -> Instant:
    try:
        when = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        utc = when.astimezone(UTC) if when.tzinfo else None
    except (ValueError, OverflowError):
        utc = None
    if utc is None or utc.year not in YEARS:
        raise ValueError(_TIME)
    return utc


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("text without NUL characters")
    return text


Time = Annotated[datetime, BeforeValidator(_aware)]
Text = Annotated[str, AfterValidator(_storable)]
Id = Annotated[Text, Field(min_length=1, max_length=200)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RefundLine(_Line):
    """A refund inside its order's line; its amount is in the order's currency."""

    id: Id
    status: RefundStatus
    amount: Amount
    requested_at: Time
    deadline: Time | None = None
    settled_at: Time | None = None
    reason: Text = ""
    observed_at: Time | None = None


class ReviewLine(_Line):
    """A review inside its order's line."""

    id: Id
    rating: Rating
    created_at: Time
    text: Text = ""
    follows: Text = ""
    observed_at: Time | None = None


class ParcelLine(_Line):
    """A parcel inside its order's line, by its tracking number."""

    id: Annotated[str, Field(pattern=TRACKING)]
    status: ParcelStatus
    shipped_at: Time
    courier: Annotated[Text, AfterValidator(words)] = ""
    moved_at: Time | None = None
    place: Annotated[Text, AfterValidator(without_numbers)] = ""
    signed_at: Time | None = None
    back: bool = False
    observed_at: Time | None = None


class OrderLine(_Line):
    """One line: an order as it stands, with the refunds, reviews and parcels known of it.

    `tells_shipping` is whether its status would say that it was shipped: as told, else if `ship_by` is.
    """

    type: Literal["order"]
    shop: Id | None = None
    id: Id
    buyer: Id
    status: Status
    total: Amount
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    created_at: Time
    observed_at: Time | None = None
    paid_at: Time | None = None
    shipped_at: Time | None = None
    closed_at: Time | None = None
    auto_close_at: Time | None = None
    goods: Text = ""
    region: Text = ""
    buyer_name: Text = ""
    phone: Annotated[str, AfterValidator(phone_tail)] = ""
    ship_by: Time | None = None
    tells_shipping: bool | None = None
    refunds: tuple[RefundLine, ...] = ()
    reviews: tuple[ReviewLine, ...] = ()
    parcels: tuple[ParcelLine, ...] = ()


class JsonLines:
    """Reads JSON lines of one shop; `currency` and `observed_at` stand in where a line has none.

    `observed_at` is when the facts were true, by default when the file was last written.
    """

    def __init__(self, shop: str, currency: str = "CNY", observed_at: Instant | None = None) -> None:
        self._shop, self._currency, self._observed_at = shop, currency, observed_at

    def read(self, path: Path) -> Iterator[OrderChanged | BadRow]:
        """Yields each line's event or what is wrong with it, in constant memory; blank lines are left out.

        Raises `UnknownFormat` for an empty file and for a line over 1 MB.
        """
        if not path.stat().st_size:
            raise UnknownFormat(f"{path.name} is empty")
        observed_at = self._observed_at or datetime.fromtimestamp(path.stat().st_mtime, UTC)
        for number, line in _lines(path):
            try:
                yield self._event(OrderLine.model_validate_json(line), observed_at)
            except ValidationError as error:
                yield _blame(number, line, error)
            except _OtherShop as error:
                yield BadRow(number, "shop", str(error), f"{self._shop}, the shop being imported", (line,))

    def _event(self, line: OrderLine, observed_at: Instant) -> OrderChanged:
        if line.shop not in (None, self._shop):
            raise _OtherShop(line.shop)
        seen = line.observed_at or observed_at
        currency = line.currency or self._currency
        fields = line.model_dump(exclude={"type", "refunds", "reviews", "parcels", "currency", "phone"})
        fields |= {"shop": self._shop, "total": Money(line.total, currency), "observed_at": seen}
        fields |= {"tells_shipping": line.ship_by is not None if line.tells_shipping is None else line.tells_shipping}
        order = Order(**fields, phone_tail=line.phone)
        of = {"shop": self._shop, "order_id": line.id}
        refunds = tuple(Refund(**_known(r, seen) | of | {"amount": Money(r.amount, currency)}) for r in line.refunds)
        reviews = tuple(Review(**_known(r, seen) | of) for r in line.reviews)
        parcels = tuple(Parcel(**_known(p, seen) | of) for p in line.parcels)
        return OrderChanged(order, refunds, reviews, SOURCE, parcels)


class _OtherShop(ValueError):
    """The line belongs to another shop."""


def dump(event: OrderChanged) -> str:
    """The event as one line of JSON, without the line's end; reading it gives an equal event with source "jsonl"."""
    order = event.order
    fields = _plain(order) | {"total": order.total.amount, "currency": order.total.currency}
    fields["phone"] = fields.pop("phone_tail")
    if order.tells_shipping == (order.ship_by is not None):
        del fields["tells_shipping"]
    refunds = [_plain(r) | {"amount": r.amount.amount} for r in event.refunds]
    reviews = [_plain(r) for r in event.reviews]
    parcels = [_plain(p) for p in event.parcels]
    line = OrderLine.model_validate(
        {"type": "order", **fields, "refunds": refunds, "reviews": reviews, "parcels": parcels}
    )
    return line.model_dump_json(exclude_defaults=True)


def _plain(fact: Order | Refund | Review | Parcel) -> dict[str, Any]:
    names = fact.__dataclass_fields__.keys() - ({"shop", "order_id"} if not isinstance(fact, Order) else set())
    return {name: getattr(fact, name) for name in names}


def _known(line: RefundLine | ReviewLine | ParcelLine, observed_at: Instant) -> dict[str, Any]:
    return line.model_dump() | {"observed_at": line.observed_at or observed_at}


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise UnknownFormat(f"{path.name}, line {number}: longer than {LONGEST_LINE:,} characters")
            if text := line.strip():
                yield number, text


def _blame(number: int, line: str, error: ValidationError) -> BadRow:
    first = error.errors(include_url=False)[0]
    column = ".".join(map(str, first["loc"]))
    value = "" if first["type"] == "missing" else str(first["input"])[:200]
    return BadRow(number, column, value, _expected(first), (line,))


def _expected(error: ErrorDetails) -> str:
    match error["type"]:
        case "missing":
            return _needed(str(error["loc"][0]), str(error["loc"][-1]))
        case "extra_forbidden":
            return "no field of this name"
        case _:
            return error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")


def _needed(table: str, name: str) -> str:
    """What stands in a field that every line has to have."""
    if name == "status":
        return "one of " + ", ".join(_STATUSES.get(table, Status))
    if name == "rating":
        return "one of " + ", ".join(Rating)
    if name in ("total", "amount"):
        return "an amount such as 89.00"
    return _TIME if name.endswith("_at") else '"order"' if name == "type" else "a text that is not empty"
