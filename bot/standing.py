"""How a channel stands, as a sentence for people; a code to scan as a picture of blocks."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import tzinfo

from followup.model import ChannelState, Health
from scheduler.standing import STOPPED


class NotWell(ValueError):
    """A channel needs care; the message says of what kind, `code` is what to scan."""

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.code = code


def told(state: ChannelState | None, zone: tzinfo, idle: bool = False) -> str:
    """A sentence about a channel that is well, or was stopped. Raises NotWell for any other, also one whose program was
    killed, as is sure if it is `idle`."""
    if state is None:
        return "ready; it has never run"
    since = f"{state.since.astimezone(zone):%Y-%m-%d %H:%M}"
    if state.health is Health.UP and idle:
        raise NotWell(f"huifang does not run; it ended without being stopped, after it was up since {since}")
    if state.health is Health.UP:
        return f"up since {since}"
    if state.detail == STOPPED:
        return f"ready; it was stopped {since}"
    if state.health is Health.LOGIN:
        raise NotWell(f"logged out since {since}: scan the code with the account's phone", state.detail)
    why = f": {state.detail}" if state.detail else ""
    raise NotWell(f"{state.health.value} since {since}{why}")


def scannable(link: str) -> str:
    """A link as a QR code for a terminal, with itself below; one that is too long for that as it is."""
    import segno

    drawn = io.StringIO()
    with suppress(segno.DataOverflowError):
        segno.make(link, error="l", micro=False).terminal(drawn, compact=True, border=2)
    return f"{drawn.getvalue()}\n{link}"
