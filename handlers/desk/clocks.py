"""The clocks of a thread are kept as they should be, and who is there hears when one is at risk or breached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from followup.desk.clocks import CASES, QUESTIONS, WAITS, News, Standing, changed_clocks, tells_itself
from followup.desk.deadlines import ClockState, Deadline, Due
from followup.desk.platform_clocks import says_extended
from followup.desk.shop_clocks import daily_from
from followup.desk.ticking import begun, breached, key_of, over, was_told
from followup.effects import AlertAgent, Effect
from followup.model import MOVED, Chat, Instant, Note, Reminder, State, Task, TaskState, Thread
from handlers.deps import Deps
from handlers.scene import Scene, no_thread
from store.tx import Tx

RISK, BREACHED = "clock_risk", "clock_breached"
EXTEND = "extend_transaction"
OF_BUYER = (Due.FIRST_REPLY, Due.DETAILS)
NO_NEWS = News()
A_MINUTE = timedelta(minutes=1)


def reconcile(thread: Thread, tx: Tx, deps: Deps, now: Instant, news: News = NO_NEWS) -> None:
    """Start, pause, resume, meet and drop the clocks of a thread (or of what stands for a chat), as it stands and as
    `news` tell."""
    clocks = {clock.due: clock for clock in tx.clocks_of(thread.id)}
    facts, buyer = tx.facts_of(thread) if thread.kind else None, tx.buyer(thread.shop, thread.buyer)
    standing = Standing(thread, buyer, facts, tx.sale(thread.id), tx.grants_of(thread.id), clocks, news)
    for clock in changed_clocks(standing, deps.policy(thread.shop), now):
        _keep(clock, clocks.get(clock.due), tx, now)


def carried_out(before: Thread, after: Thread, effects: Iterable[Effect], tx: Tx, deps: Deps, now: Instant) -> None:
    """Effects were carried out: reconcile the clocks of their thread, if it can have any."""
    asked = frozenset(e.reason for e in effects if type(e) is AlertAgent and e.reason in WAITS)
    has_ended = after.state is not before.state and (after.state.closed or after.state is State.SOLVED)
    has_more = has_ended or after.kind in CASES or after.agent
    if has_more or (asked and not _waits_already(asked, after.id, tx)):
        solved = has_ended and after.state is State.SOLVED
        reconcile(after, tx, deps, now, News(asked, answered=solved, said=after.touches > before.touches))


def _waits_already(asked: frozenset[str], thread: str, tx: Tx) -> bool:
    """Whether the clocks of who asks again run since he asked first."""
    running = tx.awaited(thread)
    return Due.FIRST_REPLY in running and (Due.DETAILS in running or not asked & QUESTIONS)


def answered(thread: str, tx: Tx, deps: Deps, now: Instant) -> None:
    """A person told the buyer of a thread, or in a chat. That answers what was asked there; whatever else the buyer
    waits for, he has met a person."""
    here = stands_for(thread, tx, now)
    if here is None:
        return
    chat = tx.get(Chat, here.chat)
    beside = (no_thread(chat, now),) if chat else ()
    of_buyer = (*beside, *tx.threads_of(here.shop, here.buyer))
    for each in {**{each.id: each for each in of_buyer}, here.id: here}.values():
        is_here = here.id in (each.id, each.chat) or each.id == here.chat
        reconcile(each, tx, deps, now, News(answered=is_here, met=True))


def noted(text: str, thread: Thread, tx: Tx, deps: Deps, now: Instant) -> bool:
    """A person wrote a note: it may say that he extended the transaction (rule 55). Returns whether a clock was met."""
    if not says_extended(text):
        return False
    waits = any(each.due is Due.EXTENSION and each.closed_at is None for each in tx.clocks_of(thread.id))
    extended(thread, tx, deps, now)
    return waits


def task_closed(task: Task, heard: bool, tx: Tx, deps: Deps, now: Instant) -> None:
    """A task was answered, and the buyer `heard` of it from a person or did not. The transaction is extended where the
    task asked for that; nobody waits any more by one that could not be done."""
    thread, is_done = stands_for(task.thread, tx, now), task.state is TaskState.DONE
    if thread is None:
        return
    if heard or (is_done and task.reason in WAITS):
        answered(thread.id, tx, deps, now)
    elif is_done and (task.reason == EXTEND or _is_about(task, Due.EXTENSION)):
        extended(thread, tx, deps, now)
    elif task.reason in WAITS:
        _drop_if_nobody_waits(thread, tx, now)


def extended(thread: Thread, tx: Tx, deps: Deps, now: Instant) -> None:
    """The transaction of an order was extended: that counts for all that is open of it."""
    of_order = (each for each in tx.threads_of(thread.shop, thread.buyer) if each.order_id == thread.order_id)
    for each in {thread.id: thread, **{each.id: each for each in of_order}}.values():
        reconcile(each, tx, deps, now, News(extended=True))


def clock_due(deadline: Deadline, tx: Tx, deps: Deps, now: Instant) -> None:
    """The time has come to look at a clock: people hear that it is at risk, or that it is breached."""
    thread = stands_for(deadline.thread, tx, now)
    if thread is None or thread.shop not in deps.policies:
        tx.save(over(deadline, ClockState.DROPPED, now))
        return
    reconcile(thread, tx, deps, now)
    clock = next((each for each in tx.clocks_of(thread.id) if each.id == deadline.id), None)
    if clock is None or clock.next_at is None or clock.next_at > now or _is_settled(clock, thread, tx, deps, now):
        return
    if now < clock.due_at:
        _at_risk(clock, thread, tx, deps, now)
    else:
        _breach(clock, thread, tx, deps, now)


def stands_for(id_: str, tx: Tx, now: Instant) -> Thread | None:
    """The thread of that id, or what stands for the chat of that id."""
    thread, chat = tx.get(Thread, id_), tx.get(Chat, id_)
    return thread or (no_thread(chat, now) if chat else None)


def _keep(clock: Deadline, before: Deadline | None, tx: Tx, now: Instant) -> None:
    tx.save(clock)
    if clock.state is not ClockState.RUNNING and before is not None and was_told(before):
        _take_tasks_back(clock, tx, now)


def _take_tasks_back(clock: Deadline, tx: Tx, now: Instant) -> None:
    """What people were told of a clock is no longer to be done."""
    for task in tx.open_tasks(clock.thread):
        if task.id in (f"{clock.thread}/{reason}/{key_of(clock)}" for reason in (RISK, BREACHED)):
            tx.save(replace(task, state=TaskState.CANCELLED, closed_at=now, answer=f"clock_{clock.state}"))


def _drop_if_nobody_waits(thread: Thread, tx: Tx, now: Instant) -> bool:
    if any(task.reason in WAITS for task in tx.open_tasks(thread.id)):
        return False
    for clock in tx.clocks_of(thread.id):
        if clock.due in OF_BUYER:
            _keep(over(clock, ClockState.DROPPED, now), clock, tx, now)
    return True


def _is_settled(clock: Deadline, thread: Thread, tx: Tx, deps: Deps, now: Instant) -> bool:
    """Whether nobody waits for it after all, or the buyer heard, or was promised to hear, in another way."""
    if clock.due in OF_BUYER:
        return _drop_if_nobody_waits(thread, tx, now)
    return clock.due is Due.DAILY_WORD and _heard_or_will(clock, thread, tx, deps, now)


def _heard_or_will(clock: Deadline, thread: Thread, tx: Tx, deps: Deps, now: Instant) -> bool:
    """A daily word is one a buyer, not one a matter; what was promised by a time, or is planned, comes by itself."""
    buyer = tx.buyer(thread.shop, thread.buyer)
    heard = max(filter(None, (tx.last_said(thread.id), buyer.nudged_at)), default=None)
    if heard is not None and clock.started_at < heard <= now:
        _keep(over(clock, ClockState.MET, heard), clock, tx, now)
        tx.save(begun(thread, Due.DAILY_WORD, daily_from(heard, buyer, deps.policy(thread.shop)), now))
        return True
    planned = [each for each in tx.pending(thread.id) if _speaks(each, thread, tx, deps, now)]
    word = min((each.due_at for each in planned if each.due_at <= clock.due_at), default=None)
    promised = max((each.due_at for each in tx.promises_of(thread.id)), default=now)
    if now < clock.due_at and (word is not None or promised > clock.due_at):
        tx.save(replace(clock, next_at=clock.due_at))
    elif promised > now:
        tx.save(replace(clock, due_at=promised, next_at=promised))
    else:
        return False
    return True


def _speaks(reminder: Reminder, thread: Thread, tx: Tx, deps: Deps, now: Instant) -> bool:
    return reminder.step in Scene(thread, tx, deps, now).spoken and reminder.error in ("", MOVED)


def _at_risk(clock: Deadline, thread: Thread, tx: Tx, deps: Deps, now: Instant) -> None:
    """Its open tasks are told of at once, else there is one for the clock; where a step tells of it, nothing."""
    tx.save(replace(clock, next_at=clock.due_at))
    if clock.due in (Due.REFUND, Due.RETURN_NUMBER):
        return
    about = _tasks_about(clock, tx)
    for task in about:
        tx.save(replace(task, alert_at=now))
    if not about:
        _tell(RISK, clock, thread, tx, deps, now)


def _breach(clock: Deadline, thread: Thread, tx: Tx, deps: Deps, now: Instant) -> None:
    """It stays open until it is met. What is open of it is urgent; else there is an urgent task, unless a step of the
    thread gives one."""
    tx.save(breached(clock))
    tx.add(Note(thread.id, now, "huifang", f"{BREACHED} {clock.due}"))
    about = _tasks_about(clock, tx)
    for task in about:
        tx.save(replace(task, urgent=True, due_at=min(task.due_at or now, now), alert_at=now))
    is_said = bool(about) if clock.due in (*OF_BUYER, Due.EXTENSION) else not tells_itself(clock.due, thread.kind)
    if not is_said:
        _tell(BREACHED, clock, thread, tx, deps, now)
        _escalate(clock, tx, now)


def _escalate(clock: Deadline, tx: Tx, now: Instant) -> None:
    """Its task is a supervisor's at once, and takes the place of the one that warned of it."""
    late, warned = (tx.get(Task, f"{clock.thread}/{reason}/{key_of(clock)}") for reason in (BREACHED, RISK))
    if late is not None:
        tx.save(replace(late, urgent=True, due_at=now, alert_at=now))
    if warned is not None and warned.state is TaskState.OPEN:
        tx.save(replace(warned, state=TaskState.CANCELLED, closed_at=now, answer=BREACHED))


