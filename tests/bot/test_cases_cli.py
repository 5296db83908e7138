"""`huifang case`: a case from its opening to its register, typed by agents."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app

CONFIG = '[agents]\nlang = "{lang}"\n[shops.tea]\nplatform = "independent"\nlang = "en"\n'
CONFIG += '[shops.tea.quiet_hours]\nopens = "00:00"\ncloses = "23:59:59"\n[database]\nurl = "sqlite:///{path}"\n'
PAID = {"type": "order", "status": "finished", "buyer": "anna", "total": "89", "buyer_name": "Anna", "goods": "teapot"}
PAID |= {"created_at": "2026-03-01T10:00:00+08:00", "paid_at": "2026-03-01T10:05:00+08:00"}
UNPAID = {key: value for key, value in PAID.items() if key != "paid_at"} | {"id": "9002", "status": "unpaid"}

Case = Callable[..., Result]


@pytest.fixture(params=["en"])
def case(tmp_path: Path, request: pytest.FixtureRequest) -> Case:
    """A shop with a paid order and an unpaid one; type what comes after `huifang case`."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(path=tmp_path / "huifang.db", lang=request.param), "utf-8")
    orders = tmp_path / "orders.jsonl"
    orders.write_text("\n".join(map(json.dumps, [{**PAID, "id": "9001"}, UNPAID])), "utf-8")
    assert 0 == CliRunner().invoke(app, ["import", str(orders), "-c", str(path)]).exit_code

    def typed(*words: str, command: str = "case") -> Result:
        done = CliRunner().invoke(app, [command, *words, "-c", str(path)])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return typed


def test_a_case_from_opening_to_register(case: Case) -> None:
    """Opened, shown, decided, found out, registered; each command says where the case stands then."""
    steps = [
        (("open", "9001", "wrong_goods", "--by", "Mei"), "order 9001: wrong goods, 2/6 verify"),
        (("shown", "9001", "photos", "--by", "Mei"), "2/6 verify"),
        (("shown", "9001", "weight", "--note", "320 g"), "3/6 soothe, a person decides"),
        (("remedy", "9001", "refund", "--by", "Mei"), "5/6 follow through"),
        (("cause", "9001", "warehouse"), "5/6 follow through"),
        (("register", "9001", "--by", "Mei", "--note", "two labels swapped"), "settled"),
    ]
    for words, expected in steps:
        done = case(*words)
        assert (0, True) == (done.exit_code, expected in done.stdout), done.output
    memo = done.stdout.splitlines()[1]
    assert memo.startswith("green flag · wrong goods · ")
    assert "two labels swapped · Mei 20" in memo


def test_show_and_list(case: Case) -> None:
    """Where it stands, what is missing, what may be done."""
    case("open", "9001", "missing_item")
    shown, listed = case("show", "9001").stdout, case("list").stdout
    assert "order 9001: item missing, 2/6 verify" in shown
    assert "still missing: was the parcel intact, packing slip, weight, photos" in shown
    assert "the shop pays freight" in shown
    assert "9001" in listed
    assert "item missing" in listed
    assert "2/6 verify" in case(command="threads").stdout


@pytest.mark.parametrize("case", ["zh-CN"], indirect=True)
def test_in_chinese(case: Case) -> None:
    """The same for agents who read Chinese."""
    assert "订单 9001：少件，2/6 核实" in case("open", "9001", "missing_item").stdout
    assert "还缺：外包装是否完好、装箱单、称重、照片" in case("show", "9001").stdout
    assert "没有售后。" in case("list", "--limit", "1").stdout or "少件" in case("list").stdout


def test_the_buyer_is_told(case: Case) -> None:
    """The words wait to be pasted, and `why` names every step."""
    case("open", "9001", "damaged_signed", "--by", "Mei")
    case(command="catchup")
    assert "paste · order 9001" in case(command="tasks").stdout
    told = case("9001", command="why").stdout
    assert "Damage: photos asked" in told
    assert "Mei: case: damaged, signed for" in told


