"""The photos and files of a matter, and the sealed pack of all that is known of it (rules 51, 54, 57)."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from nicegui import ui

from bot.console.conversation import File
from bot.console.desk import Desk
from bot.console.keyed import Redrawn
from bot.console.matter import Matter
from bot.console.pages.thread_acts import Acts
from bot.console.pages.thread_chat import draw_file
from bot.console.parts import heading
from bot.console.sessions import did
from bot.evidence.files import EvidenceFolder, safe
from bot.evidence.pack import Packed, pack
from handlers.evidence import sealed
from store import evidence_views
from store.engine import steady
from store.wanted import Wanted


class Files:
    """What came with the buyer's messages; a button makes a pack of the whole matter."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts
        with ui.element("section").classes("ht-card"):
            heading(acts.say("files"))
            self._nothing = ui.label(acts.say("no_files")).classes("hf-muted")
            self._shown: Redrawn[tuple[File, ...]] = Redrawn(ui.element("div").classes("ht-photos"), self._draw)
            with ui.element("div").classes("ht-acts"):
                self._button = ui.button(acts.say("pack"), on_click=self._pack).props("flat dense no-caps")

    def show(self, matter: Matter) -> None:
        """Show them as they are now."""
        self._shown.show(matter.files)
        self._nothing.set_visibility(not matter.files)
        self._button.set_visibility(matter.page.is_followed)

    def _draw(self, files: tuple[File, ...]) -> None:
        for file in files:
            draw_file(file)

    async def _pack(self) -> None:
        """Seal everything in one zip, which the browser saves; who did it is noted with its SHA-256."""
        acts, folder = self._acts, Path(tempfile.mkdtemp(prefix="huifang-"))
        ui.context.client.on_delete(lambda: shutil.rmtree(folder, ignore_errors=True))
        packed, path = await asyncio.to_thread(packed_in, folder, acts)
        now, who = acts.desk.clock.now(), acts.visit.person.id
        await acts.desk.store.transact(
            lambda tx: sealed([acts.thread], packed.digest, who, tx, now), Wanted(threads=(acts.thread,))
        )
        await did(acts.desk, acts.visit, "pack", acts.thread)
        ui.download.file(path)
        acts.tell(acts.say("packed", digest=packed.digest[:16]))


def packed_in(folder: Path, acts: Acts) -> tuple[Packed, Path]:
    """Make the pack of the thread in a folder."""
    desk: Desk = acts.desk
    with desk.store.engine.connect() as connection:
        steady(connection)
        matter = evidence_views.matter(connection, [acts.thread])
    own = desk.config.evidence
    path = folder / f"evidence-{safe(matter.order_id or acts.thread)}.zip"
    kept = EvidenceFolder(own.folder, own.largest_mb * 1024 * 1024, own.most)
    return pack(matter, kept, path, desk.zone(matter.shop), acts.visit.lang), path
