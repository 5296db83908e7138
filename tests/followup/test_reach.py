"""On which chat a buyer may be written to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from followup.model import Chat, Reason, Role, Verdict
from followup.politeness import Touch, judge, judge_ways
from followup.ports import Capabilities
from followup.reach import Way, choose, in_order, is_nobody, room
from tests.followup.makers import NOON, POLICY, a_buyer, a_chat, hours

TWO_DAYS = Capabilities(window=hours(48), quota=5)
TICK = timedelta(microseconds=1)


def chat(channel: str, **more: object) -> Chat:
    """A chat of Lin's on that channel."""
    return a_chat(id=f"shop/{channel}/lin", channel=channel, **more)


WROTE = chat("telegram", last_in_at=NOON - hours(5))
NEWER = chat("wecom", last_in_at=NOON - hours(1))
LINKED = chat("wechaty", linked_at=NOON - hours(3))
UNMET = chat("terminal")
NOBODY = chat("webchat", address="")
MANUAL = chat("manual")


class TestOrder:
    @pytest.mark.parametrize(
        ("own", "preferred", "current", "expected"),
        [
            ("terminal", "", "", [NEWER, LINKED, WROTE, UNMET]),
            ("terminal", WROTE.id, "", [WROTE, NEWER, LINKED, UNMET]),
            ("terminal", WROTE.id, LINKED.id, [WROTE, LINKED, NEWER, UNMET]),
            ("telegram", "", UNMET.id, [NEWER, LINKED, WROTE, UNMET]),
            ("telegram", "", "", [NEWER, LINKED, WROTE]),
            ("webchat", "", NOBODY.id, [NEWER, LINKED, WROTE, NOBODY]),
            ("manual", WROTE.id, NEWER.id, [MANUAL]),
        ],
    )
    def test_who_comes_first(self, own: str, preferred: str, current: str, expected: list[Chat]) -> None:
        """The preferred chat, then the thread's own, then the newest; the shop's own way where nobody ever wrote comes
        last, other channels not at all, and a shop bound to its platform stays there."""
        chats = [UNMET, NOBODY, MANUAL, WROTE, LINKED, NEWER]
        assert expected == in_order(chats, own, preferred, current)

    def test_a_chat_that_nobody_opened_is_nobody(self) -> None:
        """It has no address; every other chat has one."""
        assert [NOBODY] == [each for each in (UNMET, NOBODY, MANUAL, WROTE) if is_nobody(each)]


class TestChoice:
    def test_the_first_open_chat_is_taken_and_the_closed_ones_are_told(self) -> None:
        """The reasons name the chat that was closed, with its figures, and the one used instead."""
        closed = Way(chat("wecom", last_in_at=NOON - hours(48)), TWO_DAYS)
        way, reasons = choose([closed, Way(WROTE)], NOON)
        figures = (
            ("window_closed", "wecom"),
            ("last_message", "2026-03-03T04:00:00+00:00"),
            ("window", "2 days, 0:00:00"),
            ("chosen", "telegram"),
        )
        assert (WROTE, [Reason("chat", True, figures)]) == (way.chat, reasons)

    def test_an_open_first_chat_needs_no_reason(self) -> None:
        """Nothing is said of chats that were not looked at."""
        assert (Way(WROTE), []) == choose([Way(WROTE), Way(chat("wecom"), TWO_DAYS)], NOON)

    def test_if_all_are_closed_the_first_gives_the_verdict(self) -> None:
        """Each other one is named as closed too."""
        full, blocked = Way(NEWER, Capabilities(quota=0)), Way(chat("telegram", unreachable_at=NOON))
        _, decision = judge_ways(Touch(Role.NUDGE), a_buyer(), [full, blocked], POLICY, NOON)
        assert Verdict.QUOTA_USED == decision.verdict
        assert [("unreachable", "telegram")] == [r.facts[0] for r in decision.reasons if r.check == "chat"]
        assert not any(reason.passed for reason in decision.reasons if reason.check == "chat")


class TestBudget:
    @pytest.mark.parametrize(
        ("used", "solves", "verdict"),
        [
            (3, False, Verdict.SENT),
            (4, False, Verdict.QUOTA_USED),
            (4, True, Verdict.SENT),
            (5, True, Verdict.QUOTA_USED),
        ],
    )
    @pytest.mark.parametrize("role", [Role.NUDGE, Role.NOTICE, Role.REPLY])
    def test_one_message_is_kept_back_for_the_solution(
        self, role: Role, used: int, solves: bool, verdict: Verdict
    ) -> None:
        """Of five, four may be anything; the fifth is the one that settles the matter."""
        open_ = chat("wecom", last_in_at=NOON - hours(1), used=used)
        decision = judge(Touch(role, solves=solves), a_buyer(), open_, POLICY, NOON, TWO_DAYS)
        assert verdict == decision.verdict
        (figures,) = [reason.facts for reason in decision.reasons if reason.check == Verdict.QUOTA_USED]
        assert (("used", str(used)), ("quota", "5")) == figures

    def test_how_many_are_left(self) -> None:
        """Quota less the one kept back less what is used; without a quota there is no end."""
        counted = [room(chat("wecom", used=1), TWO_DAYS, solves) for solves in (False, True)]
        assert [3, 4, None] == [*counted, room(WROTE, Capabilities())]

    def test_the_window_counts_for_replies_too(self) -> None:
        """An answer that is late by days, after an outage, is not sent to a closed chat."""
        late = chat("wecom", last_in_at=NOON - hours(48))
        found = [
            judge(Touch(Role.REPLY), a_buyer(), late, POLICY, now, TWO_DAYS).verdict for now in (NOON - TICK, NOON)
        ]
        assert [Verdict.SENT, Verdict.WINDOW_CLOSED] == found

    def test_a_one_time_code_needs_neither_window_nor_quota(self) -> None:
        """A welcome goes where the buyer has not written yet; to a chat that refuses us it does not."""
        welcome = Touch(Role.REPLY, permitted=True)
        used_up = chat("wecom", used=9)
        found = [
            judge(welcome, a_buyer(), each, POLICY, NOON, TWO_DAYS).verdict
            for each in (used_up, chat("wecom", unreachable_at=NOON))
        ]
        assert [Verdict.SENT, Verdict.UNREACHABLE] == found


def test_a_buyer_without_a_chat_is_unreachable() -> None:
    """For there is no address."""
    found = judge(Touch(Role.NUDGE), a_buyer(), NOBODY, POLICY, NOON)
    assert (Verdict.UNREACHABLE, (("chat", "none"),)) == (
        found.verdict,
        next(r.facts for r in found.reasons if not r.passed),
    )
