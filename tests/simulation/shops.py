"""The shops of the simulation, as a configuration has them: which figures a seed, or a restart, draws."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from bot.config import Config, Database, Evidence, Orders, Reports, Scripts
from bot.config_people import Agents
from bot.config_shop import (
    AddressCheckOptions,
    AfterSalesOptions,
    InquiryOptions,
    LateShipmentOptions,
    PendingRefundOptions,
    PromiseOptions,
    QuietHoursOptions,
    ReviewRevisionOptions,
    Shop,
    StuckParcelOptions,
    UnpaidOrderOptions,
)
from followup.model import Instant
from followup.policy import AddressCheck, ReviewMode
from followup.ports import Capabilities
from scripts_library.library import Library

TEA, SILK = "tea", "silk"
"""`tea` speaks by the line, `silk` is bound to its platform: words for its buyers are tasks to paste."""
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "Asia/Kolkata")
DAYS = ("2026-03-07", "2026-03-28", "2026-04-04", "2026-06-01", "2026-10-24", "2026-10-31")
"""Eves of a change of clocks, and a quiet day."""
WAYS = {
    "plain": Capabilities(),
    "rich": Capabilities(buttons=3, edits=True, deletes=True, largest_photo=10**7),
    "idempotent": Capabilities(idempotent=True),
    "window": Capabilities(window=timedelta(hours=48), quota=5, needs_chat=True, buttons=2),
    "slow": Capabilities(needs_chat=True, per_second=0.5, chat_every=timedelta(seconds=2)),
}
_HOURS = ((time(9), time(20, 30)), (time(11), time(18)), (time(0), time(23, 59)))
_DAY = timedelta(days=1)


@cache
def library() -> Library:
    """The words, loaded once."""
    return Library.load()


def begins(chance: Random) -> tuple[str, Instant]:
    """A zone and the moment at which the story begins."""
    zone, day = chance.choice(ZONES), chance.choice(DAYS)
    local = datetime.fromisoformat(f"{day} {chance.randrange(24):02}:{chance.randrange(60):02}")
    return zone, local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def configured(zone: str, folder: Path, database: str, chance: Random) -> Config:
    """One configuration; another draw changes everything that may change between two starts."""
    shop = {"zone": ZoneInfo(zone), "lang": chance.choice(("zh-CN", "en", "es")), **_figures(chance)}
    return Config(
        database=Database(url=database),
        agents=Agents(lang=chance.choice(("zh-CN", "en"))),
        orders=Orders(folder=folder / "orders"),
        scripts=Scripts(overrides=folder / "scripts.json"),
        evidence=Evidence(folder=folder / "evidence"),
        reports=Reports(folder=folder / "reports"),
        shops={TEA: Shop(platform="independent", channel="line", **shop), SILK: Shop(**shop)},
    )


def _figures(chance: Random) -> dict[str, Any]:
    opens, closes = chance.choice(_HOURS)
    most = chance.choice((1, 2, 3))
    return {
        "quiet_hours": QuietHoursOptions(opens=opens, closes=closes),
        "nudge_every": chance.choice((_DAY, _DAY, _DAY / 2, _DAY * 2)),
        "unpaid_order": UnpaidOrderOptions(hold_out=chance.choice((0, 0, 0, 50))),
        "pending_refund": PendingRefundOptions(daily_most=most),
        "review_revision": ReviewRevisionOptions(mode=chance.choice([*ReviewMode]), retry_after=2 * _DAY),
        "late_shipment": LateShipmentOptions(daily_most=most, ship_within=_DAY, follow_for=5 * _DAY),
        "stuck_parcel": StuckParcelOptions(daily_most=most, still_for=_DAY, follow_for=5 * _DAY),
        "address_check": AddressCheckOptions(check=chance.choice([*AddressCheck])),
        "after_sales": AfterSalesOptions(daily_most=most, return_within=4 * _DAY),
        "inquiry": InquiryOptions(touch=chance.random() < 0.7),
        "promises": PromiseOptions(most=most, next_after=_DAY / 2),
    }
