"""What agents do on the command line: see their tasks, answer them, act on a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, console, mistake, opened, zone_of
from bot.commands.who import Who, person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import App
    from store.views import Waiting

TaskCode = Annotated[str, typer.Argument(metavar="TASK", help="The task's code, as `huifang tasks` shows it.")]


def tasks(
    who: Who,
    mine: Annotated[bool, typer.Option("--mine", help="Only yours (so does --by NAME: only his).")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Every one, however many there are.")] = False,
    limit: Annotated[int, typer.Option(help="How many at the most.", min=1)] = 50,
    config: ConfigOption = None,
) -> None:
    """What waits for a person, the most pressing first; words to paste stand whole, ready to copy."""
    from bot.desk import words
    from bot.task_lines import shown
    from store import views

    with opened(config, speaking=False) as app, app.store.engine.connect() as connection:
        said, screen = words(app.deps.agent_lang), console()
        whose = person(who, app.deps.roster) if mine or who else ""
        found, count = views.waiting(connection, whose), len(views.open_task_ids(connection))
        listed = found if everything else found[:limit]
        for each in listed:
            head, text = shown(each, app, zone_of(app, each.task.shop))
            screen.print(head, style="bold", soft_wrap=True)
            screen.print(text + "\n" if text else "", soft_wrap=True)
        if len(found) > len(listed):
            screen.print(said("more_tasks", count=len(found) - len(listed)))
        if untold := _untold(listed, app):
            screen.print(said("nobody_told", shops=", ".join(untold)), style="yellow", soft_wrap=True)
        if whose and not found:
            screen.print(said("no_tasks_of", who=called(whose, app)), soft_wrap=True)
        screen.print(said("open_tasks", count=count) if count else said("no_tasks"), style="dim", soft_wrap=True)


def done(
    task: TaskCode,
    who: Who,
    text: Annotated[str, typer.Option("--text", help="What there is to say about it.")] = "",
    config: ConfigOption = None,
) -> None:
    """A task is done (for words to paste: they were pasted)."""
    _answer(task, True, who, text, config)


def failed(
    task: TaskCode,
    who: Who,
    text: Annotated[str, typer.Option("--text", help="Why not.")] = "",
    config: ConfigOption = None,
) -> None:
    """A task could not be done (for words to paste: the buyer has not seen them)."""
    _answer(task, False, who, text, config)


def act(
    thread: Annotated[str, typer.Argument(help="The thread's id, or the number of an order with one thread.")],
    action: Annotated[str, typer.Argument(help="solved, confirmed, benefit, opt_out, close or note.")],
    who: Who,
    text: Annotated[str, typer.Option("--text", help="What there is to say about it.")] = "",
    config: ConfigOption = None,
) -> None:
    """Say what happened to a thread: solved, the buyer confirmed, a benefit was given, …"""
    from bot.desk import words
    from followup.events import Action, AgentActed
    from handlers.agent_command import agent_acted, wanted

    allowed = [a for a in Action if not a.value.startswith("task_")]
    if action not in allowed:
        raise mistake(f"action: expected one of {', '.join(allowed)}, got {action!r}")
    with opened(config, speaking=False) as app:
        of = thread_of(app, thread)
        event = AgentActed(of, Action(action), person(who, app.deps.roster, of), app.clock.now(), text)
        now = app.store.run(lambda tx: agent_acted(event, tx, app.deps), wanted(event))
        said = words(app.deps.agent_lang)
        outcome = f" ({said.name('outcomes', now.outcome)})" if now.outcome else ""
        typer.echo(f"{now.id}: {said.name('states', now.state.value)}{outcome}")


def _untold(waiting: Sequence[Waiting], app: App) -> list[str]:
    """The shops of these tasks of which nothing tells anybody."""
    from bot.alerts.reached import ways

    shops = dict.fromkeys(each.task.shop for each in waiting)
    return [shop for shop in shops if not ways(shop, app.deps.places, app.deps.services)]


def called(who: str, app: App) -> str:
    """What the others call somebody."""
    person = app.deps.roster.people.get(who)
    return person.name if person else who


def thread_of(app: App, given: str) -> str:
    """The thread that is meant: by its id, or the only one of an order; anything else ends the command."""
    from store import views

    with app.store.engine.connect() as connection:
        found = views.thread_ids(connection, given)
    if not found:
        raise mistake(f"there is no thread or order {given!r}; `huifang threads` lists them")
    if len(found) > 1:
        raise mistake(f"order {given} has several threads, name one: {', '.join(found)}")
    return found[0]


def _answer(given: str, was_done: bool, who: str, text: str, config: ConfigOption) -> None:
    from bot.desk import words
    from followup.desk.codes import Unclear, code_of, meant
    from followup.events import Action, AgentActed
    from handlers.agent_command import NoSuchTask, task_answered, wanted_task
    from store import views

    with opened(config, speaking=False) as app:
        by = person(who, app.deps.roster)
        try:
            with app.store.engine.connect() as connection:
                task = meant(given, views.open_task_ids(connection))
                person(by, app.deps.roster, views.thread_of_task(connection, task))
            action = Action.TASK_DONE if was_done else Action.TASK_NOT_DONE
            event = AgentActed("", action, by, app.clock.now(), text, task)
            answered = app.store.run(lambda tx: task_answered(event, tx, app.deps), wanted_task(event))
        except (Unclear, NoSuchTask) as error:
            raise mistake(error) from None
        state = words(app.deps.agent_lang).name("tasks", answered.state.value)
        typer.echo(f"{code_of(task)}: {state}")
