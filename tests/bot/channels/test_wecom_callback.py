"""The callback's two routes."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette
from wechatpy.work.crypto import WeChatCrypto

from bot.channels.wecom.callback import Callback, fields_of
from bot.channels.wecom.crypto import Crypto, Garbled
from scheduler.clock import FakeClock
from tests.peers.wecom_rules import AES_KEY, CORP, KFID, TOKEN
from tests.scheduler.shop import NOON

OURS = Crypto(TOKEN, AES_KEY, CORP)
NOW = str(int(NOON.timestamp()))
NEWS = (
    "<xml><ToUserName><![CDATA[ww]]></ToUserName><Event><![CDATA[{event}]]></Event><Token><![CDATA[ENC1]]></Token>"
    "<OpenKfId><![CDATA[{kfid}]]></OpenKfId></xml>"
)


@pytest.fixture
def woken() -> list[str]:
    """The tokens with which the reader was woken."""
    return []


@pytest.fixture
def http(woken: list[str]) -> httpx.AsyncClient:
    """WeCom before our door."""
    callback = Callback("/wecom/shop", OURS, KFID, FakeClock(NOON), woken.append)
    transport = httpx.ASGITransport(Starlette(routes=list(callback.routes)))
    return httpx.AsyncClient(transport=transport, base_url="http://us")


def signed(encrypted: str, timestamp: str = NOW, **more: str) -> str:
    """The query of a request from WeCom."""
    signature = OURS.signature(timestamp, "n", encrypted)
    return "/wecom/shop?" + urlencode({"msg_signature": signature, "timestamp": timestamp, "nonce": "n", **more})


async def post(http: httpx.AsyncClient, plain: str, timestamp: str = NOW, **more: Any) -> httpx.Response:
    """A callback, enciphered by wechatpy."""
    body = WeChatCrypto(TOKEN, AES_KEY, CORP).encrypt_message(plain, "n", timestamp)
    return await http.post(signed(fields_of(body.encode())["Encrypt"], timestamp), content=body, **more)


async def test_the_address_is_verified_by_the_deciphered_echo(http: httpx.AsyncClient) -> None:
    """Raw: no quotes, no line break, nothing before it."""
    echo = OURS.encrypt("1616140317555161061 你好".encode())
    answer = await http.get(signed(echo, echostr=echo))
    assert (200, "1616140317555161061 你好") == (answer.status_code, answer.content.decode())


async def test_news_wakes_the_reader_with_its_token(http: httpx.AsyncClient, woken: list[str]) -> None:
    """And is answered at once."""
    answer = await post(http, NEWS.format(event="kf_msg_or_event", kfid=KFID))
    assert (200, "success", ["ENC1"]) == (answer.status_code, answer.text, woken)


@pytest.mark.parametrize(("event", "kfid"), [("kf_msg_or_event", "wkOther"), ("change_contact", KFID)])
async def test_what_is_not_for_us_is_taken_in_silence(
    http: httpx.AsyncClient, woken: list[str], event: str, kfid: str
) -> None:
    """Other accounts and events of the same app share the callback; WeCom need not send them again."""
    answer = await post(http, NEWS.format(event=event, kfid=kfid))
    assert (200, []) == (answer.status_code, woken)


async def test_a_wrong_signature_is_forbidden(http: httpx.AsyncClient, woken: list[str]) -> None:
    """In both routes, and before anything is deciphered."""
    encrypted = OURS.encrypt(NEWS.format(event="kf_msg_or_event", kfid=KFID).encode())
    query = signed(encrypted + "A", echostr=encrypted)
    posted = await http.post(query, content=f"<xml><Encrypt>{encrypted}</Encrypt></xml>")
    got = await http.get(query)
    assert (403, 403, []) == (posted.status_code, got.status_code, woken)


async def test_a_callback_for_another_company_is_forbidden(http: httpx.AsyncClient, woken: list[str]) -> None:
    """Even with our key and token."""
    encrypted = Crypto(TOKEN, AES_KEY, "wwOther").encrypt(b"<xml/>")
    answer = await http.post(signed(encrypted), content=f"<xml><Encrypt>{encrypted}</Encrypt></xml>")
    assert (403, []) == (answer.status_code, woken)


@pytest.mark.parametrize("off", [-601, 601])
async def test_a_recording_is_forbidden(http: httpx.AsyncClient, woken: list[str], off: int) -> None:
    """Its token is no good any more, and wrong tokens are counted against us."""
    answer = await post(http, NEWS.format(event="kf_msg_or_event", kfid=KFID), str(int(NOW) + off))
    assert (403, []) == (answer.status_code, woken)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", b"<xml>", b"not xml", b"<xml/><xml/>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>"],
)
async def test_garbage_is_a_bad_request(http: httpx.AsyncClient, body: bytes) -> None:
    """400 and two words, never a traceback."""
    answer = await http.post(signed(""), content=body)
    assert (400, "bad request") == (answer.status_code, answer.text)


async def test_garbage_within_a_true_envelope_is_a_bad_request(http: httpx.AsyncClient) -> None:
    """Signed, enciphered, and still no XML."""
    answer = await post(http, "no xml at all")
    assert 400 == answer.status_code


async def test_a_huge_body_is_not_read(http: httpx.AsyncClient) -> None:
    """A callback is a few hundred bytes."""
    answer = await http.post(signed(""), content=b"<xml>" + b"a" * 100_000)
    assert 413 == answer.status_code


def test_only_the_elements_within_the_root_are_fields() -> None:
    """Deeper ones do not pose as them, and text in pieces is one text."""
    xml = "<xml><a>1<b>2</b>3</a><c><![CDATA[<x>]]>&amp;好</c></xml>"
    assert {"a": "13", "c": "<x>&好"} == fields_of(xml.encode())


def test_a_dtd_is_garbled() -> None:
    """So no entity can be declared, and none grows or reads a file."""
    with pytest.raises(Garbled, match="DTD"):
        fields_of(b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x><a>1</a></x>')
