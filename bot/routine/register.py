"""The after-sales register and the list of losses as rows of a table, in the agents' language (rules 82, 105)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from decimal import Decimal

from bot.routine.names import Names
from bot.routine.tables import Cell, Row
from followup.desk.people import Roster
from followup.desk.register import Lost, Registered
from followup.model import Instant, Money

CENT = Decimal("0.01")
_SEVERAL = " "


def register_rows(
    found: Iterable[Registered], names: Names, roster: Roster, zone: tzinfo, now: Instant
) -> Iterator[Row]:
    """A row for each matter, in the order of the heads."""
    for each in found:
        thread, sale = each.thread, each.sale
        money = each.refunded or each.granted
        yield (
            thread.order_id,
            thread.opened_at.astimezone(zone).date(),
            each.account,
            names.kind(thread.kind),
            names.called("branch", sale.branch.value) if sale else "",
            names.of("causes", each.cause),
            names.called("remedy", sale.remedy.value) if sale else "",
            _amount(each.refunded),
            _amount(each.granted),
            money.currency if money else "",
            names.called("payer", sale.payer.value) if sale else "",
            _SEVERAL.join(each.sent),
            sale.tracking if sale else "",
            sale.reissued if sale else "",
            names("and").join(_person(who, roster) for who in each.people),
            names.of("flags", thread.flag),
            names.words.name("states", thread.state.value),
            names.words.name("outcomes", thread.outcome) if thread.outcome else "",
            each.days(now),
        )


def loss_rows(found: Iterable[Lost], names: Names, zone: tzinfo) -> Iterator[Row]:
    """A row for each loss, in the order of the heads."""
    for each in found:
        yield (
            names.of("loss", each.what.value),
            each.at.astimezone(zone).date(),
            each.order_id,
            each.number,
            each.courier,
            each.goods,
            _amount(each.amount),
            each.amount.currency if each.amount else "",
            "" if each.what.is_ours else names.of("claim", each.claim.value if each.claim else "none"),
            names.of("causes", each.cause),
        )


def heads(table: str, names: Names) -> list[str]:
    """The heads of a table's columns."""
    return list(names.own[table].values())


def _amount(money: Money | None) -> Cell:
    return money.amount.quantize(CENT) if money else None


def _person(who: str, roster: Roster) -> str:
    person = roster.named(who)
    return person.name or who if person else who
