"""`huifang worker` as real processes on a real PostgreSQL, and what is refused."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from bot import checks
from bot.config import load
from tests.ports import free_port

HUIFANG = str(Path(sys.executable).with_name("huifang"))
LIMIT = 120.0
TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1818583396"
CONFIG = """
engine = "procrastinate"
[database]
url = "{url}"
[http]
port = {port}
[shops.tea]
"""


class Machine:
    """A folder with a configuration, in which workers are started."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.port = folder, url, free_port()
        self.config = folder / "config.toml"
        self.config.write_text(CONFIG.format(url=url.replace("postgres:@", "postgres@"), port=self.port))
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """A worker."""
        log = (self.folder / f"log{len(self.started)}").open("wb")
        process = subprocess.Popen([HUIFANG, "worker", *options], cwd=self.folder, stderr=log)
        log.close()
        self.started.append(process)
        return process

    def serves(self) -> bool:
        """Whether anybody serves."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def shows_console(self) -> bool:
        """Whether the console asks who is there."""
        return "password" in httpx.get(f"http://127.0.0.1:{self.port}/console/login", timeout=LIMIT).text

    def cut_off_the_leader(self) -> None:
        """Close the connection on which the lead hangs."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            assert connection.execute(TERMINATE).fetchall()

    def until(self, true: Callable[[], bool]) -> None:
        """Wait until it is true."""
        began = time.monotonic()
        while not true():
            assert time.monotonic() - began < LIMIT, self.logs()
            time.sleep(0.1)

    def log(self, number: int) -> str:
        """What a worker said."""
        return (self.folder / f"log{number}").read_text()

    def logs(self) -> str:
        """What all of them said."""
        return "\n".join(map(self.log, range(len(self.started))))

    def end(self) -> None:
        """Kill what is left."""
        for process in self.started:
            process.kill()
            process.wait()


def who_works(config: Path) -> str:
    """What `huifang check` says of the engine."""
    return checks.engine(load(config))


@pytest.fixture
def machine(tmp_path: Path, empty_postgres_url: str) -> Iterator[Machine]:
    """A machine with an empty database."""
    machine = Machine(tmp_path, empty_postgres_url)
    yield machine
    machine.end()


def test_another_leads_when_the_leader_is_killed(machine: Machine) -> None:
    """The first worker makes the tables and serves, also after it lost the lead and got it back; a second one works
    beside it, serves when the first is killed, and ends in peace; `check` counts them."""
    first = machine.start()
    machine.until(machine.serves)
    machine.cut_off_the_leader()
    machine.until(lambda: '"event": "leads"' in machine.log(0))
    assert machine.shows_console()
    second = machine.start()
    machine.until(lambda: "leads" in machine.log(1))
    assert "2 workers, one of which leads" == who_works(machine.config)
    first.kill()
    first.wait()
    machine.until(machine.serves)
    second.send_signal(signal.SIGTERM)
    assert 0 == second.wait(LIMIT), machine.logs()
    with pytest.raises(ValueError, match="no worker lives"):
        who_works(machine.config)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ('engine = "procrastinate"\n[shops.tea]\n', "needs a database postgresql://"),
        ("[shops.tea]\n", 'a worker needs engine = "procrastinate"'),
    ],
)
def test_what_is_refused(tmp_path: Path, config: str, expected: str) -> None:
    """A sentence and exit code 2 where there is nothing to share."""
    (tmp_path / "config.toml").write_text(config)
    done = subprocess.run([HUIFANG, "worker"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=LIMIT)
    assert 2 == done.returncode
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
