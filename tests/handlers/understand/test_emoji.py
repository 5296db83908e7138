"""Messages of emoji."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.understand import Intent, understand

NOW = datetime(2026, 3, 11, 6, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "intent", "angry"),
    [
        ("👌", Intent.ACKNOWLEDGEMENT, False),
        ("🙏🙏", Intent.THANKS, False),
        ("👋🏻", Intent.GREETING, False),
        ("😡😡", Intent.COMPLAINT, True),
        ("🎈", Intent.OTHER, False),
    ],
)
def test_nothing_but_emoji_is_a_message_too(text: str, intent: Intent, angry: bool) -> None:
    """The first emoji that is known says what is meant; others say nothing."""
    heard = understand(text, NOW, ZONE)

    assert (intent, angry) == (heard.intent, heard.angry)


def test_an_angry_emoji_is_heard_in_any_message() -> None:
    """It adds to what is said and does not hide it."""
    heard = understand("什么时候发货😡", NOW, ZONE)

    assert (Intent.DELIVERY_PROMISE, True) == (heard.likeliest, heard.angry)
