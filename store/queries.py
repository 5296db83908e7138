"""What a transaction reads, as statements."""

from __future__ import annotations

from sqlalchemy import BindParameter, bindparam, func, select

from store.among import among
from store.schema import (
    after_sales,
    channel_states,
    deadlines,
    evidence,
    grants,
    in_state,
    inbox,
    is_known,
    links,
    orders,
    outbox,
    parcels,
    promises,
    raw_events,
    refunds,
    reminders,
    reviews,
    suppressed,
    tasks,
    threads,
    topics,
    tries,
)
from store.schema import buyers as buyers_table
from store.schema import chats as chats_table

SHOP: BindParameter[str] = bindparam("shop")
THREAD: BindParameter[str] = bindparam("thread")
NOW: BindParameter[int] = bindparam("now")

_pending = in_state(reminders, "pending")
_asked = chats_table.alias("asked")
_same_buyer = (_asked.c.shop == chats_table.c.shop) & (_asked.c.buyer == chats_table.c.buyer)
_chats_and_buyers = select(chats_table, buyers_table).outerjoin_from(
    chats_table,
    buyers_table,
    (buyers_table.c.shop == chats_table.c.shop) & (buyers_table.c.id == chats_table.c.buyer),
)
CHAT_WIDTH = len(chats_table.c)
chats_and_siblings = _chats_and_buyers.join(_asked, _same_buyer).where(among(_asked.c.id))
chats_of_buyers = _chats_and_buyers.where((chats_table.c.shop == SHOP) & among(chats_table.c.buyer))

orders_by_id = select(orders).where((orders.c.shop == SHOP) & among(orders.c.id))
refunds_of_orders = select(refunds).where((refunds.c.shop == SHOP) & among(refunds.c.order_id))
reviews_of_orders = select(reviews).where((reviews.c.shop == SHOP) & among(reviews.c.order_id))
parcels_of_orders = select(parcels).where((parcels.c.shop == SHOP) & among(parcels.c.order_id))
paid_of_buyers = select(orders).where((orders.c.shop == SHOP) & among(orders.c.buyer) & orders.c.paid_at.is_not(None))
paid_by = (
    select(orders.c.buyer, func.min(orders.c.id), func.max(orders.c.id))
    .where((orders.c.shop == SHOP) & among(orders.c.buyer) & orders.c.paid_at.is_not(None))
    .group_by(orders.c.buyer)
)

threads_by_id = select(threads).where(among(threads.c.id))
threads_of_orders = select(threads).where((threads.c.shop == SHOP) & among(threads.c.order_id))
threads_of_buyers = select(threads).where((threads.c.shop == SHOP) & among(threads.c.buyer))
open_threads_of_buyers = threads_of_buyers.where(in_state(threads, "open", "with_agent", "solved"))

pending_of_threads = select(reminders).where(among(reminders.c.thread) & _pending)
pending_of_buyers = select(reminders).where(_pending & (reminders.c.shop == SHOP) & among(reminders.c.buyer))
first_due = (
    select(reminders.c.shop, reminders.c.buyer)
    .where(_pending & (reminders.c.due_at <= NOW))
    .order_by(reminders.c.due_at)
    .limit(bindparam("limit"))
)
first_due_of_shop = first_due.where(reminders.c.shop == SHOP)
next_reminder = select(func.min(reminders.c.due_at)).where(_pending)

messages_by_id = select(outbox).where(among(outbox.c.id))
messages_of_threads = select(outbox).where(among(outbox.c.thread))
steps_since = (
    select(outbox.c.thread, outbox.c.step, func.max(outbox.c.created_at))
    .where(among(outbox.c.thread) & (outbox.c.created_at > bindparam("since")))
    .group_by(outbox.c.thread, outbox.c.step)
)
last_said = select(func.max(outbox.c.created_at)).where(
    (outbox.c.thread == THREAD) & (outbox.c.role != "alert") & in_state(outbox, "due", "sending", "sent", "unsure")
)
messages_by_external_id = select(outbox).where((outbox.c.channel == SHOP) & among(outbox.c.external_id) & is_known)
unfinished_in_chats = select(outbox).where(among(outbox.c.chat) & in_state(outbox, "due", "sending"))
unsent_of_threads = select(outbox).where(among(outbox.c.thread) & in_state(outbox, "due"))
tasks_by_id = select(tasks).where(among(tasks.c.id))
open_task_ids = select(tasks.c.id).where(in_state(tasks, "open"))
open_tasks_of_threads = select(tasks).where(among(tasks.c.thread) & in_state(tasks, "open"))
heard_in = select(inbox).where(among(inbox.c.chat)).order_by(inbox.c.at.desc()).limit(200)
seen = select(inbox).where((inbox.c.source == SHOP) & among(inbox.c.external_id))

raws_by_id = select(raw_events).where((raw_events.c.channel == SHOP) & among(raw_events.c.external_id))
links_by_digest = select(links).where(among(links.c.digest))
tries_of = select(tries).where((tries.c.shop == SHOP) & among(tries.c.subject))
states_of_channels = select(channel_states).where(among(channel_states.c.channel))

sales_of_threads = select(after_sales).where(among(after_sales.c.thread))
grants_of_threads = select(grants).where(among(grants.c.thread))
promises_of_threads = select(promises).where(among(promises.c.thread) & in_state(promises, "open"))
evidence_of_threads = select(evidence).where(among(evidence.c.thread))
unfiled_in_chats = select(evidence).where((evidence.c.thread == "") & among(evidence.c.chat))
evidence_by_id = select(evidence).where(among(evidence.c.id))

clocks_of_threads = select(deadlines).where(among(deadlines.c.thread) & in_state(deadlines, "running", "paused"))
dues_of_threads = select(deadlines.c.thread, deadlines.c.due)
dues_of_threads = dues_of_threads.where(among(deadlines.c.thread) & in_state(deadlines, "running", "paused"))
topics_of_threads = select(topics).where(among(topics.c.thread))
topics_by_number = select(topics).where((topics.c.desk == SHOP) & among(topics.c.number))
suppressed_in = select(suppressed).where((suppressed.c.shop == SHOP) & among(suppressed.c.digest))
