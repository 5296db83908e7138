"""Two cadences over the same orders, side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from bot.cadence import KNOBS, Knob, NotReadable, NotTogether, Unit, Value, as_written, changed
from bot.comparing import Comparison, compare
from bot.comparing import Unit as Of
from bot.config_shop import Shop
from bot.report.compared import Names, render, rows
from bot.shop_month import timeline, write_export
from bot.simulate import Simulation, simulate
from bot.simulate_cli import simulate_command
from bot.simulate_facts import UNDATED
from followup.events import OrderChanged
from followup.model import Order, Status
from followup.policy import Policy, QuietHours, UnpaidPolicy
from tests.bot.simulate_deps import deps
from tests.followup.makers import NOON, an_order, days, hours, minutes

PRESENT = Policy("shop")
NIGHT = NOON + hours(11)  # 23:00 in Shanghai
app = typer.Typer(pretty_exceptions_enable=False)
app.command()(simulate_command)


def _late(**more: object) -> Policy:
    return replace(PRESENT, unpaid=replace(PRESENT.unpaid, **more))  # type: ignore[arg-type]


def _order(id_: str = "1001", **more: object) -> Order:
    return replace(an_order(NOON), id=id_, observed_at=UNDATED, **more)  # type: ignore[arg-type]


def _told(orders: list[Order], policy: Policy) -> Simulation:
    return simulate([OrderChanged(order) for order in orders], deps(policy))


def _compared(orders: list[Order], after: Policy, lang: str = "en") -> Comparison:
    return compare(_told(orders, PRESENT), _told(orders, after), lang)


def _figures(found: Comparison) -> dict[str, tuple[float | None, float | None]]:
    return {each.id: (each.before, each.after) for each in found.measures()}


def test_the_same_cadence_differs_in_nothing() -> None:
    """Every difference is nought, and no order is told."""
    found = _compared([_order()], PRESENT)
    assert {0.0, None} >= {each.difference for each in found.measures()}
    assert (0, ()) == (found.differing, found.orders)
    assert all(each.before == each.after for name in ("steps", "held", "days", "hours") for each in found.table(name))


def test_what_is_said_less_is_counted() -> None:
    """Who pays within the hour is not written to where help comes after two; who never pays is, as before."""
    paid = _order("1", buyer="a", status=Status.PAID, paid_at=NOON + minutes(60))
    found = _compared([paid, _order("2", buyer="b")], _late(help_after=hours(2)))
    figures = _figures(found)
    assert (3, 2) == figures["messages"]
    assert (2, 1) == figures["buyers"]
    assert (2, 2) == figures["most"]
    assert (2, 1) == figures["reached"]
    assert (1.0, 0.5) == figures["reached_share"]
    assert (0.0, 0.5) == figures["settled_quietly"]
    assert {"unpaid.help": (2, 1), "unpaid.last_call": (1, 1)} == {
        each.id: (each.before, each.after) for each in found.table("steps")
    }


def test_quiet_hours_are_measured_by_what_they_put_off() -> None:
    """An order of the night waits for the morning: the later that is, the longer."""
    order = replace(_order(), created_at=NIGHT)
    later = replace(PRESENT, quiet=QuietHours(time(11), time(20, 30)))
    found = _figures(_compared([order], later))
    assert (1, 1) == found["put_off"]
    assert (hours(9.75).total_seconds(), hours(11.75).total_seconds()) == found["quiet_delay"]


def test_both_stories_of_an_order_are_told() -> None:
    """An order that is told otherwise stands there with its facts and what was said on each side, in order of time."""
    found = _compared(
        [_order("1", buyer="anna"), _order("2", status=Status.PAID, paid_at=NOON)], _late(help_after=hours(3))
    )
    (order,) = found.orders
    assert (1, "1", "anna", (2, 2)) == (found.differing, order.order_id, order.buyer, order.messages)
    assert ["fact", "sent", "sent", "alert"] == [line.side for line in order.before]
    sent = [[line.at - NOON for line in story if line.side == "sent"] for story in (order.before, order.after)]
    assert [[minutes(15), days(1) + minutes(15)], [hours(3), days(1) + hours(3)]] == sent


def test_those_who_hear_more_or_less_stand_first() -> None:
    """Only so many stories are told, of the orders that differ most; all are counted."""
    orders = [_order(str(n), buyer=f"b{n}") for n in range(5)]
    orders.append(_order("9", buyer="paid", status=Status.PAID, paid_at=NOON + minutes(60)))
    found = compare(_told(orders, PRESENT), _told(orders, _late(help_after=hours(2))), "en", most=2)
    assert (6, ["9", "0"]) == (found.differing, [order.order_id for order in found.orders])


def test_a_task_alone_makes_a_difference() -> None:
    """What people are given to do at another time is a difference too."""
    found = _compared([_order()], _late(auto_close_after=days(4)))
    assert 1 == found.differing


def test_a_month_adds_up() -> None:
    """The messages by step, by day and by hour are all messages; what was held back is all the rest."""
    events = list(timeline(200, 7, shop="shop"))
    found = compare(simulate(events, deps()), simulate(events, deps(_late(help_after=hours(6)))), "zh-CN")
    for side in (found.before, found.after):
        assert {side.messages} == {sum(table.values()) for table in (side.steps, side.days, side.hours)}
    held = next(each for each in found.measures() if each.id == "held")
    assert held.difference == sum(each.difference or 0 for each in found.table("held"))
    assert found.differing > len([order for order in found.orders if order.messages[0] != order.messages[1]]) > 0


def test_figures_are_written_with_their_sign() -> None:
    """Counts plainly, shares in points, lengths of time in their unit; nothing to count is a dash."""
    paid = _order("1", status=Status.PAID, paid_at=NOON + minutes(60))
    found = _compared([paid], _late(help_after=hours(2)))
    told = {row[0]: row[1:] for row in rows(list(found.measures()), Names("en"))}
    assert ["1", "0", "−1"] == told["messages said"]
    assert ["0.0%", "100.0%", "+100.0 points"] == told["share settled without a message"]
    assert ["–", "–", "–"] == told["put off by (median)"]
    assert "2.5 h" == Names("en").value(9000, Of.SECONDS)


def test_the_report_escapes_what_comes_from_outside() -> None:
    """Goods and names of buyers are text, and the page fetches nothing."""
    order = _order("1", buyer="<script>alert(1)</script>", status=Status.PAID, paid_at=NOON + minutes(60))
    page = render(_compared([order], _late(help_after=hours(2))), "shop", [("<b>", "1", "2")], ["<i>"], "zh-CN")
    assert "<script" not in page
    assert "&lt;b&gt;" in page
    assert "&lt;i&gt;" in page
    assert "src=" not in page


@given(st.sampled_from(KNOBS), st.data())
def test_every_stop_of_a_slider_can_be_written_and_read(knob: Knob, data: st.DataObject) -> None:
    """What a slider stops at is read from its own text as the same value."""
    stops = knob.stops(knob.of(Shop()))
    value = data.draw(st.sampled_from(stops))
    assert stops == sorted(set(stops))
    assert value == knob.read(str(as_written(value)))


def test_the_present_value_is_a_stop() -> None:
    """One that was typed stands among the others, wherever it lies."""
    knob = _knob("unpaid_order_help_after")
    assert minutes(17) in knob.stops(minutes(17))
    assert days(9) in knob.stops(days(9))


@pytest.mark.parametrize("text", ["", "soon", "15", "-5m", "400d", "1h 99x"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    """A number without its unit too."""
    with pytest.raises(NotReadable) as caught:
        _knob("unpaid_order_help_after").read(text)
    assert Unit.DURATION is caught.value.unit


@pytest.mark.parametrize(
    ("values", "option"),
    [
        ({"quiet_hours_opens": time(21)}, "quiet_hours"),
        ({"unpaid_order_help_after": days(4)}, "unpaid_order"),
        ({"pending_refund_daily_most": -1}, "pending_refund"),
    ],
)
def test_what_does_not_go_together_is_refused(values: Mapping[str, Value], option: str) -> None:
    """As the configuration refuses it, with the table in which."""
    with pytest.raises(NotTogether) as caught:
        changed(Shop(), {_knob(name): value for name, value in values.items()})
    assert option == caught.value.option


def test_a_changed_shop_keeps_all_else() -> None:
    """Only what was changed is other, and it is what the program would go by."""
    shop = Shop(zone="Europe/Madrid", lang="es", platform="independent", channel="chat")
    other = changed(shop, {_knob("unpaid_order_help_after"): minutes(25), _knob("nudge_every"): days(2)})
    expected = replace(shop.policy("s"), nudge_every=days(2), unpaid=UnpaidPolicy(help_after=minutes(25)))
    assert expected == other.policy("s")
    assert shop.model_copy(update={"nudge_every": days(2), "unpaid_order": other.unpaid_order}) == other


def _knob(name: str) -> Knob:
    return next(knob for knob in KNOBS if knob.id == name)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a month of orders and a second configuration."""
    monkeypatch.chdir(tmp_path)
    write_export(tmp_path / "month.csv", 60, 7)
    (tmp_path / "other.toml").write_text('[shops.shop.unpaid_order]\nhelp_after = "3h"\n', "utf-8")
    return tmp_path


