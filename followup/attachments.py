"""What goes beside a text: sent as it is where the channel takes it, else as a link, else not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from followup.model import Attachment, Media
from followup.ports import Capabilities

_FROM = "from:"


@dataclass(frozen=True, slots=True)
class SortedOut:
    """Attachments by their way to a buyer; `left_out` has none."""

    sent: tuple[Attachment, ...] = ()
    linked: tuple[Attachment, ...] = ()
    left_out: tuple[Attachment, ...] = ()


def sort_out(attachments: Iterable[Attachment], capabilities: Capabilities) -> SortedOut:
    """How each attachment goes over a channel: as such, as a link, or not."""
    ways: dict[str, list[Attachment]] = {"sent": [], "linked": [], "left_out": []}
    for attachment in attachments:
        way = "sent" if _taken(attachment, capabilities) else "linked" if _is_link(attachment.ref) else "left_out"
        ways[way].append(attachment)
    return SortedOut(**{way: tuple(those) for way, those in ways.items()})


def passed_on(attachment: Attachment, channel: str) -> Attachment:
    """What a channel received, to be sent on another one."""
    return replace(attachment, ref=f"{_FROM}{channel}:{attachment.ref}")


def received_by(attachment: Attachment) -> tuple[str, str] | None:
    """The channel that received what is passed on, and its id there; None for everything else."""
    if not attachment.ref.startswith(_FROM):
        return None
    channel, _, ref = attachment.ref.removeprefix(_FROM).partition(":")
    return channel, ref


def marked(text: str, attachments: Iterable[Attachment]) -> str:
    """The text before a mark for each attachment: `like this? [photo]`."""
    beside = (f"[{' '.join(filter(None, (each.media.value, each.name)))}]" for each in attachments)
    return " ".join(filter(None, (text, *beside)))


def lines(attachments: Iterable[Attachment]) -> Iterator[str]:
    """A line for each attachment, for a person who reads text only: `[photo] https://…/1.jpg`."""
    return (f"[{attachment.media.value}] {attachment.ref}" for attachment in attachments)


def with_lines(text: str, attachments: Iterable[Attachment]) -> str:
    """The text, and under it a line for each attachment."""
    return "\n".join([*([text] if text else []), *lines(attachments)])


def _taken(attachment: Attachment, capabilities: Capabilities) -> bool:
    """One of unknown size is trusted to be small."""
    largest = capabilities.largest_photo if attachment.media is Media.PHOTO else capabilities.largest_file
    return largest > 0 and attachment.size <= largest


def _is_link(ref: str) -> bool:
    return ref.startswith(("https://", "http://"))
