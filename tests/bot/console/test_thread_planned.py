"""What the page of a thread says of planned touches that say nothing to the buyer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.console.labels import labels
from bot.console.matter import Planned
from bot.console.pages.thread_planned import silently
from followup.kinds import STEPS
from followup.model import Role

SILENT = {id_ for id_, step in STEPS.items() if step.role is Role.SILENT}


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_each_silent_step_says_what_happens_then(lang: str) -> None:
    """All that there are, and nothing of one that is gone."""
    say = labels("thread", lang)
    assert SILENT == say.table["silent"].keys()
    at = datetime(2026, 3, 2, tzinfo=UTC)
    told = [silently(Planned("r", "n", at, None, is_silent=True, step=step), say) for step in sorted(SILENT)]
    assert say("says_nothing") not in told
