"""Scripts tried with a real order: which orders suit, what they fill in, and how every text reads then."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.console import wording
from bot.console.desk import Desk, Visit
from bot.order_facts import said_of
from followup.kinds import KINDS
from followup.model import Facts, Segment, Thread
from handlers.desk.script_facts import script_facts
from handlers.money_said import case_beside
from scripts_library import samples
from scripts_library.catalogue import Spec
from scripts_library.library import Library
from scripts_library.preview import Preview, preview
from scripts_library.templates import Variant
from store.console import scripts as rows
from store.console.scripts import Picked
from store.tx import Tx
from store.wanted import Wanted


@dataclass(frozen=True)
class Tried:
    """The facts with which a script is shown, and whose they are ("": made up)."""

    facts: Mapping[str, object] | None = None
    order: str = ""
    buyer: str = ""
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One text in use as it reads with the facts at hand."""

    lang: str
    segment: Segment
    variant: str
    source: str
    until: datetime | None
    own: bool
    reads: Preview


async def suggested(desk: Desk, visit: Visit, spec: Spec) -> list[Picked]:
    """The latest orders in which the script could be said."""
    kinds = [name for name, kind in KINDS.items() if spec.id in kind.steps]
    shops = [shop for shop in desk.deps.policies if visit.sees(shop)]
    return await desk.read_of(visit.person.shops, rows.fitting, kinds, shops)


async def tried(desk: Desk, visit: Visit, spec: Spec, wanted: str) -> Tried | None:
    """The facts of the order or matter that somebody names; None if there is none that he may see."""
    found = await desk.read_of(visit.person.shops, rows.named, wanted.strip(), visit.person.shops)
    if isinstance(found, Facts):
        order = found.order
        if not visit.sees(order.shop) or order.shop not in desk.deps.policies:
            return None
        facts = said_of(found, desk.deps.policies[order.shop], desk.clock.now())
        return Tried(facts, order.id, order.buyer_name or order.buyer, order.id)
    if found is None or not visit.sees(found.shop) or found.shop not in desk.deps.policies:
        return None
    return Tried(await _facts(desk, spec.id, found.thread), found.order_id, found.buyer, found.thread)


async def _facts(desk: Desk, script: str, id_: str) -> dict[str, object]:
    def look(tx: Tx) -> dict[str, object]:
        thread = tx.get(Thread, id_)
        return script_facts(script, thread, tx, desk.deps, desk.clock.now()) if thread else {}

    return await desk.store.transact(look, Wanted(threads=(id_, case_beside(id_))))


async def readings(desk: Desk, spec: Spec, by: Tried, gaps: Mapping[str, str]) -> list[Reading]:
    """Every text of a script in every language; `gaps` stand where a fact is missing."""
    return await asyncio.to_thread(_readings, wording.library(desk), spec, by, gaps)


def _readings(words: Library, spec: Spec, by: Tried, gaps: Mapping[str, str]) -> list[Reading]:
    return [
        Reading(
            lang,
            segment,
            each.variant.id,
            each.variant.source,
            each.variant.until,
            each.own,
            read(words, spec, lang, segment, each.variant, by, gaps),
        )
        for lang in spec.langs
        for segment in Segment
        for each in wording.texts(words, spec.id, lang, segment)
    ]


def read(
    words: Library, spec: Spec, lang: str, segment: Segment, variant: Variant, by: Tried, gaps: Mapping[str, str]
) -> Preview:
    """One text as it reads. Raises BadTemplate, and jinja2.UndefinedError for a fact that the script does not have."""
    alone = words.with_own(spec.id, lang, segment, (Variant(variant.source),))
    facts = samples.full(spec, lang) if by.facts is None else by.facts
    return preview(alone, spec.id, lang, facts, segment, (), by.seed, lambda name: gaps.get(name, name))
