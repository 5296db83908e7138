"""From a link, or from an order number and four digits, to a chat in which an order is spoken of; and who gets nowhere.

Everything a stranger hears is compared with what he would hear if there were no order at all.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.model import Attachment, Chat, Inbound, Link, Media, Note, OutgoingState, Status
from tests.stories.linked import WECHAT, LinkShop
from tests.stories.shop import SHOP

CHAT, OTHER = "shop/telegram/77", "shop/telegram/88"

ANSWERED_OR_HANDED_ON = (["common.delivery"], ["reply.received"])
"""How sure the bot is of a question is the understanding's matter; that one answer comes is the story's."""


def a_shop(now: str = "2026-03-02 14:00", **order: object) -> LinkShop:
    """A shop with an unpaid order whose buyer gave a telephone number."""
    return LinkShop(now).order(**{"phone_tail": "1234", **order})


class TestLink:
    def test_from_the_link_to_silence(self) -> None:
        """Nothing is said until the chat is opened; then the order goes its way there, until it is paid."""
        shop = a_shop("2026-03-02 09:30").after("30m")
        assert [] == shop.story()
        shop.opens(token=shop.link()).after("5m").says("明天付").after("1d 1h").pays().after("30d")
        assert [
            "Mon 10:00 > (opens)",
            "Mon 10:00 < link.welcome",
            "Mon 10:00 < unpaid.help",
            "Mon 10:05 > 明天付",
            "Mon 10:05 < later.noted",
            "Tue 10:00 < unpaid.last_call",
        ] == shop.story()
        assert ("settled paid", []) == (shop.fate("unpaid_order"), shop.tasks())
        assert {CHAT} == {message.chat for message in shop.delivered}

    def test_a_link_followed_at_once_leaves_the_help_its_time(self) -> None:
        """Who opens the chat a minute after ordering is asked after a quarter of an hour, as he would be anyway."""
        shop = a_shop().after("1m")
        shop.opens(token=shop.link()).after("1h")
        assert ["Mon 14:01 > (opens)", "Mon 14:01 < link.welcome", "Mon 14:15 < unpaid.help"] == shop.story()

    def test_the_welcome_names_this_order_and_how_to_stop(self) -> None:
        """No other order of the buyer, and no name."""
        shop = a_shop().order("1002", goods="茶壶", phone_tail="1234")
        shop.opens(token=shop.link())
        (text,) = shop.heard()
        assert (True, True, False, False) == tuple(word in text for word in ("羊毛围巾", "退订", "茶壶", "lin"))

    def test_a_permission_to_speak_is_passed_on(self) -> None:
        """The one-time code of an opening goes with its answer, and with nothing else."""
        shop = a_shop().after("30m")
        shop.opens(token=shop.link(), code="once").after("1h")
        assert [("link.welcome", "once"), ("unpaid.help", "")] == [(m.step, m.code) for m in shop.delivered]

    @pytest.mark.parametrize("spoil", ["unknown", "used", "expired", "of another shop"])
    def test_a_link_that_is_no_good_reveals_nothing(self, spoil: str) -> None:
        """Unknown, used by another chat, too old, another shop's: the same kind words, and the chat stays nobody's."""
        shop = a_shop(status=Status.PAID)
        token = shop.link()
        if spoil == "unknown":
            token = token[:-1] + ("2" if token[-1] != "2" else "3")
        if spoil == "used":
            shop.opens("88", token=token)
            shop.heard()
        if spoil == "expired":
            shop.after("7d")
        if spoil == "of another shop":
            (link,) = shop.store.tx.items[Link].values()
            shop.store.run(lambda tx: tx.save(replace(link, shop="elsewhere")))
        shop.opens(token=token)
        assert "link.stale" == shop.steps()[-1]
        text = shop.heard()[-1]
        assert not any(fact in text for fact in ("羊毛围巾", "1001", "89"))
        assert (CHAT, None) == (shop.chat().buyer, shop.chat().linked_at)

    def test_the_last_moment_of_a_link(self) -> None:
        """A link is good until the moment it expires, and not in it."""
        shop = a_shop(status=Status.PAID)
        early, late = shop.link(), shop.link()
        shop.after("6d 23h 59m 59s").opens("77", early).after("1s").opens("88", late)
        assert ["link.welcome", "link.stale"] == shop.steps()

    def test_the_same_link_again_in_the_same_chat_is_fine(self) -> None:
        """Nothing is said twice on one day; later he is welcomed again, also when the link would have expired."""
        shop = a_shop(status=Status.PAID)
        token = shop.link()
        shop.opens(token=token).opens(token=token).after("8d").opens(token=token)
        assert ["link.welcome", "link.welcome"] == shop.steps()

    def test_an_opening_that_arrives_twice_counts_once(self) -> None:
        """The channel's own id tells a repeat."""
        shop = a_shop()
        token = shop.link()
        shop.opens(token=token, external_id="x").after("1d").opens(token=token, external_id="x")
        assert 1 == shop.steps().count("link.welcome")

    def test_a_silent_opening_is_tied_without_a_word(self) -> None:
        """Who did not ask to be greeted is not greeted; his order goes on in the chat."""
        shop = a_shop().after("30m")
        shop.opens(token=shop.link(), greet=False)
        assert (["unpaid.help"], "lin") == (shop.steps(), shop.chat().buyer)

    def test_a_token_sent_as_a_message_counts(self) -> None:
        """On a channel without links it is sent as words, among others perhaps, which a person reads."""
        shop = a_shop(status=Status.PAID)
        shop.says(shop.link()).says(f"{shop.link().upper()} 什么时候发货?")
        assert ("lin", ["buyer_message"]) == (shop.chat().buyer, shop.tasks())
        assert "什么时候发货" in shop.task("buyer_message").text

    def test_a_token_is_written_down_nowhere(self) -> None:
        """Not in the inbox, a note, a task, an answer or the outbox: good, used and stale ones."""
        shop = a_shop().after("30m")
        tokens = [shop.link(), shop.link(), "hf-" + "a" * 26]
        shop.opens(token=tokens[0])
        for token in tokens:
            shop.says(f"这个链接 {token} 打不开").opens("88", token)
        kept = repr([*map(list, map(dict.values, shop.store.tx.items.values())), shop.store.lines])
        assert "打不开" in kept
        assert not any(token in kept for token in tokens)


