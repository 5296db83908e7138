"""Which shops' people are told of their tasks."""

from __future__ import annotations

from pathlib import Path

from bot.alerts.reached import told, ways
from bot.checks import run_checks
from bot.config import load
from followup.desk.places import Place, Service
from tests.bot.config_files import write

PLACES = {"tea": Place("telegram.desk", "-100")}
SERVICES = (Service("alerts.tea", shops=frozenset({"tea"})), Service("alerts.boss", escalated_only=True))


def test_by_what_they_are_told() -> None:
    """The group of the shop, and the services that tell of it; what tells only of late tasks says so."""
    assert ["the group of telegram", "alerts.tea", "alerts.boss (only what is late)"] == ways("tea", PLACES, SERVICES)
    assert ["alerts.boss (only what is late)"] == ways("cups", PLACES, SERVICES)
    assert "tea: the group of telegram; cups: nobody is told" in told(("tea", "cups"), PLACES, ())


def test_check_says_that_nobody_is_told(tmp_path: Path) -> None:
    """That is no mistake, so all is well."""
    one = '[shops.tea]\n[shops.cups]\n[alerts.ops]\ntype = "wecom_robot"\nshops = ["tea"]\n'
    (row,) = [row for row in run_checks(load(write(tmp_path, one))) if row.part == "alerts"]
    assert row.ok
    assert row.what.startswith("tea: alerts.ops; cups: nobody is told, `huifang tasks` ")
