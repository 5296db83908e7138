"""What a file is, by its bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.types import mime_of, type_of
from tests.bot.evidence.samples import KEPT, REFUSED


@pytest.mark.parametrize("ending", KEPT)
def test_what_proves_something_is_kept(ending: str) -> None:
    """Photos, videos, recordings, documents and plain text are known by what they begin with."""
    assert (ending, mime_of(ending)) == type_of(KEPT[ending])


@pytest.mark.parametrize("what", REFUSED)
def test_what_may_do_harm_is_not(what: str) -> None:
    """Programs, pages, archives and documents with macros, whatever they are called."""
    assert None is type_of(REFUSED[what])


def test_chinese_text_of_any_encoding_is_text() -> None:
    """UTF-8 with and without its mark, and what Windows writes."""
    text = "收到货了，少一个杯子\r\n"
    assert ["txt"] * 3 == [(type_of(text.encode(each)) or ("",))[0] for each in ("utf-8", "utf-8-sig", "gb18030")]


@given(st.binary(max_size=300), st.sampled_from([b"", *KEPT.values(), *REFUSED.values()]))
def test_no_bytes_break_it(noise: bytes, start: bytes) -> None:
    """Anything has a type or none."""
    found = type_of(start + noise)
    assert found is None or mime_of(found[0]) == found[1]