class TestHello:
    def test_who_opens_without_a_link_is_asked_for_his_order(self) -> None:
        """Once in a while, and with the way out; nothing about any order."""
        shop = a_shop().opens().after("1h").opens().after("12h").opens()
        assert ["greet.hello", "greet.hello"] == shop.steps()
        assert "订单号" in shop.heard()[0]

    def test_a_payload_that_is_no_token_is_no_link(self) -> None:
        """A shop may put words of its own into a link."""
        assert ["greet.hello"] == a_shop().opens(token="summer").steps()

    def test_who_took_back_a_block_is_reachable_again(self) -> None:
        """The chat counts as open, and he is not greeted."""
        shop = a_shop()
        shop.opens(token=shop.link()).channel_answers("refused").after("20m")
        assert shop.chat().unreachable_at is not None
        shop.opens(greet=False)
        assert (None, ["link.welcome"]) == (shop.chat().unreachable_at, shop.steps())


class TestProof:
    def test_an_order_number_and_four_digits(self) -> None:
        """Named, asked, proven: from then on it is as with a link."""
        shop = a_shop().after("30m").says("你好，订单1001").says("1234").after("1h")
        assert ["link.prove", "link.welcome", "unpaid.help"] == shop.steps()
        assert ("lin", CHAT, []) == (shop.chat().buyer, shop.buyer().preferred, shop.tasks())

    def test_both_in_one_message(self) -> None:
        """Nothing more is asked."""
        assert ["link.welcome"] == a_shop(status=Status.PAID).says("1001 1234").steps()

    def test_digits_beside_a_question(self) -> None:
        """The proof is taken, and the question answered or handed on."""
        shop = a_shop().after("5m").says("订单1001，尾号1234，我明天晚上付")
        assert ["link.welcome", "later.noted"] == shop.steps()
        shop = a_shop(status=Status.PAID).says("1001").says("1234，什么时候发货？")
        assert ["link.prove", "link.welcome"] == shop.steps()[:2]
        assert shop.steps()[2:] in ANSWERED_OR_HANDED_ON
        assert ["buyer_message"] == shop.tasks()

    @pytest.mark.parametrize("order", ["1001", "9999"])
    def test_a_question_beside_a_number_reaches_a_person(self, order: str) -> None:
        """The order has to be proven first, but nobody is left with a bot."""
        shop = a_shop().says(f"订单{order}还没发货，怎么回事？")
        assert (["link.prove"], ["buyer_message"]) == (shop.steps(), shop.tasks())
        assert "怎么回事" in shop.task("buyer_message").text

    def test_a_stop_beside_a_number_is_a_stop(self) -> None:
        """Whatever else is said."""
        assert ["stop.confirmed"] == a_shop().says("订单1001 别再发了").says("1234").steps()

    def test_five_wrong_guesses_and_a_person_helps(self) -> None:
        """The fifth ends it: one last word, one task, and the right digits count for nothing until the next day."""
        shop = a_shop().says("1001")
        for wrong in ("0000", "1111", "2222", "3333", "4444"):
            shop.says(wrong)
        assert ["link.prove", *["link.wrong"] * 4, "link.closed"] == shop.steps()
        assert ["link_tries"] == shop.tasks()
        shop.says("1001 1234").says("1001").says("1002")
        assert ["reply.received"] == shop.steps()[6:]
        assert CHAT == shop.chat().buyer
        shop.after("1d").says("1001 1234")
        assert ("link.welcome", "lin") == (shop.steps()[7], shop.chat().buyer)

    def test_guesses_of_many_chats_about_one_order_are_counted_together(self) -> None:
        """Twenty chats with a guess each end it for all of them, even for one with the answer; a person helps, and a
        link works."""
        shop = a_shop()
        for address in range(20):
            shop.says("1001 0000", f"1{address}")
        shop.says("1001 1234", "6").says("1001 1234", "6")
        closed = [step for step in shop.steps() if step.startswith("link.")]
        assert [*["link.wrong"] * 20, "link.closed", "link.closed"] == closed
        assert (1, "shop/telegram/6") == (shop.tasks().count("link_tries"), shop.chat("6").buyer)
        assert "lin" == shop.opens("6", shop.link()).chat("6").buyer

    def test_a_stranger_does_not_lock_the_buyer_out(self) -> None:
        """Who guesses wrongly five times has guessed for that day; the buyer proves his order all the same."""
        shop = a_shop()
        for _ in range(7):
            shop.says("1001 0000", "66")
        shop.says("1001 1234", "66").says("1001 1234", "77")
        assert ("shop/telegram/66", "lin") == (shop.chat("66").buyer, shop.chat("77").buyer)

    def test_a_link_works_in_a_chat_that_has_guessed_often_enough(self) -> None:
        """What it proves needs no guess; in whatever way it is written."""
        for written in ("{}", "口令：{}。", "<{}>", "https://t.me/shop_bot?start={}", "\u200b{}\u200b"):
            shop = a_shop()
            for _ in range(6):
                shop.says("1001 0000")
            assert "lin" == shop.says(written.format(shop.link().upper())).chat().buyer

    def test_a_guess_about_one_order_is_none_about_another(self) -> None:
        """The digits are checked against the order that was named last."""
        shop = a_shop().order("1002", buyer="he", phone_tail="5678").says("1001").says("订单1002").says("1234")
        assert ("link.wrong", CHAT) == (shop.steps()[-1], shop.chat().buyer)
        assert "he" == shop.says("5678").chat().buyer

    def test_an_order_without_a_phone_is_a_matter_for_people(self) -> None:
        """No digits are right, the buyer hears what everybody hears, and the agents get to know once."""
        shop = a_shop(phone_tail="").says("1001 1234").says("1001 0000")
        assert (["link.wrong", "link.wrong"], ["link_no_phone"]) == (shop.steps(), shop.tasks())

    def test_what_was_asked_yesterday_is_forgotten(self) -> None:
        """Four digits a day later are no guess: they may be anything."""
        shop = a_shop().says("1001").after("1d").says("2048那款有货吗")
        assert [True, False] == [step.startswith("link.") for step in shop.steps()]

    def test_another_order_of_the_same_buyer_needs_no_proof(self) -> None:
        """He proved who he is already: a message that names it is about it."""
        shop = a_shop().order("1002", goods="茶壶").after("30m").says("1001 1234").after("5m").says("订单1002我明天付")
        assert "later.noted" == shop.steps()[-1]
        assert "shop/1002/unpaid_order" == shop.delivered[-1].thread

    def test_another_order_of_somebody_else_does(self) -> None:
        """Being a buyer does not open the orders of others."""
        shop = a_shop().order("1002", buyer="he", goods="茶壶", phone_tail="5678").says("1001 1234").says("订单 1002")
        assert ("link.prove", "lin") == (shop.steps()[-1], shop.chat().buyer)


