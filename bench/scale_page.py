"""The measured curve and the arithmetic from it, as they stand in docs/scale.md between two markers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.peers.table import put_into, rows_of, seconds

ORDERS = (100, 10_000, 1_000_000)
AT_NINE = 0.4
"""The share of a day's reminders that waits for nine o'clock: what falls due in the 12.5 quiet hours, when less is
ordered."""
WAVE = 15 * 60
"""Seconds in which the morning's wave should be over."""
YEAR = 365
GB = 1e9


def write(docs: Path, told: dict[str, Any]) -> None:
    """Put the tables into the page."""
    put_into(docs, markdown(told), "scale", "python -m bench.scale")


def markdown(told: dict[str, Any]) -> str:
    """The curve, what it was measured beside, and what shops of three sizes need by it."""
    return "\n\n".join([_machine(told), _curve(told["scale"]), _beside(told["scale"]), _shops(told["scale"])])


def _machine(told: dict[str, Any]) -> str:
    machine, scale = told["machine"], told["scale"]
    load, after = machine["load"], scale["load_after"]
    return (
        f"{machine['cores']} cores ({machine['cpu']}) for the server, the workers and the bench together; Python "
        f"{machine['python']}, PostgreSQL {scale['postgres']['server_version']}, fsync {scale['postgres']['fsync']}; "
        f"load {load[0]:.1f} before and {after[0]:.1f} after. "
        f"{scale['reminders']:,} reminders of one shop, all due at once:"
    )


def _curve(scale: dict[str, Any]) -> str:
    head = ("workers", "told/s", "× floor", "× one", "late p50", "late p99", "a core each", "memory", "scheduled/s")
    one = scale["workers"]["1"]["rate"] or 1
    rows = [
        (
            workers,
            f"{run['rate']:,}",
            f"{run['rate'] / scale['floor']['fire']:.2f}",
            f"{run['rate'] / one:.2f}",
            seconds(run["late_p50"]),
            seconds(run["late_p99"]),
            ", ".join(f"{share:.0%}" for share in run["cores"]),
            f"{run['memory_mb']} MB",
            f"{run['schedule_rate']:,}",
        )
        for workers, run in scale["workers"].items()
    ]
    return rows_of(head, rows)


def _beside(scale: dict[str, Any]) -> str:
    alone, floor, memory = scale["procrastinate_alone"], scale["floor"], scale["memory_mb"]
    best = max(run["rate"] for run in scale["workers"].values())
    few, many = memory["1000"], memory["1000000"]
    rows = [
        ("floor: claimed, judged, rendered, recorded in hand-written SQL", f"{floor['fire']:,}/s"),
        ("floor: orders and reminders written down", f"{floor['schedule']:,}/s"),
        (
            f"Procrastinate alone, {alone['reminders']:,} jobs",
            f"{alone['rate']:,.0f}/s; ours is {best / max(alone['rate'], 1):.1f} × that",
        ),
        (
            "one worker with 1,000 and with 1,000,000 reminders pending",
            f"{few['resident']:.0f} and {many['resident']:.0f} MB ({many['resident'] / few['resident'] - 1:+.0%}), "
            f"started in {few['start_up']:.1f} and {many['start_up']:.1f} s, "
            f"{few['rate']:,} and {many['rate']:,} told/s",
        ),
        (
            "write-ahead log",
            f"{_wal(scale, 'schedule'):,} bytes to plan a reminder, {_wal(scale, 'tell'):,} to tell it",
        ),
        ("kept on disk, with the order, its thread and all indexes", f"{_kept(scale):,} bytes a reminder"),
    ]
    return rows_of(("beside it", "measured"), rows)


def _shops(scale: dict[str, Any]) -> str:
    """What follows for shops of three sizes, with one reminder for each order."""
    rate = scale["workers"]["1"]["rate"] or 1
    rows = []
    for orders in ORDERS:
        wave = orders * AT_NINE
        wal = (_wal(scale, "schedule") + _wal(scale, "tell")) * orders
        rows.append(
            (
                f"{orders:,}",
                f"{wave:,.0f}",
                seconds(wave / rate),
                f"{wave / WAVE:,.1f}/s",
                f"{wal / GB:,.3f} GB",
                f"{orders * YEAR:,}",
                f"{orders * YEAR * _kept(scale) / GB:,.1f} GB",
            )
        )
    head = ("orders a day", "due at nine", "one worker needs", "rate for a quarter of an hour", "WAL a day")
    return rows_of((*head, "reminders a year", "kept a year"), rows)


def _wal(scale: dict[str, Any], what: str) -> int:
    return int(scale["workers"]["1"][f"wal_bytes_to_{what}"])


def _kept(scale: dict[str, Any]) -> int:
    return int(scale["workers"]["1"]["bytes_kept"])
