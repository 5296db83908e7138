"""`huifang move` as somebody uses it whose shop outgrows a file."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from store.engine import open_engine
from tests.bot.tea import ALWAYS_OPEN
from tests.bot.test_cli import Huifang, Typed, busy, huifang, shop
from tests.bot.test_run import Running, drop, running

__all__ = ["busy", "huifang", "running", "shop"]
HERE, NEW = "sqlite:///var/huifang.db", "sqlite:///var/new.db"


def refused(typed: Typed) -> str:
    """The sentence with which a command ended, with exit code 2 and no traceback."""
    assert (2, 1) == (typed.code, len(typed.err.strip().splitlines())), typed.err
    return typed.err.strip().removeprefix("huifang: ")


class TestMoving:
    def test_there_and_what_to_do_next(self, busy: Huifang, monkeypatch: pytest.MonkeyPatch) -> None:
        """It says how many rows were compared, what to change, and what stands elsewhere. The old database says where
        it is, in every command and in `check`; then the shop is in the new one."""
        typed = busy("move", "--to", NEW)
        assert 0 == typed.code, typed.err
        assert re.match(r"moved: \d+ rows in \d+ tables, every one compared", typed.lines[0])
        assert f'url = "{NEW}"\n' in typed.out
        assert typed.out.strip().endswith(f"later: huifang move --from {NEW} --to {HERE}")
        assert "var/scripts.json" in typed.out
        assert re.search(r"this shop moved to sqlite:///.*new\.db; set \[database\] url = ", refused(busy("tasks")))
        monkeypatch.setattr("scripts_library.check.check", lambda _library: [])  # slow, and tested elsewhere
        checked = busy("check")
        assert (1, True) == (checked.code, "this shop moved to" in re.sub(r"\s+", " ", checked.out))
        Path("config.toml").write_text(f'{ALWAYS_OPEN}\n[database]\nurl = "{NEW}"\n', encoding="utf-8")
        assert 0 == busy("audit").code
        assert "o2" in busy("tasks").out

    def test_a_comparison(self, busy: Huifang) -> None:
        """It needs a database of ours, shows each table, and ends with exit code 1 where rows differ."""
        assert "there is no database" in refused(busy("move", "--to", NEW, "--check"))
        open_engine(NEW).connect().close()
        assert "not of this version" in refused(busy("move", "--to", NEW, "--check"))
        assert 0 == busy("move", "--to", NEW).code
        alike = busy("move", "--to", NEW, "--check")
        assert (0, True) == (alike.code, alike.lines[-1].endswith("rows are alike, 0 are not"))

    def test_turning_back(self, busy: Huifang) -> None:
        """Before anybody began in the new database, the old one is the shop's again; after, moving back is offered."""
        assert 0 == busy("move", "--to", NEW).code
        assert 0 == busy("move", "--unfence").code
        assert 0 == busy("tasks").code
        assert 0 == busy("move", "--to", NEW).code
        Path("new.toml").write_text(f'{ALWAYS_OPEN}\n[database]\nurl = "{NEW}"\n', encoding="utf-8")
        assert 0 == busy("note", "o2", "at work", "--by", "Mia", "-c", "new.toml").code
        assert "move back: huifang move --from" in refused(busy("move", "--unfence"))
        assert 0 == busy("move", "--from", NEW, "--to", HERE, "-c", "new.toml").code
        assert "at work" in busy("why", "o2").out


class TestRefusals:
    def test_of_addresses(self, busy: Huifang) -> None:
        """A password on the command line, no address, a strange one, the same one, a server that is not there."""
        secret = refused(busy("move", "--to", "postgresql://shop:hunter2@localhost/shop"))
        assert "a secret has no place on the command line; set HUIFANG_DATABASE_PASSWORD" in secret
        assert "hunter2" not in secret
        assert "expected sqlite:///path or postgresql://" in refused(busy("move", "--to", "mysql://x"))
        assert "expected sqlite:///path or postgresql://" in refused(busy("move", "--from", HERE))
        assert "--to: which database?" in refused(busy("move", "--check"))
        assert "--gone: goes with --unfence" in refused(busy("move", "--gone", "--to", NEW))
        assert "where the shop is already" in refused(busy("move", "--to", "sqlite:///var/../var/huifang.db"))
        assert "does not answer" in refused(busy("move", "--to", "postgresql://shop@127.0.0.1:1/shop"))
        assert "is not a SQLite database" in refused(busy("move", "--to", "sqlite:///config.toml"))

    def test_of_shops(self, busy: Huifang) -> None:
        """Another shop's database, also one of an older version, which stays so; one that was moved already, and a shop
        that has not moved."""
        assert "has no fence" in refused(busy("move", "--unfence"))
        Path("other.toml").write_text(f'{ALWAYS_OPEN}\n[database]\nurl = "sqlite:///var/other.db"\n', encoding="utf-8")
        assert 0 == busy("import", "a.jsonl", "-c", "other.toml").code
        assert "holds rows already" in refused(busy("move", "--to", "sqlite:///var/other.db"))
        with closing(sqlite3.connect("var/other.db", isolation_level=None)) as other:
            other.execute("UPDATE huifang_version SET version_num = '0005'")
            assert "not of this version" in refused(busy("move", "--to", "sqlite:///var/other.db"))
            assert ("0005",) == other.execute("SELECT version_num FROM huifang_version").fetchone()
        assert 0 == busy("move", "--to", NEW).code
        assert re.search(
            r"this shop moved to .*new.db already", refused(busy("move", "--to", "sqlite:///var/third.db"))
        )

    def test_of_planned_messages(self, busy: Huifang) -> None:
        """The other meaning of `move` is still there, and the two are not mixed."""
        assert "say which message and when" in refused(busy("move", "o1"))
        assert "has no place beside it" in refused(busy("move", "o1", "2h", "--to", NEW))


@pytest.fixture
def server_url(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database, its address without a password."""
    url = make_url(postgres_url)
    if url.password:
        monkeypatch.setenv("HUIFANG_DATABASE_PASSWORD", str(url.password))
    return url._replace(password=None).render_as_string()


def test_a_shop_at_work(huifang: Huifang, running: Running, server_url: str) -> None:
    """It moves while it runs; the program ends with a sentence and exit code 2, and goes on in the new database."""
    inbox = running.folder / "inbox" / "tea"
    drop(inbox / "a.jsonl", 1, 2)
    running.until(lambda: running.tasks() == 2)
    moved = huifang("move", "--to", server_url)
    assert 0 == moved.code, moved.err
    assert 2 == running.process.wait(60)
    assert f'set [database] url = "{server_url}"' in running.told()
    config = running.folder / "config.toml"
    config.write_text(f'{config.read_text("utf-8")}\n[database]\nurl = "{server_url}"\n', encoding="utf-8")
    drop(inbox / "b.jsonl", 3)
    assert 0 == huifang("import", str(inbox / "b.jsonl")).code
    assert 0 == huifang("audit").code
    told = huifang("threads").out
    assert [True] * 3 == [f"o{number}" in told for number in (1, 2, 3)]
