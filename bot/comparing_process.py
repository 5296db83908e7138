"""Starts the comparison of two cadences beside the program, hears how far it is, and ends it when nobody waits."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import structlog

from bot.comparing_job import REPORT, Job, Outcome

log = structlog.get_logger(__name__)
LONGEST_LINE = 1 << 20
Hear = Callable[[dict[str, Any]], None]


class Failed(Exception):
    """Nothing came of it: `why` is unknown_format, bad_assumption, no_orders, too_large or broken; `sentence` says more
    where there is more to say."""

    def __init__(self, why: str, sentence: str = "") -> None:
        super().__init__(sentence or why)
        self.why, self.sentence = why, sentence


async def compared_apart(job: Job, hear: Hear) -> tuple[Outcome, str]:
    """The outcome of a job and its report as HTML; `hear` is told each {"stage": …}. Cancelling ends the process too.
    Raises Failed."""
    async with _process() as process:
        assert process.stdin is not None
        process.stdin.write(await asyncio.to_thread(pickle.dumps, job))
        with suppress(ConnectionError):  # it has ended already, which shows when it is listened to
            await process.stdin.drain()
        await _until_done(process, hear)
    return await asyncio.to_thread(_result, job.folder)


async def _until_done(process: Process, hear: Hear) -> None:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        said = json.loads(line)
        if why := said.get("failed"):
            log.info("comparison_failed", why=why)
            raise Failed(why, said.get("sentence", ""))
        if said["stage"] == "done":
            return
        hear(said)
    code = await process.wait()
    log.warning("comparison_ended", code=code)
    raise Failed("too_large" if code < 0 else "broken")


@asynccontextmanager
async def _process() -> AsyncIterator[Process]:
    """A Python of its own, without the program's secrets, that does not outlive the block."""
    outside = {name: value for name, value in os.environ.items() if not name.upper().startswith("HUIFANG_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", "from bot.comparing_job import main; main()"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=outside,
        limit=LONGEST_LINE,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(process.wait())


@asynccontextmanager
async def folder() -> AsyncIterator[Path]:
    """A folder that nobody else can read, gone at the end."""
    made = Path(await asyncio.to_thread(mkdtemp, prefix="huifang-simulate-"))
    try:
        yield made
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, made, ignore_errors=True))


def _result(place: Path) -> tuple[Outcome, str]:
    return Outcome.read(place), (place / REPORT).read_text("utf-8")
