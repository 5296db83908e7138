"""A person changes what he has written to a buyer: the same rules and checks as for saying it (rules 77, 86, 119)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from followup.effects import AddNote, Effect, MarkBenefit
from followup.events import AgentSpoke
from followup.model import Chat, Instant, Note, Outgoing, OutgoingState, Role, Verdict
from followup.politeness import Touch, judge
from followup.promises import Promise, promise_id
from followup.promising import released
from followup.split import storable
from handlers.agent_says import OFFERS, NotSayable, Read, Said, listening, open_promise, read, thread_meant
from handlers.carry_out import carry_out
from handlers.deps import Deps
from handlers.promised import RELEASED, SAYS, close
from handlers.scene import Scene
from store.tx import Tx


def agent_changes(event: AgentSpoke, versions: Sequence[Outgoing], key: str, tx: Tx, deps: Deps) -> Said:
    """Put new words in the place of those that went, the first of `versions`, which were changed by the others.

    What the old words promised is promised no more. Raises NobodyToTell and NotSayable.
    """
    seen = read(event, tx, deps)
    if seen.forbidden:
        raise NotSayable(seen.forbidden)
    thread, original, now = thread_meant(event, tx), versions[0], event.at
    scene, chat = Scene(thread, tx, deps, now), tx.get(Chat, original.chat)
    assert chat is not None, f"message {original.id} has no chat"
    way, policy = deps.can(chat.channel), deps.policy(thread.shop)
    has_its_place = replace(chat, used=max(0, chat.used - 1))
    touch = Touch(Role.REPLY, now, solves=True, by_person=True)
    decision = judge(touch, listening(scene.buyer, [chat]), has_its_place, policy, now, way)
    scene.decided(SAYS, key, decision, chat.channel, original.lang, event.text)
    if decision.verdict is not Verdict.SENT:
        tx.add(Note(thread.id, now, event.who, f"not_said {event.text}"))
        return Said(False, chat.channel, decision, seen)
    tx.save(_change(original, key, event.text, now))
    effects: list[Effect] = [AddNote(f"edits {event.text}", event.who)]
    if any(finding.rule in OFFERS for finding in seen.advice):
        effects.append(MarkBenefit())
    carry_out(effects, thread, tx, deps, now)
    return Said(True, chat.channel, decision, seen, promise=_promised(event, seen, versions, key, scene))


def _change(original: Outgoing, key: str, text: str, now: Instant) -> Outgoing:
    fresh = replace(original, id=key, text=storable(text), edits=original.id, created_at=now, due_at=now)
    fresh = replace(fresh, state=OutgoingState.DUE, attempts=0, history=(), sent_at=None, external_id="", error="")
    return replace(fresh, choices=(), attachments=(), code="", expires_at=None)


def _promised(event: AgentSpoke, seen: Read, versions: Sequence[Outgoing], key: str, scene: Scene) -> Promise | None:
    """The promise of the new words: the old one if it names the same time, else another in its place."""
    thread, tx = scene.thread, scene.tx
    made = {promise_id(thread.id, each.id) for each in versions}
    known = [each for each in tx.promises_of(thread.id) if each.id in made]
    same = next((each for each in known if seen.promise and each.due_at == seen.promise.due_at), None)
    if same is not None:
        return same
    close(known, released, RELEASED, thread, tx, scene.now)
    return open_promise(event, seen, key, scene)
