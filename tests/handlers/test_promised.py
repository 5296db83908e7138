"""What opens the clock of a promise, and what stops it, for scripts and for words on a platform's own chat."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from followup.effects import CancelReminders, Say
from followup.events import Action, AgentActed, Refusal
from followup.model import Decision, Outgoing, Reminder, ReminderState, Role, Task, Verdict
from followup.ports import Capabilities
from followup.promises import OURS, Promise
from handlers import promised
from handlers.agent_command import task_answered
from handlers.carry_out import carry_out
from handlers.judged_again import may_still_go
from scripts_library.catalogue import load_catalogue
from tests.stories.promising import REFUND, TalkingShop

DAILY = "refund.daily"
WORD = "明天中午前给您答复"


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The daily word names the next one: its fact `by` is a promise."""
    daily = replace(load_catalogue()[DAILY], promises="by")
    monkeypatch.setattr(promised, "load_catalogue", lambda: {**load_catalogue(), DAILY: daily})


class Bot(TalkingShop):
    def bot_says(self, by: str, key: str, role: Role = Role.NUDGE) -> Bot:
        """The daily word, with the time of the next."""
        thread, now = self.thread(REFUND), self.clock.now()
        facts = {"order": "1001", "day": 2, "by": self.moment(by)}
        said = Say(DAILY, role, f"{thread.id}/{DAILY}/{key}", Decision(Verdict.SENT, ()), facts)
        self.store.run(lambda tx: carry_out([said], thread, tx, self.deps, now))
        return self


def a_bot(channel: str = "terminal", **more: Any) -> Bot:
    shop = Bot("2026-03-02 14:00", channel=channel, **more)
    shop.asks_for_his_money()
    return shop


class TestScripts:
    def test_a_declared_time_opens_a_clock(self, declared: None) -> None:
        """Exactly at the fact, with nothing read from the words."""
        shop = a_bot().bot_says("2026-03-03 14:00", "a")
        assert (["huifang Tue 14:00 open"], ["Tue 13:40 promise.near", "Tue 14:10 promise.no_news"]) == (
            shop.promises(),
            shop.clocks(),
        )

    def test_the_next_word_keeps_it(self, declared: None) -> None:
        """Back in time with the next time: that is what was promised."""
        shop = a_bot().bot_says("2026-03-03 14:00", "a").after("20h").bot_says("2026-03-04 14:00", "b")  # type: ignore[attr-defined]
        assert ["huifang Tue 14:00 kept", "huifang Wed 14:00 open"] == shop.promises()

    def test_at_the_very_moment(self, declared: None) -> None:
        """The next word is planned for the minute that was named, and comes before any word that there is no news."""
        shop = a_bot().bot_says("2026-03-03 14:00", "a").until("2026-03-03 14:00")
        shop.after("1m").bot_says("2026-03-04 14:00", "b")  # type: ignore[attr-defined]
        assert ["huifang Tue 14:00 kept", "huifang Wed 14:00 open"] == shop.promises()
        assert [] == shop.until("2026-03-04 14:00").spoken_of("promise.no_news")

    def test_but_never_a_persons(self, declared: None) -> None:
        """What 小美 owes she owes still."""
        shop = a_bot().says(WORD).bot_says("2026-03-03 14:00", "a")  # type: ignore[attr-defined]
        assert ["小美 Tue 12:00 open", "huifang Tue 14:00 open"] == sorted(shop.promises(), reverse=True)

    def test_a_person_keeps_both(self, declared: None) -> None:
        """Whoever hears from a person waits for no bot."""
        shop = a_bot().says(WORD).bot_says("2026-03-03 14:00", "a").after("1h").says("查到了，您放心")  # type: ignore[attr-defined]
        assert (2, []) == (sum(line.endswith("kept") for line in shop.promises()), shop.clocks())

    def test_no_news_names_what_was_promised_already(self, declared: None) -> None:
        """At noon the buyer hears of two o'clock, which the script had named; nothing new is promised."""
        shop = a_bot().says(WORD).bot_says("2026-03-03 14:00", "a").until("2026-03-03 12:00")  # type: ignore[attr-defined]
        assert "3月3日 14:00" in shop.spoken_of("promise.no_news")[0]
        assert ["huifang Tue 14:00 open", "小美 Tue 12:00 late"] == sorted(shop.promises())

    def test_a_time_that_is_over_promises_nothing(self, declared: None) -> None:
        """Words that waited too long open no clock."""
        assert [] == a_bot().bot_says("2026-03-02 13:00", "a").promises()

    def test_undeclared_words_promise_nothing(self) -> None:
        """Whatever facts they hold."""
        assert [] == a_bot().bot_says("2026-03-03 14:00", "a").promises()


def paste(shop: TalkingShop, done: bool) -> None:
    """The last words of the outbox are pasted by a person, or are not."""
    (*_, message) = (each for each in shop.outbox() if each.step == "says")
    now = shop.clock.now()
    task = Task(f"paste/{message.id}", message.shop, message.thread, "paste", message.text, now, outgoing=message.id)
    action = Action.TASK_DONE if done else Action.TASK_NOT_DONE
    shop.store.run(lambda tx: tx.save(task))
    shop.store.run(lambda tx: task_answered(AgentActed("", action, "小美", now, task=task.id), tx, shop.deps))


