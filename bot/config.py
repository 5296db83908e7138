"""Reads config.toml. Options stand in the file, secrets in the environment, neither in the other's place."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection
from contextlib import suppress
from copy import deepcopy
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config_alerts import AlertService
from bot.config_channels import Account, mistakes_between, shop_of
from bot.config_errors import ConfigError, Keys, Mistakes, options_of, take_out
from bot.config_people import Agents, mistakes_of_people
from bot.config_secrets import SecretUnreadable, elsewhere, read_secrets, take_secrets
from bot.config_shop import Options, Shop, wrong
from bot.config_units import DeskUrl, Duration, Name, TimeOfDay, TimeOrNever, WeekdaysOrNone
from followup.policy import Policy

__all__ = ["Config", "ConfigError", "Logs", "Shop", "load", "loaded"]

_PASSWORD = re.compile(r"://[^@/]*:[^@]*@|[?&]password=")
_TOML = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)")
DEEPEST = 20
_HUNG_ON = {"platform", "shop", "name"}
FilePath = Annotated[Path, Field(strict=False)]
Days = Annotated[int, Field(ge=0, le=36500)]


class Database(Options):
    url: str = "sqlite:///var/huifang.db"

    @model_validator(mode="after")
    def _a_database_without_its_password(self) -> Self:
        if not self.url.startswith(("sqlite:///", "postgresql://")):
            raise wrong("url", "expected sqlite:///path or postgresql://user@host/name")
        if _PASSWORD.search(self.url):
            raise wrong("url", elsewhere(("database", "password")))
        return self


class Reports(Options):
    """What is written down for the shop's people, and when (rules 44, 100, 102, 104)."""

    folder: FilePath = Path("var/reports")
    handover: bool = True
    digest_on: WeekdaysOrNone = frozenset({0})
    digest_at: TimeOfDay = time(9, 0)
    picture_at: TimeOfDay = time(20, 0)
    keep: Duration = timedelta(days=90)


class Evidence(Options):
    """What buyers send is kept in `folder`; at most `largest_mb` megabytes a file and `most` files a thread."""

    folder: FilePath = Path("var/evidence")
    largest_mb: Annotated[int, Field(ge=1, le=1000)] = 20
    most: Annotated[int, Field(ge=1, le=1000)] = 50


class Outbox(Options):
    window: Annotated[int, Field(ge=1, le=100)] = 8
    batch: Annotated[int, Field(ge=1, le=1000)] = 100


class Workers(Options):
    """How this process shares the work with others on one PostgreSQL (docs/scale.md)."""

    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    batch: Annotated[int, Field(ge=1, le=1000)] = 100
    lead: bool = True


class Orders(Options):
    folder: FilePath = Path("var/orders")
    poll_seconds: Annotated[int, Field(ge=1, le=3600)] = 5


class Http(Options):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class Console(Options):
    """The desk in the browser. `url` is its address as its people see it, where that is not `http`'s own;
    HUIFANG_CONSOLE_SECRET has to be set wherever others can reach it."""

    on: bool = True
    url: Annotated[str, DeskUrl] = ""
    session_lasts: Duration = timedelta(hours=12)
    invite_lasts: Duration = timedelta(days=1)
    login_tries: Annotated[int, Field(ge=1, le=100)] = 5
    login_tries_every: Duration = timedelta(minutes=15)


class Scripts(Options):
    overrides: FilePath = Path("var/scripts.json")


class Backup(Options):
    """Where backups stand, when one is made every day, and how many stay for how long (docs/backup.md)."""

    folder: FilePath = Path("var/backups")
    daily_at: TimeOrNever = None
    evidence: bool = True
    keep: Annotated[int, Field(ge=1, le=1000)] = 7
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 30


class Retention(Options):
    """After how many days without anything new what is personal is emptied (docs/privacy.md); 0: never."""

    events: Days = 7
    words: Days = 365
    names: Days = 1095
    evidence: Days = 365
    acts: Days = 1095
    logins: Days = 30


