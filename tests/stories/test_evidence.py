"""Stories of photos: asked for, sent, kept, lost, and sealed when a conversation turns."""

from __future__ import annotations

from followup.events import MessageReceived
from followup.evidence import Evidence, Stored, Tried, Why
from followup.model import Attachment, Media
from handlers.evidence import fetched
from tests.stories.shop import SHOP, Shop

KIND = "pending_refund"


class Photographed(Shop):
    """The shop, with a verb for photos and a worker that fetches them."""

    def buyer_shows(self, *refs: str, text: str = "", media: Media = Media.PHOTO, name: str = "") -> Photographed:
        """The buyer sends photos in one message."""
        self._messages += 1
        shown = tuple(Attachment(media, ref, name) for ref in refs)
        event = MessageReceived(SHOP, self.channel, "lin", f"m{self._messages}", text, self.clock.now())
        self.message(MessageReceived(**{**_fields(event), "attachments": shown}))
        return self

    def fetches(self, ref: str, why: Why | None = None) -> Photographed:
        """The worker fetches one, or learns that it cannot."""
        row, now = self.photo(ref), self.clock.now()
        stored = None if why else Stored(f"shop/{ref}.jpg", "ab" * 32, 1000, "image/jpeg")
        tried = Tried(row.id, now, stored, why)
        self.store.run(lambda tx: fetched(tried, 50, tx, self.deps, now))
        self._settle()
        return self

    def photo(self, ref: str) -> Evidence:
        """What is remembered of a photo."""
        return next(each for each in self._all(Evidence) if each.ref == ref)


def _fields(event: MessageReceived) -> dict[str, object]:
    return {name: getattr(event, name) for name in MessageReceived.__slots__}


def test_a_photo_that_came_through_asks_for_nothing() -> None:
    """It is kept under the refund, and nobody is bothered about it."""
    shop = Photographed("2026-03-02 10:00").paid_order().refund()
    shop.buyer_shows("P1", text="看图").fetches("P1")
    assert ("kept", f"{SHOP}/1001/{KIND}") == (shop.photo("P1").state.value, shop.photo("P1").thread)
    assert not [step for step in shop.steps() if step.startswith("evidence.")]


def test_a_photo_that_was_lost_is_asked_for_once_more() -> None:
    """The buyer hears at once that it did not come through, sends it again, and it is kept."""
    shop = Photographed("2026-03-02 10:00").paid_order().refund()
    shop.after("1h").buyer_shows("P1", "P2").fetches("P1", Why.GONE).fetches("P2", Why.GONE)
    assert ["Mon 11:00 < evidence.send_again"] == [line for line in shop.story() if "evidence." in line]
    shop.after("5m").buyer_shows("P3").fetches("P3")
    assert "kept" == shop.photo("P3").state.value
    assert 1 == shop.tasks().count("evidence_lost")


def test_a_program_is_refused_kindly_and_a_person_is_warned() -> None:
    """Whatever it calls itself; the next day it may be said again, in other words."""
    shop = Photographed("2026-03-02 10:00").paid_order().refund()
    shop.buyer_shows("P1", media=Media.FILE, name="照片.jpg.exe").fetches("P1", Why.WRONG_TYPE)
    assert "不要打开" in shop.task("evidence_wrong_type").text or "请勿打开" in shop.task("evidence_wrong_type").text
    first = shop.heard()[-1]
    shop.after("1d").buyer_shows("P2", media=Media.FILE).fetches("P2", Why.WRONG_TYPE)
    assert first != shop.heard()[-1]
    assert 2 == shop.steps().count("evidence.wrong_type")


def test_news_that_comes_late_is_for_a_person() -> None:
    """After a week of trying nobody tells the buyer out of the blue that a photo is missing."""
    shop = Photographed("2026-03-02 10:00").paid_order().refund()
    shop.buyer_shows("P1").after("7d").fetches("P1", Why.NO_ANSWER)
    assert not [step for step in shop.steps() if step.startswith("evidence.")]
    assert "evidence_lost" in shop.tasks()


def test_a_conversation_that_turns_is_sealed_on_advice() -> None:
    """The person is told once how; the buyer is answered as ever."""
    shop = Photographed("2026-03-02 10:00").paid_order().refund()
    shop.buyer_shows("P1", text="不赔我就找律师起诉你们").after("1h").buyer_says("我一定会起诉")
    assert 1 == shop.tasks().count("seal_dispute")
    assert "huifang evidence pack 1001" in shop.task("seal_dispute").text


def test_a_file_about_no_order_is_told_about_as_well() -> None:
    """Who only asked something, and sends what cannot be kept, hears so; no order's number is needed for that."""
    shop = Photographed("2026-03-02 10:00").buyer_says("这个会掉色吗")
    for ref, why in (("P1", Why.TOO_LARGE), ("P2", Why.WRONG_TYPE), ("P3", Why.GONE)):
        shop.buyer_shows(ref, text="看").fetches(ref, why)
    told = [step for step in shop.steps() if step.startswith("evidence.")]
    assert ["evidence.too_large", "evidence.wrong_type", "evidence.send_again"] == told
