"""docs/channels/telegram.md tells the truth."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot.app import make_channels
from bot.channels import telegram_receive
from bot.channels.telegram import Telegram
from bot.config import load
from bot.shop_month import write_export
from scheduler.clock import SystemClock
from tests.peers.telegram import SECRET, TOKEN, TelegramPeer
from tests.peers.telegram_inbox import MemoryInbox

PAGE = (Path(__file__).parents[3] / "docs/channels/telegram.md").read_text(encoding="utf-8")
TABLES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S)
HUIFANG = str(Path(sys.executable).with_name("huifang"))


@pytest.mark.parametrize("table", TABLES, ids=["polling", "agents", "agents only", "webhook"])
def test_each_configuration_makes_the_channel(table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the secrets of the environment variables that the page names."""
    for secret, value in (("TOKEN", TOKEN), ("WEBHOOK_SECRET", SECRET)):
        variable = f"HUIFANG_CHANNELS_TELEGRAM_{secret}"
        assert variable in PAGE
        monkeypatch.setenv(variable, value)
    (tmp_path / "config.toml").write_text(table, encoding="utf-8")
    (channel,) = make_channels(load(tmp_path / "config.toml"), SystemClock())
    assert isinstance(channel, Telegram)
    address = tomllib.loads(table)["channels"]["telegram"].get("webhook_url", "")
    paths = [address.removeprefix("https://shop.example")] if address else []
    assert paths == [route.path for route in channel.routes(MemoryInbox())]


@pytest.mark.parametrize("sentence", [telegram_receive.WRONG_TOKEN, telegram_receive.TWO_POLLERS])
def test_what_it_says_is_on_the_page(sentence: str) -> None:
    """Whoever searches the page for a message finds it."""
    assert sentence.partition(":")[0] in PAGE


async def test_a_link_is_made_as_the_page_says(tmp_path: Path) -> None:
    """`check`, then `link` of an order that was imported, against the (extended) emulator."""
    peer = TelegramPeer(tmp_path / "peer")
    await peer.start()
    table = TABLES[0].replace('type = "telegram"', f'type = "telegram"\napi_url = "{peer.url}"')
    (tmp_path / "config.toml").write_text(table, encoding="utf-8")
    write_export(tmp_path / "orders.csv", orders=20, seed=3)
    order = re.search(r"\d{12,}", (tmp_path / "orders.csv").read_bytes().decode("utf-8", "replace"))
    assert order
    try:
        said = [huifang(tmp_path, *line.split()) for line in ("check", "import orders.csv", f"link {order[0]}")]
    finally:
        await peer.stop()
    assert "https://t.me/lab_bot?start=" in said[-1]


def huifang(folder: Path, *words: str) -> str:
    """What a command says."""
    done = subprocess.run(
        [HUIFANG, *words],
        cwd=folder,
        env={**os.environ, "HUIFANG_CHANNELS_TELEGRAM_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout
