"""All words in one sitting: by subject, every variant as different buyers would read it, the answers below."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from followup.choices import numbered
from followup.kinds import STEPS
from followup.model import Choice, Money, Segment
from scripts_library import samples
from scripts_library.catalogue import Spec, subjects
from scripts_library.library import Library

_PEOPLE: Mapping[str, Sequence[tuple[str, str, str]]] = {
    "zh": (
        ("林晓", "羊毛围巾 浅灰", "CNY"),
        ("陈阿姨", "手冲咖啡壶 600ml", "CNY"),
        ("Kevin Wang", "儿童雨靴 26码 黄色", "CNY"),
    ),
    "en": (
        ("Anna", "wool scarf, grey", "USD"),
        ("Mr. Okafor", "pour-over kettle", "USD"),
        ("Li Wei", "rain boots", "USD"),
    ),
    "es": (
        ("Ana", "bufanda gris", "EUR"),
        ("Don Julián", "hervidor", "EUR"),
        ("Lucía Fernández", "botas de agua", "EUR"),
    ),
}
"""Names, goods and currencies of a few buyers."""
_SUMS = (("89", "12"), ("168.50", "20"), ("59.90", "6.50"))
"""What each paid, and what a compensation of his may be."""
_ORDERS = ("25021800731", "25030100042", "25030211873")
_MOMENTS = tuple(datetime(2026, 3, day, hour, tzinfo=UTC) for day, hour in ((6, 18), (7, 12), (9, 10)))
_PAST = {"at": 2, "moved_at": 3, "paid_at": 4, "since": 3}
"""Facts of moments that are past, and for how many days."""
_NAMED: Mapping[str, Mapping[str, object]] = {
    "zh": {"cause": "面料起球", "evidence": "三天内四笔同样的投诉"},
    "en": {"cause": "pilling fabric", "evidence": "four like complaints in three days"},
    "es": {"cause": "las bolitas del tejido"},
}
_SAID = {
    "zh": {"bare": "不知道名字和商品时", "returning": "对老买家"},
    "en": {"bare": "without name and goods", "returning": "to a returning buyer"},
    "es": {"bare": "sin nombre ni artículo", "returning": "a quien ya compró antes"},
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One variant as somebody reads it; `to` says to whom, if not to any buyer by name."""

    text: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One script: what it may say, and the answers under it as a buyer sees them."""

    id: str
    role: str
    readings: tuple[Reading, ...]
    choices: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    name: str
    entries: tuple[Entry, ...]


def preview(
    library: Library,
    lang: str,
    only: Collection[str] = (),
    agents: bool = True,
    given: Mapping[str, object] | None = None,
) -> list[Subject]:
    """The words of every subject, or of the scripts in `only`; those of agents too if wanted. `given` facts stand in
    place of made-up ones."""
    found = []
    for name, ids in subjects().items():
        specs = [library.catalogue[id_] for id_ in ids if not only or id_ in only]
        wanted = [spec for spec in specs if agents or spec.audience == "buyer"]
        entries = tuple(_entry(library, spec, lang, given) for spec in wanted if only or not spec.label)
        if entries:
            found.append(Subject(name, entries))
    return found


def _entry(library: Library, spec: Spec, lang: str, given: Mapping[str, object] | None) -> Entry:
    used = lang if lang in spec.langs else library.default_lang
    readings = tuple(_readings(library, spec, used, given))
    return Entry(spec.id, spec.role.value, readings, _choices(library, spec, used))


def _readings(library: Library, spec: Spec, lang: str, given: Mapping[str, object] | None) -> Iterator[Reading]:
    new, returning = (library.variants(spec.id, lang, segment) for segment in Segment)
    said = _SAID[_language(lang)]
    for segment, to in ((Segment.NEW, ""), (Segment.RETURNING, said["returning"])):
        if segment is Segment.RETURNING and returning == new:
            return
        for number in range(len(library.variants(spec.id, lang, segment))):
            facts = _facts(spec, lang, number) if given is None else samples.bare(spec, lang) | dict(given)
            text = library.readings(spec.id, lang, facts, segment)[number]
            yield Reading(text, to)
            bare = library.readings(spec.id, lang, _needed(spec, facts), segment)[number]
            if given is None and bare != text:
                yield Reading(bare, said["bare"])


def _needed(spec: Spec, facts: Mapping[str, object]) -> dict[str, object]:
    """The facts without which nothing can be said."""
    return {fact.name: facts[fact.name] for fact in spec.facts if not fact.optional}


def _facts(spec: Spec, lang: str, number: int) -> dict[str, object]:
    """Facts of one of a few people, another for each number."""
    at = number % len(_ORDERS)
    buyer, goods, currency = _PEOPLE[_language(lang)][at]
    paid, small = (Decimal(each) for each in _SUMS[at])
    named = {fact.name for fact in spec.facts}
    kept = {"paid": paid, "kept": paid - small, "freight": Decimal(12)}
    mine: dict[str, object] = {**_NAMED[_language(lang)], "buyer": buyer, "goods": goods, "order": _ORDERS[at]}
    for fact in spec.facts:
        if fact.type == "money":
            part = small if spec.grants or named >= {"paid", "kept"} else paid
            mine[fact.name] = Money(kept.get(fact.name, part), currency)
        elif fact.type == "moment":
            mine[fact.name] = _MOMENTS[at] - timedelta(days=_PAST.get(fact.name, 0))
    return {**samples.full(spec, lang), **{each.name: mine[each.name] for each in spec.facts if each.name in mine}}


def _choices(library: Library, spec: Spec, lang: str) -> str:
    step = STEPS.get(spec.id)
    if step is None or not step.choices:
        return ""
    labels = [library.readings(f"choice.{id_}", lang, {}, Segment.NEW)[0] for id_ in step.choices]
    return numbered([Choice(label, label) for label in labels])


def _language(lang: str) -> str:
    """The sample language that is nearest."""
    return lang[:2] if lang[:2] in _PEOPLE else "en"


def as_text(found: Sequence[Subject]) -> str:
    """For a terminal, and for paper."""
    return "\n".join(_text_lines(found)) + "\n"


def _text_lines(found: Sequence[Subject]) -> Iterator[str]:
    for subject in found:
        yield from ("", f"━━ {subject.name} ━━")
        for entry in subject.entries:
            yield from ("", f"{entry.id} ({entry.role})")
            for reading in entry.readings:
                yield from _indented(f"({reading.to}) {reading.text}" if reading.to else reading.text)
            yield from (f"      {line}" for line in entry.choices.splitlines())


def _indented(text: str) -> Iterator[str]:
    first, *rest = text.splitlines()
    yield f"  · {first}"
    yield from (f"    {line}" for line in rest)


def as_markdown(found: Sequence[Subject]) -> str:
    """For an editor: a heading for each subject and script, a quotation for each text."""
    lines: list[str] = []
    for subject in found:
        lines += [f"# {subject.name}", ""]
        for entry in subject.entries:
            lines += [f"## {entry.id} · {entry.role}", ""]
            for reading in entry.readings:
                lines += [f"*{reading.to}*", ""] if reading.to else []
                lines += [*(f"> {line}  " for line in reading.text.splitlines()), ""]
            lines += [*(f"    {line}" for line in entry.choices.splitlines()), ""] if entry.choices else []
    return "\n".join(lines)


def as_page(found: Sequence[Subject], lang: str) -> str:
    """For a browser and for printing."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("scripts_preview.html.j2").render(subjects=found, lang=lang)
