"""The figures of one process for Prometheus: counted after each commit and window, or read when they are asked for.

No label holds anything of a buyer: channels, states and verdicts are all there is.
"""

from __future__ import annotations

import platform
from collections import Counter as Tally
from collections.abc import Iterable, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from followup.events import DeliveryResult, Outcome
from followup.model import Decided, Health, Raw, RawState, Reminder, ReminderState, Verdict
from store.sql_tx import SqlTx
from store.watch_views import Watched

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """What is counted and read; `channels` are those through which something is sent."""

    def __init__(self, channels: Iterable[str], version: str, database: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._gauges()
        self._counters()
        ProcessCollector(registry=self.registry)
        build = Info("huifang_build", "This program.", registry=self.registry)
        build.info({"version": version, "python": platform.python_version(), "database": database})
        for channel in channels:
            for outcome in Outcome:
                self.sends.labels(channel, outcome.value)

    def _gauges(self) -> None:
        def gauge(name: str, what: str, *labels: str) -> Gauge:
            return Gauge(f"huifang_{name}", what, labels, registry=self.registry)

        self.ready = gauge("ready", "1 if this process can do its work.")
        self.database_up = gauge("database_up", "1 if the database answered; if not, what is read of it is left out.")
        self.leader = gauge("leader", "1 if this process leads: it listens, serves and hands over.")
        self.due_lag = gauge("due_lag_seconds", "How long the oldest reminder or message that may go has been due.")
        self.outbox = gauge("outbox_messages", "Messages that nobody is done with.", "state")
        self.unsure = gauge("unsure_messages", "Messages of which nobody knows whether they went.")
        self.channel_up = gauge("channel_up", "1 if the channel is connected.", "channel")
        self.waiting = gauge("events_waiting", "Events that were heard and not handled yet.", "channel")
        self.workers = gauge("workers", "Processes that live.")
        self.tasks = gauge("tasks_open", "Tasks that wait for a person.", "urgent")

    def _counters(self) -> None:
        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(f"huifang_{name}", what, labels, registry=self.registry)

        self.commits = Histogram(
            "huifang_commit_seconds", "How long the database took to keep it.", buckets=BUCKETS, registry=self.registry
        )
        self.fired = counter("reminders_fired", "Reminders that were said, or handed to the outbox.")
        self.verdicts = counter("verdicts", "Decisions about what was due.", "verdict")
        self.sends = counter("sends", "Attempts to send.", "channel", "outcome")
        self.events = counter("events", "Events of channels that reached a state.", "channel", "state")
        for verdict in Verdict:
            self.verdicts.labels(verdict.value)

    def committed(self, tx: SqlTx, seconds: float) -> None:
        """Count what a commit brought; called once a commit, from a writer's thread."""
        if tx.dialect.has_written(tx.connection):
            self.commits.observe(seconds)
        if tx.written.lines:
            lines = (line.decision.verdict for line in tx.written.lines if isinstance(line, Decided))
            for verdict, count in Tally(lines).items():
                self.verdicts.labels(verdict.value).inc(count)
        if marks := tx.written.items.get(Reminder):
            known = tx.items[Reminder]
            self.fired.inc(sum(known[key].state is ReminderState.FIRED for key in marks))
        if raws := tx.written.items.get(Raw):
            self._count_events(tx, raws)

    def _count_events(self, tx: SqlTx, marks: dict[tuple[str, ...], bool]) -> None:
        """One that waits counts when it comes, not each time it has to wait longer."""
        raws = ((tx.items[Raw][key], is_new) for key, is_new in marks.items())
        reached = Tally((raw.channel, raw.state) for raw, is_new in raws if is_new or raw.state is not RawState.WAITING)
        for (channel, state), count in reached.items():
            self.events.labels(channel, state.value).inc(count)

    def sent(self, channel: str, results: Sequence[DeliveryResult]) -> None:
        """Count what a window of messages came to."""
        for outcome, count in Tally(result.outcome for result in results).items():
            self.sends.labels(channel, outcome.value).inc(count)

    def show(self, seen: Watched | None, channels: Iterable[str], reasons: Sequence[str], leads: bool) -> None:
        """Take over what was read, of `channels` those alone; nothing of it stays where the database did not answer."""
        self.ready.set(not reasons)
        self.leader.set(leads)
        self.database_up.set(seen is not None)
        for each in (self.outbox, self.channel_up, self.waiting, self.tasks):
            each.clear()
        nan = float("nan")
        self.due_lag.set(seen.due_lag if seen else nan)
        self.unsure.set(seen.outbox["unsure"] if seen else nan)
        self.workers.set(seen.workers if seen else nan)
        if seen is not None:
            self._show(seen, channels)

    def _show(self, seen: Watched, channels: Iterable[str]) -> None:
        for state, count in seen.outbox.items():
            self.outbox.labels(state).set(count)
        for urgent, count in seen.tasks.items():
            self.tasks.labels("yes" if urgent else "no").set(count)
        for channel in channels:
            if channel in seen.channels:
                self.channel_up.labels(channel).set(seen.channels[channel] is Health.UP)
                self.waiting.labels(channel).set(seen.waiting.get(channel, 0))

    def page(self) -> bytes:
        """All of them as Prometheus reads them."""
        return generate_latest(self.registry)
