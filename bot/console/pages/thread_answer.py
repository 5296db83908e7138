"""The box in which an answer to the buyer is written: read as it is typed, kept over a reload, sent with Ctrl+Enter."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

from nicegui import events, ui

from bot.console.answering import AnsweredMeanwhile, say, sentence
from bot.console.files import NotTaken, keep
from bot.console.keyed import Redrawn
from bot.console.matter import before_it_goes
from bot.console.pages.thread_acts import Acts
from bot.console.parts import when
from bot.console.presence import Stay
from bot.why import Judged
from followup.attachments import marked
from followup.model import Attachment
from handlers.agent_says import NobodyToTell, NotSayable, Read, Said, SaidAMomentAgo

PAUSE, STILL = 0.5, 4.0
"""Seconds after the last key until the words are read, and until nobody is writing any more."""
LARGEST, MOST = 20 * 1024 * 1024, 6
LONGEST = 4000
"""Characters of one answer; every channel takes as many, some in parts."""
Findings = tuple[tuple[str, bool], ...]


class Answer:
    """Words and files for the buyer, and what there is to say of them before they go."""

    def __init__(self, acts: Acts, stay: Callable[[], Stay | None]) -> None:
        self._acts, self._say, self._stay = acts, acts.say, stay
        self._typed, self._advised, self._is_busy = 0, "", False
        self._files: list[Attachment] = []
        with ui.element("div").classes("ht-answer"):
            self.box = ui.textarea(self._say("answer"), on_change=self._changed).classes("full-width hf-answer")
            self.box.props(f"outlined autogrow input-style=min-height:72px maxlength={LONGEST}")
            self.box.on("keydown.ctrl.enter", self.send)
            self.box.on("keydown.meta.enter", self.send)
            found = ui.element("ul").classes("ht-findings")
            found.props["aria-live"] = "polite"
            self._findings: Redrawn[Findings] = Redrawn(found, self._draw_findings)
            self._attached: Redrawn[tuple[Attachment, ...]] = Redrawn(
                ui.element("div").classes("ht-choices"), self._draw_files
            )
            self._bar()
        self._keep_draft()

    def put(self, text: str) -> None:
        """Put words into the box, behind those that stand there."""
        before = str(self.box.value or "").strip()
        self.box.set_value(f"{before}\n{text}" if before else text)
        self.box.run_method("focus")

    async def send(self) -> None:
        """Send what stands in the box, unless a rule forbids it or somebody should look first."""
        text = str(self.box.value or "").strip()
        if self._is_busy or not (text or self._files):
            return
        self._is_busy = True
        try:
            if await self._may_go(text):
                await self._send(text)
        finally:
            self._is_busy = False

    def _bar(self) -> None:
        upload = ui.upload(
            on_upload=self._uploaded,
            on_rejected=lambda: self._acts.tell(self._say("too_large"), False),
            max_file_size=LARGEST,
            auto_upload=True,
            multiple=True,
        ).classes("ht-hidden")
        with ui.element("div").classes("ht-bar"):
            ui.button(self._say("send"), icon="send", on_click=self.send).props("unelevated no-caps").classes("ht-send")
            attach = ui.button(icon="attach_file").props("flat round dense")
            attach.props["aria-label"] = self._say("attach")
            attach.on("click", js_handler=f"() => runMethod({upload.id}, 'pickFiles', [])")
            ui.label(self._say("ctrl_enter")).classes("ht-small hf-wide")
        self._upload = upload

    async def _may_go(self, text: str) -> bool:
        """Whether no rule forbids it, and what there is to think of was seen."""
        seen = await self._read(text)
        if seen is None:
            return False
        if seen.forbidden:
            self._acts.tell(self._say("forbidden"), False)
            return False
        if seen.advice and self._advised != text:
            self._advised = text
            self._acts.tell(self._say("look_at_advice"), False)
            return False
        return True

    async def _read(self, text: str) -> Read | None:
        """What there is to say of the words, shown under the box."""
        desk, acts = self._acts.desk, self._acts
        try:
            seen = await desk.read_of(acts.visit.person.shops, before_it_goes, desk, acts.visit, acts.thread, text)
        except NobodyToTell:
            acts.tell(self._say("nobody"), False)
            return None
        self._findings.show(tuple(self._told(seen)))
        return seen

    def _told(self, seen: Read) -> list[tuple[str, bool]]:
        acts = self._acts
        told = [(sentence(each, acts.desk, acts.visit), True) for each in seen.forbidden]
        told += [(sentence(each, acts.desk, acts.visit), False) for each in seen.advice]
        if seen.promise is not None:
            at = when(seen.promise.due_at, acts.desk.zone(acts.shop), acts.desk.clock.now())
            told.append((self._say("promises", at=at), False))
        return told

    async def _send(self, text: str, again: bool = False, all_the_same: bool = False) -> None:
        acts = self._acts
        try:
            said = await say(
                acts.desk, acts.visit, acts.thread, text, tuple(self._files), again=again, all_the_same=all_the_same
            )
        except AnsweredMeanwhile as error:
            at = when(error.at, acts.desk.zone(acts.shop), acts.desk.clock.now())
            told = self._say("answered_text", who=error.who, at=at, text=error.text)
            if await acts.sure(self._say("answered_meanwhile", who=error.who), told, self._say("send_mine_too")):
                await self._send(text, again, all_the_same=True)
        except SaidAMomentAgo:
            if await acts.sure(self._say("said_just_now"), text, self._say("send_again")):
                await self._send(text, True, all_the_same)
        except NotSayable as error:
            self._findings.show(tuple((sentence(each, acts.desk, acts.visit), True) for each in error.findings))
            acts.tell(self._say("forbidden"), False)
        except NobodyToTell:
            acts.tell(self._say("nobody"), False)
        else:
            self._over(said)

    def _over(self, said: Said) -> None:
        """It went, and the box is empty; or it did not, and the words stay there."""
        acts = self._acts
        if not said.went:
            judged = Judged(acts.desk.zone(acts.shop), acts.visit.names)
            why = (judged.check(each, "failed") for each in said.decision.reasons if not each.passed)
            acts.tell(self._say("did_not_go", why=acts.visit.names("also").join(why)), False)
            return
        self.box.set_value("")
        self._findings.show(())
        self._files, self._advised = [], ""
        self._show_files()
        if said.left_out:
            acts.tell(self._say("left_out", files=marked("", said.left_out)), False)
        acts.tell(self._say("pasted" if said.channel == "manual" else "sent"))

    async def _changed(self, change: events.ValueChangeEventArguments[str | None]) -> None:
        """The words are read a moment after the last key, and who else is here sees that somebody writes."""
        self._typed += 1
        mine, text = self._typed, str(change.value or "").strip()
        self._writes(bool(text))
        await asyncio.sleep(PAUSE)
        if mine == self._typed and not text:
            self._findings.show(())
        elif mine == self._typed and await self._read(text) is not None:
            self._advised = text
        await asyncio.sleep(STILL)
        if mine == self._typed:
            self._writes(False)

    def _writes(self, is_writing: bool) -> None:
        if stay := self._stay():
            stay.writes(is_writing)

    async def _uploaded(self, upload: events.UploadEventArguments) -> None:
        content = await upload.file.read()
        try:
            kept = await asyncio.to_thread(keep, self._acts.desk.config, upload.file.name, content)
        except NotTaken:
            self._acts.tell(self._say("not_taken"), False)
        except OSError:
            self._acts.tell(self._say("not_kept"), False)
        else:
            if len(self._files) < MOST:
                self._files.append(kept)
            self._show_files()
        self._upload.reset()

    def _show_files(self) -> None:
        self._attached.show(tuple(self._files))

    def _draw_files(self, files: tuple[Attachment, ...]) -> None:
        for each in files:
            with ui.element("span").classes("ht-row"):
                ui.label(each.name)
                drop = ui.button(icon="close", on_click=lambda each=each: self._drop(each)).props(
                    "flat round dense size=xs"
                )
                drop.props["aria-label"] = self._say("drop", file=each.name)

    def _drop(self, file: Attachment) -> None:
        self._files.remove(file)
        self._show_files()

    def _draw_findings(self, findings: Findings) -> None:
        for text, is_forbidden in findings:
            with ui.element("li").classes("ht-row hf-bad" if is_forbidden else "ht-row hf-warn"):
                ui.icon("block" if is_forbidden else "info").props('aria-hidden="true"')
                ui.label(f"{self._say('not_allowed') if is_forbidden else self._say('advice')} {text}").classes(
                    "ht-words"
                )

    def _keep_draft(self) -> None:
        """What is not sent stays in this browser, for this person and this thread."""
        key = json.dumps(f"hf-draft:{self._acts.visit.person.id}:{self._acts.thread}")
        self.box.on("update:model-value", js_handler=f"(text) => localStorage.setItem({key}, text || '')")

        async def restore() -> None:
            draft = ""
            with suppress(TimeoutError):  # the page was left before it could answer
                draft = await ui.run_javascript(f"return localStorage.getItem({key}) || ''", timeout=5.0)
            if draft and not self.box.value:
                self.box.set_value(str(draft))

        async def forget(change: events.ValueChangeEventArguments[str | None]) -> None:
            if not change.value:
                ui.run_javascript(f"localStorage.removeItem({key})")

        self.box.on_value_change(forget)
        ui.timer(0.05, restore, once=True)
