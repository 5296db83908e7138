"""What becomes of messages in the outbox, within one transaction; one that breaks does not hold up the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from followup.events import DeliveryResult, Outcome
from followup.model import Instant, Outgoing, OutgoingState
from handlers.delivery_result import delivery_result, expire, settled
from handlers.deps import Deps
from handlers.judged_again import may_still_go
from store import outbox_rows
from store.log_ids import about
from store.sql_tx import SqlTx
from store.tx import Tx
from store.wanted import Wanted

log = structlog.get_logger(__name__)
AFTER_TROUBLE = timedelta(hours=1)


def tidy_up(tx: SqlTx, deps: Deps, now: Instant) -> list[str]:
    """After a crash: what was being sent by nobody who lives becomes unsure, or due again where a repeat does no harm;
    returns the ids. Several workers may find the same."""
    outbox_rows.release_all(tx)
    found = outbox_rows.in_flight(tx)
    tx.load(Wanted(outgoing=tuple(found)))
    still = set(outbox_rows.in_flight(tx)) if found else ()
    ids = [id_ for id_ in found if id_ in still]
    stopped = [DeliveryResult(id_, Outcome.UNSURE, now, error="the program stopped") for id_ in ids]
    record_trouble(stopped, tx, deps)
    return ids


def expire_late(tx: SqlTx, deps: Deps, now: Instant) -> int:
    """Drop waiting messages that are too late, a hundred at a time; returns how many."""
    late = outbox_rows.expired(tx, now)
    if late:
        tx.load(Wanted(outgoing=tuple(late)))
    for id_ in late:
        with _put_aside(id_, tx, state=OutgoingState.EXPIRED):
            expire(id_, tx, deps, now)
    return len(late)


def judge_again(waited: Sequence[str], tx: Tx, deps: Deps, now: Instant) -> set[str]:
    """Judge messages that have waited; returns those that may not go now. One that cannot be judged waits an hour."""
    held = set()
    for id_ in waited:
        with _put_aside(id_, tx, due_at=now + AFTER_TROUBLE):
            if may_still_go(id_, tx, deps, now):
                continue
        held.add(id_)
    return held


def record_trouble(results: Sequence[DeliveryResult], tx: Tx, deps: Deps) -> None:
    """Record what did not simply succeed."""
    for result in results:
        with _put_aside(result.outgoing, tx, state=OutgoingState.UNSURE):
            delivery_result(result, tx, deps)


def settle_late(results: Sequence[DeliveryResult], worker: str, tx: SqlTx, deps: Deps) -> None:
    """Record what became of attempts after this worker was taken for dead, where nobody has tried again since."""
    ours = outbox_rows.of_worker(tx, [result.outgoing for result in results], worker)
    for result in results:
        if result.outgoing in ours:
            settled(result, tx, deps)


@contextmanager
def _put_aside(id_: str, tx: Tx, **instead: Any) -> Iterator[None]:
    """If a message cannot be handled, change it as told, keep the error with it, and do not hold up the rest."""
    mark, message = tx.mark(), tx.get(Outgoing, id_)
    with about(thread=message.thread if message else "", message=id_):
        try:
            yield
        except Exception as error:  # noqa: BLE001 - it is kept with the message, where the audit shows it
            tx.back_to(mark)
            log.error("message_put_aside", error=type(error).__name__)
            message = tx.get(Outgoing, id_)
            if message is not None:
                tx.save(replace(message, error=f"{type(error).__name__}: {error}", **instead))


def sql(tx: Tx) -> SqlTx:
    """The transaction as what it is here: one on a database."""
    assert isinstance(tx, SqlTx)
    return tx
