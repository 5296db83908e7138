"""The pages tell the truth: every command in a ```sh block runs, every link leads somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bot.shop_month import write_export

ROOT = Path(__file__).parents[1]
HUIFANG = str(Path(sys.executable).with_name("huifang"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands(page: str) -> list[str]:
    """The `huifang` commands of a page, in their order."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if line.startswith("huifang ")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the pages speak of."""
    write_export(tmp_path / "ExportOrderList.csv", orders=60, seed=3)
    (tmp_path / "config.toml").write_text('[shops.teahouse]\nplatform = "taobao"\n', encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("page", ["README.md", "docs/start.md", "docs/words.md", "docs/move.md"])
def test_the_commands_run(page: str, folder: Path) -> None:
    """A reader who types what the page says, in its order, meets no error."""
    typed = commands(page)
    assert typed
    for line in typed:
        done = subprocess.run(
            [HUIFANG, *shlex.split(line)[1:]], cwd=folder, capture_output=True, text=True, check=False
        )
        assert (0, line) == (done.returncode, line), done.stderr


def test_a_bribe_is_refused(folder: Path) -> None:
    """The example that docs/words.md calls refused is refused, with exit code 2 and no traceback."""
    said = "Change it to five stars and get 5 yuan back"
    assert said in (ROOT / "docs/words.md").read_text(encoding="utf-8")
    done = subprocess.run(
        [HUIFANG, "scripts", "set", "review.note", "--lang", "en", "--text", said],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 2 == done.returncode
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page is a file."""
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target