class TestOnePerson:
    def test_a_stop_said_as_a_stranger_holds_after_linking(self) -> None:
        """Who stopped first and opened the link later is tied in silence, and the agents know."""
        shop = a_shop().says("退订")
        shop.opens(token=shop.link()).after("7d")
        assert ["stop.confirmed"] == shop.steps()
        assert ("lin", True) == (shop.chat().buyer, shop.buyer().opted_out_at is not None)
        assert "linked_silently" in shop.tasks()

    def test_opening_a_chat_takes_no_stop_back(self) -> None:
        """A stop on one channel holds on the next, whatever the buyer opens there."""
        shop = a_shop()
        shop.opens(token=shop.link()).says("退订").opens("88", shop.link(), WECHAT).opens("88", channel=WECHAT).after(
            "7d"
        )
        assert ["link.welcome", "stop.confirmed"] == shop.steps()

    def test_a_stop_takes_back_what_the_stranger_was_to_hear(self) -> None:
        """An answer that waits for the channel does not go after the buyer of the order said stop elsewhere."""
        shop = a_shop()
        shop.opens("88", shop.link()).says("退订", "88").channel_answers("retry").says("我有个问题")
        shop.opens(token=shop.link()).after("1d")
        (waiting,) = [m for m in shop._all(type(shop.delivered[0])) if m.step == "reply.received"]
        assert OutgoingState.CANCELLED == waiting.state

    def test_the_language_a_stranger_writes_is_the_buyer_s(self) -> None:
        """The welcome, and all that follows, in the language he wrote."""
        shop = a_shop().says("Hello, are you there?")
        shop.opens(token=shop.link()).after("30m")
        assert {"en"} == {message.lang for message in shop.delivered}

    def test_another_buyer_s_order_in_a_chat_that_is_linked(self) -> None:
        """One person with two accounts: both orders are followed up there, and one nudge a day is his."""
        shop = a_shop("2026-03-02 09:30").order("1002", buyer="he", goods="茶壶", phone_tail="5678").after("20m")
        shop.opens(token=shop.link("1001")).after("5m").opens(token=shop.link("1002")).after("2d")
        spoken = {message.thread for message in shop.delivered if message.step.startswith("unpaid.")}
        assert {"shop/1001/unpaid_order", "shop/1002/unpaid_order"} == spoken
        nudges = sorted(m.created_at for m in shop.delivered if m.step.startswith("unpaid."))
        assert all(b - a >= timedelta(days=1) for a, b in pairwise(nudges))
        shop.says("退订").after("7d")
        assert "stop.confirmed" == shop.steps()[-1]

    def test_a_new_matter_of_the_first_account_s_order(self) -> None:
        """A refund of the order that was linked first is spoken of in the same chat, to the same person."""
        shop = a_shop().order("1002", buyer="he")
        shop.opens(token=shop.link("1001")).opens(token=shop.link("1002")).pays("1001").refund(order="1001").after("1m")
        assert ("refund.acknowledge", CHAT) == (shop.steps()[-1], shop.delivered[-1].chat)
        assert ("he", []) == (shop.thread("pending_refund").buyer, shop.tasks())

    def test_the_first_account_is_not_left_without_a_stand_in(self) -> None:
        """Its buyer keeps what is known of him: a stop among it."""
        shop = a_shop().order("1002", buyer="he")
        shop.opens(token=shop.link()).says("退订").opens(token=shop.link("1002"))
        assert (True, True) == tuple(shop.buyer(b).opted_out_at is not None for b in ("lin", "he"))
        assert ["?lin"] == [chat.id.rpartition("/")[2] for chat in shop.store.tx.chats_of(SHOP, "lin")]

    def test_a_stop_of_either_account_is_both_s(self) -> None:
        """Whichever said it before: an order to come under either is not spoken of, in no new chat either."""
        for first, then in (("1001", "1002"), ("1002", "1001")):
            shop = a_shop().order("1002", buyer="he")
            shop.opens("78", shop.link(then)).says("退订", "78").opens(token=shop.link(first)).opens(
                token=shop.link(then)
            )
            spoken = len(shop.delivered)
            shop.order("1003", buyer="lin").order("1004", buyer="he")
            shop.opens("79", shop.link("1003")).opens("80", shop.link("1004")).after("7d")
            assert spoken == len(shop.delivered)

    def test_two_accounts_are_one_person(self) -> None:
        """With all their chats: his other order needs no proof again, a stop in any chat ends it all, and a new link
        of either order moves both."""
        shop = a_shop("2026-03-02 09:30").order("1002", buyer="he", goods="茶壶", phone_tail="5678").after("20m")
        shop.opens("w", shop.link("1002"), WECHAT).opens(token=shop.link("1002")).opens(token=shop.link("1001"))
        assert ["lin"] * 2 == [shop.chat().buyer, shop.chat("w", WECHAT).buyer]
        spoken = len(shop.delivered)
        shop.says("订单1002什么时候发货")
        assert shop.steps()[spoken:] in ANSWERED_OR_HANDED_ON
        shop.opens("78", shop.link("1002"))
        assert {"shop/telegram/78"} == {shop.thread("unpaid_order", order).chat for order in ("1001", "1002")}
        shop.says("退订", "w", WECHAT).after("7d")
        assert ("stop.confirmed", "shop/wechat/w") == (shop.steps()[-1], shop.delivered[-1].chat)

    def test_a_chat_on_each_channel(self) -> None:
        """The thread follows the chat that was opened last; a reply goes where he wrote."""
        shop = a_shop("2026-03-02 09:30").after("20m")
        shop.opens(token=shop.link()).opens("w", shop.link(), WECHAT)
        assert "shop/wechat/w" == shop.buyer().preferred
        shop.after("5m").says("明天付").after("1d 1h")
        assert ["unpaid.help", "later.noted", "unpaid.last_call"] == [
            s for s in shop.steps() if s[0] != "l" or "r." in s
        ]
        assert (CHAT, "shop/wechat/w") == tuple(m.chat for m in shop.delivered[-2:])


