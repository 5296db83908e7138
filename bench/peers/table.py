"""The raw figures as tables of Markdown, and their place in docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.peers.contract import PEERS

HEAD = (
    "peer",
    "scheduled/s (× floor)",
    "told/s (× floor)",
    "late p50",
    "late p99",
    "memory",
    "start",
    "first after kill -9",
    "lost",
    "doubled",
    "listed",
)
FLOORS = {
    "sqlite_schedule": "SQLite: an order, buyer, chat, thread and reminder written down",
    "sqlite_fire": "SQLite: a reminder claimed, judged, rendered, recorded",
    "postgres_schedule": "PostgreSQL: written down",
    "postgres_fire": "PostgreSQL: claimed, judged, rendered, recorded",
}
Row = dict[str, Any]


def markdown(result: Row) -> str:
    """The machine, the floors, one table for each N, and how each peer was made durable."""
    floors = mean_floors(result)
    parts = [_machine(result), _floors(result, floors)]
    for wanted in sorted({row["wanted"] for row in result["figures"]}):
        rows = [row for row in result["figures"] if row["wanted"] == wanted]
        parts.append(
            f"**{wanted:,} reminders, all due at once**\n\n" + rows_of(HEAD, (_cells(row, floors) for row in rows))
        )
    parts.append(_how(result))
    return "\n\n".join(parts) + "\n"


def mean_floors(result: Row) -> dict[str, float]:
    """The floors, measured before and after the rest, at their mean."""
    before, after = result["floors"]
    return {name: (before[name] + after[name]) / 2 for name in before}


def put_into(docs: Path, text: str, name: str = "peers", by: str = "make bench-peers") -> None:
    """Replace what stands between the two markers of the page."""
    begin, end = markers(name, by)
    page = docs.read_text(encoding="utf-8")
    head, _, rest = page.partition(begin)
    _, found, tail = rest.partition(end)
    if not found:
        raise ValueError(f"{docs}: expected {begin} … {end}")
    docs.write_text(f"{head}{begin}\n\n{text}\n{end}{tail}", encoding="utf-8")


def markers(name: str = "peers", by: str = "make bench-peers") -> tuple[str, str]:
    """What stands before and after what a bench writes."""
    return f"<!-- {name}: begin (written by {by}) -->", f"<!-- {name}: end -->"


def rows_of(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table."""
    lines = [list(head)]
    lines += [["---"] * len(lines[0]), *map(list, rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def floor_of(row: Row, floors: dict[str, float], what: str) -> float:
    """The floor of the database that a peer stands on; files of any kind are set beside SQLite's."""
    return floors[("postgres_" if PEERS[row["peer"]].postgres else "sqlite_") + what]


def seconds(value: float | None) -> str:
    """So many seconds, in the unit that reads best."""
    if value is None:
        return "–"
    return f"{value * 1000:,.0f} ms" if value < 1 else f"{value:,.1f} s"


def _cells(row: Row, floors: dict[str, float]) -> list[str]:
    title = PEERS[row["peer"]].title
    if not row["told"]:
        return [title, row["note"] or "nothing told", *[""] * (len(HEAD) - 2)]
    part = f" ({row['note']})" if row["note"] else ""
    return [
        title,
        _rate(row["schedule_rate"], floor_of(row, floors, "schedule")),
        _rate(row["fire_rate"], floor_of(row, floors, "fire")) + part,
        seconds(row["late_p50"]),
        seconds(row["late_p99"]),
        f"{row['memory']:.0f} MB",
        seconds(row["start_up"]),
        _recovery(row),
        *(_count(row, name) for name in ("lost", "doubled", "listed")),
    ]


def _rate(rate: float | None, floor: float) -> str:
    return (
        "–"
        if rate is None
        else f"{rate:,.0f} ({rate / floor:.2f})"
        if rate >= 10
        else f"{rate:.1f} ({rate / floor:.4f})"
    )


def _recovery(row: Row) -> str:
    if not row["kills"]:
        return "–"
    came_back = ", ".join(map(seconds, row["recovery"])) or "never"
    return f"{came_back}; then it did not start again ({row['broke']})" if row.get("broke") else came_back


def _count(row: Row, name: str) -> str:
    return "–" if row[name] is None else f"{row[name]:,}"


def _machine(result: Row) -> str:
    machine, versions = result["machine"], result["versions"]
    said = ", ".join(f"{name} {version}" for name, version in versions.items())
    postgres, load = result["postgres"], ", ".join(f"{value:.1f}" for value in machine["load"])
    after = f"{result['load_after'][0]:.1f}"
    return (
        f"{machine['cores']} cores ({machine['cpu']}), Python {machine['python']}, SQLite {machine['sqlite']}, "
        f"PostgreSQL {postgres['server_version']} with fsync {postgres['fsync']}; load {load} before and "
        f"{after} after. {said}."
    )


def _floors(result: Row, floors: dict[str, float]) -> str:
    before, after = result["floors"]
    rows = ([FLOORS[name], f"{before[name]:,.0f}", f"{after[name]:,.0f}", f"{floors[name]:,.0f}"] for name in floors)
    return rows_of(("floor, reminders/s", "before", "after", "used"), rows)


def _how(result: Row) -> str:
    names = dict.fromkeys(row["peer"] for row in result["figures"])
    return "\n".join(f"- {PEERS[name].title}: {PEERS[name].how}." for name in names)
