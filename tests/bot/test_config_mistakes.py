"""Mistakes in a configuration: each is said with its place, what was expected and what was found."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import load
from bot.config_errors import ConfigError, line_of
from bot.config_units import LONGEST, duration, written
from scripts_library.words import languages
from tests.bot.config_files import refusal, write


def spoken(audience: str) -> str:
    """The languages as a refusal lists them."""
    return ", ".join(f'"{lang}"' for lang in languages(audience))


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "length"),
        [
            ("90s", timedelta(seconds=90)),
            ("15m", timedelta(minutes=15)),
            ("24h", timedelta(days=1)),
            ("1d12h", timedelta(hours=36)),
            ("365d", LONGEST),
        ],
    )
    def test_units(self, text: str, length: timedelta) -> None:
        """Seconds, minutes, hours and days, alone or from great to small."""
        assert length == duration(text)

    @pytest.mark.parametrize(
        "value", [900, 1.5, True, "", "15", "0m", "-1h", "1.5h", "1m1h", "1w", " 1h", "366d", "９h", "9" * 5000 + "d"]
    )
    def test_anything_else_is_refused(self, tmp_path: Path, value: Any) -> None:
        """No unit, no length, an unknown unit or more than a year is answered with examples."""
        shown = repr(value).replace("'", '"').lower() if isinstance(value, bool) else repr(value).replace("'", '"')
        what = 'expected a duration from "1s" to "365d", such as "15m", "24h" or "1d12h", found'

        (line,) = refusal(write(tmp_path, f"[shops.a]\nnudge_every = {shown}"))

        assert line.startswith(f"config.toml:2: shops.a.nudge_every: {what} {shown[:50]}")
        assert len(line) < 250

    @given(st.integers(1, int(LONGEST.total_seconds())))
    def test_written_is_read_back(self, seconds: int) -> None:
        """What a message shows of a duration can be pasted into the file."""
        length = timedelta(seconds=seconds)

        assert length == duration(written(length))


TYPES = '"telegram", "wechaty", "wecom" or "webchat"'
FREE = '[shops.a]\nplatform = "independent"\n'
TELEGRAM = '[channels.tg]\ntype = "telegram"\n'


class TestChannels:
    """What does not go together of channels and shops."""

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('[channels.x]\ntype = "icq"', f':2: channels.x.type: expected one of {TYPES}, found "icq"'),
            ('[channels.x]\nmode = "polling"', f":1: channels.x.type: expected one of {TYPES}, found none"),
            ('[channels]\nx = "telegram"', ':2: channels.x: expected a table, found "telegram"'),
            (TELEGRAM + "mod = 1", ':3: channels.tg.mod: there is no such option; did you mean "mode"?'),
            (TELEGRAM + 'mode = "x"', ':3: channels.tg.mode: expected one of "polling" or "webhook", found "x"'),
            (
                FREE + '[channels.kf]\ntype = "wecom"\ncorp_id = "ww1"',
                ":3: channels.kf.open_kfid: this option has to be set",
            ),
            (
                FREE + TELEGRAM + 'token = "1:x"',
                ":5: channels.tg.token: a secret has no place in this file; set HUIFANG_CHANNELS_TG_TOKEN in the "
                "environment, or HUIFANG_CHANNELS_TG_TOKEN_FILE to a file that holds it",
            ),
            (
                "[shops.a]\n" + TELEGRAM,
                ':2: channels.tg: taobao forbids taking its buyers to another chat, so shop "a" can have no such '
                "channel",
            ),
            (FREE + "[shops.b]\n" + TELEGRAM, ":4: channels.tg.shop: which shop does it speak for? One of a, b"),
            (FREE + TELEGRAM + 'shop = "c"', ':5: channels.tg.shop: there is no shop "c"; here are a'),
            (
                FREE + 'channel = "tg"\n[shops.b]\nplatform = "douyin"\n' + TELEGRAM + 'shop = "b"',
                ':3: shops.a.channel: "tg" speaks for the shop "b"',
            ),
            (
                FREE + '[channels.manual]\ntype = "telegram"',
                ':3: channels.manual: "manual" is a channel of its own; give this one another name',
            ),
            (
                FREE + TELEGRAM + "buyers = false",
                ":5: channels.tg.buyers: nobody could write to it: name the group of your people too, with "
                "agents_group",
            ),
            (
                FREE + 'channel = "tg"\n' + TELEGRAM + "agents_group = -1\nbuyers = false",
                ':3: shops.a.channel: "tg" speaks with your own people only (buyers = false), so no buyer can be '
                "reached there",
            ),
            (
                FREE + TELEGRAM + "agents_group = -1\n" + TELEGRAM.replace("tg", "desk") + "agents_group = -2",
                ':8: channels.desk.agents_group: the shop "a" has the group of "tg" already; one is enough',
            ),
            (
                "[shops.a]\n" + TELEGRAM + "agents_group = -1",
                ':2: channels.tg: taobao forbids taking its buyers to another chat, so shop "a" can have no such '
                "channel",
            ),
            (
                FREE + '[channels.wx]\ntype = "wechaty"\nagents_group = -1',
                ':5: channels.wx.agents_group: only a channel of type "telegram" can have a group of your people',
            ),
            ("[chanels.x]", ':1: chanels: there is no such option; did you mean "channels"?'),
        ],
    )
    def test_each_is_said_at_its_place(self, tmp_path: Path, text: str, said: str) -> None:
        """With what was expected, in words of ours."""
        assert ["config.toml" + said] == refusal(write(tmp_path, text))


LI = '[agents.people.li]\nname = "小李"\n'
WANG = "[agents.people.wang]\n"


class TestPeople:
    """What does not go together of people, and of where they are named."""

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (
                LI + '[shops.a.shifts.day]\npeople = ["li", "bo"]',
                ':4: shops.a.shifts.day.people: there is no "bo" in agents.people; here are li',
            ),
            (
                LI + '[shops.a.hours]\non_call = ["小李"]',
                ':4: shops.a.hours.on_call: there is no "小李" in agents.people; here are li',
            ),
            (
                LI + '[alerts.phone]\ntype = "apprise"\npeople = ["bo"]',
                ':5: alerts.phone.people: there is no "bo" in agents.people; here are li',
            ),
            (
                '[agents]\nsupervisors = ["小李", "bo"]\n' + LI,
                ':2: agents.supervisors: there is no "bo" in agents.people; here are li',
            ),
            (
                LI + "telegram = 7\n" + WANG + "telegram = 7",
                ':5: agents.people.wang.telegram: "li" has this Telegram id too; only one person can have it',
            ),
            (
                LI + WANG + 'name = "小李"',
                ':4: agents.people.wang.name: "li" is called "小李" too; give them different names',
            ),
            (
                LI + WANG + 'name = "li"',
                ':4: agents.people.wang.name: "li" is called "li" too; give them different names',
            ),
            (
                LI + 'shops = ["b"]\n[shops.a]',
                ':3: agents.people.li.shops: there is no shop "b"; here are a',
            ),
            (
                '[shops.a]\n[alerts.phone]\ntype = "apprise"\nshops = ["b"]',
                ':4: alerts.phone.shops: there is no shop "b"; here are a',
            ),
            (
                LI + 'shops = ["b"]\n[shops.b]\n[shops.a.hours]\non_call = ["li"]',
                ':6: shops.a.hours.on_call: "li" does not work for the shop "a"',
            ),
        ],
    )
    def test_each_is_said_at_its_place(self, tmp_path: Path, text: str, said: str) -> None:
        """With who or what there is."""
        assert ["config.toml" + said] == refusal(write(tmp_path, text))

    def test_where_nobody_is_listed_any_name_will_do(self, tmp_path: Path) -> None:
        """Shifts and supervisors go by the names that people give."""
        load(write(tmp_path, '[agents]\nsupervisors = ["bo"]\n[shops.a.shifts.day]\npeople = ["bo"]'))


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[outbx]\nwindow = 8", ':1: outbx: there is no such option; did you mean "outbox"?'),
            ("[outbox]\nwindw = 8", ':2: outbox.windw: there is no such option; did you mean "window"?'),
            ("[agents]\nzzz = 8", ":2: agents.zzz: there is no such option; here are lang, people, supervisors"),
            (
                "[shops.zone]\nreview_revision.mod = 1",
                ':2: shops.zone.review_revision.mod: there is no such option; did you mean "mode"?',
            ),
            ('[outbox]\nwindow = "8"', ':2: outbox.window: expected a whole number, found "8"'),
            ("[outbox]\nwindow = 0", ":2: outbox.window: expected at least 1, found 0"),
            ("[orders]\nfolder = 1", ":2: orders.folder: expected a path in quotes, found 1"),
            ("outbox = 8", ":1: outbox: expected a table, found 8"),
            ("[shops]", ":1: shops: expected at least one, found a table"),
            ('[logs]\nlevel = "x"', ':2: logs.level: expected one of "debug", "info", "warning" or "error", found "x"'),
            ('[agents]\nlang = "xx"', f':2: agents.lang: expected one of {spoken("agent")}, found "xx"'),
            ('[shops.a]\nlang = "xx"', f':2: shops.a.lang: expected one of {spoken("buyer")}, found "xx"'),
            (
                '[shops."茶/1"]',
                ':1: shops.茶/1: expected a name of small letters, digits, "-" and "_", found "茶/1"',
            ),
            (
                '[shops.a]\nzone = "Asia/Beijing"',
                ':2: shops.a.zone: expected a time zone such as "Asia/Shanghai" or "Europe/Madrid", '
                'found "Asia/Beijing"',
            ),
            (
                '[shops.a]\ncurrency = "元"',
                ':2: shops.a.currency: expected a currency in three capital letters, such as "CNY", found "元"',
            ),
            (
                "[shops.a.quiet_hours]\nopens = 9",
                ':2: shops.a.quiet_hours.opens: expected a time of day from "00:00" to "23:59", such as "20:30", '
                "found 9",
            ),
            (
                '[shops.a.quiet_hours]\ncloses = "08:00"',
                ":1: shops.a.quiet_hours.opens: nothing could ever be sent: opens (09:00) must be before closes "
                "(08:00)",
            ),
            (
                '[shops.a.quiet_hours]\nholidays = "Mars"',
                ':2: shops.a.quiet_hours.holidays: expected a country such as "CN" or "US", a part of one such as '
                '"US-CA", or "" for none, found "Mars"',
            ),
            (
                '[shops.a.unpaid_order]\nauto_close_after = "1d"',
                ":2: shops.a.unpaid_order.auto_close_after: the last call would come too late: help_after + "
                "last_call_after + before_close (1d3h15m) must be shorter than auto_close_after (1d)",
            ),
            (
                '[shops.a.review_revision]\nmode = "beg"',
                ':2: shops.a.review_revision.mode: expected one of "never", "inform_only" or "ask", found "beg"',
            ),
            (
                '[database]\nurl = "mysql://h/x"',
                ":2: database.url: expected sqlite:///path or postgresql://user@host/name",
            ),
            (
                '[agents.people.li]\nrnk = "agent"',
                ':2: agents.people.li.rnk: there is no such option; did you mean "rank"?',
            ),
            (
                '[agents.people.li]\nrank = "boss"',
                ':2: agents.people.li.rank: expected one of "agent", "supervisor" or "owner", found "boss"',
            ),
            (
                '[shops.a.shifts.day]\ndays = "monday"',
                ':2: shops.a.shifts.day.days: expected days of the week such as "mon-fri" or "mon,wed,sat", '
                'found "monday"',
            ),
            ("[shops.a.shifts]", ":1: shops.a.shifts: expected at least one, found a table"),
            (
                "[shops.a.unpaid_order]\nhold_out = 60",
                ":2: shops.a.unpaid_order.hold_out: expected at most 50, found 60",
            ),
            (
                '[alerts.phone]\ntype = "sms"',
                ':2: alerts.phone.type: expected one of "apprise", "wecom_robot", "dingtalk" or "feishu", found "sms"',
            ),
            ("[outbox]\n\nwindow = = 3", ":3: this is not TOML: Invalid value"),
            ("[outbox", ": this is not TOML: Expected ']' at the end of a table declaration"),
        ],
    )
    def test_each_names_line_option_expectation_and_finding(self, tmp_path: Path, text: str, said: str) -> None:
        """A mistake is said with its place, what was expected and what was found."""
        assert ["config.toml" + said] == refusal(write(tmp_path, text))

    def test_all_are_listed_by_line(self, tmp_path: Path) -> None:
        """A file is mended once, not mistake by mistake."""
        path = write(tmp_path, '[shops.a]\nzone = 1\ntoken = "x"\n[outbox]\nbatch = 0\n[agents]\nlang = 2\n')
        lines = [line.split(": ")[:2] for line in refusal(path)]

        assert [
            ["config.toml:2", "shops.a.zone"],
            ["config.toml:3", "shops.a.token"],
            ["config.toml:5", "outbox.batch"],
            ["config.toml:7", "agents.lang"],
        ] == lines

    @pytest.mark.parametrize("rule", ["firewall", "stop_hint", "opt_out", "review_incentive"])
    def test_the_hard_rules_have_no_option(self, tmp_path: Path, rule: str) -> None:
        """What the law asks cannot be switched off: nothing of that name is an option of a shop."""
        (line,) = refusal(write(tmp_path, f"[shops.a]\n{rule} = false"))

        assert line.startswith(f"config.toml:2: shops.a.{rule}: there is no such option")

    def test_a_missing_file_says_what_to_copy(self, tmp_path: Path) -> None:
        """Who has no file yet learns where one comes from."""
        said = "config.toml: there is no such file; copy config.example.toml and edit it"

        assert [said] == refusal(tmp_path / "config.toml")

    def test_a_file_in_another_encoding_is_refused(self, tmp_path: Path) -> None:
        """GBK text is answered with a sentence, not with a traceback."""
        (tmp_path / "config.toml").write_bytes("# 茶馆".encode("gbk"))

        assert ["config.toml: expected UTF-8 text; save the file as UTF-8"] == refusal(tmp_path / "config.toml")

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        """A path that cannot be read says so."""
        assert f"{tmp_path.name}: cannot be read: Is a directory" == refusal(tmp_path)[0]

    @pytest.mark.parametrize(
        ("keys", "line"),
        [
            (("a",), 1),
            (("a", "b c"), 3),
            (("a", "b c", "d"), 4),
            (("a", "b c", "e", "f"), 5),
            (("a", "b c", "zz"), 3),
            (("zz",), None),
        ],
    )
    def test_lines_are_found_by_keys(self, keys: tuple[str, ...], line: int | None) -> None:
        """An option is found under its table; one that is not written, at the nearest table."""
        text = '[a]\n# d = 2\n[a."b c"] # note\nd = 1\ne.f = "x=y"\n'

        assert line == line_of(text, keys)


SPOILT = """
[channels.tg]
type = "telegram"
shop = "tea"
buyers = false
agents_group = 1234
[channels.other]
type = "telegram"
shop = "coffee"
[agents.people.li]
telegram = 7
[agents.people.wang]
telegram = 7
[shops.tea]
platform = "independent"
[shops.tea.shifts.day]
people = ["zhao"]
"""


def test_one_bad_option_hides_no_other_mistake(tmp_path: Path) -> None:
    """What does not go together is said beside it; nothing is made up of the option that could not be read."""
    lines = refusal(write(tmp_path, SPOILT))
    places = [line.split(": ")[1] for line in lines]
    shift = "shops.tea.shifts.day.people"
    assert ["channels.tg.agents_group", "channels.other.shop", "agents.people.wang.telegram", shift] == places


def test_of_what_hangs_on_a_bad_option_nothing_is_said(tmp_path: Path) -> None:
    """A name that cannot be read may be the very one that is meant elsewhere."""
    text = '[agents]\nsupervisors = ["Li"]\n[agents.people.li]\nname = 5'
    (line,) = refusal(write(tmp_path, text))
    assert "agents.people.li.name: " in line


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x", "https://", "https://a b.example", "desk.example"])
def test_a_console_that_is_nowhere(tmp_path: Path, url: str) -> None:
    """Its address begins with http and has no path; anything else is told with its line."""
    path = tmp_path / "config.toml"
    path.write_text(f'[console]\nurl = "{url}"\n', "utf-8")
    with pytest.raises(ConfigError, match=r":2: console.url: expected an address without a path"):
        load(path)
