"""What the shop's people do at the desk, typed: take, give, note, flag, snooze, promise, resolve, pause, …

The same as in their group (docs/desk.md); each prints what the group would be answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from bot.commands.common import ConfigOption, mistake, opened
from bot.commands.meant import Meant, meant, moment
from bot.commands.who import Who, person

if TYPE_CHECKING:
    from bot.app import App
    from followup.desk.verbs import Verb
    from handlers.desk.told import Told

Target = Annotated[str, typer.Argument(metavar="TARGET", help="A thread's id, an order's number or a task's code.")]
Order = Annotated[str, typer.Argument(metavar="ORDER", help="An order's number, a thread's id or a task's code.")]
Text = Annotated[str, typer.Option("--note", help="What there is to say about it.")]
Until = Annotated[str, typer.Argument(metavar="TIME", help="30m, 2h, 明天9点, “tomorrow 9 am” or “2026-11-25 15:00”.")]
Step = Annotated[str, typer.Argument(help="Which one, as `huifang why` calls it; the next one if left out.")]
INFORMING = ("search", "help", "tasks")
PLANNED = ("now", "skip", "move")


def take(target: Target, who: Who, config: ConfigOption = None) -> None:
    """The matter is yours from now on, with its open tasks; a task's code takes that task alone."""
    _command("take", target, who, config)


def give(
    target: Target,
    to: Annotated[str, typer.Argument(metavar="PERSON", help="Who is to do it, by id or name.")],
    who: Who,
    text: Text = "",
    config: ConfigOption = None,
) -> None:
    """Give the matter to somebody else, who hears of it at once."""
    _command("give", target, who, config, to=to, text=text)


def note(
    target: Target,
    text: Annotated[str, typer.Argument(help="What the others should know.")],
    who: Who,
    config: ConfigOption = None,
) -> None:
    """Write something down; the buyer never sees it."""
    _command("note", target, who, config, text=text)


def flag(
    target: Target,
    colour: Annotated[str, typer.Argument(help="yellow, purple, blue, green or none; 黄紫蓝绿无.")],
    who: Who,
    text: Annotated[str, typer.Argument(help="What the note says besides, such as why.")] = "",
    config: ConfigOption = None,
) -> None:
    """Flag an order; prints the line for the note on its page (rule 98)."""
    from followup.desk.command_names import flag_named
    from followup.desk.flags import NO_FLAG

    found, more = flag_named(colour)
    word = colour if found is None else found.value or NO_FLAG
    _command("flag", target, who, config, word=word, text=f"{more} {text}".strip())


def snooze(target: Target, until: Until, who: Who, text: Text = "", config: ConfigOption = None) -> None:
    """Hear nothing more of the matter's tasks until then."""
    _command("snooze", target, who, config, until, text=text)


def later(target: Target, until: Until, who: Who, text: Text = "", config: ConfigOption = None) -> None:
    """Put one task off until then."""
    _command("later", target, who, config, until, text=text)


def promise(
    target: Target,
    until: Until,
    text: Annotated[str, typer.Argument(help="What the buyer was promised, in your words.")],
    who: Who,
    config: ConfigOption = None,
) -> None:
    """You promised the buyer something by then: its clock runs (rules 7, 119). It does not write to him."""
    _command("promise", target, who, config, until, text=text)


def resolve(
    target: Target,
    cause: Annotated[str, typer.Argument(help="The real cause, such as courier (rule 47).")],
    who: Who,
    text: Text = "",
    config: ConfigOption = None,
) -> None:
    """The matter is solved; its cause has to be named."""
    _command("resolve", target, who, config, word=cause, text=text)


def reopen(target: Target, who: Who, text: Text = "", config: ConfigOption = None) -> None:
    """A closed matter is opened again, for a person."""
    _command("reopen", target, who, config, text=text)


def pause(target: Target, who: Who, text: Text = "", config: ConfigOption = None) -> None:
    """Nothing automatic goes to this buyer until you say `huifang resume`."""
    _command("pause", target, who, config, text=text)


def resume(target: Target, who: Who, text: Text = "", config: ConfigOption = None) -> None:
    """The bot follows this buyer up again."""
    _command("resume", target, who, config, text=text)


def now(target: Target, who: Who, step: Step = "", config: ConfigOption = None) -> None:
    """Have a planned message sent now; politeness decides as ever, and you are told what came of it."""
    _command("now", target, who, config, word=step)


def skip(target: Target, who: Who, step: Step = "", text: Text = "", config: ConfigOption = None) -> None:
    """Drop a planned message; it does not come back, and what comes after it stays planned."""
    _command("skip", target, who, config, word=step, text=text)


def move(target: Target, until: Until, who: Who, step: Step = "", text: Text = "", config: ConfigOption = None) -> None:
    """Have a planned message go at another time."""
    _command("move", target, who, config, until, word=step, text=text)


def search(
    who: Who,
    words: Annotated[list[str] | None, typer.Argument(help="What it is about, such as 退款 破损.")] = None,
    order: Annotated[str, typer.Option("--for", help="Fill in the facts of this order, thread or task.")] = "",
    config: ConfigOption = None,
) -> None:
    """Search the scripts, without words those that suit the matter of --for; `huifang send ORDER NUMBER` sends one."""
    _command("search", order, who, config, text=" ".join(words or ()))


def send(
    target: Order,
    script: Annotated[str, typer.Argument(help="The script's id, or the number that `huifang s` shows.")],
    who: Who,
    config: ConfigOption = None,
) -> None:
    """Say a script to the buyer, with the facts of this thread filled in."""
    _command("send", target, who, config, word=script)


def _command(verb: str, target: str, who: str, config: Any, until: str = "", **more: str) -> None:
    """Have it carried out, and print the answer; a refusal ends the command with exit code 2."""
    from followup.desk.verbs import Verb

    with opened(config, speaking=False) as app:
        by = person(who, app.deps.roster)
        of = meant(app, target) if target else Meant("")
        when = moment(app, until, of.shop) if until else None
        if verb in PLANNED:
            more["word"] = _step(app, more["word"])
        told = obeyed(app, Verb(verb), by, of, until=when, **more)
        if not told.done and verb not in INFORMING:
            raise mistake(said(app, told))
        typer.echo(said(app, told))


def _step(app: App, given: str) -> str:
    """The id of the step that is called so; what is no name is an id."""
    from bot.desk import words

    names = words(app.deps.agent_lang).table["steps"]
    return next((id_ for id_, name in names.items() if name == given), given)


def obeyed(app: App, verb: Verb, who: str, of: Meant, **more: Any) -> Told:
    """What came of a command."""
    from followup.events import Commanded
    from handlers.desk.commanded import commanded, wanted

    key = f"cli/{uuid4().hex[:16]}"
    event = Commanded(verb, who, app.clock.now(), key, of.thread, of.task, **more)
    return app.store.run(lambda tx: commanded(event, tx, app.deps), wanted(event))


def said(app: App, told: Told) -> str:
    """The answer in the agents' words."""
    from followup.model import Segment

    return app.deps.scripts.render(told.script, app.deps.agent_lang, told.facts, Segment.NEW, (), told.about).text
