"""Reasons to tap or to number: what the buyer sees, what his answer leads to, and when it is one (rules 2 and 47)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followup.effects import Say
from followup.events import MessageReceived, Refusal
from followup.model import Attachment, Chat, Choice, Media, Note, Outgoing, Role
from followup.ports import Capabilities
from handlers.carry_out import carry_out
from tests.stories.shop import SHOP, Shop, span

LABELS = ["付款遇到问题", "不想要了", "想换款式或尺码", "晚点再付", "其他原因"]
NUMBERED = [f"{number}. {label}" for number, label in enumerate(LABELS, 1)]
BUTTONS = Capabilities(buttons=10)


def an_asked_buyer(can: Capabilities | None = None, channel: str = "terminal") -> Shop:
    """A shop whose buyer was offered help on Monday at 14:15."""
    shop = Shop("2026-03-02 14:00", channel=channel, capabilities={channel: can} if can else {})
    return shop.order().after("15m")


def taps(shop: Shop, choice: str, id_: str = "t1", label: str = "") -> Shop:
    """The buyer taps a button."""
    now = shop.clock.now()
    return shop.message(MessageReceived(SHOP, shop.channel, "lin", id_, label, now, choice=choice))


def offered(shop: Shop, channel: str = "terminal") -> list[str]:
    """What stands offered to the buyer."""
    chat = shop.store.tx.get(Chat, f"{SHOP}/{channel}/lin")
    return [choice.id for choice in chat.offered] if chat else []


def reasons(shop: Shop) -> list[str]:
    """The reasons that were noted."""
    return [line.text for line in shop.store.lines if isinstance(line, Note) and line.text.startswith("reason: ")]


class TestWhatIsSeen:
    @pytest.mark.parametrize("channel", ["terminal", "manual", "wechaty"])
    def test_where_there_are_no_buttons_the_reasons_are_numbered(self, channel: str) -> None:
        """Below the words, under a line that says what to do with them, before the hint how to stop it all."""
        lines = an_asked_buyer(channel=channel).heard()[0].splitlines()
        assert lines[2:7] == NUMBERED
        assert "数字" in lines[1]
        assert "退订" in lines[7]

    def test_where_there_are_buttons_the_words_stay_as_they_are(self) -> None:
        """The labels travel beside the text, not in it."""
        shop = an_asked_buyer(BUTTONS)
        (message,) = shop.delivered
        assert [choice.label for choice in message.choices] == LABELS
        assert not any(label in message.text for label in LABELS)

    def test_too_few_buttons_are_none(self) -> None:
        """Four buttons cannot show five reasons: all are numbered, and known to the channel all the same."""
        shop = an_asked_buyer(Capabilities(buttons=4))
        (message,) = shop.delivered
        assert [choice.label for choice in message.choices] == LABELS
        assert [line for line in message.text.splitlines() if line in NUMBERED] == NUMBERED

    @pytest.mark.parametrize(("lang", "label"), [("en", "Payment problem"), ("es", "Problema al pagar")])
    def test_they_are_in_the_language_of_the_words(self, lang: str, label: str) -> None:
        """A buyer who reads English reads English reasons."""
        shop = Shop("2026-03-02 14:00").order()
        shop.store.run(lambda tx: tx.save(replace(tx.buyer(SHOP, "lin"), lang=lang)))
        shop.after("15m")
        assert f"1. {label}" in shop.heard()[0].splitlines()

    def test_what_a_closed_window_refuses_is_offered_on_the_other_chat(self) -> None:
        """Buttons on the one, numbered lines on the other, and an answer is heard there."""
        can = {"wecom": replace(BUTTONS, window=span("48h")), "wechaty": Capabilities()}
        shop = Shop("2026-03-02 14:00", channel="wecom", capabilities=can).buyer_says("我有个问题", channel="wecom")
        other = Chat("shop/wechaty/wx", SHOP, "lin", "wechaty", "wx", linked_at=shop.clock.now() - span("1d"))
        shop.store.run(lambda tx: tx.save(other))
        shop.order().channel_refuses(Refusal.WINDOW_CLOSED).after("15m")
        (message,) = (each for each in shop.delivered if each.step == "unpaid.help")
        assert ("wechaty", NUMBERED) == (
            message.channel,
            [line for line in message.text.splitlines() if line in NUMBERED],
        )
        shop.message(MessageReceived(SHOP, "wechaty", "wx", "m9", "2", shop.clock.now()))
        assert "closed declined" == shop.fate("unpaid_order")

    def test_only_the_help_asks(self) -> None:
        """The last call a day later repeats no reasons."""
        shop = an_asked_buyer().after("2d")
        assert ["unpaid.help", "unpaid.last_call"] == shop.steps()
        assert [LABELS[0] in text for text in shop.heard()] == [True, False]


class TestWhatFollows:
    def test_a_payment_problem_gets_help_and_a_person(self) -> None:
        """The buyer reads at once what helps; the agents read the reason in their own words."""
        shop = an_asked_buyer().buyer_says("1")
        assert ["unpaid.help", "unpaid.payment_help"] == shop.steps()
        assert ["buyer_message"] == shop.tasks()
        assert LABELS[0] in shop.task("buyer_message").text

    def test_agents_read_the_reason_in_their_language(self) -> None:
        """The buyer chose in Chinese, the agents read English."""
        shop = an_asked_buyer()
        shop.deps = replace(shop.deps, agent_lang="en")
        assert "Payment problem" in shop.buyer_says("1").task("buyer_message").text

    def test_a_changed_mind_ends_it(self) -> None:
        """As if he had said so: one friendly word, nobody alarmed, nothing more."""
        shop = an_asked_buyer().buyer_says("2").after("30d")
        assert ["unpaid.help", "unpaid.dropped"] == shop.steps()
        assert ("closed declined", []) == (shop.fate("unpaid_order"), shop.tasks())

    def test_a_wrong_item_is_changed_before_it_is_paid(self) -> None:
        """He is asked what to change, and a person gets to know."""
        shop = an_asked_buyer().buyer_says("选3")
        assert ["unpaid.help", "unpaid.wrong_item"] == shop.steps()
        assert LABELS[2] in shop.task("buyer_message").text

    def test_later_asks_when_and_waits_a_day(self) -> None:
        """Without a time the next word comes a day later, as the buyer was told."""
        shop = an_asked_buyer().after("3h").buyer_says("4").after("2d")
        assert ["Mon 17:15 > 4", "Mon 17:15 < later.when", "Tue 17:15 < unpaid.last_call"] == shop.story()[1:]
        assert ("3月3日 17:15" in shop.heard()[1], shop.tasks()) == (True, [])

    def test_later_and_then_a_time_is_reminded_then(self) -> None:
        """The answer to "when?" is a time, not a number of the list."""
        shop = an_asked_buyer().buyer_says("4").after("1m").buyer_says("周三上午").after("3d")
        assert ["later.when", "later.noted", "unpaid.last_call"] == shop.steps()[1:]
        assert "Wed 10:00 < unpaid.last_call" == shop.story()[-1]

    def test_later_for_an_order_that_closes_before_names_no_time(self) -> None:
        """An order that closes tonight: nothing is promised for tomorrow, only the closing is told."""
        shop = Shop("2026-03-02 14:00")
        shop.order(auto_close_at=shop.moment("2026-03-02 22:00")).after("15m").buyer_says("4")
        assert ("3月3日" in shop.heard()[1], "later.when") == (False, shop.steps()[1])

    def test_another_reason_is_for_a_person(self) -> None:
        """The buyer learns that a colleague answers; told lately, he is not told again."""
        shop = an_asked_buyer().buyer_says("5")
        assert (["unpaid.help", "reply.received"], ["buyer_message"]) == (shop.steps(), shop.tasks())
        again = an_asked_buyer().buyer_says("我有个问题").buyer_says("5")
        assert (["unpaid.help", "reply.received"], 1) == (again.steps(), len(again.tasks()))
        assert f"\n› {LABELS[4]}" in again.task("buyer_message").text

    @pytest.mark.parametrize("number", range(1, 6))
    def test_every_reason_is_noted(self, number: int) -> None:
        """Rule 47: the real reason is on the thread."""
        ids = ["payment_problem", "changed_mind", "wrong_item", "later", "other"]
        assert [f"reason: {ids[number - 1]}"] == reasons(an_asked_buyer().buyer_says(str(number)))


class TestWhenItIsAnAnswer:
    @pytest.mark.parametrize("text", ["6", "0", "12", "2/5", "2个", "13800138000", "1001", "?"])
    def test_other_numbers_are_plain_text(self, text: str) -> None:
        """What was not offered goes to a person as it was written."""
        shop = an_asked_buyer().buyer_says(text)
        assert ([], text in shop.task("buyer_message").text) == (reasons(shop), True)

    def test_before_anything_is_offered_a_number_is_plain_text(self) -> None:
        """The help has not come yet."""
        assert [] == reasons(Shop().order().after("5m").buyer_says("1"))

    def test_once_answered_a_number_is_plain_text(self) -> None:
        """ "What should be changed?" — "2": that is a quantity, not a changed mind."""
        shop = an_asked_buyer().buyer_says("3").after("1m").buyer_says("2")
        assert (["reason: wrong_item"], "open", []) == (reasons(shop), shop.fate("unpaid_order"), offered(shop))

    def test_once_the_matter_is_over_nothing_is_offered(self) -> None:
        """He paid; a number of his is about something else."""
        shop = an_asked_buyer().pays()
        assert [] == offered(shop)
        shop.after("1d").buyer_says("2")
        assert ([], ["buyer_message"]) == (reasons(shop), shop.tasks())

    def test_another_order_may_still_be_answered_about(self) -> None:
        """Two orders, both helped; one is paid, and the answer is about the other."""
        shop = Shop("2026-03-02 14:00").order("1000").order("1001").after("25h").pays("1001")
        assert 5 == len(offered(shop))
        shop.buyer_says("2")
        assert "closed declined" == shop.fate("unpaid_order", "1000")

    def test_an_answer_is_about_the_order_last_spoken_of(self) -> None:
        """Two open orders: the one whose help was read last is meant."""
        shop = Shop("2026-03-02 14:00").order("1000").order("1001").after("25h").buyer_says("2")
        assert ["Mon 14:15 < unpaid.help", "Tue 14:15 < unpaid.help"] == shop.story()[:2]
        last = shop.delivered[1].thread.split("/")[1]
        fates = {order: shop.fate("unpaid_order", order) for order in ("1000", "1001")}
        assert {"1000", "1001"} - {last} == {order for order, fate in fates.items() if fate == "open"}
        assert "closed declined" == fates[last]

    def test_an_answer_is_no_order_number(self) -> None:
        """There is an order of that number, somebody else's: the number that was offered is the answer all the same."""
        can = {"telegram": Capabilities(buttons=8, needs_chat=True)}
        shop = Shop("2026-03-02 14:00", channel="telegram", capabilities=can).order("2", "mo")
        chat = Chat("shop/telegram/77", SHOP, "lin", "telegram", "77", linked_at=shop.clock.now())
        shop.store.run(lambda tx: tx.save(chat))
        shop.order().after("15m")
        shop.message(MessageReceived(SHOP, "telegram", "77", "m1", "2", shop.clock.now()))
        assert ("closed declined", ["unpaid.help", "unpaid.dropped"]) == (shop.fate("unpaid_order"), shop.steps())

    def test_stop_is_never_an_answer(self) -> None:
        """Whatever the shop writes on a button."""
        shop = an_asked_buyer()
        chat = shop.store.tx.get(Chat, f"{SHOP}/terminal/lin")
        shop.store.run(lambda tx: tx.save(replace(chat, offered=(Choice("later", "退订"),))))
        assert "stop.confirmed" == shop.buyer_says("退订").steps()[-1]

    def test_who_opted_out_is_not_answered(self) -> None:
        """A number after stop goes to a person, and nothing is said."""
        shop = an_asked_buyer().buyer_says("退订").buyer_says("1")
        assert ("stop.confirmed", ["buyer_message"]) == (shop.steps()[-1], shop.tasks())


