"""One schema for SQLite and PostgreSQL. Times are UTC in microseconds since 1970, amounts are decimal text."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    FromClause,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    literal_column,
    text,
)

metadata = MetaData()
_Serial = BigInteger().with_variant(Integer, "sqlite")


def _instant(name: str, required: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=not required)


def _text(name: str, key: bool = False) -> Column[str]:
    return Column(name, String, primary_key=key, nullable=False)


def _new_text(name: str) -> Column[str]:
    """A text that older rows were made without."""
    return Column(name, Text, nullable=False, server_default=text("''"))


def in_state(table: FromClause, *states: str) -> ColumnElement[bool]:
    """The rows in these states, in the very words of the partial indexes, or no planner would use them."""
    literals: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in states]
    column = table.c.state
    return column == literals[0] if len(literals) == 1 else column.in_(literals)


orders = Table(
    "orders",
    metadata,
    _text("shop", key=True),
    _text("id", key=True),
    _text("buyer"),
    _text("status"),
    _text("total_amount"),
    _text("total_currency"),
    _instant("created_at", required=True),
    _instant("observed_at", required=True),
    _instant("paid_at"),
    _instant("shipped_at"),
    _instant("closed_at"),
    _instant("auto_close_at"),
    _text("goods"),
    _text("region"),
    _text("buyer_name"),
    _new_text("phone_tail"),
    Column("tells_shipping", Integer, nullable=False, server_default="0"),
    _instant("ship_by"),
)
_paid = orders.c.paid_at.is_not(None)
Index("orders_paid_by", orders.c.shop, orders.c.buyer, sqlite_where=_paid, postgresql_where=_paid)

refunds = Table(
    "refunds",
    metadata,
    _text("shop", key=True),
    _text("id", key=True),
    _text("order_id"),
    _text("status"),
    _text("amount_amount"),
    _text("amount_currency"),
    _instant("requested_at", required=True),
    _instant("observed_at", required=True),
    _instant("deadline"),
    _instant("settled_at"),
    _text("reason"),
    Index("refunds_of_order", "shop", "order_id"),
)

reviews = Table(
    "reviews",
    metadata,
    _text("shop", key=True),
    _text("id", key=True),
    _text("order_id"),
    _text("rating"),
    _instant("created_at", required=True),
    _instant("observed_at", required=True),
    Column("text", Text, nullable=False),
    _new_text("follows"),
    Index("reviews_of_order", "shop", "order_id"),
)

parcels = Table(
    "parcels",
    metadata,
    _text("shop", key=True),
    _text("id", key=True),
    _text("order_id"),
    _text("status"),
    _instant("shipped_at", required=True),
    _instant("observed_at", required=True),
    _text("courier"),
    _instant("moved_at"),
    Column("place", Text, nullable=False),
    _instant("signed_at"),
    Column("back", Integer, nullable=False),
    Index("parcels_of_order", "shop", "order_id"),
)

buyers = Table(
    "buyers",
    metadata,
    _text("shop", key=True),
    _text("id", key=True),
    _text("name"),
    _text("zone"),
    _text("lang"),
    _instant("opted_out_at"),
    _instant("benefit_at"),
    _instant("nudged_at"),
    _text("nudged_by"),
    _new_text("preferred"),
    _instant("visits_at"),
    _instant("paused_at"),
)
_stopped = buyers.c.opted_out_at.is_not(None)
Index("buyers_who_stopped", buyers.c.opted_out_at, sqlite_where=_stopped, postgresql_where=_stopped)

chats = Table(
    "chats",
    metadata,
    _text("id", key=True),
    _text("shop"),
    _text("buyer"),
    _text("channel"),
    _text("address"),
    _instant("last_in_at"),
    _instant("acknowledged_at"),
    _instant("unreachable_at"),
    _instant("linked_at"),
    Column("used", Integer, nullable=False, server_default="0"),
    _new_text("offered"),
    _new_text("asked_order"),
    Index("chats_of_buyer", "shop", "buyer"),
)

threads = Table(
    "threads",
    metadata,
    _text("id", key=True),
    _text("shop"),
    _text("order_id"),
    _text("kind"),
    _text("buyer"),
    _text("chat"),
    _text("state"),
    _instant("opened_at", required=True),
    _instant("acted_at", required=True),
    _text("segment"),
    _text("matter"),
    _text("outcome"),
    _instant("closed_at"),
    Column("touches", Integer, nullable=False),
    Column("said", Text, nullable=False),
    _new_text("agent"),
    _new_text("flag"),
    _new_text("cause"),
    Column("active_at", BigInteger, nullable=False, server_default="0"),
    Index("threads_of_order", "shop", "order_id"),
    Index("threads_of_buyer", "shop", "buyer"),
    Index("threads_by_activity", "active_at"),
)

reminders = Table(
    "reminders",
    metadata,
    _text("id", key=True),
    _text("thread"),
    _text("shop"),
    _text("buyer"),
    _text("step"),
    _instant("due_at", required=True),
    _instant("expires_at"),
    _text("state"),
    Column("priority", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Index("reminders_of_thread", "thread"),
)
_pending = in_state(reminders, "pending")
Index("reminders_due", reminders.c.due_at, sqlite_where=_pending, postgresql_where=_pending)
# For many workers. In an order of its own, for else all that a shop has planned would be read to find what a few buyers
# have; and by no function, for behind row-level security PostgreSQL looks nothing up by one that might tell of rows.
Index(
    "reminders_due_of_shop",
    reminders.c.shop,
    reminders.c.due_at,
    postgresql_ops={"shop": 'COLLATE "C"'},
    postgresql_where=_pending,
).ddl_if("postgresql")
Index("reminders_of_buyer", reminders.c.shop, reminders.c.buyer, sqlite_where=_pending, postgresql_where=_pending)

outbox = Table(
    "outbox",
    metadata,
    _text("id"),
    _text("shop"),
    _text("buyer"),
    _text("chat"),
    _text("channel"),
    _text("address"),
    _text("thread"),
    _text("step"),
    _text("role"),
    _text("lang"),
    Column("text", Text, nullable=False),
    _text("state"),
    _instant("created_at", required=True),
    _instant("due_at", required=True),
    _instant("expires_at"),
    Column("attempts", Integer, nullable=False),
    _instant("sent_at"),
    _text("external_id"),
    Column("error", Text, nullable=False),
    Column("history", Text, nullable=False),
    _new_text("choices"),
    _new_text("attachments"),
    _new_text("code"),
    _new_text("about"),
    _new_text("edits"),
    Column("seq", _Serial, primary_key=True),
    _instant("leased_until"),
    _new_text("sent_by"),
    Index("outbox_id", "id", unique=True),
    Index("outbox_of_thread", "thread"),
)
_due = in_state(outbox, "due")
_unsent = in_state(outbox, "due", "sending")
_doubtful = in_state(outbox, "unsure", "failed")
Index("outbox_due", outbox.c.channel, outbox.c.due_at, outbox.c.seq, sqlite_where=_due, postgresql_where=_due)
is_known = outbox.c.external_id != literal_column("''")
Index(
    "outbox_by_external_id",
    outbox.c.channel,
    outbox.c.external_id,
    sqlite_where=is_known,
    postgresql_where=is_known,
)
Index("outbox_of_chat", outbox.c.chat, outbox.c.seq, sqlite_where=_unsent, postgresql_where=_unsent)
Index("outbox_in_doubt", outbox.c.state, sqlite_where=_doubtful, postgresql_where=_doubtful)

decisions = Table(
    "decisions",
    metadata,
    Column("seq", _Serial, primary_key=True),
    _text("thread"),
    _text("reminder"),
    _text("shop"),
    _text("buyer"),
    _text("step"),
    _instant("at", required=True),
    _text("verdict"),
    Column("reasons", Text, nullable=False),
    _instant("retry_at"),
    _text("channel"),
    _text("lang"),
    Column("text", Text, nullable=False),
    Index("decisions_of_thread", "thread"),
    Index("decisions_by_time", "at"),
)

notes = Table(
    "notes",
    metadata,
    Column("seq", _Serial, primary_key=True),
    _text("thread"),
    _instant("at", required=True),
    _text("who"),
    Column("text", Text, nullable=False),
    Index("notes_of_thread", "thread"),
)

tasks = Table(
    "tasks",
    metadata,
    _text("id", key=True),
    _text("shop"),
    _text("thread"),
    _text("reason"),
    Column("text", Text, nullable=False),
    _instant("created_at", required=True),
    _text("state"),
    _text("outgoing"),
    _instant("expires_at"),
    _instant("closed_at"),
    _text("closed_by"),
    Column("answer", Text, nullable=False),
    _new_text("assignee"),
    _instant("taken_at"),
    _instant("due_at"),
    _instant("alert_at"),
    Column("alerts", Integer, nullable=False, server_default="0"),
    _instant("escalated_at"),
    Column("urgent", Integer, nullable=False, server_default="0"),
    Index("tasks_of_thread", "thread"),
)
_open = in_state(tasks, "open")
Index("tasks_to_tell", tasks.c.alert_at, sqlite_where=_open, postgresql_where=_open)
Index("tasks_open", tasks.c.shop, tasks.c.created_at, sqlite_where=_open, postgresql_where=_open)

inbox = Table(
    "inbox",
    metadata,
    _text("source", key=True),
    _text("external_id", key=True),
    _text("shop"),
    _text("chat"),
    _instant("at", required=True),
    Column("text", Text, nullable=False),
    _text("state"),
    Column("error", Text, nullable=False),
    _new_text("attachments"),
    _new_text("edits"),
    Index("inbox_of_chat", "chat", "at"),
    Index("inbox_by_time", "at"),
)

raw_events = Table(
    "raw_events",
    metadata,
    _text("channel"),
    _text("external_id"),
    Column("body", LargeBinary, nullable=False),
    _instant("at", required=True),
    _text("state"),
    Column("error", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    _instant("retry_at"),
    Column("seq", _Serial, primary_key=True),
    Index("raw_events_id", "channel", "external_id", unique=True),
)
_waiting = in_state(raw_events, "waiting")
Index("raw_events_waiting", raw_events.c.channel, raw_events.c.seq, sqlite_where=_waiting, postgresql_where=_waiting)

cursors = Table("cursors", metadata, _text("name", key=True), Column("value", Text, nullable=False))

channel_states = Table(
    "channel_states",
    metadata,
    _text("channel", key=True),
    _text("health"),
    _instant("since", required=True),
    Column("detail", Text, nullable=False),
)

links = Table(
    "links",
    metadata,
    _text("digest", key=True),
    _text("shop"),
    _text("order_id"),
    _instant("created_at", required=True),
    _instant("expires_at", required=True),
    _instant("used_at"),
    _text("chat"),
)

tries = Table(
    "tries",
    metadata,
    _text("shop", key=True),
    _text("subject", key=True),
    Column("count", Integer, nullable=False),
    _instant("since", required=True),
)

after_sales = Table(
    "after_sales",
    metadata,
    _text("thread", key=True),
    _text("shop"),
    _text("branch"),
    _text("stage"),
    _text("cause"),
    _text("needs"),
    _text("has"),
    _text("remedy"),
    _text("payer"),
    _instant("return_by"),
    _text("tracking"),
    _instant("arrived_at"),
    _text("reissued"),
    Column("round", Integer, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    _text("id", key=True),
    _text("thread"),
    _text("shop"),
    _text("remedy"),
    _text("loss"),
    _text("amount_amount"),
    _text("amount_currency"),
    _text("state"),
    _text("asked_by"),
    _instant("asked_at", required=True),
    Column("text", Text, nullable=False),
    _text("answered_by"),
    _instant("answered_at"),
    Index("grants_of_thread", "thread"),
)

promises = Table(
    "promises",
    metadata,
    _text("id", key=True),
    _text("thread"),
    _text("shop"),
    _text("said_by"),
    Column("text", Text, nullable=False),
    _instant("made_at", required=True),
    _instant("due_at", required=True),
    _text("state"),
    _instant("closed_at"),
    Index("promises_of_thread", "thread"),
)

evidence = Table(
    "evidence",
    metadata,
    _text("id", key=True),
    _text("thread"),
    _text("shop"),
    _text("chat"),
    _text("channel"),
    _text("message"),
    _instant("at", required=True),
    _text("media"),
    Column("ref", Text, nullable=False),
    Column("name", Text, nullable=False),
    _text("mime"),
    Column("told_size", BigInteger, nullable=False),
    _text("state"),
    Column("path", Text, nullable=False),
    _text("sha256"),
    Column("size", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    _instant("retry_at"),
    Index("evidence_of_thread", "thread", "chat"),
)
_wanted = in_state(evidence, "wanted")
Index("evidence_wanted", evidence.c.channel, evidence.c.at, sqlite_where=_wanted, postgresql_where=_wanted)

deadlines = Table(
    "deadlines",
    metadata,
    _text("id", key=True),
    _text("thread"),
    _text("shop"),
    _text("due"),
    _instant("started_at", required=True),
    _instant("risk_at", required=True),
    _instant("due_at", required=True),
    _instant("next_at"),
    _text("state"),
    Column("left", BigInteger, nullable=False),
    _instant("breached_at"),
    _instant("closed_at"),
    Index("deadlines_of_thread", "thread"),
)
_running = in_state(deadlines, "running")
Index("deadlines_next", deadlines.c.next_at, sqlite_where=_running, postgresql_where=_running)

topics = Table(
    "topics",
    metadata,
    _text("desk", key=True),
    _text("thread", key=True),
    _text("number"),
    _text("name"),
    _instant("opened_at", required=True),
    Column("is_open", Integer, nullable=False),
    Index("topics_by_number", "desk", "number"),
)

handovers = Table(
    "handovers",
    metadata,
    _text("id", key=True),
    _text("shop"),
    _text("shift"),
    _instant("ended_at", required=True),
    Column("threads", Text, nullable=False),
    _instant("cleared_at"),
)

suppressed = Table(
    "suppressed",
    metadata,
    _text("shop", key=True),
    _text("digest", key=True),
    _instant("at", required=True),
)

logins = Table(
    "logins",
    metadata,
    _text("person", key=True),
    _text("password"),
    _instant("changed_at", required=True),
    _text("lang"),
    _text("theme"),
)

sessions = Table(
    "sessions",
    metadata,
    _text("digest", key=True),
    _text("person"),
    _text("place"),
    _instant("began_at", required=True),
    _instant("seen_at", required=True),
    _instant("expires_at", required=True),
)

invites = Table(
    "invites",
    metadata,
    _text("digest", key=True),
    _text("person"),
    _text("made_by"),
    _instant("made_at", required=True),
    _instant("expires_at", required=True),
    _instant("used_at"),
)

acts = Table(
    "acts",
    metadata,
    _text("id", key=True),
    _instant("at", required=True),
    _text("person"),
    _text("what"),
    _text("about"),
    Index("acts_by_time", "at"),
    Index("acts_about", "about"),
)

restores = Table(
    "restores",
    metadata,
    _text("id", key=True),
    _instant("backed_up_at", required=True),
    _instant("restored_at", required=True),
)
