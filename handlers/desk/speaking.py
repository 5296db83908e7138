"""A person's own words to the buyer, as a command."""

from __future__ import annotations

from dataclasses import replace

from followup.events import AgentSpoke
from handlers.agent_says import NobodyToTell, NotSayable, SaidAMomentAgo, agent_says
from handlers.desk.call import Call
from handlers.desk.told import Told
from scripts_library.catalogue import load_catalogue
from scripts_library.lint import Finding


def say(call: Call) -> Told:
    """Say them, if no rule forbids them and one of the buyer's chats is open."""
    thread, text = call.thread, call.event.text.strip()
    if thread is None:
        return call.not_done("which_buyer")
    if not text:
        return call.not_done("expected_say")
    spoke = AgentSpoke(call.person.id, call.now, text)
    spoke = replace(spoke, thread=thread.id) if thread.kind else replace(spoke, chat=thread.id)
    try:
        said = agent_says(spoke, call.tx, call.deps)
    except NotSayable as error:
        return call.not_done("not_sayable", why="\n".join(_why(each, call) for each in error.findings))
    except SaidAMomentAgo:
        return call.not_done("said_just_now")
    except NobodyToTell:
        return call.not_done("which_buyer")
    if not said.went:
        return call.not_done("not_said", why=call.called(f"verdict.{said.decision.verdict}"))
    if said.promise is not None:
        return call.told("said", until=call.local(said.promise.due_at))
    return call.told("said")


def _why(finding: Finding, call: Call) -> str:
    """A rule by the name that people have for it, with the words that break it."""
    script = f"manner.{finding.rule}"
    rule = call.called(script) if script in load_catalogue() else finding.message
    return f"· {rule}" + (f" “{finding.words}”" if finding.words else "")
