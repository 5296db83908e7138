"""What one of the shop's people typed in the group, read as a command: `/take`, `/接单`, `/flag blue …`, `// a note`.

The names of commands are data in `command_names.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from followup.desk.codes import ALPHABET, LENGTH
from followup.desk.command_names import MARKS, flag_named, folded, is_sure, near, verb_named
from followup.desk.command_times import Times, When
from followup.desk.flags import NO_FLAG, needs_reason
from followup.desk.verbs import Verb
from followup.model import Instant

LATER = timedelta(hours=1)
_STEP = re.compile(r"[a-z]+(?:[._][a-z_]+)+")
_CODE = re.compile(rf"#?([{ALPHABET}]{{{LENGTH}}})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command as it was typed: `task` the code of a task (it may turn out to be the first word of `text`), `to` the
    name of another person, `until` a time, `word` a flag, a script, or the first word of a cause, `text` what there is
    to say."""

    verb: Verb
    task: str = ""
    to: str = ""
    until: Instant | None = None
    word: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Misread:
    """A command that cannot be meant so: `script` says in the agents' words what was expected, with an example."""

    script: str
    facts: Mapping[str, object] = field(default_factory=dict)
    verb: Verb | None = None


def read(text: str, now: Instant, zone: ZoneInfo, times: Times) -> Asked | Misread | None:
    """The command that a text is, None if it is none. Times are meant in `zone`; words for them are read by `times`
    (`handlers.desk.typed.typed` is this with the project's own reader)."""
    line = text.strip()
    if folded(line[:2]) == "//":
        return _said(Verb.NOTE, line[2:].strip(), When(now, zone, times))
    if folded(line[:1]) != "/":
        return None
    verb, typed, rest = verb_named(line[1:].lstrip())
    if verb is None:
        return Misread("desk.unknown_command", {"typed": typed, "near": near(typed)})
    return _READ.get(verb, _plain)(verb, rest, When(now, zone, times))


def _expected(verb: Verb) -> Misread:
    return Misread(f"desk.expected_{verb}", {}, verb)


def _plain(verb: Verb, rest: str, _when: When) -> Asked | Misread:
    """Perhaps a code, perhaps more words."""
    task, text = _coded(rest)
    return Asked(verb, task=task, text=text)


def _said(verb: Verb, rest: str, _when: When) -> Asked | Misread:
    """Words, as they are."""
    return Asked(verb, text=rest) if rest else _expected(verb)


def _search(verb: Verb, rest: str, _when: When) -> Asked | Misread:
    """Words, or none: what suits the matter."""
    return Asked(verb, text=rest)


def _worded(verb: Verb, rest: str, _when: When) -> Asked | Misread:
    """One word that names something, perhaps more words."""
    word, text = _first(rest)
    return Asked(verb, word=word, text=text) if word else _expected(verb)


def _give(verb: Verb, rest: str, _when: When) -> Asked | Misread:
    to, more = _first(rest)
    task, text = _coded(more)
    return Asked(verb, to=to.lstrip("@＠"), task=task, text=text) if to.strip("@＠") else _expected(verb)


def _flag(verb: Verb, rest: str, _when: When) -> Asked | Misread:
    flag, reason = flag_named(rest)
    if flag is None:
        return _expected(verb)
    if needs_reason(flag) and not reason:
        return Misread("desk.expected_reason", {}, verb)
    return Asked(verb, word=flag.value or NO_FLAG, text=reason)


def _snooze(verb: Verb, rest: str, when: When) -> Asked | Misread:
    until, text, _ = when.named(rest)
    return Asked(verb, until=until, text=text) if until else _expected(verb)


def _later(verb: Verb, rest: str, when: When) -> Asked | Misread:
    """Perhaps a code, perhaps a time; without one in an hour."""
    task, left = ("", rest) if when.span(rest)[0] else _coded(rest)
    if not left:
        return Asked(verb, task=task, until=when.now + LATER)
    until, text, _ = when.named(left)
    return Asked(verb, task=task, until=until, text=text) if until else _expected(verb)


def _promise(verb: Verb, rest: str, when: When) -> Asked | Misread:
    """A time, and what is to happen by then."""
    until, what, is_more = when.named(rest)
    if until is None or not is_more:
        return _expected(verb)
    return Asked(verb, until=until, text=what or rest)


def _planned(verb: Verb, rest: str, _when: When) -> Asked | Misread:
    """Perhaps the step of the planned touch that is meant, perhaps more words."""
    step, text = _stepped(rest)
    return Asked(verb, word=step, text=text)


def _move(verb: Verb, rest: str, when: When) -> Asked | Misread:
    """Perhaps the step, then a time."""
    step, left = _stepped(rest)
    until, text, _ = when.named(left)
    return Asked(verb, until=until, word=step, text=text) if until else _expected(verb)


def _coded_words(verb: Verb, rest: str, _when: When) -> Asked | Misread:
    """Perhaps a code, then words."""
    task, text = _coded(rest)
    return Asked(verb, task=task, text=text) if text else _expected(verb)


def _reasoned(verb: Verb, rest: str, _when: When) -> Asked | Misread:
    """Perhaps a code, and a reason; whether that lacks is asked once it is known which task is meant."""
    task, reason = _coded(rest)
    return Asked(verb, task=task, text=reason) if rest else _expected(verb)


def _erase(verb: Verb, rest: str, _when: When) -> Asked | Misread:
    """The word that makes it sure is handed on as "yes"."""
    return Asked(verb, text="yes" if is_sure(rest) else rest)


_READ: Mapping[Verb, Callable[[Verb, str, When], Asked | Misread]] = {
    Verb.GIVE: _give,
    Verb.NOTE: _said,
    Verb.FLAG: _flag,
    Verb.SNOOZE: _snooze,
    Verb.PROMISE: _promise,
    Verb.RESOLVE: _worded,
    Verb.SEARCH: _search,
    Verb.SEND: _worded,
    Verb.SAY: _said,
    Verb.REFUSE: _reasoned,
    Verb.REMEDY: _coded_words,
    Verb.OFFER: _coded_words,
    Verb.ERASE: _erase,
    Verb.LATER: _later,
    Verb.NOW: _planned,
    Verb.SKIP: _planned,
    Verb.MOVE: _move,
}


def _stepped(rest: str) -> tuple[str, str]:
    """The id of a step at the beginning of a text, "" if there is none, and what follows."""
    word, more = _first(rest)
    return (folded(word), more) if _STEP.fullmatch(folded(word)) else ("", rest)


def _coded(rest: str) -> tuple[str, str]:
    """The code at the beginning of a text, "" if there is none, and what follows."""
    word, more = _first(rest)
    code = _CODE.fullmatch(word)
    return (code[1].lower(), more) if code else ("", rest)


def _first(rest: str) -> tuple[str, str]:
    """The first word, without marks behind it, and what follows."""
    word, more = (*rest.split(maxsplit=1), "", "")[:2]
    return word.rstrip(MARKS), more.strip()
