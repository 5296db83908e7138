"""The project as a whole: what is installed, what is tracked, who may import whom."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pins(lock: str) -> dict[str, str]:
    """The version of each package in a lock file."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text("utf-8"), re.M))


def wanted(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for, with extras."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return [Requirement(line) for line in lines]


def unmet(requirements: list[Requirement], lock: str) -> list[str]:
    """The requirements that a lock file leaves open."""
    pinned = pins(lock)
    versions = [(requirement, pinned.get(canonicalize_name(requirement.name))) for requirement in requirements]
    return [str(wish) for wish, version in versions if version is None or version not in wish.specifier]


def git(*words: str) -> set[str]:
    """The paths that a git command lists; skips the test where this is no checkout."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git checkout")
    done = subprocess.run(["git", *words, "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return {path for path in done.stdout.split("\0") if path}


class TestLocks:
    def test_every_dependency_is_pinned(self) -> None:
        """What the program needs is in requirements.lock, in a version that pyproject.toml allows."""
        assert [] == unmet(wanted(), "requirements.lock")

    def test_every_extra_is_pinned_for_development(self) -> None:
        """requirements-dev.lock holds that and all extras."""
        assert [] == unmet(wanted("dev", "postgres"), "requirements-dev.lock")

    def test_both_locks_agree(self) -> None:
        """Tests run with the versions that shops run."""
        assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()

    @pytest.mark.parametrize("lock", LOCKS)
    def test_every_pin_has_its_hash(self, lock: str) -> None:
        """No package can be exchanged on its way."""
        blocks = re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text("utf-8"), flags=re.M)[1:]

        assert [] == [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block]

    @pytest.mark.parametrize("lock", LOCKS)
    def test_a_lock_names_no_address(self, lock: str) -> None:
        """Where packages come from is the affair of who installs."""
        text = (ROOT / lock).read_text("utf-8")

        assert [] == [word for word in ("://", "--index-url", "--find-links", "--extra-index-url") if word in text]


class TestTracked:
    def test_no_registry_is_named(self) -> None:
        """No file names the host of a package registry."""
        hosts = [
            ".".join(parts)
            for parts in (
                ("pypi", "org"),
                ("pythonhosted", "org"),
                ("pypi", "tuna"),
                ("mirrors", "aliyun"),
                ("npmjs", "org"),
                ("npmjs", "com"),
                ("npmmirror", "com"),
                ("yarnpkg", "com"),
                ("crates", "io"),
                ("rubygems", "org"),
                ("proxy", "golang"),
                ("anaconda", "org"),
            )
        ]
        ours = git("ls-files", "--cached", "--others", "--exclude-standard") - git(
            "ls-files", "-ci", "--exclude-standard"
        )
        texts = {path: (ROOT / path).read_bytes().lower() for path in ours if (ROOT / path).is_file()}

        assert [] == [(path, host) for path, text in texts.items() for host in hosts if host.encode() in text]

    def test_nothing_that_is_ignored_is_tracked(self) -> None:
        """No virtual environment, database or cache is in the repository: what .gitignore names is not tracked."""
        folders = {path.partition("/")[0] for path in git("ls-files", "-ci", "--exclude-standard")}

        assert set() == folders


class TestProgram:
    def test_the_command_is_there(self) -> None:
        """`huifang` leads to something that can be called."""
        (script,) = entry_points(group="console_scripts", name="huifang")

        assert callable(script.load())

    def test_imports_point_one_way(self) -> None:
        """The contracts of pyproject.toml hold."""
        command = Path(sys.executable).with_name("lint-imports")
        done = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, check=False)

        assert (0, done.stdout) == (done.returncode, done.stdout)


class TestMake:
    @pytest.mark.parametrize("target", ["demo", "test", "bench", "lint", "lock"])
    def test_each_target_sets_up_its_environment(self, tmp_path: Path, target: str) -> None:
        """On a fresh clone, every target first makes the environment from the lock, then does its work there."""
        if not shutil.which("make"):
            pytest.skip("make is not installed")
        for name in ("Makefile", *LOCKS):
            shutil.copy(ROOT / name, tmp_path)
        done = subprocess.run(
            ["make", "--dry-run", target], cwd=tmp_path, env=_without_make(), capture_output=True, text=True, check=True
        )
        last = ".venv/bin/huifang demo" if target == "demo" else "--requirement requirements-dev.lock"
        steps = ["sh .ci/venv", "--requirement requirements.lock", "--editable .", last]
        places = [done.stdout.find(step) for step in steps]

        assert -1 not in places
        assert sorted(places) == places

    def test_no_python_is_answered_with_a_sentence(self, tmp_path: Path) -> None:
        """Where only an old Python is, the reader learns what is needed."""
        _fake(tmp_path / "python3", "exit 1")
        done = _make_venv(tmp_path)

        assert 1 == done.returncode
        assert "huifang: needs Python 3.11 or newer" in done.stderr

    def test_the_newest_complete_python_is_taken(self, tmp_path: Path) -> None:
        """3.12 is preferred to 3.11, but a 3.13 that cannot make environments is passed over."""
        _fake(tmp_path / "python3.13", 'case "$2" in *ensurepip*) exit 1;; esac')
        for version in ("3.12", "3.11"):
            _fake(tmp_path / f"python{version}", f'test "$1" != -m || echo "{version} $*"')
        done = _make_venv(tmp_path)

        assert "3.12 -m venv --clear .venv" == done.stdout.strip()

    def test_a_missing_venv_names_the_package(self, tmp_path: Path) -> None:
        """A Python without ensurepip, and nobody who may install it: the sentence names the package."""
        _fake(tmp_path / "python3.11", 'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.11-venv;; esac')
        _fake(tmp_path / "id", "echo 1000")
        done = _make_venv(tmp_path)

        assert 1 == done.returncode
        assert "python3.11 cannot make virtual environments: install python3.11-venv" in done.stderr


def _without_make() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}


def _fake(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def _make_venv(folder: Path) -> subprocess.CompletedProcess[str]:
    script = ["/bin/sh", str(ROOT / ".ci" / "venv")]
    return subprocess.run(script, cwd=folder, env={"PATH": str(folder)}, capture_output=True, text=True, check=False)
