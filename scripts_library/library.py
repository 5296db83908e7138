"""The library: picks the words for one moment of one thread. Implements `followup.ports.Scripts`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from zlib import crc32

from followup.model import Segment
from followup.ports import Scripts, Words, WordsExhausted
from scripts_library.catalogue import Spec, load_catalogue
from scripts_library.facts import spoken
from scripts_library.templates import Variant
from scripts_library.words import Key, built_in

if TYPE_CHECKING:
    from scripts_library.overrides import Overrides

Texts = dict[Key, tuple[Variant, ...]]


class UnknownScript(KeyError):
    """No script has this id, or none of its languages has words."""

    def __str__(self) -> str:
        return str(self.args[0])


class Library:
    """Renders scripts. Templates are compiled at first use; facts are data and are never read as templates.

    Texts for a while only are said first, and left out once they are over, by the clock `now` if it is given.
    """

    def __init__(self, texts: Texts, default_lang: str = "zh-CN", now: Callable[[], datetime] | None = None) -> None:
        self.catalogue = load_catalogue()
        self.default_lang = default_lang
        self._texts = texts
        self._now = now
        self._fleeting = {key for key, variants in texts.items() if any(variant.until for variant in variants)}
        self._found: dict[Key, tuple[str, tuple[Variant, ...]]] = {}
        self._primary = {lang.partition("-")[0]: lang for _, lang, _ in texts}

    @classmethod
    def load(
        cls,
        overrides: Overrides | None = None,
        default_lang: str = "zh-CN",
        now: Callable[[], datetime] | None = None,
    ) -> Library:
        """The built-in words, with the shop's own laid over them. Raises `OverridesDamaged`."""
        texts = built_in_texts()
        return cls(overrides.lay_over(texts) if overrides else texts, default_lang, now)

    def render(
        self, script: str, lang: str, facts: Mapping[str, object], segment: Segment, said: Collection[str], seed: str
    ) -> Words:
        """Words whose digest is not in `said`, the same for the same seed; a count that rotates moves the choice on.

        Raises `WordsExhausted`, and `KeyError` for an unknown script, a missing fact or one of the wrong type.
        """
        used, variants = self._find(script, lang, segment)
        spec = self.catalogue[script]
        facts = self._told(spec, used, facts, segment, seed)
        values = spoken(script, spec.facts, facts, used) if spec.facts else {}
        is_free = len(variants) > 1 and variants[0].until is None
        first = crc32(seed.encode("utf-8", "replace")) if is_free else 0
        if spec.rotates:
            first += int(values[spec.rotates])
        for at in range(first, first + len(variants)):
            text, mark = variants[at % len(variants)].said(values)
            if mark not in said:
                return Words(text, used, mark)
        raise WordsExhausted(f"script {script} has no words in {used} that this thread has not read")

    def _told(
        self, spec: Spec, lang: str, facts: Mapping[str, object], segment: Segment, seed: str
    ) -> Mapping[str, object]:
        """The facts, with the words of each script that is one of them in place of its id; nobody is greeted twice."""
        told = {}
        for name in spec.scripts:
            if script := facts.get(name):
                told[name] = self.render(str(script), lang, {**facts, "buyer": ""}, segment, (), seed).text
        return {**facts, **told} if told else facts

    def readings(self, script: str, lang: str, facts: Mapping[str, object], segment: Segment) -> list[str]:
        """Every text that `render` could say, in their order."""
        used, variants = self._find(script, lang, segment)
        values = spoken(script, self.catalogue[script].facts, facts, used)
        return [variant.render(values) for variant in variants]

    def variants(self, script: str, lang: str, segment: Segment) -> tuple[Variant, ...]:
        """The texts that `render` chooses from. Raises `UnknownScript`."""
        return self._find(script, lang, segment)[1]

    def with_own(self, script: str, lang: str, segment: Segment, variants: tuple[Variant, ...]) -> Library:
        """The same library with these texts in the place of those."""
        texts = {**self._texts, (script, lang, segment): variants}
        return Library(texts, self.default_lang, self._now)

    def own(self, script: str, lang: str, segment: Segment) -> tuple[Variant, ...]:
        """The texts written for exactly this language and segment, without falling back."""
        return self._texts.get((script, lang, segment), ())

    def written(self) -> list[Key]:
        """Every (script, language, segment) that has texts of its own."""
        return [key for key, variants in self._texts.items() if variants]

    def _find(self, script: str, lang: str, segment: Segment) -> tuple[str, tuple[Variant, ...]]:
        """As `_look_up`, once for each moment of its kind: the texts of a library never change."""
        key = (script, lang, segment)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._look_up(*key)
        return (found[0], self._in_season(found[1])) if self._fleeting and self._now else found

    def _in_season(self, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
        """Those that may still be said, of which the check keeps enough; the words of a season come first in it."""
        now = self._now() if self._now else None
        left = (each for each in variants if each.until is None or now is None or now < each.until)
        return tuple(sorted(left, key=lambda each: each.until is None))

    def _look_up(self, script: str, lang: str, segment: Segment) -> tuple[str, tuple[Variant, ...]]:
        """The language and its texts; of a button only the newest, for it has one text."""
        for used in self._languages(lang):
            variants = self._texts.get((script, used, segment)) or self._texts.get((script, used, Segment.NEW))
            if variants:
                return used, variants[-1:] if self.catalogue[script].label else variants
        raise UnknownScript(f"there is no script {script} in {lang} or {self.default_lang}")

    def _languages(self, lang: str) -> Iterable[str]:
        yield lang
        yield self._primary.get(lang.replace("_", "-").partition("-")[0].lower(), lang)
        yield self.default_lang
        yield "en"


def library_of(scripts: Scripts) -> Library:
    """The library behind what renders: itself, or the one in force of one that follows the shop's file."""
    found = getattr(scripts, "library", scripts)
    assert isinstance(found, Library)
    return found


def built_in_texts() -> Texts:
    """The words that come with the program."""
    return {key: tuple(map(Variant, sources)) for key, sources in built_in().items()}


def spec_of(script: str) -> Spec:
    """The catalogue's entry. Raises `UnknownScript`."""
    try:
        return load_catalogue()[script]
    except KeyError:
        raise UnknownScript(f"there is no script {script}; `huifang scripts list` shows them all") from None