class TestTaps:
    @pytest.mark.parametrize("label", ["", "付款遇到问题"])
    def test_a_tap_is_an_answer(self, label: str) -> None:
        """With or without the words of the button."""
        shop = taps(an_asked_buyer(BUTTONS), "payment_problem", label=label)
        assert (["reason: payment_problem"], ["unpaid.help", "unpaid.payment_help"]) == (reasons(shop), shop.steps())

    def test_a_tap_twice_is_answered_once(self) -> None:
        """An impatient finger gets one reply, and the agents one task."""
        shop = an_asked_buyer(BUTTONS)
        for number in range(3):
            taps(shop, "wrong_item", f"t{number}")
        assert (["unpaid.help", "unpaid.wrong_item"], ["buyer_message"]) == (shop.steps(), shop.tasks())

    def test_a_second_button_is_a_second_answer(self) -> None:
        """The buttons stay on the screen: he may say more."""
        shop = taps(taps(an_asked_buyer(BUTTONS), "payment_problem"), "changed_mind", "t2")
        assert ["unpaid.help", "unpaid.payment_help", "unpaid.dropped"] == shop.steps()

    def test_an_old_button_is_words_for_a_person(self) -> None:
        """The order is paid; what he taps then, nobody but a person can answer."""
        shop = taps(an_asked_buyer(BUTTONS).pays().after("1d"), "wrong_item", label="想换款式或尺码")
        assert ("settled paid", []) == (shop.fate("unpaid_order"), reasons(shop))
        assert LABELS[2] in shop.task("buyer_message").text

    def test_a_button_that_nobody_offered_is_words_for_a_person(self) -> None:
        """An id that no kind knows does nothing but reach an agent."""
        shop = taps(an_asked_buyer(BUTTONS), "refund_me", label="Refund me")
        assert ([], True) == (reasons(shop), "Refund me" in shop.task("buyer_message").text)


