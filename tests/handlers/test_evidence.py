"""What comes beside words is remembered with its message, whoever sent it and wherever it belongs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from followup.events import MessageRecalled, MessageReceived, thread_id
from followup.evidence import Evidence, EvidenceState, Stored, Tried, Why
from followup.linking import digest_of
from followup.model import Attachment, Chat, Inbound, Instant, Link, Media, Note, State, Thread
from handlers import beginning, message_recalled
from handlers.evidence import EARLIER, SEALED, fetched, sealed
from handlers.linking import present
from tests.stories.shop import SHOP, Shop

PHOTO = Attachment(Media.PHOTO, "F1", mime="image/jpeg")
REFUND = thread_id(SHOP, "1001", "pending_refund")
STORED = Stored("shop/x/1.png", "ab" * 32, 9, "image/png")


@pytest.fixture
def shop() -> Shop:
    """The buyer `lin` waits for a refund; the chat knows nobody else."""
    return Shop().paid_order().refund()


def sends(shop: Shop, *attachments: Attachment, id_: str = "p1", buyer: str = "lin", **more: Any) -> None:
    """Somebody sends something."""
    message = MessageReceived(SHOP, shop.channel, buyer, id_, more.pop("text", ""), shop.clock.now())
    shop.message(replace(message, attachments=attachments, **more))


def rows(shop: Shop) -> dict[str, str]:
    """The thread of everything that is remembered, by its id on the channel."""
    found = shop.store.tx.items[Evidence].values()
    return {each.ref: each.thread for each in sorted(found, key=lambda each: each.ref)}


def test_a_photo_belongs_to_what_is_spoken_of(shop: Shop) -> None:
    """With all that the message told of it."""
    file = Attachment(Media.FILE, "F2", "发票.pdf", "application/pdf", 7)
    sends(shop, PHOTO, file, text="看图")
    assert {"F1": REFUND, "F2": REFUND} == rows(shop)
    (row,) = [each for each in shop.store.tx.items[Evidence].values() if each.ref == "F2"]
    assert (SHOP, "p1", "发票.pdf", 7, EvidenceState.WANTED) == (
        row.shop,
        row.message,
        row.name,
        row.told_size,
        row.state,
    )


@pytest.mark.parametrize("media", list(Media))
def test_what_is_worth_keeping(shop: Shop, media: Media) -> None:
    """Photos, files, voice and videos; no stickers, places or cards."""
    sends(shop, Attachment(media, "F1"))
    worth = media in (Media.PHOTO, Media.FILE, Media.VOICE, Media.VIDEO)
    assert ({"F1": REFUND} if worth else {}) == rows(shop)


def test_a_strangers_photo_is_remembered_with_his_chat(shop: Shop) -> None:
    """Of no thread."""
    sends(shop, PHOTO, buyer="somebody")
    assert {"F1": ""} == rows(shop)


def test_a_photo_in_a_group_is_remembered(shop: Shop) -> None:
    """Of no thread either, for others read along."""
    sends(shop, PHOTO, room="G1")
    assert {"F1": ""} == rows(shop)


def test_an_album_is_one_message(shop: Shop) -> None:
    """Each photo comes with those before it, as an edit of the first; each is remembered once."""
    photos = [Attachment(Media.PHOTO, f"F{n}") for n in range(1, 4)]
    sends(shop, photos[0], text="看图", id_="a1")
    sends(shop, *photos[:2], text="看图", id_="a2", edits="a1")
    sends(shop, *photos, text="看图", id_="a3", edits="a1")
    assert {"F1": REFUND, "F2": REFUND, "F3": REFUND} == rows(shop)
    assert 3 == len(shop.store.tx.items[Evidence])


def test_other_words_under_the_same_photo(shop: Shop) -> None:
    """Do not make it two."""
    sends(shop, PHOTO, text="看图", id_="a1")
    sends(shop, PHOTO, text="看图，杯子碎了", id_="a1.2", edits="a1")
    assert 1 == len(shop.store.tx.items[Evidence])


def test_a_strangers_album_is_kept(shop: Shop) -> None:
    """Though no thread is there to add it to."""
    sends(shop, PHOTO, id_="a1", buyer="somebody")
    sends(shop, PHOTO, Attachment(Media.PHOTO, "F2"), id_="a2", edits="a1", buyer="somebody")
    assert {"F1": "", "F2": ""} == rows(shop)


def test_a_message_that_arrives_twice_is_remembered_once(shop: Shop) -> None:
    """As the words of it are."""
    for _ in range(2):
        sends(shop, PHOTO)
    assert 1 == len(shop.store.tx.items[Evidence])


def test_what_is_taken_back_is_kept(shop: Shop) -> None:
    """The buyer showed it to us; that he took it back is noted."""
    sends(shop, PHOTO)
    now = shop.clock.now()
    event = MessageRecalled(SHOP, shop.channel, "lin", "r1", now, "p1")
    shop.store.run(lambda tx: message_recalled.message_recalled(event, tx, shop.deps, now))
    assert {"F1": REFUND} == rows(shop)
    assert any(isinstance(line, Note) and line.text.startswith("took back") for line in shop.store.lines)


@pytest.fixture
def _begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The word "坏了" begins an after-sales thread."""

    def begin(event: MessageReceived, chat: Chat, _heard: Any, tx: Any, _deps: Any, now: Instant) -> Thread | None:
        if "坏了" not in event.text:
            return None
        id_ = thread_id(SHOP, "1001", "pending_refund")
        thread = Thread(id_, SHOP, "1001", "pending_refund", chat.buyer, chat.id, State.OPEN, now, now)
        tx.save(thread)
        return thread

    monkeypatch.setattr(beginning, "BEGINS", (begin,))


