"""A shop with two buyers of whom every table knows something; one of them can be erased, the other has to stay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from bot.evidence.files import EvidenceFolder
from followup.after_sales.model import AfterSale, Branch, Grant, GrantState, Loss, Remedy
from followup.desk.deadlines import Deadline, Due
from followup.desk.logins import Act
from followup.desk.records import Handover, Topic
from followup.events import ChatOpened, MessageReceived, OrderChanged
from followup.evidence import Evidence, EvidenceState
from followup.linking import make_link
from followup.model import (
    Attachment,
    Media,
    Money,
    Note,
    Order,
    Outgoing,
    OutgoingState,
    Parcel,
    ParcelStatus,
    Rating,
    Raw,
    RawState,
    Refund,
    RefundStatus,
    Review,
    Role,
    State,
    Status,
    Task,
    Thread,
    Tries,
)
from followup.policy import Policy
from followup.ports import Capabilities
from followup.promises import Promise
from handlers import order_changed, received
from handlers.deps import Deps
from handlers.received import Heard
from handlers.understand import understand
from scheduler.erasing import erase_buyer
from store.schema import metadata
from store.store import SqlStore
from store.tx import Tx
from store.wanted import NOTHING
from tests.store.makers import DAY, HOUR, NOON
from tests.stories.shop import library

SHOP, TG = "tea", "tg"
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 100
HIS = {
    "account": "tb_linxiao",
    "name": "林小雨",
    "address": "880042",
    "tail": "4711",
    "region": "浙江省杭州市西湖区",
    "words": "我的杯子碎了，住在文三路三号",
    "stranger": "请问有人吗，我姓林",
    "review": "杯口有缺，很失望",
    "reason": "拍错了地址",
    "place": "文三路驿站",
    "photo": "photo-ref-880042-a",
    "promise": "今晚八点前给您答复，林女士",
    "grant": "林女士要一个新盖子",
    "task": "林女士来电话了",
    "topic": "林小雨 · o1",
}
HERS = {
    **{name: f"her {name}, and long enough" for name in HIS},
    "account": "b2",
    "name": "王梅",
    "address": "88004",
    "tail": "9035",
}


class ErasableShop:
    """Events arrive as they do in the program, on a real database."""

    def __init__(self, store: SqlStore, folder: EvidenceFolder) -> None:
        self.store, self.folder, self.now = store, folder, NOON
        policy = Policy(SHOP)
        can = {TG: Capabilities(needs_chat=True)}
        self.deps = Deps(library(), {SHOP: policy}, understand, {SHOP: TG}, can)
        self._seen = 0

    def order(self, id_: str, of: dict[str, str], **more: Any) -> None:
        """An export names an order, with everything it may say."""
        order = Order(SHOP, id_, of["account"], Status.SIGNED, Money(Decimal(89)), NOON - DAY, self.now, NOON - DAY)
        order = replace(order, goods="茶杯", region=of["region"], buyer_name=of["name"], phone_tail=of["tail"], **more)
        money, at = order.total, NOON - HOUR
        refund = Refund(SHOP, f"R{id_}", id_, RefundStatus.REQUESTED, money, at, self.now, reason=of["reason"])
        review = Review(SHOP, f"V{id_}", id_, Rating.BAD, at, self.now, of["review"])
        parcel = Parcel(SHOP, f"YT{id_}", id_, ParcelStatus.SIGNED, NOON - DAY, self.now, "圆通速递", at, of["place"])
        event = OrderChanged(order, (refund,), (review,), parcels=(parcel,))
        self.store.run(
            lambda tx: order_changed.order_changed(event, tx, self.deps, self.now), order_changed.wanted(event)
        )

    def opens(self, of: dict[str, str], token: str = "") -> None:
        """Somebody opens a chat, perhaps with a link."""
        self._seen += 1
        id_ = f"{of['address']}/{self._seen}"
        self._hear(ChatOpened(SHOP, TG, of["address"], id_, self.now, token, sender_name=of["name"]), of)

    def says(self, text: str, of: dict[str, str], *attachments: Attachment) -> None:
        """Somebody writes."""
        self._seen += 1
        id_ = f"{of['address']}/{self._seen}"
        told = MessageReceived(SHOP, TG, of["address"], id_, text, self.now, of["name"], attachments)
        self._hear(told, of)

    def _hear(self, event: MessageReceived | ChatOpened, of: dict[str, str]) -> None:
        raw = self.raw(of, f"u{self._seen}")
        heard = Heard(raw, SHOP, (event,))
        self.store.run(lambda tx: received.received(heard, tx, self.deps, self.now), received.wanted(heard))

    def raw(self, of: dict[str, str], id_: str, state: RawState = RawState.WAITING) -> Raw:
        """An event as its channel delivered it."""
        body = f'{{"from":{{"id":{of["address"]},"first_name":"{of["name"]}"}},"text":"{of["words"]}"}}'.encode()
        raw = Raw(TG, id_, body, self.now, state)
        self.store.run(lambda tx: tx.save(raw))
        return raw

    def linked(self, order: str, of: dict[str, str]) -> None:
        """A stranger writes, then shows a link to his order, and sends a photo of what is wrong."""
        self.says(of["stranger"], of)
        token, link = make_link(SHOP, order, self.now, DAY)
        self.store.run(lambda tx: tx.save(link))
        self.opens(of, token)
        self.says(of["words"], of, Attachment(Media.PHOTO, of["photo"], name=f"{of['name']}.jpg"))

    def everywhere(self, order: str, of: dict[str, str]) -> None:
        """What else tables may hold of a buyer: the desk, promises, compensations, evidence that was fetched."""
        self.store.run(lambda tx: self._rows(order, of, tx), NOTHING)
        self.raw(of, f"waiting-{order}")
        self.raw(of, f"aside-{order}", RawState.PUT_ASIDE)

    def _rows(self, order: str, of: dict[str, str], tx: Tx) -> None:
        thread, chat = f"{SHOP}/{order}/pending_refund", f"{SHOP}/{TG}/{of['address']}"
        for row in (
            *self._matter(order, thread, chat, of),
            *self._case(order, of),
            *self._desk(order, thread, chat, of),
        ):
            tx.save(row)
        tx.add(Note(thread, self.now, "buyer", of["words"]))
        tx.add(Note(thread, self.now, "li", f"task_done buyer_message {of['task']}"))

    def _matter(self, order: str, thread: str, chat: str, of: dict[str, str]) -> Iterator[Any]:
        """A photo that was fetched, a promise, a clock, a task, a way to prove the order, and guesses at it."""
        at, visit = self.now, f"{SHOP}/@{of['account']}/vip_visit"
        photo = self._photo(f"{SHOP}/{TG}/{of['address']}/{order}", thread, chat, of)
        stored = self.folder.keep(photo, JPEG)
        yield replace(photo, state=EvidenceState.KEPT, path=stored.path, sha256=stored.sha256, size=stored.size)
        yield Promise(f"{thread}/promise/x", thread, SHOP, "li", of["promise"], at, at + HOUR)
        yield Deadline(f"{thread}/first_reply@1", thread, SHOP, Due.FIRST_REPLY, at, at, at, at)
        yield Thread(visit, SHOP, "", "vip_visit", of["account"], chat, State.OPEN, at, at)
        yield Task(f"{thread}/called/{of['address']}", SHOP, thread, "called", of["task"], at, answer=of["task"])
        yield make_link(SHOP, order, at, DAY)[1]
        yield Tries(SHOP, f"chat/{chat}", 2, at)

    def _case(self, order: str, of: dict[str, str]) -> Iterator[Any]:
        """An after-sales case, and a compensation that was asked for."""
        case, at, money = f"{SHOP}/{order}/after_sales", self.now, Money(Decimal(5))
        yield AfterSale(case, SHOP, Branch.QUALITY, tracking=f"SF{order}")
        of_grant = (Remedy.GIFT, Loss.LEAK, money, GrantState.ASKED, "li", at, of["grant"])
        yield Grant(f"{case}/grant/1", case, SHOP, *of_grant)

    def _desk(self, order: str, thread: str, chat: str, of: dict[str, str]) -> Iterator[Any]:
        """What the shop's people see of it: its topic, what was said there, a merged alert, a handover."""
        visit = f"{SHOP}/@{of['account']}/vip_visit"
        yield Topic("tg.desk", thread, f"7{order}", of["topic"], self.now)
        yield Handover(f"{SHOP}/day/{order}", SHOP, "day", self.now, (thread, visit))
        said = self._said(f"{chat}/says/1", chat, of)
        yield said
        here = replace(said, thread="", role=Role.ALERT, buyer="", chat="tg.desk/-100", address="-100", external_id="5")
        yield replace(here, id=f"desk/mirror/{chat}/9", about=thread, text=of["words"])
        yield replace(here, id=f"desk/alert/{order}", text=f"{of['name']}：{of['words']}")
        for number, about in enumerate((visit, chat, f"{chat}/{order}")):
            yield Act(f"{order}-{number}", self.now, "li", "saw.thread", about)

    def _photo(self, id_: str, thread: str, chat: str, of: dict[str, str]) -> Evidence:
        return Evidence(id_, thread, SHOP, chat, TG, of["address"], self.now, Media.PHOTO, of["photo"], of["name"])

    def _said(self, id_: str, chat: str, of: dict[str, str]) -> Outgoing:
        at, text, history = self.now, f"{of['name']}您好", ("started@1", "accepted@2")
        way = (of["account"], chat, TG, of["address"], chat, "says", Role.REPLY, "zh-CN", text)
        sent = Outgoing(id_, SHOP, *way, OutgoingState.SENT, at, at, attempts=1, sent_at=at, history=history)
        return replace(sent, external_id=f"{of['address']}.5")

    def erase(self, buyer: str = HIS["account"]) -> Any:
        """An owner has a buyer erased."""
        return erase_buyer(SHOP, buyer, "chen", self.store, self.deps, self.now, self.folder)

    def later(self, length: timedelta) -> None:
        """Time passes, and nothing else happens."""
        self.now = self.now + length

    def table(self, name: str) -> list[dict[str, Any]]:
        """All rows of a table."""
        with self.store.engine.connect() as connection:
            return [dict(row) for row in connection.execute(select(metadata.tables[name])).mappings()]

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table."""
        return {name: self.table(name) for name in metadata.tables}


DIGEST = re.compile(rb"[0-9a-f]{12,}")
"""A hash may hold any four digits by chance."""


def holds(rows: dict[str, list[dict[str, Any]]], text: str) -> list[str]:
    """Where a text stands in any column, as text or as bytes."""
    return [
        f"{table}.{column}: {value!r}"
        for table, all_ in rows.items()
        for row in all_
        for column, value in row.items()
        if _in(text, value)
    ]


def _in(text: str, value: Any) -> bool:
    if isinstance(value, bytes | memoryview):
        held = DIGEST.sub(b"", bytes(value))
        return text.encode() in held or text.encode("unicode_escape") in held
    return text in DIGEST.sub(b"", str(value).encode("utf-8", "replace")).decode()


def full_shop(store: SqlStore, folder: EvidenceFolder) -> ErasableShop:
    """Both buyers, with everything."""
    shop = ErasableShop(store, folder)
    for order, of in (("o1", HIS), ("o2", HERS)):
        shop.order(order, of)
        shop.linked(order, of)
        shop.everywhere(order, of)
    return shop
