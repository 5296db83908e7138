"""How a script would read with the facts at hand: its words, and what is still missing for them to be said."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from followup.model import Segment
from followup.ports import WordsExhausted
from scripts_library.facts import Fact, Refused
from scripts_library.library import Library, spec_of


@dataclass(frozen=True, slots=True)
class Preview:
    """The text as it would be said; `lacks` are the facts it still needs, and it is `used_up` once all its words were
    said to this buyer: in either case it cannot go."""

    text: str
    digest: str = ""
    lacks: tuple[str, ...] = ()
    used_up: bool = False

    @property
    def sayable(self) -> bool:
        """Whether it can be said as it stands."""
        return not self.lacks and not self.used_up


def preview(
    library: Library,
    script: str,
    lang: str,
    facts: Mapping[str, object],
    segment: Segment,
    said: Collection[str],
    seed: str,
    gap: Callable[[str], str],
) -> Preview:
    """The words that would be said next (rule 111); in the place of a missing fact stands its `gap`. Raises
    UnknownScript."""
    lacks = tuple(fact.name for fact in spec_of(script).facts if not fact.optional and not _told(fact, facts, lang))
    if lacks:
        return Preview(_with_gaps(library, script, lang, facts, segment, lacks, gap), lacks=lacks)
    try:
        words = library.render(script, lang, facts, segment, said, seed)
    except WordsExhausted:
        return Preview(library.render(script, lang, facts, segment, (), seed).text, used_up=True)
    return Preview(words.text, words.digest)


def _with_gaps(
    library: Library,
    script: str,
    lang: str,
    facts: Mapping[str, object],
    segment: Segment,
    lacks: Collection[str],
    gap: Callable[[str], str],
) -> str:
    values = {
        fact.name: gap(fact.name) if fact.name in lacks else _told(fact, facts, lang) for fact in spec_of(script).facts
    }
    return library.variants(script, lang, segment)[0].render(values)


def _told(fact: Fact, facts: Mapping[str, object], lang: str) -> str:
    """A fact as it is said, "" where there is none that can be."""
    value = facts.get(fact.name)
    try:
        return "" if value is None else fact.say(value, lang)
    except Refused:
        return ""
