"""The Grafana dashboard as data: `python deploy/grafana/dashboard.py > deploy/grafana/huifang.json` after a change."""

from __future__ import annotations

import itertools
import json
from typing import Any

WIDE, HIGH = 24, 8
Panel = dict[str, Any]
SOURCE = {"type": "prometheus", "uid": "${source}"}
HERE = '{instance=~"$instance"}'


def figure(title: str, query: str, unit: str = "short", bad: float | None = None, low: float | None = None) -> Panel:
    """One figure; red from `bad` on, or below `low`."""
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if bad is not None:
        steps.append({"color": "red", "value": bad})
    if low is not None:
        steps = [{"color": "red", "value": None}, {"color": "green", "value": low}]
    defaults = {"unit": unit, "thresholds": {"mode": "absolute", "steps": steps}}
    options = {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "background", "graphMode": "area"}
    return _panel("stat", title, [(query, "")], defaults, options, wide=4, high=4)


def lines(title: str, *queries: tuple[str, str], unit: str = "short", wide: int = 12, stacked: bool = False) -> Panel:
    """Curves over time, each a query with its legend."""
    stacking = {"mode": "normal" if stacked else "none"}
    defaults = {"unit": unit, "min": 0, "custom": {"fillOpacity": 10, "stacking": stacking}}
    options = {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}
    return _panel("timeseries", title, list(queries), defaults, options, wide, HIGH)


def _panel(
    kind: str, title: str, queries: list[tuple[str, str]], defaults: Panel, options: Panel, wide: int, high: int
) -> Panel:
    targets = [
        {"refId": chr(65 + at), "datasource": SOURCE, "expr": query, "legendFormat": legend}
        for at, (query, legend) in enumerate(queries)
    ]
    size = {"w": wide, "h": high}
    field = {"defaults": defaults, "overrides": list[Any]()}
    return {
        "type": kind,
        "title": title,
        "datasource": SOURCE,
        "targets": targets,
        "fieldConfig": field,
        "options": options,
        "gridPos": size,
    }


def percentile(share: float) -> str:
    """How long that share of the commits took at the most."""
    return f"histogram_quantile({share}, sum by (le) (rate(huifang_commit_seconds_bucket{HERE}[$__rate_interval])))"


def rate(metric: str, by: str = "", where: str = "") -> str:
    """How many a second, in all or of each `by`."""
    inner = f'{{instance=~"$instance"{", " if where else ""}{where}}}'
    return f"sum{f' by ({by})' if by else ''} (rate({metric}{inner}[$__rate_interval]))"


PANELS = (
    figure("Ready processes", f"sum(huifang_ready{HERE})", low=1),
    figure("Leaders", f"sum(huifang_leader{HERE})", low=1),
    figure("Workers", "max(huifang_workers)", low=1),
    figure("Due lag", "max(huifang_due_lag_seconds)", "s", bad=300),
    figure("Unsure", "max(huifang_unsure_messages)", bad=1),
    figure("Urgent tasks", 'max(huifang_tasks_open{urgent="yes"})', bad=1),
    lines("Due lag", ("max(huifang_due_lag_seconds)", "oldest that may go"), unit="s"),
    lines("Outbox by state", ("max by (state) (huifang_outbox_messages)", "{{state}}"), stacked=True),
    lines(
        "Reminders fired and messages sent, a second",
        (rate("huifang_reminders_fired_total"), "fired"),
        (rate("huifang_sends_total", where='outcome="accepted"'), "sent"),
        unit="ops",
    ),
    lines(
        "Attempts by channel and outcome, a second",
        (rate("huifang_sends_total", "channel, outcome"), "{{channel}} {{outcome}}"),
        unit="ops",
    ),
    lines("Verdicts, a second", (rate("huifang_verdicts_total", "verdict"), "{{verdict}}"), unit="ops", stacked=True),
    lines("Unsure messages", ("max(huifang_unsure_messages)", "nobody knows whether they went")),
    lines("Channels (1: connected)", ("min by (channel) (huifang_channel_up)", "{{channel}}")),
    lines(
        "Events of channels, a second",
        (rate("huifang_events_total", "channel, state"), "{{channel}} {{state}}"),
        unit="ops",
    ),
    lines("Events that wait", ("max by (channel) (huifang_events_waiting)", "{{channel}}")),
    lines("Commit latency", (percentile(0.5), "p50"), (percentile(0.99), "p99"), unit="s"),
    lines("Commits, a second", (rate("huifang_commit_seconds_count", "instance"), "{{instance}}"), unit="ops"),
    lines("Tasks open", ("max by (urgent) (huifang_tasks_open)", "urgent: {{urgent}}"), stacked=True),
    lines(
        "Workers and leader",
        ("max(huifang_workers)", "workers"),
        (f"huifang_leader{HERE}", "leads: {{instance}}"),
        (f"huifang_ready{HERE}", "ready: {{instance}}"),
        (f"huifang_database_up{HERE}", "database: {{instance}}"),
    ),
    lines("Memory", (f"process_resident_memory_bytes{HERE}", "{{instance}}"), unit="bytes"),
    lines("Processor", (rate("process_cpu_seconds_total", "instance"), "{{instance}}"), unit="percentunit"),
    lines("Versions", ("count by (version, database) (huifang_build_info)", "{{version}} on {{database}}")),
)


def dashboard() -> dict[str, Any]:
    """As Grafana 10 and newer import it."""
    instance = {
        "name": "instance",
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": "label_values(huifang_ready, instance)", "refId": "instance"},
        "includeAll": True,
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
        "refresh": 2,
    }
    source = {"name": "source", "type": "datasource", "query": "prometheus", "current": {}}
    return {
        "title": "Huifang 回访",
        "uid": "huifang",
        "schemaVersion": 39,
        "editable": True,
        "refresh": "15s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "tags": ["huifang"],
        "templating": {"list": [source, instance]},
        "annotations": {"list": []},
        "panels": _placed(),
    }


def _placed() -> list[Panel]:
    """One after another, row by row."""
    placed, x, y = list[Panel](), 0, 0
    for number, panel in zip(itertools.count(1), PANELS, strict=False):
        size = panel["gridPos"]
        if x + size["w"] > WIDE:
            x, y = 0, y + placed[-1]["gridPos"]["h"]
        placed.append({"id": number, **panel, "gridPos": {**size, "x": x, "y": y}})
        x += size["w"]
    return placed


def text() -> str:
    """The file."""
    return json.dumps(dashboard(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201