class TestRooms:
    @pytest.mark.parametrize("text", ["1001 1234", "订单1001", "token", "明天付", "我有个问题"])
    def test_in_a_group_nothing_is_linked_proven_or_said(self, text: str) -> None:
        """Whatever a member writes, linked or not: a person answers."""
        shop = a_shop().after("20m")
        said = shop.link() if text == "token" else text
        shop.sends(said, room="g1")
        assert ([], ["buyer_message"], CHAT) == (shop.steps(), shop.tasks(), shop.chat().buyer)
        shop.opens(token=shop.link())
        spoken = len(shop.delivered)
        shop.sends(said, room="g1")
        assert (spoken, []) == (len(shop.delivered), shop.tasks())
        assert 2 == shop.task("buyer_message").text.count("[group]")
        assert "[group]" in shop.task("buyer_message").text

    def test_a_stop_in_a_group_is_a_stop(self) -> None:
        """It is confirmed to himself and holds for all his matters."""
        shop = a_shop()
        shop.opens(token=shop.link()).sends("退订", room="g1").after("7d")
        assert (["link.welcome", "stop.confirmed"], "77") == (shop.steps(), shop.delivered[-1].address)

    def test_a_word_in_a_group_opens_no_window(self) -> None:
        """The chat is as it was: he wrote elsewhere."""
        shop = a_shop().opens(token="")
        before = shop.chat()
        shop.sends("我有个问题", room="g1")
        assert before == shop.chat()


