"""A report: every figure over a period, whole and cut, with what the comparison group says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.figures.definitions import FIGURES, Figure, Unit, Value
from bot.figures.statistics import LEAST, Difference, difference
from followup.desk.people import Roster
from followup.model import Verdict
from followup.promises import OURS
from store.figures import By, Scope, Tally, count_all
from store.figures.messages import verdict_name
from store.figures.unpaid import Group, groups

Same = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: of the whole period, and of each part in their order."""

    figure: Figure
    total: Value
    parts: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The orders that were to be reminded beside those held out; of fewer than LEAST on a side nothing is concluded."""

    reminded: Group
    held_out: Group

    @property
    def difference(self) -> Difference | None:
        """How much greater the share of paid orders is with reminders; None where there are too few orders."""
        with_, without = self.reminded, self.held_out
        if min(with_.orders, without.orders) < LEAST:
            return None
        return difference(with_.paid, with_.orders, without.paid, without.orders)


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one shop, with what they were made of; `parts` are dates, agents or kinds by their ids."""

    scope: Scope
    parts: tuple[str, ...]
    lines: tuple[Line, ...]
    comparison: Comparison | None
    tally: Tally

    def line(self, id_: str) -> Line | None:
        """A figure by its id, if it is shown."""
        return next((line for line in self.lines if line.figure.id == id_), None)

    def value(self, id_: str) -> Value:
        """The value of a figure over the whole period."""
        line = self.line(id_)
        return line.total if line else None


def make(connection: Connection, scope: Scope, same: Same = str) -> Report:
    """Count and work out everything. `same` gives one id to those names of a person that mean the same."""
    tally = count_all(connection, scope)
    if scope.by is By.AGENT:
        tally = tally.renamed(same)
    parts = tuple(scope.parts() or tally.parts())
    held_out = tally.count(verdict_name(Verdict.HELD_OUT))
    comparison = Comparison(*groups(connection, scope)) if held_out else None
    return Report(scope, parts, tuple(_lines(tally, parts)), comparison, tally)


def _lines(tally: Tally, parts: tuple[str, ...]) -> Iterator[Line]:
    for figure in FIGURES:
        total = figure.of(tally, None)
        if not figure.shy or (total is not None if figure.unit is Unit.SHARE else total):
            yield Line(figure, total, tuple(figure.of(tally, part) for part in parts))


def one_person(roster: Roster) -> Same:
    """A person's id for whatever name of his stands in the ledger; who is not listed keeps the name he has. The bot is
    nobody."""

    def same(who: str) -> str:
        if who == OURS:
            return ""
        found = roster.named(who) if who else None
        return found.id if found else who

    return same
