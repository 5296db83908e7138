"""What agents do on the command line: see their tasks, answer them, act on a thread."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, console, mistake, opened, zone_of

if TYPE_CHECKING:
    from bot.app import App
    from store.views import Waiting

Who = Annotated[str, typer.Option("--by", help="Who did it.", default_factory=getpass.getuser, show_default=False)]
TaskCode = Annotated[str, typer.Argument(metavar="TASK", help="The task's code, as `huifang tasks` shows it.")]


def tasks(
    limit: Annotated[int, typer.Option(help="How many at the most.", min=1)] = 50, config: ConfigOption = None
) -> None:
    """What waits for a person; words to paste stand whole, ready to copy."""
    from bot.desk import words
    from store import views

    with opened(config, speaking=False) as app, app.store.engine.connect() as connection:
        said, screen = words(app.deps.agent_lang), console()
        found, count = views.waiting(connection, limit), len(views.open_task_ids(connection))
        for each in found:
            head, text = _shown(each, app)
            screen.print(head, style="bold", soft_wrap=True)
            screen.print(text + "\n" if text else "", soft_wrap=True)
        if count > len(found):
            screen.print(said("more_tasks", count=count - len(found)))
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
        event = AgentActed(_thread(app, thread), Action(action), who, app.clock.now(), text)
        now = app.store.run(lambda tx: agent_acted(event, tx, app.deps), wanted(event))
        said = words(app.deps.agent_lang)
        outcome = f" ({said.name('outcomes', now.outcome)})" if now.outcome else ""
        typer.echo(f"{now.id}: {said.name('states', now.state.value)}{outcome}")


def _shown(waiting: Waiting, app: App) -> tuple[str, str]:
    """A task's heading and its words; words that came too late are not shown, so that nobody pastes them."""
    from bot.desk import words
    from followup.desk.codes import code_of

    task, said, zone = waiting.task, words(app.deps.agent_lang), zone_of(app, waiting.task.shop)
    parts = [f"{code_of(task.id)}  {said.name('reasons', task.reason)}"]
    parts += [said("order", order=waiting.order_id)] if waiting.order_id else []
    parts += [waiting.buyer] if waiting.buyer else []
    parts += [task.shop] if len(app.deps.policies) > 1 else []
    parts.append(f"{task.created_at.astimezone(zone):%m-%d %H:%M}")
    if task.expires_at is None:
        return " · ".join(parts), task.text
    until, late = f"{task.expires_at.astimezone(zone):%m-%d %H:%M}", task.expires_at <= app.clock.now()
    parts.append(said("too_late" if late else "valid_until", until=until))
    return " · ".join(parts), "" if late else task.text


def _thread(app: App, given: str) -> str:
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
        try:
            with app.store.engine.connect() as connection:
                task = meant(given, views.open_task_ids(connection))
            action = Action.TASK_DONE if was_done else Action.TASK_NOT_DONE
            event = AgentActed("", action, who, app.clock.now(), text, task)
            answered = app.store.run(lambda tx: task_answered(event, tx), wanted_task(event))
        except (Unclear, NoSuchTask) as error:
            raise mistake(error) from None
        state = words(app.deps.agent_lang).name("tasks", answered.state.value)
        typer.echo(f"{code_of(task)}: {state}")
