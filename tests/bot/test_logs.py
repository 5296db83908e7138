"""The logs: what they show, and what they never do."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.config import Logs
from bot.logs import about, setup_logs
from bot.redact import HIDDEN

ORDER = "2150938471625380917"
SECRETS = ("p@ss/word", "12345:abcdef")


@pytest.fixture(params=["json", "console"])
def out(request: pytest.FixtureRequest) -> io.StringIO:
    """What the logs say, in each format."""
    stream = io.StringIO()
    setup_logs(Logs(format=request.param), SECRETS, stream)
    return stream


@pytest.fixture
def lines() -> Callable[[], list[dict[str, Any]]]:
    """The logged lines as JSON."""
    stream = io.StringIO()
    setup_logs(Logs(format="json"), SECRETS, stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


@dataclass
class Letter:
    """Something with a buyer's words in it."""

    words: str = "请尽快退款"

    def __str__(self) -> str:
        return self.words


class Colour(StrEnum):
    """Something plain."""

    RED = "red"


class TestLines:
    def test_a_line_has_time_level_logger_and_thread(self, lines: Callable[[], list[dict[str, Any]]]) -> None:
        """Each line says when, how bad, from where and about which thread; the thread ends with its block."""
        log = structlog.get_logger("scheduler.outbox")
        with about(thread=f"tea/{ORDER}/unpaid_order"):
            log.info("sent", count=3)
        log.warning("idle")
        first, second = lines()

        assert f"tea/{ORDER}/unpaid_order" == first["thread"]
        assert ("sent", "info", "scheduler.outbox", 3) == tuple(first[k] for k in ("event", "level", "logger", "count"))
        assert datetime.fromisoformat(first["timestamp"]).tzinfo == UTC
        assert "thread" not in second

    def test_less_than_the_level_is_not_written(self, out: io.StringIO) -> None:
        """At "info" nothing of "debug" is written, neither ours nor a library's."""
        structlog.get_logger("a").debug("fine")
        logging.getLogger("apscheduler").debug("fine")

        assert "" == out.getvalue()

    def test_plain_values_stay_as_they_are(self, lines: Callable[[], list[dict[str, Any]]]) -> None:
        """Ids, counts, times and names of things are for reading."""
        at = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
        key = f"tea/{ORDER}/refund.daily"
        structlog.get_logger("a").info(
            "x",
            order=ORDER,
            n=3,
            part=0.5,
            yes=True,
            none=None,
            at=at,
            path=Path("var/orders"),
            colour=Colour.RED,
            key=key,
        )
        (line,) = lines()
        names = ("order", "n", "part", "yes", "none", "at", "path", "colour", "key")

        assert (ORDER, 3, 0.5, True, None, str(at), "var/orders", "red", key) == tuple(line[k] for k in names)

    def test_libraries_write_into_the_same_log(self, lines: Callable[[], list[dict[str, Any]]]) -> None:
        """A library's line has the same form and is cleaned the same way."""
        logging.getLogger("apscheduler").warning("missed %s of %s", "wake", "13812345678", extra={"text": "退款"})
        (line,) = lines()

        assert ("missed wake of [phone]", "warning", "apscheduler") == (line["event"], line["level"], line["logger"])
        assert "text" not in line

    def test_auto_is_json_where_no_terminal_reads(self) -> None:
        """Without a terminal, a machine is the reader."""
        stream = io.StringIO()
        setup_logs(Logs(), stream=stream)
        structlog.get_logger("a").info("x")

        assert "x" == json.loads(stream.getvalue())["event"]


