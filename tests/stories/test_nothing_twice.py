"""Over two chats, windows, quotas, refusals and doubts: nobody reads the same word twice, and nothing gets lost."""

from __future__ import annotations

import re
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from followup.events import Refusal
from followup.model import Outgoing, OutgoingState, Task, TaskState
from followup.ports import Capabilities
from followup.reach import NO_WAY
from handlers.waiting import OWN_WORDS
from tests.stories.shop import Shop, span

TELEGRAM = Capabilities(needs_chat=True)
REACHED = (OutgoingState.SENT, OutgoingState.UNSURE, OutgoingState.DUE, OutgoingState.SENDING)
_REFUSALS = [Refusal.WINDOW_CLOSED, Refusal.QUOTA_USED, Refusal.BLOCKED]
_deeds = st.one_of(
    st.tuples(st.just("says"), st.sampled_from(["明天付", "我有个问题", "好的"])),
    st.tuples(st.just("says_there"), st.just("我有个问题")),
    st.tuples(st.just("links"), st.just("")),
    st.tuples(st.just("after"), st.sampled_from(["1m", "40m", "7h", "1d", "2d"])),
    st.tuples(st.just("refund"), st.sampled_from(["requested", "paid_back", "withdrawn"])),
    st.tuples(st.just("order"), st.just("")),
    st.tuples(st.just("answers"), st.sampled_from(["retry", "unsure", "accepted"])),
    st.tuples(st.just("refuses"), st.sampled_from(Refusal)),
    st.tuples(st.just("doubts"), st.sampled_from(_REFUSALS)),
    st.tuples(st.just("receipt"), st.sampled_from(Refusal)),
    st.tuples(st.just("helps"), st.just("")),
)


class TwoChats(Shop):
    """On WeCom, where Lin has just written; he may link a chat on Telegram."""

    def __init__(self, can: Capabilities) -> None:
        super().__init__("2026-03-02 10:00", channel="wecom", capabilities={"wecom": can, "telegram": TELEGRAM})
        self.paid_order().buyer_says("你好")

    def does(self, what: str, how: str, number: int) -> None:
        """One thing happens, a moment after the one before."""
        self.after("1s")
        match what:
            case "says":
                self.buyer_says(how)
            case "says_there" if any(chat.channel == "telegram" for chat in self.chats()):
                self.buyer_says(how, channel="telegram")
            case "links":
                self.linked("telegram")
            case "after":
                self.after(how)
            case "refund":
                self.refund(how)
            case "order":
                self.order(f"2{number}")
            case "answers":
                self.channel_answers(how)
            case "refuses":
                self.channel_refuses(Refusal(how))
            case "doubts":
                self.channel_answers("unsure").channel_refuses(Refusal(how))
            case "receipt" if sent := [m for m in self.outbox() if m.state is OutgoingState.SENT]:
                self.receipt(sent[-1].external_id, Refusal(how), sent[-1].channel)
            case "helps" if tasks := [t.reason for t in self._all(Task) if t.state is TaskState.OPEN]:
                if self.task(tasks[-1]).state is TaskState.OPEN:
                    self.does_task(tasks[-1])

    def check(self) -> None:
        """Of each planned touch one message at most may have reached him; each that did not is somebody's matter."""
        touches: dict[str, dict[str, list[Outgoing]]] = defaultdict(lambda: defaultdict(list))
        for message in self.outbox():
            if message.role in OWN_WORDS:
                whole = re.sub(r"#\d+$", "", message.id)
                touches[touch_of(whole)][whole].append(message)
        for touch, messages in touches.items():
            assert 1 >= sum(any(map(may_have_arrived, parts)) for parts in messages.values())
            lost = any(failed(part) for parts in messages.values() for part in parts)
            assert not lost or len(messages) > 1 or self.is_told(touch)
        for line in self.decided():
            if line.decision.verdict in NO_WAY and line.step.startswith(("unpaid.", "refund.")):
                assert self.is_told(touch_of(line.reminder)) or len(touches[touch_of(line.reminder)]) > 1

    def is_told(self, touch: str) -> bool:
        """Whether a person was given it."""
        return any(touch in task.id for task in self._all(Task))


def touch_of(id_: str) -> str:
    """The planned touch that a message says, wherever and whenever it went."""
    return re.sub(r"(@(wecom|telegram|again)|#\d+)+$", "", id_)


def may_have_arrived(part: Outgoing) -> bool:
    return part.state in REACHED or any(word.startswith("unsure") for word in part.history)


def failed(part: Outgoing) -> bool:
    return part.state is OutgoingState.FAILED or (part.state is OutgoingState.CANCELLED and part.error in NO_WAY)


@given(st.lists(_deeds, max_size=25), st.integers(2, 4), st.sampled_from([400, 60]), st.booleans())
@settings(max_examples=200)
def test_nothing_is_said_twice_or_lost(
    deeds: list[tuple[str, str]], quota: int, longest: int, idempotent: bool
) -> None:
    """In any order of his words, links, outages and refusals, of which an agent mends some."""
    window = span("48h")
    shop = TwoChats(Capabilities(idempotent=idempotent, longest_text=longest, window=window, quota=quota))
    for number, (what, how) in enumerate(deeds):
        shop.does(what, how, number)
    shop.check()
