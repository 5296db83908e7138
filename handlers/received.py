"""What a channel heard, each kind of event to its handler; what cannot be handled is put aside for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from followup.events import ChatClosed, ChatOpened, DeskSaid, Incoming, MessageRecalled, MessageReceived, Receipt
from followup.model import Instant, Raw, RawState, Segment, Task
from handlers import buyer_message, chat_closed, chat_opened, message_recalled, receipt
from handlers.cleaned import clean_text
from handlers.deps import Deps
from handlers.desk import desk_said
from handlers.desk.forgotten import heard_again, is_forgotten
from handlers.desk.giving import give
from store.tx import Tx
from store.wanted import Wanted

PUT_ASIDE = "put_aside"
_Handler = tuple[Callable[[Any], Wanted], Callable[[Any, Tx, Deps, Instant], object]]
_HANDLERS: dict[type[Incoming], _Handler] = {
    MessageReceived: (buyer_message.wanted, buyer_message.buyer_message),
    ChatOpened: (chat_opened.wanted, chat_opened.chat_opened),
    ChatClosed: (chat_closed.wanted, chat_closed.chat_closed),
    MessageRecalled: (message_recalled.wanted, message_recalled.message_recalled),
    Receipt: (receipt.wanted, receipt.receipt),
    DeskSaid: (desk_said.wanted, desk_said.desk_said),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """A raw event, the shop for which its channel listens, and what it means."""

    raw: Raw
    shop: str
    events: tuple[Incoming, ...] = ()

    @property
    def itself(self) -> Wanted:
        """What is needed to change nothing but its own state."""
        return Wanted(raws=((self.raw.channel, self.raw.external_id),))

    @property
    def id(self) -> str:
        """By which the log knows it."""
        return f"{self.raw.channel}/{self.raw.external_id}"

    @property
    def chats(self) -> frozenset[str]:
        """The chats it is about."""
        return frozenset(event.chat for event in self.events if not isinstance(event, Receipt))


def wanted(heard: Heard) -> Wanted:
    """What all its events want, and the raw event; what people say among themselves may want more as it goes."""
    all_ = Wanted.all_of((heard.itself, *(_HANDLERS[type(event)][0](event) for event in heard.events)))
    return replace(all_, alone=True) if any(isinstance(event, DeskSaid) for event in heard.events) else all_


def received(heard: Heard, tx: Tx, deps: Deps, now: Instant) -> None:
    """Handle a raw event that waits, all its events or none. Raises NotYet, and whatever a handler raises."""
    raw = _waiting(heard.raw, tx)
    if raw is None:
        return
    for event in heard.events:
        if is_forgotten(event, tx, deps):
            heard_again(event, tx, deps, now)
        else:
            _HANDLERS[type(event)][1](event, tx, deps, now)
    tx.save(replace(raw, state=RawState.HANDLED, error="", retry_at=None))


def wait(raw: Raw, error: Exception, retry_at: Instant | None, tx: Tx) -> None:
    """Count one more try in vain; with `retry_at`, what came later need not wait for it."""
    waiting = _waiting(raw, tx)
    if waiting is not None:
        tx.save(replace(waiting, tries=waiting.tries + 1, retry_at=retry_at, error=_why(error)))


def put_aside(heard: Heard, error: Exception, tx: Tx, deps: Deps, now: Instant) -> None:
    """Put a raw event aside, with its error, for a person: a buyer's words are shown to him; of events that mean
    nothing to us he hears once, until he has looked."""
    raw = _waiting(heard.raw, tx)
    if raw is None:
        return
    tx.save(replace(raw, state=RawState.PUT_ASIDE, error=_why(error), retry_at=None))
    said = [event for event in heard.events if isinstance(event, MessageReceived)]
    thread = said[0].chat if said else f"{heard.shop}/{raw.channel}"
    if not said and any(task.reason == PUT_ASIDE for task in tx.open_tasks(thread)):
        return
    facts = {"channel": raw.channel, "buyer": _names(said), "error": _why(error)}
    facts["text"] = "\n".join(event.text for event in said)
    id_ = f"{thread}/{PUT_ASIDE}/{raw.external_id}"
    words = deps.scripts.render("agent.event_aside", deps.agent_lang, facts, Segment.NEW, (), id_)
    give(Task(id_, heard.shop, thread, PUT_ASIDE, words.text, now), tx, deps)


def _waiting(raw: Raw, tx: Tx) -> Raw | None:
    """The event as it is stored, if nobody has handled it meanwhile."""
    stored = tx.get(Raw, raw.channel, raw.external_id)
    return stored if stored is not None and stored.state is RawState.WAITING else None


def _why(error: Exception) -> str:
    return clean_text(f"{type(error).__name__}: {error}".removesuffix(": "))


def _names(said: Iterable[MessageReceived]) -> str:
    return next((event.sender_name for event in said if event.sender_name), "")
