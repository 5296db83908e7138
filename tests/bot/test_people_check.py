"""What `huifang check` says of the shop's people."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.config import load
from bot.people_check import told
from tests.bot.config_files import write

MONDAY_NOON, NIGHT = datetime(2026, 3, 2, 4, tzinfo=UTC), datetime(2026, 3, 2, 18, tzinfo=UTC)  # in Shanghai
TWO = """
[agents.people.li]
name = "小李"
telegram = 7
[agents.people.wang]
name = "王姐"
rank = "owner"
"""


def said(folder: Path, text: str, now: datetime) -> str:
    config = load(write(folder, text))
    return told(config.agents.roster(), config, now)


def test_without_people_all_is_well(tmp_path: Path) -> None:
    """Nobody has to be listed."""
    expected = "nobody is listed, so whoever gives a name is trusted; on duty now: a: everybody"
    assert expected == said(tmp_path, "[shops.a]", MONDAY_NOON)


def test_who_is_there(tmp_path: Path) -> None:
    """Of each shop: who works in the shift, everybody where it names nobody, and at night whoever is on call."""
    text = TWO + '[shops.a.shifts.day]\npeople = ["li"]\n[shops.b.hours]\non_call = ["wang"]\n'
    listed = "2 listed; without a Telegram id, so not heard in the agents' group: 王姐; on duty now: "
    assert listed + "a: 小李; b: 小李, 王姐" == said(tmp_path, text, MONDAY_NOON)
    assert listed + "a: nobody; b: nobody (on call: 王姐)" == said(tmp_path, text, NIGHT)


def test_nobody_owns_the_shop(tmp_path: Path) -> None:
    """What nobody may do is said."""
    assert "no owner, so nobody may erase a buyer" in said(tmp_path, TWO.replace("owner", "agent"), NIGHT)
