"""Windows and quotas: one budget for all that is said in a chat, and the buyer's other chats when it is used."""

from __future__ import annotations

import pytest

from followup.events import Refusal
from followup.model import OutgoingState, Verdict
from followup.ports import Capabilities
from tests.stories.shop import Shop, span

WECOM = Capabilities(window=span("48h"), quota=4)
BOTH = {"wecom": WECOM, "telegram": Capabilities(needs_chat=True)}


def a_shop(now: str = "2026-03-02 10:00", **more: Capabilities) -> Shop:
    """A shop on WeCom with four messages a window, in which Lin has just said hello and was answered."""
    shop = Shop(now, channel="wecom", capabilities={**BOTH, **more}).paid_order("1001").paid_order("1002")
    return shop.buyer_says("我有个问题")


def said(shop: Shop) -> list[tuple[str, str]]:
    """Each message with its channel."""
    return [(message.step, message.channel) for message in shop.delivered]


class TestOneBudget:
    def test_two_threads_share_the_quota_and_the_last_is_for_the_money(self) -> None:
        """Greeting and two acknowledgements use three of four; daily words wait for a person, the refund's end goes."""
        shop = a_shop().refund(id_="R1", order="1001").refund(id_="R2", order="1002")
        assert ["reply.received", "refund.acknowledge", "refund.acknowledge"] == shop.steps()
        assert ["buyer_message"] == shop.tasks()
        shop.after("1d")
        assert (3, ["quota_used", "quota_used"]) == (shop.chat_on().used, shop.tasks())
        assert {"used": "3", "quota": "4"} == shop.reasons("refund.daily")["quota_used"]
        shop.refund("paid_back", id_="R1", order="1001")
        assert ("refund.settled", "wecom") == said(shop)[-1]
        shop.refund("paid_back", id_="R2", order="1002")
        assert (Verdict.QUOTA_USED, ["quota_used"]) == (shop.verdicts("refund.settled")[-1], shop.tasks())
        assert 4 == len(shop.delivered)

    def test_his_next_message_gives_a_fresh_quota(self) -> None:
        """What he writes opens the window and the quota anew; the answer is the first of the new ones."""
        shop = a_shop().refund(id_="R1", order="1001").refund(id_="R2", order="1002").after("14h")
        shop.buyer_says("还没到账吗")
        assert (1, "common.refund_requested") == (shop.chat_on().used, shop.steps()[-1])

    def test_what_still_waits_counts_in_the_new_quota(self) -> None:
        """A word that waits when he writes goes after his message, and so belongs to it."""
        shop = a_shop().channel_answers("retry", "retry").refund().after("1m").buyer_says("我有个问题")
        assert (1, OutgoingState.DUE) == (shop.chat_on().used, shop.waiting()[0].state)

    def test_what_was_taken_back_is_given_back(self) -> None:
        """A word that never went leaves its place to another."""
        shop = a_shop().channel_answers("retry").refund()
        assert 2 == shop.chat_on().used
        shop.refund("withdrawn")
        assert 1 == shop.chat_on().used

    def test_an_answer_keeps_to_the_quota(self) -> None:
        """Two messages a window: one answer, the other is for the solution; a goodbye may have it."""
        shop = Shop(channel="wecom", capabilities={"wecom": Capabilities(window=span("48h"), quota=1)})
        shop.order().buyer_says("明天付")
        assert ([], Verdict.QUOTA_USED) == (shop.steps(), shop.verdicts("later.noted")[-1])
        assert ["quota_used"] == shop.tasks()
        shop.buyer_says("退订")
        assert ["stop.confirmed"] == shop.steps()


