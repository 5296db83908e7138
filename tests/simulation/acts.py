"""What may happen in a step of the schedule. Each act draws what it needs from the step's own chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from followup.events import (
    ChatClosed,
    ChatOpened,
    Incoming,
    MessageRecalled,
    MessageReceived,
    Receipt,
    Refusal,
)
from followup.linking import ALPHABET, LENGTH, PREFIX, digest_of
from followup.model import Attachment, Health, Link, Media
from store.wanted import Wanted
from tests.simulation import orders, words
from tests.simulation.channel import Line, packed
from tests.simulation.people import agent_acts, agent_commands, agent_speaks
from tests.simulation.shops import TEA

if TYPE_CHECKING:
    from tests.simulation.world import World

Act = Callable[["World", Random], None]
ADDRESSES = (*orders.BUYERS, "stranger", "guest")
SPANS = (1, 20, 70, 540, 900, 3600, 5 * 3600, 13 * 3600, 24 * 3600, 50 * 3600)


def orders_come(world: World, chance: Random) -> None:
    """A source tells of new orders, of changes, and of what it told before; at times by another process."""
    book = world.book
    events = [orders.a_new_order(world.number(), world.now, chance)] if chance.random() < 0.45 or not book.facts else []
    for _ in range(chance.randrange(3) if book.facts else 0):
        known = book.facts[chance.choice(sorted(book.facts))]
        events.append(orders.moved_on(known, world.now, chance))
    if book.told and chance.random() < 0.25:
        events += chance.sample(book.told, min(2, len(book.told)))
    chance.shuffle(events)
    world.post.imports(events, bad=chance.random() < 0.05, beside=chance.random() < 0.25)


def buyer_writes(world: World, chance: Random) -> None:
    """A buyer, or somebody, writes; repeated, together with others, or while messages are on their way."""
    count = chance.choice((1, 1, 1, 2, 4))
    events = [_message(world, chance) for _ in range(count)]
    world.post.delivers([packed(event) for event in events], chance, events)


def _message(world: World, chance: Random) -> MessageReceived:
    address = chance.choice(ADDRESSES)
    text = _text(world, chance, f"{TEA}/{Line.name}/{address}")
    event = MessageReceived(TEA, Line.name, address, f"m{world.number()}", text, world.now, "Ann")
    roll = chance.random()
    if roll < 0.1:
        size = chance.choice((0, 1000, 10**8))
        photo = Attachment(chance.choice([*Media]), f"file{world.number()}", size=size)
        return replace(event, attachments=(photo,))
    if roll < 0.2 and world.post.written:
        return replace(event, edits=chance.choice(world.post.written))
    if roll < 0.25:
        return replace(event, at=event.at - timedelta(hours=chance.choice((1, 30))))
    return event


def _text(world: World, chance: Random, chat: str) -> str:
    """Words of any kind; now and then a number, a proof or a token, right or wrong."""
    roll, known = chance.random(), sorted(each for each in world.book.facts if world.book.facts[each].order.shop == TEA)
    if roll < 0.8 or not known:
        return chance.choice(words.WORDS)
    order = world.book.facts[chance.choice(known)].order
    if roll < 0.9:
        proves = chance.random() < 0.6
        if proves:
            world.book.proven[chat].add(order.buyer)
        return f"order {order.id}, {order.phone_tail if proves else '0000'}"
    if roll < 0.93 or not world.tokens:
        return f"订单号 {order.id}"
    token, of = chance.choice(world.tokens)
    world.book.proven[chat].add(of)
    return f"{token} 这是我的"


def buyer_stops(world: World, chance: Random) -> None:
    """A buyer wants to hear nothing more."""
    address = chance.choice(ADDRESSES)
    text = chance.choice(words.STOPS)
    event = MessageReceived(TEA, Line.name, address, f"m{world.number()}", text, world.now)
    world.post.delivers([packed(event)], chance, [event])
    if world.sight.was_handled(event.external_id):
        world.book.stopped.add(event.chat)


def chats_change(world: World, chance: Random) -> None:
    """A chat is opened, perhaps with a token, or closed; a message is taken back; one did not arrive after all."""
    address, id_ = chance.choice(ADDRESSES), f"e{world.number()}"
    token, of = chance.choice(world.tokens) if world.tokens and chance.random() < 0.7 else ("", "")
    opened = ChatOpened(TEA, Line.name, address, id_, world.now, token, greet=chance.random() < 0.8)
    events: list[Incoming] = [opened, ChatClosed(TEA, Line.name, address, id_, world.now, "gone")]
    if world.post.written:
        events.append(MessageRecalled(TEA, Line.name, address, id_, world.now, chance.choice(world.post.written)))
    if world.said:
        heard = chance.randint(1, len(world.said))
        events.append(Receipt(Line.name, f"x{heard}", world.now, chance.choice([*Refusal]), "not delivered"))
    event = chance.choice(events)
    if event is opened and of:
        world.book.proven[opened.chat].add(of)
    world.post.delivers([packed(event)], chance)


def garbage_arrives(world: World, chance: Random) -> None:
    """What means nothing; what was delivered before; what a full mailbox holds; how the channel stands."""
    bodies = [chance.choice(words.GARBAGE) for _ in range(chance.randint(1, 3))]
    world.post.delivers(bodies, chance)
    if chance.random() < 0.5:
        health, gap = chance.choice([*Health]), chance.random() < 0.3
        world.does(lambda: world.life.app.inboxes[0].report(health, "as told", gap))


def link_is_made(world: World, chance: Random) -> None:
    """The shop makes a link for an order."""
    known = sorted(each for each in world.book.facts if world.book.facts[each].order.shop == TEA)
    if not known:
        return
    order = world.book.facts[chance.choice(known)].order
    token = PREFIX + "".join(chance.choice(ALPHABET) for _ in range(LENGTH))
    link = Link(digest_of(token), TEA, order.id, world.now, world.now + timedelta(days=chance.choice((1, 7))))
    world.does(lambda: world.life.store.transact(lambda tx: tx.save(link), Wanted()))
    world.tokens.append((token, order.buyer))


def time_passes(world: World, chance: Random) -> None:
    """The program works through whatever is due until then."""
    world.passes(timedelta(seconds=chance.choice(SPANS) + chance.randrange(60)), chance)


def clock_jumps(world: World, chance: Random) -> None:
    """The machine's clock is set, forwards or back."""
    seconds = chance.choice((-90_000, -7200, -3600, -61, -1, 61, 3600, 7200, 200_000))
    world.faults["clock_jump"] += 1
    world.clock.set(world.now + timedelta(seconds=seconds))
    world.book.clock_is_set(world.now)
    world.settles(chance)


