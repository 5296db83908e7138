"""One of Huifang's workers on PostgreSQL; it is read in as `huifang worker` is."""

from __future__ import annotations

from bench.peers.contract import Peer
from bot.garbage import no_garbage_collection


def make(where: str) -> Peer:
    """The peer in this place."""
    with no_garbage_collection():
        from bench.peers.huifang_worker import Worker

        return Worker(where)
