"""The audit of what we depend on tells wrong from right, and never takes silence for an all-clear."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DIGEST = "--hash=sha256:" + "0" * 64
GOOD = f"# made by uv\njinja2==3.1.6 \\\n    {DIGEST}\n    # via huifang\n"


@pytest.fixture(scope="module")
def audit() -> Any:
    """The program of `make lint`."""
    loader = SourceFileLoader("huifang_audit", str(ROOT / ".ci/audit"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module: ModuleType = module_from_spec(spec)
    sys.modules[loader.name] = module
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


def test_our_locks_are_without_fault(audit: Any) -> None:
    """All requirements are pinned with hashes, and none is refused."""
    for lock in audit.LOCKS:
        if not (ROOT / lock).exists():
            continue
        text = (ROOT / lock).read_text("utf-8")
        assert [] == list(audit.faults(lock, text))
        assert [] == list(audit.refused(lock, audit.pins(text), (ROOT / ".ci/refused.txt").read_text("utf-8")))


@pytest.mark.parametrize(
    "line",
    [
        f"jinja2>=3.1.6 {DIGEST}",
        f"jinja2==3.* {DIGEST}",
        "jinja2==3.1.6",
        f"jinja2 @ https://example.com/jinja2.whl {DIGEST}",
        f"git+https://example.com/jinja2.git {DIGEST}",
        "--extra-index-url https://example.com/simple",
        "-e ../jinja2",
    ],
)
def test_a_loose_requirement_is_a_fault(audit: Any, line: str) -> None:
    """A range, a lack of hashes, and every other place than the package index."""
    assert [] == list(audit.faults("a.lock", GOOD))
    assert 1 == len(list(audit.faults("a.lock", GOOD + line + "\n")))


def test_a_refused_version_is_named_with_its_advisory(audit: Any) -> None:
    """A lock that goes back behind a mended version does not pass."""
    old = audit.pins(GOOD.replace("3.1.6", "3.1.5"))
    (said,) = audit.refused("a.lock", old, (ROOT / ".ci/refused.txt").read_text("utf-8"))
    assert said.startswith("a.lock: jinja2 3.1.5 is refused (CVE-2025-27516")


def test_what_is_installed_is_what_is_locked(audit: Any) -> None:
    """Another version, and what stands in no lock, are said."""
    version, pinned = audit.Version, audit.pins(GOOD)
    assert [] == list(audit.foreign(pinned, {"jinja2": version("3.1.6"), "pip": version("1")}))
    said = list(audit.foreign(pinned, {"jinja2": version("3.1.4"), "evil": version("1")}))
    expected = ["installed: evil 1 stands in no lock", "installed: jinja2 3.1.4, and the lock says 3.1.6"]
    assert expected == said


def answer(*packages: dict[str, Any]) -> str:
    """What pip-audit prints."""
    return json.dumps({"dependencies": list(packages), "fixes": []})


CLEAN = {"name": "jinja2", "version": "3.1.6", "vulns": []}
SKIPPED = {"name": "jinja2", "skip_reason": "Dependency not found on PyPI and could not be audited"}
HURT = CLEAN | {"vulns": [{"id": "CVE-1", "fix_versions": ["3.2"]}]}


def test_clean_vulnerable_and_not_asked_are_three(audit: Any) -> None:
    """Silence is no all-clear: what was not audited is named, and does not fail; what is vulnerable fails."""
    names = ["jinja2"]
    assert ([], ["1 packages audited by pypi: no advisory stands against them"]) == audit.told(
        {"pypi": audit.read(answer(CLEAN))}, names
    )
    bad, said = audit.told({"pypi": audit.read(answer(HURT))}, names)
    assert (["vulnerable: jinja2 3.1.6: CVE-1, mended in 3.2"], []) == (bad, said)
    for silent in (audit.read(answer(SKIPPED)), None):
        bad, (warning,) = audit.told({"pypi": silent, "osv": None}, names)
        assert [] == bad
        assert warning == "WARNING: NOT AUDITED for advisories: pypi and osv could not be asked. 1: jinja2"


def test_what_a_service_does_not_know_is_named(audit: Any) -> None:
    """One package that nobody knows is no reason to doubt the others."""
    some = audit.read(answer(CLEAN, SKIPPED | {"name": "ours"}))
    assert ([], ["WARNING: not audited, for pypi knows nothing of it: ours"]) == audit.told(
        {"pypi": some}, ["jinja2", "ours"]
    )


def test_no_answer_is_no_answer(audit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that breaks off, or says nothing in time, could not be asked."""

    def late(*_: Any, **__: Any) -> Any:
        raise subprocess.TimeoutExpired("pip-audit", 1)

    def broken(*_: Any, **__: Any) -> Any:
        return subprocess.CompletedProcess([], 1, "", "Traceback")

    for run in (late, broken):
        monkeypatch.setattr(audit.subprocess, "run", run)
        assert audit.ask("osv", "requirements.lock") is None


def test_lint_runs_it() -> None:
    """It is part of what every change has to pass."""
    assert "python .ci/audit" in (ROOT / "Makefile").read_text("utf-8")
