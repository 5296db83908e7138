"""One thread can be followed through the log by its id."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest

from bot.config import Logs
from bot.logs import RUN, setup_logs
from tests.bot.watching.watched import THREAD, WHO, Watched, on_both


@pytest.fixture
def log() -> io.StringIO:
    """What the log says."""
    stream = io.StringIO()
    setup_logs(Logs(format="json", level="debug"), (), stream)
    return stream


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """Each line as it can be searched."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


@on_both
async def test_from_the_import_to_the_answer(watched: Watched, log: io.StringIO) -> None:
    """Import, reminder, decision, sending and the buyer's reply carry the id that `huifang why` knows; every line names
    the run, and none the buyer or his words."""
    await watched.says("1", "hello")
    await watched.imports()
    await watched.later(0.5)
    await watched.says("2", "I have paid already, for the wool scarf")
    of_thread = [line for line in lines(log) if line.get("thread") == THREAD]

    assert ["thread", "reminder", "reminder"] == [line["event"] for line in of_thread][:3]
    events = [line["event"] for line in of_thread]
    assert events.index("decided") < events.index("called") < events.index("note")
    assert {"sent"} <= {line["verdict"] for line in of_thread if line["event"] == "decided"}
    assert ["accepted"] * events.count("called") == [line["outcome"] for line in of_thread if line["event"] == "called"]
    assert ["buyer"] == [line["who"] for line in of_thread if line["event"] == "note"][:1]
    assert {RUN} == {line["run"] for line in lines(log)}
    assert not [word for word in (WHO, "Anna1", "already") if word in log.getvalue()]


async def test_a_chat_can_be_followed_though_nobody_is_named(watched: Watched, log: io.StringIO) -> None:
    """What is about a chat alone has the same few digits in each line."""
    await watched.says("1", "hello")
    await watched.says("2", "hello again")
    heard = [line for line in lines(log) if line["event"] == "heard"]

    assert 2 == len(heard)
    (chat,) = {line["thread"] for line in heard}
    assert chat.startswith("tea/fake/~")
    assert ["fake/1", "fake/2"] == [line["event_id"] for line in heard]


async def test_what_breaks_says_about_which_thread(watched: Watched, log: io.StringIO) -> None:
    """A channel that breaks, and an event that cannot be handled, are logged with thread, message and event."""
    await watched.says("1", "hello")
    await watched.imports()
    watched.channel.answers[f"{THREAD}/unpaid.help"] = [RuntimeError("boom")]
    await watched.later(0.5)
    watched.channel.trouble["3"] = [ValueError("boom")]
    await watched.says("3", "hm")
    found = {line["event"]: line for line in lines(log)}

    broke, aside = found["channel_broke"], found["event_put_aside"]
    assert (THREAD, f"{THREAD}/unpaid.help") == (broke["thread"], broke["message"])
    assert "fake/3" == aside["event_id"]


async def test_nothing_is_followed_unless_asked(watched: Watched, log: io.StringIO) -> None:
    """At level info no line is written for each message."""
    logging.getLogger().setLevel(logging.INFO)
    await watched.says("1", "hello")
    await watched.imports()

    assert [] == lines(log)
