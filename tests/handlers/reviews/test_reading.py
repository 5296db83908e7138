"""What the words of a review are taken for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.causes import Cause
from followup.reviews.read import FollowUp, Malice
from handlers.reviews.reading import read_chat, read_review


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("杯子用了两天就漏水，做工真粗糙", Cause.PRODUCT),
        ("收到的顏色跟圖片不一樣，色差很大", Cause.DESCRIPTION),
        ("买了三个只发了两个，还少一个盖子", Cause.WAREHOUSE),
        ("拍下一个礼拜都没发货，催了才发", Cause.DISPATCH),
        ("快递把箱子压扁了，配送也慢", Cause.COURIER),
        ("客服爱答不理，态度恶劣", Cause.SERVICE),
        ("申请售后推来推去，退货太难", Cause.AFTER_SALES),
        ("自己拍错了颜色，不喜欢了", Cause.BUYER),
        ("The handle broke after two days, cheaply made", Cause.PRODUCT),
        ("Nothing like the picture, runs small", Cause.DESCRIPTION),
        ("They sent me the wrong size and a part was missing", Cause.WAREHOUSE),
        ("Took three weeks to ship", Cause.DISPATCH),
        ("The courier left it outside in the rain", Cause.COURIER),
        ("Rude staff, no reply to my messages", Cause.SERVICE),
        ("Still waiting for my refund", Cause.AFTER_SALES),
        ("Muy mala calidad, se rompió enseguida", Cause.PRODUCT),
        ("No se parece a la foto, talla pequeña", Cause.DESCRIPTION),
        ("Me mandaron otro modelo, falta un tornillo", Cause.WAREHOUSE),
        ("El repartidor dejó la caja rota en la calle", Cause.COURIER),
        ("El vendedor no contesta, pésimo trato", Cause.SERVICE),
    ],
)
def test_the_cause_is_the_one_most_spoken_of(text: str, cause: Cause) -> None:
    """The likeliest cause in three languages."""
    found = read_review(text).causes
    assert cause is found[0].cause
    assert found[0].words


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("不赔我就差评加投诉", Malice.EXTORTION),
        ("转我50块红包我就删差评", Malice.EXTORTION),
        ("refund me half or I leave a bad review", Malice.EXTORTION),
        ("si no me devuelven el dinero, o pongo una mala reseña", Malice.EXTORTION),
        ("便宜二十块，不然给差评", Malice.HAGGLING),
        ("大家去隔壁那家店，比这里好", Malice.COMPETITOR),
    ],
)
def test_hints_are_quoted(text: str, kind: Malice) -> None:
    """What hints at bad intent is named with its words, in a review and in chat alike."""
    assert kind in [found for found, _ in read_review(text).hints]
    assert kind in [found for found, _ in read_chat(["在吗", text]).hints]


@pytest.mark.parametrize(
    "text",
    [
        "从来不给差评，这次忍不住了，发货太慢",
        "不得不给差评，裤子开线",
        "没退款，客服也不回",
        "I never leave bad reviews but this cup broke",
        "nunca pongo malas reseñas, pero llegó roto",
    ],
)
def test_an_angry_but_honest_buyer_is_no_suspect(text: str) -> None:
    """Bad words about goods are no bad intent."""
    assert () == read_review(text).hints


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("用了一个月，颜色掉了不少", FollowUp.GENUINE),
        ("加微信abc12345，好评返现", FollowUp.REBATE_ADVERT),
        ("需要的亲联系我，厂家直销", FollowUp.SELF_PROMOTION),
        ("哈哈哈", FollowUp.OFF_TOPIC),
        ("After a month the zip still works fine", FollowUp.GENUINE),
        ("Add me on WhatsApp for a discount group", FollowUp.REBATE_ADVERT),
        ("Visitad mi tienda", FollowUp.SELF_PROMOTION),
    ],
)
def test_follow_ups_are_told_apart(text: str, kind: FollowUp) -> None:
    """Genuine, off the topic, an advert, or self-promotion (rule 91)."""
    assert kind is read_review(text, is_follow_up=True).follow_up


def test_a_first_review_is_no_follow_up() -> None:
    """Only what follows an earlier review has such a kind."""
    assert FollowUp.NONE is read_review("加微信abc12345").follow_up


@given(st.text(max_size=3000))
def test_any_text_can_be_read(text: str) -> None:
    """Nothing that a buyer writes breaks the reading."""
    read_review(text, is_follow_up=True)