def _tasks_about(clock: Deadline, tx: Tx) -> list[Task]:
    """The open tasks whose doing meets it."""
    tasks = tx.open_tasks(clock.thread)
    if clock.due in OF_BUYER:
        return [task for task in tasks if task.reason in WAITS]
    own = (RISK, BREACHED)
    if clock.due is Due.AUTO_CLOSE:
        return []
    if clock.due is Due.EXTENSION:
        return _about_order(clock, tasks, tx)
    return [task for task in tasks if task.reason not in own]


def _about_order(clock: Deadline, tasks: list[Task], tx: Tx) -> list[Task]:
    """The tasks to extend a transaction, whichever thread of its order they were given for."""
    thread = tx.get(Thread, clock.thread)
    of_buyer = tx.threads_of(thread.shop, thread.buyer) if thread else []
    others = (each for each in of_buyer if thread and each.id != thread.id and each.order_id == thread.order_id)
    given = [task for each in others for task in tx.open_tasks(each.id) if _is_about(task, Due.EXTENSION)]
    return [*(task for task in tasks if task.reason == EXTEND), *given]


def _is_about(task: Task, due: Due) -> bool:
    """Whether a task was given for a clock."""
    return task.reason in (RISK, BREACHED) and task.id.rpartition("/")[2].startswith(f"{due}@")


def _tell(reason: str, clock: Deadline, thread: Thread, tx: Tx, deps: Deps, now: Instant) -> None:
    zone = deps.policy(thread.shop).zone
    facts: dict[str, object] = {
        "order": thread.order_id,
        "clock": deps.scripts.render(f"due.{clock.due}", deps.agent_lang, {}, thread.segment, (), "").text,
        "todo": deps.scripts.render(f"todo.{clock.due}", deps.agent_lang, {}, thread.segment, (), "").text,
        "since": clock.started_at.astimezone(zone),
        "deadline": clock.due_at.astimezone(zone),
        "late": now - clock.due_at if now >= clock.due_at + A_MINUTE else None,
    }
    Scene(thread, tx, deps, now).alert(AlertAgent(reason, key_of(clock), facts))
