"""kill -9 while files are fetched: every file is kept whole, once, with the digest of its bytes."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from bot.evidence.files import EvidenceFolder
from followup.evidence import Evidence
from followup.model import Chat, Media
from store import schema
from store.store import SqlStore
from store.tables import KEPT
from store.tx import Tx
from store.wanted import Wanted
from tests.crash.fetching import LARGEST, MOST, content_of
from tests.crash.shop import NOW
from tests.crash.test_kill import ROOT, run_for, run_until

FILES, KILLS = 120, 8


def test_every_file_is_kept_whole_over_kills(tmp_path: Path) -> None:
    """Nothing is lost, nothing stands half written under its name, and what is left over is swept."""
    url, folder = f"sqlite:///{tmp_path}/shop.db", tmp_path / "evidence"
    open_gallery(url)
    chance, kills = random.Random(20260302), 0
    while True:
        command = [sys.executable, "-m", "tests.crash.fetching", url, str(folder)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
            if kills == KILLS:
                run_until(child, 10 * FILES)
                break
            if kills % 2:
                run_until(child, chance.randint(1, 2 * FILES // KILLS))
            else:
                run_for(child, chance.uniform(0.05, 0.15))
        kills += 1
        for path, row in kept(url, folder).items():
            assert row.sha256 == sha256(path.read_bytes()).hexdigest()
    found = kept(url, folder)
    assert {f"F{n}" for n in range(FILES)} == {row.ref for row in found.values()}
    assert all(content_of(row.ref) == path.read_bytes() for path, row in found.items())
    EvidenceFolder(folder, LARGEST, MOST).sweep(datetime.now(UTC) + timedelta(hours=2))
    assert set(found) == {path for path in folder.rglob("*") if path.is_file()}


def open_gallery(url: str) -> None:
    """A fresh database with files that wait to be fetched."""
    store = SqlStore(url)
    schema.metadata.create_all(store.engine)

    def save(tx: Tx) -> None:
        tx.save(Chat("s/fake/b1", "s", "b1", "fake", "b1"))
        for n in range(FILES):
            tx.save(Evidence(f"e{n}", "", "s", "s/fake/b1", "fake", f"m{n}", NOW, Media.PHOTO, f"F{n}"))

    store.run(save, Wanted())
    store.close()


def kept(url: str, folder: Path) -> dict[Path, Evidence]:
    """The rows that say that a file is kept, by where it stands."""
    store = SqlStore(url)
    with store.engine.connect() as connection:
        rows = [KEPT[Evidence].codec.decode(row) for row in connection.execute(select(schema.evidence))]
    store.close()
    return {folder / row.path: row for row in rows if row.state.value == "kept"}
