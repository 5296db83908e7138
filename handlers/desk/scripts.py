"""Scripts for a person at the desk: found by words, and said with the facts of this thread at one tap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from followup.desk.codes import code_of
from followup.desk.verbs import Verb
from followup.events import AgentSpoke, Commanded
from followup.model import Chat, Choice, Instant, Segment, State, Thread
from followup.suggestions import fitting
from handlers.agent_says import NobodyToTell, NotSayable, SaidAMomentAgo, agent_says
from handlers.carry_out import no_thread
from handlers.deps import Deps
from handlers.desk.script_facts import covering, script_facts
from handlers.desk.told import Told
from scripts_library.catalogue import load_catalogue
from scripts_library.library import Library, library_of
from scripts_library.lint import Finding
from scripts_library.preview import Preview, preview
from scripts_library.search import Found, number_of, search_of
from scripts_library.templates import digest
from store.tx import Tx

SHOWN = 300
A_MOMENT = timedelta(minutes=1)
MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Desk:
    """The matter of a thread as a person at the desk sees it, with the library that his scripts come from; `lang` is
    the buyer's language, `own` that of the person."""

    thread: Thread
    lang: str
    library: Library
    tx: Tx
    deps: Deps
    now: Instant
    own: str

    def reads(self, script: str) -> Preview:
        """How a script would read to this buyer now; what went to him by any hand is not said again."""
        facts, thread = script_facts(script, self.thread, self.tx, self.deps, self.now), self.thread
        sent = self.tx.every_message_of(thread.id) if thread.id else []
        said = (*thread.said, *(digest(each.text) for each in sent))
        return preview(self.library, script, self.lang, facts, thread.segment, said, thread.id, self.gap)

    def is_granted(self, script: str) -> bool:
        """Whether nothing stands in the way of the money that the words promise, if they do (rules 10, 75)."""
        return not load_catalogue()[script].grants or covering(script, self.thread, self.tx) is not None

    def gap(self, fact: str) -> str:
        """What stands in the place of a missing fact."""
        return f"[{self.called('fact', fact)}?]"

    def called(self, of: str, name: str) -> str:
        """What people call a fact or a verdict."""
        return self.deps.scripts.render(f"{of}.{name}", self.own, {}, Segment.NEW, (), "").text

    def rule(self, finding: Finding) -> str:
        """What people call a rule that words break."""
        return self.called("manner", finding.rule) if f"manner.{finding.rule}" in load_catalogue() else finding.message

    def names(self, facts: tuple[str, ...]) -> str:
        """What several facts are called."""
        return ", ".join(self.called("fact", fact) for fact in facts)


def search(event: Commanded, tx: Tx, deps: Deps) -> Told:
    """The scripts that fit the words best, as they would read in this thread, each with a button that sends it; where
    none fits those that suit the matter."""
    if not (event.thread or event.text.strip()):
        return Told("desk.expected_search", done=False)
    desk = _desk(event, tx, deps) if event.thread else _nowhere(event, tx, deps)
    if desk is None:
        return _refused("nobody", event)
    sale = tx.sale(desk.thread.id)
    suits = fitting(desk.thread.kind, sale.branch if sale else None)
    searched = search_of(desk.library)
    honest = searched.find(event.text, desk.lang, suits, now=event.at)
    found = honest or searched.find("", desk.lang, suits, now=event.at)
    reads = [desk.reads(each.script) for each in found]
    lines = (_line(at, *each, desk) for at, each in enumerate(zip(found, reads, strict=True), 1))
    choices = tuple(_button(at, *each, event, desk) for at, each in enumerate(zip(found, reads, strict=True), 1))
    told = {"asked": event.text, "found": "\n".join(lines)}
    script = "desk.script_found" if honest else "desk.script_none"
    return Told(script, told, tuple(filter(None, choices)), done=False, about=event.thread)


