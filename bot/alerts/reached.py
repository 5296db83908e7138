"""Which shops' people are told of their tasks, and by what; where nothing tells them, they have to look themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from followup.desk.places import Place, Service, account_of

NOBODY = "nobody is told, `huifang tasks` shows what there is to do (docs/alerts.md)"


def ways(shop: str, places: Mapping[str, Place], services: Iterable[Service]) -> list[str]:
    """What tells the people of a shop, by its name in the configuration; nothing if they have to look themselves."""
    group = [f"the group of {account_of(places[shop].channel)}"] if shop in places else []
    named = (_named(service) for service in services if not service.shops or shop in service.shops)
    return [*group, *named]


def told(shops: Iterable[str], places: Mapping[str, Place], services: Iterable[Service]) -> str:
    """A sentence about all shops."""
    by = {shop: ways(shop, places, tuple(services)) for shop in shops}
    return "; ".join(f"{shop}: {', '.join(names) or NOBODY}" for shop, names in by.items())


def _named(service: Service) -> str:
    return f"{service.channel} (only what is late)" if service.escalated_only else service.channel
