"""What is shown in the topic of a matter besides its buyer's messages: the bot's own words, a colleague's, the end."""

from __future__ import annotations

from collections.abc import Mapping

from followup.attachments import marked
from followup.events import AgentSpoke
from followup.model import Buyer, Chat, Instant, Role, Segment, State, Thread
from handlers.deps import Deps
from handlers.desk.posting import post
from store.tx import Tx

MIRROR, LONGEST = "mirror", 300
OURS = (Role.NUDGE, Role.NOTICE)


def show_ours(role: Role, key: str, text: str, thread: Thread, tx: Tx, deps: Deps, now: Instant) -> None:
    """Show in short what the bot says of itself in a thread that has a topic."""
    if role in OURS and thread.shop in deps.places and tx.topics_of(thread.id):
        short = text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
        post(thread.id, MIRROR, key, spoken_by(name_of("bot", deps), short, deps), tx, deps, now, thread.shop)


def show_colleague(event: AgentSpoke, key: str, about: Thread, tx: Tx, deps: Deps) -> None:
    """Show what a person said to the buyer by another way than this topic."""
    if not event.key and about.shop in deps.places and is_at_desk(about.id, tx):
        person = deps.roster.named(event.who)
        text = spoken_by((person.name if person else "") or event.who, marked(event.text, event.attachments), deps)
        post(about.id, MIRROR, key, text, tx, deps, event.at, about.shop)


def show_recalled(about: str, key: str, text: str, shop: str, tx: Tx, deps: Deps, now: Instant) -> None:
    """Show that the buyer took a message back."""
    if shop in deps.places and is_at_desk(about, tx):
        facts = {"buyer": buyer_name(about, tx), "text": text}
        post(about, MIRROR, key, _words("desk.buyer_recalled", facts, deps), tx, deps, now, shop)


def show_end(thread: Thread, tx: Tx, deps: Deps, now: Instant) -> None:
    """Say in the topic of a thread how it ended: the last word there."""
    if thread.shop in deps.places and tx.topics_of(thread.id):
        facts = {"outcome": deps.outcomes.get(deps.agent_lang, {}).get(thread.outcome, thread.outcome)}
        key = f"{thread.id}/over@{now:%Y-%m-%dT%H:%M:%S.%f}"
        post(thread.id, MIRROR, key, _words("desk.matter_over", facts, deps), tx, deps, now, thread.shop)


def is_at_desk(about: str, tx: Tx) -> bool:
    """Whether people have to do with a thread or a chat: somebody took it, it has a topic, or an open task."""
    thread = tx.get(Thread, about)
    is_theirs = thread is not None and (bool(thread.agent) or thread.state is State.WITH_AGENT)
    return is_theirs or tx.is_at_desk(about)


def spoken_by(who: str, text: str, deps: Deps) -> str:
    """`林：在吗`."""
    return f"{who}{_colon(deps)}{text}"


def _colon(deps: Deps) -> str:
    return "：" if deps.agent_lang.startswith("zh") else ": "


def buyer_name(about: str, tx: Tx) -> str:
    """The name of the buyer of a thread or chat, "" if nobody knows it."""
    of = tx.get(Thread, about) or tx.get(Chat, about)
    return (tx.get(Buyer, of.shop, of.buyer) or Buyer("", "")).name if of else ""


def name_of(what: str, deps: Deps) -> str:
    """What the buyer or the bot is called where he has no name."""
    return _words(f"desk.name_{what}", {}, deps)


def _words(script: str, facts: Mapping[str, object], deps: Deps) -> str:
    return deps.scripts.render(script, deps.agent_lang, facts, Segment.NEW, (), "").text
