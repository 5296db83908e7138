"""The brief for the person who answers a review: cause, remedy, signs of malice, history, replies (rules 84-93)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from followup.causes import Cause
from followup.model import Rating, Review, Segment, Thread
from followup.reviews.malice import Sign, likeliest_cause, signs
from followup.reviews.read import Read, Record
from handlers.deps import Deps
from handlers.reviews.reading import read_chat, read_review
from store.tx import Tx

STYLES = ("official", "friend", "plain")
BRIEFED = frozenset(("review_brief", "review_follow_up"))


@dataclass(frozen=True, slots=True)
class Brief:
    """What is known of one review before anybody speaks to its buyer."""

    review: Review
    read: Read
    record: Record
    cause: Cause
    signs: tuple[Sign, ...]


def brief_of(review: Review, thread: Thread, tx: Tx) -> Brief:
    """Study the purchase, the cause and what the buyer said so far."""
    read = read_review(review.text, bool(review.follows))
    record = _record(thread, tx)
    found = signs(read, record)
    return Brief(review, read, record, likeliest_cause(read, found), found)


def told(review_id: str, thread: Thread, tx: Tx, deps: Deps) -> dict[str, object]:
    """The brief as facts of the agents' words; nothing if the review is not known."""
    facts = tx.facts_of(thread)
    review = next((each for each in facts.reviews if each.id == review_id), None) if facts else None
    if review is None or facts is None:
        return {}
    brief, say = brief_of(review, thread, tx), _Saying(thread, deps)
    lang = tx.buyer(thread.shop, thread.buyer).lang or deps.policy(thread.shop).lang
    return {
        "text": review.text,
        "cause": say(f"cause.{brief.cause or 'unknown'}"),
        "found": ", ".join(brief.read.causes[0].words[:5]) if brief.read.causes else "",
        "remedy": say(f"agent.remedy.{brief.cause or Cause.OTHER}"),
        "signs": "\n".join(f"- {say(f'agent.sign.{sign.name}', evidence=sign.evidence)}" for sign in brief.signs),
        "paid": brief.record.paid or None,
        "bad": brief.record.bad or None,
        "kind": say(f"agent.follow_up.{brief.read.follow_up}") if brief.read.follow_up else "",
        "replies": "\n".join(f"{number}. {text}" for number, text in enumerate(replies(brief, thread, lang, deps), 1)),
    }


def replies(brief: Brief, thread: Thread, lang: str, deps: Deps) -> Iterator[str]:
    """A public reply in each of the three styles, in the buyer's language (rule 92)."""
    say, cause = _Saying(thread, deps), brief.cause
    is_known = cause not in (Cause.UNKNOWN, Cause.OTHER, Cause.MALICIOUS, Cause.BUYER)
    facts = {"cause": say(f"cause.{cause}", lang=lang) if is_known else ""}
    return (say(f"review.reply_{style}", lang=lang, **facts) for style in STYLES)


@dataclass(frozen=True, slots=True)
class _Saying:
    """Puts a script into words, by default for the agents."""

    thread: Thread
    deps: Deps

    def __call__(self, script: str, lang: str = "", **facts: object) -> str:
        seed = f"{self.thread.id}/{script}"
        return self.deps.scripts.render(script, lang or self.deps.agent_lang, facts, Segment.NEW, (), seed).text


def _record(thread: Thread, tx: Tx) -> Record:
    orders = [order for order in tx.orders_of(thread.shop, thread.buyer) if order.paid_at is not None]
    known = [facts for order in orders if (facts := tx.facts(order.shop, order.id)) is not None]
    reviews = [review for facts in known for review in facts.reviews if not review.follows]
    bad = [review for review in reviews if review.rating is Rating.BAD]
    said = read_chat(
        message.text for chat in tx.chats_of(thread.shop, thread.buyer) for message in tx.heard_in(chat.id)
    )
    return Record(len(orders), len(reviews), len(bad), said)
