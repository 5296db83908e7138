"""Carrying out what was decided: effects become rows, words are rendered. The only place where they do."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace

from followup.effects import (
    AddNote,
    AlertAgent,
    CancelReminders,
    Effect,
    ExpireAt,
    MarkBenefit,
    MoveNext,
    OptOut,
    RemindAt,
    Say,
    SetThread,
    Withhold,
)
from followup.events import chat_id, reminder_id
from followup.facts import UNKNOWN
from followup.kinds import KINDS
from followup.model import (
    Buyer,
    Chat,
    Decided,
    Decision,
    Instant,
    Note,
    Outgoing,
    OutgoingState,
    Reason,
    Reminder,
    ReminderState,
    Role,
    State,
    Task,
    TaskState,
    Thread,
    Verdict,
)
from followup.ports import Words, WordsExhausted
from handlers.deps import Deps
from store.tx import Tx

SAID_ON_CHAT = "reply.received"
GOODBYE = "stop.confirmed"


def carry_out(effects: Iterable[Effect], thread: Thread, tx: Tx, deps: Deps, now: Instant) -> Thread:
    """Write what the effects ask for and return the thread as it is afterwards.

    A thread without a kind stands for a chat in which nothing is followed up; it is never stored.
    """
    scene = Scene(thread, tx, deps, now)
    for effect in effects:
        scene.carry_out(effect)
    if scene.thread is not thread and thread.kind:
        tx.save(scene.thread)
    return scene.thread


def chat_of(shop: str, buyer: str, tx: Tx, deps: Deps) -> Chat:
    """The chat on which a buyer is spoken to: the newest he wrote in, else the shop's own way to him."""
    chats = tx.chats_of(shop, buyer)
    if chats:
        return max(chats, key=lambda chat: (chat.last_in_at is not None, chat.last_in_at or 0, chat.id))
    channel = own_channel(shop, deps)
    chat = Chat(chat_id(shop, channel, buyer), shop, buyer, channel, buyer)
    tx.save(chat)
    return chat


def own_channel(shop: str, deps: Deps) -> str:
    """The channel on which a shop reaches its buyers by their ids."""
    return deps.channels.get(shop, "manual")


def no_thread(chat: Chat, now: Instant) -> Thread:
    """What stands for a thread where nothing is followed up."""
    return Thread(chat.id, chat.shop, "", "", chat.buyer, chat.id, State.OPEN, now, now)


