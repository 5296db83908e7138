"""What the program logs while it is simulated: kept, never printed; a complaint that nobody caused is a fault."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog

COMPLAINTS = frozenset(
    (
        "work_failed",
        "job_failed",
        "draining_failed",
        "catching_up_failed",
        "farewell_failed",
        "closing_failed",
        "reminder_put_aside",
        "message_put_aside",
        "clock_failed",
        "alerts_failed",
        "order_put_aside",
        "fetching_failed",
        "on_due_failed",
        "not_fetched",
        "orders_folder_unusable",
        "stopped_at_work",
    )
)


@dataclass(frozen=True, slots=True)
class Logged:
    """One line of the log, with where an error came from."""

    event: str
    error: str
    where: str

    @property
    def is_complaint(self) -> bool:
        """Whether something broke that the weather did not break: a refused commit is the weather's."""
        return self.event in COMPLAINTS and self.error != "OperationalError"


@contextmanager
def kept_logs() -> Iterator[list[Logged]]:
    """Everything that is logged meanwhile."""
    kept: list[Logged] = []

    def keep(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Any:
        error = sys.exc_info()[1]
        where = "".join(traceback.format_exception(error)) if error else ""
        kept.append(Logged(str(line.pop("event", "")), str(line.get("error", "")), where or repr(dict(line))))
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[keep], cache_logger_on_first_use=False, wrapper_class=structlog.BoundLogger)
    try:
        yield kept
    finally:
        structlog.configure(**before)
