"""The words of the calendar: days, hours, what is planned in them, and what becomes of it."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from bot.console.calendar_days import Cell, Day
from bot.console.calendar_read import Line
from bot.console.desk import Visit
from bot.console.parts import when
from bot.console.reasons import why
from followup.local_hours import Hour
from followup.model import Instant, Verdict
from followup.policy import Policy
from followup.reach import HELD
from scripts_library.localise import duration
from store.console.calendar import PROMISES


class CalendarWords:
    """In the language of who looks, by the clock of the shop."""

    def __init__(self, visit: Visit, zone: ZoneInfo) -> None:
        self.say, self._names, self._lang, self._zone = visit.labels("calendar"), visit.names, visit.lang, zone

    def day(self, day: date) -> str:
        """Such as Mon 11-23."""
        return f"{self.say('weekdays').split()[day.weekday()]} {day:%m-%d}"

    def span(self, days: tuple[date, ...]) -> str:
        """Such as 2026-11-23 – 11-29."""
        first, last = days[0], days[-1]
        if len(days) == 1:
            return f"{self.say('weekdays').split()[first.weekday()]} {first:%Y-%m-%d}"
        return f"{first:%Y-%m-%d} – {last:%m-%d}" if first.year == last.year else f"{first:%Y-%m-%d} – {last:%Y-%m-%d}"

    def hour(self, hour: Hour) -> str:
        """Such as 09:00; one that comes a second time says so."""
        begins = f"{hour.start.astimezone(self._zone):%H:%M}"
        return self.say("again", hour=begins) if hour.again else begins

    def kind(self, kind: str) -> str:
        """What a kind is called, also where no kind is followed up."""
        if kind == PROMISES:
            return self.say("promise")
        return self._names.name("kinds", kind) if kind else self.say("no_kind")

    def cell(self, cell: Cell) -> str:
        """What is planned in an hour."""
        kinds = ", ".join(self.say("of_kind", kind=self.kind(kind), count=count) for kind, count in cell.kinds)
        waits = "; " + self.say("waits", count=cell.waits) if cell.waits else ""
        return f"{self.say('planned', count=cell.count)}: {kinds}{waits}"

    def quiet(self, cell: Cell) -> str:
        """Whether an hour is quiet."""
        return "" if not cell.quiet else self.say("quiet" if cell.quiet == 1 else "partly")

    def button(self, day: Day, cell: Cell) -> str:
        """An hour with all that is to be said of it, for who does not see it."""
        quiet = self.quiet(cell)
        return f"{self.day(day.date)} {self.hour(cell.hour)}, {self.cell(cell)}{', ' if quiet else ''}{quiet}"

    def opened(self, hour: Hour) -> str:
        """The heading of an hour's list."""
        first, last = hour.start.astimezone(self._zone), hour.end.astimezone(self._zone)
        return self.say("opened", day=self.day(first.date()), since=f"{first:%H:%M}", until=f"{last:%H:%M}")

    def rules(self, policy: Policy, of_many: bool) -> str:
        """The quiet hours and the cap of a shop."""
        quiet, every = policy.quiet, duration(policy.nudge_every, self._lang)
        figures = {"opens": f"{quiet.opens:%H:%M}", "closes": f"{quiet.closes:%H:%M}", "every": every}
        return self.say("rules" if of_many else "rules_of_one", shop=policy.shop, zone=policy.zone.key, **figures)

    def title(self, line: Line) -> str:
        """Who gets which step of which matter."""
        touch = line.touch
        order = self.say("order", order=touch.thread.order_id) if touch.thread.order_id else ""
        return " · ".join(filter(None, (touch.buyer, self.step(line), self.kind(touch.thread.kind), order)))

    def step(self, line: Line) -> str:
        """What the step is called."""
        planned = line.touch.reminder or line.touch.message
        return self._names.step(planned.step) if planned else ""

    def becomes(self, line: Line, now: Instant) -> str:
        """When it would really go, and why not when it is due."""
        due, goes_at = self._at(line.touch.due_at, now), line.goes_at
        if line.touch.message is not None:
            return self.say("put_out", at=self._at(goes_at or line.touch.due_at, now))
        if line.foretold is None:
            return self.say("unknown", due=due)
        decision = line.foretold.decision
        if goes_at is not None and decision.verdict is Verdict.SENT:
            return self.say("goes", at=self._at(goes_at, now))
        because = why(decision, self._zone, self._names)
        if goes_at is not None:
            return self.say("goes_later", due=due, at=self._at(goes_at, now), why=because)
        return self.say("waits_for" if decision.verdict in HELD else "will_not_go", due=due, why=because)

    def _at(self, at: Instant, now: Instant) -> str:
        return when(at, self._zone, now)
