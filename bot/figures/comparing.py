"""What the comparison group says, in words: both sides with their costs, the difference, and how sure it is."""

from __future__ import annotations

from bot.figures.names import Names
from bot.figures.report import Comparison
from bot.figures.statistics import LEAST, share
from store.figures.unpaid import Group


def columns(names: Names) -> list[str]:
    """What the table of the two groups is headed."""
    return names("compared_columns").split()


def rows(compared: Comparison, names: Names) -> list[list[str]]:
    """The two groups: orders, paid, the share of them, buyers who said stop, angry ones."""
    sides = (("reminded", compared.reminded), ("held_out", compared.held_out))
    return [[names(name), *_row(group)] for name, group in sides]


def _row(group: Group) -> list[str]:
    paid = share(group.paid, group.orders)
    told = "–" if paid is None else f"{paid:.1%}"
    return [f"{group.orders:,}", f"{group.paid:,}", told, f"{group.opted_out:,}", f"{group.angry:,}"]


def conclusion(compared: Comparison, names: Names) -> str:
    """The difference with its interval; or that it is not sure, or that there are too few orders."""
    found = compared.difference
    if found is None:
        return names("compared_few", least=LEAST)
    figures = {name: names.points(getattr(found, name)) for name in ("value", "low", "high")}
    return names("compared_sure" if found.is_sure else "compared_unsure", **figures)
