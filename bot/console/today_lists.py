"""What the bot did today and what it held back, as counts that open their lists, and what needs care beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from bot.console.desk import Desk, Visit
from bot.console.keyed import Keyed, Redrawn
from bot.console.parts import heading, nothing, when
from bot.console.reasons import why
from bot.console.scope import Scope, address, headline, thread_path
from bot.report.labels import labels
from followup.model import ChannelState, Instant
from scheduler.standing import STOPPED
from store.console.today import Asked, Count, Day, Held, Judged, Unsure

PATH = "/console/today"


@dataclass(frozen=True)
class Item:
    """One line of a list: when, what (a link to the thread), the bot's words, and why."""

    key: str
    at: str
    title: str
    path: str
    words: str = ""
    why: str = ""


@dataclass(frozen=True)
class Counted:
    """A count that opens its list."""

    name: str
    path: str
    count: str
    more: str = ""


class Lists:
    """The parts of the page beside the tasks."""

    def __init__(self, desk: Desk, visit: Visit, scope: Scope, asked: Asked) -> None:
        self._desk, self._visit, self._scope = desk, visit, scope
        self._say, self._names = visit.labels("today"), visit.names
        self._verdicts = labels(visit.lang)["verdicts"]
        self._query = {"shop": scope.shop, "whose": asked.whose.value}
        self._asked, self._now = asked, asked.now
        self._show: list[Callable[[Day], None]] = []

    def show(self, day: Day, now: Instant) -> None:
        """Show the day as it is now."""
        self._now = now
        for show in self._show:
            show(day)

    def care(self) -> None:
        """Channels that do not stand well, and messages of which nobody knows whether they arrived; nothing is shown
        where there are none."""
        self._part("channels", lambda day: [*map(self._channel, filter(self._concerns, day.unwell))], hides=True)
        self._part("unsure", lambda day: [*map(self._unsure, day.unsure)], self._say("unsure_hint"), hides=True)

    def said(self) -> None:
        """What the bot did: counts by kind and step, and the latest."""
        self._counts("said", lambda day: [self._said(each) for each in day.said])
        chosen = self._step(self._asked.kind, self._asked.step) if self._asked.step else ""
        self._latest("latest_said", chosen, lambda day: [*map(self._message, day.latest_said)])

    def held(self) -> None:
        """What it held back: counts by verdict, and the latest with their reasons."""
        self._counts("held", lambda day: [self._held(each) for each in day.held])
        chosen = self._verdict(self._asked.verdict) if self._asked.verdict else ""
        self._latest("latest_held", chosen, lambda day: [*map(self._withheld, day.latest_held)])

    def _part(self, name: str, items: Callable[[Day], list[Item]], hint: str = "", hides: bool = False) -> None:
        with ui.element("section").classes("hf-surface hf-part").props(f'aria-label="{self._say(name)}"') as part:
            heading(self._say(name), 2)
            if hint:
                ui.label(hint).classes("hf-muted")
            shown = Keyed(ui.element("ul"), self._line, lambda item: item.key, "li", "hf-line")

        def show(day: Day) -> None:
            found = items(day)
            shown.show(found)
            part.set_visibility(bool(found) or not hides)

        self._show.append(show)

    def _counts(self, name: str, counts: Callable[[Day], list[Counted]]) -> None:
        heading(self._say(name), 2)
        none = nothing(self._say(f"nothing_{name}"))
        shown = Keyed(ui.element("ul"), self._count, lambda count: count.path, "li", "hf-count")

        def show(day: Day) -> None:
            found = counts(day)
            shown.show(found)
            none.set_visibility(not found)

        self._show.append(show)

    def _latest(self, name: str, chosen: str, items: Callable[[Day], list[Item]]) -> None:
        with ui.element("div").classes("hf-bar").props(f"id={name}"):
            heading(f"{self._say(name)}{': ' if chosen else ''}{chosen}", 3)
            if chosen:
                with ui.element("a").classes("hf-link") as link:
                    link.props["href"] = address(PATH, **self._query)
                    ui.label(self._say("show_all"))
        shown = Keyed(ui.element("ul"), self._line, lambda item: item.key, "li", "hf-line")
        self._show.append(lambda day: shown.show(items(day)))

    def _line(self, item: Item) -> None:
        with ui.element("time"):
            ui.label(item.at)
        with headline(item.path):
            ui.label(item.title)
        for text, style in ((item.words, "hf-words"), (item.why, "hf-why")):
            if text:
                ui.label(text).classes(style)

    def _count(self, count: Counted) -> None:
        with ui.element("span"), ui.element("a") as link:
            link.props["href"] = count.path
            ui.label(count.name)
            if count.more:
                ui.label(f" · {count.more}").classes("hf-muted")
        ui.label(count.count)

    def _said(self, of: Count) -> Counted:
        path = address(PATH, **self._query, kind=of.kind or "-", step=of.step)
        return Counted(self._step(of.kind, of.step), f"{path}#latest_said", self._say("times", count=of.count))

    def _held(self, of: Held) -> Counted:
        path = address(PATH, **self._query, verdict=of.verdict.value)
        again = self._say("until", at=self._at(of.until)) if of.until else ""
        count = self._say("times", count=of.count)
        return Counted(self._verdict(of.verdict.value), f"{path}#latest_held", count, again)

    def _message(self, of: Judged) -> Item:
        title = self._title(self._names.step(of.decided.step), of.buyer, of.order_id)
        key = f"{of.decided.reminder}@{of.decided.at.timestamp()}"
        return Item(key, self._at(of.decided.at), title, thread_path(of.decided.thread, of.buyer), of.decided.text)

    def _withheld(self, of: Judged) -> Item:
        decided = of.decided
        title = self._title(self._verdict(decided.decision.verdict.value), self._names.step(decided.step), of.buyer)
        again = decided.decision.retry_at
        end = self._say("again", at=self._at(again)) if again else self._say("dropped")
        because = f"{why(decided.decision, self._scope.zone, self._names)} — {end}"
        key = f"{decided.reminder}@{decided.at.timestamp()}{decided.decision.verdict}"
        path = thread_path(decided.thread, of.buyer)
        return Item(key, self._at(decided.at), self._title(title, of.order_id), path, why=because)

    def _unsure(self, of: Unsure) -> Item:
        message, task = of.message, of.waits.task
        step = self._names.step(message.step) if message else self._say("gone")
        channel = self._say("on_channel", channel=message.channel) if message else ""
        title = self._title(of.waits.buyer, step, of.waits.order_id, channel)
        return Item(
            task.id,
            self._at(task.created_at),
            title,
            thread_path(task.thread, of.waits.buyer),
            message.text if message else "",
        )

    def _channel(self, state: ChannelState) -> Item:
        stands = "stopped" if state.detail == STOPPED else state.health.value
        why = "" if stands in ("stopped", "login") else state.detail
        since = self._say("since", since=self._at(state.since))
        return Item(state.channel, since, f"{state.channel}: {self._say(stands)}", "/console/settings", why=why)

    def _concerns(self, state: ChannelState) -> bool:
        """Whether a channel is that of a shop of his, or of all."""
        accounts = self._desk.config.accounts
        shop = self._desk.config.shop_of(state.channel) if state.channel in accounts else ""
        return not shop or self._visit.sees(shop)

    def _step(self, kind: str, step: str) -> str:
        return self._title(self._names.name("kinds", kind) if kind not in ("", "-") else "", self._names.step(step))

    def _verdict(self, verdict: str) -> str:
        return str(self._verdicts.get(verdict, verdict))

    def _title(self, *parts: str) -> str:
        return " · ".join(filter(None, parts))

    def _at(self, at: Instant) -> str:
        return when(at, self._scope.zone, self._now)


class Tiles:
    """The day's few figures."""

    def __init__(self, visit: Visit) -> None:
        self._say = visit.labels("today")
        with ui.element("dl").classes("hf-tiles").props(f'aria-label="{self._say("figures")}"') as inside:
            self._shown: Redrawn[Any] = Redrawn(inside, self._draw)

    def show(self, day: Day) -> None:
        """Show them as they are now."""
        of = day.figures
        self._shown.show((of.opened, of.closed, of.said, of.heard, of.opt_outs))

    def _draw(self, figures: tuple[int, ...]) -> None:
        for name, figure in zip(("opened", "closed", "said_count", "heard", "opt_outs"), figures, strict=True):
            with ui.element("div").classes("hf-surface"):
                with ui.element("dt"):
                    ui.label(self._say(name))
                with ui.element("dd"):
                    ui.label(str(figure))
