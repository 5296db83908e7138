"""Ids in the log: they can be followed, and nobody is named by them."""

from __future__ import annotations

import pytest

from bot.redact import Redactor

REDACTOR = Redactor.knowing([])


@pytest.mark.parametrize(
    "id_",
    [
        "tea/2150938471625380917/unpaid_order",
        "tea/2150938471625380917/unpaid_order/unpaid.help/2",
        "tea/o1/pending_refund",
        "telegram/7",
    ],
)
def test_an_order_is_nobody(id_: str) -> None:
    """The id of a thread of an order, and of what belongs to it, is the one that `huifang why` takes."""
    assert {"thread": id_, "message": id_} == REDACTOR.fields({"thread": id_, "message": id_})


@pytest.mark.parametrize(
    ("id_", "shown", "hidden"),
    [
        ("tea/@王小明/inquiry", "tea/@~661f5/inquiry", "王小明"),
        ("tea/@a/b/inquiry/touch", "tea/@~c93bb/inquiry/touch", "a/b"),
        (
            "tea/2150938471625380917/unpaid_order/reply.received/chat/w-5f0c.b604",
            "tea/2150938471625380917/unpaid_order/reply.received/chat/~40a22",
            "w-5f0c",
        ),
        ("tea/telegram/12345", "tea/telegram/~59944", "12345"),
        ("tea/13800138000/unpaid_order", "tea/@~a6942/unpaid_order", "13800138000"),
    ],
)
def test_a_buyer_becomes_a_few_digits(id_: str, shown: str, hidden: str) -> None:
    """What may name somebody is left out; the digits in its place are the same in every line."""
    line = REDACTOR.fields({"thread": id_, "task": id_})

    assert {"thread": shown, "task": shown} == line
    assert hidden not in str(line)
