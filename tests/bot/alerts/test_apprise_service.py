"""Services of Apprise over real HTTP, and the success that it reports where there is none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from apprise import Apprise
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from bot.alerts import apprise_service
from bot.alerts.apprise_service import AppriseService
from bot.alerts.dingtalk import dingtalk
from bot.alerts.feishu import feishu
from bot.alerts.wecom_robot import wecom_robot
from followup.events import Outcome
from scheduler.clock import FakeClock
from tests.bot.alerts.service import HANG, Service, running
from tests.bot.channels.test_contract import a_message
from tests.scheduler.shop import NOON

KEY = "693a91f6x7aaax4bc4"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running({}) as service:
        yield service


def a_service(service: Service, path: str = "") -> AppriseService:
    address = service.url.replace("http://", "json://")
    return AppriseService("alerts.phone", f"{address}/{KEY}/{path}", FakeClock(NOON))


async def test_a_text_arrives(service: Service) -> None:
    """By json://, without markup being read into it."""
    result = await a_service(service).send(a_message(text="有 2 件事\n1. <b> & *x*"))
    assert (Outcome.ACCEPTED, "") == (result.outcome, result.error)
    assert "有 2 件事\n1. <b> & *x*" == service.bodies[0]["message"]


async def test_a_failure_is_tried_again(service: Service) -> None:
    """HTTP 500, and nobody there; what Apprise says of it holds no key."""
    service.answers = [(500, "no")]
    result = await a_service(service).send(a_message())
    assert Outcome.RETRY is result.outcome
    assert result.error
    assert KEY not in result.error
    nowhere = AppriseService("alerts.phone", f"json://127.0.0.1:1/{KEY}", FakeClock(NOON))
    assert Outcome.RETRY is (await nowhere.send(a_message())).outcome


async def test_one_that_hangs_holds_up_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits in a thread of its own for only so long, and may have been taken."""
    monkeypatch.setattr(apprise_service, "TIMEOUT", 0.2)
    service.answers = [(200, HANG)]
    sending = asyncio.ensure_future(a_service(service).send(a_message()))
    turns = 0
    while not sending.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
    assert Outcome.UNSURE is sending.result().outcome


async def test_mail_without_a_server_is_tried_again() -> None:
    """mailto:// of a server that is not there; the password is in no error."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        url = f"mailto://li:{KEY}@127.0.0.1:{port}?smtp=127.0.0.1&from=li@shop.example&to=wang@shop.example"
        result = await AppriseService("alerts.mail", url, FakeClock(NOON)).send(a_message())
    assert Outcome.RETRY is result.outcome
    assert KEY not in result.error


async def test_mail_arrives() -> None:
    """A real SMTP conversation: who it is from, to whom, and the words."""
    heard: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        in_data = False
        while line := (await reader.readline()).decode():
            heard.append(line.strip())
            if in_data and line.strip() != ".":
                continue
            word = line[:4].upper()
            writer.write(b"354 go on\r\n" if word == "DATA" else b"221 bye\r\n" if word == "QUIT" else b"250 ok\r\n")
            in_data = word == "DATA"
            if word == "QUIT":
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"mailto://127.0.0.1:{port}?smtp=127.0.0.1&mode=insecure&from=li@shop.example&to=wang@shop.example"
    async with server:
        result = await AppriseService("alerts.mail", url, FakeClock(NOON)).send(a_message(text="two tasks"))
    assert (Outcome.ACCEPTED, "") == (result.outcome, result.error)
    assert "rcpt TO:<wang@shop.example>" in heard
    assert "two tasks" in "\n".join(heard)


FALSE = (
    (NotifyWeComBot, "wecombot://{key}", "errcode", "/send?key={key}", wecom_robot),
    (NotifyDingTalk, "dingtalk://{key}", "errcode", "/send?access_token={key}", dingtalk),
    (NotifyFeishu, "feishu://{key}", "code", "/hook/{key}", feishu),
)


@pytest.mark.parametrize(("plugin", "url", "code", "path", "ours"), FALSE, ids=["wecom", "dingtalk", "feishu"])
async def test_where_apprise_reports_a_success_that_is_none(
    service: Service, monkeypatch: pytest.MonkeyPatch, plugin: Any, url: str, code: str, path: str, ours: Any
) -> None:
    """The service refuses the key in the body of an HTTP 200: Apprise says success, our own sender says refused."""
    refusal = (200, {code: 19001, "errmsg": "invalid key", "msg": "invalid key"})
    service.answers = [refusal, refusal]
    token = "token" if "{token}" in plugin.notify_url else "key"
    monkeypatch.setattr(plugin, "notify_url", service.url + path.replace("{key}", f"{{{token}}}"))
    apprise = Apprise()
    assert apprise.add(url.format(key=KEY))
    assert bool(await apprise.async_notify(body="two tasks"))
    robot = ours(name="alerts.phone", url=service.url + path.format(key=KEY), clock=FakeClock(NOON))
    assert Outcome.REFUSED is (await robot.send(a_message())).outcome
    assert 2 == len(service.bodies)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("wecombot://693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa", "wecom_robot"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa", "wecom_robot"),
        (f"dingtalk://{KEY}", "dingtalk"),
        (f"feishu://{KEY}", "feishu"),
    ],
)
def test_those_are_not_taken_from_apprise(url: str, kind: str) -> None:
    """Whoever gives such an address to Apprise is told which type to use."""
    with pytest.raises(ValueError, match=f'use type = "{kind}"'):
        AppriseService("alerts.phone", url, FakeClock(NOON))


def test_an_address_that_apprise_does_not_know() -> None:
    """It is refused, and not shown."""
    with pytest.raises(ValueError, match="knows no such address") as caught:
        AppriseService("alerts.phone", f"nosuch://{KEY}", FakeClock(NOON))
    assert KEY not in str(caught.value)
