"""Who may look at the console, and what he saw and did there."""

from __future__ import annotations

from dataclasses import dataclass

from followup.model import Instant


@dataclass(frozen=True, slots=True)
class Login:
    """A person's password as argon2 keeps it ("": none yet), and how he likes to see the console: his language
    ("": what all read) and `theme` "light", "dark" or "" for what his device says."""

    person: str
    password: str
    changed_at: Instant
    lang: str = ""
    theme: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which a person is logged in; `digest` is of the token in its cookie, `place` its network address."""

    digest: str
    person: str
    place: str
    began_at: Instant
    seen_at: Instant
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class Invite:
    """A link that logs a person in once; `digest` is of its token."""

    digest: str
    person: str
    made_by: str
    made_at: Instant
    expires_at: Instant
    used_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody saw (`saw.<page>`) or did (`did.<what>`) in the console, and about which thread or script."""

    id: str
    at: Instant
    person: str
    what: str
    about: str = ""
