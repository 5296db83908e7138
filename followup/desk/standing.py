"""A thread as its clocks see it, and what happened to it just now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from followup.after_sales.model import AfterSale, Grant, Stage
from followup.after_sales.proof import missing
from followup.after_sales.tracking import awaits_number
from followup.desk.deadlines import Deadline, Due
from followup.model import Buyer, Facts, State, Thread


@dataclass(frozen=True, slots=True)
class News:
    """What happened just now: which tasks were `asked` of people, whether the buyer was `answered` by one of them or
    has `met` one about another matter, whether anything was `said` to him, and whether the transaction was
    `extended`."""

    asked: frozenset[str] = frozenset()
    answered: bool = False
    met: bool = False
    said: bool = False
    extended: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A thread as its clocks see it. One that stands for a chat has no facts."""

    thread: Thread
    buyer: Buyer
    facts: Facts | None = None
    sale: AfterSale | None = None
    grants: Sequence[Grant] = ()
    clocks: Mapping[Due, Deadline] = field(default_factory=dict)
    news: News = News()

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be done for the buyer."""
        is_registered = self.sale is not None and self.sale.stage is Stage.REGISTER
        return self.thread.state.closed or self.thread.state is State.SOLVED or is_registered


def waits_for_buyer(sale: AfterSale | None) -> bool:
    """Whether the buyer is to show, to say or to send something before anybody can go on."""
    if sale is None:
        return False
    return (sale.stage is Stage.VERIFY and bool(missing(sale))) or awaits_number(sale)
