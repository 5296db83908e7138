"""Commands on every kind of store: who is meant, which task, and that two people do not take the same matter."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from followup.desk.codes import code_of
from followup.desk.people import Person, Rank, Roster
from followup.desk.verbs import Verb
from followup.events import Commanded
from followup.model import Task, TaskState, Thread
from handlers.desk import commanded
from handlers.desk.commanded import LEAST
from handlers.desk.told import Told
from store.store import SqlStore, Store
from tests.handlers.linking import DEPS, NOON
from tests.store.makers import HOUR, a_buyer, a_chat, a_thread, an_order, keep, kept

PEOPLE = {"li": Person("li", "小李"), "chen": Person("chen", "小陈"), "wang": Person("wang", "王姐", Rank.SUPERVISOR)}
LISTED = replace(DEPS, roster=Roster(PEOPLE))
THREAD = a_thread(chat="s/telegram/b1")
CHAT = a_chat("b2", "telegram")
ASKED = Task(f"{THREAD.id}/buyer_message/m1", "s", THREAD.id, "buyer_message", "Please answer", NOON)
ASKED = replace(ASKED, due_at=NOON + HOUR, alert_at=NOON)
STRANGER = replace(ASKED, id=f"{CHAT.id}/buyer_message/m2", thread=CHAT.id, due_at=NOON + 2 * HOUR)


@pytest.fixture
def desk(store: Store) -> Store:
    """A thread with a task, and a chat in which nothing is followed up with another."""
    keep(store, an_order(), a_buyer(), a_chat("b1", "telegram"), THREAD, a_buyer("b2"), CHAT, ASKED, STRANGER)
    return store


def told(store: Store, verb: Verb, who: str = "li", thread: str = "", **more: str) -> Told:
    """Somebody gives a command, an hour after the tasks were given."""
    event = Commanded(verb, who, NOON + HOUR / 2, f"{verb} by {who}", thread, **more)  # type: ignore[arg-type]
    return store.run(lambda tx: commanded.commanded(event, tx, LISTED), commanded.wanted(event))


def test_a_task_is_meant_by_its_code_anywhere(desk: Store) -> None:
    """Outside of all topics a code is enough, of a thread's task and of a chat's."""
    assert told(desk, Verb.DONE, task=code_of(ASKED.id)).done
    assert told(desk, Verb.TAKE, task=code_of(STRANGER.id)).about == CHAT.id
    assert ((TaskState.DONE, "li"), ("li", STRANGER.due_at)) == (
        ((done := kept(desk, ASKED)).state, done.closed_by),
        ((taken := kept(desk, STRANGER)).assignee, taken.alert_at),
    )


def test_a_code_of_another_topic_is_meant_too(desk: Store) -> None:
    """Somebody answers in the wrong topic: the task that he names is the one."""
    answer = told(desk, Verb.DONE, thread=CHAT.id, task=code_of(ASKED.id))
    assert (True, THREAD.id, TaskState.DONE) == (answer.done, answer.about, kept(desk, ASKED).state)


def test_a_word_that_looks_like_a_code(desk: Store) -> None:
    """A known word begins what there is to say; anything else is a code that nobody knows, and nothing is done."""
    assert told(desk, Verb.DONE, thread=THREAD.id, task="asked", text="and answered").done
    assert "asked and answered" == kept(desk, ASKED).answer
    answer = told(desk, Verb.DONE, thread=CHAT.id, task="k3x9m")
    assert (False, {"code": "k3x9m"}) == (answer.done, answer.facts)


@pytest.mark.parametrize("verb", [Verb.TAKE, Verb.LATER, Verb.DONE, Verb.FAILED, Verb.REFUSE])
def test_a_wrong_code_does_nothing_to_another_task(desk: Store, verb: Verb) -> None:
    """Not even to the only one that is there."""
    for text in ("", "handled"):
        answer = told(desk, verb, thread=THREAD.id, task="zzzzz", text=text)
        assert ("desk.no_such_task", {"code": "zzzzz"}) == (answer.script, answer.facts)
    assert ASKED == kept(desk, ASKED)


def test_a_task_answered_before(desk: Store) -> None:
    """The second one is told that it is over, by its code and by its id."""
    assert told(desk, Verb.DONE, task=ASKED.id).done
    assert "desk.task_closed" == told(desk, Verb.DONE, "chen", task=ASKED.id).script
    assert "desk.no_such_task" == told(desk, Verb.DONE, "chen", task=code_of(ASKED.id)).script
    assert "li" == kept(desk, ASKED).closed_by


def test_what_waits_is_listed_in_order(desk: Store) -> None:
    """The most pressing first, with codes; what another took is his."""
    lines = str(told(desk, Verb.TASKS).facts["lines"]).splitlines()
    assert [True, True] == [code_of(task.id) in line for task, line in zip((ASKED, STRANGER), lines, strict=True)]
    told(desk, Verb.TAKE, "chen", thread=THREAD.id)
    assert 1 == told(desk, Verb.TASKS).facts["count"]
    assert 2 == told(desk, Verb.TASKS, "chen").facts["count"]


def test_in_a_chat_without_a_thread(desk: Store) -> None:
    """Its task can be taken, given on, noted and done; what needs a matter says so."""
    assert told(desk, Verb.TAKE, thread=CHAT.id).done
    assert told(desk, Verb.GIVE, thread=CHAT.id, to="小陈").done
    assert ("chen", None) == (kept(desk, STRANGER).assignee, kept(desk, STRANGER).taken_at)
    assert told(desk, Verb.NOTE, thread=CHAT.id, text="asks for the shop's hours").done
    scripts = [told(desk, verb, thread=CHAT.id).script for verb in (Verb.RESOLVE, Verb.REOPEN)]
    assert ["desk.not_followed"] * 2 == scripts
    assert told(desk, Verb.PAUSE, thread=CHAT.id).done
    assert "desk.paused_already" == told(desk, Verb.PAUSE, "chen", thread=CHAT.id).script


def test_two_take_at_once(desk: Store) -> None:
    """One has it, the other is told who."""
    at_once = 2 if isinstance(desk, SqlStore) else 1
    with ThreadPoolExecutor(at_once) as both:
        answers = list(both.map(lambda who: told(desk, Verb.TAKE, who, THREAD.id), ("li", "chen")))
    assert [False, True] == sorted(answer.done for answer in answers)
    has_it = kept(desk, THREAD).agent
    refused = next(answer for answer in answers if not answer.done)
    assert ("desk.taken_already", PEOPLE[has_it].name) == (refused.script, refused.facts["who"])
    assert has_it == kept(desk, ASKED).assignee


def test_of_nobody_listed_everybody_is_trusted(desk: Store) -> None:
    """An installation without a list works as before: by whatever name somebody gives."""
    event = Commanded(Verb.TAKE, "小美", NOON, "k", THREAD.id)
    assert desk.run(lambda tx: commanded.commanded(event, tx, DEPS), commanded.wanted(event)).done
    assert "小美" == kept(desk, THREAD).agent


def test_a_person_who_left_holds_nothing(desk: Store) -> None:
    """What belongs to somebody who is not listed any more can be taken by anybody."""
    keep(desk, replace(THREAD, agent="gone"), replace(ASKED, assignee="gone", taken_at=NOON))
    assert told(desk, Verb.TAKE, thread=THREAD.id).done
    assert "li" == kept(desk, THREAD).agent


def test_each_verb_has_a_rank_and_a_way() -> None:
    """The table of ranks is whole: only erasing is the owner's."""
    assert set(Verb) == set(LEAST) == set(commanded._HOW)
    assert {Verb.ERASE: Rank.OWNER} == {verb: rank for verb, rank in LEAST.items() if rank > Rank.AGENT}


def test_the_thread_is_kept_as_it_was(desk: Store) -> None:
    """A refusal changes nothing."""
    before = kept(desk, THREAD)
    for verb in (Verb.FLAG, Verb.SNOOZE, Verb.PROMISE, Verb.RESOLVE, Verb.GIVE, Verb.SAY, Verb.APPROVE, Verb.RESUME):
        assert not told(desk, verb, thread=THREAD.id).done
    assert (before, ASKED) == (kept(desk, THREAD), kept(desk, ASKED))
    assert isinstance(before, Thread)
