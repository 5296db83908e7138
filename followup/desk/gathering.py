"""Tasks that gather: who writes on before a person answered gives no second task, his words go to the first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from followup.desk.alerting import due_at
from followup.model import Task, TaskState
from followup.policy import Policy

GATHERS = frozenset(("buyer_message", "angry", "goods_talk"))
"""The reasons of such tasks, each for itself: anger beside a question is a task of its own."""
LONGEST = 1500
"""How many characters of words may stand in a task beside its first ones; the newest stay."""
_EACH, _HEADING = "\n› ", "\n\n⋯ "
_COUNT = re.compile(r"\d+")


def gathering(reason: str, tasks: Iterable[Task], policy: Policy | None) -> Task | None:
    """The task to which more words of that reason go, if there is one: open, and not put off, for of what was put off
    nobody hears."""
    if reason not in GATHERS:
        return None
    alike = (task for task in tasks if task.reason == reason and task.state is TaskState.OPEN)
    return next((task for task in alike if policy is None or task.due_at in (None, due_at(task, policy))), None)


def with_more(text: str, words: str, heading: Callable[[int], str]) -> str:
    """The text of a task with more words at its end, under a heading (one line) that says how many are left out."""
    head, found, more = text.rpartition(_HEADING)
    line, *said = more.split(_EACH) if found else [""]
    left_out = _COUNT.search(line)
    said.append(_cut(words))
    kept = _newest(said)
    count = int(left_out[0] if left_out else 0) + len(said) - len(kept)
    return "".join((head if found else text, _HEADING, heading(count), *(_EACH + each for each in kept)))


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _newest(said: list[str]) -> list[str]:
    room = LONGEST
    for n, each in enumerate(reversed(said)):
        room -= len(each)
        if room < 0:
            return said[len(said) - n :]
    return said
