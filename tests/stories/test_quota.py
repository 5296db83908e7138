"""Whatever happens, a chat never hears more than its quota, and never a word of ours outside its window."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from followup.events import Refusal
from followup.model import Chat, Instant, Outgoing, OutgoingState
from followup.ports import Capabilities
from tests.stories.shop import Shop, span

WINDOW = "48h"
WORDS = ("明天付", "我有个问题", "已经付了", "好的", "不要了")
SOLUTIONS = ("refund.settled", "stop.confirmed")
_deeds = st.one_of(
    st.tuples(st.just("says"), st.sampled_from(WORDS)),
    st.tuples(st.just("after"), st.sampled_from(["1m", "5m", "40m", "7h", "1d", "2d"])),
    st.tuples(st.just("refund"), st.sampled_from(["requested", "paid_back", "withdrawn"])),
    st.tuples(st.just("order"), st.just("")),
    st.tuples(st.just("answers"), st.sampled_from(["retry", "unsure", "accepted"])),
    st.tuples(st.just("refuses"), st.sampled_from(Refusal)),
)


class Counted(Shop):
    """A shop that notes, before each message goes, how many have gone since the buyer wrote."""

    def __init__(self, quota: int, longest: int) -> None:
        can = Capabilities(window=span(WINDOW), quota=quota, longest_text=longest)
        super().__init__("2026-03-02 10:00", channel="wecom", capabilities={"wecom": can})
        self.quota = quota
        self.heard: list[tuple[Instant, str]] = []
        self.wrote_at = self.clock.now() - timedelta(days=9)

    def does(self, what: str, how: str, number: int) -> None:
        """One thing happens, a moment after the one before."""
        self.after("1s")
        match what:
            case "says":
                self.wrote_at, self.heard = self.clock.now(), []
                self.buyer_says(how)
            case "after":
                self.after(how)
            case "refund":
                self.refund(how)
            case "order":
                self.order(f"2{number}")
            case "answers":
                self.channel_answers(how)
            case _:
                self.channel_refuses(Refusal(how))
        self.check()

    def _send(self, message: Outgoing, now: Instant) -> None:
        gone = len(self.delivered)
        super()._send(message, now)
        if len(self.delivered) > gone:
            self.heard.append((now, message.step))

    def check(self) -> None:
        """The budget of the chat, and that its books are right."""
        assert len(self.heard) <= self.quota
        assert len(self.heard) < self.quota or any(step in SOLUTIONS for _, step in self.heard)
        assert all(now < self.wrote_at + span(WINDOW) for now, _ in self.heard)
        waiting = [m for m in self.outbox() if m.state in (OutgoingState.DUE, OutgoingState.SENDING)]
        for chat in self._all(Chat):
            assert 0 <= len(waiting) <= chat.used
            assert len(self.heard) <= chat.used


@given(st.lists(_deeds, max_size=30), st.integers(2, 4), st.sampled_from([400, 60]))
@settings(max_examples=200)
def test_no_chat_hears_more_than_its_quota(deeds: list[tuple[str, str]], quota: int, longest: int) -> None:
    """In any order of orders, refunds, messages, outages and refusals, with short messages and with parts."""
    shop = Counted(quota, longest).paid_order()
    for number, (what, how) in enumerate(deeds):
        shop.does(what, how, number)
