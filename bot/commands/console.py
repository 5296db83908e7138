"""`huifang console`: links to log in by, who is logged in, and who saw and did what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened, print_table, zone_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from bot.app import App
    from followup.desk.people import Person
    from followup.model import Instant

console_app = typer.Typer(no_args_is_help=True, help="The console: invite people, see who is there and who did what.")
AboutOption = Annotated[str, typer.Option("--about", help="Only about this thread, order or script.")]
ByOption = Annotated[str, typer.Option("--of", help="Only of this person, by id or name.")]


@console_app.command("invite")
def invite(
    name: Annotated[str, typer.Argument(help="Whom to invite, by id or name (agents.people).")],
    lasts: Annotated[str, typer.Option(help='For how long, such as "2h" (default: invite_lasts).')] = "",
    config: ConfigOption = None,
) -> None:
    """Make a link that logs somebody in to the console once; send it to that person alone."""
    from bot.commands.linking import span
    from bot.console.invites import link_of, make_invite
    from bot.console.standing import refusal
    from bot.desk import words
    from store.wanted import Wanted

    length = span(lasts)
    with opened(config, fresh=True, speaking=False) as app:
        if why := refusal(app.config):
            raise mistake(why)
        person, now = _person(app, name), app.clock.now()
        length = length or app.config.console.invite_lasts
        token, made = make_invite(person.id, _typist(), now, length, app.config)
        app.store.run(lambda tx: tx.save(made), Wanted())
        until = f"{made.expires_at.astimezone(_zone(app)):%Y-%m-%d %H:%M}"
        typer.echo(words(app.deps.agent_lang)("invited", name=person.name or person.id, until=until))
        typer.echo(link_of(token, app.config))


@console_app.command("sessions")
def sessions(
    end: Annotated[str, typer.Option("--end", help="Log this person out everywhere, by id or name.")] = "",
    config: ConfigOption = None,
) -> None:
    """Who is logged in to the console, and from where; with --end somebody is not any more."""
    from bot.desk import words
    from store.console import logins
    from store.sql_tx import SqlTx
    from store.tx import Tx
    from store.wanted import NOTHING

    def over(tx: Tx) -> int:
        assert isinstance(tx, SqlTx)
        logins.revoke_invites(tx.connection, end)
        return logins.end_all(tx.connection, end)

    with opened(config, speaking=False) as app:
        said = words(app.deps.agent_lang)
        if end:
            person = app.deps.roster.named(end)
            end = person.id if person else end
            typer.echo(said("logged_out", name=_named(app, end), count=app.store.run(over, NOTHING)))
            return
        with app.store.engine.connect() as connection:
            found = logins.sessions_now(connection, app.clock.now())
        if not found:
            typer.echo(said("no_sessions"))
            return
        rows = (
            (
                _named(app, one.person),
                one.place,
                *(_at(at, _zone(app)) for at in (one.began_at, one.seen_at, one.expires_at)),
            )
            for one in found
        )
        print_table(tuple(said("session_columns").split()), rows)


@console_app.command("acts")
def acts(
    about: AboutOption = "",
    of: ByOption = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 200,
    config: ConfigOption = None,
) -> None:
    """Who saw and did what in the console, the newest first; kept for a year."""
    from bot.desk import words
    from store.console import logins
    from store.views import thread_ids

    with opened(config, speaking=False) as app:
        person = app.deps.roster.named(of) if of else None
        with app.store.engine.connect() as connection:
            subjects = [about, *thread_ids(connection, about)] if about else [""]
            found = [
                act
                for one in dict.fromkeys(subjects)
                for act in logins.acts_of(connection, one, person.id if person else of, limit)
            ]
        found = sorted(found, key=lambda act: act.at, reverse=True)[:limit]
        said = words(app.deps.agent_lang)
        if not found:
            typer.echo(said("no_acts"))
            return
        rows = (
            (_at(act.at, _zone(app)), _named(app, act.person), _act(act.what, said.lang), act.about) for act in found
        )
        print_table(tuple(said("act_columns").split()), rows)


def _act(what: str, lang: str) -> str:
    """What was seen or done, in words."""
    from bot.console.acts import act_in_words

    return act_in_words(what, lang)


def _person(app: App, name: str) -> Person:
    found = app.deps.roster.named(name)
    if found is None:
        listed = ", ".join(app.deps.roster.people)
        raise mistake(f"{name!r} is none of your people (agents.people): {listed}")
    return found


def _typist() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "?"


def _named(app: App, who: str) -> str:
    person = app.deps.roster.named(who)
    return person.name or person.id if person else who


def _zone(app: App) -> tzinfo:
    return zone_of(app, next(iter(app.config.shops)))


def _at(at: Instant, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
