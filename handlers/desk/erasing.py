"""Erasing a buyer: everything about him is removed or blanked, and he is not written to again.

Somebody asks for it (`asked`, in any transaction); it is done in a transaction of its own (`erase`), by the command
line at once and by the running program within a minute.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

import orjson

from followup.desk.codes import code_of
from followup.desk.deadlines import ClockState
from followup.desk.erased import digest_of, is_erased, pseudonym
from followup.desk.records import Suppressed
from followup.effects import SetThread
from followup.events import Commanded
from followup.model import (
    Chat,
    Choice,
    Cursor,
    Decision,
    Instant,
    Note,
    Reason,
    ReminderState,
    Segment,
    State,
    TaskState,
    Thread,
    Verdict,
)
from handlers.carry_out import carry_out
from handlers.deps import Deps
from handlers.desk.meant import named_task
from handlers.desk.ranks import owner
from handlers.desk.told import Told
from handlers.scene import Scene, no_thread
from handlers.taking_back import take_back
from store import erasing
from store.him import Him, find
from store.raw_rows import cursor
from store.sql_tx import SqlTx
from store.suppression import KEY
from store.tx import Tx
from store.wanted import Wanted

WHY = "erased"
YES = "yes"
REQUEST = "erased/wanted/"
FILES = "erased/files"
PAGES = "erased/pages"
"""Names among the cursors: who is to be erased, the files that are to be deleted once he was, and that the database is
to be written anew."""


class NotNow(Exception):
    """The buyer cannot be erased at this moment: a message to him is on its way, or something changed meanwhile."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done: how many orders and threads were his, what he is called since, and which files of his are to be
    deleted."""

    orders: int
    threads: int
    pseudonym: str
    files: tuple[str, ...] = ()


def asked(event: Commanded, tx: Tx, deps: Deps) -> Told:
    """Answer somebody who wants a buyer erased: only an owner may, and he has to say so twice (`event.text` or
    `event.word` is "yes" the second time; the button is `erase:<code>:yes`). Raises Unclear."""
    event, task = named_task(event, tx)
    about = task.thread if task else event.thread
    of = tx.get(Thread, about) or tx.get(Chat, about)
    if of is None:
        return Told("desk.erase_nobody", done=False)
    if owner(event.who, of.shop, deps) is None:
        return Told("desk.erase_not_allowed", done=False, about=about)
    if is_erased(of.buyer):
        return Told("desk.erased_already", done=False, about=about)
    if YES not in (event.word, event.text):
        label = deps.scripts.render("desk.erase_yes", deps.agent_lang, {}, Segment.NEW, (), "").text
        button = Choice(f"erase:{code_of(task.id) if task else ''}:{YES}", label)
        who = tx.buyer(of.shop, of.buyer).name or of.buyer
        return Told("desk.erase_sure", {"buyer": who}, (button,), done=False, about=about)
    tx.save(Cursor(f"{REQUEST}{of.shop}/{of.buyer}", event.who))
    return Told("desk.erase_begun", about=about)


def wanted(him: Him) -> Wanted:
    """All his chats, threads and orders, and a commit of its own."""
    return Wanted(
        chats=tuple(chat.id for chat in him.chats),
        buyers=tuple((him.shop, who) for who in sorted(him.accounts)),
        orders=tuple((him.shop, order) for order in sorted(him.orders)),
        alone=True,
    )


def erase(him: Him, who: str, tx: SqlTx, deps: Deps, now: Instant) -> Erased:
    """End what is open of a buyer, then take him out of every table. `him` is what was found before the locks. Raises
    NotNow."""
    if find(tx.connection, him.shop, him.buyer) != him:
        raise NotNow("something changed about this buyer at this moment; try again")
    if erasing.in_flight(tx.connection, him):
        raise NotNow("a message to this buyer is on its way at this moment; try again")
    _end(him, who, tx, deps, now)
    tx.flush()
    tx.commit()
    files = erasing.files_of(tx.connection, him)
    key = cursor(tx, KEY) or secrets.token_hex(32)
    names = _pseudonyms(him, key)
    renamed = erasing.blank(tx.connection, him, names, now)
    _remember(him, key, files, tx, now)
    for thread in sorted(him.threads) or [chat.id for chat in him.chats]:
        tx.add(Note(renamed.id(thread), now, who, WHY))
    called = next((names[each] for each in sorted(him.accounts) if each in names), "")
    return Erased(len(him.orders), len(him.threads), called, tuple(files))


def _end(him: Him, who: str, tx: Tx, deps: Deps, now: Instant) -> None:
    for scene in list(_scenes(him, tx, deps, now)):
        take_back(lambda *_: True, Verdict.SETTLED, WHY, scene)
        for reminder in tx.pending(scene.thread.id):
            _cancel(reminder.id, reminder.step, scene)
            tx.save(replace(reminder, state=ReminderState.CANCELLED))
        for clock in tx.clocks_of(scene.thread.id):
            tx.save(replace(clock, state=ClockState.DROPPED, next_at=None, closed_at=now))
        if scene.thread.kind and not scene.thread.state.closed:
            carry_out([SetThread(State.CLOSED, WHY)], scene.thread, tx, deps, now)
        for task in tx.open_tasks(scene.thread.id):
            tx.save(replace(task, state=TaskState.CANCELLED, closed_at=now, closed_by=who, answer=""))
    for account in him.accounts:
        for look in tx.pending_of(him.shop, account):
            tx.save(replace(look, state=ReminderState.CANCELLED))


def _scenes(him: Him, tx: Tx, deps: Deps, now: Instant) -> Iterator[Scene]:
    """Each of his threads, the closed ones too, for their words may still wait, and each chat."""
    threads = {thread.id: thread for who in him.accounts for thread in tx.every_thread_of(him.shop, who)}
    outside = (no_thread(chat, now) for chat in him.chats)
    return (Scene(thread, tx, deps, now) for thread in (*threads.values(), *outside))


def _cancel(reminder: str, step: str, scene: Scene) -> None:
    why = Reason(Verdict.SETTLED, False, (("outcome", WHY),))
    if step in scene.spoken:
        scene.decided(step, reminder, Decision(Verdict.SETTLED, (why,)))


def _pseudonyms(him: Him, key: str) -> dict[str, str]:
    """What each of his accounts and addresses is called from now on; a pseudonym stays as it is."""
    accounts = {who: who for who in him.accounts if not who.startswith(f"{him.shop}/")}
    addresses = {chat.address: f"{chat.channel}/{chat.address}" for chat in him.chats if chat.address}
    subjects = {text: subject for text, subject in (addresses | accounts).items() if not is_erased(text)}
    return {text: pseudonym(digest_of(key, him.shop, subject)) for text, subject in subjects.items()}


def _remember(him: Him, key: str, files: list[str], tx: SqlTx, now: Instant) -> None:
    """Only hashes, so that he is known again, and the files that are to be deleted after the commit."""
    tx.save(Cursor(KEY, key))
    for subject in him.subjects:
        if not is_erased(subject.rpartition("/")[2]):
            tx.save(Suppressed(him.shop, digest_of(key, him.shop, subject), now))
    erasing.forget_requests(tx.connection, [f"{REQUEST}{him.shop}/{who}" for who in him.accounts])
    to_delete(files, tx)
    tx.save(Cursor(PAGES, "old"))


def is_unscrubbed(tx: SqlTx) -> bool:
    """Whether old pages may still hold somebody who was erased."""
    return bool(cursor(tx, PAGES))


def scrubbing_done(tx: SqlTx) -> None:
    """The database was written anew."""
    erasing.forget_requests(tx.connection, [PAGES])


def to_delete(files: list[str], tx: SqlTx) -> None:
    """Have files deleted once this is committed."""
    if files:
        tx.save(Cursor(FILES, orjson.dumps([*files_left(tx), *files]).decode()))


def requests(tx: SqlTx) -> list[tuple[str, str, str]]:
    """Who waits to be erased, as (shop, buyer, who asked for it)."""
    found = erasing.cursors_from(tx.connection, REQUEST)
    return [(*name.removeprefix(REQUEST).split("/", 1), who) for name, who in found.items()]  # type: ignore[misc]


def files_left(tx: SqlTx) -> list[str]:
    """The files of erased buyers that are still to be deleted."""
    return list(orjson.loads(cursor(tx, FILES) or "[]"))


def deleted(files: list[str], tx: SqlTx) -> None:
    """These files are gone."""
    left = [each for each in files_left(tx) if each not in files]
    erasing.forget_requests(tx.connection, [FILES])
    if left:
        tx.save(Cursor(FILES, orjson.dumps(left).decode()))
