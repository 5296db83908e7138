"""What is typed at the desk: commands in both languages, with examples for whoever mistypes one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.desk.command import LATER, Asked, Misread, read
from followup.desk.command_names import _tables
from followup.desk.flags import Flag
from followup.desk.verbs import Verb
from followup.model import Instant, Segment
from handlers.desk.typed import typed, until
from scripts_library.catalogue import load_catalogue
from tests.stories.shop import library

NOW = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Thursday
ZONE = ZoneInfo("Asia/Shanghai")
NINE = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)  # tomorrow at nine
EXPECTED = [script for script in load_catalogue() if script.startswith("desk.expected_")]
LANGS = ("zh-CN", "en")


def asked(text: str) -> Asked | Misread | None:
    return typed(text, NOW, ZONE)


def says(script: str, lang: str, **facts: object) -> str:
    return library().render(script, lang, facts, Segment.NEW, (), "").text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/take", Asked(Verb.TAKE)),
        ("/接", Asked(Verb.TAKE)),
        ("/接单 K3X9M", Asked(Verb.TAKE, task="k3x9m")),
        ("／接　k3x9m", Asked(Verb.TAKE, task="k3x9m")),
        ("  /TAKE@Tea_Shop_Bot  ", Asked(Verb.TAKE)),
        ("/ｔａｋｅ", Asked(Verb.TAKE)),
        ("/give 小王", Asked(Verb.GIVE, to="小王")),
        ("/转给@小王 k3x9m 请帮忙", Asked(Verb.GIVE, to="小王", task="k3x9m", text="请帮忙")),
        ("/note call Monday", Asked(Verb.NOTE, text="call Monday")),
        ("/备注：周一再打", Asked(Verb.NOTE, text="周一再打")),
        ("// call Monday", Asked(Verb.NOTE, text="call Monday")),
        ("／／周一再打\n第二行", Asked(Verb.NOTE, text="周一再打\n第二行")),
        ("/flag Blue part sent again", Asked(Verb.FLAG, word="blue", text="part sent again")),
        ("/标旗 紫 缺货", Asked(Verb.FLAG, word="purple", text="缺货")),
        ("/标旗紫旗缺货", Asked(Verb.FLAG, word="purple", text="缺货")),
        ("/flag yellow", Asked(Verb.FLAG, word="yellow")),
        ("/标旗 无", Asked(Verb.FLAG, word="none")),
        ("/snooze 30m", Asked(Verb.SNOOZE, until=NOW + timedelta(minutes=30))),
        ("/now", Asked(Verb.NOW)),
        ("/now Unpaid.Last_call", Asked(Verb.NOW, word="unpaid.last_call")),
        ("/马上发", Asked(Verb.NOW)),
        ("/skip he paid by phone", Asked(Verb.SKIP, text="he paid by phone")),
        ("/跳过 unpaid.help 打过电话", Asked(Verb.SKIP, word="unpaid.help", text="打过电话")),
        ("/move tomorrow 9am", Asked(Verb.MOVE, until=NINE)),
        ("/改到明天9点", Asked(Verb.MOVE, until=NINE)),
        (
            "/改时间 unpaid.last_call 30m 等买家",
            Asked(Verb.MOVE, until=NOW + timedelta(minutes=30), word="unpaid.last_call", text="等买家"),
        ),
        ("/snooze 1h30m waiting", Asked(Verb.SNOOZE, until=NOW + timedelta(minutes=90), text="waiting")),
        ("/稍后 2小时后 等仓库", Asked(Verb.SNOOZE, until=NOW + timedelta(hours=2), text="等仓库")),
        ("/稍后 明天9点", Asked(Verb.SNOOZE, until=NINE)),
        ("/snooze tomorrow 9 am waits for the buyer", Asked(Verb.SNOOZE, until=NINE, text="waits for the buyer")),
        ("/promise 明天9点 给换货方案", Asked(Verb.PROMISE, until=NINE, text="给换货方案")),
        ("/承诺 明天9点给换货方案", Asked(Verb.PROMISE, until=NINE, text="明天9点给换货方案")),
        (
            "/promise call the courier tomorrow 9am",
            Asked(Verb.PROMISE, until=NINE, text="call the courier tomorrow 9am"),
        ),
        ("/承诺 2h 查快递", Asked(Verb.PROMISE, until=NOW + timedelta(hours=2), text="查快递")),
        ("/resolve courier sent again", Asked(Verb.RESOLVE, word="courier", text="sent again")),
        ("/解决 快递 已补发", Asked(Verb.RESOLVE, word="快递", text="已补发")),
        ("/remedy refund as agreed", Asked(Verb.REMEDY, text="refund as agreed")),
        ("/办法退款", Asked(Verb.REMEDY, text="退款")),
        ("/offer k3x9m red_packet 5 for damage", Asked(Verb.OFFER, task="k3x9m", text="red_packet 5 for damage")),
        ("/补偿 红包 5 破损", Asked(Verb.OFFER, text="红包 5 破损")),
        ("/reopen", Asked(Verb.REOPEN)),
        ("/重开", Asked(Verb.REOPEN)),
        ("/s 退款 破损", Asked(Verb.SEARCH, text="退款 破损")),
        ("/话术退款", Asked(Verb.SEARCH, text="退款")),
        ("/s", Asked(Verb.SEARCH)),
        ("/send 12", Asked(Verb.SEND, word="12")),
        ("/say Hello,\nwe found it", Asked(Verb.SAY, text="Hello,\nwe found it")),
        ("/approve", Asked(Verb.APPROVE)),
        ("/同意 k3x9m", Asked(Verb.APPROVE, task="k3x9m")),
        ("/refuse k3x9m too much", Asked(Verb.REFUSE, task="k3x9m", text="too much")),
        ("/拒绝 太多", Asked(Verb.REFUSE, text="太多")),
        ("/pause", Asked(Verb.PAUSE)),
        ("/恢复", Asked(Verb.RESUME)),
        ("/erase", Asked(Verb.ERASE)),
        ("/抹除 确认", Asked(Verb.ERASE, text="yes")),
        ("/erase YES", Asked(Verb.ERASE, text="yes")),
        ("/erase maybe", Asked(Verb.ERASE, text="maybe")),
        ("/done k3x9m pasted", Asked(Verb.DONE, task="k3x9m", text="pasted")),
        ("/做不了 电话打不通", Asked(Verb.FAILED, text="电话打不通")),
        ("/later", Asked(Verb.LATER, until=NOW + LATER)),
        ("/later k3x9m 2h", Asked(Verb.LATER, task="k3x9m", until=NOW + timedelta(hours=2))),
        ("/later 3days", Asked(Verb.LATER, until=NOW + timedelta(days=3))),
        ("/待办", Asked(Verb.TASKS)),
        ("/help", Asked(Verb.HELP)),
    ],
)
def test_it_is_read(text: str, expected: Asked) -> None:
    """Both languages, half and full width, with or without the bot's name."""
    assert expected == asked(text)