def sleeps_over(world: World, chance: Random) -> None:
    """The machine is off for a while: all that was due meanwhile is due at once."""
    world.stops(chance.random() < 0.5)
    world.clock.set(world.now + timedelta(hours=chance.choice((1, 9, 30, 100))))
    world.starts(chance)


def restarts(world: World, chance: Random) -> None:
    """Stopped and started, perhaps with another configuration."""
    world.stops(chance.random() < 0.3)
    world.starts(chance)


def crash_is_near(world: World, chance: Random) -> None:
    """The program dies at one of its next commits, within it or after it."""
    world.life.store.dies(chance.randint(1, 14), inside=chance.random() < 0.5)


def disk_is_full(world: World, chance: Random) -> None:
    """One of the next commits is refused by the database."""
    world.life.store.refuses(chance.randint(1, 10))


ACTS: dict[Act, int] = {
    orders_come: 26,
    buyer_writes: 18,
    time_passes: 22,
    buyer_stops: 2,
    chats_change: 5,
    garbage_arrives: 3,
    link_is_made: 3,
    agent_acts: 5,
    agent_commands: 8,
    agent_speaks: 3,
    clock_jumps: 2,
    sleeps_over: 2,
    restarts: 2,
    crash_is_near: 7,
    disk_is_full: 2,
}
