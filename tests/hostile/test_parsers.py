"""Every parser answers with rows or events, or with its own error: never with another one, and never not at all."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.code import callers, sources
from tests.hostile.parsers import ELSEWHERE, TABLE, Parser, modules

HANGS = 30
"""Seconds, for what takes milliseconds."""


class Hangs(BaseException):
    """A parser that does not come to its end; no `except Exception` takes it for its own."""


@contextmanager
def in_time(what: str) -> Iterator[None]:
    """Whatever is done in here comes to an end."""

    def over(*_: object) -> None:
        raise Hangs(what)

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(HANGS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def tried(parser: Parser, what: Any) -> None:
    """Read it; its own errors are answers."""
    with in_time(parser.name):
        try:
            parser.read(what)
        except parser.raises:
            return


@pytest.mark.parametrize("parser", TABLE, ids=lambda parser: parser.name)
def test_a_parser_says_only_what_it_may(parser: Parser) -> None:
    """Whatever it is given."""

    often = max(1, settings().max_examples // parser.dear)

    @settings(max_examples=often, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def whatever(data: st.DataObject) -> None:
        tried(parser, data.draw(parser.given))

    whatever()


@pytest.mark.parametrize("parser", [each for each in TABLE if each.always], ids=lambda parser: parser.name)
def test_a_parser_takes_no_harm_from_what_has_no_end(parser: Parser) -> None:
    """Texts of a hundred thousand characters, brackets as deep: read, or refused, in time."""
    for what in parser.always:
        why = ""
        try:
            tried(parser, what)
        except Exception as error:  # noqa: BLE001 - told shortly: all of it would be megabytes
            why = f"{type(error).__name__}: {str(error)[:200]}"
        assert not why, f"{parser.name} of {what[:20]!r}"


DECODES = (
    *("json.loads", "orjson.loads", "loads", "tomlkit.parse", "pickle.load", "expat.ParserCreate", "csv.reader"),
    *("base64.b64decode", "model_validate_json", "validate_json", "de_json", "ZipFile", "struct.unpack", "parse_qs"),
    *("CalamineWorkbook.from_path", "filetype.guess", "parse_qsl", "datetime.fromisoformat", "date.fromisoformat"),
    *("ip_address", "urlsplit", "datetime.strptime"),
)
OWN = {
    "bot/alerts/robot.py": "answers of services that the owner named: tests/bot/alerts",
    "bot/backup/keeping.py": "names that the program gave: tests/bot/backup",
    "bot/backup/making.py": "what was packed a moment before: tests/bot/backup",
    "bot/channels/webchat/channel.py": "an address of config.toml",
    "bot/commands/status.py": "the program's own answer: tests/bot/watching",
    "bot/forgetting.py": "files that were imported before: tests/bot/test_forgetting.py",
    "bot/console/calendar_lines.py": "a time that a page's own field names: tests/browser/test_calendar.py",
    "bot/console/compared.py": "the outcome of the program's own process",
    "bot/console/sockets.py": "tests/bot/console/test_sockets.py",
    "bot/console/simulating.py": "tests/bot/console/test_simulate.py",
    "bot/demo/places.py": "a file of the program",
    "bot/desk.py": "a file of the program",
    "bot/evidence/telling.py": "a file of the program",
    "bot/settings_meaning.py": "a file of the program",
    "bot/why.py": "what was written into the ledger",
    "scheduler/retention.py": "a time that it noted itself",
    "handlers/desk/erasing.py": "raw events that were taken before: tests/store/test_erasing.py",
}
"""Modules that decode what the program, its owner or its files have written, or where else they are tried."""
OWN_FOLDERS = (
    *("store/", "bench/", "followup/", "handlers/understand/", "handlers/reviews/", "scripts_library/", "bot/report/"),
    *("bot/figures/", "bot/routine/", "bot/console/labels/", "bot/demo/"),
)
"""What these decode stands in files of the program, in its database or in its own arithmetic; texts of strangers that
pass through them are in the table."""


def test_whatever_decodes_is_tried() -> None:
    """A module that decodes something stands in the table, or says why not: a new one has to be judged."""
    known = {*modules(), *ELSEWHERE, *OWN}
    strange = {path for path in callers(DECODES) - known if not path.startswith(OWN_FOLDERS)}
    assert set() == strange, "add them to tests/hostile/parsers.py"


def test_the_table_names_what_there_is() -> None:
    """No module of it has gone, and every name is there once."""
    assert set() == {*modules(), *ELSEWHERE, *OWN} - sources().keys()
    assert len(TABLE) == len({parser.name for parser in TABLE})