@pytest.mark.parametrize(
    "text", ["", "   ", "hello", "退款到账了吗", "1/2", "see /take", "http://x.example/take", "。"]
)
def test_words_are_no_command(text: str) -> None:
    """What does not begin with a slash is what it is."""
    assert asked(text) is None


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("/give", "give"),
        ("/转给 @", "give"),
        ("/note", "note"),
        ("//", "note"),
        ("/flag", "flag"),
        ("/flag red hot", "flag"),
        ("/flag blue", "reason"),
        ("/标旗 紫", "reason"),
        ("/snooze", "snooze"),
        ("/snooze whatever", "snooze"),
        ("/snooze 0m", "snooze"),
        ("/snooze 90d", "snooze"),
        ("/snooze yesterday 9am", "snooze"),
        ("/move", "move"),
        ("/move unpaid.help yesterday 9am", "move"),
        ("/snooze 9am yesterday", "snooze"),
        ("/snooze 2h ago", "snooze"),
        ("/snooze today 9am", "snooze"),
        ("/稍后 昨天9点", "snooze"),
        ("/稍后 2小时前", "snooze"),
        ("/稍后 今早9点", "snooze"),
        ("/later k3x9m 前天下午3点", "later"),
        ("/承诺 昨晚8点 给方案", "promise"),
        ("/later k3x9m whenever", "later"),
        ("/promise", "promise"),
        ("/promise tomorrow 9am", "promise"),
        ("/承诺 明天9点", "promise"),
        ("/promise call back", "promise"),
        ("/resolve", "resolve"),
        ("/remedy", "remedy"),
        ("/补偿", "offer"),
        ("/send", "send"),
        ("/say", "say"),
        ("/refuse", "refuse"),
    ],
)
def test_what_was_expected_is_said(text: str, script: str) -> None:
    """A command that lacks something is never passed over in silence."""
    misread = asked(text)
    assert isinstance(misread, Misread)
    assert f"desk.expected_{script}" == misread.script