class Watching(Options):
    """A port for those who watch over the program (docs/watching.md), beside that of `http`; 0: none."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 0


class Logs(Options):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = "auto"


class Config(BaseSettings):
    """All that can be set. `secrets` are by name in small letters, such as "database_password"."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, strict=True)

    engine: Literal["embedded", "procrastinate"] = "embedded"
    database: Database = Database()
    workers: Workers = Workers()
    agents: Agents = Agents()
    outbox: Outbox = Outbox()
    orders: Orders = Orders()
    scripts: Scripts = Scripts()
    evidence: Evidence = Evidence()
    http: Http = Http()
    console: Console = Console()
    reports: Reports = Reports()
    backup: Backup = Backup()
    retention: Retention = Retention()
    watching: Watching = Watching()
    logs: Logs = Logs()
    shops: Annotated[dict[Name, Shop], Field(min_length=1)] = {"shop": Shop()}
    accounts: Annotated[dict[Name, Account], Field(alias="channels")] = {}
    alerts: dict[Name, AlertService] = {}
    secrets: Annotated[dict[str, SecretStr], Field(exclude=True)] = {}

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **_unused: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The file, and from the environment the secrets alone."""
        return init_settings, InitSettingsSource(settings_cls, {"secrets": read_secrets(os.environ)})

    @model_validator(mode="after")
    def _a_database_for_many(self) -> Self:
        if self.engine == "procrastinate" and not self.database.url.startswith("postgresql://"):
            raise wrong("engine", '"procrastinate" needs a database postgresql://…; `huifang move` brings a shop there')
        return self

    def policies(self) -> dict[str, Policy]:
        """The figures of every shop by its id."""
        return {id_: shop.policy(id_) for id_, shop in self.shops.items()}

    def channels(self) -> dict[str, str]:
        """The channel of every shop by its id."""
        return {id_: shop.channel for id_, shop in self.shops.items()}

    def shop_of(self, account: str) -> str:
        """The shop that a channel's account speaks for; "" for the agents' group of several shops."""
        return shop_of(self.accounts[account], self.shops)

    def secret(self, name: str) -> str | None:
        """A secret such as "database_password", if it was given."""
        found = self.secrets.get(name)
        return found.get_secret_value() if found else None

    def known_secrets(self) -> list[str]:
        """All secrets, for what must keep them out of sight; not for logs."""
        return [secret.get_secret_value() for secret in self.secrets.values()]

    def database_url(self) -> str:
        """The address of the database with its password; not for logs."""
        password = self.secret("database_password")
        url = self.database.url
        return url if password is None or url.startswith("sqlite") else _with_password(url, password)


def load(path: Path | None = None) -> Config:
    """The configuration in a file, or the defaults with one shop called "shop"; raises ConfigError."""
    return loaded(_read(path) if path else "", path)


def loaded(text: str, path: Path | None = None) -> Config:
    """The same of the text of a file; `path` is what mistakes call it."""
    mistakes = Mistakes(path, text)
    table = _parse(text, mistakes)
    for keys in take_secrets(table):
        mistakes.add(keys, elsewhere(keys))
    try:
        config = Config(**table)
        _add_between(config, mistakes)
    except ValidationError as error:
        mistakes.add_all(error, Config)
        _add_readable(table, error, mistakes)
    except SecretUnreadable as error:
        raise ConfigError(str(error)) from None
    if mistakes:
        raise mistakes.error()
    return config


def _add_between(config: Config, mistakes: Mistakes, spoilt: Collection[Keys] = ()) -> None:
    """What does not go together; nothing is said of a table that is spoilt already."""
    people = mistakes_of_people(config.agents, config.shops, config.alerts)
    for keys, sentence in (*mistakes_between(config.shops, config.accounts), *people):
        if keys not in spoilt and keys[:-1] not in spoilt:
            mistakes.add(keys, sentence)


def _add_readable(table: dict[str, Any], error: ValidationError, mistakes: Mistakes) -> None:
    """The same of what can be read without the options that cannot, if nothing else hangs on those."""
    found = options_of(error)
    if found is None or any(not keys or keys[-1] in _HUNG_ON for keys in found):
        return
    rest = deepcopy(table)
    for keys in found:
        take_out(rest, keys)
    with suppress(ValidationError):
        _add_between(Config(**rest), mistakes, {keys[:-1] for keys in found})


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; copy config.example.toml and edit it") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: expected UTF-8 text; save the file as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None


def _parse(text: str, mistakes: Mistakes) -> dict[str, Any]:
    try:
        table = tomllib.loads(text)
        _refuse_depth(table)
    except RecursionError:
        mistakes.add((), "this is not TOML: its parts lie too deep in one another")
        raise mistakes.error() from None
    except ValueError as error:  # not only TOMLDecodeError: a number of 5,000 digits is none of Python's
        match = _TOML.match(str(error))
        why, line = match.groups() if match else (str(error), None)
        mistakes.add((), f"this is not TOML: {why}", int(line) if line else None)
        raise mistakes.error() from None
    return table


def _refuse_depth(table: dict[str, Any]) -> None:
    """Whatever goes through the tables after this goes down one call for each level."""
    within: list[Any] = [table]
    for _ in range(DEEPEST):
        inner = (each.values() if isinstance(each, dict) else each for each in within)
        within = [each for some in inner for each in some if isinstance(each, dict | list)]
    if within:
        raise RecursionError


def _with_password(url: str, password: str) -> str:
    scheme, _, rest = url.partition("://")
    user, at, place = rest.rpartition("@") if "@" in rest else ("", "@", rest)
    return f"{scheme}://{user}:{quote(password, safe='')}{at}{place}"
