"""A database that cannot be used: what it complains of, and what to do about it, in one sentence each."""

from __future__ import annotations

import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError


class Trouble(StrEnum):
    """Why; NONE is an error of the statement itself, which another time would fail as well."""

    NONE = ""
    LOCKED = "is locked by another program: stop it, or try again when it is done"
    DAMAGED = "is damaged"
    FULL = "cannot grow, for the disk is full: make room on it"
    READ_ONLY = "may only be read: allow this user to write it and its folder"
    MISSING = "cannot be opened: is the folder there, and may this user write it?"
    DISK = "cannot be read or written, for the disk has failed: look at its log, and restore a backup on another one"
    PASSWORD = "lets nobody in with this user and password: set HUIFANG_DATABASE_PASSWORD"  # noqa: S105
    NO_SUCH = "is not there: create it (createdb), or correct database.url"
    TOO_MANY = "has no connection left: raise max_connections, or stop some of its other programs"
    GONE = "does not answer: is PostgreSQL running, and is database.url right?"
    NOT_ALLOWED = "does not let this user do that: make it the owner of its tables"


OF_WRITING = frozenset({Trouble.FULL, Trouble.READ_ONLY, Trouble.DISK})
"""Those that only a write that was kept proves to be over."""

_SQLITE = {
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Trouble.MISSING,
    sqlite3.SQLITE_IOERR: Trouble.DISK,
    sqlite3.SQLITE_IOERR_SHMSIZE: Trouble.FULL,  # no room for the file beside it through which processes share it
}
_POSTGRES = {
    "28P01": Trouble.PASSWORD,
    "28000": Trouble.PASSWORD,
    "3D000": Trouble.NO_SUCH,
    "53100": Trouble.FULL,
    "53300": Trouble.TOO_MANY,
    "55P03": Trouble.LOCKED,
    "25006": Trouble.READ_ONLY,
    "42501": Trouble.NOT_ALLOWED,
    "XX001": Trouble.DAMAGED,
    "XX002": Trouble.DAMAGED,
}
_SAID = (
    ("password", Trouble.PASSWORD),
    ("role ", Trouble.PASSWORD),
    ("no pg_hba.conf entry", Trouble.PASSWORD),
    ("too many clients", Trouble.TOO_MANY),
    ("connection slots", Trouble.TOO_MANY),
    ("does not exist", Trouble.NO_SUCH),
    ("No space left", Trouble.FULL),
)
"""A connection that was refused has no code yet, only words."""


def trouble_of(error: BaseException) -> Trouble:
    """What an error says of the database itself."""
    found = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(found, sqlite3.Error):
        code = getattr(found, "sqlite_errorcode", None) or 0
        return _SQLITE.get(code) or _SQLITE.get(code & 0xFF, Trouble.NONE)
    state = getattr(found, "sqlstate", None)
    if state is not None:
        is_gone = state.startswith(("08", "57P"))
        return _POSTGRES.get(state, Trouble.GONE if is_gone else Trouble.NONE)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Trouble.GONE
    if type(found).__module__.startswith("psycopg") and type(found).__name__ in (
        "OperationalError",
        "ConnectionTimeout",
    ):
        return next((trouble for word, trouble in _SAID if word in str(found)), Trouble.GONE)
    return Trouble.NONE
