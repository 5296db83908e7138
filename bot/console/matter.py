"""What the page of a thread shows, read in one go without a lock: nothing of it is changed here."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import tzinfo

from sqlalchemy import Connection

from bot.console.conversation import Bubble, Conversation, File, file_of
from bot.console.desk import Desk, Visit
from bot.desk import Words
from bot.why import BUYER, Judged, Line, tell
from followup.desk.codes import code_of
from followup.desk.deadlines import ClockState, Deadline
from followup.events import AgentSpoke
from followup.kinds import STEPS
from followup.model import Chat, Decision, Instant, Reminder, ReminderState, Role, Task, TaskState, Thread, Verdict
from followup.promises import OURS
from followup.promises import STEPS as OF_PROMISES
from followup.reach import HELD
from handlers.agent_says import Read, read
from handlers.desk.commanded import beside
from handlers.desk.planning import verdict_at
from store.console.thread import ThreadPage, thread_page
from store.sql_tx import SqlTx
from store.tx import Tx
from store.views import Story

_SCRIPT, _GAP = re.compile(r"\d+\. \[[a-z_]+\.[a-z_.]+\] "), re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Says:
    """What politeness would say at a moment: whether it goes, when it would instead, and why, as `huifang why` has
    it."""

    goes: bool
    later: Instant | None = None
    waits: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A planned touch; of one that says something to the buyer also what politeness thinks of it, at its time and
    now."""

    id: str
    name: str
    due_at: Instant
    expires_at: Instant | None
    at_its_time: Says | None = None
    now: Says | None = None
    is_promised: bool = False
    is_silent: bool = False
    step: str = ""


@dataclass(frozen=True, slots=True)
class Todo:
    """An open task as it is shown; its `text` without the scripts that it suggests, which stand beside it."""

    task: Task
    text: str
    code: str
    name: str
    who: str
    is_mine: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class Matter:
    """Everything on the page of a thread; `timeline` and `notes`, what people wrote down and did, are newest first."""

    page: ThreadPage
    bubbles: tuple[Bubble, ...]
    timeline: tuple[Line, ...]
    planned: tuple[Planned, ...]
    todos: tuple[Todo, ...]
    clocks: tuple[Deadline, ...]
    files: tuple[File, ...]
    notes: tuple[Line, ...]


def look(connection: Connection, desk: Desk, visit: Visit, id_: str) -> Matter | None:
    """The matter of a thread, or of a chat in which nothing is followed up; None if there is none, or none that he may
    see."""
    page = thread_page(connection, id_)
    if page is None or not visit.sees(page.thread.shop):
        return None
    zone, words, roster = desk.zone(page.thread.shop), visit.names, desk.deps.roster
    told = [line for line in tell(page.story, zone, words, roster) if line.kind not in _of_matters(page)]
    return Matter(
        page,
        Conversation(page, words, zone, roster).bubbles(),
        tuple(reversed(told)),
        tuple(_planned(page, book_of(connection, desk, id_), desk, words, zone)),
        tuple(_todos(page, desk, visit)),
        tuple(each for each in page.story.clocks if each.state in (ClockState.RUNNING, ClockState.PAUSED)),
        tuple(file_of(each, visit.lang) for each in page.evidence if each.thread in ("", page.thread.id)),
        tuple(line for line in reversed(tell(_by_people(page), zone, words, roster)) if line.kind == "note"),
    )


def _of_matters(page: ThreadPage) -> tuple[str, ...]:
    """Lines that are not told here: what is planned stands beside the story, and a chat never began."""
    return ("plan",) if page.is_followed else ("plan", "opened")


def _by_people(page: ThreadPage) -> Story:
    """The story with nothing but what the shop's people wrote down."""
    notes = [note for note in page.story.notes if note.who not in (BUYER, OURS)]
    return Story(page.thread, [], [], [], notes, [])


def before_it_goes(connection: Connection, desk: Desk, visit: Visit, thread: str, text: str) -> Read:
    """What there is to say of words that nobody has said yet. Raises NobodyToTell."""
    event, book = AgentSpoke(visit.person.id, desk.clock.now(), text, thread), book_of(connection, desk, thread)
    return read(where_meant(event, book), book, desk.deps)


def where_meant(event: AgentSpoke, tx: Tx) -> AgentSpoke:
    """What somebody says in a chat in which nothing is followed up is said in that chat."""
    is_chat = tx.get(Thread, event.thread) is None and tx.get(Chat, event.thread) is not None
    return replace(event, thread="", chat=event.thread) if is_chat else event


def book_of(connection: Connection, desk: Desk, thread: str) -> SqlTx:
    """A transaction's book of a thread or a chat, only to look into."""
    book = SqlTx(connection, desk.store.dialect)
    book.look(beside(thread))
    return book


def _planned(page: ThreadPage, book: SqlTx, desk: Desk, words: Words, zone: tzinfo) -> list[Planned]:
    now, judged = desk.clock.now(), Judged(zone, words)
    waiting = (each for each in page.story.reminders if each.state is ReminderState.PENDING)
    return [_touch(each, page, book, desk, judged, now) for each in waiting]


def _touch(reminder: Reminder, page: ThreadPage, book: SqlTx, desk: Desk, judged: Judged, now: Instant) -> Planned:
    step = STEPS.get(reminder.step)
    plain = Planned(reminder.id, judged.words.step(reminder.step), reminder.due_at, reminder.expires_at)
    if step is None or step.role is Role.SILENT:
        return replace(plain, is_silent=True, step=reminder.step)
    if reminder.step in OF_PROMISES:
        return replace(plain, is_promised=True)
    at, at_once = (
        verdict_at(reminder, page.thread, book, desk.deps, when) for when in (max(now, reminder.due_at), now)
    )
    return replace(plain, at_its_time=_says(at, judged), now=_says(at_once, judged))


def _says(decision: Decision | None, judged: Judged) -> Says | None:
    if decision is None or decision.verdict is Verdict.SENT:
        return Says(True) if decision else None
    failed = (judged.check(reason, "failed") for reason in decision.reasons if not reason.passed)
    is_held = decision.verdict in HELD
    later = None if is_held else decision.retry_at
    return Says(False, later, is_held or later is not None, judged.words("also").join(failed))


def without_scripts(text: str) -> str:
    """The words of a task without the scripts that suit it, and without the line above them."""
    lines = text.splitlines()
    named = [at for at, line in enumerate(lines) if _SCRIPT.match(line)]
    if not named:
        return text
    kept = [line for at, line in enumerate(lines) if at not in {named[0] - 1, *named}]
    return _GAP.sub("\n\n", "\n".join(kept)).strip()


def _todos(page: ThreadPage, desk: Desk, visit: Visit) -> list[Todo]:
    now, roster = desk.clock.now(), desk.deps.roster.people
    found = [task for task in page.story.tasks if task.state is TaskState.OPEN]
    found.sort(key=lambda task: (not task.urgent, task.due_at or task.created_at, task.id))
    return [
        Todo(
            task,
            without_scripts(task.text),
            code_of(task.id),
            visit.names.name("reasons", task.reason),
            (roster[task.assignee].name or task.assignee) if task.assignee in roster else task.assignee,
            task.assignee == visit.person.id,
            task.due_at is not None and task.due_at <= now,
        )
        for task in found
    ]
