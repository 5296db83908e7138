"""Scripts for the answer to a buyer: those that suit the matter and its open tasks, or that are looked for, each as it
would read to him now."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.console.desk import Desk, Visit
from bot.console.matter import book_of
from followup.model import Chat, Thread
from followup.suggestions import fitting
from handlers.carry_out import no_thread
from handlers.desk.scripts import Desk as Scripts
from scripts_library.library import library_of
from scripts_library.search import Found, number_of, search_of

MOST = 6
_NAMED = re.compile(r"\[([a-z_]+\.[a-z_.]+)\]")


@dataclass(frozen=True, slots=True)
class Suggested:
    """A script with its short number and its words for this buyer; `hindrance` is what keeps it from being sent, ""
    for nothing."""

    script: str
    number: str
    text: str
    hindrance: str = ""


def suggest(
    connection: Connection, desk: Desk, visit: Visit, thread: str, asked: str, tasks: str = ""
) -> list[Suggested]:
    """The scripts that fit the words best; without any those that the texts of open tasks name, and those that suit
    the matter."""
    book = book_of(connection, desk, thread)
    chat = book.get(Chat, thread)
    known = book.get(Thread, thread) or (no_thread(chat, desk.clock.now()) if chat else None)
    if known is None or not visit.sees(known.shop):
        return []
    lang = book.buyer(known.shop, known.buyer).lang or desk.deps.policy(known.shop).lang
    scripts = Scripts(known, lang, library_of(desk.deps.scripts), book, desk.deps, desk.clock.now(), visit.lang)
    return [_shown(each, scripts) for each in _found(asked, tasks, scripts)]


def _found(asked: str, tasks: str, scripts: Scripts) -> list[Found]:
    searched, sale = search_of(scripts.library), scripts.tx.sale(scripts.thread.id)
    named = [each for each in _NAMED.findall(tasks) if each in searched.scripts]
    suits = tuple(dict.fromkeys((*named, *fitting(scripts.thread.kind, sale.branch if sale else None))))
    return searched.find(asked, scripts.lang, suits, most=MOST, now=scripts.now)


def _shown(found: Found, scripts: Scripts) -> Suggested:
    reads, hindrance = scripts.reads(found.script), ""
    if found.promises_money and not scripts.is_granted(found.script):
        hindrance = scripts.called("mark", "money")
    elif reads.lacks:
        hindrance = f"{scripts.called('mark', 'lacks')} {scripts.names(reads.lacks)}"
    elif reads.used_up:
        hindrance = scripts.called("mark", "used_up")
    return Suggested(found.script, number_of(found.script), reads.text, hindrance)
