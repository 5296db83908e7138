"""`huifang review`: what is to be known of a review before anybody speaks to its buyer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened
from bot.commands.shops import OnlyShop

if TYPE_CHECKING:
    from bot.app import App
    from followup.model import Facts


def review(
    order: Annotated[str, typer.Argument(help="The number of an order with a review.")],
    shop: OnlyShop = None,
    config: ConfigOption = None,
) -> None:
    """The brief of an order's newest review: cause, advice, history, three replies to post."""
    from store import views

    with opened(config, speaking=False) as app:
        try:
            with app.store.engine.connect() as connection:
                facts = views.facts(connection, order, shop or "")
        except views.SeveralShops as error:
            raise mistake(f"{error}; name one with --shop") from None
        if facts is None:
            raise mistake(f"there is no order {order!r}")
        if not facts.reviews:
            raise mistake(f"order {order} has no review")
        typer.echo(_brief(facts, app))


def _brief(facts: Facts, app: App) -> str:
    from followup.events import thread_id
    from followup.model import Segment, Thread
    from handlers.reviews.brief import told
    from store.tx import Tx
    from store.wanted import Wanted

    order, newest = facts.order, max(facts.reviews, key=lambda each: each.created_at)

    def study(tx: Tx) -> str:
        thread = tx.get(Thread, thread_id(order.shop, order.id, "review_revision"))
        thread = thread or tx.get(Thread, thread_id(order.shop, order.id, "review_follow_up"))
        if thread is None:
            raise mistake(f"the review of order {order.id} needs no answer: it is {newest.rating.value}")
        who = tx.buyer(thread.shop, thread.buyer)
        about = {"order": order.id, "buyer": who.name, "goods": order.goods, "amount": order.total}
        words = about | told(newest.id, thread, tx, app.deps)
        script = "agent.review_brief" if thread.kind == "review_revision" else "agent.review_follow_up"
        return app.deps.scripts.render(script, app.deps.agent_lang, words, Segment.NEW, (), thread.id).text

    return app.store.run(study, Wanted(buyers=((order.shop, order.buyer),), orders=((order.shop, order.id),)))
