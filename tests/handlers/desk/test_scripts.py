"""Scripts at the desk: searched with the facts of a thread, and said to its buyer at one tap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from followup.desk.codes import code_of
from followup.desk.verbs import Verb
from followup.events import Commanded, thread_id
from followup.model import Note, OutgoingState, Segment
from handlers.desk.scripts import search, send
from handlers.desk.told import Told
from scripts_library.catalogue import load_catalogue
from scripts_library.search import number_of, search_of
from store.wanted import Wanted
from tests.stories.offering import OfferingShop
from tests.stories.shop import SHOP, Shop, library

UNPAID = thread_id(SHOP, "1001", "unpaid_order")


def does(shop: Shop, verb: Verb, text: str = "", thread: str = UNPAID, word: str = "", task: str = "") -> Told:
    """Somebody at the desk searches or sends."""
    event = Commanded(verb, "li", shop.clock.now(), "k1", thread, task, word=word, text=text)
    how = search if verb is Verb.SEARCH else send
    told = shop.store.run(lambda tx: how(event, tx, shop.deps), Wanted(threads=(thread,)))
    shop._settle()
    return told


def words(told: Told, lang: str = "zh-CN") -> str:
    """What he reads."""
    return library().render(told.script, lang, told.facts, Segment.NEW, (), "x").text


def an_order(**more: Any) -> Shop:
    return Shop("2026-03-02 14:00").order(**more).after("20m").buyer_says("想问下")


def said(shop: Shop) -> list[str]:
    return [message.text for message in shop.delivered if message.step == "says"]


class TestSearch:
    def test_previews_read_as_in_this_thread(self) -> None:
        """The goods are named, nothing is left to fill in, and each has a number."""
        told = does(an_order(), Verb.SEARCH, "问清楚 哪一笔")
        assert ("羊毛围巾" in words(told), "{{" in words(told)) == (True, False)
        assert f"1. [{number_of('desk.ask_more')}]" in words(told)

    def test_each_has_a_button(self) -> None:
        """It says which script, for which task, and fits into what Telegram carries behind a button."""
        task = f"{UNPAID}/buyer_message/telegram/77:12345"
        told = does(an_order(), Verb.SEARCH, "发票", task=task)
        assert f"send:{code_of(task)}:{number_of('desk.invoice')}" == told.choices[0].id
        assert all(len(choice.id.encode()) <= 64 for choice in told.choices)
        assert [f"发送 {n}" for n in range(1, len(told.choices) + 1)] == [choice.label for choice in told.choices]

    def test_what_lacks_a_fact_shows_it_and_has_no_button(self) -> None:
        """Of a parcel that nobody knows there is no number to say."""
        told = does(an_order(), Verb.SEARCH, "common.parcel")
        (line,) = [line for line in words(told).splitlines() if number_of("common.parcel") in line]
        assert ("[快递单号?]" in line or "缺 快递单号" in line) is True
        assert number_of("common.parcel") not in " ".join(choice.id for choice in told.choices)

    def test_what_promises_money_shows_it_and_has_no_button(self) -> None:
        """Until it is granted (rules 10, 75)."""
        told = does(an_order(), Verb.SEARCH, "红包")
        assert "要先批补偿" in words(told)
        assert number_of("offer.red_packet") not in " ".join(choice.id for choice in told.choices)

    def test_nothing_found_says_so(self) -> None:
        """One sentence, with what to try."""
        told = does(an_order(), Verb.SEARCH, "qqqqzzzz")
        assert ("desk.script_none", False) == (told.script, told.done)
        assert "qqqqzzzz" in words(told)

    @pytest.mark.parametrize("asked", ["微波炉", "qqqqzzzz"])
    def test_beside_it_stands_what_suits_the_matter(self, asked: str) -> None:
        """The same as without any words, each with its button."""
        shop = an_order()
        told, plain = does(shop, Verb.SEARCH, asked), does(shop, Verb.SEARCH)
        assert ("desk.script_none", plain.facts["found"], plain.choices) == (
            told.script,
            told.facts["found"],
            told.choices,
        )
        assert told.choices
        assert all(choice.id.split(":")[-1] in words(told) for choice in told.choices)

    def test_what_one_tap_sends_is_shown_whole(self) -> None:
        """Words of up to 300 characters are not cut: who taps has read them."""
        shop = an_order()
        told = does(shop, Verb.SEARCH, "desk.sizing")
        shown = next(line for line in words(told).splitlines() if number_of("desk.sizing") in line)
        does(shop, Verb.SEND, word="desk.sizing")
        (sent,) = said(shop)
        assert " ".join(sent.split("\n")[0].split()) in shown

    def test_five_at_most_fit_into_one_answer(self) -> None:
        """Whatever is searched, the answer is one that can be read."""
        told = does(an_order(), Verb.SEARCH, "您好 退款 运费 快递")
        lines = [line for line in words(told).splitlines() if line[:1].isdigit()]
        assert (5, True) == (len(lines), len(words(told)) < 2600)

    def test_the_buyers_language_is_previewed(self) -> None:
        """The agents read Chinese, the buyer English."""
        shop = Shop("2026-03-02 14:00").order().after("20m").buyer_says("I was wondering about that thing, you know")
        assert "invoice" in words(does(shop, Verb.SEARCH, "发票"))

    def test_outside_of_all_topics_it_is_a_library(self) -> None:
        """Who looks for words where nobody is spoken of reads them, and has no button to send them with."""
        told = does(an_order(), Verb.SEARCH, "发票", thread="")
        assert (("desk.script_found", ()), True) == (
            (told.script, told.choices),
            number_of("desk.invoice") in words(told),
        )

    def test_a_stranger_to_all_threads_is_told(self) -> None:
        """A search in no topic names what is missing."""
        assert "desk.script_nobody" == does(an_order(), Verb.SEARCH, "发票", thread="shop/9/unpaid_order").script


class TestSend:
    def test_one_tap_says_it_with_the_facts(self) -> None:
        """The buyer reads the goods' name; who sent it stands in the notes."""
        shop = an_order()
        told = does(shop, Verb.SEND, word=number_of("desk.cancel_paid"))
        assert ("desk.script_sent", True, UNPAID) == (told.script, told.done, told.about)
        (text,) = said(shop)
        assert text in words(told)
        notes = [line for line in shop.store.lines if isinstance(line, Note) and line.text.startswith("says")]
        assert [("li", f"says {text}")] == [(note.who, note.text) for note in notes]

    def test_never_the_same_words_twice(self) -> None:
        """Each time another variant, until there is none (rule 111)."""
        shop, answers = an_order(), []
        count = len(library().variants("desk.invoice", "zh-CN", Segment.NEW))
        for _ in range(count + 1):
            answers.append(does(shop, Verb.SEND, word="desk.invoice").script)
            shop.after("2m")
        assert (count, count) == (len(said(shop)), len(set(said(shop))))
        assert ["desk.script_sent"] * count + ["desk.script_used_up"] == answers

    def test_words_typed_by_hand_count_as_said(self) -> None:
        """Who copied a suggestion does not send it again."""
        shop = an_order()
        first = library().variants("desk.no_hurry", "zh-CN", Segment.NEW)[0].source
        shop.store.run(lambda tx: tx.save(replace(shop.outbox()[-1], id="by hand", text=first)))
        does(shop, Verb.SEND, word="desk.no_hurry")
        assert first not in said(shop)

    def test_a_double_tap_sends_once(self) -> None:
        """A second tap within a minute is told so, and the buyer reads one message."""
        shop = an_order()
        answers = [does(shop, Verb.SEND, word="desk.listen").script for _ in range(2)]
        assert (["desk.script_sent", "desk.script_just_sent"], 1) == (answers, len(said(shop)))

    def test_a_missing_fact_keeps_it_back(self) -> None:
        """The answer names the fact, and the buyer hears nothing."""
        shop = an_order()
        told = does(shop, Verb.SEND, word="common.parcel")
        assert ("desk.script_lacks", [], True) == (told.script, said(shop), "快递单号" in words(told))

    def test_an_unknown_number_is_told(self) -> None:
        """A typing slip is no error of the program."""
        assert "desk.script_unknown" == does(an_order(), Verb.SEND, word="zzzzz").script

    def test_words_of_money_go_only_when_granted(self) -> None:
        """The gate of grants stands before one tap as before everything (rules 10, 75)."""
        shop = OfferingShop().case()
        case = thread_id(SHOP, "1001", "after_sales")
        refused = does(shop, Verb.SEND, thread=case, word="offer.coupon")
        assert ("desk.script_not_granted", []) == (refused.script, said(shop))
        shop.offers("coupon", "5").after("1d")
        told = does(shop, Verb.SEND, thread=case, word="offer.coupon")
        assert ("desk.script_sent", True) == (told.script, "5.00" in said(shop)[-1])

    def test_it_keeps_what_was_promised(self) -> None:
        """A script that a person sends is his answer (rules 7, 119)."""
        shop = Shop("2026-03-02 14:00").order().after("20m").buyer_says("能便宜点吗")
        assert 1 == len(shop.store.tx.promises_of(UNPAID))
        does(shop, Verb.SEND, word="desk.bargaining")
        assert () == shop.store.tx.promises_of(UNPAID)

    def test_who_said_stop_gets_none(self) -> None:
        """It is told why, and kept as a note."""
        shop = an_order().buyer_says("退订")
        told = does(shop, Verb.SEND, word="desk.listen")
        assert ("desk.script_not_gone", False) == (told.script, told.done)
        assert ("买家说过不要再发" in words(told), []) == (True, said(shop))

    def test_on_the_platform_it_becomes_a_task_to_paste(self) -> None:
        """What cannot be sent is given to a person, and the answer says so."""
        shop = Shop("2026-03-02 14:00", channel="manual").order().after("20m")
        assert "desk.script_pasted" == does(shop, Verb.SEND, word="desk.payment_trouble").script

    def test_a_chat_without_a_matter_is_answered_too(self) -> None:
        """The words go to the chat; only what an order would tell is missing."""
        shop = Shop("2026-03-02 14:00").buyer_says("你好", buyer="wen")
        chat = shop.chat_on(buyer="wen").id
        told = does(shop, Verb.SEND, thread=chat, word="desk.opening")
        assert ("desk.script_sent", ["wen"]) == (told.script, [m.buyer.rpartition("/")[2] for m in shop.delivered[-1:]])
        assert OutgoingState.SENT is shop.outbox()[-1].state


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_every_fact_that_can_be_missing_has_a_name(lang: str) -> None:
    """No code is shown to people."""
    scripts = search_of(library()).scripts
    needed = {fact.name for script in scripts for fact in load_catalogue()[script].facts if not fact.optional}
    unnamed = {name for name in needed if not library().own(f"fact.{name}", lang, Segment.NEW)}
    assert set() == unnamed
