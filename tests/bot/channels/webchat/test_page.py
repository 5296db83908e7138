"""The page and where it is: languages, who may show it, caching, several accounts, links."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from bot.app import bootstrap
from bot.config import Config, ConfigError, Http, Logs, load
from bot.config_channels import WebchatOptions
from bot.linking import channel_for, make_links
from bot.logs import setup_logs
from bot.web_chats import address_of
from followup.policy import Policy
from followup.ports import NotYet
from scheduler.clock import FakeClock
from tests.bot.channels.live import until
from tests.bot.channels.webchat.served import ChatShop, a_key, address
from tests.bot.config_files import write
from tests.bot.tea import NOON

CHAT = '[shops.tea]\nplatform = "independent"\nchannel = "chat"\n[channels.chat]\ntype = "webchat"\n'


@pytest.mark.parametrize(
    ("query", "accepts", "lang"),
    [
        ("", "", "en"),
        ("", "es-MX,es;q=0.9,en;q=0.8", "es"),
        ("", "fr, zh;q=0.5, en;q=0.1", "zh-CN"),
        ("?lang=zh-CN", "es", "zh-CN"),
        ("?lang=es-AR", "en", "es"),
        ("?lang=xx", "q=,;;,en;q=x", "en"),
    ],
)
async def test_its_language(shop: ChatShop, query: str, accepts: str, lang: str) -> None:
    """What is asked for, then what the browser likes, then the shop's."""
    page = (await shop.asked("GET", query, headers={"accept-language": accepts})).text
    assert f'<html lang="{lang}">' in page
    assert "$" not in page


async def test_the_shops_language_is_the_one_of_now(shop: ChatShop) -> None:
    """Changed in the settings, it counts at once for who asks for no other."""
    policies = cast(dict[str, Policy], shop.app.deps.policies)
    policies["tea"] = replace(policies["tea"], lang="es")
    assert '<html lang="es">' in (await shop.asked("GET", "")).text


async def test_nobody_else_may_show_it_or_run_in_it(tmp_path: Path) -> None:
    """Only the shop's own sites frame it, nothing from elsewhere is loaded, and no address is passed on."""
    async with ChatShop(tmp_path / "bot", sites=("https://shop.example",), title='Tea & "<Tins>"') as shop:
        answer = await shop.asked("GET", "?t=hf-token")
        policy = answer.headers["content-security-policy"]
        assert policy.endswith("frame-ancestors 'self' https://shop.example")
        assert "default-src 'none'; script-src 'self'" in policy
        assert ("no-referrer", "no-store") == (answer.headers["referrer-policy"], answer.headers["cache-control"])
        assert "x-frame-options" not in answer.headers
        assert "<Tins>" not in answer.text
        assert "hf-token" not in answer.text


async def test_its_files_are_kept_by_browsers(shop: ChatShop) -> None:
    """For good under the address with their digest, which changes when they do; else only after asking again."""
    page = (await shop.asked("GET", "")).text
    for name in ("chat.js", "chat.css"):
        found = re.search(rf'"/chat/({re.escape(name)}\?v=\w+)"', page)
        assert found
        answer = await shop.asked("GET", f"/{found[1]}")
        assert "immutable" in answer.headers["cache-control"]
        bare = await shop.asked("GET", f"/{name}", headers={"if-none-match": answer.headers["etag"]})
        assert (304, "no-cache") == (bare.status_code, bare.headers["cache-control"])
    widget = await shop.asked("GET", "/widget.js")
    assert (200, "cross-origin") == (widget.status_code, widget.headers["cross-origin-resource-policy"])
    assert 404 == (await shop.asked("GET", "/words.toml")).status_code


async def test_each_account_has_its_own_conversations(shop: ChatShop) -> None:
    """The first is at /chat and under its name, the second under its name only; one key has a chat in each."""
    key = a_key()
    one, same, other = [await shop.window(key, path=path) for path in ("", "/chat", "/tins")]
    said = await one.said("hello")
    await same.until(lambda: said in same.messages)
    await other.sync()
    assert {} == other.messages
    assert 404 == (await shop.asked("GET", "/nothing")).status_code