def test_a_parcel_that_came_back_opens_a_case(case: Case) -> None:
    """Nobody complained, but it is here."""
    assert "parcel came back uninvited" in case("uninvited", "9001", "--note", "no answer on the phone").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("open", "1", "quality"), "there is no order 1"),
        (("open", "9002", "quality"), "order 9002 was never paid"),
        (("open", "9001", "lost"), "branch: expected one of not_shipped, "),
        (("show", "9001"), "order 9001 has no case"),
        (("remedy", "9001", "refund"), "order 9001 has no open case"),
        (("remedy", "9001", "money"), "remedy: expected one of coupon, "),
        (("cause", "9001", "fate"), "cause: expected one of product, "),
        (("shown", "9001", "fotos"), "WHAT: expected wish, "),
        (("recalled", "9001", "--remedy", "coupon"), "--remedy: expected one of refund, reissue"),
    ],
)
def test_mistakes_are_one_sentence(case: Case, words: tuple[str, ...], sentence: str) -> None:
    """Exit code 2, a sentence on standard error, no traceback."""
    done = case(*words)
    assert (2, True) == (done.exit_code, sentence in done.output), done.output


def test_a_register_names_the_tasks_that_are_left(case: Case) -> None:
    """It is not refused, but who types it sees what nobody did yet; where nothing is left there is no such line."""
    case("open", "9001", "uninvited")
    case("recalled", "9001", "--remedy", "refund")
    case("cause", "9001", "courier")
    done = case("register", "9001")
    assert 0 == done.exit_code
    assert "these tasks are still open: refund what came back (" in done.stdout
    case("open", "9001", "surplus_goods")
    assert "still open" not in case("register", "9001").stdout.replace("refund what came back", "")


def test_a_weight_keeps_its_figure(case: Case) -> None:
    """Without a name only the photos are meant; the weight is named, and its figure stays."""
    case("open", "9001", "wrong_goods")
    assert "still missing: weight" in _after(case, "shown", "9001")
    refused = case("shown", "9001")
    assert (2, True) == (refused.exit_code, "name what was shown; missing is weight" in refused.output)
    assert "320g" in _after(case, "shown", "9001", "weight", "--note", "320g")


def _after(case: Case, *words: str) -> str:
    done = case(*words)
    assert 0 == done.exit_code, done.output
    return case("show", "9001").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("recalled", "9001"), "nothing was recalled in this case (wrong_goods), and exchange is decided"),
        (("reissued", "9001", "坏号!!"), "is no tracking number"),
        (("remedy", "9001", "reissue", "--number", "坏号!!"), "is no tracking number"),
    ],
)
def test_moves_that_contradict_an_exchange(case: Case, words: tuple[str, ...], sentence: str) -> None:
    """The buyer was told how to exchange it, and hears nothing that contradicts it."""
    case("open", "9001", "wrong_goods")
    case("remedy", "9001", "exchange")
    before = case("show", "9001").stdout
    done = case(*words)
    assert (2, True) == (done.exit_code, sentence in done.output), done.output
    assert before == case("show", "9001").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("register", "9001"), "say first why it came to this"),
        (("remedy", "9001", "coupon"), "the remedy is one of refund, "),
        (("remedy", "9001", "partial_refund"), "huifang offer"),
        (("shown", "9001", "parcel"), "say what the buyer answered: shown parcel intact or opened"),
        (("reissued", "9001", " "), "is no tracking number"),
        (("arrived", "9001"), "arrived does not fit this case"),
        (("shown", "9001", "wish"), "wish is not what is missing; missing is parcel"),
    ],
)
def test_moves_that_do_not_fit(case: Case, words: tuple[str, ...], sentence: str) -> None:
    """The case stays as it was."""
    case("open", "9001", "missing_item")
    before = case("show", "9001").stdout
    done = case(*words)
    assert (2, True) == (done.exit_code, sentence in done.output), done.output
    assert before == case("show", "9001").stdout
