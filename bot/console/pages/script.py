"""One script: what it says in every language, tried with a real order, edited, and its history."""

from __future__ import annotations

from contextlib import suppress

from nicegui import ui

from bot.console import wording
from bot.console.desk import Desk, Visit
from bot.console.editor import Editor, in_words
from bot.console.frame import page
from bot.console.keyed import Redrawn
from bot.console.keys import keys
from bot.console.pages.scripts import CSS, named_in
from bot.console.parts import chip, confirm, go, heading, link, nothing, told, when
from bot.console.sessions import did
from bot.console.tried import Reading, Tried, readings, suggested, tried
from bot.console.wording import Draft
from followup.desk.people import Rank
from followup.model import Segment
from scripts_library.catalogue import Spec, load_catalogue
from scripts_library.overrides import OverridesDamaged, Rejected, Step
from scripts_library.search import number_of


@page("/scripts/{id}", "script")
async def script(desk: Desk, visit: Visit, id: str, order: str = "") -> None:  # noqa: A002 - the path calls it so
    """A script by its id or short number."""
    say = visit.labels("scripts")
    ui.add_css(CSS)
    spec = load_catalogue().get(id)
    if spec is None:
        heading(say("title"), 1)
        nothing(say("rules.off_catalogue"))
        link(say("back"), "/console/scripts")
        return
    await _Script(desk, visit, spec).draw(order)


