"""Compares two cadences in a process of its own, whose program is `main`: simulating takes a processor whole.

The job comes pickled on standard input, which stays open as long as somebody waits; progress goes to standard output,
a JSON object a line; the outcome and the report lie in the job's folder.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from pydantic import TypeAdapter

from bot.comparing import Comparison, compare
from bot.garbage import no_garbage_collection
from bot.report.compared import Change, render
from bot.report.told import assumed
from bot.shop_month import timeline
from bot.simulate import Simulation, simulate
from bot.simulate_assume import BadAssumption, parse
from bot.simulate_facts import UNDATED
from bot.simulate_read import Rejected, read_all
from followup.events import OrderChanged
from followup.model import Instant
from followup.policy import Policy
from followup.ports import UnknownFormat
from handlers.deps import Deps
from handlers.understand import understand
from scripts_library.library import Library
from scripts_library.overrides import Overrides
from scripts_library.storage import OverridesDamaged
from store.console.simulate import known_orders
from store.engine import DatabaseError, open_engine

MEMORY = 4 << 30
"""Bytes after which the process is refused more: an upload may have been made to fill the machine."""
MOST_KNOWN = 20_000
OUTCOME, REPORT = "outcome.json", "report.html"
_EVERY = 2000
Tell = Callable[..., None]


@dataclass(frozen=True)
class Uploads:
    """Files beneath names of ours, each with the one that is shown."""

    paths: tuple[Path, ...]
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """The orders in the database; `url` has its password."""

    url: str


@dataclass(frozen=True)
class Month:
    """An invented month of so many orders."""

    orders: int
    seed: int


Source = Uploads | Known | Month


@dataclass(frozen=True)
class Job:
    """Which orders of which shop, both cadences with the names of what was changed, and where the outcome goes."""

    folder: Path
    shop: str
    currency: str
    channel: str
    lang: str
    source: Source
    before: Policy
    after: Policy
    changes: tuple[Change, ...] = ()
    assume: str = ""
    since: Instant | None = None
    until: Instant | None = None
    overrides: Path = Path("var/scripts.json")


@dataclass(frozen=True)
class BadLine:
    """A row that could not be read, where it stands, and what was expected."""

    file: str
    line: int
    column: str
    value: str
    expected: str


@dataclass(frozen=True)
class Outcome:
    """What came of a job: the comparison, how many rows could not be read with the first of them, what was assumed."""

    comparison: Comparison
    rejected: int
    first: tuple[BadLine, ...]
    assumed: tuple[str, ...]

    @classmethod
    def read(cls, folder: Path) -> Outcome:
        """The outcome of a job that is done."""
        return TypeAdapter(cls).validate_json((folder / OUTCOME).read_bytes())


class NoOrders(ValueError):
    """There is nothing to simulate."""


def work(job: Job, tell: Tell) -> Outcome:
    """Read the orders once and replay them with both cadences. Raises UnknownFormat, BadAssumption, NoOrders,
    OverridesDamaged, DatabaseError and OSError."""
    rejected = Rejected()
    events = list(_counted(_events(job, rejected), tell))
    if not events and not rejected.count:
        raise NoOrders
    before, after = (
        _simulated(job, job.before, events, "before", tell),
        _simulated(job, job.after, events, "after", tell),
    )
    tell(stage="telling")
    said = tuple(assumed(before, job.lang, typed=False))
    return Outcome(compare(before, after, job.lang), rejected.count, _bad(job, rejected), said)


def _simulated(job: Job, policy: Policy, events: list[OrderChanged], stage: str, tell: Tell) -> Simulation:
    scripts = Library.load(Overrides(job.overrides))
    deps = Deps(scripts, {job.shop: policy}, understand, {job.shop: job.channel}, agent_lang=job.lang)
    tell(stage=stage, part=0.0)
    return simulate(
        events, deps, parse(job.assume), job.since, job.until, progress=lambda part: tell(stage=stage, part=part)
    )


def _events(job: Job, rejected: Rejected) -> Iterator[OrderChanged]:
    match job.source:
        case Uploads(paths):
            return read_all(paths, job.shop, job.before.zone, job.currency, rejected)
        case Month(orders, seed):
            return timeline(orders, seed, shop=job.shop)
        case Known(url):
            return _known(url, job)


def _known(url: str, job: Job) -> Iterator[OrderChanged]:
    """As an export would tell them: by the times that stand in them, not by those at which we heard of them."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            for event in known_orders(connection, job.shop, job.since, MOST_KNOWN):
                yield replace(event, order=replace(event.order, observed_at=UNDATED))
    finally:
        engine.dispose()


def _counted(events: Iterator[OrderChanged], tell: Tell) -> Iterator[OrderChanged]:
    tell(stage="reading", rows=0)
    for number, event in enumerate(events, 1):
        if number % _EVERY == 0:
            tell(stage="reading", rows=number)
        yield event


def _bad(job: Job, rejected: Rejected) -> tuple[BadLine, ...]:
    return tuple(
        BadLine(_shown(name, job), row.line, row.column, row.value[:200], row.expected) for name, row in rejected.first
    )


def _shown(text: str, job: Job) -> str:
    """A text with our names of the files replaced by the ones their owner knows."""
    if isinstance(job.source, Uploads):
        for path, shown in zip(job.source.paths, job.source.shown, strict=True):
            text = text.replace(path.name, shown)
    return text


def main() -> None:
    """Do one job. What goes wrong is the last line: {"failed": why, "sentence": …}."""
    lines = _own_output()
    job = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the program that started this one, by no other way
    assert isinstance(job, Job)
    threading.Thread(target=_end_with_the_other, daemon=True).start()
    _be_modest()

    def tell(**said: object) -> None:
        print(json.dumps(said), file=lines, flush=True)

    try:
        with no_garbage_collection():
            outcome = work(job, tell)
            _keep(job, outcome)
        tell(stage="done")
    except (UnknownFormat, BadAssumption, OverridesDamaged, DatabaseError) as error:
        tell(failed=_WHY[type(error)], sentence=_shown(str(error), job))
    except NoOrders:
        tell(failed="no_orders")
    except MemoryError:
        tell(failed="too_large")
    except Exception as error:  # noqa: BLE001 - the last word of this process; no value of a row is said
        at = traceback.extract_tb(error.__traceback__)[-1]
        tell(failed="broken", sentence=f"{type(error).__name__} at {Path(at.filename).name}:{at.lineno}")


_WHY: dict[type[Exception], str] = {
    UnknownFormat: "unknown_format",
    BadAssumption: "bad_assumption",
    OverridesDamaged: "broken",
    DatabaseError: "broken",
}


def _keep(job: Job, outcome: Outcome) -> None:
    page = render(outcome.comparison, job.shop, job.changes, outcome.assumed, job.lang)
    (job.folder / REPORT).write_text(page, "utf-8")
    (job.folder / OUTCOME).write_bytes(TypeAdapter(Outcome).dump_json(outcome))


def _own_output() -> TextIO:
    """Standard output for progress alone: whatever else prints goes to standard error."""
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr
    return lines


def _end_with_the_other() -> None:
    """End at once when nobody waits any more: then standard input is closed."""
    sys.stdin.buffer.read()
    os._exit(1)


def _be_modest() -> None:
    """The bot goes first, and memory has an end."""
    if hasattr(os, "nice"):
        os.nice(10)
    try:
        import resource
    except ModuleNotFoundError:  # on Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY if hard < 0 else min(MEMORY, hard), hard))
