"""`huifang forget`: nothing of a buyer is left in the database, its freed pages, its journal, or any file; and a backup
that was made before is restored without him (docs/privacy.md)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import orjson
import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from bot.cli import app
from bot.evidence.files import EvidenceFolder
from followup.desk.erased import is_erased
from store.store import SqlStore
from tests.handlers.desk.erasable import DIGEST, HERS, HIS, SHOP, full_shop, holds

CONFIG = """
[database]
url = "{url}"
[agents]
lang = "en"
[agents.people.chen]
rank = "owner"
[shops.tea]
platform = "independent"
channel = "manual"
"""
CELL = "{account},{name},{region},1"
PLACES = ("var/orders/tea/done/a.csv", "var/orders/tea/done/b.jsonl", "var/orders/tea/done/c.xlsx")
OF_THE_ONLY_SHOP = "var/orders/done/d.csv"
REPORT = "var/reports/tea/digest-2026-03-02.md"


class Installation:
    """A shop in a folder of its own, as its owner knows it."""

    def __init__(self, url: str) -> None:
        self.url = url
        shown = re.sub(r"(?<=\w):[^:@/]*@", "@", url)  # the password has no place in a configuration
        Path("config.toml").write_text(CONFIG.format(url=shown), "utf-8")
        with self.opened() as store:
            full_shop(store, EvidenceFolder(Path("var/evidence"), 1_000_000, 50))
        lines = [CELL.format(**HIS), CELL.format(**HERS)]
        table = "buyer,name,region,n\n" + "\n".join(lines)
        self._write("a.csv", table)
        Path(OF_THE_ONLY_SHOP).parent.mkdir()
        Path(OF_THE_ONLY_SHOP).write_text(f"买家：{table}", "gb18030")
        self._write("b.jsonl", "\n".join(orjson.dumps({"buyer": each}).decode() for each in lines))
        with ZipFile(Path("var/orders/tea/done/c.xlsx"), "w") as book:
            book.writestr("xl/sharedStrings.xml", f"<t>{HIS['name']}</t>")
        Path(REPORT).parent.mkdir(parents=True)
        Path(REPORT).write_text(f"- **o1** refund, {HIS['name']}", "utf-8")

    def _write(self, name: str, text: str) -> None:
        path = Path("var/orders/tea/done", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def opened(self) -> _Opened:
        """The store, for a while."""
        return _Opened(self.url)

    def run(self, *command: str) -> str:
        """Type a command; returns what it said."""
        found = CliRunner().invoke(app, list(command))
        assert 0 == found.exit_code, found.output
        return found.output

    def left(self) -> list[str]:
        """Where anything of him stands: rows, samples of statistics, and the bytes of every file but backups."""
        with self.opened() as store:
            rows = full_rows(store)
        found = [f"{name} in {place}" for name, text in HIS.items() for place in holds(rows, text)]
        for path in sorted(path for path in Path().rglob("*") if path.is_file() and path.suffix != ".zip"):
            content = DIGEST.sub(b"", path.read_bytes()) + path.as_posix().encode()
            known = ((name, text.encode(encoding)) for name, text in HIS.items() for encoding in ("utf-8", "gb18030"))
            found += [f"{name} in {path}" for name, text in known if text in content]
        return found


class _Opened:
    def __init__(self, url: str) -> None:
        self._store = SqlStore(url)

    def __enter__(self) -> SqlStore:
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()


def full_rows(store: SqlStore) -> dict[str, list[dict[str, object]]]:
    """Every row of every table that is there, ours or not, and what PostgreSQL has sampled of them."""
    from sqlalchemy import inspect

    with store.engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        rows = {
            name: [dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}").mappings()]
            for name in tables
        }
        if connection.dialect.name == "postgresql":
            stats = "SELECT tablename, most_common_vals::text, histogram_bounds::text FROM pg_stats"
            stats += " WHERE schemaname = current_schema()"
            rows["pg_stats"] = [dict(row) for row in connection.exec_driver_sql(stats).mappings()]
        return rows


@pytest.fixture
def installation(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    if database_url.startswith("sqlite"):
        Path("var").mkdir()
        shutil.move(make_url(database_url).database or "", "var/huifang.db")
        database_url = "sqlite:///var/huifang.db"
    made = Installation(database_url)
    yield made
    with made.opened() as store, store.engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            query = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'before_restore_%%'"
            for schema in connection.exec_driver_sql(query).scalars().all():
                connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")


def test_every_trace_goes_and_a_restore_forgets_again(installation: Installation) -> None:
    """Database, freed pages, journal, statistics, photos, imported files, reports: nothing. The other buyer stays. A
    backup of before is named with the day on which it goes, and restored, it forgets him at once."""
    assert {*PLACES, OF_THE_ONLY_SHOP, REPORT} <= {each.rpartition(" in ")[2] for each in installation.left()}
    backup = installation.run("backup").partition(": ")[0]
    out = installation.run("forget", "o1", "--by", "chen", "--yes")

    assert [] == installation.left()
    assert HERS["account"] in Path(PLACES[0]).read_text("utf-8")
    assert HERS["name"] in Path(OF_THE_ONLY_SHOP).read_text("gb18030")
    assert [True, True] == [Path(each).exists() for each in PLACES[:2]]
    assert [False, False] == [Path(each).exists() for each in (PLACES[2], REPORT)]
    assert f"the backup {backup} still holds this buyer; it is deleted by " in out
    assert (0o600, True) == (Path("var/backups/forgotten.json").stat().st_mode & 0o777, "forgotten.json" in out)

    told = installation.run("restore", backup)
    assert "1 buyers who were forgotten after the backup were forgotten again" in told
    for aside in Path("var").glob("huifang.db.before-restore-*"):
        aside.unlink()
    assert [] == installation.left()
    with installation.opened() as store:
        buyers = {str(row["buyer"]) for row in full_rows(store)["orders"]}
    assert {HERS["account"]} == {each for each in buyers if not is_erased(each)}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("--shop", "te"), "--shop: expected one of tea, found 'te'"),
        ((), "nothing was erased"),
    ],
)
def test_a_shop_that_is_none_and_nobody_to_answer(
    installation: Installation, typed: tuple[str, ...], sentence: str
) -> None:
    """One sentence, exit 2, and the buyer is as he was: where nobody can be asked, it is a no."""
    found = CliRunner().invoke(app, ["forget", "o1", "--by", "chen", *typed], input="")
    assert (2, True) == (found.exit_code, sentence in found.output), found.output
    assert [] != installation.left()


def test_only_owners_forget(installation: Installation) -> None:
    """As with erasing."""
    found = CliRunner().invoke(app, ["forget", "o1", "--by", "wang", "--yes"])
    assert (2, SHOP) == (found.exit_code, "tea")
    assert [] != installation.left()
