"""Secrets: from the environment, or from a file that the environment names; never from config.toml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.config_errors import Keys

PREFIX = "HUIFANG_"
_SECRET = re.compile(
    r"token|secret|passw|passphrase|credential|authoriz|cookie|(api|private|access|signing|aes)_?key", re.I
)


class SecretUnreadable(ValueError):
    """A variable names a file of a secret that cannot be read, or the secret is given twice."""


def looks_secret(name: str) -> bool:
    """Whether a thing of this name is likely a secret."""
    return _SECRET.search(name.replace("-", "_")) is not None


def elsewhere(keys: Keys) -> str:
    """Where a secret belongs that was found in the file."""
    name = variable(keys)
    return f"a secret has no place in this file; set {name} in the environment, or {name}_FILE to a file that holds it"


def variable(keys: Keys) -> str:
    """The environment variable that holds the secret of an option, such as HUIFANG_DATABASE_PASSWORD."""
    return PREFIX + re.sub(r"\W", "_", "_".join(keys)).upper()


def read_secrets(environ: Mapping[str, str]) -> dict[str, SecretStr]:
    """Every secret by its name in small letters ("database_password"); raises SecretUnreadable."""
    secrets: dict[str, SecretStr] = {}
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX) or not looks_secret(name) or not value:
            continue
        plain = name.removesuffix("_FILE")
        if plain != name and environ.get(plain):
            raise SecretUnreadable(f"{name}: {plain} is set too; set one of them")
        secrets[plain.removeprefix(PREFIX).lower()] = SecretStr(_read(name, value) if plain != name else value)
    return secrets


def take_secrets(table: dict[str, Any], keys: Keys = ()) -> Iterator[Keys]:
    """Take out of a table of config.toml what looks like a secret, and say where each stood."""
    for key, value in list(table.items()):
        if looks_secret(key):
            del table[key]
            yield (*keys, key)
        elif isinstance(value, dict):
            yield from take_secrets(value, (*keys, key))


def _read(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SecretUnreadable(
            f"{name}: cannot read {path}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}"
        ) from None
