"""The steps that every kind has: the clock of a promise (rule 119)."""

from __future__ import annotations

from followup.kinds.kind import Step

PROMISED: dict[str, Step] = {}
