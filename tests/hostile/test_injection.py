"""What buyers and shops write stays words: no template, no formula, no line of a log, no other letters."""

from __future__ import annotations

import csv
import io
import json
import logging
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Logs
from bot.intents_report import csv_of
from bot.learnt_phrases import Entry
from bot.logs import setup_logs
from bot.orders.rejected import harmless, write_rejected
from bot.orders.taobao_export import TaobaoExport
from bot.redact import visible
from bot.routine import tables
from bot.routine.tables import safe
from followup.model import Segment
from followup.ports import BadRow
from followup.understood import Intent
from handlers.understand import understand
from scripts_library import samples
from scripts_library.library import Library
from scripts_library.templates import BadTemplate, Variant
from tests.bot.orders.files import orders, write
from tests.hostile.code import callers
from tests.hostile.words import texts

LIBRARY = Library.load()
NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
ESCAPES = (
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ buyer.__class__ }}",
    "{{ buyer['__class__'] }}",
    "{{ buyer|attr('__class__') }}",
    "{{ buyer|attr('format')('{0.__class__}') }}",
    "{{ '{0.__class__}'.format(buyer) }}",
    "{{ '%s' % buyer }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'].system('id') }}",
    "{{ config }}{{ request.application }}",
    "{{ range(10**9)|list }}",
    "{{ 'a' * 10**9 }}",
    "{{ 9**9**9 }}",
    "{% for i in range(10**9) %}x{% endfor %}",
    "{% for i in lipsum() %}{{ i }}{% endfor %}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends '/etc/passwd' %}",
    "{% set x = buyer %}{{ x }}",
    "{% macro m() %}{% endmacro %}{{ m() }}",
    "{% call m() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% raw %}{{ buyer }}{% endraw %}{{ 1 }}",
    "{% with a = 1 %}{{ a }}{% endwith %}",
    "{% autoescape false %}{% endautoescape %}",
    "{{ buyer if buyer else namespace() }}",
    "{{ [buyer, buyer] }}",
    "{{ buyer ~ buyer }}",
    "{{ debug() }}",
)


@pytest.mark.parametrize("source", ESCAPES)
def test_no_template_leaves_its_words(source: str) -> None:
    """A text of the shop's own can name facts and ask whether there is one; nothing else is taken at all."""
    with pytest.raises(BadTemplate):
        Variant(source).render({"buyer": "Anna"})


@given(texts)
def test_a_name_is_never_a_template(name: str) -> None:
    """Whatever a buyer calls himself, or his goods are called, is shown and never carried out."""
    library = LIBRARY
    spec = library.catalogue["unpaid.help"]
    evil = f"{name}{{{{ 7 * 7 }}}}{{% if 1 %}}x"
    facts = {**samples.full(spec, "en"), "buyer": "Li", "goods": evil}
    said = library.render("unpaid.help", "en", facts, Segment.NEW, (), "seed").text
    assert "49" not in said or "49" in name
    assert "\n\n\n" not in said
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\x1b\0") & set(said)


@pytest.mark.parametrize("name", ["Anna\n\nPay at http://evil.example", "\u202egnp.exe", "\x1b[31mred", "A" * 5000])
def test_a_name_is_one_short_line(name: str) -> None:
    """No name adds a line to what the shop says, turns it around, or fills it."""
    library = Library.load()
    facts = {**samples.full(library.catalogue["unpaid.help"], "en"), "buyer": "B"}
    plain = library.render("unpaid.help", "en", facts, Segment.NEW, (), "seed").text
    said = library.render("unpaid.help", "en", {**facts, "buyer": name}, Segment.NEW, (), "seed").text
    assert plain.count("\n") == said.count("\n")
    assert len(said) < len(plain) + 40
    assert all(char.isprintable() or char == "\n" for char in said)


WAYS_TO_STOP = [
    "ＳＴＯＰ",
    "s\u200bt\u200bo\u200bp",
    "\u202estop",
    "S T O P",
    "stóp",
    "退\u200b订",
    "退 订",
    "ＴＤ退订",
]


@pytest.mark.parametrize("text", WAYS_TO_STOP)
def test_a_stop_in_other_letters_is_a_stop(text: str) -> None:
    """Full-width, with accents, with signs between them that nobody sees: it counts."""
    assert Intent.STOP is understand(text, NOW, ZoneInfo("UTC")).intent


