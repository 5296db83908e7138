"""What the page of simulations does beside drawing: which orders, which cadence, one comparison at a time, saving."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bot.cadence import KNOBS, Knob, NotTogether, Value, as_written, changed
from bot.comparing_job import Job, Known, Month, Outcome, Source, Uploads
from bot.comparing_process import Failed, Hear, compared_apart, folder
from bot.config import Config, load
from bot.config_errors import Keys
from bot.config_shop import Shop
from bot.console.desk import Desk, Visit
from bot.console.labels import Labels
from bot.simulate_assume import BadAssumption, parse
from followup.desk.people import Rank
from followup.model import Instant

LARGEST, MOST_FILES = 64 * 1024 * 1024, 5
MOST_AT_ONCE = 2
SAVERS = Rank.SUPERVISOR
FEWEST, MOST_ORDERS = 10, 5000
YEARS = range(2000, 2101)
_RUNNING: set[str] = set()


class CannotRun(ValueError):
    """Something has to be mended first: `word` is the label that says what, `sentence` says more."""

    def __init__(self, word: str, sentence: str = "") -> None:
        super().__init__(word)
        self.word, self.sentence = word, sentence


@dataclass
class Files:
    """Files that somebody uploaded, under names of ours in a folder that goes with the program at the latest; `shown`
    are theirs."""

    place: TemporaryDirectory[str] | None = None
    paths: list[Path] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    sizes: dict[Path, int] = field(default_factory=dict)
    count: int = 0

    async def next(self, shown: str, size: int) -> Path:
        """Where the next file goes. Raises CannotRun for one too many."""
        if len(self.paths) >= MOST_FILES:
            raise CannotRun("too_many_files")
        if self.place is None:
            made = await asyncio.to_thread(TemporaryDirectory, None, "huifang-upload-")
            self.place = self.place or made  # another file may have come meanwhile
        if size + sum(self.sizes.values()) > LARGEST:
            raise CannotRun("too_large_files")
        self.count += 1
        self.paths.append(Path(self.place.name) / f"upload-{self.count}")
        self.shown.append("".join(char for char in shown if char.isprintable())[:80] or "?")
        self.sizes[self.paths[-1]] = size
        return self.paths[-1]

    def drop(self, path: Path) -> None:
        """Forget one."""
        at = self.paths.index(path)
        del self.paths[at], self.shown[at], self.sizes[path]
        path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Delete all of them."""
        if self.place is not None:
            self.place.cleanup()
        self.place, self.paths, self.shown, self.sizes = None, [], [], {}


@dataclass
class Wish:
    """What is to be compared: the shop as it is, what is changed, which orders, what is assumed."""

    shop: str
    present: Shop
    seen: str
    values: dict[Knob, Value] = field(default_factory=dict)
    source: str = "known"
    files: Files = field(default_factory=Files)
    orders: float | None = 500
    seed: float | None = 7
    since: str = ""
    until: str = ""
    asked: str = ""
    settled: str = ""

    def set(self, knob: Knob, value: Value) -> None:
        """Another value; the present one is no change."""
        self.values.pop(knob, None)
        if value != knob.of(self.present):
            self.values[knob] = value

    def value(self, knob: Knob) -> Value:
        """The value as it would be."""
        return self.values.get(knob, knob.of(self.present))

    def changes(self, say: Labels) -> tuple[tuple[str, str, str], ...]:
        """What is changed, by its name, from what to what, in the order of the page."""
        return tuple(
            (full_name(knob, say), str(as_written(knob.of(self.present))), str(as_written(self.values[knob])))
            for knob in KNOBS
            if knob in self.values
        )

    @property
    def edits(self) -> Mapping[Keys, object]:
        """The same as config.toml is to have it."""
        return {("shops", self.shop, *knob.keys): as_written(value) for knob, value in self.values.items()}


def full_name(knob: Knob, say: Labels) -> str:
    """An option's name with that of its group."""
    group = knob.group or "shop"
    return f"{say(f'groups.{group}')} · {say(f'knobs.{knob.id}')}"


async def present(desk: Desk) -> tuple[Config, str]:
    """The configuration as its file has it now, and the file's digest. Raises ConfigError."""
    from bot.settings_file import digest_of

    config = await asyncio.to_thread(load, desk.file) if desk.file else desk.config
    return config, await asyncio.to_thread(digest_of, desk.file)


def job_of(desk: Desk, lang: str, wish: Wish, place: Path, say: Labels) -> Job:
    """The job of a wish. Raises CannotRun."""
    try:
        after = changed(wish.present, wish.values)
        assume = ",".join(
            f"{name}={text.strip()}"
            for name, text in (("refund_requested", wish.asked), ("refund_settled", wish.settled))
            if text.strip()
        )
        parse(assume)
    except NotTogether as error:
        raise CannotRun(f"not_together.{error.option}", str(error)) from None
    except BadAssumption as error:
        raise CannotRun("bad_assumption", str(error)) from None
    policy = wish.present.policy(wish.shop)
    since, until = _day(wish.since, policy.zone), _day(wish.until, policy.zone)
    if since and until and until < since:
        raise CannotRun("days_backwards")
    return Job(
        folder=place,
        shop=wish.shop,
        currency=wish.present.currency,
        channel=wish.present.channel,
        lang=lang,
        source=_source(desk, wish),
        before=policy,
        after=after.policy(wish.shop),
        changes=wish.changes(say),
        assume=assume,
        since=since,
        until=until + timedelta(days=1) if until else None,
        overrides=desk.config.scripts.overrides,
    )


def _source(desk: Desk, wish: Wish) -> Source:
    match wish.source:
        case "upload":
            if not wish.files.paths:
                raise CannotRun("no_file")
            return Uploads(tuple(wish.files.paths), tuple(wish.files.shown))
        case "month":
            if wish.orders is None or wish.seed is None or not FEWEST <= wish.orders <= MOST_ORDERS:
                raise CannotRun("bad_month")
            return Month(int(wish.orders), int(wish.seed))
    return Known(desk.store.engine.url.render_as_string(hide_password=False))


def _day(text: str, zone: ZoneInfo) -> Instant | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CannotRun("bad_day") from None
    if day.year not in YEARS:
        raise CannotRun("bad_day")
    return datetime.combine(day, time(), zone).astimezone(UTC)


async def run(desk: Desk, visit: Visit, wish: Wish, hear: Hear, say: Labels) -> tuple[Outcome, str]:
    """The outcome and its report as HTML. One at a time for each session, two in all. Raises CannotRun and Failed."""
    own = f"{id(desk.store)}/{visit.person.id}/{visit.session}"
    if own in _RUNNING:
        raise CannotRun("already_running")
    if len(_RUNNING) >= MOST_AT_ONCE:
        raise CannotRun("others_run")
    _RUNNING.add(own)
    try:
        async with folder() as place:
            return await compared_apart(job_of(desk, visit.lang, wish, place, say), hear)
    finally:
        _RUNNING.discard(own)


def may_save(desk: Desk, visit: Visit, shop: str) -> bool:
    """Whether he may change the cadence of a shop, as his rank is now."""
    person = desk.deps.roster.named(visit.person.id)
    return person is not None and person.rank >= SAVERS and person.works_for(shop)


async def save(desk: Desk, wish: Wish) -> Config:
    """Write the changes into config.toml and have the program go by them at once. Raises ConfigError."""
    from bot.settings_file import apply, change

    config = await asyncio.to_thread(change, desk.file, wish.edits, wish.seen)
    apply(desk, config)
    return config


__all__ = ["CannotRun", "Failed", "Files", "Wish", "job_of", "may_save", "present", "run", "save"]
