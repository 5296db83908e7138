"""Saying something: words become rows of the outbox, with the decision that let them go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from followup.answers.common import TELLS_OF_A_PERSON
from followup.effects import AlertAgent, HandOver, Say
from followup.model import Chat, Choice, Decision, Note, Outgoing, Reason, Role, Verdict
from followup.ports import Words, WordsExhausted
from followup.reach import Way, room
from followup.replies import GOODBYE, HANDOFF
from handlers.budget import spent
from handlers.desk.showing import show_ours
from handlers.granted import check_granted
from handlers.offering import attached, offered
from handlers.outgoing import rows
from handlers.promised import by_script
from handlers.scene import Scene


def say(what: Say, scene: Scene) -> None:
    """Put the words into the outbox if their decision lets them go; remember the decision in any case."""
    chat, buyer, thread = scene.chat(what.chat), scene.buyer, scene.thread
    if what.decision.verdict is not Verdict.SENT:
        scene.decided(what.script, what.key, what.decision, chat.channel)
        return
    check_granted(what, scene)
    lang = buyer.lang or scene.deps.policy(thread.shop).lang
    words = _words(what, lang, scene)
    if words is None:
        return
    text, choices = offered(what, words, thread, scene.deps.can(chat.channel), scene.deps.scripts)
    if not thread.touches and what.script != GOODBYE:
        text += "\n" + scene.deps.scripts.render("hint.stop", lang, {}, thread.segment, (), thread.id).text
    if not put_out(what, words.lang, text, choices, scene):
        return
    by_script(what, text, scene)
    show_ours(what.role, what.key, text, thread, scene.tx, scene.deps, scene.now)
    scene.thread = replace(thread, touches=thread.touches + 1, said=(*thread.said, words.digest))
    if what.role is Role.NUDGE:
        scene.tx.save(replace(buyer, nudged_at=scene.now, nudged_by=what.key))


def put_out(what: Say, lang: str, text: str, choices: tuple[Choice, ...], scene: Scene) -> bool:
    """Put a text into the outbox; False if it needs more parts than the quota of its chat leaves, which a person
    is told."""
    chat = scene.chat(what.chat)
    can = scene.deps.can(chat.channel)
    what, text, note = attached(what, text, can)
    parts = list(rows(what, scene.thread, Way(chat, can), lang, text, choices, scene.now))
    left = 1 if what.code else room(chat, can, what.solves)
    if left is not None and left < len(parts):
        _too_long(what, chat, len(parts), scene)
        return False
    for part in parts:
        scene.tx.save(part)
        scene.decided(what.script, part.id, what.decision, chat.channel, lang, part.text)
    if note:
        scene.tx.add(Note(scene.thread.id, scene.now, "huifang", note))
    _remember(what, chat, choices, parts, scene)
    return True


def hand_over(what: HandOver, scene: Scene) -> None:
    """Have the channel give the chat to a person, after the words that were said before: a message without words."""
    chat = scene.chat()
    scene.decided(HANDOFF, what.key, what.decision, chat.channel)
    if what.decision.verdict is Verdict.SENT:
        say_nothing = Say(HANDOFF, Role.REPLY, what.key, what.decision)
        way = Way(chat, scene.deps.can(chat.channel))
        scene.tx.save(next(rows(say_nothing, scene.thread, way, "", "", (), scene.now)))


def _remember(what: Say, chat: Chat, choices: tuple[Choice, ...], parts: Sequence[Outgoing], scene: Scene) -> None:
    """What the chat has to know of a message: that it counts, what it offers, that it told of a person."""
    after = spent(chat, len(parts) - bool(what.code), scene.deps)
    if what.script in TELLS_OF_A_PERSON:
        after = replace(after, acknowledged_at=scene.now)
    if choices:
        after = replace(after, offered=choices)
    if after is not chat:
        scene.tx.save(after)


def _too_long(what: Say, chat: Chat, parts: int, scene: Scene) -> None:
    quota = scene.deps.can(chat.channel).quota
    figures = (("parts", str(parts)), ("used", str(chat.used)), ("quota", str(quota)))
    decision = Decision(Verdict.QUOTA_USED, (Reason(Verdict.QUOTA_USED, False, figures),))
    scene.decided(what.script, what.key, decision, chat.channel)
    scene.alert(AlertAgent(Verdict.QUOTA_USED.value, what.key, {"step": what.script}))


def _words(what: Say, lang: str, scene: Scene) -> Words | None:
    """The words, chosen afresh for each message where no thread remembers them; None for a reply that would
    repeat itself (rule 111)."""
    thread = scene.thread
    seed = thread.id if thread.kind else what.key
    try:
        return scene.deps.scripts.render(what.script, lang, what.facts, thread.segment, thread.said, seed)
    except WordsExhausted:
        if what.role is not Role.REPLY:
            raise
        scene.tx.add(Note(thread.id, scene.now, "huifang", f"{what.script}: no new words left"))
        return None
