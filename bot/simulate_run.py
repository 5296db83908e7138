"""From files, a configuration and a few options to a simulation, its figures and its report."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.config import Config, load
from bot.garbage import no_garbage_collection
from bot.report.figures import Figures, figures
from bot.report.labels import LANGS
from bot.simulate import Simulation, simulate
from bot.simulate_assume import Assumptions, parse
from bot.simulate_read import Rejected, read_all
from bot.simulate_report import write_report
from followup.model import Instant
from followup.policy import Policy
from handlers.deps import Deps
from handlers.understand import understand
from scripts_library.library import Library
from scripts_library.overrides import Overrides


class BadOption(ValueError):
    """An option cannot be used; the message says which and what was expected."""


@dataclass(frozen=True)
class Settings:
    """The one shop that is simulated, what its handlers need, and the language its agents read."""

    shop: str
    currency: str
    lang: str
    deps: Deps

    @property
    def policy(self) -> Policy:
        return self.deps.policies[self.shop]


@dataclass(frozen=True)
class Ran:
    """A simulation with its figures and the rows that could not be read."""

    simulation: Simulation
    counts: Figures
    rejected: Rejected


def settings_of(config: Config, shop: str | None, lang: str | None) -> Settings:
    """What the configuration says of one shop. Raises BadOption and OverridesDamaged."""
    known = config.shops
    shop = shop or (next(iter(known)) if len(known) == 1 else "")
    if shop not in known:
        raise BadOption(f"--shop: expected one of {', '.join(known)}, got {shop or 'nothing'}")
    lang = lang or config.agents.lang
    if lang not in LANGS:
        raise BadOption(f"--lang: expected one of {', '.join(LANGS)}, got {lang}")
    scripts = Library.load(Overrides(config.scripts.overrides))
    deps = Deps(scripts, config.policies(), understand, config.channels(), agent_lang=lang)
    return Settings(shop, known[shop].currency, lang, deps)


def run(
    files: Sequence[Path], settings: Settings, assume: Assumptions, since: Instant | None, until: Instant | None
) -> Ran:
    """Reads the files and replays them. Raises UnknownFormat and OSError."""
    rejected = Rejected()
    events = read_all(files, settings.shop, settings.policy.zone, settings.currency, rejected)
    simulation = simulate(events, settings.deps, assume, since, until)
    return Ran(simulation, figures(simulation), rejected)


def moment(option: str, text: str, zone: ZoneInfo) -> Instant | None:
    """An ISO day (its first moment) or time, in `zone` unless it says otherwise; None for "". Raises BadOption."""
    if not text:
        return None
    try:
        told = datetime.fromisoformat(text)
        return (told if told.tzinfo else told.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadOption(f"{option}: {text!r} is no day or time; write 2020-02-01 or 2020-02-01T09:00") from None


@dataclass(frozen=True)
class Summary:
    """A report in two figures."""

    orders: int
    seconds: float


def report_for(export: Path, report: Path, assume: Mapping[str, str], lang: str) -> Summary:
    """Replays one export with the default figures and writes its report; buyers are spoken to in `lang`."""
    began = time.perf_counter()
    settings = settings_of(load(None), None, lang if lang in LANGS else "en")
    policies = {shop: replace(policy, lang=lang) for shop, policy in settings.deps.policies.items()}
    settings = replace(settings, deps=replace(settings.deps, policies=policies))
    told = parse(",".join(f"{name}={span}" for name, span in assume.items()))
    with no_garbage_collection():
        ran = run([export], settings, told, None, None)
        write_report(report, ran.simulation, ran.counts, ran.rejected, settings.shop, settings.lang)
    return Summary(len(ran.simulation.past.orders), time.perf_counter() - began)
