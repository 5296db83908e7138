"""`huifang status`: the figures on one screen, and an exit code that says whether it is ready."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from tests.bot.tea import ALWAYS_OPEN, an_order, write_jsonl
from tests.store.held import held


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop with one order that nobody has paid."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(ALWAYS_OPEN, "utf-8")
    write_jsonl(tmp_path / "orders.jsonl", [an_order(1)])
    assert 0 == CliRunner().invoke(app, ["import", "orders.jsonl"]).exit_code
    return tmp_path


class Answers(BaseHTTPRequestHandler):
    """Somebody at the port: what /readyz says."""

    body: bytes = b""
    status: int = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def port() -> Iterator[int]:
    """Where somebody answers."""
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def status() -> tuple[int, dict[str, str]]:
    """The exit code, and what stands behind each label."""
    done = CliRunner().invoke(app, ["status"])
    lines = (line.partition("  ") for line in done.stdout.splitlines())
    return done.exit_code, {label.strip(): figure.strip() for label, _, figure in lines}


def answering(port: int, status_: int, body: bytes) -> None:
    """From now on that is said at the port, and the shop looks there."""
    Answers.body, Answers.status = body, status_
    text = ALWAYS_OPEN.replace("[http]\nport = 0", f"[http]\nport = {port}")
    Path("config.toml").write_text(text, "utf-8")


@pytest.mark.usefixtures("folder")
def test_nobody_is_there() -> None:
    """Where nothing runs it is not ready; the figures are there all the same."""
    code, shown = status()

    assert 1 == code
    assert shown["ready"].endswith("does `huifang run` run here?")
    assert ("0 due, 0 sending, 0 unsure, 0 failed", "0 open, 0 of them urgent") == (shown["outbox"], shown["tasks"])
    assert shown["due lag"].removesuffix(" s").isdigit()


def test_nobody_is_there_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop of workers is asked for its workers."""
    from types import SimpleNamespace
    from typing import cast

    from bot.app import App
    from bot.commands import status as command
    from bot.config import Config

    monkeypatch.setattr(command, "_is_held", lambda _app: False)
    url = {"url": "postgresql://huifang@localhost/huifang"}
    config = Config.model_validate({"engine": "procrastinate", "database": url, "http": {"port": 0}})
    (reason,) = command.why_not(cast("App", SimpleNamespace(config=config)))
    assert reason.endswith("does `huifang worker` run here?")


@pytest.mark.usefixtures("folder")
def test_one_that_serves_no_port() -> None:
    """A program at work on the file counts, though nobody can be asked."""
    with held(Path("var/huifang.db")):
        code, shown = status()

    assert (0, "yes") == (code, shown["ready"])


@pytest.mark.usefixtures("folder")
def test_one_that_is_not_ready(port: int) -> None:
    """Its reasons are shown, and the exit code is 1; ready is 0."""
    answering(port, 503, json.dumps({"ready": False, "reasons": ["the database is damaged"]}).encode())
    troubled = status()
    answering(port, 200, b'{"ready": true, "reasons": []}')
    well = status()

    assert (1, "the database is damaged") == (troubled[0], troubled[1]["ready"])
    assert (0, "yes") == (well[0], well[1]["ready"])


@pytest.mark.usefixtures("folder")
def test_what_speaks_no_http_at_the_port() -> None:
    """It is no answer either."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        answering(port, 200, b"")
        greeter = threading.Thread(target=_greet, args=(server,))
        greeter.start()
        code, shown = status()
        greeter.join(30)

    assert 1 == code
    assert shown["ready"].startswith(f"nobody answers at 127.0.0.1:{port}")


def _greet(server: socket.socket) -> None:
    caller, _ = server.accept()
    with caller:
        caller.recv(4096)
        caller.sendall(b"220 mail.example ESMTP\r\n")


@pytest.mark.usefixtures("folder")
def test_somebody_else_at_the_port(port: int) -> None:
    """What another program says is no answer."""
    answering(port, 404, b"<html>not found</html>")
    code, shown = status()

    assert 1 == code
    assert shown["ready"].startswith(f"nobody answers at 127.0.0.1:{port}")
