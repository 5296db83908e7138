"""`huifang clocks`: what has to happen for buyers, by when, and what is late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened, print_table, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import timedelta

    from bot.app import App
    from bot.desk import Words
    from followup.model import Instant
    from store.clock_views import Ticking


def clocks(
    shop: Annotated[str, typer.Option("--shop", help="Only this shop.")] = "",
    only_breached: Annotated[bool, typer.Option("--breached", help="Only those whose time is over.")] = False,
    only_at_risk: Annotated[bool, typer.Option("--at-risk", help="Only those whose time is nearly over.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    config: ConfigOption = None,
) -> None:
    """By when something has to happen for a buyer: open clocks, the first to run out on top."""
    from bot.desk import words
    from store.clock_views import ticking

    with opened(config, speaking=False) as app:
        if shop and shop not in app.deps.policies:
            raise mistake(f"--shop: expected one of {', '.join(app.deps.policies)}, got {shop!r}")
        with app.store.engine.connect() as connection:
            found = ticking(connection, shop)
        now = app.clock.now()
        found = [each for each in found if _is_meant(each, only_breached, only_at_risk, now)]
        said = words(app.deps.agent_lang)
        if as_json:
            _print_json(found)
        elif found:
            print_table(tuple(said("clock_columns").split()), _rows(found, app, said, now))
        else:
            typer.echo(said("no_clocks"))


def _is_meant(each: Ticking, breached: bool, at_risk: bool, now: Instant) -> bool:
    clock = each.clock
    if not (breached or at_risk):
        return True
    is_late = clock.is_late(now)
    return (breached and is_late) or (at_risk and not is_late and clock.is_at_risk(now))


def _rows(found: Iterable[Ticking], app: App, said: Words, now: Instant) -> Iterator[tuple[str, ...]]:
    for each in found:
        clock = each.clock
        due = "—" if clock.is_paused else f"{clock.due_at.astimezone(zone_of(app, clock.shop)):%m-%d %H:%M}"
        yield due, _left(each, said, now), said.name("clocks", clock.due), each.order_id, each.buyer


def _left(each: Ticking, said: Words, now: Instant) -> str:
    """How much time is left, how late it is, or that it stands still."""
    clock = each.clock
    if clock.is_paused:
        return said("clock_paused", left=_span(clock.remaining, said.lang))
    if clock.is_late(now):
        return said("clock_late", late=_span(now - clock.due_at, said.lang))
    sentence = "clock_risk" if clock.is_at_risk(now) else "clock_left"
    return said(sentence, left=_span(clock.due_at - now, said.lang))


def _span(length: timedelta, lang: str) -> str:
    """Days and hours, or what is less in its largest unit."""
    from datetime import timedelta

    from scripts_library.localise import duration

    days, rest = length // timedelta(days=1), length % timedelta(days=1)
    parts = [duration(timedelta(days=days), lang)] if days else []
    return " ".join([*parts, duration(rest, lang)] if not days or rest >= timedelta(hours=1) else parts)


def _print_json(found: Iterable[Ticking]) -> None:
    import json
    from dataclasses import asdict

    for each in found:
        plain = asdict(each.clock) | {"order": each.order_id, "kind": each.kind, "buyer": each.buyer}
        for name in ("started_at", "risk_at", "due_at", "next_at", "breached_at", "closed_at"):
            plain[name] = plain[name].isoformat() if plain[name] else None
        typer.echo(json.dumps(plain, ensure_ascii=False))