async def test_links(shop: ChatShop) -> None:
    """A link leads to this program where it is served, on whichever port."""
    order = shop.order()
    made = [each async for each in make_links(shop.app, "tea", [order.id], channel_for(shop.app, "tea"))]
    assert made[0].shown.startswith(f"{shop.url}?t=hf-")
    window = await shop.window("", made[0].shown.partition("?t=")[2])
    await until(lambda: shop.thread().chat.endswith(window.address))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://chat.shop.example", "https://chat.shop.example/chat?t=x"),
        ("https://chat.shop.example/", "https://chat.shop.example/chat?t=x"),
        ("https://shop.example/help/chat", "https://shop.example/help/chat?t=x"),
        ("", "http://127.0.0.1:8080/chat?t=x"),
    ],
)
async def test_where_links_lead(tmp_path: Path, sqlite_url: str, url: str, shown: str) -> None:
    """To the account's address; without one to this machine."""
    database = f'[database]\nurl = "{sqlite_url}"\n'
    app = bootstrap(load(write(tmp_path, database + CHAT + f'url = "{url}"\n')), clock=FakeClock(NOON))
    assert shown == await app.inboxes[0].receiver.link("x")  # type: ignore[attr-defined]
    app.close()


def test_an_address_that_nobody_knows_yet() -> None:
    """A port that is chosen at the start cannot be told before."""
    with pytest.raises(NotYet, match=r"http\.port"):
        address_of(Config(http=Http(port=0)), None)
    assert "http://127.0.0.1:9" == address_of(Config(http=Http(host="0.0.0.0", port=9)), None)
    assert "http://[::1]:9" == address_of(Config(http=Http(host="::1", port=9)), None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ('url = "http://shop.example"', "channels.chat.url"),
        ('url = "https://shop.example/?x=1"', "channels.chat.url"),
        ('url = "https://shop.example/chat; script-src *"', "channels.chat.url"),
        ('sites = ["shop.example"]', "sites"),
        ('sites = ["https://shop.example/page"]', "sites"),
        ('sites = ["https://a.example; script-src *"]', "sites"),
        ('color = "red"', "channels.chat.color"),
        ("largest_photo_mb = 51", "largest_photo_mb"),
    ],
)
def test_options_that_cannot_be(tmp_path: Path, options: str, said: str) -> None:
    """Each with one sentence that names it."""
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, CHAT + options + "\n"))
    (sentence,) = str(caught.value).splitlines()
    assert said in sentence


def test_names_and_shops_that_cannot_be(tmp_path: Path) -> None:
    """A web chat is not called like a part of its own address, and no marketplace's buyers are taken to one."""
    named = CHAT.replace("chat", "poll").replace("webpoll", "webchat")
    with pytest.raises(ConfigError, match="a part of every web chat's own addresses"):
        load(write(tmp_path, named))
    market = '[shops.tao]\nplatform = "taobao"\n[channels.chat]\ntype = "webchat"\n'
    with pytest.raises(ConfigError, match="taobao forbids taking its buyers to another chat"):
        load(write(tmp_path, market))


def test_options_that_can_be(tmp_path: Path) -> None:
    """Sites of the shop, its address behind HTTPS, and this machine without."""
    options = 'url = "http://localhost:8080/chat"\nsites = ["https://*.shop.example", "http://127.0.0.1:3000"]\n'
    account = load(write(tmp_path, CHAT + options)).accounts["chat"]
    assert isinstance(account, WebchatOptions)
    assert ("https://*.shop.example", "http://127.0.0.1:3000") == account.sites


async def test_no_log_tells_a_key_a_token_or_a_word(tmp_path: Path) -> None:
    """Whatever goes well or wrong."""
    told = io.StringIO()
    setup_logs(Logs(level="debug", format="json"), stream=told)
    key, text = a_key(), "my secret words"
    async with ChatShop(tmp_path / "bot") as shop:
        token = shop.token(shop.order())
        window = await shop.window(key, token)
        await window.said(text)
        await shop.asked("GET", f"?t={token}")
        await shop.asked("GET", "/photo/b" + "0" * 31, key)
        await shop.polled(key, {"type": "say", "id": "12345678", "text": text})
        await window.repeat({"type": "nothing", "text": text})

        async def broken(*_: object) -> None:
            raise RuntimeError(text)

        for inbox in shop.app.inboxes:
            inbox.take = broken  # type: ignore[method-assign,assignment]
        window.says(text)
        await until(lambda: "not_kept" in told.getvalue())
        await window.close()
    for secret in (key, token, text, address(key)):
        assert secret not in told.getvalue()
