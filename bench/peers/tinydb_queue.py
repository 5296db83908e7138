"""TinyDB as a queue: what a small bot does that keeps its reminders in a JSON file."""

from __future__ import annotations

import operator
import time
from collections.abc import Sequence

from tinydb import TinyDB, where

from bench.peers.contract import Ready, Told

LOOK = 0.1
_not = operator.not_


class Queue:
    batch = 100_000

    def __init__(self, where: str) -> None:
        self._db = TinyDB(f"{where}/queue.json")

    def prepare(self) -> None:
        """It makes its file by itself."""

    def schedule(self, reminders: Sequence[str], due: float) -> None:
        self._db.insert_multiple({"id": reminder, "due": due, "told": False} for reminder in reminders)

    def run(self, told: Told, ready: Ready) -> None:
        ready()
        while True:
            now = time.time()
            for document in self._db.search((where("due") <= now) & (where("told").test(_not))):
                told(document["id"])
                self._db.update({"told": True}, doc_ids=[document.doc_id])
            time.sleep(LOOK)

    def listed(self) -> list[str]:
        return []


make = Queue