@pytest.mark.parametrize(
    ("text", "near"), [("/tkae", "take"), ("/resume_all", "resume"), ("/解觉", ""), ("/", ""), ("/home/li", "")]
)
def test_an_unknown_command_is_answered_with_the_nearest(text: str, near: str) -> None:
    """Whoever mistypes learns what there is."""
    misread = asked(text)
    assert isinstance(misread, Misread)
    assert ("desk.unknown_command", near, None) == (misread.script, misread.facts["near"], misread.verb)
    assert all("/" in says(misread.script, lang, **misread.facts) for lang in LANGS)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("script", EXPECTED)
def test_each_example_reads_back(script: str, lang: str) -> None:
    """What people are told to type is what they can type."""
    _, example = re.split("例如：|for example: ", says(script, lang))
    command = asked(example)
    assert isinstance(command, Asked), example
    assert script.removeprefix("desk.expected_").replace("reason", "flag") == command.verb.value


@pytest.mark.parametrize("lang", LANGS)
def test_help_tells_every_command(lang: str) -> None:
    """All verbs, each in a form that is read as that verb."""
    told = re.sub(r"\[?(编号|code|number)\]?", "k3x9m", says("desk.help", lang))
    examples = re.findall(r"/[a-z一-鿿]+[^·\n（(；;]*", told)
    verbs = [command.verb for command in map(asked, examples) if isinstance(command, Asked)]
    assert (len(examples), set(Verb)) == (len(verbs), set(verbs))


def test_the_docs_tell_every_command() -> None:
    """The table of docs/desk.md has a row for each, and no command that there is not."""
    rows = re.findall(r"^\| (`/.*?) \| (`/.*?) \|", Path("docs/desk.md").read_text("utf-8"), re.MULTILINE)
    english, chinese = ({word for row in rows for word in re.findall(r"`(/[^ `]+)", row[at])} for at in (0, 1))
    for typed_ in (english, chinese):
        assert set(Verb) == {command.verb for command in map(verb_of, typed_) if command}


def verb_of(text: str) -> Asked | Misread | None:
    """The command of a name alone, with what it may lack."""
    command = asked(text)
    assert getattr(command, "verb", None) is not None, f"docs/desk.md: {text} is no command"
    return command


def test_no_name_means_two_things() -> None:
    """Every name stands for one verb, flag, unit or cause only, and every verb has a name in both languages."""
    tables = _tables()
    for table in tables.values():
        names = [name for of in table.values() for name in of]
        assert len(names) == len(set(names))
    verbs = tables["verbs"]
    assert set(Verb) == set(verbs)
    assert all(any(name.isascii() for name in of) and any(not name.isascii() for name in of) for of in verbs.values())
    assert set(Flag) == set(tables["flags"])


TEXTS = st.one_of(
    st.text(max_size=80),
    st.builds(
        "{}{} {}".format,
        st.sampled_from(["/", "／", "//", "/ "]),
        st.sampled_from([name for of in _tables()["verbs"].values() for name in of]),
        st.text(max_size=60),
    ),
)


