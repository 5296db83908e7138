"""Accounts of the configuration become channels, or a sentence about what is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import UnknownChannel, bootstrap
from bot.config import Config, load
from followup.model import ChannelState, Health
from followup.ports import Capabilities
from scheduler.clock import FakeClock
from tests.bot.config_files import write
from tests.bot.tea import NOON
from tests.scheduler.receivers import FakeReceiver

SHOP = '[shops.tea]\nplatform = "independent"\nchannel = "tg"\n'
TELEGRAM = '[channels.tg]\ntype = "telegram"\n'
WECOM = '[channels.kf]\ntype = "wecom"\ncorp_id = "ww1"\nopen_kfid = "wk1"\n'
SECRETS = {
    "CHANNELS_TG_TOKEN": "12345678:" + "a" * 35,
    "CHANNELS_KF_SECRET": "s",
    "CHANNELS_KF_TOKEN": "t",
    "CHANNELS_KF_AES_KEY": "A" * 43,
    "CHANNELS_WX_TOKEN": "x",
}
Written = Callable[..., Config]


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"HUIFANG_{name}", value)


@pytest.fixture
def written(tmp_path: Path, sqlite_url: str) -> Written:
    """A configuration of these tables, on a fresh database."""
    database = f'[database]\nurl = "{sqlite_url}"\n'
    return lambda *tables: load(write(tmp_path, database + "".join(tables)))


def refused(config: Config, **more: Any) -> list[str]:
    """What is said about channels that cannot be."""
    with pytest.raises(UnknownChannel) as caught:
        bootstrap(config, **more)
    return str(caught.value).splitlines()


def test_every_type_can_be_made(written: Written) -> None:
    """Each account gets an outbox and an inbox for its shop, and handlers know what it can do."""
    wechaty = '[channels.wx]\ntype = "wechaty"\n'
    app = bootstrap(written(SHOP, TELEGRAM, WECOM, wechaty), clock=FakeClock(NOON))
    app.close()
    assert ["manual", "tg", "kf", "wx"] == [outbox.channel.name for outbox in app.outboxes]
    assert ["tg", "kf", "wx"] == [inbox.receiver.name for inbox in app.inboxes]
    assert {"manual", "tg", "kf", "wx"} == set(app.deps.capabilities)


def test_missing_secrets_are_named(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """For each channel the variable, before anything is opened."""
    monkeypatch.delenv("HUIFANG_CHANNELS_TG_TOKEN")
    monkeypatch.delenv("HUIFANG_CHANNELS_KF_AES_KEY")
    said = refused(written(SHOP, TELEGRAM, WECOM))
    names = ("HUIFANG_CHANNELS_TG_TOKEN", "HUIFANG_CHANNELS_KF_AES_KEY")
    missing = [f"set {name} in the environment, or {name}_FILE to a file that holds it" for name in names]
    assert [
        f"channels.tg: its token is missing; {missing[0]}",
        f"channels.kf: its aes_key is missing; {missing[1]}",
    ] == said


def test_a_secret_of_a_webhook(written: Written) -> None:
    """Is missed only where there is a webhook."""
    hook = TELEGRAM + 'mode = "webhook"\nwebhook_url = "https://shop.example/telegram"\n'
    (said,) = refused(written(SHOP, hook))
    assert said.startswith("channels.tg: its webhook_secret is missing; set HUIFANG_CHANNELS_TG_WEBHOOK_SECRET in")


def test_who_only_looks_needs_no_secrets(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent types `huifang tasks` without the tokens of the program that runs."""
    for name in SECRETS:
        monkeypatch.delenv(f"HUIFANG_{name}")
    app = bootstrap(written(SHOP, TELEGRAM, WECOM, '[channels.wx]\ntype = "wechaty"\n'), speaking=False)
    app.close()
    assert {"manual", "tg", "kf", "wx"} == set(app.deps.capabilities)


def test_a_bad_secret_is_a_sentence(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of the wrong length is refused without being shown."""
    monkeypatch.setenv("HUIFANG_CHANNELS_KF_AES_KEY", "hunter2")
    (said,) = refused(written(SHOP, TELEGRAM, WECOM))
    assert said.startswith("channels.kf: ")
    assert "hunter2" not in said


def test_a_missing_extra_is_named(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    for name in [name for name in sys.modules if name.startswith("bot.channels.telegram")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "telegram", None)
    monkeypatch.setitem(sys.modules, "telegram.error", None)
    assert ["channels.tg: telegram needs `pip install 'huifang[telegram]'`"] == refused(written(SHOP, TELEGRAM))


def test_a_shop_whose_channel_has_no_account(written: Written) -> None:
    """What there is, is listed."""
    said = "shops.tea.channel: there is no channel 'tg'; here are manual, kf"
    assert [said] == refused(written(SHOP, WECOM))


def test_a_receiver_may_be_handed_in(written: Written) -> None:
    """As tests do: it listens for the shop that speaks through it."""
    clock = FakeClock(NOON)
    fake = FakeReceiver(clock, name="tg", capabilities=Capabilities(quota=5))
    more = '[shops.cups]\nplatform = "independent"\nchannel = "manual"\n'
    app = bootstrap(written(more, SHOP), clock=clock, channels=[fake])
    app.close()
    (inbox,) = app.inboxes
    assert (fake, "tea", 5) == (inbox.receiver, inbox.shop, app.deps.can("tg").quota)


def test_http_is_served_only_for_a_webhook(written: Written) -> None:
    """Without one no port is opened."""
    apps = [bootstrap(written(SHOP, TELEGRAM, *more), clock=FakeClock(NOON)) for more in ((), (WECOM,))]
    for app in apps:
        app.close()
    assert [None, 8080] == [app.http and app.http.port for app in apps]


async def test_health_is_what_channels_say_now(written: Written) -> None:
    """Not what a program that was killed left in the database; and nothing but names and states is told."""
    app = bootstrap(written(SHOP, TELEGRAM, WECOM), clock=FakeClock(NOON))
    app.store.run(lambda tx: tx.save(ChannelState("tg", Health.UP, NOON)))
    assert app.http
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.http._app), base_url="http://here") as client:
        before = (await client.get("/health")).json()
        await app.inboxes[0].report(Health.UP)
        await app.inboxes[1].report(Health.LOGIN, "https://login.example/secret")
        after = (await client.get("/health")).json()
    app.close()
    assert {"ok": False, "channels": {"tg": "unknown", "kf": "unknown"}} == before
    assert {"ok": False, "channels": {"tg": "up", "kf": "login"}} == after
