"""kill -9 while people are told of their tasks: nobody is left out, and nothing is told more often than it must be."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

from sqlalchemy import select

from followup.desk.codes import code_of
from followup.model import Outgoing, OutgoingState
from store import schema
from store.audit import audit
from store.store import SqlStore
from store.tables import KEPT
from tests.crash.alerting import GROUP, MINUTES, TASKS, WAYS, open_desk
from tests.crash.test_kill import ROOT, run_for, run_until

KILLS = 16


def test_every_alert_goes_over_kills(tmp_path: Path) -> None:
    """Each alert and each card arrives, and comes again only where a kill left nobody knowing whether it had."""
    url, chance, kills = f"sqlite:///{tmp_path}/shop.db", random.Random(20260302), 0
    open_desk(url)
    while True:
        command = [sys.executable, "-m", "tests.crash.alerting", url, str(tmp_path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
            if kills == KILLS:
                run_until(child, 10 * TASKS)
                break
            if kills % 2:
                run_until(child, chance.randint(1, 2 * TASKS // KILLS))
            else:
                run_for(child, chance.uniform(0.0, 0.3))
        kills += 1
    heard = Counter(line for name in WAYS for line in (tmp_path / name).read_text().splitlines())
    messages = kept(url)
    alerts = [each for each in messages.values() if each.step == "alert"]
    repeated = {id_: count - 1 for id_, count in heard.items() if count > 1}
    print(f"\nkills {kills}, alerts {len(alerts)}, cards {TASKS}, repeated {len(repeated)}")  # noqa: T201
    assert (2 * MINUTES, TASKS) == (len(alerts), sum(each.step == "card" for each in messages.values()))
    assert {OutgoingState.SENT} == {each.state for each in messages.values()}
    assert set(messages) == set(heard)
    for way in WAYS:
        lines = [line for each in alerts if each.channel == way for line in each.text.splitlines()]
        assert Counter(code_of(f"s/task/{n}") for n in range(TASKS)) == codes_in(lines)
    assert sum(repeated.values()) <= kills
    assert all(count <= unsure(messages[id_]) for id_, count in repeated.items())
    assert all(each.chat == f"{GROUP}/-100" for each in messages.values() if each.step == "card")


def kept(url: str) -> dict[str, Outgoing]:
    """Everything that was put out, by its id, in a ledger that the audit finds whole."""
    store = SqlStore(url)
    with store.engine.connect() as connection:
        assert [] == audit(connection).findings
        rows = [KEPT[Outgoing].codec.decode(row) for row in connection.execute(select(schema.outbox))]
    store.close()
    return {row.id: row for row in rows}


def unsure(message: Outgoing) -> int:
    """After how many attempts nobody knew what had become of it."""
    return sum(word.startswith("unsure@") for word in message.history)


def codes_in(lines: list[str]) -> Counter[str]:
    """How often each task stands in the lines of alerts; its code is the last word."""
    return Counter(line.split()[-1] for line in lines if line[0].isdigit() and " · " in line)
