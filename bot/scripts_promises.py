"""Finds scripts that promise a time in words: no clock opens for what the catalogue does not declare (rule 119)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from followup.policy import Policy
from handlers.understand.promised_time import promised_time
from scripts_library.catalogue import Spec
from scripts_library.library import Library
from scripts_library.lint import Finding
from scripts_library.templates import digest

BY_PEOPLE = "desk."
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_MONDAY = datetime(2026, 3, 2, 2, tzinfo=UTC)
_ZONE, _POLICY = ZoneInfo("UTC"), Policy("any")
MESSAGE = "names a time by which the buyer is to hear more, and no clock keeps it: leave the time out (rules 110, 119)"


def undeclared(library: Library) -> list[Finding]:
    """A finding for each text of the bot that promises a time in its own words: a time to keep is a fact, declared in
    the catalogue. What people say is read when they say it."""
    return [
        Finding(script, lang, variant.id, "undeclared_promise", MESSAGE, words)
        for script, lang, segment in library.written()
        if _is_ours(library.catalogue.get(script))
        for variant in library.own(script, lang, segment)
        if (words := _promised(variant.source))
    ]


def undeclared_in(spec: Spec | None, lang: str, source: str) -> list[Finding]:
    """The same of one text of a script, in use or not."""
    words = _promised(source) if spec and _is_ours(spec) else ""
    return [Finding(spec.id, lang, digest(source), "undeclared_promise", MESSAGE, words)] if spec and words else []


def _is_ours(spec: Spec | None) -> bool:
    if spec is None or spec.audience != "buyer" or spec.id.startswith(BY_PEOPLE):
        return False
    return not spec.promises


def _promised(source: str) -> str:
    named = promised_time(_TAG.sub("", source), _MONDAY, _ZONE, _POLICY)
    return named.text if named else ""
