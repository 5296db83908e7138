"""The robots of WeCom, DingTalk and Feishu over real HTTP: what they are sent, and what their answers mean."""

from __future__ import annotations

import asyncio
import base64
import hmac
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest

from bot.alerts import robot
from bot.alerts.dingtalk import dingtalk
from bot.alerts.feishu import feishu
from bot.alerts.robot import Robot
from bot.alerts.wecom_robot import wecom_robot
from followup.events import Outcome
from followup.split import split
from scheduler.clock import FakeClock
from tests.bot.alerts.service import HANG, Service, running
from tests.bot.channels.test_contract import a_message
from tests.scheduler.shop import MINUTE, NOON

KEY = "693a91f6-7aaa-4bc4"


@dataclass(frozen=True)
class Kind:
    """How one of them is made and spoken to: the field of its code, and the codes that matter."""

    make: Callable[..., Robot]
    path: str
    code: str
    says: str
    too_fast: int
    wrong_key: int

    def __str__(self) -> str:
        return self.make.__name__

    def body(self, code: int, says: str = "ok") -> dict[str, Any]:
        return {self.code: code, self.says: says}


KINDS = (
    Kind(wecom_robot, f"/cgi-bin/webhook/send?key={KEY}", "errcode", "errmsg", 45009, 93000),
    Kind(dingtalk, f"/robot/send?access_token={KEY}", "errcode", "errmsg", 130101, 300001),
    Kind(feishu, f"/open-apis/bot/v2/hook/{KEY}", "code", "msg", 11232, 19001),
)
each = pytest.mark.parametrize("kind", KINDS, ids=str)


@pytest.fixture
async def service(kind: Kind) -> AsyncIterator[Service]:
    async with running(kind.body(0)) as service:
        yield service


def a_robot(kind: Kind, service: Service, **more: Any) -> Robot:
    return kind.make(name="alerts.phone", url=service.url + kind.path, clock=FakeClock(NOON), **more)


@each
async def test_a_text_arrives(kind: Kind, service: Service) -> None:
    """As it is, and the service took it."""
    result = await a_robot(kind, service).send(a_message(text="有 2 件事\n“林小姐”"))
    assert (Outcome.ACCEPTED, "") == (result.outcome, result.error)
    (body,) = service.bodies
    assert "有 2 件事\n“林小姐”" in (body.get("text") or body["content"]).values()


@each
async def test_success_with_an_error_code_is_no_success(kind: Kind, service: Service) -> None:
    """HTTP 200 with a code in the body: refused, with what it said and without the key."""
    service.answers = [(200, kind.body(kind.wrong_key, f"invalid key {KEY}"))]
    result = await a_robot(kind, service).send(a_message())
    assert Outcome.REFUSED is result.outcome
    assert str(kind.wrong_key) in result.error
    assert KEY not in result.error


@each
async def test_too_fast_is_a_pause(kind: Kind, service: Service) -> None:
    """By its code, or by HTTP 429: nothing goes there for a minute."""
    service.answers = [(200, kind.body(kind.too_fast, "too fast")), (400, kind.body(kind.too_fast)), (429, "busy")]
    for _ in range(3):
        result = await a_robot(kind, service).send(a_message())
        assert (Outcome.RETRY, NOON + MINUTE) == (result.outcome, result.retry_at)


@each
async def test_a_service_in_trouble_is_tried_again(kind: Kind, service: Service) -> None:
    """HTTP 500, a code that says busy, and a service that is not there at all."""
    service.answers = [(500, "<html>"), (200, kind.body(-1, "system busy"))]
    for _ in range(2):
        result = await a_robot(kind, service).send(a_message())
        assert (Outcome.RETRY, None) == (result.outcome, result.retry_at)
    nowhere = kind.make(name="alerts.phone", url="http://127.0.0.1:1/x", clock=FakeClock(NOON))
    assert Outcome.RETRY is (await nowhere.send(a_message())).outcome


@each
@pytest.mark.parametrize("answer", ["", "not json", "[]", "{}", '{"code": "0", "errcode": true}'])
async def test_an_answer_nobody_understands(kind: Kind, service: Service, answer: str) -> None:
    """Perhaps it was taken, perhaps not: an alert comes again."""
    service.answers = [(200, answer)]
    assert Outcome.UNSURE is (await a_robot(kind, service).send(a_message())).outcome


@each
async def test_a_service_that_hangs(kind: Kind, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for only so long, and may have taken it."""
    monkeypatch.setattr(robot, "TIMEOUT", 0.1)
    service.answers = [(200, HANG)]
    result = await asyncio.wait_for(a_robot(kind, service).send(a_message()), 10)
    assert Outcome.UNSURE is result.outcome
    assert KEY not in result.error


@each
async def test_an_address_that_is_gone(kind: Kind, service: Service) -> None:
    """HTTP 404 will not mend by itself."""
    service.answers = [(404, "gone")]
    result = await a_robot(kind, service).send(a_message())
    assert (Outcome.REFUSED, "HTTP 404") == (result.outcome, result.error)


@each
def test_what_is_no_address(kind: Kind) -> None:
    """It is refused when the service is made, and not shown."""
    with pytest.raises(ValueError, match="begins with https") as caught:
        kind.make(name="alerts.phone", url=KEY, clock=FakeClock(NOON))
    assert KEY not in str(caught.value)


def test_wecom_takes_2048_bytes() -> None:
    """A long alert is split by bytes, not by characters."""
    can = wecom_robot("alerts.phone", "", FakeClock(NOON)).capabilities
    parts = split("有 2 件事等人处理。" * 200, can.longest_text, can.measure)
    assert all(len(part.encode()) <= 2048 for part in parts)
    assert len(parts) > 1


@pytest.mark.parametrize("kind", [KINDS[1]], ids=str)
async def test_dingtalk_signs(kind: Kind, service: Service) -> None:
    """The time in milliseconds, and its HMAC by the secret, in the address beside the token."""
    await a_robot(kind, service, sign="SEC000").send(a_message())
    (query,) = service.queries
    stamp = str(int(NOON.timestamp() * 1000))
    digest = hmac.new(b"SEC000", f"{stamp}\nSEC000".encode(), sha256).digest()
    assert {"access_token": KEY, "timestamp": stamp, "sign": base64.b64encode(digest).decode()} == query


@pytest.mark.parametrize("kind", [KINDS[2]], ids=str)
async def test_feishu_signs(kind: Kind, service: Service) -> None:
    """The time in seconds, and the HMAC of nothing with both as the key, in the body."""
    await a_robot(kind, service, sign="SEC000").send(a_message())
    (body,) = service.bodies
    stamp = str(int(NOON.timestamp()))
    digest = hmac.new(f"{stamp}\nSEC000".encode(), b"", sha256).digest()
    assert (stamp, base64.b64encode(digest).decode()) == (body["timestamp"], body["sign"])


@pytest.mark.parametrize("kind", [KINDS[2]], ids=str)
async def test_feishu_of_old(kind: Kind, service: Service) -> None:
    """Older robots answer with `StatusCode`."""
    service.answers = [(200, {"StatusCode": 0, "StatusMessage": "success"})]
    assert Outcome.ACCEPTED is (await a_robot(kind, service).send(a_message())).outcome
