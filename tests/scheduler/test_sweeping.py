"""When the sweep and the look for clusters run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from followup.policy import Policy
from scheduler.sweeping import sweep_jobs
from tests.scheduler.shop import Shop

MADRID = ZoneInfo("Europe/Madrid")


def test_each_shop_has_its_own_hours(sqlite_url: str) -> None:
    """A look every ten minutes whether a sweep is due, and clusters every morning at nine where the shop is."""
    shop = Shop(sqlite_url)
    deps = replace(shop.deps, policies={"east": Policy("east"), "west": Policy("west", zone=MADRID)})
    jobs = {job.name: job.trigger for job in sweep_jobs(shop.store, deps, shop.clock)}
    assert {"sweep/east", "clusters/east", "sweep/west", "clusters/west"} == jobs.keys()
    now = datetime(2026, 3, 2, 12, 0, tzinfo=MADRID)
    nine = jobs["clusters/west"].get_next_fire_time(None, now)
    assert datetime(2026, 3, 3, 9, 0, tzinfo=MADRID) == nine
    due = jobs["sweep/east"].get_next_fire_time(now, now)
    assert due is not None
    assert due - now <= timedelta(minutes=10)
    shop.store.close()
