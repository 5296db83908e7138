"""An exchange: the first goes back, the new one is ordered afresh (rules 11, 49, 50, 53)."""

from __future__ import annotations

from followup.after_sales.model import Payer, Remedy
from tests.stories.returning import RETURN, ReturnShop


def test_a_return_and_a_new_order() -> None:
    """Told how, the new order noted and flagged, the old goods back and paid for."""
    shop = ReturnShop().signed_order().buyer_says("想换个大一号的").after("1h").buyer_says("新订单号 20260302551")
    shop.after("1d").buyer_says(RETURN).after("3d").sent_back("signed").after("1h").agent_moves("arrived")
    assert [
        "Mon 14:00 > 想换个大一号的",
        "Mon 14:00 < exchange.ask",
        "Mon 15:00 > 新订单号 20260302551",
        "Mon 15:00 < exchange.noted",
        "Tue 15:00 > SF2222222222",
        "Tue 15:00 < return.received",
        "Fri 15:00 < return.arrived",
        "Fri 16:00 < exchange.in_order",
    ] == shop.story()
    assert ["return_address", "exchange_order", "return_inspect", "return_pay"] == shop.tasks()
    assert "20260302551" in shop.task("exchange_order").text


def test_the_words_keep_money_out_of_the_parcel() -> None:
    """A fresh purchase, the difference in the orders, postage of the buyer's, no cash (rules 11, 49, 53)."""
    (text,) = ReturnShop().signed_order().buyer_says("想换个大一号的").heard()
    for word in ("新订单号" if "新订单号" in text else "订单号", "运费", "运单号"):
        assert word in text
    assert "现金" in text or "别放钱" in text


def test_no_number_and_it_closes() -> None:
    """An exchange is reminded of like a return."""
    shop = ReturnShop().signed_order().buyer_says("想换个大一号的").after("8d")
    assert ["exchange.ask", "return.remind", "return.remind", "return.last", "return.lapsed"] == shop.steps()[:5]


def test_our_error_may_be_quick() -> None:
    """The wrong goods came: once the return's number exists, a person may send the right ones early (rule 50)."""
    shop = ReturnShop().signed_order().buyer_says("发错货了，收到的是蓝色").after("1h").agent_moves("shown")
    shop.after("1h").agent_moves("remedy", remedy=Remedy.EXCHANGE).after("1d").buyer_says(RETURN)
    assert Payer.SHOP is shop.record().payer
    assert "exchange_early" in shop.tasks()
    assert RETURN in shop.task("exchange_early").text


def test_without_our_error_the_first_comes_first() -> None:
    """Another size is nobody's error: return first (rule 49)."""
    shop = ReturnShop().signed_order().buyer_says("想换个大一号的").after("1d").buyer_says(RETURN)
    assert "exchange_early" not in shop.tasks()
