"""A thread while effects change it, with what several of them have in common."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from followup.after_sales.model import Loss, Remedy
from followup.desk.gathering import GATHERS, gathering, with_more
from followup.effects import AlertAgent, RemindAt
from followup.events import reminder_id
from followup.facts import UNKNOWN
from followup.kinds import KINDS
from followup.model import (
    MOVED,
    Buyer,
    Chat,
    Decided,
    Decision,
    Instant,
    Reminder,
    ReminderState,
    Role,
    State,
    Task,
    Thread,
)
from followup.promises import STEPS as OF_PROMISES
from followup.reach import is_nobody
from handlers.case_brief import CASED, Brief
from handlers.chats import chat_of
from handlers.deps import Deps
from handlers.desk.giving import give
from handlers.offering import label_of
from handlers.reviews.brief import BRIEFED, told
from handlers.suggesting import in_words
from store.tx import Tx


def no_thread(chat: Chat, now: Instant) -> Thread:
    """What stands for a thread where nothing is followed up."""
    return Thread(chat.id, chat.shop, "", "", chat.buyer, chat.id, State.OPEN, now, now)


@dataclass
class Scene:
    """A thread while effects change it; `dropped` are the planned touches that one of them took back."""

    thread: Thread
    tx: Tx
    deps: Deps
    now: Instant
    dropped: set[str] = field(default_factory=set)

    @property
    def buyer(self) -> Buyer:
        """The thread's buyer as he stands now."""
        return self.tx.buyer(self.thread.shop, self.thread.buyer)

    @property
    def spoken(self) -> set[str]:
        """The steps of the thread's kind that say something."""
        kind = KINDS.get(self.thread.kind)
        return {step.id for step in kind.steps.values() if step.role is not Role.SILENT} if kind else set()

    @property
    def movable(self) -> set[str]:
        """Those of them that a change of plan moves or drops: what was promised stays promised."""
        return self.spoken - OF_PROMISES

    def remind(self, effect: RemindAt) -> None:
        """Plan a touch, or move it while it is pending; what was dropped a moment ago, to be planned anew, is back."""
        thread, when, expires = self.thread, effect.when, effect.expires_at
        id_ = reminder_id(thread.id, effect.step, effect.round)
        planned = self.tx.get(Reminder, id_)
        if planned is None:
            new = Reminder(id_, thread.id, thread.shop, thread.buyer, effect.step, when, expires)
            self.tx.save(replace(new, priority=KINDS[thread.kind].priority))
        elif id_ in self.dropped or (_is_movable(planned) and planned.due_at != when):
            back = replace(planned, due_at=when, expires_at=expires, error="", state=ReminderState.PENDING)
            self.tx.save(back)

    def chat(self, id_: str = "") -> Chat:
        """The chat of that id, by default the thread's own."""
        chat = self.tx.get(Chat, id_ or self.thread.chat)
        return chat or chat_of(self.thread.shop, self.thread.buyer, self.tx, self.deps)

    def decided(
        self, step: str, reminder: str, decision: Decision, channel: str = "", lang: str = "", text: str = ""
    ) -> None:
        """Remember a decision, with its words if it let them go."""
        thread, channel = self.thread, channel or self.chat().channel
        self.tx.add(
            Decided(thread.id, reminder, thread.shop, thread.buyer, step, self.now, decision, channel, lang, text)
        )

    def alert(self, effect: AlertAgent) -> None:
        """Give a person a task, if he has not got it; what a buyer writes on goes to the one that waits already."""
        thread = self.thread
        id_ = "/".join(part for part in (thread.id, effect.reason, effect.key) if part)
        if self.tx.get(Task, id_) is not None or self._gathered(effect):
            return
        words = self.deps.scripts.render(
            f"agent.{effect.reason}", self.deps.agent_lang, self._told(effect), thread.segment, (), thread.id
        )
        give(Task(id_, thread.shop, thread.id, effect.reason, words.text, self.now), self.tx, self.deps)

    def _gathered(self, effect: AlertAgent) -> bool:
        """Whether it went to a task that waits already."""
        if effect.reason not in GATHERS:
            return False
        thread, deps = self.thread, self.deps
        known = gathering(effect.reason, self.tx.open_tasks(thread.id), deps.policies.get(thread.shop))
        if known is not None and (words := self._words(effect)):
            text = with_more(known.text, words, lambda count: self._heading(known, count))
            self.tx.save(replace(known, text=text))
        return known is not None

    def _heading(self, task: Task, left_out: int) -> str:
        facts = {"count": left_out} if left_out else {}
        script, lang = "desk.wrote_on", self.deps.agent_lang
        return self.deps.scripts.render(script, lang, facts, self.thread.segment, (), task.id).text

    def _words(self, effect: AlertAgent) -> str:
        """What the buyer said: his words, or the label of what he tapped."""
        if choice := effect.facts.get("choice"):
            return label_of(str(choice), self.deps.agent_lang, self.thread.segment, self.deps.scripts)
        return str(effect.facts.get("text", ""))

    def _told(self, effect: AlertAgent) -> dict[str, object]:
        thread = self.thread
        order = self.tx.facts(thread.shop, thread.order_id) if thread.kind else None
        who = self.buyer.name or ("" if thread.buyer.startswith(UNKNOWN) else thread.buyer)
        no_order = "" if effect.reason in ("buyer_message", "angry") else "-"
        facts: dict[str, object] = {"order": thread.order_id or no_order, "buyer": who}
        if order:
            facts |= {"goods": order.order.goods, "amount": order.order.total}
            facts["unlinked"] = order.order.id if is_nobody(self.chat()) else ""
        facts |= effect.facts
        if effect.reason in BRIEFED:
            facts |= told(effect.key, thread, self.tx, self.deps)
        if effect.reason in CASED and (sale := self.tx.sale(thread.id)):
            facts |= Brief(sale, self.deps).facts()
        if person := self.deps.roster.people.get(str(effect.facts.get("by", ""))):
            facts["by"] = person.name or person.id
        if isinstance(suggested := effect.facts.get("suggest"), tuple):
            goods = order.order.goods if order else ""
            facts["suggest"] = in_words(suggested, thread, self.buyer, goods, self.deps)
        if effect.facts.get("choice"):
            facts["text"] = self._words(effect)
        return {name: self._named(value) for name, value in facts.items()}

    def _named(self, value: object) -> object:
        """A remedy or a loss by its name, everything else as it is."""
        if not isinstance(value, Remedy | Loss):
            return value
        script = f"{type(value).__name__.lower()}.{value or 'none'}"
        return self.deps.scripts.render(script, self.deps.agent_lang, {}, self.thread.segment, (), "").text


def _is_movable(planned: Reminder) -> bool:
    """Whether the bot may plan it for another time: what a person moved stays where he put it."""
    return planned.state is ReminderState.PENDING and planned.error != MOVED
