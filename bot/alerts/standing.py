"""What became of the last alert of a service, in words."""

from __future__ import annotations

from datetime import tzinfo

from followup.model import Outgoing, OutgoingState

_SAID = {
    OutgoingState.SENT: "the last alert went",
    OutgoingState.DUE: "an alert waits",
    OutgoingState.SENDING: "an alert is on its way",
    OutgoingState.FAILED: "the last alert was refused",
    OutgoingState.EXPIRED: "the last alert did not get through",
}


def told(last: Outgoing | None, zone: tzinfo) -> str:
    """A sentence about a service's newest alert."""
    if last is None:
        return "no alert yet; `huifang alerts test` sends one"
    at = (last.sent_at or last.created_at).astimezone(zone)
    said = f"{_SAID.get(last.state, last.state.value)} ({at:%Y-%m-%d %H:%M})"
    return f"{said}: {last.error}" if last.error and last.state is not OutgoingState.SENT else said
