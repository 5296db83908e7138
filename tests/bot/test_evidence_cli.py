"""`huifang evidence`, typed as a person would."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.evidence.files import EvidenceFolder
from store import schema
from store.migrate import upgrade
from store.store import SqlStore
from tests.bot.evidence.matter import THREAD, a_folder, fill, read

CONFIG = """\
[database]
url = "sqlite:///shop.db"
[agents]
lang = "en"
[evidence]
folder = "kept"
[shops.tea]
"""


class Typed:
    """A folder with a shop, and commands typed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        upgrade(f"sqlite:///{folder}/shop.db")
        self.store = SqlStore(f"sqlite:///{folder}/shop.db")
        self.files: EvidenceFolder = a_folder(folder / "kept")
        fill(self.store, self.files)

    def __call__(self, *words: str) -> Result:
        return CliRunner(env={"COLUMNS": "250"}).invoke(app, ["evidence", *words])

    def packed(self, *words: str) -> str:
        """Pack the order; returns the digest that was printed."""
        done = self("pack", "1001", "--by", "小美", *words)
        assert 0 == done.exit_code, done.output
        return next(line.split()[1] for line in done.output.splitlines() if line.startswith("SHA-256"))


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """In that folder."""
    monkeypatch.chdir(tmp_path)
    return Typed(tmp_path)


def test_list_shows_what_became_of_each(typed: Typed) -> None:
    """Kept with its place and digest, refused with the reason, and what waits."""
    done = typed("list", "1001")
    assert 0 == done.exit_code
    row = next(each for each in read(typed.store).evidence if each.path)
    for told in (
        THREAD,
        "kept",
        "of a type that is not kept",
        "to be fetched",
        "(no matter)",
        row.sha256[:16],
        row.path,
    ):
        assert told in done.output
    assert "photo" in done.output


def test_a_pack_is_sealed_and_verified(typed: Typed) -> None:
    """Its digest is noted in the thread with a name, and `verify` finds it there."""
    digest = typed.packed()
    with typed.store.engine.connect() as connection:
        notes = connection.execute(schema.notes.select().where(schema.notes.c.who == "小美")).all()
    assert f"evidence_sealed {digest}" in [note.text for note in notes]
    done = typed("verify", "evidence-1001.zip", "--digest", digest.upper())
    assert 0 == done.exit_code
    for told in ("Intact: 4 parts", digest, "sealed by 小美", "the digest that was given"):
        assert told in done.output
    assert digest == typed.packed("-o", "again.zip")


def test_what_was_done_to_a_pack_is_named(typed: Typed) -> None:
    """With exit code 1."""
    typed.packed("-o", "p.zip")
    with ZipFile("p.zip") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    del parts["transcript.txt"]
    parts |= {"matter.json": b"{}", "evil\x1b[31m.txt": b"x"}
    with ZipFile("touched.zip", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    done = typed("verify", "touched.zip")
    assert 1 == done.exit_code
    for told in ("Not intact", "altered: matter.json", "missing: transcript.txt", "added: evil\\x1b[31m.txt"):
        assert told in done.output
    assert "\x1b[31m" not in done.output


def test_a_pack_exchanged_as_a_whole_is_found_out(typed: Typed) -> None:
    """Its parts agree with its manifest, but its digest was never noted here."""
    typed.packed("-o", "p.zip")
    with typed.store.engine.begin() as connection:
        connection.execute(schema.inbox.update().values(text="nothing was said"))
    with typed.store.engine.begin() as connection:
        notes = connection.execute(schema.notes.select().where(schema.notes.c.text.startswith("evidence_"))).all()
    typed.packed("-o", "forged.zip")
    with typed.store.engine.begin() as connection:
        connection.execute(schema.notes.delete().where(schema.notes.c.seq > notes[-1].seq))
    done = typed("verify", "forged.zip")
    assert 1 == done.exit_code
    assert "exchanged" in done.output
    assert 1 == typed("verify", "p.zip", "--digest", "ab" * 32).exit_code


def test_a_pack_of_elsewhere_is_verified_by_itself(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is verified by itself where no database is; and nothing is made there."""
    typed.packed("-o", "p.zip")
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    done = typed("verify", "../p.zip")
    assert 0 == done.exit_code
    assert "1001" in done.output
    assert [] == list(elsewhere.iterdir())


def test_a_touched_file_is_told_when_packing(typed: Typed) -> None:
    """The pack is made all the same, and says so too."""
    row = next(each for each in read(typed.store).evidence if each.path)
    typed.files.at(row.path).write_bytes(b"other")
    done = typed("pack", "1001")
    assert 0 == done.exit_code
    assert f"{row.path} is not what was kept" in done.output


def test_fetch_says_what_came_of_it(typed: Typed) -> None:
    """Nothing to fetch is no error; the channel of what waits here is not configured."""
    done = typed("fetch")
    assert (0, "Nothing waits to be fetched.") == (done.exit_code, done.output.strip())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["list", "9"], "there is no thread of '9'"),
        (["pack", "9"], "there is no thread of '9'"),
        (["pack", "1001", "-o", "missing/p.zip"], "cannot be written"),
        (["pack", "1001", "-o", "config.toml"], "is there already, with other contents"),
        (["verify", "missing.zip"], "cannot be read"),
        (["verify", "config.toml"], "is no evidence pack"),
        (["verify", "."], "cannot be read"),
    ],
)
def test_mistakes_are_one_sentence_and_exit_code_2(typed: Typed, words: list[str], sentence: str) -> None:
    """A mistake is answered, not traced."""
    done = typed(*words)
    assert (2, 1) == (done.exit_code, len(done.output.strip().splitlines())), done.output
    assert sentence in done.output


def test_orders_of_two_shops_are_told_apart(typed: Typed) -> None:
    """By the thread's id."""
    with typed.store.engine.begin() as connection:
        row = connection.execute(schema.threads.select()).mappings().one()
        connection.execute(schema.threads.insert().values({**row, "id": "cafe/1001/pending_refund", "shop": "cafe"}))
    done = typed("pack", "1001")
    assert (2, True) == (done.exit_code, "several shops" in done.output)
    assert 0 == typed("pack", THREAD).exit_code
