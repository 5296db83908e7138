"""What agents do on the command line: see their tasks, answer them, act on a thread."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened

Who = Annotated[str, typer.Option("--by", help="Who did it.", default_factory=getpass.getuser, show_default=False)]


def tasks(limit: int = 50, config: ConfigOption = None) -> None:
    """What waits for a person; words to paste stand whole, ready to copy."""
    from rich.console import Console

    from store import views

    console = Console(highlight=False, soft_wrap=True)
    with opened(config) as app, app.store.engine.connect() as connection:
        found = views.open_tasks(connection, limit)
        for task in found:
            zone = app.deps.policy(task.shop).zone
            until = f", worthless after {task.expires_at.astimezone(zone):%m-%d %H:%M}" if task.expires_at else ""
            head = f"{task.id}  {task.reason}  {task.created_at.astimezone(zone):%Y-%m-%d %H:%M}{until}"
            console.print(head, style="bold", markup=False)
            console.print(task.text, markup=False)
        console.print(f"{len(found)} open tasks", style="dim")


def done(
    task: Annotated[str, typer.Argument(help="The task's id.")],
    who: Who,
    text: Annotated[str, typer.Option("--text", help="What there is to say about it.")] = "",
    config: ConfigOption = None,
) -> None:
    """A task is done (for words to paste: they were pasted)."""
    _answer(task, True, who, text, config)


def failed(
    task: Annotated[str, typer.Argument(help="The task's id.")],
    who: Who,
    text: Annotated[str, typer.Option("--text", help="Why not.")] = "",
    config: ConfigOption = None,
) -> None:
    """A task could not be done (for words to paste: the buyer has not seen them)."""
    _answer(task, False, who, text, config)


def act(
    thread: Annotated[str, typer.Argument(help="The thread's id.")],
    action: Annotated[str, typer.Argument(help="solved, confirmed, benefit, opt_out, close or note.")],
    who: Who,
    text: Annotated[str, typer.Option("--text", help="What there is to say about it.")] = "",
    config: ConfigOption = None,
) -> None:
    """Say what happened to a thread: solved, the buyer confirmed, a benefit was given, …"""
    from followup.events import Action, AgentActed
    from handlers.agent_command import NoSuchThread, agent_acted, wanted

    allowed = [a for a in Action if not a.value.startswith("task_")]
    if action not in allowed:
        raise mistake(f"action: expected one of {', '.join(allowed)}, got {action!r}")
    with opened(config) as app:
        event = AgentActed(thread, Action(action), who, app.clock.now(), text)
        try:
            now = app.store.run(lambda tx: agent_acted(event, tx, app.deps), wanted(event))
        except NoSuchThread as error:
            raise mistake(error) from None
        typer.echo(f"{thread}: {now.state.value} {now.outcome}".rstrip())


def _answer(task: str, was_done: bool, who: str, text: str, config: ConfigOption) -> None:
    from followup.events import Action, AgentActed
    from handlers.agent_command import NoSuchTask, task_answered, wanted_task

    with opened(config) as app:
        action = Action.TASK_DONE if was_done else Action.TASK_NOT_DONE
        event = AgentActed("", action, who, app.clock.now(), text, task)
        try:
            answered = app.store.run(lambda tx: task_answered(event, tx), wanted_task(event))
        except NoSuchTask as error:
            raise mistake(error) from None
        typer.echo(f"{task}: {answered.state.value}")
