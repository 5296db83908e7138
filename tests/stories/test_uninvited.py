"""A parcel that came back without notice, and what is sent in its place (rules 55, 57, 59, 81)."""

from __future__ import annotations

import pytest

from followup.after_sales.model import Payer, Remedy, Stage
from followup.causes import Cause
from followup.model import Note, ParcelStatus, Status
from tests.stories.returning import ReturnShop

AGAIN = "YT9999999999"


def came_back(**more: object) -> ReturnShop:
    """A parcel that was sent on Monday and is back on Wednesday, as the courier tells."""
    shop = ReturnShop().shipped_order(**more).after("2d")
    return shop.parcel("YT1111111111", status=ParcelStatus.RETURNED)


def test_sent_again_and_all_is_well() -> None:
    """He hears that it came back, chooses, gets the new number, and is asked once whether all is well."""
    shop = came_back().after("1h").buyer_says("1").after("20h").agent_moves("reissued", number=AGAIN).after("2d")
    shop.parcel(AGAIN, status=ParcelStatus.SIGNED, signed_at=shop.clock.now()).after("1d 1h").buyer_says("都好")
    assert [
        "Wed 14:00 < uninvited.ask",
        "Wed 15:00 > 1",
        "Wed 15:00 < reissue.coming",
        "Thu 11:00 < reissue.sent",
        "Sun 11:00 < reissue.well",
        "Sun 12:00 > 都好",
        "Sun 12:00 < reissue.glad",
    ] == shop.story()
    assert AGAIN in shop.heard()[2]
    assert {"reissue_due", "extend_transaction", "case_register"} <= set(shop.tasks())
    assert Stage.REGISTER is shop.record().stage


def test_a_note_with_a_blue_flag() -> None:
    """The order's note tells the new number, who and when (rules 57, 59)."""
    shop = came_back().after("1h").buyer_says("1").after("20h").agent_moves("reissued", number=AGAIN)
    notes = [line for line in shop.store.lines if isinstance(line, Note) and "flag blue" in line.text]
    assert [("huifang", "flag blue: came back uninvited"), ("小美", f"flag blue: reissued, new number {AGAIN}")] == [
        (note.who, note.text) for note in notes
    ]


def test_a_complete_order_gets_no_more_time() -> None:
    """Rule 55: unless it has completed."""
    shop = came_back().after("1h").buyer_says("1").changes(status=Status.FINISHED)
    shop.agent_moves("reissued", number=AGAIN)
    assert "extend_transaction" not in shop.tasks()


def test_the_same_facts_again_begin_nothing() -> None:
    """Told once, whatever the source repeats; and a case that is over does not begin again with the same parcel."""
    shop = came_back().after("1h").parcel("YT1111111111").after("1h").buyer_says("2").after("1h")
    assert ["uninvited.ask", "again.money"] == shop.steps()
    shop.agent_moves("register", cause=Cause.COURIER).after("1h").changes(region="浙江").after("2d")
    assert 1 == shop.steps().count("uninvited.ask")
    assert "settled registered" == shop.fate("after_sales")


def test_who_asked_for_his_money_is_not_asked_again() -> None:
    """A parcel that comes back because of a refund is no surprise to anybody."""
    shop = ReturnShop().shipped_order().after("1d").refund().after("1d")
    shop.parcel("YT1111111111", status=ParcelStatus.RETURNED)
    assert not [step for step in shop.steps() if step.startswith("uninvited")]


@pytest.mark.parametrize(
    ("why", "cause", "step", "word"),
    [
        ("地址不详", Cause.UNKNOWN, "uninvited.address", "运费由您"),
        ("电话打不通", Cause.UNKNOWN, "uninvited.unreachable", "运费由您"),
        ("客户拒收", Cause.UNKNOWN, "uninvited.refused", "由您"),
        ("面单贴错", Cause.WAREHOUSE, "uninvited.ours", "我们"),
    ],
)
def test_an_agent_knows_why(why: str, cause: Cause, step: str, word: str) -> None:
    """He hears why, and who pays before he chooses; our own fault is owned (rules 59, 66, 81)."""
    shop = ReturnShop().shipped_order().after("1d").agent_moves("uninvited", text=why, cause=cause)
    (text,) = shop.heard()
    assert [step] == shop.steps()
    assert word in text
    assert why not in text


def test_at_his_cost_the_price_comes_first() -> None:
    """A wrong address: sent again only once he knows the postage."""
    shop = (
        ReturnShop().shipped_order().after("1d").agent_moves("uninvited", text="地址不详").after("1h").buyer_says("1")
    )
    assert ("again.costs", Payer.BUYER) == (shop.steps()[-1], shop.record().payer)


def test_still_not_right() -> None:
    """The second one is wrong too: an apology with a time, and a person takes over at once."""
    shop = came_back().after("1h").buyer_says("1").after("20h").agent_moves("reissued", number=AGAIN).after("2d")
    shop.parcel(AGAIN, status=ParcelStatus.SIGNED, signed_at=shop.clock.now()).after("1d 1h").buyer_says("2")
    assert ("reissue.sorry", "not_well") == (shop.steps()[-1], shop.tasks()[-1])


def test_silence_is_no_reason_to_ask_again() -> None:
    """Asked once; without an answer the case goes to the register after two days."""
    shop = came_back().after("1h").buyer_says("1").after("20h").agent_moves("reissued", number=AGAIN).after("2d")
    shop.parcel(AGAIN, status=ParcelStatus.SIGNED, signed_at=shop.clock.now()).after("10d")
    assert 1 == shop.steps().count("reissue.well")
    assert Stage.REGISTER is shop.record().stage


def test_short_shipped_and_resent() -> None:
    """A part was missing: a person resends it, the number is told, and it is followed to the door (rule 70)."""
    shop = ReturnShop().signed_order().buyer_says("少发了一条").after("1h").agent_moves("open", branch="missing_item")
    shop.after("1h").agent_moves("remedy", remedy=Remedy.REISSUE).after("20h").agent_moves("reissued", number=AGAIN)
    shop.after("2d").parcel(AGAIN, status=ParcelStatus.SIGNED, signed_at=shop.clock.now()).after("1d 1h")
    assert ["reissue.coming", "reissue.sent", "reissue.well"] == [
        step for step in shop.steps() if step.startswith("reissue")
    ]