class TestAnotherChat:
    def test_a_closed_window_goes_round_by_the_chat_he_linked(self) -> None:
        """He prefers WeCom: within its window it is used, after it Telegram, and the reasons tell of both."""
        shop = a_shop().linked("telegram").prefers("wecom").refund().after("3d")
        channels = [channel for step, channel in said(shop) if step.startswith("refund")]
        assert ["wecom", "wecom", "telegram", "telegram"] == channels
        chosen = shop.reasons("refund.daily")["chat"]
        assert ("wecom", "telegram") == (chosen["window_closed"], chosen["chosen"])
        assert ["buyer_message"] == shop.tasks()

    def test_a_used_quota_goes_round_too(self) -> None:
        """The second day's word would use the message kept back: it goes to the other chat."""
        shop = a_shop(wecom=Capabilities(quota=3)).linked("telegram").prefers("wecom").refund().after("1d")
        assert [("refund.acknowledge", "wecom"), ("refund.daily", "telegram")] == said(shop)[1:]
        assert "wecom" == shop.reasons("refund.daily")["chat"]["quota_used"]

    def test_where_he_agreed_to_nothing_else_a_person_gets_the_task(self) -> None:
        """A chat in which he never wrote and which he did not link is none."""
        shop = a_shop().linked("telegram", linked_at=None).refund().after("3d")
        assert {"wecom"} == {channel for _, channel in said(shop)}
        assert (["buyer_message", "window_closed"], Verdict.WINDOW_CLOSED) == (
            shop.tasks(),
            shop.verdicts("refund.daily")[-1],
        )

    def test_a_shop_bound_to_its_platform_stays_there(self) -> None:
        """Whatever else the buyer linked, its words are pasted by a person."""
        shop = Shop(channel="manual").paid_order().linked("telegram").prefers("telegram").refund().after("1d")
        assert {"manual"} == {message.channel for message in shop.delivered}


class TestRefused:
    @pytest.mark.parametrize("refusal", [Refusal.WINDOW_CLOSED, Refusal.QUOTA_USED])
    def test_a_refused_word_goes_to_the_other_chat_once(self, refusal: Refusal) -> None:
        """The channel knows better than our count: the same words go to Telegram under an id of their own."""
        shop = a_shop().linked("telegram").prefers("wecom").channel_refuses(refusal).refund()
        first, second = shop.outbox()[1:]
        assert ("failed", "sent", f"{first.id}@telegram") == (first.state, second.state, second.id)
        assert (first.text, "telegram") == (second.text, second.channel)
        assert [Verdict(refusal.value)] == [v for v in shop.verdicts("refund.acknowledge") if v is not Verdict.SENT]
        assert "telegram" == shop.reasons("refund.acknowledge")["chat"]["chosen"]
        assert (["buyer_message"], 2) == (shop.tasks(), shop.thread("pending_refund").touches + 1)

    def test_a_word_refused_twice_is_a_persons(self) -> None:
        """It is not carried from chat to chat."""
        shop = a_shop().linked("telegram").linked("wechaty").prefers("wecom")
        shop.channel_refuses(Refusal.WINDOW_CLOSED).channel_refuses(Refusal.QUOTA_USED).refund()
        assert ["failed", "failed"] == [message.state for message in shop.outbox()[1:]]
        assert ["buyer_message", "quota_used"] == shop.tasks()

    def test_without_another_chat_a_person_gets_the_task(self) -> None:
        """And nothing else is tried there until the buyer writes again."""
        shop = a_shop().channel_refuses(Refusal.QUOTA_USED).refund()
        assert (["buyer_message", "quota_used"], 4) == (shop.tasks(), shop.chat_on().used)
        shop.refund("paid_back")
        assert Verdict.QUOTA_USED == shop.verdicts("refund.settled")[-1]

    def test_a_refused_text_leaves_the_chat_as_it_is(self) -> None:
        """A person sees the text and the error; the next word goes there as before."""
        shop = a_shop().channel_refuses(Refusal.CONTENT).refund()
        assert ["buyer_message", "refused"] == shop.tasks()
        assert "why" in shop.task("refused").text
        assert (1, None) == (shop.chat_on().used, shop.chat_on().unreachable_at)
        assert ["refund.daily"] == shop.after("1d").steps()[1:]

    def test_a_receipt_undoes_what_counted_as_sent(self) -> None:
        """Accepted, then said not to have arrived: failed, told to a person, and the same again changes nothing."""
        shop = a_shop().refund().receipt("x2", Refusal.BLOCKED)
        assert ("failed", "unreachable") == (shop.outbox()[1].state, shop.tasks()[-1])
        assert shop.clock.now() == shop.chat_on().unreachable_at
        shop.receipt("x2", Refusal.CONTENT)
        assert [] == shop.tasks()

    @pytest.mark.parametrize("refusal", [Refusal.BLOCKED, Refusal.QUOTA_USED])
    def test_a_receipt_is_no_word_on_a_chat_in_which_he_wrote_since(self, refusal: Refusal) -> None:
        """The message failed, but the chat is open: he has just used it."""
        shop = a_shop().refund().after("1h").buyer_says("我有个问题").receipt("x2", refusal)
        assert ("failed", None, 0) == (shop.outbox()[1].state, shop.chat_on().unreachable_at, shop.chat_on().used)

    def test_a_receipt_sends_it_by_the_other_chat(self) -> None:
        """Past the window after all: the word goes to the chat he linked."""
        shop = a_shop().linked("telegram").prefers("wecom").refund().receipt("x2", Refusal.WINDOW_CLOSED)
        assert [("refund.acknowledge", "wecom"), ("refund.acknowledge", "telegram")] == said(shop)[1:]


