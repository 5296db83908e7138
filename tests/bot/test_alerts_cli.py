"""`huifang alerts` as a shop's people type it, and what `huifang check` says of services."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.checks import run_checks
from bot.cli import app
from bot.config import load
from followup.model import OutgoingState, Role
from store.store import SqlStore
from tests.bot.tea import NOON
from tests.store.makers import a_message, keep

CONFIG = """
[database]
url = "sqlite:///shop.db"
[agents]
lang = "en"
[alerts.ops]
type = "wecom_robot"
"""
VARIABLE = "HUIFANG_ALERTS_OPS_SECRET_URL"
KEY = "693a91f6-7aaa"


class Robot(BaseHTTPRequestHandler):
    """A robot that takes everything, or refuses the key."""

    code, heard = 0, list[str]()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        type(self).heard.append(body["text"]["content"])
        answer = json.dumps({"errcode": self.code, "errmsg": f"key {KEY}"}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nothing is said of it."""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A shop with one service, and the robot that it calls."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    shutil.copy(migrated_file, tmp_path / "shop.db")
    server = HTTPServer(("127.0.0.1", 0), Robot)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv(VARIABLE, f"http://127.0.0.1:{server.server_port}/send?key={KEY}")
    monkeypatch.setattr(Robot, "code", 0)
    monkeypatch.setattr(Robot, "heard", [])
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def huifang(*args: str) -> Result:
    """What a command says."""
    return CliRunner().invoke(app, ["alerts", *args])


def test_a_test_alert_arrives() -> None:
    """And the command says that the service took it."""
    result = huifang("test", "ops")
    assert (0, "ops: it took the test alert\n") == (result.exit_code, result.output)
    assert [True] == ["ops" in text for text in Robot.heard]


def test_a_refused_test_alert_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the service's own code and words, without the key."""
    monkeypatch.setattr(Robot, "code", 93000)
    result = huifang("test", "ops")
    assert 1 == result.exit_code
    assert "did not take the test alert (refused): 93000" in result.output
    assert KEY not in result.output


def test_a_service_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear sentence, and exit code 2, for a wrong name and for a missing address."""
    wrong = huifang("test", "phone")
    assert (2, True) == (wrong.exit_code, "alerts.phone: there is no such service" in wrong.output)
    monkeypatch.delenv(VARIABLE)
    missing = huifang("test", "ops")
    assert (2, True) == (missing.exit_code, VARIABLE in missing.output)


def test_the_list_shows_what_became_of_the_last_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without needing the address."""
    monkeypatch.delenv(VARIABLE)
    assert "no alert yet" in huifang().output
    store = SqlStore("sqlite:///shop.db")
    more = {"channel": "alerts.ops", "role": Role.ALERT, "state": OutgoingState.FAILED, "error": "93000: wrong key"}
    keep(store, a_message("desk/alert/tea/alerts.ops/m", created_at=NOON, **more))
    store.close()
    shown = huifang().output
    assert "the last alert was refused" in shown
    assert "93000: wrong key" in shown


def test_check_looks_at_each_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it can be made, and whether its secret is there."""
    monkeypatch.setattr("scripts_library.check.check", lambda _library: [])

    def row() -> tuple[bool, str]:
        (found,) = (row for row in run_checks(load(Path("config.toml"))) if row.part == "alerts ops")
        return found.ok, found.what

    assert (True, "wecom_robot: no alert yet; `huifang alerts test` sends one") == row()
    store = SqlStore("sqlite:///shop.db")
    sent = {"channel": "alerts.ops", "role": Role.ALERT, "state": OutgoingState.SENT, "sent_at": NOON}
    keep(store, a_message("desk/alert/tea/alerts.ops/m", created_at=NOON, **sent))
    store.close()
    assert (True, "wecom_robot: the last alert went (2026-03-02 12:00)") == row()  # noon in Shanghai
    monkeypatch.delenv(VARIABLE)
    is_well, what = row()
    assert (False, True) == (is_well, VARIABLE in what)
