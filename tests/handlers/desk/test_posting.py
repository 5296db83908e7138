"""What is written to the group of a shop's people."""

from __future__ import annotations

from dataclasses import replace

from followup.desk.places import Place
from followup.model import Choice, Outgoing, Role
from followup.ports import Capabilities
from handlers.desk.posting import post
from store.memory import MemoryTx
from tests.followup.makers import NOON, SHOP
from tests.handlers.desk.test_giving import DEPS

GROUP = "telegram.desk"
THERE = replace(DEPS, places={SHOP: Place(GROUP, "-100")})
BUTTONS = (Choice("take:abcde", "我来接"),)


def test_a_shop_without_a_group_is_told_nothing() -> None:
    """And nothing stands in its outbox."""
    tx = MemoryTx()
    assert post("", "notice", "n1", "words", tx, DEPS, NOON, SHOP) is None
    assert {} == tx.items[Outgoing]


def test_it_goes_to_the_group_about_a_thread() -> None:
    """One chat for the whole group, no thread and no buyer of its own."""
    tx = MemoryTx()
    said = post("shop/1001/unpaid_order", "card", "t1", "words", tx, THERE, NOON, SHOP, BUTTONS, edits="desk/card/t0")
    assert said == tx.get(Outgoing, "desk/card/t1")
    assert said is not None
    assert (GROUP, "-100", f"{GROUP}/-100", "", "") == (said.channel, said.address, said.chat, said.thread, said.buyer)
    assert ("shop/1001/unpaid_order", BUTTONS, "desk/card/t0") == (said.about, said.choices, said.edits)
    assert (Role.ALERT, "zh-CN") == (said.role, said.lang)


def test_what_is_too_long_goes_in_parts() -> None:
    """Buttons stand under the last."""
    tx, deps = MemoryTx(), replace(THERE, capabilities={GROUP: Capabilities(longest_text=10)})
    post("", "notice", "n1", "one two three four", tx, deps, NOON, SHOP, BUTTONS)
    parts = list(tx.items[Outgoing].values())
    assert ["desk/notice/n1", "desk/notice/n1#2"] == [part.id for part in parts]
    assert "one two three four" == " ".join(part.text for part in parts)
    assert [(), BUTTONS] == [part.choices for part in parts]
