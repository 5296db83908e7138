"""Writes the documents of the routine in Markdown, in the agents' language. Implements `scheduler.routine.Paper`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.routine.files import keep
from bot.routine.names import Names, names
from followup.desk.digest import Digest
from followup.desk.handover import Clearing, Handing, Matter
from followup.desk.people import Roster
from followup.model import Instant, Money, Task, Thread
from followup.policy import Policy
from handlers.deps import Deps
from scheduler.routine import Document
from scripts_library.localise import money

SHORT = 40
LATE = timedelta(minutes=15)
ALL, POSTED = 1_000_000, 15
_MARKS = re.compile(r"([\\`*_\[\]<>#|])")
_ENV = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=False,  # noqa: S701 - Markdown for people, whose marks are escaped by `md`
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Paper:
    """Documents for the people of the shops in `deps`, kept in a folder for each shop."""

    folder: Path
    deps: Deps

    def handover(self, told: Handing) -> Document:
        """A handover; posted with the first matters of each urgency (rule 104)."""
        page = _Page(self.deps.policy(told.shop), names(self.deps.agent_lang), self.deps)
        groups, late = page.groups(told), _is_late(told)
        whole, posted = (page.written("handover", told=told, groups=groups, late=late, most=n) for n in (ALL, POSTED))
        return Document(whole, plain(posted))

    def digest(self, told: Digest) -> Document:
        """A digest by cause: ids of orders, never a buyer's words (rules 44, 102)."""
        page = _Page(self.deps.policy(told.shop), names(self.deps.agent_lang), self.deps)
        text = page.written("digest", told=told)
        return Document(text, plain(text))

    def cleared(self, told: Clearing) -> str:
        """How a handover was cleared so far."""
        page = _Page(self.deps.policy(told.handover.shop), names(self.deps.agent_lang), self.deps)
        figures = {"count": len(told.handover.threads), "closed": told.closed, "taken": told.taken}
        line = page.names("cleared", at=page.moment(told.handover.ended_at), left=len(told.left), **figures)
        return f"{line} {page.orders(told.left)}\n" if told.left else f"{line}\n"

    def never(self, shop: str) -> str:
        """That nothing was handed over in a shop yet."""
        return names(self.deps.agent_lang)("never", shop=shop)

    def keep(self, shop: str, name: str, text: str) -> Path:
        """Keep a document as a file of its shop."""
        return keep(self.folder / shop, name, text)


@dataclass(frozen=True)
class _Page:
    """What a template of a shop may say."""

    policy: Policy
    names: Names
    deps: Deps

    def written(self, name: str, **more: object) -> str:
        """A template with its words filled in; no two empty lines follow each other."""
        template = _ENV.get_template(f"{name}.{self.names.words.lang}.md.j2")
        told = ("moment", "day", "clock", "span", "order", "orders", "kind", "flag", "people", "steps", "cause")
        text = template.render(
            {each: getattr(self, each) for each in told}, md=md, short=short, money=self.money, change=change, **more
        )
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"

    def groups(self, told: Handing) -> list[tuple[str, list[Matter]]]:
        """The matters by the names of their urgencies."""
        by_urgency = groupby(told.matters, key=lambda each: each[0])
        return [(self.names.of("urgency", urgency), [matter for _, matter in of]) for urgency, of in by_urgency]

    def moment(self, at: Instant) -> str:
        return f"{at.astimezone(self.policy.zone):%m-%d %H:%M}"

    def day(self, at: Instant) -> str:
        return f"{at.astimezone(self.policy.zone):%Y-%m-%d %H:%M}"

    def clock(self, at: Instant) -> str:
        return f"{at.astimezone(self.policy.zone):%H:%M}"

    def span(self, length: timedelta) -> str:
        """A length of time in its largest unit that is passed twice."""
        minutes = round(length.total_seconds() / 60)
        if minutes >= 2 * 1440:
            return self.names("day_unit", n=round(minutes / 1440))
        return (
            self.names("hour_unit", n=round(minutes / 60)) if minutes >= 120 else self.names("minute_unit", n=minutes)
        )

    def order(self, thread: Thread) -> str:
        return md(thread.order_id) or self.names("chat")

    def orders(self, threads: Iterable[Thread]) -> str:
        return self.names("and").join(dict.fromkeys(self.order(thread) for thread in threads))

    def kind(self, kind: str) -> str:
        return self.names.kind(kind)

    def cause(self, cause: str) -> str:
        return self.names.cause(cause)

    def flag(self, flag: str) -> str:
        return self.names.of("flags", flag)

    def money(self, sums: Iterable[Money]) -> str:
        return self.names("and").join(money(each, self.names.words.lang) for each in sums)

    def people(self, matter: Matter) -> str:
        """Who has it, by name."""
        found = (_name(who, self.deps.roster) for who in matter.people)
        return self.names("and").join(found) or self.names("no_one")

    def steps(self, matter: Matter) -> str:
        """What a person is asked to do, and what the bot says next, with their times."""
        tasks = [self._task(task) for task in matter.tasks]
        if matter.next is not None and matter.next.step in self.names.words.table["steps"]:
            step = self.names.words.table["steps"][matter.next.step]
            tasks.append(self.names("bot_next", name=step, at=self.moment(matter.next.due_at)))
        return self.names("then").join(dict.fromkeys(tasks)) or "-"

    def _task(self, task: Task) -> str:
        name = self.names.words.name("reasons", task.reason)
        return self.names("task_by", name=name, due=self.moment(task.due_at)) if task.due_at else name


def md(text: str) -> str:
    """A text as it is, whatever marks of Markdown it holds."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def short(text: str) -> str:
    """The beginning of what somebody said, in one line."""
    flat = " ".join(text.split())
    return md(flat if len(flat) <= SHORT else flat[: SHORT - 1] + "…")


def plain(text: str) -> str:
    """A document for a chat, which shows no Markdown."""
    text = re.sub(r"^#+ ", "", text, flags=re.MULTILINE).replace("**", "")
    return re.sub(r"\\([\\`*_\[\]<>#|])", r"\1", re.sub(r"\n\n(?= *- )", "\n", text)).strip()


def change(now: int, before: int) -> str:
    """What changed, with its sign."""
    return f"{now - before:+d}" if now != before else "±0"


def _is_late(told: Handing) -> bool:
    return told.made_at - told.ended_at > LATE


def _name(who: str, roster: Roster) -> str:
    person = roster.named(who)
    return md(person.name or who if person else who)
