"""A backup takes the place of the database: what stood in it to be sent may have gone since, and is not sent again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from followup.effects import AlertAgent
from followup.model import Instant, Outgoing, OutgoingState, Role, Task, TaskState
from followup.restored import REASON, Gap
from handlers.carry_out import carry_out
from handlers.deps import Deps
from handlers.waiting import thread_of
from store import restores
from store.codec import to_micros
from store.sql_tx import SqlTx
from store.tx import Tx
from store.wanted import Wanted

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Restored:
    """How many messages may have gone already, how many tasks to paste words may be done, and whom that concerns."""

    unsure: int
    pasted: int
    threads: int


def restored(gap: Gap, tx: SqlTx, deps: Deps) -> Restored:
    """Note the gap, and leave to a person whatever may have reached a buyer in it; one task a thread."""
    unsent = restores.left_unsent(tx.connection, gap.ends)
    pasted = restores.left_to_paste(tx.connection)
    tx.load(Wanted(outgoing=tuple(unsent), tasks=tuple(pasted)))
    restores.note(tx.connection, gap)
    dropped = [_not_again(id_, gap.ends, tx) for id_ in unsent]
    unsure = [message for message in dropped if message.state is OutgoingState.UNSURE]
    pasting = [message for id_ in pasted if (message := _not_pasted(id_, gap.ends, tx)) is not None]
    maybe: dict[str, list[Outgoing]] = defaultdict(list)
    for message in (*unsure, *pasting):
        maybe[message.thread].append(message)
    for messages in maybe.values():
        _tell(messages, gap, tx, deps)
    return Restored(len(unsure), len(pasting), len(maybe))


def _not_again(id_: str, now: Instant, tx: Tx) -> Outgoing:
    """Of words for a buyer nobody knows whether he has them; words for the shop's own people are dropped."""
    message = tx.get(Outgoing, id_)
    assert message is not None
    state = OutgoingState.CANCELLED if message.role is Role.ALERT or message.edits else OutgoingState.UNSURE
    started = () if message.state is not OutgoingState.SENDING else (f"unsure@{to_micros(now)}",)
    history = (*message.history, *started, f"{REASON}@{to_micros(now)}")
    message = replace(message, state=state, history=history, error=REASON)
    tx.save(message)
    return message


def _not_pasted(id_: str, now: Instant, tx: SqlTx) -> Outgoing | None:
    """A task to put words before a buyer ends: perhaps a person has done it."""
    task = tx.get(Task, id_)
    assert task is not None
    tx.save(replace(task, state=TaskState.CANCELLED, closed_at=now, closed_by="huifang", answer=REASON))
    message = tx.get(Outgoing, task.outgoing)
    return None if message is None or message.error == REASON else message


def _tell(messages: Sequence[Outgoing], gap: Gap, tx: Tx, deps: Deps) -> None:
    listed = "\n".join(f"· {message.text[:SHOWN]} [{message.id}]" for message in messages)
    thread = thread_of(messages[0], tx)
    carry_out([AlertAgent(REASON, gap.key, {"text": listed})], thread, tx, deps, gap.ends)
