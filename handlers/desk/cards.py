"""Cards: a task in the agents' group, in the topic of its thread, with buttons; taken or over, it says by whom."""

from __future__ import annotations

from datetime import tzinfo

from followup.desk.alerting import PASTE, is_late
from followup.desk.codes import code_of
from followup.desk.verbs import Verb
from followup.facts import UNKNOWN
from followup.model import Chat, Choice, Instant, Outgoing, Segment, Task, TaskState, Thread
from handlers.deps import Deps
from handlers.desk.posting import post
from store.tx import Tx

CARD = "card"
FIRST_WORDS = 40
_ANSWERS = (Verb.DONE, Verb.FAILED, Verb.LATER)
_GRANTS = (Verb.APPROVE, Verb.REFUSE, Verb.LATER)
_OVER = {
    TaskState.DONE: "desk.card_done",
    TaskState.NOT_DONE: "desk.card_not_done",
    TaskState.CANCELLED: "desk.card_dropped",
}


def card_id(task: str) -> str:
    """The id of the message that is the card of a task."""
    return f"desk/{CARD}/{task}"


def card(task: Task, tx: Tx, deps: Deps, now: Instant) -> Outgoing | None:
    """Show a task in the group of its shop, once; None where there is no group. Words to paste stand in a message of
    their own, so that a long press copies them and nothing else; what came too late is not shown, so that nobody does.
    """
    about = _about(task, tx)
    shown = post(about, CARD, task.id, _shown(task, tx, deps, now), tx, deps, now, task.shop, _buttons(task, deps))
    too_late = task.expires_at is not None and task.expires_at <= now
    if shown is not None and task.reason == PASTE and not too_late:
        post(about, CARD, f"{task.id}/words", task.text, tx, deps, now, task.shop)
    return shown


def changed(task: Task, tx: Tx, deps: Deps, now: Instant) -> Outgoing | None:
    """Have the card of a task say who took or closed it, with the buttons that are left, or that it is to be taken
    again; None where it has no card. The same change is told once."""
    if not task.alerts:
        return None
    is_open = task.state is TaskState.OPEN
    since = (task.taken_at if is_open else task.closed_at) or now
    parts = [_shown(task, tx, deps, since), *_status(task, since, deps)]
    key = f"{task.id}/{task.state.value}@{since:%Y-%m-%dT%H:%M:%S.%f}"
    choices, edits = _buttons(task, deps) if is_open else (), card_id(task.id)
    text = "\n\n".join(parts)
    return post(_about(task, tx), CARD, key, text, tx, deps, now, task.shop, choices, edits=edits)


def line(task: Task, tx: Tx, deps: Deps, now: Instant, lang: str = "") -> str:
    """A task in one line: what it is, of which order and buyer, by when, whose, and its code."""
    lang = lang or deps.agent_lang
    thread = tx.get(Thread, task.thread)
    person = deps.roster.people.get(task.assignee)
    facts: dict[str, object] = {
        "what": _capital(deps.reasons.get(lang, {}).get(task.reason) or task.text.strip().split("\n")[0][:FIRST_WORDS]),
        "order": thread.order_id if thread else "",
        "buyer": _buyer(task, tx),
        "who": person.name if person else task.assignee,
        "code": code_of(task.id),
    }
    if task.due_at is not None:
        facts["late" if is_late(task, now) else "until"] = task.due_at.astimezone(_zone(task, deps))
    return _words("desk.task_line", facts, task, deps, lang)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _head(task: Task, tx: Tx, deps: Deps, now: Instant) -> str:
    """What a person needs to paste words: the order, and the buyer's name and id on the platform."""
    thread = tx.get(Thread, task.thread)
    id_ = thread.buyer if thread is not None and not thread.buyer.startswith(UNKNOWN) else ""
    head = line(task, tx, deps, now)
    is_shown = not id_ or id_ == _buyer(task, tx)
    return head if is_shown else f"{head}\n{_words('desk.card_buyer', {'id': id_}, task, deps)}"


def _shown(task: Task, tx: Tx, deps: Deps, now: Instant) -> str:
    if task.reason == PASTE:
        return _head(task, tx, deps, now)
    return f"{line(task, tx, deps, now)}\n\n{task.text.strip()}".strip()


def _status(task: Task, since: Instant, deps: Deps) -> list[str]:
    """Who has it, or what became of it."""
    if task.state is TaskState.OPEN and task.taken_at is None:
        return []
    id_ = task.assignee if task.state is TaskState.OPEN else task.closed_by
    person = deps.roster.people.get(id_)
    facts: dict[str, object] = {"who": person.name if person else id_, "at": since.astimezone(_zone(task, deps))}
    return [_words(_OVER.get(task.state, "desk.card_taken"), facts, task, deps)]


def _buyer(task: Task, tx: Tx) -> str:
    """The buyer's name, else his id on the platform; "" for a task about no buyer, or one whom nobody knows."""
    of = tx.get(Thread, task.thread) or tx.get(Chat, task.thread)
    if of is None:
        return ""
    return tx.buyer(of.shop, of.buyer).name or ("" if of.buyer.startswith(UNKNOWN) else of.buyer)


def _about(task: Task, tx: Tx) -> str:
    """The thread or the chat in whose topic it is shown; "" for what is about neither, such as a channel."""
    known = tx.get(Thread, task.thread) or tx.get(Chat, task.thread)
    return task.thread if known else ""


def _buttons(task: Task, deps: Deps) -> tuple[Choice, ...]:
    takes = (Verb.TAKE,) if task.taken_at is None and task.reason != PASTE else ()
    verbs, code = (*takes, *(_GRANTS if task.reason == "approval" else _ANSWERS)), code_of(task.id)
    return tuple(Choice(f"{verb}:{code}", _words(f"desk.button_{verb}", {}, task, deps)) for verb in verbs)


def _words(script: str, facts: dict[str, object], task: Task, deps: Deps, lang: str = "") -> str:
    return deps.scripts.render(script, lang or deps.agent_lang, facts, Segment.NEW, (), task.id).text


def _zone(task: Task, deps: Deps) -> tzinfo:
    return deps.policy(task.shop).zone
