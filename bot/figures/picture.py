"""The picture of the day: what began and ended, how soon buyers were answered, what waits, what reminders brought."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from bot.figures.fonts import chinese
from bot.figures.names import NONE, Names
from bot.figures.report import Report, make
from store.figures import By, Scope
from store.figures.clocks import Waiting, waiting

if TYPE_CHECKING:
    from bot.figures.canvas import Canvas

WIDE, EDGE = 1080, 48
CLOCKS = 880
ROW = 31
DAYS = 7
SHOWN = 6


class NoPillow(Exception):
    """The picture needs `pip install 'huifang[pictures]'`"""

    def __str__(self) -> str:
        return self.__doc__ or ""


@dataclass(frozen=True)
class Day:
    """One day of a shop: its own figures, those of the days before, and what waits now."""

    today: Report
    week: Report
    waiting: list[Waiting]


def draw(path: Path, connection: Connection, scope: Scope, names: Names) -> str:
    """Draw the last day of a period as a PNG, and return a line about it. Raises NoPillow and OSError."""
    try:
        from bot.figures.canvas import Canvas
    except ModuleNotFoundError:
        raise NoPillow from None
    day = _day(connection, scope)
    drawn = names if names.lang == "en" or chinese() else replace(names, lang="en")
    canvas = Canvas(WIDE, CLOCKS + _high(day) + EDGE, drawn.lang != "en")
    _paint(canvas, day, drawn)
    canvas.save(path)
    return caption(day, names)


def caption(day: Day, names: Names) -> str:
    """The line under the picture."""
    shown = {name: _value(day.today, id_, names) for name, id_ in _CAPTION.items()}
    return names("picture", shop=day.today.scope.shop, day=_date(day, names), **shown)


_CAPTION = {
    "opened": "opened",
    "closed": "closed",
    "first": "first_person_median",
    "recovered": "unpaid_recovered",
}


def _day(connection: Connection, scope: Scope) -> Day:
    ends = scope.until
    last = (ends - timedelta(seconds=1)).astimezone(scope.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    before = last - timedelta(days=DAYS - 1)
    today = make(connection, replace(scope, since=last, by=By.DAY))
    week = make(connection, replace(scope, since=before, by=By.DAY))
    return Day(today, week, waiting(connection, scope.shop, scope.now))


def _date(day: Day, names: Names) -> str:
    scope = day.today.scope
    return names.day(scope.since.astimezone(scope.zone).date())


def _value(report: Report, id_: str, names: Names) -> str:
    line = report.line(id_)
    return names.value(line.total, line.figure.unit, report.scope.currency) if line else NONE


def _paint(canvas: Canvas, day: Day, names: Names) -> None:
    scope = day.today.scope
    canvas.text(EDGE, 40, f"{names('picture_title')}  {_date(day, names)}", 44, "ink")
    canvas.text(EDGE, 102, f"Huifang · {scope.shop} · {scope.zone.key}", 24, "soft")
    for number, (value, label, more, tone) in enumerate(_tiles(day, names)):
        width = (WIDE - 2 * EDGE - 2 * 20) // 3
        x, y = EDGE + number % 3 * (width + 20), 160 + number // 3 * 180
        canvas.card(x, y, width, 160)
        canvas.text(x + 22, y + 18, label, 24, "soft", width - 44)
        canvas.text(x + 22, y + 52, value, 48, tone, width - 44)
        canvas.text(x + 22, y + 118, more, 22, "soft", width - 44)
    _bars(canvas, day, names, 540)
    _clocks(canvas, day, names, CLOCKS)


def _tiles(day: Day, names: Names) -> list[tuple[str, str, str, str]]:
    def value(id_: str) -> str:
        return _value(day.today, id_, names)

    def within(id_: str) -> str:
        return "" if value(id_) == NONE else names("nine_of_ten", time=value(id_))

    return [
        (value("opened"), _name("opened", day, names), names("tasks_of", n=value("tasks_given")), "ink"),
        (value("closed"), _name("closed", day, names), _named("tasks_done", day, names), "sent"),
        (
            value("conversations"),
            _name("conversations", day, names),
            f"{names('answered')} {value('reply_rate')}",
            "ink",
        ),
        (value("first_person_median"), names("person_first"), within("first_person_p90"), "ink"),
        (value("first_bot_median"), names("bot_first"), within("first_bot_p90"), "ink"),
        (
            value("unpaid_recovered"),
            _name("unpaid_recovered", day, names),
            names("of_orders", n=value("unpaid_reminded")),
            "sent",
        ),
    ]


def _name(id_: str, day: Day, names: Names) -> str:
    line = day.today.line(id_)
    return names.figure(line.figure, day.today) if line else ""


def _named(id_: str, day: Day, names: Names) -> str:
    return f"{_name(id_, day, names)} {_value(day.today, id_, names)}"


def _bars(canvas: Canvas, day: Day, names: Names, top: int) -> None:
    """What began and ended on each of the last days."""
    canvas.card(EDGE, top, WIDE - 2 * EDGE, 320)
    canvas.text(EDGE + 22, top + 16, names("last_days"), 26, "ink")
    canvas.legend(WIDE - EDGE - 22, top + 20, [("postponed", names("opened")), ("sent", names("closed"))])
    pairs = [[int(day.week.tally.count(name, part) or 0) for name in ("opened", "closed")] for part in day.week.parts]
    most, high = max((max(pair) for pair in pairs), default=0) or 1, 170
    step, floor = (WIDE - 2 * EDGE - 44) / max(len(pairs), 1), top + 268
    for number, (part, pair) in enumerate(zip(day.week.parts, pairs, strict=True)):
        middle = EDGE + 22 + (number + 0.5) * step
        for side, (count, tone) in enumerate(zip(pair, ("postponed", "sent"), strict=True)):
            x, tall = middle - 57 + side * 58, count * high / most
            canvas.bar(x, floor - tall, 56, tall, tone)
            canvas.text(x + 28, floor - tall - 26, f"{count:,}", 18, "soft", centred=True)
        canvas.text(middle, floor + 10, names.part(part, By.DAY), 22, "soft", centred=True)


def _high(day: Day) -> int:
    return 82 + max(1, min(SHOWN, len(day.waiting))) * ROW


def _clocks(canvas: Canvas, day: Day, names: Names, top: int) -> None:
    """What is waited for now: in time, nearly due, overdue."""
    canvas.card(EDGE, top, WIDE - 2 * EDGE, _high(day))
    canvas.text(EDGE + 22, top + 16, names("now"), 26, "ink")
    tones = [("sent", "in_time"), ("postponed", "at_risk"), ("bad", "missed")]
    canvas.legend(WIDE - EDGE - 22, top + 20, [(tone, names(word)) for tone, word in tones])
    if not day.waiting:
        canvas.text(EDGE + 22, top + 64, names("no_clocks"), 24, "soft")
    most = max((each.open for each in day.waiting), default=1)
    for number, each in enumerate(day.waiting[:SHOWN]):
        y, x, wide = top + 66 + number * ROW, float(EDGE + 250), WIDE - 2 * EDGE - 340
        counts = (each.open - each.at_risk - each.missed, each.at_risk, each.missed)
        canvas.text(EDGE + 22, y - 3, names.due(each.due), 22, "soft", 220)
        for count, (tone, _) in zip(counts, tones, strict=True):
            canvas.bar(x, y, count * wide / most, 22, tone)
            x += count * wide / most
        canvas.text(x + 12, y - 3, f"{each.open:,}", 22, "ink")
