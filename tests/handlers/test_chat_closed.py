"""A buyer blocks us, or takes a message back: noted, and not a word is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from followup.events import ChatClosed, MessageRecalled
from followup.model import Chat, Note, Outgoing, Verdict
from handlers.chat_closed import chat_closed
from handlers.message_recalled import message_recalled
from tests.stories.shop import SHOP, Shop

CHAT, THREAD = f"{SHOP}/terminal/lin", f"{SHOP}/1001/unpaid_order"
HOUR = timedelta(hours=1)


def closed(shop: Shop, **more: object) -> None:
    """The buyer blocks us."""
    event = replace(ChatClosed(SHOP, "terminal", "lin", "c1", shop.clock.now(), "kicked"), **more)
    shop.store.run(lambda tx: chat_closed(event, tx, shop.deps, shop.clock.now()))


def recalled(shop: Shop, message: str) -> None:
    """The buyer takes a message back."""
    event = MessageRecalled(SHOP, "terminal", "lin", "r1", shop.clock.now(), message)
    shop.store.run(lambda tx: message_recalled(event, tx, shop.deps, shop.clock.now()))


def notes(shop: Shop, thread: str) -> list[str]:
    """What is noted there of the buyer."""
    return [
        line.text
        for line in shop.store.lines
        if isinstance(line, Note) and (line.thread, line.who) == (thread, "buyer")
    ]


def said(shop: Shop) -> int:
    return len(shop.store.tx.items[Outgoing])


class TestClosed:
    def test_the_open_threads_know(self) -> None:
        """The chat is unreachable, and whoever reads the thread sees since when and why."""
        shop = Shop().order()
        closed(shop)
        closed(shop, at=shop.clock.now() + HOUR)
        assert shop.clock.now() == shop.chat_on().unreachable_at
        assert ["closed the chat on terminal (kicked)"] == notes(shop, THREAD)

    def test_nothing_is_planned_into_it(self) -> None:
        """The reminder that was planned finds the chat unreachable when its time comes."""
        shop = Shop().order()
        closed(shop)
        shop.after("1h")
        assert 0 == said(shop)
        assert Verdict.UNREACHABLE in shop.verdicts("unpaid.help")

    def test_an_older_closing_does_not_undo_a_newer_word(self) -> None:
        """Events may arrive late: a buyer who has written since is there."""
        shop = Shop().order().buyer_says("你好")
        closed(shop, at=shop.clock.now() - HOUR)
        assert None is shop.chat_on().unreachable_at

    def test_a_chat_that_nobody_knows(self) -> None:
        """Who leaves before he ever wrote leaves nothing behind."""
        shop = Shop()
        closed(shop)
        assert {} == shop.store.tx.items[Chat]


class TestRecalled:
    def test_the_note_holds_the_words(self) -> None:
        """On the thread of the chat; no task and no answer come of it."""
        shop = Shop().order().buyer_says("我的密码是 1234")
        before, _ = said(shop), shop.tasks()
        recalled(shop, "m1")
        assert "took back: 我的密码是 1234" == notes(shop, THREAD)[-1]
        assert (before, []) == (said(shop), shop.tasks())

    def test_one_that_was_never_seen(self) -> None:
        """Is noted as well."""
        shop = Shop().order()
        recalled(shop, "m404")
        assert ["took a message back"] == notes(shop, THREAD)

    def test_where_nothing_is_followed_up(self) -> None:
        """It is noted with the chat; in a chat that nobody knows it is nothing."""
        shop = Shop()
        recalled(shop, "m404")
        shop.buyer_says("hello")
        recalled(shop, "m404")
        assert "took a message back" == notes(shop, CHAT)[-1]
