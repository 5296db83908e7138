"""The process that is measured and killed: one peer, doing one thing.

`python -m bench.peers.child MODULE WHERE prepare | schedule N LEAD START | run TOLD | both N LEAD START TOLD | listed`
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time

from bench.peers.contract import Peer, Told


def say(**what: object) -> None:
    """One line of JSON, at once."""
    os.write(1, json.dumps(what).encode() + b"\n")


def schedule(peer: Peer, count: int, lead: float, start: float) -> None:
    """Schedule so many reminders, as many as `lead` seconds allow, due `start` seconds after that; say how many."""
    begun, began, done = time.time(), time.perf_counter(), 0
    due = begun + lead + start
    while done < count and time.time() < begun + lead:
        part = range(done, min(done + peer.batch, count))
        peer.schedule([str(number) for number in part], due)
        done = part.stop
    say(scheduled=done, seconds=time.perf_counter() - began, due=due)


def main(module: str, where: str, action: str, *rest: str) -> None:
    """Do one thing."""
    peer: Peer = importlib.import_module(f"bench.peers.{module}").make(where)
    if action == "prepare":
        peer.prepare()
    elif action == "listed":
        say(listed=peer.listed())
    if action in ("schedule", "both"):
        count, lead, start, *rest = rest  # type: ignore[assignment]
        schedule(peer, int(count), float(lead), float(start))
    if action in ("run", "both"):
        peer.run(Told(rest[0]), lambda: say(ready=time.time()))


if __name__ == "__main__":
    main(*sys.argv[1:])
