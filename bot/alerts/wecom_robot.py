"""A robot of a WeCom group (企业微信群机器人): 2048 bytes of text a message, 20 messages a minute."""

from __future__ import annotations

from bot.alerts.robot import Dialect, Request, Robot
from followup.model import Instant
from followup.ports import Clock

LONGEST = 2048
TOO_FAST = frozenset({45009, 45033})


def wecom_robot(name: str, url: str, clock: Clock) -> Robot:
    """The robot of an address such as https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…"""
    return Robot(name, url, clock, Dialect(_compose, LONGEST, ("errcode",), "errmsg", TOO_FAST))


def _compose(text: str, _now: Instant) -> Request:
    return Request({"msgtype": "text", "text": {"content": text}}, {})
