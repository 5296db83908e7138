"""Changes config.toml for people: its comments and order stay, what cannot be used changes nothing, and of two who save
at once the second is told."""

from __future__ import annotations

import hashlib
import os
import re
import threading
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from fasteners import InterProcessLock

from bot.channels.manual import Manual
from bot.config import Config, ConfigError, load, loaded
from bot.config_errors import Keys
from bot.settings_edit import edited
from bot.settings_written import Changed, differences
from scheduler.clock import SystemClock

if TYPE_CHECKING:
    from bot.console.desk import Desk
    from followup.desk.people import Person

DEFAULT = Path("config.toml")
KEPT = 10
WRITABLE = 0o222
AT_THE_START = frozenset({"platform", "channel", "currency"})
"""Options of a shop that the program reads once, when it starts; all its others are figures, which it always asks."""
NO_OWNER = "nobody would be an owner any more, and nobody could change it back here: make somebody else one first"
_LINE_END = re.compile(r"\r?\n")
_ONE = threading.Lock()


class FileChanged(ConfigError):
    """Somebody else has changed the file since it was read; nothing was changed."""


def digest_of(file: Path | None) -> str:
    """What tells this state of the file from any other; "" where there is none yet. Raises ConfigError."""
    found = _bytes(file or DEFAULT)
    return "" if found is None else hashlib.sha256(found).hexdigest()


def current(file: Path | None) -> tuple[Config, str]:
    """What the file says now, and its digest; without a file the defaults. Raises ConfigError."""
    path = file or DEFAULT
    found = _bytes(path)
    return (load(path) if found is not None else load(None)), digest_of(file)


def planned(file: Path | None, changes: Mapping[Keys, object]) -> tuple[str, Config]:
    """The file's text with the changes made, and what it means; nothing is written. Raises ConfigError."""
    path = file or DEFAULT
    try:
        text = (_bytes(path) or b"").decode("utf-8-sig")
        new = edited(text, changes)
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: expected UTF-8 text; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: this is not TOML: {error}") from None
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from None
    if "\r\n" in text:
        new = _LINE_END.sub("\r\n", new)
    config = loaded(new, path)
    _refuse_a_trap(text, config)
    return new, config


def change(file: Path | None, changes: Mapping[Keys, object], seen: str | None = None) -> Config:
    """Write the changes into the file, a value as the file has it ("20m", "09:00", 5), None for the default again.

    Without a file one is made in the current folder. `seen` is the file's digest when its values were shown. The former
    file is kept beside it, the last ten. Raises ConfigError, and FileChanged if it is not that of `seen` any more; then
    no byte is changed.
    """
    path = (file or DEFAULT).resolve()
    try:
        with _ONE, InterProcessLock(str(path.with_name(f".{path.name}.lock"))):
            return _changed(file or DEFAULT, path, changes, seen)
    except OSError as error:
        raise ConfigError(f"{file or DEFAULT}: cannot be written: {error.strerror}") from None


def apply(desk: Desk, config: Config) -> list[Changed]:
    """Have the running program go by the figures and people of `config` from now on; returns what is other than when it
    started and takes effect at its next start only."""
    policies, now = cast("dict[str, Any]", desk.deps.policies), config.policies()
    for shop in policies.keys() & now.keys():
        policies[shop] = replace(now[shop], gaps=policies[shop].gaps)
    _employ(cast("dict[str, Person]", desk.deps.roster.people), config)
    return at_the_start(desk.config, config)


def at_the_start(running: Config, config: Config) -> list[Changed]:
    """Those differences that a running program does not take over before its next start."""
    return [each for each in differences(running, config) if not _is_live(each.keys, running, config)]


def _refuse_a_trap(text: str, after: Config) -> None:
    """With what a file may say and yet nobody could go on: the program would not start, or nobody could change it back.
    Raises ConfigError."""
    from bot.app import unserved

    mistakes = unserved(after, (Manual.name, *after.accounts))
    for id_ in _owners(text) if not any(each.rank == "owner" for each in after.agents.people.values()) else ():
        mistakes.append(f"agents.people.{id_}.rank: {NO_OWNER}")
    if mistakes:
        raise ConfigError("\n".join(mistakes))


def _owners(text: str) -> list[str]:
    """The owners in a file's text, as far as it can be used."""
    with suppress(ConfigError):
        return [id_ for id_, person in loaded(text).agents.people.items() if person.rank == "owner"]
    return []


def _is_live(keys: Keys, running: Config, config: Config) -> bool:
    match keys:
        case ("shops", shop, option, *_):
            return shop in running.shops and shop in config.shops and option not in AT_THE_START
        case ("agents", "people", *_):
            return bool(config.agents.people)
    return False


def _employ(people: dict[str, Person], config: Config) -> None:
    """Nobody is taken off before the others stand there: where nobody is listed, everybody would be trusted."""
    new = config.agents.roster().people
    people.update(new)
    for gone in people.keys() - new.keys() if new else ():
        del people[gone]


def _changed(shown: Path, path: Path, changes: Mapping[Keys, object], seen: str | None) -> Config:
    if seen is not None and digest_of(path) != seen:
        raise FileChanged(f"{shown}: somebody else has changed it meanwhile; look again, then save")
    text, config = planned(shown, changes)
    former = _bytes(path)
    if former is not None and not path.stat().st_mode & WRITABLE:
        raise ConfigError(f"{shown}: cannot be written: it is read-only")
    new = text.encode()
    if former is None or new != former.removeprefix(b"\xef\xbb\xbf"):
        _put(path, new, former)
    return config


def _put(path: Path, new: bytes, former: bytes | None) -> None:
    """Write beside the file, then replace it, so that a crash leaves the old or the new one; its mode stays."""
    mode = path.stat().st_mode & 0o777 if former is not None else 0o600
    if former is not None:
        _write(path.with_name(f"{path.name}.{SystemClock().now():%Y%m%dT%H%M%S.%fZ}.bak"), former, mode)
    beside = path.with_name(path.name + ".new")
    _write(beside, new, mode)
    beside.replace(path)
    for old in sorted(path.parent.glob(f"{path.name}.*Z.bak"))[:-KEPT]:
        with suppress(FileNotFoundError):
            old.unlink()


def _write(path: Path, found: bytes, mode: int) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(found)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(mode)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
