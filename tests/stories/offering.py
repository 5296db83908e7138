"""A shop whose agents offer compensations, with a supervisor who decides above their limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Self

from followup.after_sales.branch import course
from followup.after_sales.model import Branch, Grant, Loss, Remedy, Stage
from followup.events import CompensationAnswered, CompensationAsked, Word, thread_id
from followup.model import Money, Status
from handlers import begin_after_sales, compensating
from store.wanted import Wanted
from tests.stories.shop import SHOP, Shop

KIND = "after_sales"
BOSS = "陈姐"
AGENT = "小美"


class OfferingShop(Shop):
    """A shop with an order that came and is not as it should be."""

    def __init__(self, now: str = "2026-03-02 14:00", *args: Any, supervisors: Iterable[str] = (BOSS,), **more: Any):
        super().__init__(now, *args, **more)
        self.deps = replace(self.deps, supervisors=frozenset(supervisors))

    def case(self, id_: str = "1001", buyer: str = "lin", branch: Branch = Branch.QUALITY, **more: Any) -> Self:
        """An order was signed for, something is wrong with it, and the buyer has shown what."""
        now = self.clock.now()
        self.order(id_, buyer, status=Status.SIGNED, paid_at=now, shipped_at=now, **more)

        def begin(tx: Any) -> None:
            facts = tx.facts(SHOP, id_)
            begin_after_sales.open_case(facts, course(branch), now, tx, self.deps, now)
            sale = tx.sale(thread_id(SHOP, id_, KIND))
            tx.save(replace(sale, stage=Stage.SOOTHE, has=sale.needs))

        self.store.run(begin, Wanted(orders=((SHOP, id_),)))
        return self._settle()

    def offers(
        self, remedy: str, amount: str, loss: str = "goodwill", by: str = AGENT, note: str = "", order: str = "1001"
    ) -> Self:
        """Somebody of the shop wants to offer something. Raises NotAllowed."""
        money, now = Money(Decimal(amount)), self.clock.now()
        event = CompensationAsked(SHOP, order, Remedy(remedy), Loss(loss), money, by, now, note)
        self.store.run(lambda tx: compensating.compensation_asked(event, tx, self.deps), compensating.wanted(event))
        return self._settle()

    def says_of_offer(self, word: str, by: str = BOSS, note: str = "", order: str = "1001") -> Self:
        """A supervisor approves or refuses, or an agent passes on what the buyer said. Raises NotAllowed."""
        event = CompensationAnswered(self.grants(order)[-1].id, Word(word), by, self.clock.now(), note)
        self.store.run(
            lambda tx: compensating.compensation_answered(event, tx, self.deps), compensating.wanted_answer(event)
        )
        return self._settle()

    def grants(self, order: str = "1001") -> tuple[Grant, ...]:
        """What was asked for in the case of an order."""
        return self.store.tx.grants_of(thread_id(SHOP, order, KIND))

    def offered(self) -> list[str]:
        """When the buyer heard what of offers, without the rest of the case."""
        return [line for line in self.story() if "< offer." in line]

    def granted(self, order: str = "1001") -> list[str]:
        """The same, short: what, how much, and how it stands."""
        return [f"{each.remedy} {each.amount.amount} {each.state}" for each in self.grants(order)]
