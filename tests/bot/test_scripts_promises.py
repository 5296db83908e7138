"""Scripts that promise a time in words are found, for nothing would keep it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.scripts_promises import MESSAGE, undeclared
from followup.model import Segment
from scripts_library.library import Library
from scripts_library.overrides import Overrides
from scripts_library.templates import Variant

TEXT = "Thanks{% if buyer %}, {{ buyer }}{% endif %}. A colleague will answer you here within 2 hours."


def test_our_own_words_promise_nothing_unseen() -> None:
    """Every built-in text is read, in every language; whoever names a time says so in the catalogue."""
    assert [] == [str(finding) for finding in undeclared(Library.load())]


@pytest.mark.parametrize(
    ("script", "found"), [("reply.received", 1), ("promise.no_news", 0), ("desk.details", 0), ("agent.promise_near", 0)]
)
def test_what_counts(script: str, found: int) -> None:
    """The shop's own words of the bot; not where the time is declared, nor what people say or read."""
    library = Library({(script, "en", Segment.NEW): (Variant(TEXT),)})
    assert [MESSAGE] * found == [finding.message for finding in undeclared(library)]


def test_the_check_names_it(tmp_path: Path) -> None:
    """`huifang scripts check` shows the script and ends with 1."""
    file = tmp_path / "scripts.json"
    Overrides(file).set("reply.received", "en", TEXT, Segment.NEW, "mia")
    done = CliRunner().invoke(app, ["scripts", "check", "--overrides", str(file)])
    assert (1, True, True) == (done.exit_code, "reply.rec" in done.stdout, "undeclare" in done.stdout)
