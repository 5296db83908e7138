"""Answers of the desk without what is typed in chat or on the command line: the console has buttons for it."""

from __future__ import annotations

import re

from followup.desk.command_names import verb_named

_HINT = re.compile(r"(?<![\w/])/(\w+)|(?<!\w)huifang [a-z]+ ")
_EXAMPLE = re.compile(r"[,，;；:：]?\s*(?:for example|例如)[:：]?\s*(?=/)", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|(?=\n)")
_CLAUSE = re.compile(r"\s*[,，;；:：(（]")


def without_hints(text: str) -> str:
    """The answer without its hints; what says nothing else stays as it is."""
    if _hint(text) is None:
        return text
    kept = [_cut(each, at == 0) for at, each in enumerate(_SENTENCE.split(text))]
    glue = "" if any("\u4e00" <= letter <= "\u9fff" for letter in text) else " "
    return glue.join(filter(None, kept)).replace(" \n", "\n").strip()


def _cut(sentence: str, is_first: bool) -> str:
    """A sentence up to its example; one that is a hint is left out, but of the first its beginning stays."""
    at = _hint(sentence)
    if at is None:
        return sentence
    if example := next((each for each in _EXAMPLE.finditer(sentence) if each.end() == at), None):
        return _closed(sentence[: example.start()])
    clauses = [each.start() for each in _CLAUSE.finditer(sentence, 0, at)]
    if not is_first:
        return ""
    return _closed(sentence[: clauses[-1]]) if clauses else sentence


def _hint(text: str) -> int | None:
    """Where the first one begins."""
    found = (each for each in _HINT.finditer(text) if not each[1] or verb_named(each[1])[0] is not None)
    return next((each.start() for each in found), None)


def _closed(words: str) -> str:
    if not words.strip() or words[-1] in ".。!?！？":
        return words.strip()
    return words + ("。" if "\u4e00" <= words[-1] <= "\u9fff" or words[-1] in "）”" else ".")