def _run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def test_compare_on_the_command_line(folder: Path) -> None:
    """Both sides and their difference, which are those of each configuration by itself."""
    told = json.loads(_run("month.csv", "--compare", "other.toml", "--json").stdout)
    alone = json.loads(_run("month.csv", "-c", "other.toml", "--json").stdout)
    assert {"unpaid_order.help_after": {"before": "15m", "after": "3h"}} == told["changed"]
    messages = told["figures"]["messages"]
    assert alone["messages"] == messages["after"] < messages["before"]
    assert messages["after"] - messages["before"] == messages["difference"]


def test_compare_writes_its_files(folder: Path) -> None:
    """The report is of both, and each line of the ledger says of which side it is."""
    result = _run("month.csv", "--compare", "other.toml", "--report", "r.html", "--ledger", "l.jsonl", "--lang", "en")
    assert 0 == result.exit_code, result.output
    assert "unpaid_order.help_after" in result.output
    assert "Two cadences compared" in (folder / "r.html").read_text("utf-8")
    lines = [json.loads(line) for line in (folder / "l.jsonl").read_text("utf-8").splitlines()]
    assert {"before", "after"} == {line["side"] for line in lines}


def test_compare_with_another_shop_is_a_mistake(folder: Path) -> None:
    """One sentence and exit code 2."""
    (folder / "other.toml").write_text("[shops.teahouse]\n", "utf-8")
    result = _run("month.csv", "--compare", "other.toml")
    assert 2 == result.exit_code
    assert "there is no shop shop in it; it has teahouse" in result.output
