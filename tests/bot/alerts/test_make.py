"""Making services of the configuration, with their secrets from the environment."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.alerts.make import ServiceUnusable, make_service
from bot.app import UnknownChannel, bootstrap
from bot.config import Config, load
from followup.desk.places import Service
from scheduler.clock import FakeClock
from tests.bot.config_files import write
from tests.scheduler.shop import NOON

TEXT = """
[database]
url = "sqlite:///{folder}/shop.db"
[agents.people.wang]
rank = "supervisor"
[alerts.phone]
type = "apprise"
[alerts.ops]
type = "dingtalk"
people = ["wang"]
only = "escalated"
"""
PHONE, OPS = "HUIFANG_ALERTS_PHONE_SECRET_URL", "HUIFANG_ALERTS_OPS_SECRET_URL"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Two services whose addresses are set."""
    monkeypatch.setenv(PHONE, "json://127.0.0.1:1/key12345")
    monkeypatch.setenv(OPS, "https://oapi.dingtalk.com/robot/send?access_token=key12345")
    monkeypatch.setenv("HUIFANG_ALERTS_OPS_SIGN_SECRET", "SEC00012345")
    return load(write(tmp_path, TEXT.format(folder=tmp_path)))


def test_each_has_its_channel_and_its_outbox(config: Config) -> None:
    """They are sent through the same outbox as everything else, and handlers know whom they reach."""
    app = bootstrap(config)
    names = [outbox.channel.name for outbox in app.outboxes]
    app.close()
    assert ["manual", "alerts.phone", "alerts.ops"] == names
    ops = Service("alerts.ops", frozenset({"wang"}), escalated_only=True)
    assert (Service("alerts.phone"), ops) == app.deps.services
    assert 4000 == app.deps.can("alerts.phone").longest_text
    assert "粘贴发送" == app.deps.reasons["zh-CN"]["paste"]


def test_a_missing_address_says_which_variable(config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence for each service that has none; who only looks needs none."""
    monkeypatch.delenv(PHONE)
    monkeypatch.delenv(OPS)
    bare = load(write(tmp_path, TEXT.format(folder=tmp_path)))
    with pytest.raises(UnknownChannel) as caught:
        bootstrap(bare)
    lines = str(caught.value).splitlines()
    assert [True, True] == [variable in line for variable, line in zip((PHONE, OPS), lines, strict=True)]
    bootstrap(bare, speaking=False).close()


def test_a_bad_address_is_not_shown(config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the service, never its key."""
    monkeypatch.setenv(PHONE, "nosuch://key12345")
    with pytest.raises(ServiceUnusable, match=r"alerts\.phone: Apprise knows no such address") as caught:
        make_service("phone", load(write(tmp_path, TEXT.format(folder=tmp_path))), FakeClock(NOON))
    assert "key12345" not in str(caught.value)


def test_without_the_extra(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    monkeypatch.delitem(sys.modules, "bot.alerts.apprise_service", raising=False)
    with pytest.raises(ServiceUnusable, match=r"alerts\.phone: apprise needs `pip install 'huifang\[alerts\]'`"):
        make_service("phone", config, FakeClock(NOON))
