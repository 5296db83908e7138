"""What strangers send: texts, bytes and trees of JSON that have broken other programs."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

PIECES = (
    *("0", "1", "9" * 30, "-1", "1e999999999", "NaN", "Infinity", "0x10", "1_000", "٣", "１２", "½", "²"),
    *("2026-02-30", "9999-12-31", "0001-01-01", "2026-03-01T08:00", "24:00", "23:59:60", "+14:00", "25:61", "W53"),
    *("\0", "\ud800", "\udfff", "\ufeff", "\u202e", "\u2028", "\x85", "\x1b[2J", "\r", "\n", "\t", "\x7f", "\u200d"),
    *(
        "'",
        '"',
        "`",
        "\\",
        "/",
        "//",
        "../",
        "%00",
        "%s",
        "%n",
        "{0}",
        "{{",
        "}}",
        "{%",
        "<!--",
        "]]>",
        "&",
        ";",
        "=",
        "@",
    ),
    *(
        "订单",
        "order ",
        "#",
        "hf-",
        "/take ",
        "/接单 ",
        "/flag blue ",
        "/snooze ",
        "/promise ",
        "//",
        "明天",
        "下周五",
        "点",
        "半",
    ),
    *("¥", "元", "块", "kg", "一百", "两", "🇨🇳", "👩‍👩‍👧", "e\u0301", "ﷺ", "İ", "ß", "\u1e9e", "no", "stop", "退订"),
    *(
        "true",
        "null",
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        "inf",
        "__class__",
        "__proto__",
        "constructor",
        "file:///etc/passwd",
    ),
    *("2020s", "30m", "1h", "99999999d", "1-2-3", "last", "days", "a@b", "http://[::1", "//[", "x" * 300),
)
pieces = st.sampled_from(PIECES)
texts = st.one_of(
    st.lists(pieces | st.text(max_size=8), max_size=12).map("".join),
    st.text(st.characters(), max_size=60),
    st.builds(lambda unit, times, end: unit * times + end, pieces, st.integers(1, 400), pieces),
)
"""With halves of characters and NUL in them: what arrives as JSON can hold both."""
whole = texts.map(lambda text: text.encode("utf-8", "replace").decode())
blobs = st.one_of(st.binary(max_size=200), texts.map(lambda text: text.encode("utf-8", "surrogatepass")))
leaves: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([10**400, -(10**30), 2**63, -(2**63) - 1, 0]),
    st.floats(),
    texts,
)


def trees(keys: st.SearchStrategy[str] = texts) -> st.SearchStrategy[Any]:
    """Anything that JSON can say, with these keys."""
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5), max_leaves=12
    )


def bent(good: Any) -> st.SearchStrategy[Any]:
    """A good tree of which some places are something else, lack, or hold more."""
    if isinstance(good, dict):
        fields = {key: bent(value) for key, value in good.items()}
        whole_ = st.fixed_dictionaries({}, optional=fields) | st.fixed_dictionaries(fields)
        return st.one_of(
            whole_,
            whole_,
            whole_,
            st.builds(lambda a, b: a | b, whole_, st.dictionaries(texts, leaves, max_size=2)),
            leaves,
        )
    if isinstance(good, list):
        inner = st.one_of([bent(each) for each in good] or [leaves])
        return st.lists(inner, max_size=4) | st.just(good) | leaves
    return st.one_of(st.just(good), st.just(good), st.just(good), leaves, st.lists(leaves, max_size=2))


def as_json(tree: Any) -> bytes:
    """As it goes over the wire; Python writes what others do not: NaN, halves of characters, numbers without end."""
    return json.dumps(tree, default=str).encode()


def nested(opens: str, depth: int = 100_000) -> bytes:
    """Brackets within brackets."""
    return (opens * depth).encode()


NESTED = tuple(nested(opens) for opens in ("[", '{"a":', '[{"frames":', "(", "{{", "<a>"))
"""Each a hundred thousand deep."""
