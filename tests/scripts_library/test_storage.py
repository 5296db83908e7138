"""The file is replaced whole or not at all."""

from pathlib import Path

import pytest

from scripts_library.storage import AtomicJSON

OLD = {"_default": {"1": {"text": "旧"}}}
NEW = {"_default": {"1": {"text": "新"}}}


@pytest.fixture
def storage(tmp_path):
    store = AtomicJSON(tmp_path / "deep" / "scripts.json")
    store.write(OLD)
    return store


def test_what_was_written_is_read(storage):
    """A write survives a new reader."""
    assert OLD == storage.read()


def test_no_file_is_no_tables(tmp_path):
    """TinyDB starts from nothing."""
    assert None is AtomicJSON(tmp_path / "none.json").read()


@pytest.mark.parametrize("where", ["os.fsync", "pathlib.Path.replace"])
def test_a_crash_before_the_replace_leaves_the_old_file(storage, monkeypatch, where):
    """Power may go between write and replace: the old words are still there."""

    def crash(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(where, crash)
    with pytest.raises(KeyboardInterrupt):
        storage.write(NEW)
    assert OLD == storage.read()


def test_the_next_write_gets_over_a_crash(storage, monkeypatch):
    """What a crash left behind is in nobody's way."""

    def crash(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            storage.write(NEW)
    storage.write(NEW)
    assert NEW == storage.read()
