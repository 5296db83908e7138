"""What a reader leaves behind, kept in memory, and a service that answers what it is told to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from followup.model import Cursor, Health, Raw


class Kept:
    """An inbox: the raw events in their order, each once, the cursors, and what was reported."""

    def __init__(self) -> None:
        self.raws: list[Raw] = []
        self.cursors: dict[str, str] = {}
        self.commits: list[tuple[list[str], str]] = []
        self.reports: list[tuple[Health, str, bool]] = []

    async def take(self, raws: Sequence[Raw], cursor: Cursor | None = None) -> None:
        known = {raw.external_id for raw in self.raws}
        self.raws += [raw for raw in raws if raw.external_id not in known]
        if cursor:
            self.cursors[cursor.name] = cursor.value
            self.commits.append(([raw.external_id for raw in raws], cursor.value))

    async def cursor(self, name: str) -> str:
        return self.cursors.get(name, "")

    async def report(self, health: Health, detail: str = "", gap: bool = False) -> None:
        self.reports.append((health, detail, gap))

    def health(self) -> str:
        """The last that was reported."""
        return self.reports[-1][0].value if self.reports else ""


class Scripted:
    """In place of the client: gives its answers one after another, raises those that are errors, and remembers what
    it was asked; the last answer is given again and again."""

    def __init__(self, *answers: dict[str, Any] | Exception) -> None:
        self.answers, self.asked = list(answers), list[dict[str, Any]]()

    async def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append({"path": path, **body})
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer
