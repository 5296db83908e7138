"""What was aimed at, and whether it was reached: computed from the raw figures, never by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.peers.contract import PEERS
from bench.peers.table import mean_floors, rows_of, seconds

Row = dict[str, Any]
MORE, LESS = 1, -1
COLUMNS = {
    "schedule_rate": ("scheduled/s", MORE),
    "fire_rate": ("told/s", MORE),
    "late_p50": ("late p50", LESS),
    "late_p99": ("late p99", LESS),
    "memory": ("memory", LESS),
    "start_up": ("start", LESS),
    "recovery": ("first after kill -9", LESS),
}


def markdown(result: Row) -> str:
    """The aims as a table, and where ours is not first, by whom it is beaten."""
    rows = [(aim, found, "yes" if reached else "no") for aim, found, reached in _aims(result)]
    return f"**Aims**\n\n{rows_of(('aim', 'found', 'reached'), rows)}\n\n{_weak(result)}\n"


def keeps_its_word(result: Row, peer: str) -> bool:
    """Whether it was killed, and lost and doubled nothing in any run."""
    killed = [row for row in result["figures"] if row["peer"] == peer and row["kills"]]
    return bool(killed) and not any(row["lost"] or row["doubled"] for row in killed)


def _aims(result: Row) -> Iterator[tuple[str, str, bool]]:
    ahead = list(_ahead(result, honest=True))
    honest = [name for name in _peers(result) if keeps_its_word(result, name)]
    found = "; ".join(ahead) or f"those are: {', '.join(PEERS[name].title for name in honest) or 'none'}"
    ours = any(PEERS[name].ours for name in honest)
    yield "first in every column among those that lose and double nothing", found, ours and not ahead
    recoveries = [value for row in _ours(result) for value in row["recovery"]]
    if recoveries:
        found = f"{seconds(min(recoveries))} to {seconds(max(recoveries))}"
        yield "first reminder within 1 s of kill -9", found, max(recoveries) <= 1
    yield from _lateness(result)
    if result.get("memory"):
        few, many = result["memory"]["1000"], result["memory"]["1000000"]
        growth = many / few - 1
        yield (
            "memory from 1,000 to 1,000,000 pending: + 10 % at most",
            f"{few:.0f} → {many:.0f} MB, {growth:+.0%}",
            growth <= 0.1,
        )
    yield from _postgres(result)


def _lateness(result: Row) -> Iterator[tuple[str, str, bool]]:
    """Of a size that was not finished, against what was told of it."""
    floors = mean_floors(result)
    for row in _ours(result):
        if row["late_p99"] is None:
            continue
        rate = floors["postgres_fire" if PEERS[row["peer"]].postgres else "sqlite_fire"]
        times = row["late_p99"] / (row["told"] / rate)
        aim = f"late p99 ≤ 1.5 × N ÷ floor: {PEERS[row['peer']].title}, {row['wanted']:,}"
        yield aim, f"{times:.1f} × ({seconds(row['late_p99'])})", times <= 1.5


def _postgres(result: Row) -> Iterator[tuple[str, str, bool]]:
    floor, alone = mean_floors(result)["postgres_fire"], _best(result, "procrastinate")
    one, two = _best(result, "ours-pg-1"), _best(result, "ours-pg-2")
    for title, rate in (("1 worker", one), ("2 workers", two)):
        if rate:
            yield f"PostgreSQL, {title}: ≥ 0.3 of its floor", f"{rate:,.0f}/s, {rate / floor:.2f}", rate >= 0.3 * floor
    if alone and two:
        found = f"{two:,.0f}/s beside {alone:,.0f}/s: {two / alone:.1f} ×"
        yield "PostgreSQL: ≥ 15 × Procrastinate alone", found, two >= 15 * alone
    if one and two:
        yield "two workers ≥ 1.6 × one", f"{two / one:.2f} ×", two >= 1.6 * one


def _weak(result: Row) -> str:
    ahead = list(_ahead(result, honest=False))
    if not ahead:
        return "No peer was ahead of ours in any column."
    return "Where any peer was ahead of ours, whether it keeps its word or not:\n\n" + "\n".join(
        f"- {line}" for line in ahead
    )


def _ahead(result: Row, honest: bool) -> Iterator[str]:
    """A line for each N and column in which somebody was ahead of the best of ours."""
    for wanted in sorted({row["wanted"] for row in result["figures"]}):
        rows = [row for row in result["figures"] if row["wanted"] == wanted and row["told"]]
        for column, (title, better) in COLUMNS.items():
            ours = [
                (value, row) for row in rows if PEERS[row["peer"]].ours and (value := _value(row, column)) is not None
            ]
            if not ours:
                continue
            mine = max(value * better for value, _ in ours) * better
            others = [
                f"{PEERS[row['peer']].title} {_show(column, value)}"
                for row in rows
                if not PEERS[row["peer"]].ours
                and (not honest or keeps_its_word(result, row["peer"]))
                and (value := _value(row, column)) is not None
                and value * better > mine * better
            ]
            if others:
                yield f"{title}, N = {wanted:,}: ours {_show(column, mine)}; {', '.join(others)}"


def _value(row: Row, column: str) -> float | None:
    """A column's figure; the worst of several, and none for a rate of work that was not finished."""
    value = row[column]
    if column == "recovery":
        return max(value) if value and len(value) == row["kills"] else None
    return None if value is None or (row["note"] and column.startswith("late")) else float(value)


def _show(column: str, value: float) -> str:
    if column.endswith("_rate"):
        return f"{value:,.0f}/s"
    return f"{value:.0f} MB" if column == "memory" else seconds(value)


def _ours(result: Row) -> list[Row]:
    return [row for row in result["figures"] if PEERS[row["peer"]].ours]


def _peers(result: Row) -> list[str]:
    return list(dict.fromkeys(row["peer"] for row in result["figures"]))


def _best(result: Row, peer: str) -> float | None:
    """Its rate at the largest N that was told whole, or what it did of a larger one, whichever is better."""
    return max(
        (row["fire_rate"] for row in result["figures"] if row["peer"] == peer and row["fire_rate"]), default=None
    )
