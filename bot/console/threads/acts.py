"""What is done with threads from the list: taken, given to somebody, flagged, one or several at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from nicegui import ui

from bot.console.acting import answer, obeyed
from bot.console.desk import Desk, Visit
from bot.console.parts import heading
from bot.console.parts import told as tell
from bot.routine.names import names
from followup.desk.flags import NO_FLAG, Flag
from followup.desk.people import Rank
from followup.desk.verbs import Verb

MOST = 100
"""As many threads as are acted on at once."""
FEW = 3
"""As many different answers as are told of those."""


class Acts:
    """Carries out what somebody asks for in the list, and tells him what came of it."""

    def __init__(self, desk: Desk, visit: Visit) -> None:
        self._desk, self._visit = desk, visit
        self._say = visit.labels("threads")
        self._client = ui.context.client

    async def do(self, what: str, ids: Sequence[str]) -> None:
        """Take them at once, or ask first to whom they are to be given or which flag they get."""
        ids = [str(id_) for id_ in ids][:MOST]
        if what == "take":
            await self._all(Verb.TAKE, ids)
        elif what == "give":
            self._ask_whom(ids)
        elif what == "flag":
            self._ask_flag(ids)

    async def _all(self, verb: Verb, ids: Sequence[str], **more: Any) -> None:
        """Each by itself; what is said of several is said once."""
        came = [await obeyed(self._desk, self._visit, verb, thread=id_, **more) for id_ in ids]
        for done in (True, False):
            texts = [answer(self._desk, self._visit, each) for each in came if each.done is done]
            if not texts:
                continue
            words = " ".join(list(dict.fromkeys(texts))[:FEW])
            if len(ids) > 1:
                words = self._say("all_done" if done else "some_done", count=len(texts), said=words)
            with self._client:  # the dialog in which it was asked for may be gone by now
                tell(words, "good" if done else "warn")

    def _ask_whom(self, ids: Sequence[str]) -> None:
        people: dict[str, str] = {}
        for shop in self._desk.deps.policies:
            if any(id_.startswith(f"{shop}/") for id_ in ids):
                people |= {each.id: each.name or each.id for each in self._desk.deps.roster.of_rank(Rank.AGENT, shop)}
        with _dialog(self._say("whom")) as dialog:
            whom = ui.radio(people)
            whom.props["aria-label"] = self._say("whom")

            async def give() -> None:
                if whom.value:
                    dialog.close()
                    await self._all(Verb.GIVE, ids, to=whom.value)

            self._buttons(dialog, self._say("give_now"), give)
        dialog.open()

    def _ask_flag(self, ids: Sequence[str]) -> None:
        called = {each.value: names(self._visit.lang).of("flags", each.value) for each in Flag if each}
        with _dialog(self._say("which_flag")) as dialog:
            which = ui.radio({**called, NO_FLAG: self._say("no_flag")})
            which.props["aria-label"] = self._say("which_flag")
            why = ui.input(self._say("reason")).classes("w-full").props("maxlength=200")

            async def flag() -> None:
                if which.value:
                    dialog.close()
                    await self._all(Verb.FLAG, ids, word=which.value, text=why.value.strip())

            self._buttons(dialog, self._say("flag_now"), flag)
        dialog.open()

    def _buttons(self, dialog: ui.dialog, label: str, does: Callable[[], Awaitable[None]]) -> None:
        with ui.row().classes("w-full justify-end"):
            ui.button(self._say("cancel"), on_click=dialog.close).props("flat no-caps")
            ui.button(label, on_click=does).props("unelevated no-caps")


@contextmanager
def _dialog(title: str) -> Iterator[ui.dialog]:
    """One that is gone when it is closed."""
    with ui.dialog() as dialog, ui.card().classes("w-full"):
        dialog.props["aria-label"] = title
        dialog.on("hide", dialog.delete)
        heading(title)
        yield dialog
