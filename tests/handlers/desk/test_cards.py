"""Cards of tasks in the agents' group."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from followup.desk.codes import code_of
from followup.desk.people import Person, Roster
from followup.desk.verbs import Verb
from followup.model import Chat, Outgoing, Task, TaskState
from handlers.deps import Deps
from handlers.desk.cards import card, changed, line
from store.memory import MemoryTx
from tests.followup.makers import NOON, SHOP, a_buyer, a_case, a_chat, hours
from tests.handlers.desk.test_posting import THERE

THREAD = a_case("unpaid_order").thread
REASONS = {"zh-CN": {"paste": "粘贴发送"}, "en": {"paste": "paste"}}
DEPS = replace(THERE, reasons=REASONS, roster=Roster({"li": Person("li", "小李")}))
CODE = code_of("t1")


def a_task(**more: Any) -> Task:
    """A task of which people were told once."""
    task = Task("t1", SHOP, THREAD.id, "buyer_message", "请回复", NOON, due_at=NOON + hours(2), alerts=1)
    return replace(task, **more)


@pytest.fixture
def tx() -> MemoryTx:
    """A thread of Lin's, whose account is lin."""
    tx = MemoryTx()
    for item in (THREAD, a_chat(), a_buyer()):
        tx.save(item)
    return tx


def shown(task: Task, tx: MemoryTx, deps: Deps = DEPS) -> Outgoing:
    found = card(task, tx, deps, NOON)
    assert found is not None
    return found


def verbs(message: Outgoing) -> list[str]:
    return [choice.id.partition(":")[0] for choice in message.choices]


def test_the_line_of_a_task(tx: MemoryTx) -> None:
    """What it is, the order, the buyer, by when, whose it is, and its code; in the language of who reads it."""
    task = a_task(reason="paste", assignee="li")
    assert f"粘贴发送 · 1001 · Lin · 3月5日 14:00 前 · 小李 · {CODE}" == line(task, tx, DEPS, NOON)
    assert line(task, tx, DEPS, NOON, "en").startswith("Paste · 1001 · Lin · by ")
    assert "已超时（3月5日 14:00）" in line(task, tx, DEPS, NOON + hours(2))


def test_a_reason_without_a_name(tx: MemoryTx) -> None:
    """It is called by the first words of its text, never by a code."""
    assert line(a_task(reason="new_one"), tx, DEPS, NOON).startswith("请回复 · 1001")


def test_a_task_about_a_chat_alone(tx: MemoryTx) -> None:
    """It stands in the chat's topic, with the buyer's name and no order; about a channel it stands in none."""
    of_chat = shown(a_task(thread="shop/terminal/lin"), tx)
    assert ("shop/terminal/lin", True) == (of_chat.about, "Lin" in of_chat.text)
    assert "" == shown(a_task(id="t2", thread="shop/telegram"), tx).about


def test_nobody_is_named_by_an_address(tx: MemoryTx) -> None:
    """A stranger of a chat has no name yet."""
    tx.save(Chat("shop/terminal/77", SHOP, "unknown:terminal/77", "terminal", "77"))
    assert "77" not in line(a_task(thread="shop/terminal/77"), tx, DEPS, NOON).replace(CODE, "")


def test_buttons_by_reason(tx: MemoryTx) -> None:
    """A compensation is approved or refused, words are pasted or not, everything else is taken and done."""
    assert [Verb.TAKE, Verb.DONE, Verb.FAILED, Verb.LATER] == verbs(shown(a_task(), tx))
    assert [Verb.TAKE, Verb.APPROVE, Verb.REFUSE, Verb.LATER] == verbs(shown(a_task(id="t2", reason="approval"), tx))
    assert [Verb.DONE, Verb.FAILED, Verb.LATER] == verbs(shown(a_task(id="t3", reason="paste"), tx))
    assert {CODE} == {choice.id.split(":")[1] for choice in shown(a_task(), tx).choices}


def test_words_to_paste(tx: MemoryTx) -> None:
    """His account on the platform is there where it is not his name; the words are alone."""
    head = shown(a_task(reason="paste", text="您好"), tx)
    assert "\n平台账号：lin" in head.text
    assert "您好" not in head.text
    words = tx.get(Outgoing, "desk/card/t1/words")
    assert words is not None
    assert ("您好", (), THREAD.id) == (words.text, words.choices, words.about)


@pytest.mark.parametrize(
    ("more", "says", "left"),
    [
        ({"assignee": "li", "taken_at": NOON}, "小李", [Verb.DONE, Verb.FAILED, Verb.LATER]),
        ({"state": TaskState.DONE, "closed_at": NOON, "closed_by": "li"}, "小李", []),
        ({"state": TaskState.NOT_DONE, "closed_at": NOON, "closed_by": "someone"}, "someone", []),
        ({"state": TaskState.CANCELLED, "closed_at": NOON}, "办", []),
    ],
)
def test_a_card_that_changed(tx: MemoryTx, more: dict[str, Any], says: str, left: list[str]) -> None:
    """It says by whom, with the buttons that still mean something; the same change is one message."""
    edit = changed(a_task(**more), tx, DEPS, NOON)
    again = changed(a_task(**more), tx, DEPS, NOON + hours(1))
    assert edit is not None
    assert again is not None
    assert (edit.id, "desk/card/t1") == (again.id, edit.edits)
    assert says in edit.text.split("\n\n")[-1]
    assert left == verbs(edit)


def test_given_to_somebody_else_it_can_be_taken_again(tx: MemoryTx) -> None:
    """Nobody has it any more."""
    edit = changed(a_task(assignee="li"), tx, DEPS, NOON)
    assert edit is not None
    assert Verb.TAKE in verbs(edit)


def test_a_task_of_which_nobody_was_told_has_no_card(tx: MemoryTx) -> None:
    """Nothing is changed that was never shown; and a shop without a group has no cards."""
    assert changed(a_task(alerts=0), tx, DEPS, NOON) is None
    assert card(a_task(), tx, replace(DEPS, places={}), NOON) is None
