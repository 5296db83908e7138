"""Buyers who agreed to it are visited once a month: nothing to sell, and easily ended (rule 106)."""

from __future__ import annotations

from typing import Self

import pytest

from followup.events import MessageReceived, buyer_thread_id
from followup.model import Status, Thread
from handlers import visits
from tests.stories.shop import SHOP, Shop


class Salon(Shop):
    """A shop whose buyer bought a year ago, and whose people keep a list."""

    def __init__(self, now: str = "2026-03-02 10:00") -> None:
        super().__init__(now)
        self.order(status=Status.FINISHED, paid_at=self.clock.now())

    def adds(self, buyer: str = "lin") -> Self:
        """An agent puts the buyer on the list."""
        event = visits.Listed(SHOP, buyer, "小美", self.clock.now())
        self.store.run(lambda tx: visits.add(event, tx, self.deps))
        return self

    def removes(self, buyer: str = "lin") -> Self:
        """An agent takes him off it."""
        event = visits.Listed(SHOP, buyer, "小美", self.clock.now())
        self.store.run(lambda tx: visits.remove(event, tx, self.deps))
        return self

    def visit(self, buyer: str = "lin") -> Thread:
        """His thread of visits."""
        found = self.store.tx.get(Thread, buyer_thread_id(SHOP, buyer, "vip_visit"))
        assert found is not None
        return found

    def visits(self) -> list[str]:
        """When he was visited."""
        return [line.rpartition(" < ")[0] for line in self.story() if line.endswith("visit.greet")]


def test_once_a_month_in_other_words() -> None:
    """Every thirty days, never the same words, at a polite hour."""
    shop = Salon("2026-03-02 22:00").adds().after("100d")
    texts = shop.heard()
    assert (["Thu 09:00", "Sat 09:00", "Mon 09:00"], 3) == (shop.visits(), len(set(texts)))


def test_nothing_is_sold_and_no_review_is_spoken_of() -> None:
    """One question at most, and the way out under it."""
    shop = Salon().adds().after("31d")
    (text,) = shop.heard()
    assert not any(word in text for word in ("评价", "好评", "优惠", "新款", "下单"))
    assert "不用每月问候了" in text


def test_who_has_something_open_is_visited_when_it_is_over() -> None:
    """Not in the middle of a refund; a few days after its end."""
    shop = Salon().adds().after("29d").paid_order("1002").refund(order="1002").after("3d")
    assert [] == shop.visits()
    shop.refund("paid_back", order="1002").after("4d")
    assert 1 == len(shop.visits())


@pytest.mark.parametrize("text", ["1", "不用每月问候了"])
def test_the_buyer_ends_it_with_a_word(text: str) -> None:
    """A tap, a number or the words: one goodbye, off the list, no visit more."""
    shop = Salon().adds().after("31d").buyer_says(text).after("100d")
    assert (["visit.greet", "visit.ended"], "visits_ended") == (shop.steps(), shop.visit().outcome)
    assert shop.buyer().visits_at is None


def test_a_tap_ends_it_too() -> None:
    """Where there are buttons."""
    shop = Salon().adds().after("31d")
    tapped = MessageReceived(SHOP, "terminal", "lin", "t1", "", shop.clock.now(), choice="end_visits")
    shop.message(tapped).after("70d")
    assert ["visit.greet", "visit.ended"] == shop.steps()


def test_no_thank_you_is_not_the_end() -> None:
    """ "Nothing, thanks" is answered kindly, and he is visited again next month."""
    shop = Salon().adds().after("31d").buyer_says("不用了谢谢").after("31d")
    assert ["visit.greet", "visit.fine", "visit.greet"] == shop.steps()


def test_an_answer_goes_to_a_person() -> None:
    """What he tells is read by somebody."""
    shop = Salon().adds().after("31d").buyer_says("杯盖有点松，那个圈好像变形")
    assert "buyer_message" in shop.tasks()


def test_a_stop_ends_it_for_good() -> None:
    """One confirmation; and who said stop cannot be put on the list again."""
    shop = Salon().adds().after("31d").buyer_says("退订").after("100d")
    assert (["visit.greet", "stop.confirmed"], "closed") == (shop.steps(), shop.visit().state.value)
    with pytest.raises(visits.NotVisited, match="said stop"):
        shop.adds()


def test_an_agent_ends_it() -> None:
    """Without a word to the buyer; twice is a mistake."""
    shop = Salon().adds().removes().after("100d")
    assert ([], "closed visits_ended") == (shop.steps(), f"{shop.visit().state.value} {shop.visit().outcome}")
    with pytest.raises(visits.NotVisited, match="is not visited"):
        shop.removes()


def test_he_may_come_back() -> None:
    """On the list again, with words that he has not read."""
    shop = Salon().adds().after("31d").removes().after("10d").adds().after("31d")
    texts = [text.split("\n")[0] for text in shop.heard()]
    assert (2, 2) == (len(texts), len(set(texts)))


def test_only_whom_somebody_has_met() -> None:
    """A slip of the pen is no buyer."""
    with pytest.raises(visits.NotVisited, match="no buyer 'nobody'"):
        Salon().adds("nobody")


def test_twice_on_the_list_is_once() -> None:
    """No second visit a month."""
    shop = Salon().adds().after("1d")
    event = visits.Listed(SHOP, "lin", "小美", shop.clock.now())
    assert not shop.store.run(lambda tx: visits.add(event, tx, shop.deps))
    assert 1 == len(shop.after("32d").visits())


def test_a_question_of_a_visited_buyer_is_about_his_order() -> None:
    """The visits stand in the way of nothing else."""
    shop = Salon().adds().after("1d").order("1002").after("20m").buyer_says("明天付")
    assert ["unpaid.help", "later.noted"] == shop.steps()


def test_no_at_another_time_is_no_answer_to_a_visit() -> None:
    """ "I don't want it" before anybody visited him is about something else: a person reads it."""
    shop = Salon().adds().paid_order("1002").after("2d").buyer_says("不要了")
    assert (["reply.received"], ["buyer_message"]) == (shop.steps(), shop.tasks())