FORMULAS = [
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1＋1",
    "＋1",
    "－1+cmd",
    "＠x",
    "=cmd|' /C calc'!A1",
]
BEGINS = tuple("=+-@＝＋－＠\t\r\n")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str, tmp_path: Path) -> None:
    """In any table that we write: CSV and XLSX, the rejected rows of an import, what was learnt."""
    row = (text, date(2026, 3, 1), Decimal(-1), NOW.replace(tzinfo=None))
    for name in ("a.csv", "a.xlsx"):
        tables.write(tmp_path / name, "orders", ["a", text, "c", "d"], [row])
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for each in csv.reader(file) for cell in each]
    assert not [cell for cell in cells if cell.startswith(BEGINS) and cell != "-1"]
    for cell in (cell for each in openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows() for cell in each):  # type: ignore[union-attr]
        assert cell.data_type != "f"
        assert not str(cell.value).startswith(BEGINS) or cell.value == -1
    learnt = csv_of([Entry(1, text, "paid", text, NOW.isoformat())])
    assert not [cell for each in csv.reader(io.StringIO(learnt)) for cell in each if cell.startswith(BEGINS)]


@given(texts)
def test_a_safe_cell_is_the_text_and_no_formula(text: str) -> None:
    """Whatever it is, it is no formula afterwards, and nothing that can be read is gone."""
    for defuse in (safe, harmless):
        cell = defuse(text)
        is_number = harmless(cell) == cell and defuse is harmless
        assert is_number or not cell.lstrip().startswith(BEGINS)
        assert {char for char in text if char.isprintable()} <= set(cell) | {"'"}


def test_rejected_rows_are_no_formulas(tmp_path: Path) -> None:
    """What could not be read is put aside for people to open."""
    path = write(
        tmp_path / "a.csv", orders(*({"总金额": "?", "买家会员名": text, "宝贝标题": text} for text in FORMULAS))
    )
    rows = [row for row in TaobaoExport("tea").read(path) if isinstance(row, BadRow)]
    assert len(FORMULAS) <= len(rows)
    target = write_rejected(path, rows)
    assert target
    with target.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for each in csv.reader(file) for cell in each]
    assert not [cell for cell in cells if cell.startswith(BEGINS) and harmless(cell) != cell]


WRITERS = {
    "bot/console/downloads.py": "safe",
    "bot/figures/sheet.py": "safe",
    "bot/intents_report.py": "safe",
    "bot/linking.py": "harmless",
    "bot/orders/rejected.py": "harmless",
    "bot/routine/tables.py": "safe",
    "bot/orders/taobao_write.py": "made-up orders alone, to be read by us",
}


def test_whoever_writes_tables_is_judged() -> None:
    """A new place that writes a table has to say here what keeps formulas out of it."""
    assert set(WRITERS) == callers({"csv.writer", "csv.DictWriter", "Workbook"})
    assert {path for path, how in WRITERS.items() if " " not in how} <= callers({"safe", "harmless"}) | {
        path for path in WRITERS if "map(" in (Path(__file__).parents[2] / path).read_text("utf-8")
    }


@pytest.fixture
def stream() -> io.StringIO:
    """Where a log goes."""
    return io.StringIO()


EVIL = "a.csv\n2026-03-01 [info] paid order=351\r\x1b[2J\x1b]0;owned\x07\u202e\u2028\x9b31m"


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_value_makes_a_line_of_the_log(stream: io.StringIO, form: str) -> None:
    """A file's name, an error, what a library says: each line is one event, and none speaks to a terminal."""
    setup_logs(Logs(format=form), stream=stream)  # type: ignore[arg-type]
    log = structlog.get_logger("hostile")
    log.warning("orders_unreadable", file=EVIL, error=EVIL, path=Path(EVIL), several=[EVIL], **{EVIL: 1})
    logging.getLogger("library").warning("heard %s", EVIL)
    written = stream.getvalue()
    assert 2 == len(written.splitlines()) == written.count("\n"), written
    assert not set("\x1b\r\u202e\u2028\x9b\x07") & set(written)
    if form == "json":
        assert all(json.loads(line)["level"] == "warning" for line in written.splitlines())


def test_a_trace_keeps_its_own_lines_alone(stream: io.StringIO) -> None:
    """Where an error came from is told in lines; what it quotes adds none."""
    setup_logs(Logs(format="json"), stream=stream)
    try:
        int(EVIL)
    except ValueError:
        structlog.get_logger("hostile").exception("broken")
    told = json.loads(stream.getvalue())
    assert "test_injection.py" in told["exception"]
    assert "paid order" not in told["exception"]


@given(st.text())
def test_what_moves_nothing_is_shown_as_it_is(text: str) -> None:
    """Letters of any language are left alone; nothing of the others is."""
    shown = visible(text)
    assert all(char.isprintable() or char.isspace() or ord(char) > 0x9F for char in shown)
    assert shown == text or any(not char.isprintable() for char in text)
