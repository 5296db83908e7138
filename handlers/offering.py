"""Answers and attachments as a channel can show them: buttons or numbered lines, files or links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from followup.attachments import sort_out
from followup.choices import can_be_tapped, numbered
from followup.effects import Effect, Say
from followup.kinds import KINDS
from followup.model import Chat, Choice, Segment, Thread
from followup.ports import Capabilities, Scripts, Words
from store.tx import Tx


def label_of(choice: str, lang: str, segment: Segment, scripts: Scripts) -> str:
    """What stands on the button of an answer, which has one text."""
    return scripts.render(f"choice.{choice}", lang, {}, segment, (), "").text


def offered(
    say: Say, words: Words, thread: Thread, can: Capabilities, scripts: Scripts
) -> tuple[str, tuple[Choice, ...]]:
    """The words of a message and the answers under it; where there are too few buttons, the words show them too."""
    in_force = getattr(scripts, "library", scripts)
    choices = _labelled(say.choices, words.lang, thread.segment, in_force)  # type: ignore[arg-type]
    return shown(words.text, choices, words.lang, thread, can, scripts), choices


@lru_cache(maxsize=64)
def _labelled(choices: tuple[str | Choice, ...], lang: str, segment: Segment, scripts: Scripts) -> tuple[Choice, ...]:
    """The answers with their labels; those of a library never change."""
    return tuple(
        each if isinstance(each, Choice) else Choice(each, label_of(each, lang, segment, scripts)) for each in choices
    )


def shown(
    text: str, choices: tuple[Choice, ...], lang: str, thread: Thread, can: Capabilities, scripts: Scripts
) -> str:
    """The text with numbered lines for the answers, if the channel needs them and the text has them not."""
    if can_be_tapped(choices, can.buttons):
        return text
    lines = numbered(choices)
    if lines in text:
        return text
    hint = scripts.render("choice.hint", lang, {}, thread.segment, (), thread.id).text
    return f"{text}\n{hint}\n{lines}"


def attached(say: Say, text: str, can: Capabilities) -> tuple[Say, str, str]:
    """The message as it can be sent: with the attachments that the channel takes, links to those it does not take
    under the text, and a note on those that stay away ("" if none does)."""
    if not say.attachments:
        return say, text, ""
    ways = sort_out(say.attachments, can)
    links = (attachment.ref for attachment in ways.linked)
    names = ", ".join(f"{each.media.value} {each.name}".strip() for each in ways.left_out)
    note = f"{say.script}: not sent, for the channel takes none: {names}" if names else ""
    return replace(say, attachments=ways.sent), "\n".join([text, *links]), note


def unsaid(effects: Iterable[Effect], thread: Thread, tx: Tx) -> list[Effect]:
    """The effects without what the thread has said already: who taps twice is answered once."""
    said = {message.id for message in tx.every_message_of(thread.id)}
    return [effect for effect in effects if not (isinstance(effect, Say) and effect.key in said)]


def offers(thread: Thread) -> bool:
    """Whether the thread may have offered answers that are still to be given."""
    return not thread.state.closed and thread.touches > 0 and bool(KINDS[thread.kind].choices)


def withdraw(thread: Thread, tx: Tx) -> None:
    """The matter is over: nothing is offered to its buyer any more, unless by another of his."""
    offering = [chat for chat in tx.chats_of(thread.shop, thread.buyer) if chat.offered]
    if not offering:
        return
    others = (other for other in tx.every_thread_of(thread.shop, thread.buyer) if other.id != thread.id)
    if not any(map(offers, others)):
        for chat in offering:
            tx.save(replace(chat, offered=()))


def answered(chat: Chat, tx: Tx) -> None:
    """The buyer chose; what he types next is no answer to the same question."""
    tx.save(replace(tx.get(Chat, chat.id) or chat, offered=()))
