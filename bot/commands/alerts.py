"""`huifang alerts`: the services that carry alerts, how they stand, and a test of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, load_config, mistake, opened, print_table, zone_of

if TYPE_CHECKING:
    from bot.config import Config
    from followup.events import DeliveryResult
    from followup.model import Instant, Outgoing

alerts_app = typer.Typer(invoke_without_command=True, help="The services that carry alerts; a test of one.")
FAILED = 1


@alerts_app.callback()
def alerts(context: typer.Context, config: ConfigOption = None) -> None:
    """Each service, whom it reaches, and what became of its last alert."""
    from bot.alerts.standing import told
    from store.alert_views import last_alerts

    if context.invoked_subcommand is not None:
        return
    with opened(config, speaking=False) as app, app.store.engine.connect() as connection:
        services = {f"alerts.{name}": (name, options) for name, options in app.config.alerts.items()}
        last = last_alerts(connection, services)
        zone = zone_of(app, next(iter(app.config.shops)))
        rows = [
            (
                name,
                options.type,
                ", ".join(sorted(options.people)) or "everybody",
                ", ".join(sorted(options.shops)) or "all",
                options.only,
                told(last.get(channel), zone),
            )
            for channel, (name, options) in services.items()
        ]
    if rows:
        print_table(("service", "type", "people", "shops", "tells of", "how it stands"), rows)
    else:
        typer.echo("No service carries alerts; docs/alerts.md tells how to add one.")


@alerts_app.command("test")
def try_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The service, as it is called in config.toml.")],
    config: ConfigOption = None,
) -> None:
    """Send a test alert now, and say what came back."""
    from followup.events import Outcome

    loaded = load_config(config)
    if name not in loaded.alerts:
        known = ", ".join(loaded.alerts) or "none"
        raise mistake(f"alerts.{name}: there is no such service in the configuration; here are: {known}")
    result = _sent(name, loaded)
    if result.outcome is Outcome.ACCEPTED:
        typer.echo(f"{name}: it took the test alert")
        return
    typer.echo(f"{name}: it did not take the test alert ({result.outcome.value}): {result.error}")
    raise typer.Exit(FAILED)


def _sent(name: str, config: Config) -> DeliveryResult:
    import asyncio

    from bot.alerts.make import ServiceUnusable, make_service
    from bot.logs import setup_logs
    from scheduler.clock import SystemClock

    setup_logs(config.logs, config.known_secrets())
    clock = SystemClock()
    try:
        service = make_service(name, config, clock)
    except ServiceUnusable as error:
        raise mistake(error) from None
    return asyncio.run(service.send(_a_test(name, config, clock.now())))


def _a_test(name: str, config: Config, now: Instant) -> Outgoing:
    from followup.model import Outgoing, OutgoingState, Role, Segment
    from scripts_library.library import Library

    channel, lang = f"alerts.{name}", config.agents.lang
    text = Library.load().render("desk.alert_test", lang, {"service": name}, Segment.NEW, (), name).text
    return Outgoing(
        id=f"desk/test/{name}",
        shop="",
        buyer="",
        chat=f"{channel}/",
        channel=channel,
        address="",
        thread="",
        step="alert",
        role=Role.ALERT,
        lang=lang,
        text=text,
        state=OutgoingState.SENDING,
        created_at=now,
        due_at=now,
    )
