"""A robot of a DingTalk group (钉钉群机器人): signed if it has a secret, 20 messages a minute.

More than that, and DingTalk bars the robot for ten minutes.
"""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256

from bot.alerts.robot import Dialect, Request, Robot
from followup.model import Instant
from followup.ports import Clock

LONGEST = 15_000
TOO_FAST = frozenset({130101, 410100})


def dingtalk(name: str, url: str, clock: Clock, sign: str = "") -> Robot:
    """The robot of an address such as https://oapi.dingtalk.com/robot/send?access_token=…, `sign` its 加签 secret."""

    def compose(text: str, now: Instant) -> Request:
        stamp = str(int(now.timestamp() * 1000))
        params = {"timestamp": stamp, "sign": signature(stamp, sign)} if sign else {}
        return Request({"msgtype": "text", "text": {"content": text}}, params)

    return Robot(name, url, clock, Dialect(compose, LONGEST, ("errcode",), "errmsg", TOO_FAST), sign)


def signature(stamp: str, secret: str) -> str:
    """The signature at a time in milliseconds, not yet written as part of an address."""
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), sha256).digest()
    return base64.b64encode(digest).decode()
