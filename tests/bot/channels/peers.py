"""The services that the contract suite runs against, by the name of the channel. Each is made with a folder."""

from __future__ import annotations

from tests.peers.telegram import TelegramPeer
from tests.peers.terminal import TerminalPeer
from tests.peers.webchat import WebchatPeer
from tests.peers.wechaty import WechatyPeer
from tests.peers.wecom import WecomPeer

PEERS = {
    "telegram": TelegramPeer,
    "wechaty": WechatyPeer,
    "wecom": WecomPeer,
    "webchat": WebchatPeer,
    "terminal": TerminalPeer,
}
OUTSIDE = [kind for kind in PEERS if kind not in ("terminal", "webchat")]
"""Those that are processes of their own, and so can be down."""
OUTLIVING = [*OUTSIDE, "webchat"]
"""Those whose buyers are still there when we are not."""
