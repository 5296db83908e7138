"""Webhooks believe only who can prove that he is the service, now, and what he says twice counts once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest

from tests.bot.channels.test_telegram_parse import a_message
from tests.hostile.code import callers
from tests.hostile.door import CRYPTO, SECRET, TELEGRAM, WECOM, Door
from tests.peers.wecom_rules import KFID

HEADER = "x-telegram-bot-api-secret-token"
UPDATE = orjson.dumps({"update_id": 7, "message": a_message(text="I have paid")})
NEWS = f"<xml><Event>kf_msg_or_event</Event><Token>T1</Token><OpenKfId>{KFID}</OpenKfId></xml>"


def kept(door: Door) -> int:
    """How many events are in the store."""
    with door.store.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM raw_events").scalar_one())


async def posted(door: Door, path: str, body: bytes, headers: Any = ()) -> int:
    """The status that a webhook answers."""
    async with httpx.AsyncClient(timeout=30) as client:
        return (await client.post(f"{door.url}{path}", content=body, headers=list(headers))).status_code


FORGED: dict[str, list[tuple[str, str]]] = {
    "none": [],
    "empty": [(HEADER, "")],
    "another": [(HEADER, "x" * len(SECRET))],
    "the beginning": [(HEADER, SECRET[:-1])],
    "more": [(HEADER, f"{SECRET}x")],
    "other letters": [(HEADER, SECRET.upper())],
    "a list": [(HEADER, f"{SECRET}, {SECRET}")],
    "a wrong one first": [(HEADER, "wrong"), (HEADER, SECRET)],
    "another header": [("authorization", f"Bearer {SECRET}")],
    "not ASCII": [(HEADER, "\u00e9" * 22)],
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED.keys())
async def test_telegram_is_who_knows_the_secret(door: Door, headers: list[tuple[str, str]]) -> None:
    """Whoever does not show it, all of it and at once, is a stranger; nothing he says is kept."""
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    assert (403, 0) == (await posted(door, TELEGRAM, UPDATE, raw), kept(door))


async def test_telegram_twice_is_once(door: Door) -> None:
    """A genuine update that is sent again is acknowledged, and is no second message."""
    for _ in range(3):
        assert 200 == await posted(door, TELEGRAM, UPDATE, [(HEADER, SECRET)])
    assert 1 == kept(door)
    for _ in range(2):
        for inbox in door.app.inboxes:
            await inbox.drain()
    with door.store.engine.connect() as connection:
        assert 1 == connection.exec_driver_sql("SELECT count(*) FROM inbox").scalar_one()


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])
async def test_telegram_by_another_name(door: Door, kind: str) -> None:
    """What a body calls itself is not looked at: it is what it is."""
    assert 200 == await posted(door, TELEGRAM, UPDATE, [(HEADER, SECRET), ("content-type", kind)])


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"update_id":"x"}', b"[" * 100_000, b'{"update_id":1e999}'])
async def test_what_telegram_never_says_is_put_aside(door: Door, body: bytes) -> None:
    """With the secret it is kept, and means nothing to anybody."""
    assert 200 == await posted(door, TELEGRAM, body, [(HEADER, SECRET)])
    for inbox in door.app.inboxes:
        await inbox.drain()
    with door.store.engine.connect() as connection:
        states = connection.exec_driver_sql("SELECT state FROM raw_events").scalars().all()
    assert ["put_aside"] == list(states)


def wecom(timestamp: str, signature: str = "", encrypted: str = "", **more: str) -> tuple[str, bytes]:
    """A callback with the query that signs it."""
    encrypted = encrypted or CRYPTO.encrypt(NEWS.encode())
    signature = signature or CRYPTO.signature(timestamp, "n", encrypted)
    query = {"msg_signature": signature, "timestamp": timestamp, "nonce": "n", **more}
    return f"{WECOM}?{urlencode(query)}", f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()


def at(door: Door, **off: float) -> str:
    """Now, or so long from it."""
    return str(int((door.clock.now() + timedelta(**off)).timestamp()))


async def test_wecom_is_who_can_sign(door: Door) -> None:
    """A genuine callback is taken; with another signature, time, message or none at all it is not."""
    now = at(door)
    assert 200 == await posted(door, *wecom(now))
    signed = wecom(now)[0].split("msg_signature=")[1].split("&")[0]
    for path, body in (
        wecom(now, signature="0" * 40),
        wecom(now, signature=signed[:-1] + ("0" if signed[-1] != "0" else "1")),
        wecom(at(door, seconds=1), signature=signed),
        (WECOM, wecom(now)[1]),
        (wecom(now)[0], wecom(now, encrypted=CRYPTO.encrypt(b"<xml>other</xml>"))[1]),
    ):
        assert 403 == await posted(door, path, body)


@pytest.mark.parametrize("off", [-3600, -601, 601, 86_400])
async def test_a_recording_is_nothing(door: Door, off: int) -> None:
    """What was signed ten minutes ago, or will be, is refused though it be genuine."""
    assert 403 == await posted(door, *wecom(at(door, seconds=off)))
    assert 200 == await posted(door, *wecom(at(door, seconds=off // abs(off) * 590)))


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "9" * 5000, "٣" * 10, "0x10", "NaN"])
async def test_a_time_that_is_none(door: Door, timestamp: str) -> None:
    """It is refused, though its signature be right."""
    assert 403 == await posted(door, *wecom(timestamp))


async def test_wecom_twice_tells_nothing_new(door: Door) -> None:
    """A callback holds no message: said again, it has the program look again, and nothing else."""
    for _ in range(3):
        assert 200 == await posted(door, *wecom(at(door)))
    assert 0 == kept(door)


async def test_of_two_signatures_the_whole_query_is_refused_unless_the_one_that_counts_is_right(door: Door) -> None:
    """The last of a name counts, as everywhere in the program; a right one before it does not help."""
    path, body = wecom(at(door))
    assert 403 == await posted(door, f"{path}&msg_signature={'0' * 40}", body)


def test_secrets_are_compared_in_constant_time() -> None:
    """Everywhere a secret, a signature or a proof is compared."""
    expected = {
        "bot/channels/telegram_receive.py",
        "bot/channels/wecom/crypto.py",
        "bot/console/entering.py",
        "followup/linking.py",
    }
    assert expected <= callers({"hmac.compare_digest"})
