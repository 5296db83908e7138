"""What is cut out of a text before anybody may read it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.redact import SECRET, Redactor


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text("年月 ,，.:/x", max_size=5))
def test_every_chinese_mobile_is_found(phone: str, around: str) -> None:
    """No mobile number passes, whatever punctuation or letters touch it."""
    assert phone not in Redactor().text(around + phone + around)


@given(st.integers(10**15, 10**19).map(str).filter(lambda digits: len(digits) != 18))
def test_order_numbers_pass(digits: str) -> None:
    """An order's number, longer than any telephone's, stays whole even where a part looks like a telephone's."""
    assert digits == Redactor().text(digits)


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_pass(at: datetime) -> None:
    """No time is taken for a telephone number."""
    assert at.isoformat() == Redactor().text(at.isoformat())


@given(st.text(min_size=4, max_size=40), st.text(max_size=20))
def test_a_known_secret_never_passes(secret: str, around: str) -> None:
    """Whatever a secret is made of, the text is without it."""
    cleaned = Redactor.knowing([secret]).text(around + secret + around)

    assert [] == [part for part in cleaned.split(SECRET) if secret in part]


def test_very_short_secrets_do_not_eat_the_text() -> None:
    """A secret of one letter is none."""
    assert "a banana" == Redactor.knowing(["a", ""]).text("a banana")


def test_it_does_not_show_what_it_knows() -> None:
    """A printed redactor holds no secret."""
    assert "hunter2" not in repr(Redactor.knowing(["hunter2"]))


@pytest.mark.parametrize("unit", ["a", "token", "://", "1 ", "'a", "茶1 ", "+1 ", "1@", "1-a.", "token= "])
def test_no_text_takes_long(unit: str) -> None:
    """A hundred thousand characters, whoever made them up, do not hold the program up for seconds."""
    redactor, text = Redactor.knowing(["12345:abcdef"]), unit * (100_000 // len(unit))
    start = time.process_time()
    redactor.error(redactor.text(text))

    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7aaa", "693a91f6-7aaa"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/abcdef12-3456", "abcdef12-3456"),
        ("mailtos://me:p%40sswords@example.com?to=a@b.com", "p@sswords"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "TIiajkdnlazkcOXrIdevi7FQ"),
    ],
)
def test_the_key_of_a_secret_address_is_hidden_by_itself(address: str, key: str) -> None:
    """A service's address is the secret; what makes it one is hidden wherever it stands alone."""
    shown = Redactor.knowing([address]).text(f"refused {key}, and {address}")
    assert key not in shown
    assert address not in shown
    assert Redactor.knowing(["http://localhost:8080/hook"]).text("on localhost") == "on localhost"


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("no shop 'tea' for 'all I said'", "no shop 'tea' for [private]"),
        ("can't read 'all I said' of \"it's me\"", "can't read [private] of [private]"),
        ("'it's all I said' is no number", "[private] is no number"),
        ("b'all I said' is no 'utf-8'", "b[private] is no 'utf-8'"),
        ("cannot read 'all I sa", "cannot read [private]"),
    ],
)
def test_what_an_error_quotes_is_hidden(error: str, shown: str) -> None:
    """Whatever stands around it: words that may stay, apostrophes, or no end of it."""
    assert shown == Redactor().error(error)