def send(event: Commanded, tx: Tx, deps: Deps) -> Told:
    """Say the script that `event.word` names (its id or short number) to the buyer of the thread: words he has not
    read yet, checked like those of any person, and counted as his answer (rules 10, 75, 111)."""
    desk = _desk(event, tx, deps)
    if desk is None:
        return _refused("nobody", event)
    script = search_of(desk.library).meant(event.word)
    if not script:
        return _refused("unknown", event, asked=event.word)
    if not desk.is_granted(script):
        return _refused("not_granted", event, script=script)
    if _was_sent(script, desk):
        return _refused("just_sent", event, script=script)
    reads = desk.reads(script)
    if reads.lacks:
        return _refused("lacks", event, script=script, lacks=desk.names(reads.lacks))
    if reads.used_up:
        return _refused("used_up", event, script=script)
    return _say(script, reads, event, desk)


def _say(script: str, reads: Preview, event: Commanded, desk: Desk) -> Told:
    thread, tx = desk.thread, desk.tx
    spoken = AgentSpoke(event.who, event.at, reads.text)
    spoken = replace(spoken, thread=thread.id) if thread.kind else replace(spoken, chat=thread.id)
    try:
        said = agent_says(spoken, tx, desk.deps)
    except NotSayable as error:
        return _refused("forbidden", event, script=script, why="; ".join(desk.rule(each) for each in error.findings))
    except SaidAMomentAgo:
        return _refused("just_sent", event, script=script)
    except NobodyToTell:
        return _refused("nobody", event)
    if not said.went:
        return _refused("not_gone", event, script=script, why=desk.called("verdict", said.decision.verdict.value))
    if now := tx.get(Thread, thread.id):
        tx.save(replace(now, said=(*now.said, reads.digest)))
    way = "pasted" if said.channel == MANUAL else "sent"
    return Told(f"desk.script_{way}", {"script": script, "text": reads.text}, about=event.thread)


def _desk(event: Commanded, tx: Tx, deps: Deps) -> Desk | None:
    """The matter that a command is about; None if there is no such thread or chat."""
    chat = tx.get(Chat, event.thread)
    thread = tx.get(Thread, event.thread) or (no_thread(chat, event.at) if chat else None)
    if thread is None:
        return None
    lang = tx.buyer(thread.shop, thread.buyer).lang or deps.policy(thread.shop).lang
    return Desk(thread, lang, library_of(deps.scripts), tx, deps, event.at, event.lang or deps.agent_lang)


def _nowhere(event: Commanded, tx: Tx, deps: Deps) -> Desk:
    """A search in no matter at all: the scripts in the agents' language, without facts, to be read only."""
    nobody = Thread("", next(iter(deps.policies)), "", "", "", "", State.OPEN, event.at, event.at)
    own = event.lang or deps.agent_lang
    return Desk(nobody, own, library_of(deps.scripts), tx, deps, event.at, own)


def _line(at: int, found: Found, reads: Preview, desk: Desk) -> str:
    """A script in one line: its number, its short number, its words, and what keeps it from being sent."""
    flat = " ".join(reads.text.split())
    shown = flat if len(flat) <= SHOWN else flat[: SHOWN - 1] + "…"
    marks = []
    if found.promises_money and not desk.is_granted(found.script):
        marks.append(desk.called("mark", "money"))
    elif reads.lacks:
        marks.append(f"{desk.called('mark', 'lacks')} {desk.names(reads.lacks)}")
    if reads.used_up:
        marks.append(desk.called("mark", "used_up"))
    return f"{at}. [{number_of(found.script)}] {shown}" + "".join(f" ({mark})" for mark in marks)


def _button(at: int, found: Found, reads: Preview, event: Commanded, desk: Desk) -> Choice | None:
    if not desk.thread.id or not reads.sayable or not desk.is_granted(found.script):
        return None
    code = code_of(event.task) if event.task else ""
    label = f"{desk.called('mark', 'send')} {at}"
    return Choice(f"{Verb.SEND}:{code}:{number_of(found.script)}", label)


def _was_sent(script: str, desk: Desk) -> bool:
    """Whether any of its words went to this buyer a moment ago: somebody tapped twice."""
    facts = script_facts(script, desk.thread, desk.tx, desk.deps, desk.now)
    lately = [m.text for m in desk.tx.every_message_of(desk.thread.id) if desk.now - m.created_at < A_MOMENT]
    if not lately or desk.reads(script).lacks:
        return False
    return any(text in lately for text in desk.library.readings(script, desk.lang, facts, desk.thread.segment))


def _refused(name: str, event: Commanded, **facts: object) -> Told:
    return Told(f"desk.script_{name}", facts, done=False, about=event.thread)
