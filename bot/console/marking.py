"""Where in a text the words stand that a finding names: the lint reads a plainer form of it."""

from __future__ import annotations

from collections.abc import Iterator

from scripts_library.normalise import normalise

Span = tuple[int, int]


def marked(text: str, words: str) -> list[Span]:
    """The places of the words ("a … b": of each part), in the order of the text; nothing where they stand in facts."""
    found = (_place(text, part) for part in words.split(" … ") if part.strip())
    return _joined(sorted(span for span in found if span is not None))


def pieces(text: str, spans: list[Span]) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is marked."""
    at = 0
    for start, end in spans:
        if text[at:start]:
            yield text[at:start], False
        yield text[start:end], True
        at = end
    if text[at:]:
        yield text[at:], False


def _place(text: str, part: str) -> Span | None:
    return _found(text, normalise(part), str.isprintable) or _found(text, normalise(part), str.isalnum)


def _found(text: str, part: str, keeps: object) -> Span | None:
    """The first place where the kept characters of the part follow each other."""
    assert callable(keeps)
    plain = [(char, at) for at, one in enumerate(text) for char in normalise(one) if keeps(char)]
    wanted = "".join(char for char in part if keeps(char))
    start = "".join(char for char, _ in plain).find(wanted) if wanted else -1
    return (plain[start][1], plain[start + len(wanted) - 1][1] + 1) if start >= 0 else None


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