class TestLeaks:
    @pytest.mark.parametrize(
        "person",
        [
            "13812345678",
            "138 1234 5678",
            "138-1234-5678",
            "+8613812345678",
            "+86 138 1234 5678",
            "8613812345678",
            "008613812345678",
            "１３８１２３４５６７８",
            "+34 612 34 56 78",
            "+1 (415) 555-2671",
            "(415) 555-2671",
            "415-555-2671",
            "010-12345678",
            "0571-8888999",
            "li.lei+tea@example.com",
            "li@例子.中国",
            "11010519491231002X",
        ],
    )
    @pytest.mark.parametrize("around", ["{}", "电话{}谢谢", "call {}, please", "({})", "x={};"])
    def test_persons_are_cut_out_of_any_text(self, out: io.StringIO, person: str, around: str) -> None:
        """Telephone numbers, e-mail addresses and identity cards appear nowhere, whatever stands around them."""
        text = around.format(person)
        log = structlog.get_logger("a")
        log.info(text, note=text, many=[text, {"k": text}], keyed={text: 1}, error=ValueError(text))
        logging.getLogger("b").warning("from %s", text)

        assert not leaks(out, person)

    @pytest.mark.parametrize(
        "key",
        ["text", "address", "name", "phone", "buyer", "receiver_name", "old_text", "Text", "words", "nick", "email"],
    )
    @pytest.mark.parametrize("value", ["王小明", 13812345678, ["王小明"], {"x": "王小明"}, Letter("王小明")])
    def test_values_called_private_are_hidden(self, out: io.StringIO, key: str, value: object) -> None:
        """A buyer's words, name and address are hidden by their names, at any depth."""
        structlog.get_logger("a").info("x", **{key: value}, inner={key: value}, rows=[{key: value}])

        assert not leaks(out, "王小明", "13812345678")
        assert 3 == out.getvalue().count(HIDDEN)

    @pytest.mark.parametrize(
        "key", ["token", "bot_token", "password", "Authorization", "api_key", "client_secret", "cookie"]
    )
    def test_values_called_secret_are_hidden(self, out: io.StringIO, key: str) -> None:
        """A token is hidden by its name, at any depth."""
        structlog.get_logger("a").info("x", **{key: "hunter2"}, inner=[{key: ["hunter2"]}])

        assert not leaks(out, "hunter2")

    @pytest.mark.parametrize(
        "text",
        [
            "p@ss/word",
            "connect to postgresql://u:p%40ss%2Fword@h/x",
            "use p@ss/word or 12345:abcdef",
            "https://u:hunter2@host/path",
            "https://host/x?access_token=hunter2&y=1",
            "{'password': 'hunter2'}",
            "Authorization: Bearer hunter2.abc",
            "bot123456789:AAhunter2hunter2hunter2hunter2hunter2xyz",
        ],
    )
    def test_secrets_are_cut_out_of_any_text(self, out: io.StringIO, text: str) -> None:
        """Known secrets, and what has the form of one, appear nowhere."""
        structlog.get_logger("a").info(text, url=text, error=text, many=(text,))
        logging.getLogger("b").error("%s", text)

        assert not leaks(out, "p@ss", "p%40ss", "12345:abcdef", "hunter2")

    def test_objects_are_shown_by_their_type(self, out: io.StringIO) -> None:
        """An object logged by accident does not print what it holds."""
        structlog.get_logger("a").info("x", message=Letter(), many=[Letter()])

        assert not leaks(out, "请尽快退款")
        assert 2 == out.getvalue().count("<Letter>")

    def test_errors_tell_where_but_not_what_a_buyer_wrote(self, out: io.StringIO) -> None:
        """A traceback shows places, types and English; quoted values, other scripts and local variables are hidden."""
        said = "退款 to 王小明, 西湖区 'all I said'"
        try:
            fail(said)
        except RuntimeError:
            structlog.get_logger("a").exception("broke")
            logging.getLogger("b").exception("broke too")
        told = out.getvalue()

        assert not leaks(out, "退款", "王小明", "西湖区", "all I said")
        assert (2, 2) == (told.count("ValueError: invalid literal for int()"), told.count("RuntimeError: no number"))
        assert "in fail" in told

    def test_an_error_that_nobody_waited_for(self, out: io.StringIO) -> None:
        """asyncio tells of it with all that it quotes; here it says where, as other errors do."""
        said = "退款 to 王小明, 'all I said'"

        async def broken() -> None:
            fail(said)

        async def forget() -> None:
            forgotten = asyncio.ensure_future(broken())
            await asyncio.wait([forgotten])

        asyncio.run(forget())
        gc.collect()
        told = out.getvalue()

        assert not leaks(out, "退款", "王小明", "all I said")
        assert "Task exception was never retrieved" in told
        assert "in fail" in told

    def test_errors_in_groups_are_told_too(self, out: io.StringIO) -> None:
        """Each error of a group is told, cleaned."""
        group = ExceptionGroup("two", [ValueError("王小明"), TypeError("call 13812345678")])
        structlog.get_logger("a").error("broke", exc_info=group)

        assert not leaks(out, "王小明", "13812345678")
        assert "TypeError: call [phone]" in out.getvalue()

    def test_parameters_of_sql_are_hidden(self, out: io.StringIO) -> None:
        """A database error says what failed, not with which values."""
        error = RuntimeError(
            "(IntegrityError) UNIQUE failed: chats.id\n[SQL: INSERT]\n[parameters: ('li lei', 'home')]"
        )
        structlog.get_logger("a").error("broke", exc_info=error)

        assert not leaks(out, "li lei", "home")
        assert "UNIQUE failed: chats.id" in out.getvalue()

    def test_a_line_that_cannot_be_made_is_not_shown_raw(
        self, out: io.StringIO, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A library's broken format string does not print its arguments."""
        logging.getLogger("b").warning("%d", "王小明")

        assert "王小明" not in out.getvalue() + capsys.readouterr().err


def fail(said: str) -> None:
    """Fail with an error that quotes a buyer, caused by another that does."""
    try:
        int(said)
    except ValueError as error:
        raise RuntimeError(f"no number: {said}") from error


def leaks(out: io.StringIO, *private: str) -> list[str]:
    """What of the private things was written."""
    written = out.getvalue()
    assert written
    return [thing for thing in private if thing in written or json.dumps(thing)[1:-1] in written]