@dataclass
class Scene:
    """A thread while effects change it."""

    thread: Thread
    tx: Tx
    deps: Deps
    now: Instant

    def carry_out(self, effect: Effect) -> None:
        """Write one effect."""
        match effect:
            case Say():
                self._say(effect)
            case Withhold():
                self._decided(effect.step, effect.reminder, effect.decision)
            case RemindAt():
                self._remind(effect)
            case MoveNext():
                self._move_next(effect)
            case ExpireAt():
                self._expire_at(effect.when)
            case CancelReminders():
                steps = self._spoken if effect.only_words else KINDS[self.thread.kind].steps
                self._cancel(steps, effect.verdict, effect.why)
            case AlertAgent():
                self._alert(effect)
            case SetThread():
                closed_at = self.now if effect.state.closed else None
                self.thread = replace(self.thread, state=effect.state, outcome=effect.outcome, closed_at=closed_at)
            case AddNote():
                self.tx.add(Note(self.thread.id, self.now, effect.who, effect.text))
            case OptOut():
                self._opt_out()
            case MarkBenefit():
                self._mark_benefit()

    @property
    def _buyer(self) -> Buyer:
        return self.tx.buyer(self.thread.shop, self.thread.buyer)

    @property
    def _chat(self) -> Chat:
        chat = self.tx.get(Chat, self.thread.chat)
        return chat or chat_of(self.thread.shop, self.thread.buyer, self.tx, self.deps)

    def _say(self, say: Say) -> None:
        if say.decision.verdict is not Verdict.SENT:
            self._decided(say.script, say.key, say.decision)
            return
        buyer, chat, thread = self._buyer, self._chat, self.thread
        lang = buyer.lang or self.deps.policy(thread.shop).lang
        words = self._words(say, lang)
        if words is None:
            return
        text = words.text
        if not thread.touches and say.script != GOODBYE:
            text += "\n" + self.deps.scripts.render("hint.stop", lang, {}, thread.segment, (), thread.id).text
        self.tx.save(_outgoing(say, thread, chat, words.lang, text, self.now))
        self.thread = replace(thread, touches=thread.touches + 1, said=(*thread.said, words.digest))
        if say.role is Role.NUDGE:
            self.tx.save(replace(buyer, nudged_at=self.now, nudged_by=say.key))
        if say.script == SAID_ON_CHAT:
            self.tx.save(replace(chat, acknowledged_at=self.now))
        self._decided(say.script, say.key, say.decision, words.lang, text)

    def _words(self, say: Say, lang: str) -> Words | None:
        """The words, chosen afresh for each message where no thread remembers them; None for a reply that would
        repeat itself (rule 111)."""
        thread = self.thread
        seed = thread.id if thread.kind else say.key
        try:
            return self.deps.scripts.render(say.script, lang, say.facts, thread.segment, thread.said, seed)
        except WordsExhausted:
            if say.role is not Role.REPLY:
                raise
            self.tx.add(Note(thread.id, self.now, "huifang", f"{say.script}: no new words left"))
            return None

    def _decided(self, step: str, reminder: str, decision: Decision, lang: str = "", text: str = "") -> None:
        thread = self.thread
        channel = self._chat.channel
        self.tx.add(
            Decided(thread.id, reminder, thread.shop, thread.buyer, step, self.now, decision, channel, lang, text)
        )

    def _remind(self, effect: RemindAt) -> None:
        id_ = reminder_id(self.thread.id, effect.step, effect.round)
        planned = self.tx.get(Reminder, id_)
        if planned is None:
            priority = KINDS[self.thread.kind].priority
            thread = self.thread
            self.tx.save(
                Reminder(
                    id_,
                    thread.id,
                    thread.shop,
                    thread.buyer,
                    effect.step,
                    effect.when,
                    effect.expires_at,
                    priority=priority,
                )
            )
        elif planned.state is ReminderState.PENDING and planned.due_at != effect.when:
            self.tx.save(replace(planned, due_at=effect.when, expires_at=effect.expires_at))

    @property
    def _spoken(self) -> set[str]:
        kind = KINDS.get(self.thread.kind)
        return {step.id for step in kind.steps.values() if step.role is not Role.SILENT} if kind else set()

    def _move_next(self, effect: MoveNext) -> None:
        spoken = [r for r in self.tx.pending(self.thread.id) if r.step in self._spoken]
        for reminder in spoken:
            self.tx.save(replace(reminder, due_at=effect.when, expires_at=effect.expires_at))
        if not spoken and effect.otherwise:
            named = f"@{effect.when:%Y-%m-%dT%H:%M}"
            self._remind(RemindAt(effect.otherwise, effect.when, effect.expires_at, named))

    def _expire_at(self, when: Instant) -> None:
        spoken = self._spoken
        waiting: list[Reminder | Outgoing] = [*self.tx.pending(self.thread.id), *self.tx.unsent(self.thread.id)]
        for item in waiting:
            if item.step in spoken and item.expires_at != when:
                self.tx.save(replace(item, expires_at=when))

    def _cancel(self, steps: Container[str], verdict: Verdict, why: str) -> None:
        """Drop the planned touches of these steps, and their words that have not gone."""
        state = ReminderState.EXPIRED if verdict is Verdict.EXPIRED else ReminderState.CANCELLED
        for reminder in self.tx.pending(self.thread.id):
            if reminder.step in steps:
                self.tx.save(replace(reminder, state=state))
                if reminder.step in self._spoken:
                    self._never(reminder.step, reminder.id, verdict, why)
        self._take_back(lambda step: step in steps, verdict, why)

    def _take_back(self, taken: Callable[[str], bool], verdict: Verdict, why: str) -> None:
        """Drop the words that wait in the outbox or to be pasted, where `taken` says so of their script."""
        thread = self.thread.id
        state = OutgoingState.EXPIRED if verdict is Verdict.EXPIRED else OutgoingState.CANCELLED
        for message in self.tx.unsent(thread):
            if taken(message.step):
                self.tx.save(replace(message, state=state, error=why))
                self._never(message.step, message.id, verdict, why)
        for task in self.tx.open_tasks(thread):
            if task.outgoing and taken(task.outgoing.removeprefix(f"{thread}/").partition("/")[0]):
                self.tx.save(replace(task, state=TaskState.CANCELLED, closed_at=self.now, answer=why))

    def _never(self, step: str, reminder: str, verdict: Verdict, why: str) -> None:
        self._decided(step, reminder, Decision(verdict, (Reason(verdict, False, (("outcome", why),)),)))

    def _alert(self, effect: AlertAgent) -> None:
        thread = self.thread
        id_ = "/".join(part for part in (thread.id, effect.reason, effect.key) if part)
        if self.tx.get(Task, id_) is not None:
            return
        order = self.tx.facts(thread.shop, thread.order_id) if thread.kind else None
        who = self._buyer.name or ("" if thread.buyer.startswith(UNKNOWN) else thread.buyer)
        facts: dict[str, object] = {"order": thread.order_id or "-", "buyer": who}
        if order:
            facts |= {"goods": order.order.goods, "amount": order.order.total}
        facts |= effect.facts
        words = self.deps.scripts.render(
            f"agent.{effect.reason}", self.deps.agent_lang, facts, thread.segment, (), thread.id
        )
        self.tx.save(Task(id_, thread.shop, thread.id, effect.reason, words.text, self.now))

    def _opt_out(self) -> None:
        buyer = self._buyer
        if buyer.opted_out_at is None:
            self.tx.save(replace(buyer, opted_out_at=self.now))
        for scene in self._all_of_buyer():
            scene._cancel(scene._spoken, Verdict.OPTED_OUT, "stop")
            scene._take_back(lambda step: step != GOODBYE, Verdict.OPTED_OUT, "stop")

    def _mark_benefit(self) -> None:
        buyer = self._buyer
        self.tx.save(replace(buyer, benefit_at=buyer.benefit_at or self.now))
        for scene in self._all_of_buyer():
            scene._take_back(about_review, Verdict.FIREWALL, "benefit")

    def _all_of_buyer(self) -> list[Scene]:
        """Every thread of the buyer, the closed ones too, for their words may still wait, and what was said
        in a chat outside of any."""
        shop, buyer = self.thread.shop, self.thread.buyer
        outside = (no_thread(chat, self.now) for chat in self.tx.chats_of(shop, buyer))
        threads = (*self.tx.every_thread_of(shop, buyer), *outside)
        return [Scene(thread, self.tx, self.deps, self.now) for thread in threads]


def about_review(script: str) -> bool:
    """Whether these words mention a review."""
    return any(script in kind.steps and kind.steps[script].about_review for kind in KINDS.values())


def _outgoing(say: Say, thread: Thread, chat: Chat, lang: str, text: str, now: Instant) -> Outgoing:
    return Outgoing(
        id=say.key,
        shop=thread.shop,
        buyer=thread.buyer,
        chat=chat.id,
        channel=chat.channel,
        address=chat.address,
        thread=thread.id,
        step=say.script,
        role=say.role,
        lang=lang,
        text=text,
        state=OutgoingState.DUE,
        created_at=now,
        due_at=now,
        expires_at=say.expires_at,
    )
