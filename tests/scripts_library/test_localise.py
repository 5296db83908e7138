"""Money, moments and durations in three languages."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from followup.model import Money
from scripts_library.localise import duration, moment, money


@pytest.mark.parametrize(
    ("lang", "amount", "currency", "expected"),
    [
        ("zh-CN", "37", "CNY", "¥37.00"),
        ("zh-CN", "1234.5", "CNY", "¥1234.50"),
        ("zh-CN", "12345", "CNY", "¥12,345.00"),
        ("zh-CN", "-5", "CNY", "-¥5.00"),
        ("en", "37", "USD", "$37.00"),
        ("en", "1234.5", "USD", "$1,234.50"),
        ("en", "37", "SEK", "SEK 37.00"),
        ("en", "3700", "JPY", "JP¥3,700"),
        ("es", "37", "EUR", "37,00 €"),
        ("es", "1234.5", "EUR", "1.234,50 €"),
        ("es", "37", "MXN", "37,00 MXN"),
    ],
)
def test_money(lang, amount, currency, expected):
    """Symbol, separators and order follow the language and the currency."""
    assert expected == money(Money(Decimal(amount), currency), lang)


@pytest.mark.parametrize(
    ("lang", "hour", "expected"),
    [
        ("zh-CN", 23, "2月21日 23:54"),
        ("en", 23, "Feb 21, 23:54"),
        ("es", 23, "21 de febrero a las 23:54"),
        ("es", 1, "21 de febrero a la 01:54"),
    ],
)
def test_moment(lang, hour, expected):
    """A moment is said in the zone it carries."""
    assert expected == moment(datetime(2025, 2, 21, hour, 54, tzinfo=UTC), lang)


@pytest.mark.parametrize(
    ("lang", "minutes", "expected"),
    [
        ("zh-CN", 4320, "3 天"),
        ("en", 60, "1 hour"),
        ("en", 300, "5 hours"),
        ("es", 1, "1 minuto"),
        ("es", 0, "0 minutos"),
        ("fr", 1440, "1 day"),
    ],
)
def test_duration(lang, minutes, expected):
    """The largest whole unit is enough."""
    assert expected == duration(timedelta(minutes=minutes), lang)
