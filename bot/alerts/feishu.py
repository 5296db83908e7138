"""A robot of a Feishu or Lark group (飞书群机器人): signed if it has a secret, five messages a second at most."""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256
from typing import Any

from bot.alerts.robot import Dialect, Request, Robot
from followup.model import Instant
from followup.ports import Clock

LONGEST = 15_000
TOO_FAST = frozenset({11232, 230020, 99991400})


def feishu(name: str, url: str, clock: Clock, sign: str = "") -> Robot:
    """The robot of an address such as https://open.feishu.cn/open-apis/bot/v2/hook/…; `sign` is its 签名校验 secret."""

    def compose(text: str, now: Instant) -> Request:
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if sign:
            stamp = str(int(now.timestamp()))
            body |= {"timestamp": stamp, "sign": signature(stamp, sign)}
        return Request(body, {})

    return Robot(name, url, clock, Dialect(compose, LONGEST, ("code", "StatusCode"), "msg", TOO_FAST), sign)


def signature(stamp: str, secret: str) -> str:
    """The signature at a time in seconds: of nothing, with both as the key."""
    return base64.b64encode(hmac.new(f"{stamp}\n{secret}".encode(), b"", sha256).digest()).decode()
