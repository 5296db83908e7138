"""What must hold at the end of a seed, whatever happened on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from unittest import mock

from sqlalchemy import Connection, select

from bot.desk import words
from bot.why import tell
from followup.model import OutgoingState, Verdict
from store import schema, views
from store.codec import to_micros
from store.schema import in_state
from tests.chaos.promises import Told, broken
from tests.simulation.channel import Line
from tests.simulation.store import one_engine
from tests.simulation.world import World

EXPLAINED = 3
EXPECTED_ASIDE = ("Unparseable", "NotYet")


def faults(world: World) -> list[str]:
    """Every promise that is broken, a sentence each."""
    told, idempotent = _told(world), {"manual", *([Line.name] if world.line.capabilities.idempotent else ())}
    with mock.patch("tests.chaos.promises.open_engine", one_engine):
        found = broken(world.url, told, by=world.now, idempotent=idempotent)
    with world.life.store.engine.connect() as connection:
        found += [*_events(connection, world), *_open_ends(connection, world), *_unexplained(connection, world)]
    return found


def _told(world: World) -> list[Told]:
    """What the line's other end heard, and the words that people were given to paste."""
    heard = [Told(one.message.chat, one.message.id, one.at) for one in world.said]
    tasks, outbox = schema.tasks, schema.outbox
    pasted = select(outbox.c.chat, outbox.c.id).join(tasks, tasks.c.id == "paste/" + outbox.c.id).order_by(outbox.c.seq)
    with world.life.store.engine.connect() as connection:
        return [*heard, *(Told(row.chat, row.id, world.now) for row in connection.execute(pasted))]


def _events(connection: Connection, world: World) -> Iterator[str]:
    """Every event that was acknowledged is handled, or was put aside because it means nothing."""
    table = schema.raw_events
    rows = {row.external_id: row for row in connection.execute(select(table).where(table.c.channel == Line.name))}
    for id_ in sorted(world.post.acknowledged - rows.keys()):
        yield f"event {id_} was acknowledged and is gone"
    for id_, row in rows.items():
        if row.state == "waiting":
            yield f"event {id_} still waits: {row.error}"
        if row.state == "put_aside" and id_ not in world.post.garbage and not row.error.startswith(EXPECTED_ASIDE):
            yield f"event {id_} was put aside: {row.error}"


def _open_ends(connection: Connection, world: World) -> Iterator[str]:
    """After the quiet days a thread is over, or a person has it, or something is still planned for it."""
    threads, tasks, reminders = schema.threads, schema.tasks, schema.reminders
    asked = select(tasks.c.id).where(tasks.c.thread == threads.c.id, in_state(tasks, "open")).exists()
    planned = select(reminders.c.id).where(reminders.c.thread == threads.c.id, in_state(reminders, "pending")).exists()
    hands = select(tasks.c.id).where(tasks.c.thread == threads.c.id, tasks.c.closed_by != "").exists()
    left = select(threads).where(
        in_state(threads, "open", "with_agent"), threads.c.agent == "", ~asked, ~planned, ~hands
    )
    for row in connection.execute(left.order_by(threads.c.id)):
        yield f"thread {row.id} is {row.state}, and nothing is planned and nobody asked"
    sending = select(schema.outbox.c.id).where(in_state(schema.outbox, "sending", "due"))
    overdue = sending.where(schema.outbox.c.due_at <= to_micros(world.now))
    yield from (f"message {row.id} never went" for row in connection.execute(overdue))


def _unexplained(connection: Connection, world: World) -> Iterator[str]:
    """`why` tells of every message of the threads that are looked at, by a decision that let it go."""
    ids = world.sight.threads()
    for id_ in ids[:: max(1, len(ids) // EXPLAINED)]:
        story = views.story(connection, id_)
        lines = tell(story, world.config.shops[story.thread.shop].zone, words(world.life.app.deps.agent_lang))
        allowed = {each.reminder for each in story.decisions if each.decision.verdict is Verdict.SENT}
        went = [each for each in story.outgoing if each.state is OutgoingState.SENT and not each.edits]
        for message in went:
            if message.id not in allowed:
                yield f"message {message.id} ({message.role.value}) went, and no decision tells why"
        if not lines:
            yield f"thread {id_} has no story"


def digest(world: World) -> str:
    """All rows of all tables, and what was heard, as one number."""
    sum_ = hashlib.sha256()
    with one_engine(world.url).connect() as connection:
        for table in schema.metadata.sorted_tables:
            rows = sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            sum_.update("\n".join((table.name, *rows)).encode("utf-8", "surrogatepass"))
    sum_.update("\n".join(world.transcript).encode("utf-8", "surrogatepass"))
    return sum_.hexdigest()
