"""The story of a thread in both languages of the agents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.demo.acting import KINDS, ORDERS, SHOP
from bot.demo.places import PLACES
from bot.demo.play import open_stage
from bot.demo.show import Show
from bot.demo.stories import STORIES
from bot.desk import _tables, words
from bot.why import Line, because, tell
from followup.events import thread_id
from followup.model import (
    Buyer,
    Chat,
    Decided,
    Decision,
    Note,
    Outgoing,
    OutgoingState,
    Reason,
    Reminder,
    Role,
    State,
    Task,
    TaskState,
    Thread,
    Verdict,
)
from followup.policy import Policy, ReviewMode, ReviewPolicy
from followup.politeness import Touch, judge, judge_ways
from followup.ports import Capabilities
from followup.reach import Way
from handlers.channel_state import DOWN, GAP, LOGIN, REFUSED
from scheduler.clock import JumpingClock
from store import views
from store.views import Story
from tests.bot.channels.test_contract import a_message

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
NIGHT = NOON + timedelta(hours=12)
HOUR = timedelta(hours=1)
ZONE = ZoneInfo("Asia/Shanghai")
LANGS = ("zh-CN", "en")
ID = a_message().id

POLICY = Policy("tea")
BUYER = Buyer("tea", "lin", nudged_at=NOON - HOUR, nudged_by="tea/9/pending_refund/refund.daily")
CHAT = Chat("tea/manual/lin", "tea", "lin", "manual", "lin", last_in_at=NOON - HOUR)
NEVER = replace(POLICY, review=ReviewPolicy(mode=ReviewMode.NEVER))

JUDGED: dict[str, tuple[Any, ...]] = {
    "settled": (Touch(Role.NUDGE, settled="paid"), BUYER, CHAT, POLICY, NOON),
    "opted_out": (Touch(Role.NUDGE), replace(BUYER, opted_out_at=NOON - HOUR), CHAT, POLICY, NOON),
    "firewall": (Touch(Role.NUDGE, about_review=True), replace(BUYER, benefit_at=NOON), CHAT, POLICY, NOON),
    "never": (Touch(Role.NUDGE, about_review=True), BUYER, CHAT, NEVER, NOON),
    "expired": (Touch(Role.NUDGE, expires_at=NOON - HOUR), BUYER, CHAT, POLICY, NOON),
    "expires_before_morning": (Touch(Role.NUDGE, expires_at=NIGHT + HOUR), BUYER, CHAT, POLICY, NIGHT),
    "unreachable": (Touch(Role.NUDGE), BUYER, replace(CHAT, unreachable_at=NOON - HOUR), POLICY, NOON),
    "nobody": (Touch(Role.NUDGE), BUYER, replace(CHAT, address=""), POLICY, NOON),
    "window": (Touch(Role.NUDGE), BUYER, CHAT, POLICY, NOON, Capabilities(window=timedelta(minutes=5))),
    "quota": (Touch(Role.NUDGE), BUYER, replace(CHAT, used=4), POLICY, NOON, Capabilities(quota=5)),
    "quiet": (Touch(Role.NUDGE), Buyer("tea", "lin"), CHAT, POLICY, NIGHT),
    "capped": (Touch(Role.NUDGE, expires_at=NOON + 99 * HOUR), BUYER, CHAT, POLICY, NOON),
}


CLOSED = {
    name: Way(replace(CHAT, channel="wecom", **more), can)
    for name, more, can in (
        ("window_closed", {}, Capabilities(window=timedelta(minutes=5))),
        ("quota_used", {"used": 4}, Capabilities(quota=5)),
        ("unreachable", {"unreachable_at": NOON - HOUR}, Capabilities()),
    )
}
OPEN = Way(replace(CHAT, channel="telegram"))


def a_decision(name: str, **more: Any) -> Decided:
    """What politeness really says of a case, as it is stored."""
    decided = Decided("tea/1/unpaid_order", ID, "tea", "lin", "unpaid.help", NOON, judge(*JUDGED[name]), "manual")
    return replace(decided, **more)


def a_story(**more: Any) -> Story:
    """The story of an open thread; its lists are given."""
    chat = "tea/manual/lin"
    thread = Thread("tea/1/unpaid_order", "tea", "1", "unpaid_order", "lin", chat, State.OPEN, NOON, NOON)
    lists: dict[str, Any] = {"decisions": [], "outgoing": [], "reminders": [], "notes": [], "tasks": []}
    return Story(**{"thread": thread, **lists, **more})


def told(story: Story, lang: str = "en") -> list[Line]:
    """The story as agents read it."""
    return tell(story, ZONE, words(lang))


def the(lines: list[Line], *kinds: str) -> Line:
    """The only line of these kinds."""
    (line,) = [line for line in lines if line.kind in kinds]
    return line


def sentences(lines: list[Line]) -> Iterator[str]:
    """Every text of the lines."""
    for line in lines:
        yield line.text
        yield from line.details


class TestWords:
    def test_both_languages_say_the_same_things(self) -> None:
        """No sentence is missing in one of them, and each names the same figures in both."""

        def shape(table: dict[str, Any]) -> dict[str, Any]:
            return {
                key: shape(value) if isinstance(value, dict) else sorted(re.findall(r"{(\w+)}", value))
                for key, value in table.items()
            }

        chinese, english = (shape(dict(_tables()[lang])) for lang in LANGS)
        assert chinese == english

    @pytest.mark.parametrize("lang", LANGS)
    def test_what_happens_to_a_channel_has_a_name(self, lang: str) -> None:
        """No task about a channel is headed by a code."""
        reasons = (LOGIN, REFUSED, DOWN, GAP)
        assert [] == [reason for reason in reasons if words(lang).name("reasons", reason) == reason]

    def test_what_has_no_name_is_called_by_its_own(self) -> None:
        """An outcome or reason that nobody named is shown as it is."""
        assert words("en").name("outcomes", "eaten by a whale") == "eaten by a whale"
        assert words("en").step("new.step") == "new.step"


class TestReasons:
    @pytest.mark.parametrize("lang", LANGS)
    @pytest.mark.parametrize("name", JUDGED)
    def test_every_hold_says_why_and_what_would_have_changed_it(self, name: str, lang: str) -> None:
        """In words, with the figures that were looked at; no code, no placeholder, no instant of another zone."""
        (line,) = [
            line for line in told(a_story(decisions=[a_decision(name)]), lang) if line.kind in ("held", "dropped")
        ]
        why = [text for text in line.details if text.startswith(words(lang)("because"))]
        change = [text for text in line.details if text.startswith(words(lang)("otherwise"))]
        assert why
        assert len(change) == 1
        assert len(change[0]) > len(words(lang)("otherwise")) + 3
        for text in line.details:
            assert not re.search(
                r"[{}]|\+00:00|(quiet_hours|opted_out|window_closed|quota_used|next_moment|last_nudge)", text
            )

    @pytest.mark.parametrize("lang", LANGS)
    @pytest.mark.parametrize("name", CLOSED)
    def test_a_chat_that_was_passed_over_is_told(self, name: str, lang: str) -> None:
        """Which was closed and why, and by which it went instead; if all were closed, each of them."""
        for ways, of in (([CLOSED[name], OPEN], "passed"), ([CLOSED["quota_used"], CLOSED[name]], "failed")):
            _, decision = judge_ways(Touch(Role.NUDGE), Buyer("tea", "lin"), ways, POLICY, NOON)
            decided = a_decision("quiet", decision=decision)
            (line,) = [line for line in told(a_story(decisions=[decided]), lang) if line.kind in ("said", "dropped")]
            told_ = [text for text in line.details if "wecom" in text]
            assert [words(lang).table[of][f"chat.{name}"].partition("{")[0] in text for text in told_] == [True]
            assert not re.search(r"[{}]|\+00:00|window_closed|quota_used|chosen", "".join(line.details))

    @pytest.mark.parametrize("lang", LANGS)
    def test_every_check_that_passed_is_told(self, lang: str) -> None:
        """A message that went shows the clock, the cap, the window and the consent it was judged by."""
        touch = Touch(Role.NUDGE, about_review=True, expires_at=NOON + HOUR)
        free = replace(BUYER, nudged_at=NOON - 30 * HOUR)
        can = Capabilities(window=timedelta(hours=48), quota=5)
        decision = judge(touch, free, CHAT, POLICY, NOON, can)
        assert decision.verdict is Verdict.SENT
        (line,) = [
            line
            for line in told(a_story(decisions=[a_decision("quiet", decision=decision)]), lang)
            if line.kind == "said"
        ]
        (checked,) = [text for text in line.details if text.startswith(words(lang)("checked"))]
        assert checked.count(words(lang)("also")) == len(decision.reasons) - 1

    def test_a_hold_in_english(self) -> None:
        """The whole line, word by word."""
        line = the(told(a_story(decisions=[a_decision("capped")])), "held")
        assert line.text == "held back Help after ordering until 03-03 11:00"
        assert line.details == (
            "because: the last reminder was at 03-02 11:00 (Daily update), and a buyer is reminded"
            " once in a while over all matters",
            "checked: the matter is open; the buyer has not said stop; of use until 03-06 15:00; the chat takes"
            " messages; within the hours for reminders (09:00–20:30 Asia/Shanghai)",
            "it would go: at 03-03 11:00, if everything else still holds then",
        )

    def test_a_hold_in_chinese(self) -> None:
        """The whole line, word by word."""
        line = the(told(a_story(decisions=[a_decision("quiet")]), "zh-CN"), "held")
        assert line.text == "暂不发 下单后帮忙，03-03 09:00 再看"
        assert line.details[0] == "因为：不在可以打扰的时间里（买家当地 09:00–20:30 Asia/Shanghai）"
        assert line.details[-1] == "怎样才会发：到了 03-03 09:00，再看一遍"

    def test_a_hold_for_want_of_a_chat(self) -> None:
        """Another look at a later time changes nothing; that the buyer opens a chat does."""
        decided = a_decision("nobody")
        later = replace(decided, decision=replace(decided.decision, retry_at=NOON + HOUR))
        line = the(told(a_story(decisions=[later])), "held")
        assert "it would go: once the buyer has opened a chat: `huifang link` makes him a link" == line.details[-1]

    @pytest.mark.parametrize("verdict", [Verdict.SETTLED, Verdict.OPTED_OUT, Verdict.FIREWALL, Verdict.EXPIRED])
    @pytest.mark.parametrize("lang", LANGS)
    def test_what_was_taken_back_says_why(self, lang: str, verdict: Verdict) -> None:
        """Planned words that were dropped because of what happened meanwhile."""
        dropped = Decision(verdict, (Reason(verdict, False, (("outcome", "stop"),)),))
        said = because(a_decision("quiet", decision=dropped), ZONE, words(lang))
        assert "outcome" not in said
        assert len(said) > 5

    def test_an_unknown_check_is_shown_as_it_is(self) -> None:
        """A check that this table does not know yet is not swallowed."""
        decision = Decision(Verdict.QUOTA_USED, (Reason("phase_of_the_moon", False, (("moon", "full"),)),))
        assert because(a_decision("quiet", decision=decision), ZONE, words("en")) == "phase_of_the_moon moon full"


class TestStory:
    def test_it_goes_from_the_opening_to_the_end(self) -> None:
        """Everything in the order of time: opened, said, heard, ended; what is planned comes last."""
        story = a_story(
            thread=replace(a_story().thread, state=State.SETTLED, outcome="paid", closed_at=NOON + 9 * HOUR),
            notes=[Note("t", NOON + 2 * HOUR, "buyer", "明天付")],
            decisions=[a_decision("quiet", at=NOON + 3 * HOUR), a_decision("settled", at=NOON + 8 * HOUR)],
            reminders=[Reminder("r", "t", "tea", "lin", "unpaid.last_call", NOON + HOUR)],
        )
        assert [line.kind for line in told(story)] == ["opened", "note", "held", "dropped", "ended", "plan"]
        assert [line.text for line in told(story)][-2:] == ["ended: paid", "planned: Last call"]

    def test_a_message_is_told_once_with_its_words_and_its_fate(self) -> None:
        """Decision and delivery are one line, with the words below it."""
        decided = a_decision("quiet", decision=Decision(Verdict.SENT, ()), text="Hello\n(stop)")
        sent = a_message(state=OutgoingState.SENT, sent_at=NOON + HOUR)
        line = the(told(a_story(decisions=[decided], outgoing=[sent])), "said")
        assert line.text == "said Help after ordering on manual, sent 03-02 13:00"
        assert line.details[:2] == ("Hello", "(stop)")

    def test_pasted_words_name_who_pasted_them(self) -> None:
        """On the manual channel "sent" is an agent's act; the paste task is not told twice."""
        decided = a_decision("quiet", decision=Decision(Verdict.SENT, ()), text="Hello")
        sent = a_message(state=OutgoingState.SENT, sent_at=NOON)
        paste = Task("paste/x", "tea", "t", "paste", "Hello", NOON, TaskState.DONE, ID, closed_by="Mia")
        lines = told(a_story(decisions=[decided], outgoing=[sent], tasks=[paste]))
        assert [line.kind for line in lines] == ["opened", "said"]
        assert lines[1].text.endswith("given to an agent to paste 03-02 12:00; done by Mia")

    @pytest.mark.parametrize("state", OutgoingState)
    @pytest.mark.parametrize("lang", LANGS)
    def test_every_delivery_state_has_words(self, lang: str, state: OutgoingState) -> None:
        """With the error, if there is one."""
        message: Outgoing = a_message(state=state, error="socket closed", sent_at=NOON)
        decided = a_decision("quiet", decision=Decision(Verdict.SENT, ()), text="Hello")
        line = the(told(a_story(decisions=[decided], outgoing=[message]), lang), "said")
        assert state.value not in line.text or state is OutgoingState.SENT
        assert ("socket closed" in line.text) == (state is not OutgoingState.SENT)

    @pytest.mark.parametrize(
        ("note", "text"),
        [
            (Note("t", NOON, "buyer", "I'll pay tomorrow"), "buyer: I'll pay tomorrow"),
            (Note("t", NOON, "Mia", "solved"), "Mia: marked it solved"),
            (Note("t", NOON, "Mia", "note sent a new one"), "Mia: noted: sent a new one"),
            (Note("t", NOON, "Mia", "task_done paste at once"), "Mia: did the task: paste at once"),
            (Note("t", NOON, "huifang", "buyer confirmed"), "Huifang: (taken as: it is solved)"),
            (Note("t", NOON, "buyer", "close"), "buyer: close"),
            (Note("t", NOON, "buyer", "close my account"), "buyer: close my account"),
            (Note("t", NOON, "buyer", "task_done paste"), "buyer: task_done paste"),
            (Note("t", NOON, "huifang", "paid.thanks: no new words left"), "Huifang: paid.thanks: no new words left"),
        ],
    )
    def test_who_did_what(self, note: Note, text: str) -> None:
        """Acts have names; what somebody said stands as it was said, and a buyer's words are never acts."""
        assert told(a_story(notes=[note]))[-1].text == text

    def test_tasks_are_told_with_their_answers(self) -> None:
        """What a person was asked, who answered, and what."""
        task = Task("x", "tea", "t", "unsure", "Look into it", NOON, TaskState.NOT_DONE, closed_by="Mia", answer="gone")
        line = told(a_story(tasks=[task]))[-1]
        assert (line.text, line.details) == (
            "for a person: delivery unsure, not done by Mia (gone)",
            ("Look into it",),
        )

    @pytest.mark.parametrize("lang", PLACES)
    async def test_whole_threads_read_in_the_agents_language(self, lang: str, tmp_path: Any) -> None:
        """The six stories of the demo, told from the database, hold no code and no placeholder."""
        place, clock = PLACES[lang], JumpingClock(PLACES[lang].monday)
        said = words("zh-CN" if lang == "zh-CN" else "en")
        stage = open_stage(tmp_path / "demo.db", clock, place, Show(None, clock, place, said))  # type: ignore[arg-type]
        for story in STORIES.values():
            story(stage, place)
        while (when := await stage.next_time()) is not None:
            await clock.sleep_until(when)
            await stage.step()
        with stage.store.engine.connect() as connection:
            stories = [views.story(connection, thread_id(SHOP, ORDERS[story], kind)) for story, kind in KINDS.items()]
        stage.store.close()
        for one in stories:
            lines = tell(one, place.zone, said)
            assert lines[0].kind == "opened"
            assert lines[-1].kind in ("ended", "dropped")
            assert not [text for text in sentences(lines) if re.search(r"[{}]|None|_hours|_out\b", text)]
