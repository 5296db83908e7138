"""What of each text column is personal: what becomes of it in the rows of a buyer who is erased.

Who adds a table or a column says it here; a test holds the list complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class What(Enum):
    """KEEP: nothing personal. BLANK: emptied. ID: his ids and names in it give way to pseudonyms, everywhere alike.
    IDS: the same for a list of which not all are his. CODE: of a note nothing stays but the name of the act. JSON:
    every text in it as ID."""

    KEEP = "keep"
    BLANK = "blank"
    ID = "id"
    IDS = "ids"
    CODE = "code"
    JSON = "json"


_KEEP = """
orders: shop id status total_amount total_currency goods
refunds: shop id order_id status amount_amount amount_currency
reviews: shop id order_id rating follows
parcels: shop id order_id status courier
buyers: shop
chats: shop channel
threads: shop order_id kind state segment matter outcome agent flag cause
reminders: shop step state
outbox: shop channel step role lang state history sent_by
decisions: shop step verdict channel lang
notes: who
tasks: shop reason state closed_by assignee
inbox: source shop state
raw_events: channel external_id state
cursors: name value
channel_states: channel health detail
after_sales: shop branch stage cause needs has remedy payer tracking reissued
grants: shop remedy loss amount_amount amount_currency state asked_by answered_by
promises: shop said_by state
deadlines: shop due state
topics: desk number
handovers: id shop shift
suppressed: shop digest
logins: person password lang theme
sessions: digest person place
invites: digest person made_by
acts: id person what
restores: id
"""
_BLANK = """
orders: region buyer_name phone_tail
refunds: reason
reviews: text
parcels: place
buyers: name zone lang
chats: offered asked_order
threads: said
outbox: text error choices attachments code
decisions: text
tasks: text answer
inbox: text error attachments
raw_events: body error
grants: text
promises: text
topics: name
"""
_ID = """
orders: buyer
buyers: id nudged_by preferred
chats: id buyer address
threads: id buyer chat
reminders: id thread buyer
outbox: id buyer chat address thread about
decisions: thread reminder buyer
notes: thread
tasks: id thread outgoing
inbox: chat
after_sales: thread
grants: id thread
promises: id thread
deadlines: id thread
topics: thread
acts: about
reminders: error
outbox: external_id edits
inbox: external_id edits
"""


def _listed(what: What, lines: str) -> dict[tuple[str, str], What]:
    tables = (line.partition(": ") for line in lines.strip().splitlines())
    return {(table, column): what for table, _, columns in tables for column in columns.split()}


WHAT: Mapping[tuple[str, str], What] = {
    **_listed(What.KEEP, _KEEP),
    **_listed(What.BLANK, _BLANK),
    **_listed(What.ID, _ID),
    ("handovers", "threads"): What.IDS,
    ("notes", "text"): What.CODE,
    ("decisions", "reasons"): What.JSON,
}
GONE = ("evidence", "links", "tries")
"""Tables of which his rows are deleted: photos, ways to prove an order, guesses at it."""
OF_NOBODY = ("raw_events", "cursors", "channel_states", "suppressed")
"""Tables whose rows belong to no buyer; what raw events hold of him is looked for."""