@given(TEXTS)
def test_no_text_breaks_it(text: str) -> None:
    """Whatever is typed: a command, a sentence about it that can be rendered, or nothing."""
    found = asked(text)
    if isinstance(found, Misread):
        assert all(says(found.script, lang, **found.facts) for lang in LANGS)
    elif found is not None and found.until is not None:
        assert NOW < found.until <= NOW + timedelta(days=60)


@given(st.text(max_size=60))
def test_no_reader_of_times_breaks_it(text: str) -> None:
    """Even one that finds times where there are none."""

    def times(said: str, now: Instant, zone: ZoneInfo) -> tuple[Instant | None, str]:
        return (now + timedelta(hours=len(said) % 3), "_") if said else (None, said)

    assert isinstance(read(f"/snooze {text}", NOW, ZONE, times), Asked | Misread)


THREE = datetime(2026, 3, 25, 7, 0, tzinfo=UTC)  # 25 March, 15:00


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-25 15:00",
        "2026-03-25T15:00",
        "2026/3/25 15:00",
        "2026年3月25日 15:00",
        "03-25 15:00",
        "3/25 15：00",
        "3.25 15:00",
        "3月25日15点",
        "3月25日下午3点",
        "03-25 3 pm",
    ],
)
def test_a_date_in_figures(written: str) -> None:
    """It is that day, not today; in chat with words behind it, and alone as on the command line."""
    assert (THREE, THREE) == (until(written, NOW, ZONE), until(f" {written} ", NOW, ZONE))
    assert Asked(Verb.PROMISE, until=THREE, text="call back") == asked(f"/promise {written} call back")
    assert Asked(Verb.SNOOZE, until=THREE) == asked(f"/稍后 {written}")


@pytest.mark.parametrize(
    ("written", "local"),
    [
        ("03-25", "03-25 10:00"),
        ("2026-03-25 06:30", "03-25 06:30"),
        ("3-25 3:00", "03-25 03:00"),
        ("3-5 23:59", "03-05 23:59"),
        ("3-25 0:00", "03-25 00:00"),
        ("3-25 下午 4点", "03-25 16:00"),
        ("3-25 给买家周五的答复", "03-25 10:00"),
    ],
)
def test_the_clock_of_a_date(written: str, local: str) -> None:
    """Of 24 hours where it is written so; ten where there is none."""
    found = until(written, NOW, ZONE)
    assert found is not None
    assert local == f"{found.astimezone(ZONE):%m-%d %H:%M}"


def test_a_date_of_next_year() -> None:
    """Without a year it is the next day of that name."""
    assert datetime(2027, 1, 5, 1, 30, tzinfo=UTC) == until("01-05 09:30", datetime(2026, 12, 30, tzinfo=UTC), ZONE)


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-30 10:00",
        "2026-13-45",
        "13-01 10:00",
        "25/3 15:00",
        "3-25 24:30",
        "2026-03-05 11:00",
        "2027-03-25 15:00",
        "2027年3月25日15点",
        "8-1 15:00",
    ],
)
def test_a_date_that_cannot_be_meant(written: str) -> None:
    """A day that there is not, that is over or too far: never some other time instead."""
    assert until(written, NOW, ZONE) is None
    assert isinstance(asked(f"/snooze {written}"), Misread)


@pytest.mark.parametrize("text", ["3-5 days", "3-6 小时", "2-3天"])
def test_a_length_with_a_dash_is_no_date(text: str) -> None:
    """Some days, not a day in March."""
    assert until(text, NOW, ZONE) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30m", NOW + timedelta(minutes=30)), ("1天", NOW + timedelta(days=1)), ("明天9点", NINE), ("now and then", None)],
)
def test_a_time_alone(text: str, expected: Instant | None) -> None:
    """The command line reads times as the desk does."""
    assert expected == until(text, NOW, ZONE)


def test_the_page_tells_every_command() -> None:
    """docs/desk.md names each by its first name in both languages."""
    page = (Path(__file__).parents[3] / "docs/desk.md").read_text(encoding="utf-8")
    told = set(re.findall(r"[`“ ]/([a-z]+|[一-鿿]+)", page))
    for names in _tables()["verbs"].values():
        assert told & {name for name in names if name.isascii()}
        assert told & {name for name in names if not name.isascii()}
