"""A shop whose people speak with buyers in the topics of their group.

shop = GroupShop().order()
shop.buyer_says("我有个问题")
shop.writes("您好，我来看看", about=shop.matter())
assert ["小李 > 您好，我来看看"] == …
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from bot.desk import words
from followup.desk.people import Person, Rank
from followup.desk.records import Topic
from followup.events import AgentSpoke, DeskSaid, MessageReceived, Outcome, Refusal, chat_id, thread_id
from followup.model import Attachment, Instant, Media, Note, Outgoing, OutgoingState, Thread
from followup.ports import Capabilities
from followup.promises import Promise, PromiseState
from handlers import agent_says
from handlers.desk import desk_said
from tests.stories.alerting import GROUP, AlertShop
from tests.stories.shop import SHOP

CAN = Capabilities(edits=True, largest_photo=10**7, largest_file=10**7)
PEOPLE = {
    "li": Person("li", "小李", telegram="11"),
    "chen": Person("chen", "小陈", telegram="13"),
    "wang": Person("wang", "王姐", Rank.SUPERVISOR, "12"),
    "far": Person("far", "远方", telegram="14", shops=frozenset({"elsewhere"})),
}
STRANGER = "99"


def photo(name: str) -> Attachment:
    """A photo as the group's channel hands it over: kept here."""
    return Attachment(Media.PHOTO, f"/kept/{name}.jpg")


class GroupShop(AlertShop):
    """小李 and 小陈 are agents, 王姐 their supervisor; topics are numbered from 1, in their order."""

    def __init__(self, *args: Any, **more: Any) -> None:
        more = {"people": PEOPLE, "capabilities": {"terminal": CAN, GROUP: replace(CAN, buttons=8)}, **more}
        super().__init__(*args, **more)
        outcomes = {lang: words(lang).table["outcomes"] for lang in ("zh-CN", "en")}
        self.deps = replace(self.deps, outcomes=outcomes)
        self._said = 0
        self._failing: list[Outcome | Refusal] = []
        self._shown: dict[str, int] = {}

    def matter(self, kind: str = "unpaid_order", order: str = "1001") -> str:
        """The id of a thread."""
        return thread_id(SHOP, order, kind)

    def chat_of(self, buyer: str) -> str:
        """The id of a buyer's chat."""
        return chat_id(SHOP, self.channel, buyer)

    def writes(self, text: str, about: str = "", who: str = "li", **more: Any) -> str:
        """One of the people (or a stranger by his number) writes in the topic of a matter ("": outside of all);
        returns the message's id."""
        self._said += 1
        id_ = more.pop("external_id", f"g{self._said}")
        person = PEOPLE[who].telegram if who in PEOPLE else who
        event = DeskSaid("", GROUP, person, id_, text, self.clock.now(), self.topic_of(about) if about else "")
        self.desk(replace(event, **more))
        return id_

    def edits(self, message: str, text: str, about: str, who: str = "li", **more: Any) -> Self:
        """He changes what he wrote."""
        self.writes(text, about, who, edits=message, **more)
        return self

    def taps(self, button: str, card: Outgoing, who: str = "li") -> Self:
        """He taps a button: the one with that label under a message."""
        (choice,) = [choice for choice in card.choices if choice.label == button]
        sent = self.store.tx.get(Outgoing, card.id)
        assert sent is not None
        self.writes("", "", who, button=choice.id, replies_to=sent.external_id, external_id=f"tap{self._said}")
        return self

    def desk(self, event: DeskSaid) -> Self:
        """Something is said in the group."""
        now = self.clock.now()
        self.store.run(lambda tx: desk_said.desk_said(event, tx, self.deps, now), desk_said.wanted(event))
        return self._settle()

    def topic_of(self, about: str) -> str:
        """The number of the topic of a matter."""
        (topic,) = self.store.tx.topics_of(about)
        return topic.number

    def has_topic(self, about: str) -> bool:
        """Whether it is spoken of."""
        return bool(self.store.tx.topics_of(about))

    def shown(self, about: str, *steps: str) -> list[str]:
        """What the group was shown of a matter since the last call; what replaces an earlier post is marked `~`."""
        posts = [each for each in self.delivered if each.channel == GROUP and each.about == about]
        seen = self._shown.get(about, 0)
        self._shown[about] = len(posts)
        posts = [each for each in posts[seen:] if not steps or each.step in steps]
        return [f"{'~ ' if each.edits else ''}{_brief(each)}" for each in posts]

    def general(self) -> list[str]:
        """What was said outside of all topics, alerts aside."""
        outside = [each for each in self.delivered if each.channel == GROUP and not each.about]
        return [each.text for each in outside if each.step != "alert"]

    def read_by(self, buyer: str = "lin") -> list[str]:
        """What people said to a buyer, as it reached him; a change is marked `~`."""
        texts = [each for each in self.delivered if each.buyer == buyer and each.step == "says"]
        return [f"{'~ ' if each.edits else ''}{_brief(each)}" for each in texts]

    def notes(self, about: str = "") -> list[str]:
        """Who noted what on a matter."""
        noted = [line for line in self.store.lines if isinstance(line, Note) and line.who not in ("buyer", "huifang")]
        return [f"{note.who}: {note.text}" for note in noted if not about or note.thread == about]

    def says_by_command_line(self, text: str, about: str, who: str = "li") -> Self:
        """`huifang say`."""
        event = AgentSpoke(who, self.clock.now(), text, about)
        self.store.run(lambda tx: agent_says.agent_says(event, tx, self.deps), agent_says.wanted(event))
        return self._settle()

    def promised(self) -> list[Instant]:
        """Until when a word is owed, by the shop's clock."""
        held = [each for each in self._all(Promise) if each.state is PromiseState.OPEN]
        return [each.due_at.astimezone(self.policy.zone) for each in held]

    def agent_of(self, about: str) -> str:
        """Who has a matter."""
        thread = self.store.tx.get(Thread, about)
        return thread.agent if thread else ""

    def fails(self, *answers: Outcome | Refusal) -> Self:
        """What the buyers' channel says of the next messages to buyers."""
        self._failing = list(answers)
        return self

    def sends(self, text: str = "", *attachments: Attachment, **more: Any) -> str:
        """林 sends something out of the ordinary; returns its id."""
        self._messages += 1
        id_ = more.pop("external_id", f"m{self._messages}")
        event = MessageReceived(SHOP, self.channel, "lin", id_, text, self.clock.now(), attachments=attachments)
        self.message(replace(event, **more))
        return id_

    def _send(self, message: Outgoing, now: Instant) -> None:
        if message.channel != GROUP and self._failing:
            self.answers.append(self._failing.pop(0))
        super()._send(message, now)
        stored = self.store.tx.get(Outgoing, message.id)
        if message.channel != GROUP or not message.about or stored is None or stored.state is not OutgoingState.SENT:
            return
        if not self.store.tx.topics_of(message.about):
            number = str(1 + len(self._all(Topic)))
            self.store.run(lambda tx: tx.save(Topic(GROUP, message.about, number, message.about, now)))


def _brief(message: Outgoing) -> str:
    files = "".join(f" [{each.ref}]" for each in message.attachments)
    return f"{message.text}{files}".strip()
