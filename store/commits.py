"""Whether anything was committed, by whatever program."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Connection, Engine


class Commits:
    """To be asked from one thread at a time. It leaves no transaction open, which would keep the write-ahead log, or
    rows that are gone, from being cleaned up."""

    def __init__(self, engine: Engine, question: str) -> None:
        self._engine, self._question = engine, question
        self._connection: Connection | None = None
        self._opened = 0

    def mark(self) -> str:
        """A text that is another one if there was a commit since the last call, and nearly always the same if there
        was none. Raises what the database says when it cannot be reached; the next call begins anew."""
        try:
            answer = self._answer()
        except Exception:
            self.close()
            raise
        return f"{self._opened}/{answer}"

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            with suppress(Exception):  # it may be broken, which is why it goes
                self._connection.close()
        self._connection = None

    def _answer(self) -> object:
        if self._connection is None:
            self._connection = self._engine.connect()
            self._connection.detach()
            self._opened += 1
        with self._connection.begin():
            return self._connection.exec_driver_sql(self._question).scalar()
