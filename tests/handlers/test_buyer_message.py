"""A buyer's message: kept, taken once, and laid to the right matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from followup.events import MessageReceived
from followup.model import Chat, Inbound, Note, Outgoing, State, Task
from followup.understood import Intent, Understood
from handlers.buyer_message import _about, buyer_message, put_aside
from tests.followup.makers import a_buyer, a_case
from tests.stories.shop import SHOP, Shop


def a_message(shop: Shop, text: str = "我有个问题", **more: object) -> MessageReceived:
    event = MessageReceived(SHOP, "terminal", "lin", "m1", text, shop.clock.now())
    return replace(event, **more)


def take(shop: Shop, event: MessageReceived) -> bool:
    now = shop.clock.now()
    return shop.store.run(lambda tx: buyer_message(event, tx, shop.deps, now))


def test_a_message_is_taken_once() -> None:
    """The channel's own id tells a repeat, also one with other words; other channels count for themselves."""
    shop = Shop()
    event = a_message(shop)
    assert [True, False, False, True] == [
        take(shop, each)
        for each in (event, event, replace(event, text="edited"), replace(event, channel="telegram", address="77"))
    ]


def test_two_messages_of_one_number_are_two() -> None:
    """Two channels may use the same number for two messages: both reach a person."""
    shop = Shop().order()
    shop.store.run(lambda tx: tx.save(Chat("shop/telegram/77", SHOP, "lin", "telegram", "77")))
    take(shop, a_message(shop))
    take(shop, a_message(shop, channel="telegram", address="77"))
    assert (["buyer_message"], True) == (shop.tasks(), "\n› " in shop.task("buyer_message").text)


def test_a_task_about_no_order_names_none() -> None:
    """Nor a sign in its place, whichever of the wordings it gets."""
    shop = Shop()
    for number in range(8):
        take(shop, a_message(shop, "地址错了", external_id=f"n{number}", address=f"stranger{number}"))
    texts = [task.text.partition("\n\n")[0] for task in shop.store.tx.items[Task].values()]
    assert 8 == len(texts)
    assert [] == [text for text in texts if "订单" in text]


def test_a_message_is_kept_before_it_is_answered() -> None:
    """The very words, with their time and chat, and a note on the thread."""
    shop = Shop().order()
    take(shop, a_message(shop, "地址错了"))
    kept = shop.store.tx.get(Inbound, "shop/terminal", "m1")
    assert ("地址错了", "shop/terminal/lin", "handled") == (kept.text, kept.chat, kept.state)
    assert ["buyer: 地址错了"] == [f"{n.who}: {n.text}" for n in shop.store.lines if isinstance(n, Note)]


def test_a_message_that_cannot_be_handled_is_put_aside_with_its_error() -> None:
    """Nothing a buyer wrote is lost."""
    shop = Shop()
    event = a_message(shop)
    shop.store.run(lambda tx: put_aside(event, ValueError("broken"), tx))
    kept = shop.store.tx.get(Inbound, "shop/terminal", "m1")
    assert ("put_aside", "ValueError: broken") == (kept.state, kept.error)


def test_a_failing_understanding_leaves_nothing_behind() -> None:
    """If handling fails, nothing has happened: the message can be taken again."""

    def fails(*_: object) -> None:
        raise RuntimeError("no idea")

    shop = Shop(understands=fails)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        take(shop, a_message(shop))
    assert shop.store.tx.get(Inbound, "shop/terminal", "m1") is None
    assert shop.store.tx.get(Chat, "shop/terminal/lin") is None


def test_tomorrow_counts_from_when_it_was_written() -> None:
    """Written before midnight, read after it: the buyer's tomorrow has become today."""
    shop = Shop("2026-03-02 20:00").order().until("2026-03-03 00:10")
    written = shop.moment("2026-03-02 23:50")
    take(shop, a_message(shop, "明天晚上付", at=written))
    shop.after("12h")
    assert "3月3日 20:15" in shop.heard()[-1]


def test_an_older_message_does_not_close_the_window() -> None:
    """Messages that arrive in the wrong order do not make the buyer's last word older."""
    shop = Shop()
    now = shop.clock.now()
    take(shop, a_message(shop))
    take(shop, a_message(shop, external_id="m0", at=now - timedelta(hours=50)))
    assert now == shop.store.tx.get(Chat, "shop/terminal/lin").last_in_at


@pytest.mark.parametrize(("text", "lang"), [("Thank you, I will wait", "en"), ("gracias, espero", "es"), ("ok", "")])
def test_the_language_is_learned_from_what_the_buyer_writes(text: str, lang: str) -> None:
    """Who writes English is answered, and later reminded, in English; a word of no language changes nothing."""
    shop = Shop().order()
    take(shop, a_message(shop, text))
    assert lang == shop.buyer().lang
    shop.after("15m")
    langs = {message.lang for message in shop.store.tx.items[Outgoing].values()}
    assert {lang or "zh-CN"} == langs


UNPAID, OTHER_UNPAID, REFUND, REVIEW = (
    replace(a_case(kind).thread, id=f"shop/{order}/{kind}", order_id=order)
    for kind, order in (
        ("unpaid_order", "1001"),
        ("unpaid_order", "1002"),
        ("pending_refund", "1003"),
        ("review_revision", "1004"),
    )
)
SOLVED = replace(REVIEW, state=State.SOLVED)


@pytest.mark.parametrize(
    ("intent", "threads", "nudged_by", "expected"),
    [
        (Intent.OTHER, [UNPAID, REFUND, REVIEW], "", REFUND),
        (Intent.HUMAN, [REVIEW, UNPAID], "", UNPAID),
        (Intent.LATER, [REFUND, UNPAID], "", UNPAID),
        (Intent.PAID, [REFUND, UNPAID], "", UNPAID),
        (Intent.PAID, [REFUND, REVIEW], "", REFUND),
        (Intent.DECLINED, [REFUND, REVIEW], "", REVIEW),
        (Intent.CONFIRMED, [REFUND, UNPAID, SOLVED], "", SOLVED),
        (Intent.CONFIRMED, [REFUND, REVIEW], "", REFUND),
        (Intent.DECLINED, [UNPAID, OTHER_UNPAID], f"{OTHER_UNPAID.id}/unpaid.help", OTHER_UNPAID),
        (Intent.DECLINED, [UNPAID, OTHER_UNPAID], "", UNPAID),
        (Intent.OTHER, [UNPAID, REFUND], f"{UNPAID.id}/unpaid.help", REFUND),
        (Intent.STOP, [], "", None),
    ],
)
def test_a_message_belongs_to_the_matter_it_fits(
    intent: Intent, threads: list[object], nudged_by: str, expected: object
) -> None:
    """To one that its intent fits, of those to the most urgent, of those to the one the buyer was reminded of."""
    assert expected == _about(Understood(intent), threads, a_buyer(nudged_by=nudged_by))  # type: ignore[arg-type]


def test_a_message_opens_the_chat_again() -> None:
    """Who writes can be reached."""
    shop = Shop().order().channel_answers("refused").after("15m")
    assert isinstance(shop.store.tx.get(Chat, "shop/terminal/lin").unreachable_at, datetime)
    take(shop, a_message(shop))
    assert shop.store.tx.get(Chat, "shop/terminal/lin").unreachable_at is None
