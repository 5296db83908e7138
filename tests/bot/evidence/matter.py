"""A matter with a bit of everything, on a database, and its folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bot.evidence.files import EvidenceFolder
from followup.after_sales.model import AfterSale, Branch, Grant, GrantState, Loss, Remedy
from followup.evidence import Evidence, EvidenceState, Why
from followup.model import (
    Attachment,
    Buyer,
    Chat,
    Inbound,
    Media,
    Money,
    Note,
    Order,
    Outgoing,
    OutgoingState,
    Parcel,
    ParcelStatus,
    Rating,
    Refund,
    RefundStatus,
    Review,
    Role,
    State,
    Status,
    Task,
    Thread,
)
from followup.promises import Promise
from store import evidence_views
from store.evidence_views import Matter
from store.store import SqlStore
from store.tx import Tx
from store.wanted import Wanted
from tests.bot.evidence.samples import PNG

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
THREAD, CHAT = "tea/1001/pending_refund", "tea/telegram/5"
HOSTILE = "<script>alert('x')</script> & \"quotes\"\n<img src=x onerror=alert(1)>"
YUAN = Money(Decimal("89.00"))


def fill(store: SqlStore, folder: EvidenceFolder) -> None:
    """A refund was asked for, with a broken cup, hostile words, three photos, a compensation and a promise."""
    chat = Chat(CHAT, "tea", "lin", "telegram", "5")
    order = Order("tea", "1001", "lin", Status.PAID, YUAN, NOON - DAY, NOON, paid_at=NOON - DAY, goods="茶杯 <b>")
    items = [
        replace(order, buyer_name="林晓", phone_tail="4321"),
        Refund("tea", "R1", "1001", RefundStatus.REQUESTED, YUAN, NOON, NOON, reason="碎了"),
        Review("tea", "V1", "1001", Rating.BAD, NOON, NOON, text=HOSTILE),
        Parcel("tea", "SF1", "1001", ParcelStatus.SIGNED, NOON - DAY, NOON, courier="顺丰", place="上海"),
        Buyer("tea", "lin", "林晓"),
        chat,
        Thread(THREAD, "tea", "1001", "pending_refund", "lin", CHAT, State.OPEN, NOON, NOON, matter="R1"),
        Inbound("tea/telegram", "old", "tea", CHAT, NOON - 3 * DAY, "long before"),
        Inbound("tea/telegram", "m1", "tea", CHAT, NOON + MINUTE, HOSTILE, attachments=(_photo("F1"), _photo("F2"))),
        Inbound("tea/telegram", "m2", "tea", CHAT, NOON + 2 * MINUTE, "", attachments=(_photo("F3"),)),
        a_message("x1", "refund.acknowledge", "收到您的退款申请", THREAD),
        a_message("x2", "reply.received", "马上看", CHAT, state=OutgoingState.FAILED, sent_at=None),
        Task("t1", "tea", THREAD, "refund_stuck", "请处理", NOON + DAY),
        AfterSale(THREAD, "tea", Branch.DAMAGED_SIGNED),
        _grant(),
        Promise("p1", THREAD, "tea", "小美", "明天中午前给您答复", NOON, NOON + DAY),
        _kept("e1", "m1", "F1", folder),
        replace(_row("e2", "m1", "F2"), state=EvidenceState.REFUSED, error=Why.WRONG_TYPE.value),
        replace(_row("e3", "m2", "F3"), thread=""),
    ]

    def save(tx: Tx) -> None:
        for item in items:
            tx.save(item)
        tx.add(Note(THREAD, NOON + MINUTE, "buyer", "看图 [photo]"))
        tx.add(Note(THREAD, NOON + MINUTE, "小美", "note 已联系仓库"))

    store.run(save, Wanted())


def read(store: SqlStore) -> Matter:
    """All of it."""
    with store.engine.connect() as connection:
        return evidence_views.matter(connection, [THREAD])


def a_folder(path: Path) -> EvidenceFolder:
    """A folder of evidence."""
    return EvidenceFolder(path, largest=10_000, most=50)


def a_message(id_: str, step: str, text: str, thread: str, **more: object) -> Outgoing:
    """A message of ours, sent two minutes past noon unless told otherwise."""
    at = NOON + 2 * MINUTE
    route = ("tea", "lin", CHAT, "telegram", "5", thread, step, Role.REPLY, "zh-CN", text)
    message = Outgoing(id_, *route, OutgoingState.SENT, at, at, sent_at=at, code="secret-code")
    return replace(message, **more)  # type: ignore[arg-type]


def _photo(ref: str) -> Attachment:
    return Attachment(Media.PHOTO, ref)


def _row(id_: str, message: str, ref: str) -> Evidence:
    return Evidence(id_, THREAD, "tea", CHAT, "telegram", message, NOON + MINUTE, Media.PHOTO, ref)


def _kept(id_: str, message: str, ref: str, folder: EvidenceFolder) -> Evidence:
    row = _row(id_, message, ref)
    stored = folder.keep(row, PNG)
    kept = replace(row, state=EvidenceState.KEPT, path=stored.path, sha256=stored.sha256)
    return replace(kept, size=stored.size, mime=stored.mime)


def _grant() -> Grant:
    grant = Grant(
        "g1", THREAD, "tea", Remedy.RED_PACKET, Loss.BLEMISH, Money(Decimal(2)), GrantState.GRANTED, "小美", NOON
    )
    return replace(grant, answered_by="主管", answered_at=NOON)
