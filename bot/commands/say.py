"""`huifang say`: a person of the shop writes to a buyer through the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened, zone_of
from bot.commands.who import Who, person

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.app import App
    from bot.desk import Words
    from followup.events import AgentSpoke
    from followup.model import Instant, Thread
    from handlers.agent_says import Read, Said
    from scripts_library.lint import Finding

NOT_SAID = 1


def say(
    about: Annotated[str, typer.Argument(metavar="ORDER", help="An order, a thread's id, or a task's code.")],
    text: Annotated[str, typer.Argument(help="What the buyer is to read, word for word.")],
    who: Who,
    kind: Annotated[str, typer.Option("--thread", help="Which thread of the order, such as pending_refund.")] = "",
    chat: Annotated[str, typer.Option(help="Only in the chat of this id.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Even if the same words went a moment ago.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Say nothing: show what is wrong and what it promises.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Write to a buyer: at once, whatever the hour, on the chat that is open; a time you name is kept in mind."""
    from followup.events import AgentSpoke

    if not text.strip():
        raise mistake("there is nothing to say: the text is empty")
    with opened(config, speaking=False) as app:
        thread, in_chat = _meant(app, about, kind, chat)
        by = person(who, app.deps.roster, thread or in_chat)
        event = AgentSpoke(by, app.clock.now(), text.strip(), thread, in_chat, again)
        if check:
            _look(app, event)
        else:
            _say(app, event)


def _say(app: App, event: AgentSpoke) -> None:
    from bot.desk import words
    from handlers.agent_says import NobodyToTell, NotSayable, SaidAMomentAgo, agent_says, wanted

    said = words(app.deps.agent_lang)
    try:
        done = app.store.run(lambda tx: agent_says(event, tx, app.deps), wanted(event))
    except NotSayable as error:
        typer.echo(said("say_forbidden"), err=True)
        _list(error.findings, err=True)
        raise typer.Exit(2) from None
    except SaidAMomentAgo as error:
        raise mistake(f"{error}; add --again to say them once more") from None
    except NobodyToTell as error:
        raise mistake(error) from None
    _advise(done.read, said)
    if not done.went:
        _explain(done, app, event, said)
        raise typer.Exit(NOT_SAID)
    typer.echo(said("say_paste") if done.channel == "manual" else said("say_went", channel=done.channel))
    if done.kept:
        typer.echo(said("say_kept", count=done.kept))
    if done.read.promise is not None:
        sentence = "say_promise" if done.promise else "say_promise_by_hand"
        typer.echo(said(sentence, due=_local(done.read.promise.due_at, app, event)))


def _look(app: App, event: AgentSpoke) -> None:
    from bot.desk import words
    from handlers.agent_says import NobodyToTell, read, wanted

    said = words(app.deps.agent_lang)
    try:
        seen = app.store.run(lambda tx: read(event, tx, app.deps), wanted(event))
    except NobodyToTell as error:
        raise mistake(error) from None
    if seen.forbidden:
        typer.echo(said("say_forbidden"))
        _list(seen.forbidden)
    _advise(seen, said)
    if not seen.forbidden and not seen.advice:
        typer.echo(said("say_fine"))
    due = seen.promise and _local(seen.promise.due_at, app, event)
    typer.echo(said("say_promise", due=due) if due else said("say_no_promise"))
    if seen.forbidden:
        raise typer.Exit(2)


def _explain(done: Said, app: App, event: AgentSpoke, said: Words) -> None:
    """Why the words did not go, and what would help."""
    from bot.why import Judged

    judged = Judged(zone_of(app, _shop(event)), said)
    typer.echo(said("say_not", channel=done.channel), err=True)
    for reason in (reason for reason in done.decision.reasons if not reason.passed):
        typer.echo(f"  {judged.check(reason, 'failed')}", err=True)
    typer.echo(f"  {said('otherwise')}{judged.change(done.decision)}", err=True)
    typer.echo(said("say_noted"), err=True)


def _advise(seen: Read, said: Words) -> None:
    if seen.advice:
        typer.echo(said("say_advice"), err=True)
        _list(seen.advice, err=True)


def _list(findings: Iterable[Finding], err: bool = False) -> None:
    for finding in findings:
        words = f" (“{finding.words}”)" if finding.words else ""
        typer.echo(f"  {finding.message}{words}", err=err)


def _meant(app: App, about: str, kind: str, chat: str) -> tuple[str, str]:
    """The thread and the chat that are meant, of which one may be ""."""
    from store import views

    with app.store.engine.connect() as connection:
        found = views.threads_meant(connection, about)
        task = None if found else _task(about, views.open_task_ids(connection))
        if task is not None:
            found = views.threads_meant(connection, views.thread_of_task(connection, task))
            chat = chat or ("" if found else views.thread_of_task(connection, task))
    if kind:
        found = [thread for thread in found if thread.kind == kind]
    if not found and chat:
        return "", chat
    return _one(found, about, kind).id, chat


def _task(given: str, ids: list[str]) -> str | None:
    from followup.desk.codes import Unclear, meant

    try:
        return meant(given, ids)
    except Unclear:
        return None


def _one(found: list[Thread], about: str, kind: str) -> Thread:
    """The thread that is open, else the newest."""
    if not found:
        which = f" {kind}" if kind else ""
        raise mistake(f"there is no{which} thread of {about!r}; `huifang threads --all` lists them")
    still_open = [thread for thread in found if not thread.state.closed]
    if len(still_open) > 1:
        kinds = ", ".join(thread.kind for thread in still_open)
        raise mistake(f"order {about} has several open threads, name one with --thread: {kinds}")
    return still_open[0] if still_open else max(found, key=lambda thread: thread.opened_at)


def _local(due: Instant, app: App, event: AgentSpoke) -> str:
    return f"{due.astimezone(zone_of(app, _shop(event))):%m-%d %H:%M}"


def _shop(event: AgentSpoke) -> str:
    return (event.thread or event.chat).partition("/")[0]