class _Script:
    def __init__(self, desk: Desk, visit: Visit, spec: Spec) -> None:
        self.desk, self.visit, self.spec, self.say = desk, visit, spec, visit.labels("scripts")
        self.may = visit.person.rank >= Rank.SUPERVISOR
        self.by, self.raw = Tried(), False
        self.gaps = {each.name: self.say("gap", fact=self._fact(each.name, each.type)) for each in spec.facts}
        self.readings: list[Reading] = []
        self.drafts: dict[tuple[str, str], Editor] = {}

    def _fact(self, name: str, type_: str) -> str:
        return str(self.say.table["fact"].get(name) or named_in(self.say, "fact_types", type_))

    async def draw(self, order: str) -> None:
        """The whole page; what changes is drawn again by `refresh`."""
        say, spec = self.say, self.spec
        link(say("back"), "/console/scripts")
        name = self.visit.names.step(spec.id)
        heading(name if name != spec.id else say("title"), 1)
        with ui.row().classes("items-center"):
            ui.label(spec.id).classes("hf-code")
            chip(say(f"audiences.{spec.audience}"))
            chip(named_in(say, "roles", spec.role.value))
            if spec.rules:
                ui.label(say("rules_served", rules=", ".join(map(str, spec.rules)))).classes("hf-muted")
            if spec.audience == "buyer" and not spec.label:
                ui.label(say("number", number=number_of(spec.id))).classes("hf-muted")
        if damage := wording.damage(self.desk):
            ui.label(say("damaged", why=damage)).classes("hf-bad").props('role="alert"')
        self._about()
        if spec.audience == "buyer" and spec.facts:
            await self._tries()
        place = ui.element("div").classes("hf-columns")
        self.columns = Redrawn[object](place, lambda _: self._columns())
        with ui.column().classes("full-width"):
            heading(say("history"))
            self.history = Redrawn[tuple[Step, ...]](ui.element("div").classes("full-width"), self._history)
        self._keys()
        if order:
            await self._try(order)
        await self.refresh()
        self.desk.live.watch(self.refresh)

    async def refresh(self) -> None:
        """Read the words again, and draw what is other."""
        self.readings = await readings(self.desk, self.spec, self.by, self.gaps)
        with suppress(OverridesDamaged):
            self.steps = wording.overrides(self.desk).history(self.spec.id)
            self.history.show(tuple(self.steps))
        self.columns.show((tuple(self.readings), tuple(self.steps), self.raw))

    def _about(self) -> None:
        say, spec = self.say, self.spec
        with ui.expansion(say("about")).classes("full-width hf-surface").props("dense"):
            heading(say("facts"), 3)
            if not spec.facts:
                nothing(say("facts_none"))
            with ui.element("dl").classes("hf-facts-list"):
                for fact in spec.facts:
                    with ui.element("dt"):
                        ui.label(f"{{{{ {fact.name} }}}}").classes("hf-code")
                    with ui.element("dd"):
                        marks = [say("must")] * (fact.name in spec.says) + [say("optional")] * fact.optional
                        ui.label(" · ".join((self._fact(fact.name, fact.type), *marks)))
            limits = {
                name: self.desk.deps.can(name).longest_text for name in sorted(set(self.desk.deps.channels.values()))
            }
            lines = (say("channel_limit", channel=name, count=count) for name, count in limits.items())
            ui.label(" · ".join((say("longest", count=spec.longest), *lines))).classes("hf-muted")

    async def _tries(self) -> None:
        say = self.say
        picks = await suggested(self.desk, self.visit, self.spec)
        labels = {each.thread: " · ".join(filter(None, (each.order_id, each.buyer, each.goods))) for each in picks}
        with ui.row().classes("items-center full-width"):
            box = ui.select(labels, label=say("try_with"), with_input=True, clearable=True, new_value_mode="add-unique")
            box.props("outlined dense options-dense").classes("hf-try")
            switch = ui.switch(say("as_written"), value=self.raw)
            self.whose = ui.label(say("samples")).classes("hf-muted").props('role="status"')

        async def pick() -> None:
            await self._try(str(box.value or ""))
            await self.refresh()

        async def turn() -> None:
            self.raw = bool(switch.value)
            await self.refresh()

        box.on_value_change(pick)
        switch.on_value_change(turn)

    async def _try(self, wanted: str) -> None:
        found = await tried(self.desk, self.visit, self.spec, wanted) if wanted else Tried()
        if found is None:
            told(self.say("try_none"), "bad")
            return
        self.by = found
        if self.spec.audience == "buyer" and self.spec.facts:
            shown = self.say("tried", order=found.order, buyer=found.buyer) if found.order else self.say("samples")
            self.whose.set_text(shown)

    def _columns(self) -> None:
        his = (lang for lang in self.spec.langs if lang == self.visit.lang)
        for lang in dict.fromkeys((*his, *self.spec.langs)):
            with (
                ui.element("section").classes("hf-surface hf-column").props(f'aria-label="{self.say(f"langs.{lang}")}"')
            ):
                self._column(lang)

    def _column(self, lang: str) -> None:
        say = self.say
        heading(say(f"langs.{lang}"), 2)
        mine = [each for each in self.readings if each.lang == lang]
        if not mine:
            nothing(say("no_words"))
        for segment in Segment:
            found = [each for each in mine if each.segment is segment]
            if found and (segment is Segment.RETURNING or len({each.segment for each in mine}) > 1):
                heading(say(segment.value), 3)
            for each in found:
                self._text(each)
        ui.button(say("add"), icon="add", on_click=lambda: self._edit(lang)).props("flat dense").classes("hf-add")
        self._retired(lang)

    def _text(self, one: Reading) -> None:
        say = self.say
        with ui.element("article").classes("hf-text"):
            text = one.source if self.raw else one.reads.text
            ui.label(text).classes("hf-bubble hf-lines" + " hf-code" * self.raw).props(f'lang="{one.lang}"')
            with ui.row().classes("items-center hf-under"):
                if one.own:
                    chip(say("own"), "info")
                if one.until:
                    now, zone = self.desk.clock.now(), self.desk.zone("")
                    chip(say("until_shown", at=when(one.until, zone, now)), "warn")
                for finding in self._findings(one):
                    chip(in_words(finding, say), "bad")
                ui.label(say("length", count=len(one.reads.text))).classes("hf-muted")
                if one.reads.lacks:
                    lacks = ", ".join(self.gaps[name].strip("〔〕[]") for name in one.reads.lacks)
                    ui.label(say("lacks", facts=lacks)).classes("hf-warn")
                ui.space()
                edit = ui.button(say("edit"), icon="edit", on_click=lambda: self._edit(one.lang, one))
                edit.props("flat dense size=sm").classes("hf-edit")
                if self.may:
                    away = ui.button(say("retire"), on_click=lambda: self._retire(one))
                    away.props("flat dense size=sm")

    def _findings(self, one: Reading) -> list[wording.Finding]:
        if self.spec.id not in wording.changed(self.steps):
            return []
        found = wording.findings_in(wording.library(self.desk), self.spec.id)
        return [each for each in found if (each.lang, each.variant) == (one.lang, one.variant)]

    def _retired(self, lang: str) -> None:
        gone = [each for each in wording.retired(wording.library(self.desk), self.steps) if each[0].lang == lang]
        if not gone:
            return
        with ui.expansion(f"{self.say('retired')} ({len(gone)})").props("dense").classes("full-width"):
            for entry, step, text in gone:
                ui.label(text or entry.variant).classes("hf-muted hf-lines").props(f'lang="{lang}"')
                if self.may:
                    ui.button(self.say("restore"), on_click=lambda step=step: self._undo(step)).props(
                        "flat dense size=sm"
                    )

    def _history(self, steps: tuple[Step, ...]) -> None:
        if not steps:
            nothing(self.say("history_none"))
            return
        with ui.element("ol").classes("hf-list").props("reversed"):
            for number, step in reversed(list(enumerate(steps, 1))):
                with ui.element("li").classes("hf-surface hf-step"):
                    self._step(number, step, steps)

    def _step(self, number: int, step: Step, steps: tuple[Step, ...]) -> None:
        say, now, zone = self.say, self.desk.clock.now(), self.desk.zone("")
        at = when(step.at, zone, now) if step.at else say("unknown_time")
        person = self.desk.deps.roster.people.get(step.by)
        who = person.name or person.id if person else step.by
        entry = step.entries[0]
        what = f"{say(f'steps.{step.what}')} ({named_in(say, 'langs', entry.lang)})"
        if step.of:
            numbers = {each.id: at for at, each in enumerate(steps, 1)}
            what = say("undo_of", number=numbers.get(step.of, step.of))
        with ui.row().classes("items-center full-width"):
            ui.label(say("step_line", number=number, at=at, who=who, what=what))
            if not step.in_force:
                chip(say("undone_mark"))
            ui.space()
            if self.may and step.in_force:
                label = f"{say('undo')} {number}"
                undo = ui.button(say("undo"), on_click=lambda: self._undo(step))
                undo.props(f'flat dense size=sm aria-label="{label}"')
        for text in dict.fromkeys(each.text for each in step.entries if each.text):
            ui.label(text).classes("hf-muted hf-lines").props(f'lang="{entry.lang}"')

    def _edit(self, lang: str, one: Reading | None = None) -> None:
        key = (lang, one.variant if one else "")
        if key not in self.drafts:
            draft = Draft(
                self.spec.id, lang, one.segment if one else Segment.NEW, one.source if one else "",
                one.variant if one else "", one.until if one else None,
            )  # fmt: skip
            self.drafts[key] = self._editor(draft)
        self.drafts[key].by = self.by
        self.drafts[key].open()

    def _editor(self, draft: Draft) -> Editor:
        async def saved() -> None:
            self.drafts.pop((draft.lang, draft.replaces), None)
            await self.refresh()

        with ui.context.client.content:
            return Editor(self.desk, self.visit, self.say, self.spec, draft, self.by, self.gaps, self.readings, saved)

    async def _retire(self, one: Reading) -> None:
        if await confirm(self.visit, self.say("retire_sure"), self.say("retire")):
            change = wording.retire(self.desk, self.spec.id, one.lang, one.variant, self.visit.person.id)
            await self._done(change, "script.retire", "retired_done")

    async def _undo(self, step: Step) -> None:
        await self._done(wording.undo(self.desk, step.id, self.visit.person.id), "script.undo", "undone")

    async def _done(self, change: wording.Coroutine[None, None, None], what: str, said: str) -> None:
        try:
            await change
        except Rejected as error:
            why = "; ".join(in_words(each, self.say) for each in error.findings) or str(error)
            told(self.say("not_saved", why=why), "bad")
            return
        except OverridesDamaged as error:
            told(self.say("not_saved", why=str(error)), "bad")
            return
        await did(self.desk, self.visit, what, self.spec.id)
        told(self.say(said))
        await self.refresh()

    def _keys(self) -> None:
        keys(
            {
                "/": (self.say("key_search"), "focus .hf-try"),
                "j": (self.say("key_next"), "next .hf-edit"),
                "k": (self.say("key_previous"), "previous .hf-edit"),
                "e": (self.say("key_edit"), "click .hf-edit"),
                "u": (self.say("key_back"), lambda: go("/console/scripts")),
            }
        )
