"""The demo on a screen: who says what, what the shop's records say, and what is not said and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console

from bot.demo.acting import BUYERS, ORDERS
from bot.demo.places import Place
from bot.demo.stage import Event
from bot.demo.stories import READER
from bot.desk import Words
from bot.why import because
from followup.events import AgentActed, CaseMoved, MessageReceived, OrderChanged, thread_id
from followup.model import Decided, Outgoing, ParcelStatus, RefundStatus, Status, Task
from followup.ports import Clock
from handlers.meeting import as_shown
from scripts_library.localise import money

INDENT = 4


@dataclass
class Scene:
    """What was said and done about one buyer: (heading, its style, text)."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Show:
    """Watches a stage. With `live` everything is shown at once, else kept by buyer until `show_all`."""

    console: Console
    clock: Clock
    place: Place
    words: Words
    live: bool = False
    spoke_to: set[str] = field(default_factory=set)
    scenes: dict[str, Scene] = field(default_factory=lambda: defaultdict(Scene))

    def happens(self, event: Event) -> None:
        """An event of the stage."""
        match event:
            case OrderChanged():
                self._add(event.order.buyer, "shop", "bold blue", self._fact(event))
            case MessageReceived():
                self._add(event.address, "buyer", "bold cyan", as_shown(event))
            case AgentActed():
                act = self.words("note", who=event.who, text=self.words.name("actions", event.action.value))
                self._add(self._buyer_of(event.thread), "agent", "bold magenta", act)

            case CaseMoved():
                move = self.words.name("moves", event.move.value)
                act = self.words("note", who=event.who, text=" ".join(filter(None, (move, event.number))))
                self._add(self._buyer_of(thread_id(event.shop, event.order_id, "")), "agent", "bold magenta", act)

    def said(self, message: Outgoing) -> None:
        """Words to a buyer."""
        self.spoke_to.add(message.buyer)
        self._add(message.buyer, "huifang", "bold green", message.text)

    def withheld(self, decided: Decided) -> None:
        """Words that were held back or dropped."""
        what = "dropped" if decided.decision.retry_at is None else "held"
        why = because(decided, self.place.zone, self.words)
        text = self.words.table["demo"]["withheld"].format(step=self.words.step(decided.step), why=why)
        self._add(decided.buyer, what, "bold red", text)

    def asked(self, task: Task) -> None:
        """A task for the shop's people."""
        self._add(self._buyer_of(task.thread), "task", "bold yellow", task.text)

    def show_all(self) -> None:
        """All that was kept, buyer by buyer."""
        for story, buyer in BUYERS.items():
            self.console.rule(self.words.table["demo"].get(story) or self.words.name("kinds", story))
            for line in self.scenes[buyer].lines:
                self._print(*line)

    def label(self, name: str, **figures: object) -> str:
        """A word of the demo."""
        return str(self.words.table["demo"][name]).format(**figures)

    def _fact(self, event: OrderChanged) -> str:
        goods, amount = event.order.goods, money(event.order.total, self.place.lang)
        if event.reviews:
            return self.label("review_bad", goods=goods, text=event.reviews[-1].text)
        if event.refunds:
            back = event.refunds[-1].status is RefundStatus.PAID_BACK
            return self.label("refund_paid_back" if back else "refund_requested", goods=goods, amount=amount)
        if event.parcels:
            parcel = event.parcels[-1]
            over = parcel.status is ParcelStatus.SIGNED
            return self.label("parcel_signed" if over else "parcel_seen", number=parcel.id, place=parcel.place)
        unpaid = event.order.status is Status.UNPAID
        return self.label("ordered" if unpaid else "paid", goods=goods, amount=amount)

    def _buyer_of(self, thread: str) -> str:
        order = thread.split("/")[1]
        return next((BUYERS[story] for story, id_ in ORDERS.items() if id_ == order), thread)

    def _add(self, buyer: str, who: str, style: str, text: str) -> None:
        line = (f"{self._time()}  {self.label(who)} · {self._name(buyer)}", style, text)
        if self.live:
            self._print(*line)
        else:
            self.scenes[buyer].lines.append(line)

    def _name(self, buyer: str) -> str:
        if self.live and buyer == READER:
            return self.label("you")
        return next((self.place.parts[story].name for story, id_ in BUYERS.items() if id_ == buyer), buyer)

    def _time(self) -> str:
        local = self.clock.now().astimezone(self.place.zone)
        return f"{self.label('weekdays').split()[local.weekday()]} {local:%m-%d %H:%M}"

    def _print(self, heading: str, style: str, text: str) -> None:
        self.console.print(heading, style=style, soft_wrap=True)
        for line in text.splitlines():
            for part in folded(line, self.console.width - INDENT):
                self.console.print(" " * INDENT + part, soft_wrap=True)


def folded(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, broken at spaces, and anywhere between Chinese characters."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and cell_len(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()]


def _pieces(text: str) -> list[str]:
    """Words with the space after them; a wide character is a word of its own, with the punctuation that follows it."""
    pieces = [""]
    for before, char in zip(" " + text, text, strict=False):
        wide = cell_len(char) == 2 and char not in "，。！？；：、）”》"
        if before == " " or wide or (cell_len(before) == 2 and char.isalnum()):
            pieces.append("")
        pieces[-1] += char
    return pieces