class TestWhatIsShownToPeople:
    def test_a_photo_is_told_of(self) -> None:
        """Attachments are kept, and marked in notes and alerts."""
        photo, file = Attachment(Media.PHOTO, "p1"), Attachment(Media.FILE, "f1", "发票.pdf")
        shop = a_shop()
        shop.opens(token=shop.link()).sends("坏了", photo, file).sends("", photo)
        notes = [line.text for line in shop.store.lines if isinstance(line, Note) and line.who == "buyer"]
        assert ["坏了 [photo] [file 发票.pdf]", "[photo]"] == notes
        kept = shop.store.tx.get(Inbound, "shop/telegram", "m1")
        assert (photo, file) == kept.attachments

    def test_a_changed_message_is_heard_again(self) -> None:
        """As a new one, marked as changed; what it replaces is kept with it."""
        shop = a_shop().after("5m")
        shop.opens(token=shop.link()).says("后天付").sends("明天付", edits="m1")
        notes = [line.text for line in shop.store.lines if isinstance(line, Note) and line.who == "buyer"]
        assert (["后天付", "[edited] 明天付"], ["later.noted"] * 2) == (notes, shop.steps()[1:])
        assert "m1" == shop.store.tx.get(Inbound, "shop/telegram", "m2").edits

    def test_one_more_photo_of_an_album_is_noted_and_not_answered(self) -> None:
        """It comes as an edit with the same words: the thread tells of both photos, the buyer hears one answer."""
        shop = a_shop()
        shop.opens(token=shop.link()).sends("坏了", Attachment(Media.PHOTO, "p1"))
        steps = shop.steps()
        shop.sends("坏了", Attachment(Media.PHOTO, "p2"), edits="m1")
        notes = [line.text for line in shop.store.lines if isinstance(line, Note) and line.who == "buyer"]
        assert (["坏了 [photo]", "[edited] 坏了 [photo]"], steps) == (notes, shop.steps())


