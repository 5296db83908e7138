"""What a transaction needs before it starts: the chats it locks, and what is read after the lock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`buyers` and `orders` are (shop, id), `messages` (source, external id), `raws` (channel, external id), `tries`
    (shop, subject), `links` digests, `receipts` (channel, external id) of sent messages, `states` names of channels,
    `paid_of` chats, of whose buyers all paid orders are wanted, `topics` (desk, number), `suppressed` (shop, digest),
    the others ids. A receipt or a topic brings the thread, or the chat, that it is about.

    The chats of all of them are locked first, in the order of their ids, then everything is read. `alone` asks for a
    commit of its own: a must for work that runs statements or takes locks of its own as it goes.
    """

    chats: tuple[str, ...] = ()
    buyers: tuple[Pair, ...] = ()
    orders: tuple[Pair, ...] = ()
    threads: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    messages: tuple[Pair, ...] = ()
    tasks: tuple[str, ...] = ()
    raws: tuple[Pair, ...] = ()
    links: tuple[str, ...] = ()
    tries: tuple[Pair, ...] = ()
    states: tuple[str, ...] = ()
    receipts: tuple[Pair, ...] = ()
    evidence: tuple[str, ...] = ()
    paid_of: tuple[str, ...] = ()
    topics: tuple[Pair, ...] = ()
    suppressed: tuple[Pair, ...] = ()
    alone: bool = False

    @staticmethod
    def all_of(many: Iterable[Wanted]) -> Wanted:
        """What all of them want together, in one commit."""
        lists: list[list[object]] = [[] for _ in _NAMES]
        for wanted in many:
            for name, into in zip(_NAMES, lists, strict=True):
                into.extend(getattr(wanted, name))
        return Wanted(*(tuple(dict.fromkeys(into)) for into in lists))  # type: ignore[arg-type]


_NAMES = tuple(field.name for field in fields(Wanted) if field.name != "alone")
NOTHING = Wanted(alone=True)
