"""The plot of the raw figures, drawn in the peers' environment: `python -m bench.peers.plot FIGURES.json PLOT.svg`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

from bench.peers.aims import keeps_its_word
from bench.peers.contract import PEERS
from bench.peers.table import mean_floors

PANELS = (("fire_rate", "reminders told a second"), ("late_p99", "late, p99 (s)"), ("memory", "memory (MB)"))


def draw(result: dict[str, Any], to: Path) -> None:
    """Three panels over N; ours drawn thick, and hollow marks for those that lost or doubled something."""
    mpl.rcParams |= {"svg.fonttype": "none", "font.size": 9, "svg.hashsalt": "huifang"}
    figure, axes = plt.subplots(1, len(PANELS), figsize=(13, 4.6))
    for panel, (column, title) in zip(axes, PANELS, strict=True):
        for number, peer in enumerate(dict.fromkeys(row["peer"] for row in result["figures"])):
            _line(panel, result, peer, column, f"C{number}")
        panel.set(xscale="log", yscale="log", title=title, xlabel="reminders due at once")
        panel.grid(alpha=0.3)
    for name, style in (("sqlite_fire", "--"), ("postgres_fire", ":")):
        axes[0].axhline(mean_floors(result)[name], color="gray", linestyle=style, label=name.replace("_fire", " floor"))
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncol=4, frameon=False)
    figure.tight_layout(rect=(0, 0.2, 1, 1))
    figure.savefig(to, metadata={"Date": None})


def _line(panel: Any, result: dict[str, Any], peer: str, column: str, color: str) -> None:
    rows = [row for row in result["figures"] if row["peer"] == peer and row[column] and row["told"]]
    if column.startswith("late"):
        rows = [row for row in rows if not row["note"]]  # how late the rest would have been is not known
    entry, face = PEERS[peer], None if keeps_its_word(result, peer) else "white"
    panel.plot(
        [row["wanted"] for row in rows],
        [row[column] for row in rows],
        marker="o",
        color=color,
        markerfacecolor=face or color,
        linewidth=2.6 if entry.ours else 1.0,
        label=entry.title,
    )


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
