"""`huifang say` and `huifang promises` as a shop's people use them."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from followup.model import Chat, Rating, Review
from store.store import SqlStore
from tests.bot.tea import a_refund, an_order, write_jsonl
from tests.bot.test_cli import NOW, Huifang, Typed, busy, huifang, shop
from tests.store.makers import keep

__all__ = ["busy", "huifang", "shop"]

PROMISE = "I'll get back to you within 24 hours."


def told(typed: Typed) -> list[str]:
    """What was said on both streams."""
    return [*typed.lines, *typed.err.splitlines()]


class TestSay:
    def test_words_to_paste(self, busy: Huifang) -> None:
        """On a platform's own chat the words are a task, and the promise has its clock."""
        typed = busy("say", "o2", PROMISE, "--by", "Mia")
        assert (typed.code, len(typed.lines)) == (0, 2)
        assert typed.lines[0].startswith("It is a task to paste now")
        assert typed.lines[1].startswith("A promise: the buyer hears more by ")
        assert busy("catchup").code == 0
        assert PROMISE in busy("tasks").out
        assert "Mia: told the buyer: I'll get back" in busy("why", "o2").out
        assert "Mia promised: the buyer hears by" in busy("why", "o2").out
        assert busy("audit").code == 0

    def test_a_check_says_nothing(self, busy: Huifang) -> None:
        """It shows what is wrong and what would be promised."""
        typed = busy("say", "o2", PROMISE, "--check")
        assert (typed.code, typed.lines[0]) == (0, "This may be said.")
        assert typed.lines[1].startswith("A promise: ")
        assert busy("say", "o2", "Thank you, all is well.", "--check").lines[1].startswith("No promise with a time")
        assert busy("promises").lines == ["No promise is open."]

    def test_what_no_one_may_say(self, busy: Huifang) -> None:
        """The rule is named, the exit code is 2, and nothing is kept of it."""
        for more in ([], ["--check"]):
            typed = busy("say", "o2", "Leave us a review and get a coupon", *more)
            assert (typed.code, told(typed)[0]) == (2, "This may not be said:")
            assert "offers something for a review, or sounds as if it did (rules 13, 77, 86, 95)" in " ".join(
                told(typed)
            )
        assert "coupon" not in busy("why", "o2").out

    def test_a_chat_that_is_not_there(self, busy: Huifang) -> None:
        """It is named in one sentence, and nothing goes to another chat."""
        for more in ([], ["--check"]):
            typed = busy("say", "o2", "hi", "--chat", "nope/x/1", *more)
            assert (typed.code, told(typed)) == (2, ["huifang: the buyer of this order has no chat 'nope/x/1'"])

    def test_advice(self, busy: Huifang) -> None:
        """A date of arrival goes, with a word of warning."""
        typed = busy("say", "o2", "Your parcel will be delivered tomorrow.")
        assert (typed.code, typed.err.splitlines()[0]) == (0, "Mind:")

    def test_the_same_words_at_once(self, busy: Huifang) -> None:
        """A second time within a minute wants --again."""
        assert busy("say", "o2", "It is found.").code == 0
        typed = busy("say", "o2", "It is found.")
        assert (typed.code, "--again" in typed.err) == (2, True)
        assert busy("say", "o2", "It is found.", "--again").code == 0

    def test_to_nobody(self, busy: Huifang) -> None:
        """An order that is not there, a thread of another kind, empty words."""
        assert busy("say", "o9", "Hello").err.startswith("huifang: there is no thread of 'o9'")
        assert "no unpaid_order thread of 'o2'" in busy("say", "o2", "Hello", "--thread", "unpaid_order").err
        assert busy("say", "o2", "  ").code == 2
        assert busy("say", "", "Hello", "--chat", "tea/manual/none").code == 2

    def test_to_who_said_stop(self, busy: Huifang) -> None:
        """The words do not go, the reason is given, and they are noted."""
        busy("act", "o2", "opt_out")
        typed = busy("say", "o2", PROMISE, "--by", "Mia")
        assert (typed.code, typed.lines) == (1, [])
        assert any("said stop" in line for line in typed.err.splitlines())
        assert "Mia: wanted to tell the buyer, but it did not go: I'll get back" in busy("why", "o2").out

    def test_by_a_tasks_code(self, busy: Huifang) -> None:
        """A task leads to its thread."""
        code = next(line.split()[0] for line in busy("tasks").lines if " · order o2 · " in line)
        assert busy("say", code, "It is found.").code == 0
        assert "It is found." in busy("why", "o2").out

    def test_in_a_strangers_chat(self, busy: Huifang) -> None:
        """No clock can run there: a person has a task."""
        store = SqlStore("sqlite:///var/huifang.db")
        keep(store, Chat("tea/manual/zoe", "tea", "zoe", "manual", "zoe"))
        store.close()
        typed = busy("say", "-", PROMISE, "--chat", "tea/manual/zoe")
        assert (typed.code, "keep it in mind" in typed.lines[1]) == (0, True)
        assert "Keep this promise in mind" in busy("tasks").out or "No clock runs" in busy("tasks").out


