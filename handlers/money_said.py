"""Money in a person's own words: what neither the order nor a grant accounts for is taken for an offer (rules 10, 75,
86)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from followup.after_sales.compensation import TOLD
from followup.events import thread_id
from followup.model import Thread
from handlers.understand.measures import amounts_in
from scripts_library.lint import Finding, lint_source
from store.tx import Tx

RULE = "not_granted"
MESSAGE = (
    "names money that is neither the price, nor a refund, nor granted here: an offer is asked for with `huifang offer` "
    "first, and this buyer hears no more of reviews (rules 10, 75, 86)"
)
CASE = "after_sales"


def case_beside(thread: str) -> str:
    """The after-sales case of the order that a thread is about: what was granted stands there."""
    return f"{thread.rpartition('/')[0]}/{CASE}"


def not_granted(text: str, lang: str, thread: Thread, tx: Tx) -> list[Finding]:
    """One finding if words to the buyer of an order name money that nothing accounts for. In doubt it is an offer: the
    review firewall must not miss one. Of who has no order prices are asked, and it says nothing."""
    if not thread.order_id:
        return []
    named, known = amounts_in(text), frozenset(_known(thread, tx))
    words = ", ".join(f"{each.value} {each.currency}".strip() for each in named if each.value not in known)
    if not named:
        words = next((found.words for found in lint_source(text, lang) if found.rule == "amount"), "")
    return [Finding("", lang, "", RULE, MESSAGE, words)] if words else []


def _known(thread: Thread, tx: Tx) -> Iterator[Decimal]:
    """The price, the refunds, and what was granted and may be told."""
    facts = tx.facts_of(thread)
    if facts is not None:
        yield facts.order.total.amount
        yield from (refund.amount.amount for refund in facts.refunds)
    grants = tx.grants_of(thread_id(thread.shop, thread.order_id, CASE))
    yield from (grant.amount.amount for grant in grants if grant.state in TOLD)
