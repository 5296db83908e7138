"""The editor of one text: its preview, its length and what is wrong with it beside it while somebody types."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from jinja2 import TemplateError
from nicegui import ui

from bot.console import wording
from bot.console.desk import Desk, Visit
from bot.console.labels import Labels
from bot.console.marking import marked, pieces
from bot.console.parts import chip, heading, told
from bot.console.sessions import did
from bot.console.tried import Reading, Tried, read
from bot.console.wording import Draft
from bot.scripts_until import until_of
from followup.desk.people import Rank
from followup.model import Segment
from followup.ports import WordsExhausted
from scripts_library import samples
from scripts_library.catalogue import Spec
from scripts_library.facts import BadFact
from scripts_library.lint import Finding
from scripts_library.overrides import OverridesDamaged, Rejected
from scripts_library.templates import BadTemplate, Variant

INSERT = """
const box = getElement({id}).$el.querySelector("textarea");
box.setRangeText({what!r}, box.selectionStart, box.selectionEnd, "end");
box.dispatchEvent(new Event("input"));
box.focus();
"""


class Editor:
    """A dialog for one draft. What was typed is kept when it is closed, until it is saved."""

    def __init__(
        self, desk: Desk, visit: Visit, say: Labels, spec: Spec, draft: Draft, by: Tried,
        gaps: Mapping[str, str], others: Sequence[Reading], saved: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        self.desk, self.visit, self.say, self.spec = desk, visit, say, spec
        self.draft, self.by, self.gaps, self.others, self.saved = draft, by, gaps, others, saved
        self.may = visit.person.rank >= Rank.SUPERVISOR
        self._checked: Draft | None = None
        self._draw()

    def open(self) -> None:
        """Show it, with the cursor in the text."""
        self.dialog.open()
        ui.timer(0, self.check, once=True)

    def _draw(self) -> None:
        say, lang = self.say, self.say(f"langs.{self.draft.lang}")
        title = say("editor_edit" if self.draft.replaces else "editor_add", lang=lang)
        self.dialog = ui.dialog().props(f'aria-label="{title}"')
        with self.dialog, ui.card().classes("hf-editor") as card:
            card.on("keydown.ctrl.s.prevent", self.save)
            card.on("keydown.meta.s.prevent", self.save)
            heading(title)
            with ui.element("div").classes("hf-editor-halves"):
                with ui.column().classes("hf-editor-half"):
                    self._fields()
                with ui.column().classes("hf-editor-half"):
                    self._beside()
            self._buttons()

    def _fields(self) -> None:
        say = self.say
        self.box = ui.textarea(say("text"), value=self.draft.text).props(
            f'outlined autogrow autofocus debounce=300 lang="{self.draft.lang}" hint="{say("text_hint")}"'
        )
        self.box.classes("full-width hf-editor-text").on_value_change(self.check)
        with ui.row().classes("items-center hf-facts"):
            for fact in self.spec.facts:
                label = say("use_fact", fact=self.gaps.get(fact.name, fact.name))
                button = ui.button(fact.name, on_click=lambda name=fact.name: self._insert(name))
                button.props(f'flat dense no-caps size=sm aria-label="{label}" title="{label}"')
        with ui.row().classes("items-end"):
            self.segment = ui.select(
                {each.value: say(each.value) for each in Segment}, value=self.draft.segment.value, label=say("segment")
            ).props("outlined dense options-dense")
            self.segment.set_visibility(not self.draft.replaces and self.spec.audience == "buyer")
            self.segment.on_value_change(self.check)
            until = f"{self.draft.until:%Y-%m-%d}" if self.draft.until else ""
            self.until = (
                ui.input(say("until"), value=until)
                .props("outlined dense type=date stack-label clearable")
                .classes("hf-until")
            )
            self.until.set_visibility(not self.spec.label)
            self.until.on_value_change(self.check)

    def _beside(self) -> None:
        say = self.say
        heading(say("preview" if self.spec.audience == "buyer" else "preview_agent"), 3)
        self.shown = ui.element("div").classes("hf-bubble").props(f'lang="{self.draft.lang}"')
        self.lengths = ui.row().classes("hf-muted")
        self.verdict = ui.element("div").props('role="status" aria-live="polite"').classes("full-width")
        others = {each.lang: each for each in reversed(self.others) if each.lang != self.draft.lang}
        if others:
            heading(say("beside"), 3)
        for each in reversed(list(others.values())):
            with ui.row().classes("no-wrap full-width"):
                chip(say(f"langs.{each.lang}"))
                ui.label(each.reads.text).classes("hf-muted hf-lines").props(f'lang="{each.lang}"')

    def _buttons(self) -> None:
        say = self.say
        with ui.row().classes("full-width justify-end items-center"):
            if not self.may:
                ui.label(say("may_not")).classes("hf-muted")
            ui.button(say("cancel"), on_click=self.dialog.close).props("flat")
            self.button = ui.button(say("save"), on_click=self.save).classes("hf-editor-save")
            self.button.set_enabled(False)

    def _insert(self, name: str) -> None:
        ui.run_javascript(INSERT.format(id=self.box.id, what=f"{{{{ {name} }}}}"))

    def _now(self) -> Draft:
        """The draft as it stands in the fields. Raises ValueError for a day that is none, or is over."""
        zone = next(iter(self.desk.deps.policies.values())).zone
        until = until_of(str(self.until.value or ""), zone, self.desk.clock.now())
        segment = Segment(self.segment.value)
        return replace(self.draft, text=str(self.box.value or "").strip(), segment=segment, until=until)

    async def check(self) -> None:
        """Look at the draft; what was typed meanwhile is looked at by itself."""
        self._checked = None
        self.button.set_enabled(False)
        try:
            draft = self._now()
        except ValueError:
            self._tell([], self.say("until_wrong"))
            return
        self._preview(draft)
        found = await asyncio.to_thread(wording.faults, self.desk, draft) if draft.text else []
        with suppress(ValueError):
            if draft == self._now():
                self._checked = draft if draft.text and not found else None
                self._tell(found, self.say("fine") if self._checked and self._is_new(draft) else "")
                self.button.set_enabled(self.may and self._checked is not None)

    def _is_new(self, draft: Draft) -> bool:
        return (draft.text, draft.until) != (self.draft.text, self.draft.until)

    def _preview(self, draft: Draft) -> None:
        words = wording.library(self.desk)
        text = draft.text
        with suppress(BadTemplate, TemplateError, BadFact, WordsExhausted):
            at = (draft.lang, draft.segment, Variant(draft.text))
            text = read(words, self.spec, *at, self.by, self.gaps).text
        self.shown.clear()
        with self.shown:
            ui.label(text).classes("hf-lines")
        self.lengths.clear()
        with self.lengths:
            ui.label(self.say("length", count=len(text)))
            with suppress(BadTemplate, TemplateError, BadFact, WordsExhausted):
                most = Tried(samples.longest(self.spec, draft.lang))
                at = (draft.lang, draft.segment, Variant(draft.text))
                count = len(read(words, self.spec, *at, most, {}).text)
                ui.label(self.say("length_longest", count=count))
            ui.label(self.say("longest", count=min(self.spec.longest, wording.shortest(self.desk))))

    def _tell(self, found: list[Finding], sentence: str) -> None:
        self.verdict.clear()
        with self.verdict:
            if not found:
                ui.label(sentence).classes("hf-good" if self._checked else "hf-bad")
                return
            ui.label(self.say("refused")).classes("hf-bad")
            spans = sorted({span for each in found for span in marked(str(self.box.value or ""), each.words)})
            with ui.element("ul").classes("hf-findings"):
                for each in found:
                    with ui.element("li"):
                        ui.label(in_words(each, self.say))
            if spans:
                _marked(str(self.box.value), spans)

    async def save(self) -> None:
        """Save what was found to be in order; nothing else can be."""
        if not self.may or self._checked is None or self._checked != self._now():
            return
        self.button.set_enabled(False)
        try:
            await wording.save(self.desk, self._checked, self.visit.person.id)
        except Rejected as error:
            self._checked = None
            self._tell(list(error.findings), self.say("not_saved", why=str(error)))
            return
        except OverridesDamaged as error:
            told(self.say("not_saved", why=str(error)), "bad")
            return
        await did(self.desk, self.visit, "script.set", self.spec.id)
        self.dialog.close()
        told(self.say("saved"))
        await self.saved()


def in_words(finding: Finding, say: Labels) -> str:
    """A finding in the reader's language: the rule, its numbers and the words."""
    rule = str(say.table["rules"].get(finding.rule, finding.message))
    numbers = finding.message.rpartition("(rules ")[2].rstrip(")") if "(rules " in finding.message else ""
    served = f" ({say('rules_served', rules=numbers)})" if numbers else ""
    return f"{rule.format()}{served}" + (f": “{finding.words}”" if finding.words else "")


def _marked(text: str, spans: list[tuple[int, int]]) -> None:
    with ui.element("p").classes("hf-marked hf-lines"):
        for piece, is_marked in pieces(text, spans):
            with ui.element("mark" if is_marked else "span"):
                ui.label(piece).classes("hf-inline")
