"""An inbox in memory, so that a channel can be watched without a database."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from followup.model import Cursor, Health, Raw


class MemoryInbox:
    """Keeps what a channel hears; while `broken` nothing can be kept."""

    def __init__(self) -> None:
        self.raws: dict[str, Raw] = {}
        self.cursors: dict[str, str] = {}
        self.told: list[tuple[Health, str, bool]] = []
        self.broken = False
        self.on_report: Callable[[], None] = lambda: None

    async def take(self, raws: Sequence[Raw], cursor: Cursor | None = None) -> None:
        """Keep them once."""
        if self.broken:
            raise OSError("the disk is full")
        for raw in raws:
            self.raws.setdefault(raw.external_id, raw)
        if cursor is not None:
            self.cursors[cursor.name] = cursor.value

    async def cursor(self, name: str) -> str:
        """How far."""
        return self.cursors.get(name, "")

    async def report(self, health: Health, detail: str = "", gap: bool = False) -> None:
        """Everything that was told, in order."""
        self.on_report()
        self.told.append((health, detail, gap))

    @property
    def healths(self) -> list[Health]:
        """How the channel stood, in order."""
        return [health for health, _, _ in self.told]
