"""A parcel that was called back: the earlier note is followed (rules 19, 31, 41, 60)."""

from __future__ import annotations

from followup.after_sales.model import Payer, Remedy
from followup.model import Note, ParcelStatus
from tests.stories.returning import ReturnShop


def wants_out() -> ReturnShop:
    """A buyer who changed his mind after dispatch and has the parcel recalled, knowing that he pays for it."""
    shop = ReturnShop().shipped_order().after("1d").buyer_says("不想要了，退款吧").after("1h").buyer_says("2")
    return shop.after("19h")


def test_he_wanted_his_money() -> None:
    """Told of the freight before he chose; the parcel is back, and his money goes as was said."""
    shop = wants_out().agent_moves("recalled")
    assert "recalled.refund" == shop.steps()[-1]
    assert (Payer.BUYER, Remedy.REFUND) == (shop.record().payer, shop.record().remedy)
    assert "refund_due" in shop.tasks()
    asked = shop.heard()[0]
    assert "运费" in asked
    assert "您" in asked


def test_the_result_is_recorded() -> None:
    """What was agreed and what came of it stands in the notes, with the agent (rule 60)."""
    shop = wants_out().agent_moves("recalled", text="杭州中转站拦下")
    (note,) = (line for line in shop.store.lines if isinstance(line, Note) and line.text.startswith("recalled"))
    assert ("小美", "recalled parcel is back, agreed: refund 杭州中转站拦下") == (note.who, note.text)


def test_nothing_was_agreed() -> None:
    """A parcel stopped by a person: the buyer chooses, and has it sent again."""
    shop = ReturnShop().shipped_order().after("1d").agent_moves("recalled").after("1h").buyer_says("1").after("3h")
    shop.agent_moves("reissued", number="YT9999999999")
    assert ["recalled.ask", "again.costs", "reissue.sent"] == shop.steps()


def test_sent_again_as_agreed() -> None:
    """A wrong address was put right: it goes out again, and the number is told."""
    shop = ReturnShop().shipped_order().after("1d").agent_moves("recalled", remedy=Remedy.REISSUE).after("3h")
    shop.agent_moves("reissued", number="YT9999999999")
    assert ["recalled.again", "reissue.sent"] == shop.steps()


def test_what_the_courier_spoilt_is_not_his_matter() -> None:
    """It came back crushed: the shop claims, the buyer hears the same as ever (rule 31)."""
    shop = wants_out().agent_moves("recalled", sound=False, text="箱子压扁")
    assert {"courier_claim", "refund_due"} <= set(shop.tasks())
    assert "压扁" not in shop.heard()[-1]


def test_nobody_looks_for_a_parcel_that_is_here() -> None:
    """Once a person has it in his hands, no daily word says that it stands still."""
    shop = ReturnShop().shipped_order().after("3d 1h").agent_moves("recalled", remedy=Remedy.REFUND)
    shop.parcel("YT1111111111", status=ParcelStatus.RETURNED).after("5d")
    assert "stuck.told" in shop.steps()
    assert "stuck.daily" not in shop.steps()
