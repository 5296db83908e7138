"""Erasing buyers of a web chat: what is theirs there begins with their addresses."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from followup.webchat import chat_of_photos, is_address, photos_of
from store.schema import metadata
from store.store import SqlStore

ADDRESS = "w-" + "0123456789abcdef" * 2


def everything_of(store: SqlStore, text: str) -> list[str]:
    """Where a text stands in the database."""
    found = []
    with store.engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                found += [f"{table.name}.{name}: {value!r}" for name, value in row.items() if _in(text, value)]
    return found


def _in(text: str, value: Any) -> bool:
    return text.encode() in bytes(value) if isinstance(value, bytes | memoryview) else text in str(value)


def test_the_path_of_a_chats_photos() -> None:
    """Names its channel and address, and can be taken apart again; no other path can."""
    assert ("chat", ADDRESS) == chat_of_photos(photos_of("chat", ADDRESS))
    for path in (
        "tea/90000001/1.jpg",
        "desk/x.png",
        f"@webchat/chat/{ADDRESS[:-1]}",
        "@webchat",
        f"@webchat//{ADDRESS}",
    ):
        assert chat_of_photos(path) is None


def test_addresses() -> None:
    """Only what a key makes is an address."""
    assert is_address(ADDRESS)
    for text in ("", "501", "w-1", ADDRESS.upper(), f"{ADDRESS}0", f"../{ADDRESS}"):
        assert not is_address(text)
