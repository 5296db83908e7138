"""What a message names and proves, told by its text alone."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.linking import (
    HIDDEN,
    Answer,
    Claim,
    answer,
    claim_in,
    digest_of,
    is_over,
    make_link,
    numbers_in,
    one_more,
    one_person,
    token_in,
    without_tokens,
)
from followup.model import Buyer, Tries
from tests.followup.makers import NOON, POLICY, SHOP, a_buyer, an_order, hours, minutes

LONG = "3510000000000000017"
ORDER = replace(an_order(), phone_tail="1234")


class TestTokens:
    def test_a_token_fits_every_channel_and_is_never_the_same(self) -> None:
        """Within 32 of the characters that Telegram and WeCom both take, over 128 bits of chance, stored as a hash."""
        made = [make_link(SHOP, "1001", NOON, hours(1)) for _ in range(100)]
        tokens = {token for token, _ in made}
        assert 100 == len(tokens)
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,32}", token) for token in tokens)
        assert 31**26 > 2**128
        assert all(token not in repr(link) and digest_of(token) == link.digest for token, link in made)

    @pytest.mark.parametrize("around", ["{}", "  {}\n", "我的链接：{}。", "link {}!", "“{}”", "{}，谢谢"])
    def test_a_token_is_found_in_what_people_write_around_it(self, around: str) -> None:
        """Whatever stands around it, and however a phone capitalises it."""
        token, _ = make_link(SHOP, "1001", NOON, hours(1))
        for written in (token, token.capitalize(), token.upper()):
            text = around.format(written)
            assert (token, digest_of(token)) == (token_in(text), digest_of(written))
            assert around.format(HIDDEN) == without_tokens(text)

    @pytest.mark.parametrize("text", ["", "hf-", "hf-short", "hf-" + "a" * 25, "hf-" + "a" * 27, "xhf-" + "a" * 26])
    def test_what_is_no_token_is_left_alone(self, text: str) -> None:
        """Shorter, longer or part of another word."""
        assert ("", text) == (token_in(text), without_tokens(text))


class TestClaims:
    @pytest.mark.parametrize(
        ("text", "claim"),
        [
            (LONG, Claim(LONG)),
            (f"订单 {LONG}", Claim(LONG)),
            ("1001", Claim("1001")),
            ("#1001", Claim("1001")),
            ("№ 1001", Claim("1001")),
            ("order 17", Claim("17")),
            ("Hello, my order number is A-17", Claim("A-17")),
            ("Pedido n.º 1001", Claim("1001")),
            ("订单号：１００１", Claim("1001")),
            ("1001 1234", Claim("1001", "1234")),
            ("订单1001，手机尾号1234", Claim("1001", "1234")),
            (f"{LONG} 1234", Claim(LONG, "1234")),
            (f"1234 {LONG}", Claim(LONG, "1234")),
            (f"{LONG} 13812341234", Claim(LONG, "1234")),
            (f"{LONG} 什么时候发货？", Claim(LONG, "", False)),
            ("订单1001还没发货，我明天付", Claim("1001", "", False)),
            ("where is order 1001? 1234", Claim("1001", "1234", False)),
            ("hello", None),
            ("150元可以吗", None),
            ("14:30", None),
            ("2026-03-05 到货吗", None),
            ("100 or 200?", None),
        ],
    )
    def test_what_a_stranger_claims(self, text: str, claim: Claim | None) -> None:
        """A number that is an order's by its word, its length or for want of anything else, and four digits beside."""
        assert claim == claim_in(text)

    @pytest.mark.parametrize(
        ("text", "claim"),
        [
            ("1234", Claim("1001", "1234")),
            ("１２３４", Claim("1001", "1234")),
            ("尾号是1234，谢谢", Claim("1001", "1234")),
            ("the last four digits are 1234", Claim("1001", "1234")),
            ("13812341234", Claim("1001", "1234")),
            ("1001 1234", Claim("1001", "1234")),
            ("1234. Also, when will it arrive?", Claim("1001", "1234", False)),
            ("订单 1002", Claim("1002")),
            (LONG, Claim(LONG)),
            ("1234 or 5678?", None),
            ("12345", Claim("12345")),
            ("123", None),
            ("why?", None),
        ],
    )
    def test_what_is_claimed_of_the_order_that_was_asked_about(self, text: str, claim: Claim | None) -> None:
        """One group of four digits is the proof; another order's number is a new claim."""
        assert claim == claim_in(text, "1001")

    @pytest.mark.parametrize(
        "text", ["1234", "我要2件，寄到1001室", "SF1234567890123 到哪了", "150", "price 12345678?"]
    )
    def test_a_known_buyer_may_write_numbers(self, text: str) -> None:
        """His messages hold sizes, prices and parcels: only what surely is an order's number has to be proven."""
        assert None is claim_in(text, known=True)

    @pytest.mark.parametrize("text", [LONG, "订单 17 呢", "order 1001"])
    def test_a_known_buyer_can_name_another_order(self, text: str) -> None:
        """By its word, or with nothing beside a long number."""
        assert claim_in(text, known=True) is not None

    @given(st.text(max_size=60), st.sampled_from(["", "1001"]), st.booleans())
    def test_any_text_can_be_read(self, text: str, asked: str, known: bool) -> None:
        """Whatever is written; and every order that is claimed is among the numbers that are looked up."""
        claim = claim_in(text, asked, known)
        assert claim is None or claim.order in (asked, *numbers_in(text)) or len(numbers_in(text)) == 8

    @pytest.mark.parametrize("text", ["1 ", "#1 ", "order 1 ", "hf-2", "1-", "1234 ", "n.º 1"])
    def test_an_endless_message_is_read_at_once(self, text: str) -> None:
        """100 KB of the worst that can be written takes no longer than it must."""
        started = time.perf_counter()
        claim_in(text * (100_000 // len(text)), "1001")
        assert time.perf_counter() - started < 5

    def test_only_so_many_numbers_are_looked_up(self) -> None:
        """A message of a thousand numbers does not lock a thousand orders."""
        assert 8 == len(numbers_in(" ".join(str(n) for n in range(1000, 2000))))


class TestAnswers:
    def answered(self, claim: Claim, order: object = ORDER, chat: int = 0, about: int = 0, later: float = 0) -> Answer:
        counts = [Tries(SHOP, "s", count, NOON) if count else None for count in (chat, about)]
        return answer(claim, order, *counts, POLICY, NOON + hours(later))  # type: ignore[arg-type]

    def test_a_number_alone_is_asked_about(self) -> None:
        """Whether or not there is such an order."""
        assert {Answer.ASK} == {self.answered(Claim("1001"), order) for order in (ORDER, None)}

    def test_right_digits_are_right(self) -> None:
        """The last four of the number given with the order."""
        assert Answer.RIGHT == self.answered(Claim("1001", "1234"))

    @pytest.mark.parametrize("order", [ORDER, None, replace(ORDER, phone_tail="")])
    def test_all_else_is_wrong_in_the_same_way(self, order: object) -> None:
        """Wrong digits, no such order, an order without a phone: at every count the same answer."""
        claim = Claim("1001", "0000")
        told = [self.answered(claim, order, chat, about) for chat in range(6) for about in range(6)]
        assert told == [self.answered(claim, None, chat, about) for chat in range(6) for about in range(6)]
        assert Answer.RIGHT not in told

    @pytest.mark.parametrize(
        ("chat", "about", "expected"),
        [
            (3, 0, Answer.WRONG),
            (4, 0, Answer.CLOSED),
            (5, 0, Answer.SILENT),
            (0, 5, Answer.WRONG),
            (0, 19, Answer.WRONG),
            (0, 20, Answer.CLOSED),
            (5, 20, Answer.SILENT),
        ],
    )
    def test_guessing_ends(self, chat: int, about: int, expected: Answer) -> None:
        """After the fifth wrong guess of a chat, or the twentieth about an order."""
        assert expected == self.answered(Claim("1001", "0000"), ORDER, chat, about)

    def test_the_right_digits_come_too_late(self) -> None:
        """When guessing is over a right guess counts for nothing; one stranger alone cannot end it for others."""
        late = [self.answered(Claim("1001", "1234"), ORDER, *counts) for counts in ((5, 0), (0, 20), (0, 5))]
        assert [Answer.SILENT, Answer.CLOSED, Answer.RIGHT] == late

    def test_a_day_later_guesses_count_anew(self) -> None:
        """From the first wrong guess a day is counted, to the microsecond."""
        tries = Tries(SHOP, "s", 5, NOON)
        ends = NOON + POLICY.link_tries_every
        assert (True, False) == (is_over(tries, POLICY, ends - timedelta(microseconds=1)), is_over(tries, POLICY, ends))
        assert Tries(SHOP, "s", 1, ends) == one_more(tries, SHOP, "s", POLICY, ends)

    def test_a_guess_within_the_day_adds_to_the_count(self) -> None:
        """And the day still counts from the first."""
        first = one_more(None, SHOP, "s", POLICY, NOON)
        assert Tries(SHOP, "s", 2, NOON) == one_more(first, SHOP, "s", POLICY, NOON + minutes(5))


class TestOnePerson:
    def test_what_protects_a_buyer_counts_whoever_had_it(self) -> None:
        """The earlier stop and benefit, the later nudge, and what is known of him."""
        known = a_buyer(benefit_at=NOON, nudged_at=NOON, nudged_by="old")
        met = Buyer(SHOP, "c", "Lili", "Europe/Madrid", "es", NOON, NOON - hours(1), NOON + hours(1), "new")
        expected = replace(
            met, id="lin", name="Lin", opted_out_at=NOON, benefit_at=NOON - hours(1), preferred=known.preferred
        )
        assert expected == one_person(known, met)

    def test_a_stranger_of_whom_nothing_is_known_changes_nothing(self) -> None:
        """Linking costs the buyer nothing."""
        known = a_buyer(zone="Asia/Shanghai", lang="zh-CN", nudged_at=NOON, nudged_by="x", preferred="y")
        assert known == one_person(known, Buyer(SHOP, "c"))