class TestNoChatYet:
    def test_nothing_is_sent_and_nobody_is_bothered(self) -> None:
        """On Telegram a buyer who has not opened a chat has no address: touches wait, the chain goes on, no task."""
        shop = Shop("2026-03-02 10:00", channel="telegram", capabilities=BOTH).order().after("2d")
        assert ([], [], [Verdict.UNREACHABLE]) == (shop.outbox(), shop.tasks(), shop.verdicts("unpaid.help"))
        assert {"chat": "none"} == shop.reasons("unpaid.help")["unreachable"]
        shop.after("2d")
        assert (["unpaid_lost"], "given_up not_paid") == (shop.tasks(), shop.fate("unpaid_order"))

    def test_a_refund_is_looked_at_again_every_day(self) -> None:
        """Its first word has no expiry; the money's announcement has, and a person hears of that."""
        shop = Shop("2026-03-02 10:00", channel="telegram", capabilities=BOTH).paid_order().refund().after("2d")
        assert [Verdict.UNREACHABLE] * 3 == shop.verdicts("refund.acknowledge")
        shop.refund("paid_back").after("4d")
        assert ["expired"] == shop.tasks()

    def test_an_address_that_equals_the_buyers_id_is_not_his(self) -> None:
        """Whoever writes from the address `lin` is a stranger to the buyer whose id is `lin`."""
        shop = (
            Shop("2026-03-02 10:00", channel="telegram", capabilities=BOTH).order().buyer_says("我有个问题").after("1d")
        )
        assert ["reply.received"] == shop.steps()
        assert ["shop/telegram/?lin", "shop/telegram/lin"] == sorted({chat.id for chat in shop.chats()})


class TestParts:
    LONG = Capabilities(longest_text=40, quota=9)

    def test_a_long_text_goes_in_parts_and_each_counts(self) -> None:
        """In order, under ids of their own; together they are the one message."""
        shop = Shop(channel="wecom", capabilities={"wecom": self.LONG}).paid_order().refund()
        ids = [message.id.rpartition("/")[2] for message in shop.outbox()]
        assert ["R1", "R1#2"] == ids[:2]
        assert len(ids) == shop.chat_on().used
        assert all(len(message.text) <= 40 for message in shop.delivered)
        assert 1 == shop.thread("pending_refund").touches

    def test_a_refused_part_takes_the_later_ones_with_it(self) -> None:
        """One task, and their places in the quota are free again."""
        shop = Shop(channel="wecom", capabilities={"wecom": self.LONG}).paid_order().channel_refuses(Refusal.CONTENT)
        shop.refund()
        assert {"failed": 1, "cancelled": len(shop.outbox()) - 1} == shop.states()
        assert (["refused"], 0, 0) == (shop.tasks(), shop.chat_on().used, shop.thread("pending_refund").touches)

    def test_more_parts_than_the_quota_leaves_are_not_begun(self) -> None:
        """Half a message helps nobody: a person gets it."""
        tight = Capabilities(longest_text=40, quota=2)
        shop = Shop(channel="wecom", capabilities={"wecom": tight}).paid_order().refund()
        assert ([], ["quota_used"]) == (shop.outbox(), shop.tasks())
        assert "2" <= shop.reasons("refund.acknowledge")["quota_used"]["parts"]
