"""A shop in a folder, and the world around it: exports of orders, buyers who write, and who hears what is told."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from followup.model import Instant
from store.engine import open_engine
from store.migrate import upgrade
from tests.chaos.files import told_in
from tests.chaos.processes import Program, until
from tests.chaos.program import Plan
from tests.chaos.promises import Told, broken

HALF_AN_HOUR = timedelta(minutes=30)
_LEFT = text(
    "SELECT (SELECT count(*) FROM reminders WHERE state = 'pending' AND due_at <= :now),"
    " (SELECT count(*) FROM outbox WHERE state = 'sending' OR (state = 'due' AND due_at <= :now)),"
    " (SELECT count(*) FROM raw_events WHERE state = 'waiting')"
)
_AT_WORK = text(
    "SELECT (SELECT count(*) FROM outbox WHERE state = 'sending'),"
    " (SELECT count(*) FROM raw_events WHERE state = 'waiting')"
)


class World:
    """Everything outside the program, and what must be true of it at the end."""

    def __init__(self, folder: Path, url: str = "", **plan: Any) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.url = url or f"sqlite:///{folder}/shop.db"
        self.plan = Plan(self.url, folder, **plan)
        self.orders: list[str] = []
        self.aged: set[str] = set()
        self.messages: list[tuple[str, str]] = []
        self._files = 0
        begins = self.plan.starts_at
        self._ahead = timedelta() if begins is None else datetime.fromtimestamp(begins, UTC) - datetime.now(UTC)
        self._engine: Engine | None = None

    def found(self) -> None:
        """The shop opens: a database with all tables."""
        upgrade(self.url)

    def program(self, number: int = 0) -> Program:
        """A process of it."""
        return Program(self.plan, number)

    @property
    def engine(self) -> Engine:
        """The database, to be looked at from outside."""
        self._engine = self._engine or open_engine(self.url)
        return self._engine

    def now(self) -> Instant:
        """What the clock of the program says."""
        return datetime.now(UTC) + self._ahead

    def turn(self, program: Program, by: timedelta) -> None:
        """Turn its clock, forwards or back."""
        program.tell("clock", by.total_seconds())
        self._ahead += by

    def drop(self, count: int, at: Instant | None = None, aged: bool = False) -> Path:
        """An export with new unpaid orders of a buyer each is put into the folder; by default placed long enough ago
        for their first reminder. `aged` ones may be too old for any when they are read."""
        at = at or self.now() - HALF_AN_HOUR
        self._files += 1
        lines = [self._order(len(self.orders) + n, at) for n in range(count)]
        self.orders += [line["id"] for line in lines]
        self.aged |= {line["id"] for line in lines} if aged else set()
        target = self.folder / "orders" / "s" / f"{self._files:04}.jsonl"
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}")
        part.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
        past = self.now().timestamp() - 60
        os.utime(part, (past, past))
        return part.rename(target)

    def _order(self, number: int, at: Instant) -> dict[str, str]:
        buyer = f"b{number}"
        when = at.isoformat()
        order = {
            "type": "order",
            "id": f"o{number}",
            "buyer": buyer,
            "status": "unpaid",
            "total": "37.00",
            "currency": "EUR",
        }
        return {**order, "created_at": when, "observed_at": when, "goods": "wool scarf"}

    def say(self, chat: str, words: str = "", count: int = 1) -> None:
        """A buyer writes."""
        lines = []
        for _ in range(count):
            number = len(self.messages)
            self.messages.append((chat, f"e{number}"))
            said = {"id": f"e{number}", "chat": chat, "text": words or f"number {number}"}
            lines.append(orjson.dumps(said) + b"\n")
        with (self.folder / "said").open("ab") as file:
            file.write(b"".join(lines))

    def receipt(self, message: str, times: int = 1) -> None:
        """The service says later that a message did not arrive."""
        with (self.folder / "said").open("ab") as file:
            for n in range(times):
                file.write(orjson.dumps({"id": f"r{n}/{message}", "failed": message}) + b"\n")

    def told(self) -> list[Told]:
        """What was heard so far."""
        return told_in(self.folder / "told")

    def count_told(self) -> int:
        """How many lines those are."""
        path = self.folder / "told"
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def left(self, now: Instant | None = None) -> tuple[int, int, int] | None:
        """How many reminders, messages and events still wait; None while the database cannot be asked."""
        moment = int((now or self.now()).timestamp() * 1_000_000)
        try:
            with self.engine.connect() as connection:
                return tuple(connection.execute(_LEFT, {"now": moment}).one())
        except DBAPIError:
            return None

    def at_work(self) -> tuple[bool, bool, bool]:
        """Whether messages are being sent, events wait to be handled, and an export is not read to its end."""
        with self.engine.connect() as connection:
            sending, waiting = connection.execute(_AT_WORK).one()
        return bool(sending), bool(waiting), self.has_exports()

    def has_exports(self) -> bool:
        """Whether exports wait."""
        return any((self.folder / "orders" / "s").glob("[!.]*.jsonl"))

    def is_done(self, now: Instant | None = None) -> bool:
        """Whether all that came is read, acknowledged, handled and told."""
        said = self.folder / "said"
        end = said.stat().st_size if said.exists() else 0
        return not self.has_exports() and self._cursor() == end and self.left(now) == (0, 0, 0)

    def _cursor(self) -> int:
        try:
            with self.engine.connect() as connection:
                at = connection.execute(text("SELECT value FROM cursors WHERE name = 'file/at'")).scalar()
        except DBAPIError:
            return -1
        return int(at or 0)

    def settle(self, now: Instant | None = None, seconds: float = 120.0) -> float:
        """Wait until everything is done, twice in a row; returns how long that took. Raises Late."""
        took = until(lambda: self.is_done(now), seconds, what=lambda: self._missing(now))
        return took + until(lambda: self.is_done(now), seconds, what=lambda: self._missing(now))

    def _missing(self, now: Instant | None) -> str:
        return f"everything done; (reminders, messages, events) left: {self.left(now)}, exports: {self.has_exports()}"

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    def states(self) -> dict[str, int]:
        """How many messages are in each state."""
        return dict(self.rows("SELECT state, count(*) FROM outbox GROUP BY state"))

    def broken(self, by: Instant | None = None) -> list[str]:
        """All promises that are broken at the end."""
        wrong = broken(self.url, self.told(), by=by or self.now())
        return [*wrong, *self._unknown_orders(), *self._unheard()]

    def _unknown_orders(self) -> list[str]:
        known = {id_ for (id_,) in self.rows("SELECT id FROM orders")}
        lost = [
            f"lost: order {id_} was in an export, but nobody knows of it" for id_ in self.orders if id_ not in known
        ]
        touched = {id_ for (id_,) in self.rows("SELECT id FROM reminders")}
        to_touch = (id_ for id_ in self.orders if id_ not in self.aged)
        untouched = (id_ for id_ in to_touch if f"s/{id_}/unpaid_order/unpaid.help" not in touched)
        return lost + [f"lost: order {id_} has no reminder" for id_ in untouched]

    def _unheard(self) -> list[str]:
        """Each event handled once, and those of one chat in the order in which they were said."""
        order = "rowid" if self.url.startswith("sqlite") else "pg_xact_commit_timestamp(xmin), ctid"
        handled = self.rows(f"SELECT chat, external_id FROM inbox ORDER BY {order}")
        wrong: list[str] = []
        heard: dict[str, list[str]] = {}
        for chat, id_ in handled:
            heard.setdefault(chat, []).append(id_)
        said: dict[str, list[str]] = {}
        for chat, id_ in self.messages:
            said.setdefault(f"s/file/{chat}", []).append(id_)
        for chat, ids in said.items():
            if heard.get(chat, []) != ids:
                wrong.append(f"unheard: {chat} said {_short(ids)}, but {_short(heard.get(chat, []))} was handled")
        return wrong

    def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


def _short(ids: Sequence[str]) -> str:
    return ", ".join(ids[:5]) + (f" … ({len(ids)})" if len(ids) > 5 else "")
