"""A message to be answered, in a thread or in a chat where nothing is followed up, and what is known around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from followup.after_sales.proof import missing
from followup.effects import AlertAgent, Effect, Say
from followup.events import MessageReceived
from followup.kinds import Case
from followup.linking import numbers_in
from followup.model import Buyer, Chat, Facts, Instant, State, Status, Thread
from followup.policy import Policy
from followup.politeness import zone_of
from followup.ports import Capabilities
from followup.reach import Way
from followup.replies import receipt, reply, say_to, tell
from followup.understood import Understood

A_BREATH = timedelta(minutes=2)
UNDER_WAY = (Status.PAID, Status.SHIPPED, Status.SIGNED)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known around a message: which scripts the buyer heard `lately`, within `acknowledge_every`, the facts of
    his `orders` (none for a stranger), and what who calls for a person heard `just` now, within `A_BREATH`."""

    lately: frozenset[str] = frozenset()
    orders: tuple[Facts, ...] = ()
    just: frozenset[str] = frozenset()


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Talk:
    """One message, who wrote it where, what was `heard` in it, and how an answer becomes words. `facts` are those of
    the order it is about, likeliest first where it may be another; `thread` is None outside of any. `asked` says that
    something was asked which a mere "yes" may answer."""

    buyer: Buyer
    chat: Chat
    can: Capabilities
    message: MessageReceived
    heard: Understood
    policy: Policy
    now: Instant
    known: Known
    facts: tuple[Facts, ...]
    thread: Thread | None
    asked: bool
    _say: Callable[[str, Mapping[str, object]], Say]

    @property
    def name(self) -> str:
        """The id of the thread, or of the chat that stands for one."""
        return self.thread.id if self.thread else self.chat.id

    @property
    def is_stranger(self) -> bool:
        """Whether nobody knows who writes: a chat that is tied to no order."""
        return self.buyer.id == self.chat.id

    def say(self, script: str, **facts: object) -> Say:
        """An answer in the words of a script."""
        return self._say(script, facts)

    def receipt(self, called: bool = False) -> list[Effect]:
        """That a person reads it, or when one is there to, unless he knows (`replies.receipt`); who `called` for one
        hears it all the same."""
        return receipt(self._say, self.buyer, self.chat, self.policy, self.now, called)

    def by(self) -> Instant | None:
        """By when a person answers, on the buyer's clock; None outside of threads, where no clock of a promise runs."""
        return self.local(self.now + self.policy.after_sales.answer_within) if self.thread else None

    def local(self, when: Instant) -> Instant:
        """That moment on the buyer's clock."""
        return when.astimezone(zone_of(self.buyer, self.policy))

    def tell(self, reason: str = "buyer_message") -> AlertAgent:
        """A task for a person, with the buyer's words and scripts that suit them."""
        return tell(reason, self.message, self.heard, self.thread.kind if self.thread else "")


def in_thread(
    case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant, known: Known
) -> Talk:
    """A message about a thread's matter."""

    def say(script: str, facts: Mapping[str, object]) -> Say:
        return reply(script, case, message.key, policy, now, facts)

    own = (case.facts,) if case.thread.order_id else ()
    of = (case.buyer, case.chat, case.can, message, heard, policy, now, known)
    return Talk(*of, (*own, *_meant(message, heard, known.orders)), case.thread, _asks(case), say)


def in_chat(
    buyer: Buyer,
    chat: Chat,
    can: Capabilities,
    message: MessageReceived,
    heard: Understood,
    policy: Policy,
    now: Instant,
    known: Known,
) -> Talk:
    """A message where nothing is followed up."""

    def say(script: str, facts: Mapping[str, object]) -> Say:
        words = {"buyer": buyer.name, **facts}
        return say_to(buyer, Way(chat, can), script, f"{chat.id}/{script}/{message.external_id}", words, policy, now)

    of = (buyer, chat, can, message, heard, policy, now, known)
    return Talk(*of, _meant(message, heard, known.orders), None, bool(chat.offered), say)


def _asks(case: Case) -> bool:
    """Whether the buyer was offered a choice, waits to confirm what an agent solved, or has to show something."""
    wants = case.sale is not None and bool(missing(case.sale))
    return bool(case.chat.offered) or case.thread.state is State.SOLVED or wants


def _meant(message: MessageReceived, heard: Understood, orders: tuple[Facts, ...]) -> tuple[Facts, ...]:
    """The order that a buyer surely means: the one he names, else the only one under way, else the only one."""
    numbers = {*heard.orders, *numbers_in(message.text)}
    named = [facts for facts in orders if facts.order.id in numbers]
    under_way = [facts for facts in orders if facts.order.status in UNDER_WAY]
    found = next((some for some in (named, under_way, list(orders)) if some), [])
    return tuple(found) if len(found) == 1 else ()
