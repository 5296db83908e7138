"""A chat window on the shop's own pages; see docs/channels/webchat.md.

`live.py` and `polling.py` are the two ways in, and carry the same frames (`frames.py`). `talk.py` does what a frame
asks for. `rooms.py` knows who looks at a chat now, and what was said there in the last minutes; everything older stands
in the database, behind the port of `history.py`. `photos.py` keeps what buyers show.
"""

from __future__ import annotations

from bot.channels.webchat.channel import Webchat

__all__ = ["Webchat"]