NUMBERS = ["1001", "订单1001", "order 1001 please", "1002", "订单1002", "9999", "1001 明天付"]
GUESSES = ["0000", "1111", "2222", "1001 0000", "1001 5555", "9999 0000"]
OTHERS = ["hf-" + "a" * 26, "hf-garbage", "我有个问题", "我要退款", "明天付", "已经付款了", ""]
DOES = ["(opens)", "(opens with garbage)", "(a day later)"]
MORE: dict[str, dict[str, str]] = {
    "(taps)": {"text": "changed_mind", "choice": "changed_mind"},
    "(taps in a group)": {"text": "later", "choice": "later", "room": "g1"},
    "(changes a message)": {"text": "1001 7777", "edits": "m1"},
    "(proves in a group)": {"text": "1001 1234", "room": "g1"},
}
WRITES = st.sampled_from([*NUMBERS, *GUESSES, *OTHERS, *DOES, *MORE])


class TestPrivacy:
    @settings(max_examples=200)
    @given(st.lists(WRITES, max_size=12))
    def test_a_stranger_learns_nothing(self, writes: list[str]) -> None:
        """Whatever he writes without the proof, he hears word for word what he would if the shop had no orders."""
        told = [said(with_orders, writes) for with_orders in (True, False)]
        assert told[0] == told[1]
        assert not any(fact in text for _, text in told[0] for fact in ("羊毛围巾", "茶壶", "89", "lin，"))

    @given(st.lists(WRITES, max_size=6))
    def test_only_the_proof_opens(self, writes: list[str]) -> None:
        """After any of that, the link still works, and only then his chat is the buyer's."""
        shop = stage(True)
        for text in writes:
            do(shop, text)
        assert CHAT == shop.store.tx.buyer(SHOP, CHAT).id
        shop.opens("77", shop.link())
        assert "lin" == shop.chat().buyer


def said(with_orders: bool, writes: list[str]) -> list[tuple[str, str]]:
    """What a stranger hears who writes this."""
    shop = stage(with_orders)
    for text in writes:
        do(shop, text)
    chats = [chat.buyer for chat in shop.store.tx.items[Chat].values() if chat.address == "77"]
    assert all(buyer == CHAT for buyer in chats)
    return [(message.step, message.text) for message in shop.delivered if message.address == "77"]


def stage(with_orders: bool) -> LinkShop:
    shop = LinkShop()
    return shop.order(phone_tail="1234").order("1002", "he", goods="茶壶", phone_tail="") if with_orders else shop


def do(shop: LinkShop, text: str) -> None:
    if text.startswith("(opens"):
        shop.opens(token="garbage" if "garbage" in text else "")
    elif text in MORE:
        shop.sends(**MORE[text])
    elif text.startswith("("):
        shop.after("1d")
    else:
        shop.says(text)