@pytest.mark.usefixtures("_begins")
def test_first_the_photo_then_the_words() -> None:
    """Photos of the last hours move to the thread that a later message begins; older ones stay."""
    shop = Shop().paid_order()
    sends(shop, Attachment(Media.PHOTO, "OLD"), id_="p0")
    shop.after("7h")
    sends(shop, PHOTO)
    sends(shop, Attachment(Media.PHOTO, "HIS"), id_="p2", buyer="somebody")
    assert timedelta(hours=6) == EARLIER
    shop.after("10m").buyer_says("坏了")
    assert {"F1": REFUND, "HIS": "", "OLD": ""} == rows(shop)


def test_a_photo_before_the_proof_whose_chat_it_is() -> None:
    """Who shows his link after the photo has it filed under his order."""
    shop = Shop(channel="terminal").paid_order().refund()
    now = shop.clock.now()
    sends(shop, PHOTO, buyer="nobody-yet")
    link = Link(digest_of("T" * 22), SHOP, "1001", now, now + timedelta(days=1))

    def shows(tx: Any) -> None:
        tx.save(link)
        chat = Chat(f"{SHOP}/telegram/5", SHOP, f"{SHOP}/telegram/5", "telegram", "5")
        tx.save(chat)
        tx.save(Evidence("e9", "", SHOP, chat.id, "telegram", "m9", now, Media.PHOTO, "HIS"))
        present("T" * 22, chat, "k", True, tx, shop.deps, now)

    shop.store.run(shows)
    assert {"F1": "", "HIS": REFUND} == rows(shop)


def test_a_message_that_proves_nothing_is_kept_with_its_photo(shop: Shop) -> None:
    """Somebody names an order that is not his, and shows something."""
    sends(shop, PHOTO, buyer="5", text="订单 1001", channel="telegram")
    assert {"F1": ""} == rows(shop)


def tried(shop: Shop, most: int = 50, **more: Any) -> Evidence | None:
    """One try is recorded."""
    now, (row,) = shop.clock.now(), [each for each in shop.store.tx.items[Evidence].values() if each.ref == "F1"]
    return shop.store.run(lambda tx: fetched(Tried(row.id, now, **more), most, tx, shop.deps, now))


def test_a_file_is_recorded_once(shop: Shop) -> None:
    """Whoever comes second changes nothing."""
    sends(shop, PHOTO)
    kept = tried(shop, stored=STORED)
    assert kept is not None
    assert EvidenceState.KEPT is kept.state
    assert None is tried(shop, why=Why.GONE)


def test_the_most_of_a_thread_is_counted_as_it_is_recorded(shop: Shop) -> None:
    """Even if more were fetched meanwhile."""
    sends(shop, PHOTO)
    sends(shop, Attachment(Media.PHOTO, "F2"), id_="p2")
    other = next(each for each in shop.store.tx.items[Evidence].values() if each.ref == "F2")
    shop.store.run(lambda tx: tx.save(replace(other, state=EvidenceState.KEPT)))
    kept = tried(shop, most=1, stored=STORED)
    assert kept is not None
    assert (EvidenceState.REFUSED, "too_many") == (kept.state, kept.error)


def test_a_refusal_is_told_to_the_buyer_and_a_person(shop: Shop) -> None:
    """In the thread's chat, at once."""
    sends(shop, PHOTO)
    shop.tasks()
    tried(shop, why=Why.WRONG_TYPE, error="a program")
    shop.after("1m")
    assert ["evidence_wrong_type"] == shop.tasks()
    assert "evidence.wrong_type" == shop.steps()[-1]
    assert "[photo]" not in shop.heard()[-1]


def test_a_seal_is_noted(shop: Shop) -> None:
    """With the digest, who and when."""
    now = shop.clock.now()
    shop.store.run(lambda tx: sealed([REFUND], "ab" * 32, "小美", tx, now))
    assert Note(REFUND, now, "小美", f"{SEALED} {'ab' * 32}") in shop.store.lines
    assert {} == shop.store.tx.items[Inbound]


def test_a_threat_asks_a_person_to_seal(shop: Shop) -> None:
    """Once in a thread, with the command; the buyer hears nothing of it."""
    shop.tasks()
    shop.buyer_says("再不退我就打12315，找律师起诉你们")
    shop.after("1h").buyer_says("等着法院见，我会起诉")
    assert 1 == shop.tasks().count("seal_dispute")
    assert "huifang evidence pack 1001" in shop.task("seal_dispute").text
    assert not any("evidence" in text for text in shop.heard())
