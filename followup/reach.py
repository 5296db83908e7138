"""On which of his chats a buyer may be written to: where he agreed, where the channel is open, his own choice first.

The window and the quota of a channel are one budget over all threads of a chat, and one message of a quota is kept
back for the solution (docs/law.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from followup.model import EPOCH, Chat, Instant, Reason, Verdict
from followup.ports import Capabilities

PLATFORM = "manual"
ANY_CHANNEL = Capabilities()
KEPT_BACK = 1
SHUT = (Verdict.WINDOW_CLOSED, Verdict.QUOTA_USED)
NO_WAY = (Verdict.UNREACHABLE, *SHUT)
HELD = (*NO_WAY, Verdict.PAUSED)


@dataclass(frozen=True, slots=True)
class Way:
    """A chat, and what its channel can do."""

    chat: Chat
    can: Capabilities = ANY_CHANNEL


def is_nobody(chat: Chat) -> bool:
    """Whether the chat only stands for one that the buyer has yet to open: there is no address to send to."""
    return not chat.address


def has_agreed(chat: Chat) -> bool:
    """Whether the buyer agreed to be written to here: he wrote himself, or linked the chat to his order."""
    return chat.last_in_at is not None or chat.linked_at is not None


def in_order(chats: Iterable[Chat], own: str, preferred: str = "", current: str = "") -> list[Chat]:
    """The chats on which a buyer may be spoken to, the best first.

    `own` is the channel by which the shop reaches its buyers by itself, `preferred` the id of the chat that the buyer
    would rather have, `current` of the one a thread was spoken of so far. A shop that is bound to its platform never
    leaves it.
    """

    def rank(chat: Chat) -> tuple[bool, bool, bool, bool, float, str]:
        seen = max(chat.last_in_at or EPOCH, chat.linked_at or EPOCH)
        agreed = has_agreed(chat)
        return is_nobody(chat), chat.id != preferred, not agreed, chat.id != current, -seen.timestamp(), chat.id

    if own == PLATFORM:
        return sorted((chat for chat in chats if chat.channel == PLATFORM), key=rank)
    return sorted((chat for chat in chats if has_agreed(chat) or own == chat.channel or current == chat.id), key=rank)


def room(chat: Chat, can: Capabilities, solves: bool = False) -> int | None:
    """How many messages the chat's quota leaves now; what `solves` a matter may use the one kept back. None: any."""
    return None if can.quota is None else can.quota - (0 if solves else KEPT_BACK) - chat.used


def checks(way: Way, now: Instant, solves: bool = False, permitted: bool = False) -> Iterator[Reason]:
    """What the chat and its channel say; a message that a one-time code permits needs neither window nor quota."""
    yield _reachable(way.chat)
    if not permitted and way.can.window is not None:
        since = way.chat.last_in_at
        figures = (("last_message", show(since)), ("window", str(way.can.window)))
        yield Reason(Verdict.WINDOW_CLOSED, since is not None and now < since + way.can.window, figures)
    left = None if permitted else room(way.chat, way.can, solves)
    if left is not None:
        figures = (("used", str(way.chat.used)), ("quota", str(way.can.quota)))
        yield Reason(Verdict.QUOTA_USED, left > 0, figures)


def is_open(way: Way, now: Instant) -> bool:
    """Whether a reminder may go there now, as far as the chat and its channel are concerned."""
    return all(reason.passed for reason in checks(way, now))


def choose(
    ways: Sequence[Way], now: Instant, solves: bool = False, permitted: bool = False
) -> tuple[Way, list[Reason]]:
    """The first way that is open, else the first of all, with a reason for each other that is closed."""
    closed: list[tuple[Way, Reason]] = []
    for way in ways:
        shut = next((reason for reason in checks(way, now, solves, permitted) if not reason.passed), None)
        if shut is None:
            return way, [_passed_over(other.chat, why, way.chat) for other, why in closed]
        closed.append((way, shut))
    return ways[0], [_passed_over(other.chat, why) for other, why in closed[1:]]


def _passed_over(chat: Chat, why: Reason, chosen: Chat | None = None) -> Reason:
    """The verdict on a chat that was not chosen, with its figures and, where there is one, the channel that was."""
    instead = (("chosen", chosen.channel),) if chosen else ()
    return Reason("chat", chosen is not None, ((why.check, chat.channel), *why.facts, *instead))


_REACHABLE = Reason(Verdict.UNREACHABLE, True)
_NO_CHAT_YET = Reason(Verdict.UNREACHABLE, False, (("chat", "none"),))


def _reachable(chat: Chat) -> Reason:
    if is_nobody(chat):
        return _NO_CHAT_YET
    if chat.unreachable_at is None:
        return _REACHABLE
    return Reason(Verdict.UNREACHABLE, False, (("since", show(chat.unreachable_at)),))


def show(instant: Instant | None) -> str:
    """An instant as a figure of a reason."""
    return instant.isoformat(timespec="seconds") if instant else "never"
