"""`huifang run` as a real process: it watches, sends, stops, and is alone."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from tests.bot.tea import ALWAYS_OPEN, an_order, write_jsonl

HUIFANG = str(Path(sys.executable).with_name("huifang"))
HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


class Running:
    """One `huifang run` in a folder of its own, with a helper to type other commands beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "config.toml").write_text(ALWAYS_OPEN, encoding="utf-8")
        self.log = (folder / "log.txt").open("w+", encoding="utf-8")
        self.process = subprocess.Popen([HUIFANG, "run"], cwd=folder, stderr=self.log)
        self.until((folder / "inbox" / "tea").is_dir)

    def type_in(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command in the same folder."""
        return subprocess.run([HUIFANG, *words], cwd=self.folder, capture_output=True, text=True, check=False)

    def tasks(self) -> int:
        """How many tasks wait."""
        with closing(sqlite3.connect(f"file:{self.folder}/var/huifang.db?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM tasks WHERE state = 'open'").fetchone()[0])

    def until(self, true: Callable[[], bool]) -> None:
        """Look again and again until it is true, for a minute at the most."""
        deadline = time.monotonic() + 60
        while not true():
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.05)

    def stop(self, signum: int) -> tuple[int, float]:
        """The exit code after a signal, and how long it took."""
        began = time.monotonic()
        self.process.send_signal(signum)
        return self.process.wait(60), time.monotonic() - began

    def told(self) -> str:
        """What it said so far."""
        return (self.folder / "log.txt").read_text(encoding="utf-8")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """The program at work."""
    running = Running(tmp_path)
    yield running
    running.process.kill()
    running.process.wait()
    running.log.close()


def drop(path: Path, *numbers: int) -> None:
    """An export of unpaid orders that has been lying there for a while."""
    write_jsonl(path.with_suffix(".part"), [an_order(number, HOUR_AGO) for number in numbers])
    os.utime(path.with_suffix(".part"), (time.time() - 60, time.time() - 60))
    path.with_suffix(".part").rename(path)


def test_a_day_at_work(running: Running) -> None:
    """A dropped export is imported and its words are with the agents; so are those of an import from beside;
    a second `run` and a catch-up are refused; SIGTERM ends it within five seconds with exit code 0."""
    inbox = running.folder / "inbox" / "tea"
    drop(inbox / "a.jsonl", 1, 2)
    running.until((inbox / "done" / "a.jsonl").exists)
    running.until(lambda: running.tasks() == 2)

    second = running.type_in("run")
    assert (second.returncode, second.stderr) == (
        2,
        "huifang: another huifang already runs on var/huifang.db: stop it first, or let it do the work\n",
    )
    assert running.type_in("catchup").returncode == 2

    drop(running.folder / "b.jsonl", 3)
    assert running.type_in("import", "b.jsonl").returncode == 0
    running.until(lambda: running.tasks() == 3)

    code, seconds = running.stop(signal.SIGTERM)
    assert (code, seconds < 5) == (0, True), running.told()
    assert "huifang stopped; what is left is done at the next start" in running.told()
    assert "Traceback" not in running.told()
    assert running.type_in("audit").returncode == 0


def test_the_console_is_there(running: Running) -> None:
    """Its address is said, and how to get in while nobody can; who has a browser open keeps nothing from ending."""
    running.until(lambda: "`huifang console invite NAME` makes a link" in running.told())
    address = next(line for line in running.told().splitlines() if line.startswith("console: ")).split()[1]
    assert 200 == httpx.get(address, follow_redirects=True).status_code
    link = running.type_in("console", "invite", "li").stdout.split()[-1].split("?")[1]
    with httpx.Client(base_url=address.removesuffix("/console/"), follow_redirects=True) as browser:
        form = browser.get(f"/console/login?{link}").text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        page = browser.post("/console/login", data=hidden, headers={"sec-fetch-site": "same-origin"})
        assert (200, "/console/today") == (page.status_code, page.url.path)
        (client,) = re.findall(r"""client_id['"]: ?['"]([\w-]+)""", page.text)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        query = f"EIO=4&transport=websocket&client_id={client}&implicit_handshake=true&tab_id=t&document_id=d"
        url = f"{address.replace('http', 'ws')}_nicegui_ws/socket.io/?{query}"
        headers = {"cookie": cookie, "origin": address.removesuffix("/console/")}
        with connect(url, additional_headers=headers, proxy=None) as socket:
            socket.recv()
            socket.send("40")
            assert str(socket.recv()).startswith("40")
            code, seconds = running.stop(signal.SIGTERM)
    assert (code, seconds < 5) == (0, True), running.told()
    assert "Traceback" not in running.told()


def test_it_stops_in_the_middle_of_much_work(running: Running) -> None:
    """Thousands of reminders are due when Ctrl-C comes: it ends in time, nothing is in doubt, the rest still waits."""
    drop(running.folder / "inbox" / "a.jsonl", *range(6000))
    running.until(lambda: "orders_imported" in running.told())
    code, seconds = running.stop(signal.SIGINT)
    assert (code, seconds < 5) == (0, True), running.told()
    audit = running.type_in("audit", "--json").stdout
    assert '"ok": true' in audit
    assert '"sending"' not in audit


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """A second program on the port of the webhooks is refused with a sentence and exit code 2."""
    account = '[channels.kf]\ntype = "wecom"\ncorp_id = "ww1"\nopen_kfid = "wk1"\n'
    secrets = {"SECRET": "s", "TOKEN": "t", "AES_KEY": "A" * 43}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        shop = f'[http]\nport = {port}\n[shops.tea]\nplatform = "independent"\nchannel = "kf"\n'
        (tmp_path / "config.toml").write_text(shop + account, encoding="utf-8")
        environment = os.environ | {f"HUIFANG_CHANNELS_KF_{name}": value for name, value in secrets.items()}
        done = subprocess.run(
            [HUIFANG, "run"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
    said = f"huifang: http: 127.0.0.1:{port} cannot be served: Address already in use; choose another http.port"
    assert (2, said) == (done.returncode, done.stderr.splitlines()[-1])
    assert "Traceback" not in done.stderr
