"""Times that our own people promise, and words with a time that promise nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.policy import Policy, QuietHours
from handlers.understand import promised_time as reader
from handlers.understand.promised_time import promised_time
from tests.handlers.understand.tables import TABLES, rows

SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICY = Policy("shop")
TUESDAY = datetime(2026, 3, 3, 2, tzinfo=UTC)  # 10:00 in Shanghai
TEXTS = [f"promises_{lang}.txt" for lang in ("zh-CN", "en", "es")]
SPOKEN = [line.partition(" | ")[0] for name in TEXTS for _, line in rows(name)]


def moments(first: int, last: int) -> st.SearchStrategy[datetime]:
    """Any moment from the beginning of one year to that of another."""
    span = datetime(last, 1, 1, tzinfo=UTC) - datetime(first, 1, 1, tzinfo=UTC)
    seconds = st.integers(0, int(span.total_seconds()))
    return seconds.map(lambda each: datetime(first, 1, 1, tzinfo=UTC) + timedelta(seconds=each))


def due(text: str, now: datetime = TUESDAY, zone: ZoneInfo = SHANGHAI, policy: Policy = POLICY) -> str:
    """When a text is due, as the buyer's clock shows it."""
    named = promised_time(text, now, zone, policy)
    return f"{named.due_at.astimezone(zone):%a %m-%d %H:%M}" if named else "-"


@pytest.mark.parametrize(("now", "line"), [row for name in TEXTS for row in rows(name)])
def test_reads_a_promise(now: str, line: str) -> None:
    """The table's words promise the table's local times; what promises nothing opens no clock."""
    text, _, expected = line.rpartition(" | ")
    assert expected == due(text, datetime.fromisoformat(now).replace(tzinfo=SHANGHAI).astimezone(UTC))


@pytest.mark.parametrize("name", TEXTS)
def test_the_tables_are_long_enough(name: str) -> None:
    """Of each language more than sixty sentences, and at least a third of them promise nothing."""
    lines = [line for _, line in rows(name)]
    assert (True, True) == (len(lines) > 60, sum(line.endswith("-") for line in lines) * 3 > len(lines))
    assert (TABLES / name).exists()


class TestWhose:
    def test_a_day_is_the_buyers(self) -> None:
        """Tomorrow noon is the buyer's, wherever the shop is."""
        assert "Tue 03-03 12:00" == due("We'll answer by tomorrow noon", zone=ZoneInfo("America/New_York"))

    def test_closing_time_is_the_shops(self) -> None:
        """ "Before we close" is six o'clock in Shanghai, eleven in the morning in Madrid."""
        assert "Tue 03-03 11:00" == due("Le digo algo antes de cerrar", zone=ZoneInfo("Europe/Madrid"))

    def test_after_closing_time_it_is_the_next(self) -> None:
        """Said at seven in the evening it is tomorrow's."""
        assert "Wed 03-04 18:00" == due("下班前给您回电话", TUESDAY + timedelta(hours=9))


class TestBusinessDays:
    def test_weekends_do_not_count(self) -> None:
        """Two business days after Friday end on Tuesday."""
        assert "Tue 03-10 23:59" == due("两个工作日内给您答复", TUESDAY + timedelta(days=3))

    def test_nor_do_the_shops_holidays(self) -> None:
        """The holidays of the quiet hours are nobody's business days."""
        policy = replace(POLICY, quiet=QuietHours(holidays=frozenset({date(2026, 3, 4), date(2026, 3, 5)})))
        assert "Mon 03-09 23:59" == due("We will answer within two business days", policy=policy)


class TestSeveral:
    def test_the_earliest_counts(self) -> None:
        """By then the buyer is to hear something."""
        assert "Tue 03-03 18:00" == due("今天下午给您回电话。退款明天中午前给您处理。")

    def test_only_its_own_sentence_is_kept(self) -> None:
        """What is remembered are the words that name the time."""
        named = promised_time("您好！明天中午前给您答复。谢谢您。", TUESDAY, SHANGHAI, POLICY)
        assert named is not None
        assert "明天中午前给您答复。" == named.text

    def test_a_past_time_is_none(self) -> None:
        """ "This morning" at ten in the evening is no promise."""
        assert "-" == due("今天上午给您答复", TUESDAY + timedelta(hours=12))


@given(st.text(max_size=300), moments(2020, 2035))
def test_any_text_is_read(text: str, now: datetime) -> None:
    """Whatever somebody types: no error, and never a time that is over or far away."""
    named = promised_time(text, now, SHANGHAI, POLICY)
    assert named is None or now < named.due_at <= now + reader.FARTHEST


@given(
    st.lists(st.sampled_from(SPOKEN), min_size=1, max_size=4),
    st.sampled_from(["，", ", ", "。", ". ", " ", "\n"]),
    moments(2024, 2028),
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/Madrid", "Australia/Lord_Howe"]),
)
def test_any_talk_is_read(said: list[str], joint: str, now: datetime, zone: str) -> None:
    """Sentences of the tables, joined in any way, at any hour, in any zone: a time to come, or none."""
    at = now
    named = promised_time(joint.join(said), at, ZoneInfo(zone), POLICY)
    assert named is None or at < named.due_at <= at + reader.FARTHEST


@given(moments(2024, 2028))
def test_a_day_to_come_is_always_read(now: datetime) -> None:
    """Tomorrow noon is there at every hour of every day, on nights of changing clocks too."""
    at, zone = now, ZoneInfo("Europe/Madrid")
    named = promised_time("明天中午前给您答复", at, zone, POLICY)
    assert named is not None
    assert (12, 1) == (
        named.due_at.astimezone(zone).hour,
        (named.due_at.astimezone(zone).date() - at.astimezone(zone).date()).days,
    )
