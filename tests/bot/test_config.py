"""The configuration: defaults, the example, and what a shop may set."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest

from bot.config import Config, Shop, load
from bot.config_alerts import AlertService
from bot.config_channels import TelegramOptions, WebchatOptions, WechatyOptions, WecomOptions
from bot.config_people import PersonOptions
from bot.config_secrets import looks_secret
from bot.config_shop import ONLY_MANUAL, Options, Platform
from followup.desk.hours import Hours, Shift
from followup.desk.people import Person, Rank, Roster
from followup.policy import Policy, ReviewMode
from tests.bot.config_files import refusal, write

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
NAMES = ("teahouse", "mei", "day", "phone")
"""What the example calls tables that everybody names as he likes."""
ACCOUNTS = {"telegram": TelegramOptions, "wechaty": WechatyOptions, "wecom": WecomOptions, "webchat": WebchatOptions}


def options(model: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every option of a model by its place, with its default; tables of one's own naming (shops, people, shifts,
    alerts) by `<id>`, channels by their type."""
    for name, field in model.model_fields.items():
        if name == "accounts":
            for type_, account in ACCOUNTS.items():
                yield from ((("channels", type_, *keys), default) for keys, default in options(account))
        elif table := named_tables(field):
            yield from (((name, "<id>", *keys), default) for keys, default in options(table))
        elif isinstance(field.default, Options):
            yield from (((name, *keys), default) for keys, default in options(type(field.default)))
        elif not field.exclude:
            yield (name,), field.default


def named_tables(field: Any) -> Any:
    """The model of an option that is a dict of tables; None for any other."""
    if get_origin(field.annotation) is not dict:
        return None
    (_, table) = get_args(field.annotation)
    return table if isinstance(table, type) and issubclass(table, Options) else None