class TestAttachments:
    PHOTO = Attachment(Media.PHOTO, "https://shop.example/1.jpg", "1.jpg", size=900)
    LOCAL = Attachment(Media.FILE, "/var/size.pdf", "size.pdf", size=900)

    def said(self, can: Capabilities) -> tuple[Shop, Outgoing]:
        """Words with a photo and a file, over such a channel."""
        shop = an_asked_buyer(can)
        now, thread = shop.clock.now(), shop.thread("unpaid_order")
        decided = next(line.decision for line in shop.decided())
        say = Say(
            "unpaid.wrong_item", Role.REPLY, "k1", decided, {"order": "1001"}, attachments=(self.PHOTO, self.LOCAL)
        )
        shop.store.run(lambda tx: carry_out([say], thread, tx, shop.deps, now))
        message = shop.store.tx.get(Outgoing, "k1")
        assert message is not None
        return shop, message

    def test_what_the_channel_takes_goes_with_the_words(self) -> None:
        """Photo and file as such; the text says nothing of them."""
        _, message = self.said(Capabilities(largest_photo=1_000, largest_file=1_000))
        assert ((self.PHOTO, self.LOCAL), False) == (message.attachments, "http" in message.text)

    def test_what_it_does_not_take_goes_as_a_link_or_stays_away_with_a_note(self) -> None:
        """The address under the text; what has none is noted on the thread."""
        shop, message = self.said(Capabilities())
        assert ((), "https://shop.example/1.jpg") == (message.attachments, message.text.splitlines()[-1])
        assert ["unpaid.wrong_item: not sent, for the channel takes none: file size.pdf"] == [
            line.text for line in shop.store.lines if isinstance(line, Note) and "not sent" in line.text
        ]
