"""A complaint begins a case on a real database as it does in memory: everything it needs is read under the lock."""

from __future__ import annotations

from datetime import timedelta

from followup.after_sales.model import Branch, Stage
from followup.causes import Cause
from followup.events import CaseMoved, MessageReceived, Move, OrderChanged
from followup.model import Attachment, Chat, Media, Parcel, ParcelStatus, Status, Thread
from handlers import buyer_message, case_moved, order_changed
from handlers.deps import Deps
from handlers.reminder_due import fire_due
from handlers.understand import understand
from scripts_library.library import Library
from store.store import SqlStore
from store.wanted import NOTHING
from tests.followup.makers import NOON, POLICY, SHOP, an_order, days

DEPS = Deps(Library.load(), {SHOP: POLICY}, understand, {SHOP: "terminal"})
THREAD = f"{SHOP}/1001/after_sales"


def signed(id_: str = "1001") -> OrderChanged:
    """An order that was signed for yesterday."""
    order = an_order(NOON - days(5), id=id_, status=Status.SIGNED, paid_at=NOON - days(5), goods="围巾")
    came = NOON - days(1)
    parcel = Parcel(SHOP, f"YT{id_}", id_, ParcelStatus.SIGNED, NOON - days(4), came, signed_at=came)
    return OrderChanged(order, parcels=(parcel,))


def says(text: str, number: int, *photos: str, **more: str) -> MessageReceived:
    """The buyer writes, a minute after the message before."""
    at, sent = NOON + timedelta(minutes=number), tuple(Attachment(Media.PHOTO, each) for each in photos)
    return MessageReceived(SHOP, "terminal", "lin", f"m{number}", text, at, attachments=sent, **more)


class Desk:
    """A database and what happens to it."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store

    def knows(self, *orders: OrderChanged) -> None:
        for order in orders:
            self.store.run(
                lambda tx, e=order: order_changed.order_changed(e, tx, DEPS, NOON), order_changed.wanted(order)
            )

    def hears(self, event: MessageReceived) -> None:
        self.store.run(lambda tx: buyer_message.buyer_message(event, tx, DEPS, event.at), buyer_message.wanted(event))

    def moves(self, move: Move, minute: int, **more: object) -> None:
        event = CaseMoved(SHOP, "1001", move, "小美", NOON + timedelta(minutes=minute), **more)  # type: ignore[arg-type]
        self.store.run(lambda tx: case_moved.case_moved(event, tx, DEPS), case_moved.wanted(event))

    def fires(self, minute: int) -> None:
        self.store.run(lambda tx: fire_due(tx, DEPS, NOON + timedelta(minutes=minute)), NOTHING)

    def standing(self, order: str = "1001") -> tuple[Branch, Stage, str] | None:
        """How the case of an order stands, as another transaction reads it."""
        id_ = f"{SHOP}/{order}/after_sales"

        def read(tx: object) -> tuple[Branch, Stage, str] | None:
            sale, thread = tx.sale(id_), tx.get(Thread, id_)  # type: ignore[attr-defined]
            return (sale.branch, sale.stage, thread.state.value) if sale and thread else None

        return self.store.run(read, case_moved.wanted(CaseMoved(SHOP, order, Move.SHOWN, "", NOON)))


def test_from_the_complaint_to_the_register(sql_store: SqlStore) -> None:
    """Words, photo, remedy, register: each in its own transaction."""
    desk = Desk(sql_store)
    desk.knows(signed())
    desk.hears(says("收到的围巾破了", 1))
    assert (Branch.DAMAGED_SIGNED, Stage.VERIFY, "open") == desk.standing()
    desk.hears(says("", 2, "p1"))
    assert (Branch.DAMAGED_SIGNED, Stage.SOOTHE, "with_agent") == desk.standing()
    desk.moves(Move.CAUSE, 3, cause=Cause.COURIER)
    desk.moves(Move.REGISTER, 4)
    desk.fires(5)
    assert (Branch.DAMAGED_SIGNED, Stage.REGISTER, "settled") == desk.standing()


def test_a_closed_case_is_found_when_he_complains_again(sql_store: SqlStore) -> None:
    """The second round belongs to the same thread."""
    desk = Desk(sql_store)
    desk.knows(signed())
    desk.hears(says("收到的围巾破了", 1))
    desk.moves(Move.REGISTER, 2, cause=Cause.COURIER)
    desk.hears(says("少发了一件", 3))
    assert (Branch.MISSING_ITEM, Stage.VERIFY, "open") == desk.standing()
    rounds = sql_store.run(
        lambda tx: tx.sale(THREAD).round, case_moved.wanted(CaseMoved(SHOP, "1001", Move.SHOWN, "", NOON))
    )
    assert 2 == rounds


def test_which_order(sql_store: SqlStore) -> None:
    """Two orders: the offer is kept with the chat, and the answer opens the one that was meant."""
    desk = Desk(sql_store)
    desk.knows(signed("1001"), signed("1002"))
    desk.hears(says("收到的围巾破了", 1))
    assert (None, None) == (desk.standing("1001"), desk.standing("1002"))
    chat = sql_store.run(lambda tx: tx.get(Chat, f"{SHOP}/terminal/lin"), buyer_message.wanted(says("", 9)))
    assert chat is not None
    assert {"围巾 …1001", "围巾 …1002"} == {choice.label for choice in chat.offered}
    desk.hears(says("", 2, choice="case:damaged:1002"))
    assert (None, (Branch.DAMAGED_SIGNED, Stage.VERIFY, "open")) == (desk.standing("1001"), desk.standing("1002"))


def test_a_forged_answer_opens_nothing(sql_store: SqlStore) -> None:
    """Who taps an order that is not his opens nothing."""
    desk = Desk(sql_store)
    desk.knows(signed())
    event = MessageReceived(SHOP, "terminal", "wang", "m1", "", NOON, choice="case:damaged:1001")
    desk.hears(event)
    desk.hears(MessageReceived(SHOP, "terminal", "wang", "m2", "", NOON, choice="case:nonsense:1001"))
    desk.hears(MessageReceived(SHOP, "terminal", "lin", "m3", "", NOON, choice="case:stop:1001"))
    assert None is desk.standing()
