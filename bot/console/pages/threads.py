"""The list of all threads: filtered, searched, live, and acted on several at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from nicegui import ui
from nicegui.events import GenericEventArguments

from bot.console.desk import Desk, Visit
from bot.console.frame import page
from bot.console.keys import keys
from bot.console.parts import heading
from bot.console.threads.acts import Acts
from bot.console.threads.cards import Cards
from bot.console.threads.choices import CHOICES, choices
from bot.console.threads.element import ThreadList
from bot.console.threads.views import ALL, QUICK, View
from store.console.threads import MANY, SEARCHED, Page, Row, rows_of
from store.console.threads import page as page_of

KEPT = 100
"""So many rows that have left the page are still brought up to date, for somebody may be looking at them."""


@page("/threads", "threads")
async def threads(desk: Desk, visit: Visit) -> None:
    """What the address asks for (`threads.views.View`)."""
    listing = Listing(desk, visit, View.read(ui.context.client.request.query_params))
    heading(visit.labels("threads")("title"), 1)
    await listing.build()


@dataclass
class Listing:
    """One open page: what it asks for, and what it has shown."""

    desk: Desk
    visit: Visit
    view: View
    step: int = 0
    seen: dict[str, None] = field(default_factory=dict)

    async def build(self) -> None:
        """Draw it, and keep it fresh."""
        fresh = await self.fresh()
        self.list = ThreadList(fresh, self.visit.labels("threads").table, choices(self.desk, self.visit))
        acts = Acts(self.desk, self.visit)
        self.list.on("went", self._went).on("act", lambda event: acts.do(event.args["what"], event.args["ids"]))
        self.list.on("shown", lambda _: self.seen.clear())
        self._keys()
        self.desk.live.watch(self.refresh)

    async def refresh(self) -> None:
        """Show how it stands now."""
        self.list.show(await self.fresh())

    async def fresh(self, push: bool = False) -> dict[str, Any]:
        """All that the list shows."""
        view, now = self.view, self.desk.clock.now()
        zone = self.desk.zone(view.shop)
        after, before = view.places
        found = await self.desk.read_of(
            self.visit.person.shops, page_of, view.asked(self.visit.person, now, zone), now, after, before
        )
        also = await self._left(found)
        cards = Cards(self.desk, self.visit, now)
        return {
            "step": self.step,
            "push": push,
            "url": view.url,
            "rows": [cards.card(row) for row in found.rows],
            "also": [cards.card(row) for row in also],
            **self._said(found),
        }

    async def _left(self, found: Page) -> Sequence[Row]:
        """The rows that were on the page, and are not any more."""
        here = [row.thread.id for row in found.rows]
        left = [id_ for id_ in self.seen if id_ not in set(here)][-KEPT:]
        self.seen = dict.fromkeys([*left, *here])
        return await self.desk.read_of(self.visit.person.shops, rows_of, left) if left else ()

    def _said(self, found: Page) -> dict[str, Any]:
        say, view = self.visit.labels("threads"), self.view
        plain = replace(view, after="", before="")
        older, newer = found.older, found.newer
        count = say("count", count=found.count) if found.count <= MANY else say("many", count=MANY)
        return {
            "count": count,
            "hint": say("searched", count=f"{SEARCHED:,}") if view.q else "",
            "empty": self._empty(),
            "values": {name: getattr(view, name) for name in ("q", *CHOICES)} | {"state": view.shown_state},
            "quick": [
                {"name": name, "label": say(f"quick.{name}"), "url": quick.url, "here": quick == plain}
                for name, quick in QUICK.items()
            ],
            "buyer": say("of_buyer", buyer=view.buyer) if view.buyer else "",
            "without_buyer": replace(plain, buyer="").url,
            "older": replace(plain, after=str(older)).url if older else "",
            "newer": replace(plain, before=str(newer)).url if newer else "",
        }

    def _empty(self) -> str:
        say = self.visit.labels("threads")
        if self.view.q:
            return say("empty.search", words=self.view.q)
        quick = next((name for name, quick in QUICK.items() if quick == self.view), "")
        if self.view == View(state=ALL):
            return say("empty.all")
        return say(f"empty.{quick}") if quick in ("mine", "nobody", "late", "today") else say("empty.view")

    async def _went(self, event: GenericEventArguments) -> None:
        """Somebody asks for something else: the same as opening its address, without loading the page again."""
        self.view, self.step = View.read(dict(parse_qsl(event.args["search"]))), self.step + 1
        self.seen.clear()
        asked = self.step
        fresh = await self.fresh(bool(event.args["push"]))
        if asked == self.step:
            self.list.show(fresh)

    def _keys(self) -> None:
        say = self.visit.labels("threads")
        keys(
            {
                "j": (say("keys.next"), "next .tl-row"),
                "k": (say("keys.previous"), "previous .tl-row"),
                "o": (say("keys.open"), "click .tl-here .tl-link"),
                "e": (say("keys.take"), "click .tl-take"),
                "x": (say("keys.pick"), "click .tl-here .tl-check input"),
                "u": (say("keys.clear"), "click .tl-clear"),
                "/": (say("keys.search"), "focus .tl-search"),
            }
        )
