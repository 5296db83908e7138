"""What one of the shop's people writes in a topic goes to the buyer; he hears of it only where something is amiss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from followup.attachments import marked
from followup.desk.verbs import Verb
from followup.events import AgentSpoke, Commanded
from followup.model import Attachment, Instant, Media, Outgoing, OutgoingState, Segment, Thread, Verdict
from handlers.agent_says import NobodyToTell, NotSayable, Said, agent_says, said_as
from handlers.agent_says import wanted as wanted_by
from handlers.deps import Deps
from handlers.desk.commanded import commanded
from handlers.desk.failing import verdict_named
from handlers.desk.spot import Spot, answer, key_of
from handlers.desk.told import Told
from scripts_library.catalogue import load_catalogue
from scripts_library.lint import Finding
from store.tx import Tx

ALBUM = timedelta(seconds=2)
"""So long photos wait for the others of their album, which arrive one by one."""
_NO_FILES = frozenset((Media.LOCATION, Media.CARD, Media.OTHER))


def talk(spot: Spot, tx: Tx, deps: Deps, now: Instant) -> None:
    """Say to the buyer what was written in his topic; outside of topics people talk among themselves."""
    if spot.about and not spoken_as(spot, spot.event.external_id, tx):
        say(words_of(spot, tx), spot, tx, deps, now)


def spoken_as(spot: Spot, message: str, tx: Tx) -> list[Outgoing]:
    """What a message of the group became, in the order of time: its versions, their parts, and their changes."""
    begins = said_as(key_of(spot.event.desk, message), spot.about)
    return [each for each in tx.every_message_of(spot.about) if each.id.startswith(begins)]


def words_of(spot: Spot, tx: Tx) -> AgentSpoke:
    """The words as those of the person, about the thread or in the chat; of a change under the key of the original."""
    event, is_thread = spot.event, tx.get(Thread, spot.about) is not None
    key = key_of(event.desk, event.edits or event.external_id)
    spoke = AgentSpoke(spot.person.id, event.at, event.text.strip(), key=key, attachments=files_of(spot))
    return replace(spoke, thread=spot.about) if is_thread else replace(spoke, chat=spot.about)


def files_of(spot: Spot) -> tuple[Attachment, ...]:
    """What came with the message and is kept here."""
    return tuple(each for each in spot.event.attachments if each.ref and each.media not in _NO_FILES)


def tell_lost(script: str, spot: Spot, tx: Tx, deps: Deps, now: Instant) -> None:
    """Name what came with the message and could not be had: too large for the service, or gone. Of an album, which
    comes again with each of its photos, it is told once."""
    lost = [each for each in spot.event.attachments if each not in files_of(spot)]
    if lost:
        key = f"{key_of(spot.event.desk, spot.event.edits or spot.event.external_id)}/lost/{len(lost)}"
        answer([Told(script, {"files": marked("", lost)}, done=False)], spot, tx, deps, now, key)


def say(spoke: AgentSpoke, spot: Spot, tx: Tx, deps: Deps, now: Instant) -> bool:
    """Say it, and tell the person at once if it did not go and why; returns whether it went."""
    if not (spoke.text or spoke.attachments):
        tell_lost("desk.said_no_files", spot, tx, deps, now)
        return False
    tx.load(wanted_by(spoke))
    try:
        said = agent_says(spoke, tx, deps)
    except NotSayable as error:
        answer([forbidden(error.findings, deps)], spot, tx, deps, now)
        return False
    except NobodyToTell:
        answer([Told("desk.said_nobody", done=False)], spot, tx, deps, now)
        return False
    answer(noticed(said, spot, deps), spot, tx, deps, now)
    if said.went:
        tell_lost("desk.said_without_files", spot, tx, deps, now)
        if spoke.attachments:
            _wait_for_the_album(spoke, spot, tx, now)
        _take_up(spot, tx, deps, now)
    return said.went


def forbidden(found: Iterable[Finding], deps: Deps) -> Told:
    """Words that no one may say, with the reasons."""
    return Told("desk.said_forbidden", {"why": _reasons(found, deps)}, done=False)


def not_gone(verdict: Verdict, deps: Deps) -> Told:
    """Words that did not go, and why."""
    return Told("desk.said_not", {"why": verdict_named(verdict, deps)}, done=False)


def noticed(said: Said, spot: Spot, deps: Deps) -> Iterator[Told]:
    """What is worth a word: that it did not go, or that something in it needs care."""
    files = {"files": marked("", said.left_out)}
    if not said.went:
        verdict = said.decision.verdict
        is_lost = verdict is Verdict.SENT
        yield Told("desk.said_no_files", files, done=False) if is_lost else not_gone(verdict, deps)
        return
    if said.left_out:
        yield Told("desk.said_without_files", files)
    if said.read.advice:
        yield Told("desk.said_advice", {"why": _reasons(said.read.advice, deps)})
    if said.read.promise is not None:
        deadline = said.read.promise.due_at.astimezone(deps.policy(spot.shop).zone)
        yield Told("desk.said_promise" if said.promise else "desk.said_promise_by_hand", {"deadline": deadline})


def _reasons(found: Iterable[Finding], deps: Deps) -> str:
    """A line for each rule, in the language of the group, with the words that it is about."""
    lines = (f"· {_rule(each, deps)}" + (f" “{each.words}”" if each.words else "") for each in found)
    return "\n".join(lines)


def _rule(finding: Finding, deps: Deps) -> str:
    script = f"manner.{finding.rule}"
    if script not in load_catalogue():
        return finding.message
    return deps.scripts.render(script, deps.agent_lang, {}, Segment.NEW, (), "").text


def _wait_for_the_album(spoke: AgentSpoke, spot: Spot, tx: Tx, now: Instant) -> None:
    for each in tx.unsent(spot.about):
        if each.id.startswith(said_as(spoke.key, spot.about)) and each.state is OutgoingState.DUE:
            tx.save(replace(each, due_at=now + ALBUM))


def _take_up(spot: Spot, tx: Tx, deps: Deps, now: Instant) -> None:
    """Who writes to a buyer whom nobody has taken takes him; if another has, he learns that once."""
    thread = tx.get(Thread, spot.about)
    holder = thread.agent if thread else ""
    if holder not in ("", spot.person.id):
        person = deps.roster.people.get(holder)
        told = Told("desk.said_taken", {"who": person.name if person else holder})
        answer([told], spot, tx, deps, now, key=f"taken/{spot.about}/{holder}/{spot.person.id}")
    elif not holder and (thread or any(not task.assignee for task in tx.open_tasks(spot.about))):
        commanded(Commanded(Verb.TAKE, spot.person.id, spot.event.at, f"{spot.key}/take", spot.about), tx, deps)