class TestPromises:
    def test_the_ledger(self, busy: Huifang) -> None:
        """Who promised what to whom, by when; kept once the words that answer are pasted."""
        busy("say", "o2", PROMISE, "--by", "Mia")
        busy("catchup")
        assert all(word in busy("promises").out for word in ("Mia", "o2", "Anna2", "open", "within 24 hours"))
        (line,) = busy("promises", "--json").lines
        assert ("o2", "open", "Mia") == tuple(json.loads(line)[name] for name in ("order", "state", "said_by"))
        with sqlite3.connect("var/huifang.db") as connection:
            connection.execute("UPDATE promises SET made_at = made_at - 60000000")
        busy("say", "o2", "It is found: all is well.", "--by", "Mia")
        busy("catchup")
        assert "open" in busy("promises").out
        (code,) = (line.split()[0] for line, words in pairwise(busy("tasks").lines) if words.startswith("It is found"))
        assert busy("done", code, "--by", "Mia").code == 0
        assert busy("promises").lines == ["No promise is open."]
        assert "kept" in busy("promises", "--all").out

    def test_words_that_were_not_pasted(self, busy: Huifang) -> None:
        """The buyer never read them: nothing was promised."""
        busy("say", "o2", PROMISE, "--by", "Mia")
        busy("catchup")
        lines = busy("tasks").lines
        (code,) = (line.split()[0] for line, words in pairwise(lines) if words == PROMISE)
        busy("failed", code, "--text", "chat closed")
        assert busy("promises").lines == ["No promise is open."]
        assert "released" in busy("promises", "--all").out

    def test_a_promise_without_a_clock_is_found(self, busy: Huifang) -> None:
        """The audit names it."""
        busy("say", "o2", PROMISE)
        with sqlite3.connect("var/huifang.db") as connection:
            connection.execute("DELETE FROM reminders WHERE step = 'promise.no_news'")
        typed = busy("audit")
        assert (typed.code, "it was promised, and no clock runs" in typed.out) == (1, True)


def test_an_order_of_several_threads(shop: Huifang) -> None:
    """The command asks which is meant, and takes the answer."""
    told = NOW - timedelta(hours=1)
    both = replace(a_refund(an_order(1, told)), reviews=(Review("tea", "v", "o1", Rating.BAD, told, told, "bad"),))
    write_jsonl(Path("a.jsonl"), [both])
    shop("import", "a.jsonl")
    typed = shop("say", "o1", "Hello, how can I help?")
    assert (typed.code, "name one with --thread: pending_refund, review_revision" in typed.err) == (2, True)
    assert shop("say", "o1", "Hello, how can I help?", "--thread", "pending_refund").code == 0
