"""Who was erased, as a transaction asks it: one short statement, and nothing more while nobody was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from followup.desk.erased import digest_of, pseudonym
from followup.model import Instant
from store.codec import from_micros
from store.rls import SETTING
from store.schema import cursors, suppressed
from store.wanted import Pair

KEY = "erased/key"
"""Under this name the key of the hashes is kept among the cursors."""
_COUNT = "SELECT count(*) FROM suppressed"
_COUNT_SEEN = f"SELECT coalesce(current_setting('{SETTING}', true), ''), count(*) FROM suppressed"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Suppression:
    """The digests (shop, digest) of everybody who was erased, and the key by which they were made."""

    key: str = ""
    digests: frozenset[Pair] = frozenset()

    def pseudonym_of(self, shop: str, subjects: Iterable[str]) -> str:
        """What the first of these ids or addresses that was erased is called since; "" if none was."""
        if not self.digests:
            return ""
        found = (digest_of(self.key, shop, subject) for subject in subjects)
        return next((pseudonym(digest) for digest in found if (shop, digest) in self.digests), "")


_NOBODY = Suppression()


class Remembered:
    """What one program remembers between transactions; rows are only ever added, so their number is their version.

    A transaction that sees some shops alone (store/rls.py) has a list of its own: two shops may have as many.
    """

    def __init__(self) -> None:
        self._known: dict[str, Suppression] = {}

    def now(self, connection: Connection) -> Suppression:
        """Who is suppressed at this moment, of the shops that this transaction sees."""
        shops, count = _seen(connection)
        known = self._known.get(shops, _NOBODY)
        if count != len(known.digests):
            self._known[shops] = known = _read(connection)
        return known


def erased_at(connection: Connection, shop: str, subject: str) -> Instant | None:
    """When a buyer's id, or `<channel>/<address>`, was erased last; None if it never was."""
    if not _seen(connection)[1]:
        return None
    key = connection.execute(select(cursors.c.value).where(cursors.c.name == KEY)).scalar() or ""
    his = (suppressed.c.shop == shop, suppressed.c.digest == digest_of(key, shop, subject))
    at = connection.execute(select(suppressed.c.at).where(*his)).scalar()
    return None if at is None else from_micros(at)


def said_stop(at: ColumnElement[Any], shop: str) -> ColumnElement[bool]:
    """Whether a buyer of a shop said stop then himself, and was not silenced in that very moment by his erasing."""
    return at.is_not(None) & at.not_in(select(suppressed.c.at).where(suppressed.c.shop == shop))


def _seen(connection: Connection) -> tuple[str, int]:
    """Which shops this transaction sees ("": all), and how many digests of them there are. By the driver itself where
    that can meet no lost connection: this is asked in every transaction."""
    if connection.dialect.name != "sqlite":
        shops, count = connection.exec_driver_sql(_COUNT_SEEN).one()
        return shops, count
    (count,) = connection.connection.cursor().execute(_COUNT).fetchone()
    return "", count


def _read(connection: Connection) -> Suppression:
    key = connection.execute(select(cursors.c.value).where(cursors.c.name == KEY)).scalar() or ""
    rows = connection.execute(select(suppressed.c.shop, suppressed.c.digest))
    return Suppression(key, frozenset((shop, digest) for shop, digest in rows))
