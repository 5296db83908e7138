"""Who said something in the group, where, and what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import structlog

from followup.desk.people import Person
from followup.events import DeskSaid
from followup.model import Chat, Instant, Outgoing, Segment, Thread
from handlers.deps import Deps
from handlers.desk.posting import post
from handlers.desk.told import Told
from store.tx import Tx

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Spot:
    """One of the shop's people, what he said, and the thread (or chat, "" for neither) in whose topic he said it."""

    event: DeskSaid
    person: Person
    shop: str
    about: str

    @property
    def key(self) -> str:
        """What tells his message from every other."""
        return key_of(self.event.desk, self.event.external_id)


def key_of(desk: str, message: str) -> str:
    """The key of a message of the group."""
    return f"{desk}/{message}"


def spot_of(event: DeskSaid, tx: Tx, deps: Deps) -> Spot | None:
    """Where it was said, and by whom; None if it is nobody listed who works for the shop: he is only logged."""
    person, answers = deps.roster.on_telegram(event.person), _answered(event, tx)
    topic = tx.topic(event.desk, event.topic) if event.topic else None
    about = topic.thread if topic else answers.about if answers else ""
    if person is not None:
        for shop in _shops(event, about, answers, tx, deps):
            place = deps.places.get(shop)
            if place is not None and place.channel == event.desk and person.works_for(shop):
                return Spot(event, person, shop, about)
    _stranger(event.desk, event.person, f"{event.at:%Y-%m-%d}")
    return None


def answer(tolds: Iterable[Told], spot: Spot, tx: Tx, deps: Deps, now: Instant, key: str = "") -> None:
    """Answer in the topic where it was said, all in one message."""
    tolds = list(tolds)
    if not tolds:
        return
    key = key or spot.key
    text = "\n".join(_rendered(told, key, deps) for told in tolds)
    choices = tuple(choice for told in tolds for choice in told.choices)
    post(spot.about, "answer", key, text, tx, deps, now, spot.shop, choices)


def _rendered(told: Told, key: str, deps: Deps) -> str:
    return deps.scripts.render(told.script, deps.agent_lang, told.facts, Segment.NEW, (), key).text


def _answered(event: DeskSaid, tx: Tx) -> Outgoing | None:
    """The message of ours that is answered, or whose button was tapped."""
    return tx.sent_as(event.desk, event.replies_to) if event.replies_to else None


def _shops(event: DeskSaid, about: str, answers: Outgoing | None, tx: Tx, deps: Deps) -> Iterable[str]:
    """The shop that it is about; outside of topics the desk's own, or any that it serves."""
    matter = (tx.get(Thread, about) or tx.get(Chat, about)) if about else None
    if matter is not None:
        return (matter.shop,)
    shop = about.partition("/")[0] or (answers.shop if answers else "") or event.shop
    return (shop,) if shop else deps.places


@lru_cache(maxsize=1000)
def _stranger(desk: str, person: str, _day: str) -> None:
    """Once a day for each."""
    log.warning("not_listed", desk=desk, person=person)
