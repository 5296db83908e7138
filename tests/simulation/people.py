"""What the shop's own people do in a step of the schedule: sensible or not, as people are."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from followup.causes import Cause
from followup.desk.verbs import Verb
from followup.events import Action, AgentActed, AgentSpoke, Commanded
from followup.model import Segment
from handlers import agent_command, agent_says
from handlers.desk import commanded

if TYPE_CHECKING:
    from tests.simulation.world import World

TEXTS = ("我们看看，马上回复您", "We are looking into it and will write within two hours", "Le escribo mañana a las 10")


def agent_acts(world: World, chance: Random) -> None:
    """A person of the shop says what he did about a thread."""
    threads = world.sight.threads()
    if not threads:
        return
    thread, action = chance.choice(threads), chance.choice((*Action, Action.NOTE))
    if action in (Action.TASK_DONE, Action.TASK_NOT_DONE):
        _answers_task(world, chance, action)
        return
    event = AgentActed(thread, action, "mei", world.now, "as agreed")
    deps = world.life.app.deps
    wanted = agent_command.wanted(event)
    done = world.does(lambda: world.transacts(lambda tx: agent_command.agent_acted(event, tx, deps), wanted))
    if done is not None and action is Action.OPT_OUT:
        world.book.stopped.add(done.chat)


def _answers_task(world: World, chance: Random, action: Action) -> None:
    tasks = world.sight.tasks()
    if not tasks:
        return
    task, thread = chance.choice(tasks)
    event = AgentActed(thread, action, "mei", world.now, "", task)
    deps, wanted = world.life.app.deps, agent_command.wanted_task(event)
    world.does(lambda: world.transacts(lambda tx: agent_command.task_answered(event, tx, deps), wanted))


def agent_commands(world: World, chance: Random) -> None:
    """A person tells the bot to do something, sensible or not, perhaps twice."""
    threads, tasks = world.sight.threads(), world.sight.tasks()
    if not threads:
        return
    verb = chance.choice([verb for verb in Verb if verb is not Verb.ERASE])
    task, of = chance.choice(tasks) if tasks and chance.random() < 0.5 else ("", "")
    until = world.now + timedelta(hours=chance.choice((-1, 1, 5, 30, 80))) if chance.random() < 0.7 else None
    word = chance.choice(("", "purple", "blue", chance.choice([*Cause]).value, "refund", "common.thanks"))
    text = chance.choice((*TEXTS, "", "refund", "partial_refund 5 blemish", word))
    thread = of or chance.choice(threads)
    event = Commanded(verb, "mei", world.now, f"k{world.number()}", thread, task, "li", until, word, text)
    deps = world.life.app.deps
    for _ in range(chance.choice((1, 1, 2))):
        told = world.does(
            lambda: world.transacts(lambda tx: commanded.commanded(event, tx, deps), commanded.wanted(event))
        )
        if told is not None:
            deps.scripts.render(told.script, deps.agent_lang, told.facts, Segment.NEW, (), told.about)


def agent_speaks(world: World, chance: Random) -> None:
    """A person writes to a buyer."""
    threads = world.sight.threads()
    if not threads:
        return
    event = AgentSpoke("mei", world.now, chance.choice(TEXTS), chance.choice(threads), again=chance.random() < 0.5)
    deps = world.life.app.deps
    world.does(lambda: world.transacts(lambda tx: agent_says.agent_says(event, tx, deps), agent_says.wanted(event)))
