"""What one of the shop's people is answered: words of `scripts_library/agent_words`, never free text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from followup.model import Choice


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to a command: a script of the agents' words with its facts, and what may be tapped under it.

    `done` is whether something was changed; a refusal says why. `about` is the thread it concerns ("" for none).
    """

    script: str
    facts: Mapping[str, object] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    done: bool = True
    about: str = ""
