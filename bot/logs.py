"""Logs to stderr: a line of JSON for machines or of words for people, without buyers and secrets."""

from __future__ import annotations

import logging
import secrets as secrets_
import sys
import traceback
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

from bot.redact import Redactor
from store.log_ids import about, stamp, with_ids

if TYPE_CHECKING:
    from bot.config import Logs


__all__ = ["about", "setup_logs"]


def setup_logs(logs: Logs, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send the program's and its libraries' logs to `stream` (stderr), hiding buyers and these secrets. Each line names
    the run, which is this process."""
    stamp(run=RUN)
    stream = stream or sys.stderr
    handler, least = logging.StreamHandler(stream), logging.getLevelNamesMapping()[logs.level.upper()]
    handler.setFormatter(_formatter(logs.format, stream, Redactor.knowing(secrets)))
    logging.basicConfig(level=least, handlers=[handler], force=True)
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(max(least, logging.WARNING))
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # else a line that cannot be written is shown with all it holds
    structlog.configure(
        processors=[*_SHARED, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


RUN = secrets_.token_hex(4)
_TALKATIVE = ("alembic", "apscheduler", "asyncio", "httpcore", "httpx", "telegram", "tzlocal", "websockets")
_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    with_ids,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def _formatter(format_: str, stream: TextIO, redactor: Redactor) -> ProcessorFormatter:
    for_people = format_ == "console" or (format_ == "auto" and stream.isatty())
    console = structlog.dev.ConsoleRenderer(colors=stream.isatty())
    return ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            lambda _logger, _method, event: _by_a_library(event, redactor),
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(lambda exc_info: _told(exc_info[1], redactor)),
            lambda _logger, _method, event: redactor.fields(event),
            console if for_people else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _by_a_library(event: EventDict, redactor: Redactor) -> EventDict:
    """What a library says may quote an error, and that a buyer, as asyncio does with what no one waited for."""
    if not event["_from_structlog"]:
        event["event"] = redactor.error(str(event["event"]))
    return event


def _told(error: BaseException, redactor: Redactor) -> str:
    """Where an error came from, with its causes; local variables are never shown."""
    parts = [f"{type(error).__name__}: {redactor.error(str(error))}"]
    if error.__traceback__:
        parts.insert(0, "".join(traceback.format_tb(error.__traceback__)).rstrip())
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    within = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    if cause:
        parts.insert(0, _told(cause, redactor) + "\nand then:")
    return "\n".join([*parts, *(_told(inner, redactor) for inner in within)])
