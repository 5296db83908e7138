"""What scripts may say of a real order: its own facts, and those that its follow-ups would add."""

from __future__ import annotations

from bot.app import App
from followup.events import chat_id, thread_id
from followup.kinds import KINDS, Case
from followup.model import Buyer, Chat, Facts, Instant, State, Thread
from followup.parcels import parcel_words
from followup.policy import Policy
from store import views


def facts_for(order_id: str, app: App) -> dict[str, object]:
    """The facts by name, of an order or, where several shops have that number, of `<shop>/<order>`. Raises LookupError
    for an order that is not known or not clear, and UnknownShop."""
    shop, _, number = order_id.partition("/")
    shop, number = (shop, number) if number and shop in app.deps.policies else ("", order_id)
    with app.store.engine.connect() as connection:
        try:
            known = views.facts(connection, number, shop)
        except views.SeveralShops as error:
            raise LookupError(f"{error}; say which, as in {next(iter(app.deps.policies))}/{order_id}") from None
    if known is None:
        raise LookupError(f"there is no order {order_id}; `huifang import` brings orders in")
    return said_of(known, app.deps.policy(known.order.shop), app.clock.now())


def said_of(known: Facts, policy: Policy, now: Instant) -> dict[str, object]:
    """The same of an order that was looked up already."""
    order = known.order
    told: dict[str, object] = {"buyer": order.buyer_name, "goods": order.goods, "order": order.id}
    for name in ("review_revision", "unpaid_order", *(["pending_refund"] if known.refunds else [])):
        told |= KINDS[name].words(_case(name, known, now), policy, now)
    return told | (parcel_words(known, policy.zone) if known.parcels else {})


def _case(kind: str, facts: Facts, now: Instant) -> Case:
    """The case as if it were followed up now; of several refunds the latest."""
    order = facts.order
    chat = Chat(chat_id(order.shop, "manual", order.buyer), order.shop, order.buyer, "manual", order.buyer)
    latest = max(facts.refunds, key=lambda refund: refund.requested_at, default=None)
    thread = Thread(
        thread_id(order.shop, order.id, kind),
        order.shop,
        order.id,
        kind,
        order.buyer,
        chat.id,
        State.OPEN,
        now,
        now,
        matter=latest.id if latest else "",
    )
    return Case(thread, facts, Buyer(order.shop, order.buyer, order.buyer_name), chat)
