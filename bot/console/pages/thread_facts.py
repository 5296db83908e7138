"""What is known of an order, its case and its buyer: facts of the source, and his other matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo

from nicegui import ui

from bot.console.keyed import Redrawn
from bot.console.matter import Matter
from bot.console.pages.thread_acts import Acts
from bot.console.parts import heading, link, when
from bot.console.scope import thread_path
from bot.desk import Words
from bot.evidence.telling import words as evidence_words
from followup.model import Instant, Money, Thread
from handlers.case_brief import Brief
from scripts_library.localise import money

FEW = 20


@dataclass(frozen=True)
class Known:
    """Tells facts as lines of a name and a value."""

    matter: Matter
    acts: Acts

    @property
    def names(self) -> Words:
        """What statuses, media and grants are called."""
        return evidence_words(self.acts.visit.lang)

    def order(self) -> Iterator[tuple[str, str]]:
        """The order with its refunds, parcels and reviews."""
        facts, say = self.matter.page.facts, self.acts.say
        if facts is None:
            return
        order = facts.order
        yield say("order"), order.id
        yield say("status"), self._status(order.status.value)
        yield say("goods"), order.goods
        yield say("total"), self._money(order.total)
        times = ("created_at", "paid_at", "shipped_at", "ship_by", "auto_close_at", "closed_at")
        for name in times:
            if (at := getattr(order, name)) is not None:
                yield say(f"times.{name}"), self._at(at)
        yield say("region"), order.region
        yield from self._refunds()
        yield from self._parcels()
        yield from self._reviews()

    def orders(self) -> Iterator[tuple[str, str]]:
        """The buyer's orders, each in a line."""
        for order in self.matter.page.orders:
            told = (order.goods, self._money(order.total), self._status(order.status.value))
            yield order.id, " · ".join(filter(None, told))

    def buyer(self) -> Iterator[tuple[str, str]]:
        """The buyer, and where he can be reached."""
        page, say = self.matter.page, self.acts.say
        buyer = page.buyer
        yield say("name"), page.called
        yield say("language"), say(f"languages.{buyer.lang}") if buyer.lang in ("zh-CN", "en", "es") else buyer.lang
        yield say("segment"), say(f"segments.{page.thread.segment.value}")
        for chat in page.chats:
            seen = say("wrote", at=self._at(chat.last_in_at)) if chat.last_in_at else say("never_wrote")
            gone = say("unreachable") if chat.unreachable_at else ""
            yield say("chat_on", channel=chat.channel), " · ".join(filter(None, (seen, gone)))
        marks = (("opted_out", buyer.opted_out_at), ("paused", buyer.paused_at), ("benefit", buyer.benefit_at))
        for name, at in marks:
            if at is not None:
                yield say(f"marks.{name}"), self._at(at)

    def case(self) -> Iterator[tuple[str, str]]:
        """How an after-sales case stands, and what was granted."""
        page, say = self.matter.page, self.acts.say
        if page.sale is not None:
            brief = Brief(page.sale, self.acts.desk.deps, self.acts.visit.lang)
            for name in ("branch", "stage", "shown", "lacks", "remedies", "remedy", "payer", "cause"):
                yield say(f"case.{name}"), getattr(brief, name)
            yield say("case.tracking"), page.sale.tracking
        for grant in page.grants:
            what = self.acts.called(f"remedy.{grant.remedy}")
            state = self.names.name("grants", grant.state.value)
            yield what, f"{self._money(grant.amount)} · {self.acts.called(f'loss.{grant.loss}')} · {state}"

    def _refunds(self) -> Iterator[tuple[str, str]]:
        for refund in self.matter.page.facts.refunds if self.matter.page.facts else ():
            told = [self._money(refund.amount), self._status(refund.status.value), refund.reason]
            told += [self.acts.say("until_at", at=self._at(refund.deadline))] if refund.deadline else []
            yield self.acts.say("refund"), " · ".join(filter(None, told))

    def _parcels(self) -> Iterator[tuple[str, str]]:
        for parcel in self.matter.page.facts.parcels if self.matter.page.facts else ():
            seen = self._at(parcel.moved_at) if parcel.moved_at else ""
            told = (parcel.courier, parcel.id, self._status(parcel.status.value), parcel.place, seen)
            yield self.acts.say("parcel_back" if parcel.back else "parcel"), " · ".join(filter(None, told))

    def _reviews(self) -> Iterator[tuple[str, str]]:
        for review in self.matter.page.facts.reviews if self.matter.page.facts else ():
            yield self.acts.say("review"), " · ".join(filter(None, (self._status(review.rating.value), review.text)))

    def _status(self, value: str) -> str:
        return self.names.name("statuses", value)

    def _money(self, amount: Money) -> str:
        return money(amount, self.acts.visit.lang)

    def _at(self, at: Instant) -> str:
        return when(at, self._zone, self.acts.desk.clock.now())

    @property
    def _zone(self) -> tzinfo:
        return self.acts.desk.zone(self.acts.shop)


Lines = tuple[tuple[str, str], ...]
Others = tuple[tuple[str, ...], tuple[Thread, ...]]
"""Chats in which a task waits that is about no thread, and threads."""


class Facts:
    """Lists of facts: of the order, of its case where there is one, of the buyer with his other matters."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts
        self._order, self._order_card = _card(acts.say("facts"))
        self._orders, self._orders_card = _card(acts.say("orders"))
        self._buyer, _ = _card(acts.say("buyer"))
        self._others, self._others_card = _others(acts)

    def show(self, matter: Matter) -> None:
        """Show them as they are now."""
        known = Known(matter, self._acts)
        self._order.show(tuple(known.order()))
        self._order_card.set_visibility(matter.page.facts is not None)
        self._orders.show(tuple(known.orders()))
        self._orders_card.set_visibility(bool(matter.page.orders))
        self._buyer.show(tuple(known.buyer()))
        self._others.show((matter.page.asks, matter.page.others[:FEW]))
        self._others_card.set_visibility(bool(matter.page.asks or matter.page.others))


def _card(title: str) -> tuple[Redrawn[Lines], ui.element]:
    with ui.element("section").classes("ht-card") as card:
        heading(title)
        return Redrawn(ui.element("dl").classes("ht-facts"), facts), card


def facts(lines: Lines) -> None:
    """Names and values, without those that nobody knows."""
    for name, value in lines:
        if value:
            with ui.element("dt"):
                ui.label(name)
            with ui.element("dd"):
                ui.label(value)


def _others(acts: Acts) -> tuple[Redrawn[Others], ui.element]:
    names = acts.visit.names

    def draw(of: Others) -> None:
        asks, others = of
        for chat in asks:
            with ui.element("li").classes("ht-row"):
                link(acts.say("no_kind"), thread_path(chat, chat))
                ui.label(acts.say("waits")).classes("ht-small")
        for each in others:
            with ui.element("li").classes("ht-row"):
                link(names.name("kinds", each.kind), thread_path(each.id, each.buyer))
                ui.label(each.order_id).classes("ht-small")
                ui.label(names.name("states", each.state.value)).classes("ht-small")

    with ui.element("section").classes("ht-card") as card:
        heading(acts.say("others"))
        return Redrawn(ui.element("ul").classes("ht-list"), draw), card
