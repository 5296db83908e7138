"""Scripts suggested to a person, in the buyer's language and with the facts of the thread, ready to copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from followup.model import Buyer, Thread
from followup.ports import WordsExhausted
from handlers.deps import Deps


def in_words(ids: Sequence[str], thread: Thread, buyer: Buyer, goods: str, deps: Deps) -> str:
    """A line for each script: its number, its id in brackets, and what it says; what he has read already is passed over
    while there are other words."""
    facts = {"buyer": buyer.name, "order": thread.order_id, "goods": goods}
    lang = buyer.lang or deps.policy(thread.shop).lang
    return "\n".join(f"{number}. [{id_}] {_text(id_, lang, facts, thread, deps)}" for number, id_ in enumerate(ids, 1))


def _text(script: str, lang: str, facts: Mapping[str, object], thread: Thread, deps: Deps) -> str:
    try:
        return deps.scripts.render(script, lang, facts, thread.segment, thread.said, thread.id).text
    except WordsExhausted:
        return deps.scripts.render(script, lang, facts, thread.segment, (), thread.id).text