def leaves(table: dict[str, Any], keys: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every place of a table that holds a value."""
    for key, value in table.items():
        yield from leaves(value, (*keys, key)) if isinstance(value, dict) else [(*keys, key)]


class TestDefaults:
    def test_nothing_is_one_taobao_shop(self) -> None:
        """Without a file there is one shop, "shop", with the domain's own figures, answered by a person."""
        config = load(None)

        assert ({"shop": Policy(shop="shop")}, {"shop": "manual"}) == (config.policies(), config.channels())

    def test_every_figure_of_the_policy_is_an_option(self) -> None:
        """No figure is added to the policy without an option of the same default."""
        tables = {"quiet": "quiet_hours", "unpaid": "unpaid_order", "refund": "pending_refund"}
        tables |= {"review": "review_revision", "address": "address_check", "visit": "vip_visit"}
        tables |= {"promise": "promises"}
        tables |= {name: name for name in ("late_shipment", "stuck_parcel", "after_sales", "compensation", "inquiry")}
        tables |= {name: name for name in ("clocks", "alerts", "hours")}
        policy, found = Policy(shop=""), dict(options(Shop))
        found["quiet_hours", "holidays"] = found["hours", "holidays"] = frozenset()
        shift = {keys[2]: default for keys, default in found.items() if keys[0] == "shifts"}
        found["hours", "shifts"] = (Shift("day", **shift),)

        for figure in fields(policy):
            value = getattr(policy, figure.name)
            if figure.name in tables:
                for inner in fields(value):
                    assert getattr(value, inner.name) == found[tables[figure.name], inner.name]
            elif figure.name not in ("shop", "gaps"):
                assert value == found[(figure.name,)]

    def test_an_empty_file_is_no_file(self, tmp_path: Path) -> None:
        """A file that says nothing changes nothing."""
        assert load(None) == load(write(tmp_path, ""))

    def test_a_byte_order_mark_does_no_harm(self, tmp_path: Path) -> None:
        """A file saved by a Windows editor is read."""
        path = tmp_path / "config.toml"
        path.write_bytes(b"\xef\xbb\xbf[outbox]\r\nwindow = 4\r\n")

        assert 4 == load(path).outbox.window


class TestExample:
    def test_it_changes_nothing(self) -> None:
        """Loading the example is loading nothing, with the example's shop in place of "shop"."""
        example = load(EXAMPLE)

        assert load(None).model_copy(update={"shops": {"teahouse": Shop()}}) == example

    def test_it_holds_every_option_and_no_other(self) -> None:
        """What can be set is in the example, once."""
        table = tomllib.loads(_whole_example())
        del table["shops"]["abroad"]
        found = [tuple("<id>" if key in NAMES else key for key in keys) for keys in leaves(table)]

        assert sorted(keys for keys, _ in options(Config)) == sorted(found)

    def test_its_channels_are_right(self, tmp_path: Path) -> None:
        """The tables of channels are commented out; they hold the defaults, and load together as they stand."""
        config = load(write(tmp_path, _whole_example()))
        given = {"type", "shop", "corp_id", "open_kfid"}
        least = {name: type(account)(**account.model_dump(include=given)) for name, account in config.accounts.items()}

        assert (list(ACCOUNTS), least) == (list(config.accounts), config.accounts)
        assert {"teahouse": "manual", "abroad": "telegram"} == config.channels()

    def test_its_people_and_alerts_are_right(self, tmp_path: Path) -> None:
        """These tables are commented out too, and hold the defaults."""
        config = load(write(tmp_path, _whole_example()))

        assert {"mei": PersonOptions()} == config.agents.people
        assert {"phone": AlertService(type="apprise")} == config.alerts

    def test_every_option_has_one_comment(self) -> None:
        """Each line that sets something says what it is for."""
        setting = [line for line in _whole_example().splitlines() if "=" in line.partition("#")[0]]

        assert [] == [line for line in setting if not line.partition("  # ")[2]]

    def test_no_option_is_called_like_a_secret(self) -> None:
        """The refusal of secrets cannot hit an option."""
        assert [] == [keys for keys, _ in options(Config) if any(map(looks_secret, keys))]


class TestShop:
    def test_every_figure_reaches_the_policy(self, tmp_path: Path) -> None:
        """What is written for a shop is what the domain decides by."""
        path = write(
            tmp_path,
            """
            [shops.a]
            platform = "independent"
            channel = "terminal"
            zone = "Europe/Madrid"
            lang = "es"
            nudge_every = "2d"
            quiet_hours = { opens = "10:00", closes = 19:30:00 }
            unpaid_order.help_after = "1h"
            pending_refund.daily_most = 3
            review_revision = { mode = "never", follow_neutral = true }
            """,
        )
        config = load(path)
        policy = config.policies()["a"]

        assert {"a": "terminal"} == config.channels()
        assert ("Europe/Madrid", "es", timedelta(days=2)) == (policy.zone.key, policy.lang, policy.nudge_every)
        assert (time(10), time(19, 30)) == (policy.quiet.opens, policy.quiet.closes)
        assert (timedelta(hours=1), 3) == (policy.unpaid.help_after, policy.refund.daily_most)
        assert (ReviewMode.NEVER, True) == (policy.review.mode, policy.review.follow_neutral)

    def test_public_holidays_are_dates(self, tmp_path: Path) -> None:
        """A country's name becomes its holidays, for old exports as for the coming years."""
        quiet = load(write(tmp_path, '[shops.a.quiet_hours]\nholidays = "CN"')).policies()["a"].quiet

        assert {date(2014, 10, 1), date(2030, 10, 1)} <= quiet.holidays
        assert date(2026, 3, 11) not in quiet.holidays

    @pytest.mark.parametrize("platform", sorted(ONLY_MANUAL))
    def test_marketplace_buyers_stay_on_the_platform(self, tmp_path: Path, platform: str) -> None:
        """No channel but manual is accepted for these platforms, and the sentence says why."""
        why = f"{platform} forbids taking its buyers to another chat"
        must = 'so the channel of this shop must be "manual", not "telegram"'
        path = write(tmp_path, f'[shops.a]\nplatform = "{platform}"\nchannel = "telegram"')

        assert [f"config.toml:3: shops.a.channel: {why}, {must}"] == refusal(path)

    @pytest.mark.parametrize("platform", sorted(set(get_args(Platform)) - ONLY_MANUAL))
    def test_other_platforms_choose(self, tmp_path: Path, platform: str) -> None:
        """The rule is for those platforms alone."""
        path = write(tmp_path, f'[shops.a]\nplatform = "{platform}"\nchannel = "telegram"')

        assert {"a": "telegram"} == load(path).channels()


PEOPLE = """
[agents.people.li]
name = "小李"
telegram = 4711
[agents.people.wang]
name = "王姐"
rank = "supervisor"
shops = ["a"]
[agents.people.chen]
rank = "owner"
"""


class TestPeople:
    def test_they_reach_the_domain(self, tmp_path: Path) -> None:
        """Each by the id of his table; without a name the id is his name."""
        roster = load(write(tmp_path, PEOPLE + "[shops.a]")).agents.roster()
        li, wang = Person("li", "小李", telegram="4711"), Person("wang", "王姐", Rank.SUPERVISOR, shops=frozenset("a"))

        assert Roster({"li": li, "wang": wang, "chen": Person("chen", "chen", Rank.OWNER)}) == roster

    def test_shifts_reach_the_domain(self, tmp_path: Path) -> None:
        """Days by their short names, over the week's end too; one that opens when it closes lasts a day."""
        text = """
            [shops.a.shifts.early]
            days = "mon-fri"
            closes = "13:00"
            people = ["li", "wang"]
            [shops.a.shifts.night]
            days = "sat-mon, wed"
            opens = "08:00"
            closes = "08:00"
            [shops.a.hours]
            on_call = ["chen"]
            """
        hours = load(write(tmp_path, PEOPLE + text)).policies()["a"].hours
        early = Shift("early", frozenset(range(5)), time(9), time(13), frozenset({"li", "wang"}))
        night = Shift("night", frozenset({5, 6, 0, 2}), time(8), time(8))

        assert Hours((early, night), on_call=frozenset({"chen"})) == hours

    def test_a_group_of_ones_own_people_may_serve_a_marketplace(self, tmp_path: Path) -> None:
        """For one shop of several, or for all of them."""
        shops = "[shops.a]\n[shops.b]\n"
        group = '[channels.desk]\ntype = "telegram"\nagents_group = -100123\nbuyers = false\n'
        of_a = group.replace("desk]", "one]") + 'shop = "a"\n'

        assert ["", "a"] == [load(write(tmp_path, shops + group + of_a)).shop_of(name) for name in ("desk", "one")]


def test_digests_may_be_switched_off(tmp_path: Path) -> None:
    """By no day at all; a shift needs one."""
    assert frozenset() == load(write(tmp_path, '[reports]\ndigest_on = ""')).reports.digest_on
    assert frozenset({0, 3}) == load(write(tmp_path, '[reports]\ndigest_on = "mon,thu"')).reports.digest_on
    (line,) = refusal(write(tmp_path, '[shops.a.shifts.day]\ndays = ""'))
    assert line.startswith("config.toml:2: shops.a.shifts.day.days: expected days of the week")


def test_reading_it_loads_nothing_heavy() -> None:
    """A command starts quickly: the configuration needs no database, no logs, no table of holidays."""
    heavy = {"holidays", "sqlalchemy", "structlog", "jinja2", "tinydb", "rich"}
    code = f"import sys, bot.config; bot.config.load(); print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()


def _whole_example() -> str:
    """With the tables that are commented out: a `#` without a space before an option or a table."""
    return re.sub(r"^#(?=[a-z\[])", "", EXAMPLE.read_text("utf-8"), flags=re.M)