class TestPlatform:
    def test_heard_when_it_is_pasted(self) -> None:
        """Words that wait to be pasted keep nothing yet."""
        shop = a_bot("manual").says(WORD).until("2026-03-03 10:00").says("查到了，您放心")
        assert ["小美 Tue 12:00 open"] == shop.promises()
        paste(shop, done=True)
        assert (["小美 Tue 12:00 kept"], []) == (shop.promises(), shop.clocks())

    def test_its_own_promise_goes_on(self) -> None:
        """Pasted words that name a new time keep the old promise and not their own."""
        shop = a_bot("manual").says(WORD).until("2026-03-03 10:00").says("明天下午5点前给您结果")
        paste(shop, done=True)
        assert ["小美 Tue 12:00 kept", "小美 Wed 17:00 open"] == shop.promises()

    def test_never_pasted(self) -> None:
        """What was not said was not promised."""
        shop = a_bot("manual").says(WORD)
        paste(shop, done=False)
        assert (["小美 Tue 12:00 released"], []) == (shop.promises(), shop.clocks())


def test_every_stopped_clock_says_why() -> None:
    """The planned word is cancelled with a decision, so that the ledger has no hole."""
    shop = a_bot().says(WORD).after("1h").says("查到了，您放心")
    states = {each.step: each.state for each in shop.reminders() if each.step.startswith("promise")}
    assert {ReminderState.CANCELLED} == set(states.values())
    assert [{"outcome": "promise_kept"}] == [shop.reasons("promise.no_news")["settled"]]


def test_a_replay_changes_nothing() -> None:
    """The same reminder cannot fire twice: one word, one next promise."""
    shop = a_bot().says(WORD).until("2026-03-03 12:00")
    before = (shop.promises(), len(shop.outbox()))
    shop._settle()
    assert before == (shop.promises(), len(shop.outbox()))


def test_types() -> None:
    """The book of promises holds what it says."""
    shop = a_bot().says(WORD)
    (promise,) = shop._all(Promise)
    (message,) = (each for each in shop.outbox() if each.step == "says")
    assert isinstance(message, Outgoing)
    assert (OURS != promise.said_by, True) == (True, isinstance(promise.due_at, datetime))
    assert {f"{promise.thread}/promise.near/@{promise.key}", f"{promise.thread}/promise.no_news/@{promise.key}"} == {
        each.id for each in shop.reminders() if isinstance(each, Reminder) and each.step.startswith("promise")
    }


ELSEWHERE = {"terminal": Capabilities(), "telegram": Capabilities()}


class TestElsewhere:
    def test_what_another_chat_took_is_promised_still(self, declared: None) -> None:
        """The first channel was closed to us, the second said it: the buyer heard the time, and the clock runs."""
        shop = a_bot(capabilities=ELSEWHERE).linked("telegram").channel_refuses(Refusal.WINDOW_CLOSED)
        shop.bot_says("2026-03-03 14:00", "a", Role.NOTICE)._settle()
        assert (["sent"], ["huifang Tue 14:00 open"]) == (
            [each.state.value for each in shop.outbox() if each.id.endswith("@telegram")],
            shop.promises(),
        )

    def test_what_no_chat_took_is_not(self, declared: None) -> None:
        """Refused there too, nobody has heard it."""
        shop = a_bot(capabilities=ELSEWHERE).linked("telegram").channel_refuses(Refusal.WINDOW_CLOSED)
        shop.channel_refuses(Refusal.WINDOW_CLOSED).bot_says("2026-03-03 14:00", "a", Role.NOTICE)._settle()
        assert (["huifang Tue 14:00 released"], []) == (shop.promises(), shop.clocks())


def test_words_taken_back_promise_nothing(declared: None) -> None:
    """The word waits in the outbox when its plan is dropped: no "no news" for what was never said."""
    shop = a_bot().bot_says("2026-03-03 14:00", "a")
    thread, now = shop.thread(REFUND), shop.clock.now()
    dropped = CancelReminders("another plan", steps=(DAILY,))
    shop.store.run(lambda tx: carry_out([dropped], thread, tx, shop.deps, now))
    assert (["huifang Tue 14:00 released"], []) == (shop.promises(), shop.clocks())


def test_words_that_waited_too_long_promise_nothing(declared: None) -> None:
    """Judged again before they go, they are held for good: their clock stops."""
    shop = a_bot().bot_says("2026-03-03 14:00", "a")
    (waiting,) = (each for each in shop.outbox() if each.id.endswith("/a"))
    shop.store.run(lambda tx: tx.save(replace(shop.buyer(), opted_out_at=shop.clock.now())))
    shop.store.run(lambda tx: may_still_go(waiting.id, tx, shop.deps, shop.clock.now()))
    assert (["huifang Tue 14:00 released"], []) == (shop.promises(), shop.clocks())
