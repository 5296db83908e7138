"""What a buyer writes, and what the bot answers at once, is shown in the topic of his thread while people have to do
with it. In a shop without a group nothing is looked up, and nothing written."""

from __future__ import annotations

from followup.answers.common import TELLS_OF_A_PERSON
from followup.attachments import lines, marked, passed_on, sort_out
from followup.desk.alerting import taken
from followup.desk.hours import on_duty
from followup.events import MessageReceived
from followup.linking import without_tokens
from followup.model import Attachment, Instant, Media, Outgoing, Role, Task, Thread
from handlers.agent_command import BY_WORDS
from handlers.deps import Deps
from handlers.desk.posting import post
from handlers.desk.showing import MIRROR, buyer_name, is_at_desk, name_of, spoken_by
from handlers.meeting import source_of
from store.tx import Tx

_CARRIED = frozenset((Media.PHOTO, Media.FILE, Media.VOICE, Media.VIDEO))
_IN_WORDS = ("geo:", "tel:", "https://", "http://")


def mirrored_as(shop: str, channel: str, message: str) -> str:
    """The id of the post that shows a buyer's message."""
    return f"desk/{MIRROR}/{shop}/{channel}/{message}"


class Mirror:
    """What is shown of one message of a buyer: his words, and what the bot answered to them at once."""

    def __init__(self, event: MessageReceived, tx: Tx, deps: Deps, now: Instant) -> None:
        self._event, self._tx, self._deps, self._now = event, tx, deps, now
        self._said, self._known = set(tx.written.items[Outgoing]), set(tx.written.items[Task])
        before = mirrored_as(event.shop, event.channel, event.edits)
        self._before = tx.get(Outgoing, before) if event.edits else None

    def show(self, about: str) -> None:
        """Show it in the topic of that thread or chat, unless nobody has to do with it."""
        if not is_at_desk(about, self._tx):
            return
        is_followed, (files, rest) = self._is_followed(about), self._files()
        if self._is_album():
            self._post(about, "", files)
        elif self._can_be_changed():
            self._change(about, rest)
        else:
            self._show_anew(about, files, rest, not is_followed and self._is_on_a_card(about))
        if is_followed:
            self._hand_on(about)

    def _show_anew(
        self, about: str, files: tuple[Attachment, ...], rest: tuple[Attachment, ...], on_a_card: bool
    ) -> None:
        """What a card tells need not be told here, and of an answer that only says that a person will come nothing."""
        said = [] if on_a_card else [self._line(about, rest)]
        self._post(about, "\n".join(filter(None, (*said, *self._answers(about, on_a_card)))), files)

    def _post(self, about: str, text: str, files: tuple[Attachment, ...] = (), more: str = "", edits: str = "") -> None:
        event = self._event
        if text or files:
            key = f"{source_of(event)}/{event.external_id}{more}"
            post(about, MIRROR, key, text, self._tx, self._deps, self._now, event.shop, (), files, edits)

    def _can_be_changed(self) -> bool:
        """Whether his words stand in a post by themselves or first of all, which the group's channel can change."""
        before = self._before
        return before is not None and self._deps.can(before.channel).edits and not before.attachments

    def _change(self, about: str, rest: tuple[Attachment, ...]) -> None:
        """His words are changed where they stand; what the bot says to that is new."""
        assert self._before is not None
        _, found, answers = self._before.text.partition(f"\n{spoken_by(name_of('bot', self._deps), '', self._deps)}")
        self._post(about, self._line(about, rest) + found + answers, edits=self._before.id)
        self._post(about, "\n".join(self._answers(about)), more="/answer")

    def _line(self, about: str, beside: tuple[Attachment, ...]) -> str:
        """Who says what, without tokens, with a mark for what comes beside it and is shown in no other way."""
        event, deps = self._event, self._deps
        told = tuple(each for each in beside if each.ref.startswith(_IN_WORDS))
        text = marked(without_tokens(event.text), (each for each in beside if each not in told))
        if not (text or told):
            return ""
        who = buyer_name(about, self._tx) or event.sender_name or name_of("buyer", deps)
        edited = f" [{name_of('edited', deps)}]" if event.edits else ""
        return spoken_by(f"{who}{edited}", "\n".join(filter(None, (text, *lines(told)))), deps)

    def _files(self) -> tuple[tuple[Attachment, ...], tuple[Attachment, ...]]:
        """What the group's channel takes and does not show yet, and what can only be told."""
        event, can = self._event, self._deps.can(self._deps.places[self._event.shop].channel)
        shown = {each.ref for each in self._before.attachments} if self._before else set()
        given = event.attachments[-1:] if self._is_album() else event.attachments
        files = sort_out((each for each in given if each.media in _CARRIED and each.ref), can).sent
        carried = (passed_on(each, event.channel) for each in files)
        rest = tuple(each for each in given if each not in files)
        return tuple(each for each in carried if each.ref not in shown), rest

    def _is_album(self) -> bool:
        """Whether it is one more photo of an album, which repeats the words."""
        return bool(self._event.edits) and len(self._event.attachments) > 1

    def _is_on_a_card(self, about: str) -> bool:
        """Whether a card that is about to be shown tells his words already."""
        tasks, words = self._tx.items[Task], _squeezed(without_tokens(self._event.text))
        changed = (tasks[key] for key in self._tx.written.items[Task])
        to_show = (task for task in changed if task.thread == about and not task.alerts and task.taken_at is None)
        return any(words in _squeezed(task.text) for task in to_show)

    def _given(self, about: str) -> list[Task]:
        """The tasks that were given because of his message."""
        tasks = self._tx.items[Task]
        written = self._tx.written.items[Task].items()
        fresh = (tasks[key] for key, is_new in written if is_new and key not in self._known)
        return [task for task in fresh if task.thread == about]

    def _is_followed(self, about: str) -> bool:
        """Whether somebody who is at work has the matter, and so reads along."""
        policy, agent = self._deps.policy(self._event.shop), self._agent(about)
        if not agent:
            return False
        there = on_duty(policy.hours, policy.zone, self._now) if policy.hours.shifts else None
        return there is None or agent in there

    def _hand_on(self, about: str) -> None:
        """Who reads along needs no alert to answer: he has the task already, until its time is up."""
        for task in self._given(about):
            if task.reason in BY_WORDS:
                self._tx.save(taken(task, self._agent(about), self._now))

    def _agent(self, about: str) -> str:
        thread = self._tx.get(Thread, about)
        return thread.agent if thread else ""

    def _answers(self, about: str, only_news: bool = False) -> list[str]:
        said, here = self._tx.items[Outgoing], (about, self._event.chat)
        fresh = (said[key] for key in self._tx.written.items[Outgoing] if key not in self._said)
        ours = [each for each in fresh if each.role is Role.REPLY and each.thread in here and each.text]
        texts = [each.text for each in ours if not (only_news and each.step in TELLS_OF_A_PERSON)]
        return [spoken_by(name_of("bot", self._deps), "\n".join(texts), self._deps)] if texts else []


def mirror_of(event: MessageReceived, tx: Tx, deps: Deps, now: Instant) -> Mirror | None:
    """What will show the message once it is handled; None in a shop without a group."""
    return Mirror(event, tx, deps, now) if event.shop in deps.places else None


def _squeezed(text: str) -> str:
    return "".join(text.split())
