"""WeChat buyers through WeCom's customer service (微信客服), the official way; see docs/channels/wecom.md."""

from __future__ import annotations

from bot.channels.wecom.channel import Wecom

__all__ = ["Wecom"]
