"""Going over what time alone may have begun: every order is followed up, whatever became of its look (rule 25)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import structlog

from followup.clusters import REVIEW, Cluster
from followup.events import thread_id
from followup.kinds import KINDS
from followup.kinds.stuck_parcel import STUCK_PARCEL
from followup.model import Instant, Segment, Task, TaskState, Thread
from followup.parcels import asked_for
from followup.reach import is_nobody
from followup.sweep import SHOWN, Care, Coverage, Found, care_of
from handlers.chats import ways_to
from handlers.deps import Deps
from handlers.desk.giving import give
from handlers.order_changed import follow_up
from store.log_ids import about
from store.tx import Tx
from store.wanted import Pair, Wanted

log = structlog.get_logger(__name__)
CASE = "after_sales"


def wanted(shop: str, batch: Sequence[Pair]) -> Wanted:
    """The orders with their threads, and their buyers' chats."""
    return Wanted(
        buyers=tuple((shop, buyer) for _, buyer in batch), orders=tuple((shop, order_id) for order_id, _ in batch)
    )


def begun(kind: str, shop: str, batch: Sequence[Pair], tx: Tx, deps: Deps, now: Instant) -> dict[str, Instant]:
    """In which of these orders (id, buyer) a matter of the kind has begun, and since when, by the facts alone."""
    known = {order_id: tx.facts(shop, order_id) for order_id, _ in batch}
    policy, opens = deps.policy(shop), KINDS[kind].opens
    openings = {order_id: opens(facts, policy, now) for order_id, facts in known.items() if facts is not None}
    return {order_id: opening.acted_at for order_id, opening in openings.items() if opening is not None}


def sweep_batch(
    kind: str, shop: str, batch: Sequence[Pair], tx: Tx, deps: Deps, now: Instant
) -> tuple[int, list[Found]]:
    """Follow up each of these orders (id, buyer) in which a matter of the kind has begun: how many they are, and who
    looks after each. One that fails holds up no other and is told of as failed."""
    known = begun(kind, shop, batch, tx, deps, now)
    found: list[Found] = []
    for order_id, since in known.items():
        mark = tx.mark()
        try:
            care = _look_after(kind, shop, order_id, tx, deps, now)
        except Exception as error:  # noqa: BLE001 - one order that breaks does not hide the rest
            tx.back_to(mark)
            with about(thread=thread_id(shop, order_id, kind)):
                log.error("order_not_swept", order=order_id, kind=kind, error=type(error).__name__)
            care = Care.FAILED
        courier = _courier(kind, shop, order_id, tx)
        found.append(Found(order_id, kind, thread_id(shop, order_id, kind), since, care, courier))
    return len(known), found


def _courier(kind: str, shop: str, order_id: str, tx: Tx) -> str:
    facts = tx.facts(shop, order_id)
    parcel = asked_for(facts) if facts and kind == STUCK_PARCEL.name else None
    return parcel.courier if parcel else ""


def _look_after(name: str, shop: str, order_id: str, tx: Tx, deps: Deps, now: Instant) -> Care:
    facts, id_ = tx.facts(shop, order_id), thread_id(shop, order_id, name)
    assert facts is not None
    before = tx.get(Thread, id_)
    follow_up(KINDS[name], facts, tx, deps, now)
    after = tx.get(Thread, id_)
    case = tx.get(Thread, thread_id(shop, order_id, CASE))
    has_case = case is not None and not case.state.closed
    return care_of(before, after, has_case, after is not None and _is_reachable(after, tx, deps))


def _is_reachable(thread: Thread, tx: Tx, deps: Deps) -> bool:
    """Whether the bot has a way to tell the buyer anything."""
    buyer = tx.buyer(thread.shop, thread.buyer)
    chats = (way.chat for way in ways_to(buyer, thread, tx, deps))
    return buyer.opted_out_at is None and any(not is_nobody(chat) and chat.unreachable_at is None for chat in chats)


def reports_of(shop: str) -> str:
    """What the reports of a shop's sweeps are tasks of."""
    return f"{shop}/sweep"


def report(coverage: Coverage, tx: Tx, deps: Deps, now: Instant) -> Task:
    """Keep what a sweep found as a task for the agents, in place of the last; one that found nothing is done."""
    thread = reports_of(coverage.shop)
    for task in tx.open_tasks(thread):
        tx.save(replace(task, state=TaskState.CANCELLED, closed_at=now, answer="a newer sweep"))
    counts = {"found": coverage.all, "late": coverage.late, "overdue": coverage.overdue, "stuck": coverage.stuck}
    told = {f"{care}_orders": _some(coverage.orders(care)) for care in (Care.OPENED, Care.UNREACHABLE, Care.FAILED)}
    couriers = ", ".join(f"{courier} {count}" for courier, count in coverage.couriers().items())
    facts: dict[str, object] = {**counts, **{care.value: coverage.count(care) for care in Care}, **told}
    facts["couriers"] = couriers
    text = _words("agent.sweep_report", facts, thread, deps)
    task = Task(f"{thread}/sweep_report/{now:%Y-%m-%dT%H:%M:%S}", coverage.shop, thread, "sweep_report", text, now)
    if not coverage.all:
        task = replace(task, state=TaskState.DONE, closed_at=now, closed_by="huifang")
    return give(task, tx, deps)


def alert_clusters(shop: str, found: Iterable[Cluster], tx: Tx, deps: Deps, now: Instant) -> list[Task]:
    """A task for each cluster, once a week for the same goods; those that are new."""
    policy, fresh = deps.policy(shop), []
    for cluster in found:
        id_ = f"{shop}/cluster/{cluster.key(now, policy.zone)}"
        if tx.get(Task, id_) is not None:
            continue
        facts: dict[str, object] = {"goods": cluster.goods, "count": cluster.orders, **_complaints(cluster, deps)}
        facts["since"] = cluster.since.astimezone(policy.zone)
        text = _words("agent.cluster", facts, id_, deps)
        fresh.append(give(Task(id_, shop, f"{shop}/cluster", "cluster", text, now), tx, deps))
    return fresh


def _complaints(cluster: Cluster, deps: Deps) -> dict[str, object]:
    """The orders with a case, and what it is; the orders with a bad review."""
    cases = (
        f"{each.order_id} ({_words(f'branch.{each.about}', {}, '', deps)})"
        for each in cluster.complaints
        if each.about != REVIEW
    )
    reviews = (each.order_id for each in cluster.complaints if each.about == REVIEW)
    return {"cases": _some(list(cases)), "reviews": _some(list(reviews))}


def _some(orders: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = f" … +{len(orders) - SHOWN}" if len(orders) > SHOWN else ""
    return ", ".join(orders[:SHOWN]) + more


def _words(script: str, facts: dict[str, object], seed: str, deps: Deps) -> str:
    return deps.scripts.render(script, deps.agent_lang, facts, Segment.NEW, (), seed).text
