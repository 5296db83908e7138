"""Mentions, whatever stands around them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram_mentions import mentioned
from tests.bot.channels.telegram_shop import ROSTER

WORDS = st.sampled_from(
    ["@li", "@wang", "@zhao", "@nobody", "@", "li", "😀", "您好", "\n", " ", "a@li", "@li-", "@LI", "."]
)


@given(st.lists(WORDS | st.text(max_size=3), max_size=12).map("".join))
def test_every_mark_stands_on_a_name(text: str) -> None:
    """As Telegram counts; and a text that mentions nobody is not touched."""
    shown, entities = mentioned(text, ROSTER)
    wire = shown.encode("utf-16-le", "surrogatepass")
    for each in entities:
        start, end = 2 * each["offset"], 2 * (each["offset"] + each["length"])
        assert each["user"]["first_name"] == wire[start:end].decode("utf-16-le", "surrogatepass")
    assert entities or "@" in text or text == shown
