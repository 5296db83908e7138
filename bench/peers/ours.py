"""Huifang in one process on SQLite; it is read in as `huifang run` is."""

from __future__ import annotations

from bench.peers.contract import Peer
from bot.garbage import no_garbage_collection


def make(where: str) -> Peer:
    """The peer in this place."""
    with no_garbage_collection():
        from bench.peers.huifang import Huifang

        return Huifang(where)
