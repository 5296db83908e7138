"""The shop's words as the console shows and changes them: texts by language, what is wrong with a draft, and saving."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from bot.console.desk import Desk
from bot.live_scripts import LiveScripts
from bot.scripts_promises import undeclared_in
from followup.model import Segment
from scripts_library.catalogue import Spec, load_catalogue
from scripts_library.check import check_change, check_script, check_variant
from scripts_library.library import Library, built_in_texts, library_of
from scripts_library.lint import Finding, lint_text
from scripts_library.overrides import Entry, Overrides, Rejected, Step
from scripts_library.templates import Variant, digest

__all__ = ["Coroutine", "Draft", "Finding", "Text"]
T = TypeVar("T")
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")


@dataclass(frozen=True, slots=True)
class Text:
    """A variant in use; `own` if the shop has added it."""

    variant: Variant
    own: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that somebody writes; `replaces` is the variant in whose place it is to be ("": beside the others)."""

    script: str
    lang: str
    segment: Segment
    text: str
    replaces: str = ""
    until: datetime | None = None


def library(desk: Desk) -> Library:
    """The words in force."""
    return library_of(desk.deps.scripts)


def damage(desk: Desk) -> str:
    """What is wrong with the file of the shop's words, "" while all is well."""
    return desk.deps.scripts.damage if isinstance(desk.deps.scripts, LiveScripts) else ""


def overrides(desk: Desk) -> Overrides:
    """The file of the shop's words."""
    return Overrides(desk.config.scripts.overrides, desk.clock.now)


def texts(words: Library, script: str, lang: str, segment: Segment) -> list[Text]:
    """The variants written for exactly this language and segment."""
    plain = {each.id for one in Segment for each in built_in_texts().get((script, lang, one), ())}
    return [Text(each, each.id not in plain) for each in words.own(script, lang, segment)]


def retired(words: Library, steps: list[Step]) -> Iterator[tuple[Entry, Step, str]]:
    """The variants that are out of use, each with the step that took it out and its text."""
    sources = {(entry.lang, entry.variant): entry.text for step in steps for entry in step.entries if entry.text}
    for (script, lang, _), variants in built_in_texts().items():
        sources |= {(lang, each.id): each.source for each in variants if steps and script == steps[0].script}
    for step in steps if steps else ():
        for entry in step.entries if step.in_force and step.what != "undone" else ():
            is_said = any(
                each.id == entry.variant for one in Segment for each in words.own(entry.script, entry.lang, one)
            )
            if entry.retired and not is_said:
                yield entry, step, sources.get((entry.lang, entry.variant), "")


def changed(steps: list[Step]) -> set[str]:
    """The scripts of which something is other than built in."""
    return {step.script for step in steps if step.in_force and step.what != "undone"}


@lru_cache(maxsize=512)
def findings_in(words: Library, script: str) -> tuple[Finding, ...]:
    """What is wrong with a script in use; slow the first time."""
    spec = load_catalogue()[script]
    found = [finding for lang in spec.langs for finding in check_script(words, script, lang)]
    spoken = {(lang, each) for lang in spec.langs for one in Segment for each in words.own(script, lang, one)}
    return *found, *(one for lang, each in spoken for one in undeclared_in(spec, lang, each.source))


def faults(desk: Desk, draft: Draft) -> list[Finding]:
    """What keeps a draft from being saved; slow, and of no effect."""
    spec = load_catalogue()[draft.script]
    variant = Variant(draft.text, draft.until)
    known = check_variant(spec, draft.lang, variant, shortest(desk))
    found = [
        *known,
        *_manners(spec, draft, {each.rule for each in known}),
        *undeclared_in(spec, draft.lang, draft.text),
    ]
    if found or not draft.text.strip():
        return found
    before = overrides(desk).entries()
    new = Entry(draft.script, draft.lang, draft.segment, digest(draft.text), "", draft.text, draft.until)
    gone = [Entry(draft.script, draft.lang, Segment.NEW, draft.replaces, "")] if draft.replaces else []
    return check_change(before, [*before, *gone, new], new)


def _manners(spec: Spec, draft: Draft, known: set[str]) -> Iterator[Finding]:
    """What a text that is not complete yet must not say either."""
    if spec.audience != "buyer":
        return
    known = known | ({"benefit"} if spec.grants else set())
    for each in lint_text(_TAG.sub("", draft.text), draft.lang):
        if each.rule not in known:
            yield replace(each, script=spec.id, variant=digest(draft.text))


def shortest(desk: Desk) -> int:
    """How many characters every channel of the shops takes."""
    return min((desk.deps.can(channel).longest_text for channel in desk.deps.channels.values()), default=4000)


async def save(desk: Desk, draft: Draft, by: str) -> str:
    """Put a draft into use at once; returns its variant. Raises Rejected with what is wrong, and OverridesDamaged."""

    def kept() -> str:
        if found := faults(desk, draft):
            raise Rejected("; ".join(map(str, found)), tuple(found))
        file, at = overrides(desk), (draft.script, draft.lang)
        if draft.replaces:
            return file.replace(*at, draft.replaces, draft.text, by, draft.until)
        return file.set(*at, draft.text, draft.segment, by, draft.until)

    return await _changed(desk, kept)


async def retire(desk: Desk, script: str, lang: str, variant: str, by: str) -> None:
    """Take a variant out of use. Raises Rejected and OverridesDamaged."""
    await _changed(desk, lambda: overrides(desk).retire(script, lang, variant, by))


async def undo(desk: Desk, step: int, by: str) -> None:
    """Take a step back. Raises Rejected and OverridesDamaged."""
    await _changed(desk, lambda: overrides(desk).undo_step(step, by))


async def _changed(desk: Desk, change: Callable[[], T]) -> T:
    """Writing takes a moment, and holds nobody up."""
    result = await asyncio.to_thread(change)
    if isinstance(desk.deps.scripts, LiveScripts):
        desk.deps.scripts.look()
    return result
