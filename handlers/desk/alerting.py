"""Telling the shop's people of their tasks: one alert a minute for each way to them, and a card for each task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from followup.desk import alerting
from followup.desk.alerting import UNDELIVERED, Telling, hearers, is_late, language, mentioned, waits_until
from followup.desk.places import Place, Service
from followup.model import Instant, Outgoing, Segment, Task, TaskState
from handlers.deps import Deps
from handlers.desk.cards import card, card_id, line
from handlers.desk.posting import told
from store.tx import Tx
from store.wanted import Wanted

ALERT = "alert"
LINES = 20
AT = "＠"
"""In the place of the sign that calls somebody: a buyer's name calls nobody."""


@dataclass(frozen=True, slots=True)
class Road:
    """A way to the shop's people: their group, or a service."""

    place: Place
    service: Service | None = None

    def carries(self, telling: Telling) -> bool:
        """Whether a task is told of by it; that a service fails is not told by the service itself."""
        task = telling.task
        if task.reason == UNDELIVERED and task.thread == f"{task.shop}/{self.place.channel}":
            return False
        if self.service is None:
            return True
        return any(self.service.carries(person, task.shop, telling.escalated) for person in telling.people)

    def alert_id(self, shop: str, now: Instant) -> str:
        """The id of its alert of this minute."""
        return f"desk/{ALERT}/{self._key(shop, now)}"

    def rows(self, shop: str, text: str, deps: Deps, now: Instant) -> Iterator[Outgoing]:
        """The alert of this minute in the outbox."""
        return told(self.place, "", ALERT, self._key(shop, now), text, deps, now, shop)

    def _key(self, shop: str, now: Instant) -> str:
        return f"{shop}/{self.place.channel}/{now:%Y-%m-%dT%H:%M}"


def roads(shop: str, deps: Deps) -> list[Road]:
    """The ways to the people of a shop."""
    place = deps.places.get(shop)
    group = [Road(place)] if place else []
    services = (service for service in deps.services if not service.shops or shop in service.shops)
    return [*group, *(Road(Place(service.channel, ""), service) for service in services)]


def wanted(shop: str, tasks: Iterable[str], deps: Deps, now: Instant) -> Wanted:
    """The tasks with their threads, their cards, and what was told in this minute already."""
    ids = tuple(tasks)
    alerts = (road.alert_id(shop, now) for road in roads(shop, deps))
    return Wanted(tasks=ids, outgoing=(*alerts, *map(card_id, ids)))


def tell(shop: str, tasks: Iterable[str], tx: Tx, deps: Deps, now: Instant) -> list[Task]:
    """Tell the people of a shop of those tasks that are still open and due to be told, the most urgent first; returns
    them. Nobody hears twice in one minute: what comes later in it waits for the next."""
    ways = roads(shop, deps)
    if any(tx.get(Outgoing, way.alert_id(shop, now)) for way in ways):
        return []
    tellings = list(_awake(shop, tasks, tx, deps, now))
    carried = {way.place.channel: [each for each in tellings if way.carries(each)] for way in ways}
    listed = {each.task.id for of_way in carried.values() for each in of_way[:LINES]}
    heard = {each.task.id for of_way in carried.values() for each in of_way}
    after = [_after(each.task, each.task.id in listed, each.task.id in heard, deps, now) for each in tellings]
    for task in after:
        tx.save(task)
    again = max((task.alert_at for task in after if task.alert_at is not None), default=None)
    for way in ways:
        if of_way := carried[way.place.channel]:
            text = _text(way, of_way, tx, deps, now)
            for row in way.rows(shop, text, deps, now):
                tx.save(replace(row, expires_at=again))
    told_of = [task for task in after if task.id in listed]
    for task in told_of:
        if tx.get(Outgoing, card_id(task.id)) is None:
            card(task, tx, deps, now)
    return told_of


def _awake(shop: str, tasks: Iterable[str], tx: Tx, deps: Deps, now: Instant) -> list[Telling]:
    """The tasks of which people are told now; what waits for the opening is put off until then."""
    policy, found = deps.policy(shop), []
    for task in filter(None, (tx.get(Task, id_) for id_ in tasks)):
        if task.state is not TaskState.OPEN or task.alert_at is None or task.alert_at > now:
            continue
        if until := waits_until(task, policy, now):
            tx.save(replace(task, alert_at=until))
            continue
        found.append(Telling(task, hearers(task, policy, deps.roster, now), is_late(task, now)))
    return sorted(found, key=lambda each: alerting.urgency(each.task, now))


def _after(task: Task, is_listed: bool, is_heard: bool, deps: Deps, now: Instant) -> Task:
    policy = deps.policy(task.shop)
    if is_listed:
        return alerting.told(task, policy, now)
    return alerting.put_off(task, policy, now) if is_heard else alerting.unheard(task, now)


def _text(way: Road, tellings: Sequence[Telling], tx: Tx, deps: Deps, now: Instant) -> str:
    """The alert: how many, a line each, how many more, and in the group whom it concerns."""
    lang = deps.agent_lang
    if way.service is not None and way.service.people:
        lang = language(way.service.people, deps.roster, lang)
    seed = way.alert_id(tellings[0].task.shop, now)

    def words(script: str, **facts: object) -> str:
        return deps.scripts.render(script, lang, facts, Segment.NEW, (), seed).text

    late = sum(each.escalated for each in tellings)
    parts = [words("desk.alert", count=len(tellings), late=late or None)]
    lines = (line(each.task, tx, deps, now, lang).replace("@", AT) for each in tellings[:LINES])
    parts += [f"{n}. {told}" for n, told in enumerate(lines, 1)]
    if more := len(tellings) - LINES:
        parts += [words("desk.alert_more", count=more)] if more > 0 else []
    names = mentioned(tellings) if way.service is None else []
    parts += [" ".join(f"@{person}" for person in names)] if names else []
    return "\n".join(parts)
