"""Who pays freight, in every case there is."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.after_sales.freight import (
    BUYERS_BRANCH,
    RULES,
    SHOPS_BRANCH,
    SHOPS_CAUSE,
    Freight,
    advanced,
    freight,
)
from followup.after_sales.model import Branch, Payer, Remedy
from followup.causes import Cause
from followup.model import Money
from followup.policy import CompensationPolicy
from scripts_library.catalogue import load_catalogue

FLAGS = ("price_difference", "wrong_address", "unreachable", "refused", "mixed")
SWITCHES = [dict(zip(FLAGS, each, strict=True)) for each in product((False, True), repeat=len(FLAGS))]
NO_GOODS = frozenset((Remedy.COUPON, Remedy.MEMBER_BENEFIT, Remedy.RED_PACKET, Remedy.GIFT, Remedy.PARTIAL_REFUND))
ANY = st.fixed_dictionaries({name: st.booleans() for name in FLAGS})


@pytest.mark.parametrize("branch", Branch)
@pytest.mark.parametrize("cause", Cause)
def test_every_combination(branch: Branch, cause: Cause) -> None:
    """Each remedy under all flags: one payer for all that travels, a known reason with its rule, and never the buyer
    where the fault is the shop's."""
    for remedy, flags in product(Remedy, SWITCHES):
        found = freight(branch, cause, remedy, **flags)
        payers = {found.back, found.out} - {Payer.NONE}
        assert len(payers) <= 1
        assert found.rule == RULES[found.reason]
        assert (found.reason == "freight.none") is (not payers)
        if cause in SHOPS_CAUSE or (cause is not Cause.BUYER and branch in SHOPS_BRANCH):
            assert Payer.BUYER not in payers, (remedy, flags)
        if cause is Cause.BUYER:
            assert Payer.SHOP not in payers, (remedy, flags)
        if remedy in NO_GOODS or branch is Branch.NOT_SHIPPED:
            assert not payers


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"branch": Branch.QUALITY}, Freight(Payer.SHOP, Payer.SHOP, "freight.fault", 52)),
        ({"branch": Branch.QUALITY_LATE}, Freight(Payer.SHOP, Payer.SHOP, "freight.fault", 52)),
        (
            {"branch": Branch.WRONG_GOODS, "remedy": Remedy.REISSUE},
            Freight(Payer.SHOP, Payer.SHOP, "freight.mismatch", 52),
        ),
        (
            {"branch": Branch.MISSING_ITEM, "remedy": Remedy.REISSUE},
            Freight(Payer.NONE, Payer.SHOP, "freight.error", 66),
        ),
        (
            {"branch": Branch.DAMAGED_SIGNED, "remedy": Remedy.EXCHANGE},
            Freight(Payer.SHOP, Payer.SHOP, "freight.on_the_way", 74),
        ),
        (
            {"branch": Branch.NO_REASON, "remedy": Remedy.RETURN_REFUND},
            Freight(Payer.BUYER, Payer.NONE, "freight.no_reason", 81),
        ),
        (
            {"branch": Branch.NO_REASON, "cause": Cause.PRODUCT, "remedy": Remedy.RETURN_REFUND},
            Freight(Payer.SHOP, Payer.NONE, "freight.fault", 52),
        ),
        (
            {"branch": Branch.EXCHANGE, "remedy": Remedy.EXCHANGE},
            Freight(Payer.BUYER, Payer.BUYER, "freight.exchange", 53),
        ),
        (
            {"branch": Branch.EXCHANGE, "remedy": Remedy.EXCHANGE, "price_difference": True},
            Freight(Payer.BUYER, Payer.BUYER, "freight.difference", 53),
        ),
        (
            {"branch": Branch.IN_TRANSIT, "remedy": Remedy.REFUND},
            Freight(Payer.BUYER, Payer.NONE, "freight.recalled", 19),
        ),
        (
            {"branch": Branch.RECALLED, "cause": Cause.DISPATCH, "remedy": Remedy.REFUND},
            Freight(Payer.SHOP, Payer.NONE, "freight.error", 66),
        ),
        (
            {"branch": Branch.UNINVITED, "remedy": Remedy.REISSUE},
            Freight(Payer.SHOP, Payer.SHOP, "freight.on_the_way", 74),
        ),
        (
            {"branch": Branch.UNINVITED, "remedy": Remedy.REISSUE, "wrong_address": True},
            Freight(Payer.BUYER, Payer.BUYER, "freight.address", 81),
        ),
        (
            {"branch": Branch.UNINVITED, "remedy": Remedy.REISSUE, "unreachable": True},
            Freight(Payer.BUYER, Payer.BUYER, "freight.unreachable", 81),
        ),
        (
            {"branch": Branch.NO_REASON, "remedy": Remedy.REFUND, "refused": True},
            Freight(Payer.BUYER, Payer.NONE, "freight.refused", 81),
        ),
        (
            {"branch": Branch.DAMAGED_UNSIGNED, "remedy": Remedy.REFUND, "refused": True},
            Freight(Payer.SHOP, Payer.NONE, "freight.on_the_way", 74),
        ),
        (
            {"branch": Branch.QUALITY, "remedy": Remedy.RETURN_REFUND, "mixed": True},
            Freight(Payer.SHOP, Payer.NONE, "freight.mixed", 80),
        ),
        (
            {"branch": Branch.NO_REASON, "remedy": Remedy.RETURN_REFUND, "mixed": True},
            Freight(Payer.BUYER, Payer.NONE, "freight.no_reason", 81),
        ),
        (
            {"branch": Branch.QUALITY, "cause": Cause.BUYER, "remedy": Remedy.RETURN_REFUND},
            Freight(Payer.BUYER, Payer.NONE, "freight.no_reason", 81),
        ),
        (
            {"branch": Branch.QUALITY, "cause": Cause.MALICIOUS, "remedy": Remedy.RETURN_REFUND},
            Freight(Payer.SHOP, Payer.NONE, "freight.fault", 52),
        ),
        (
            {"branch": Branch.QUALITY, "remedy": Remedy.PARTIAL_REFUND},
            Freight(Payer.NONE, Payer.NONE, "freight.none", 63),
        ),
    ],
)
def test_what_the_rules_say(case: dict[str, Any], expected: Freight) -> None:
    """Rules 19, 52, 53, 66, 74, 80 and 81, one by one; malice is suspected and never counts."""
    assert expected == freight(**case)


@given(st.sampled_from(Branch), st.sampled_from(Cause), st.sampled_from(Remedy), ANY)
def test_total_and_the_same_each_time(branch: Branch, cause: Cause, remedy: Remedy, flags: dict[str, bool]) -> None:
    """It answers whatever it is asked, and always the same."""
    assert freight(branch, cause, remedy, **flags) == freight(branch, cause, remedy, **flags)


@given(st.sampled_from(Branch), st.sampled_from(sorted(SHOPS_CAUSE)), st.sampled_from(Remedy), ANY)
def test_the_shops_fault_is_never_the_buyers_bill(
    branch: Branch, cause: Cause, remedy: Remedy, flags: dict[str, bool]
) -> None:
    """Whatever the buyer did besides (rule 52)."""
    found = freight(branch, cause, remedy, **flags)
    assert Payer.BUYER not in (found.back, found.out)


def test_every_reason_is_told_in_words() -> None:
    """Each reason is a script for buyers that names its rule, and each such script is a reason."""
    told = {id_: spec for id_, spec in load_catalogue().items() if id_.startswith("freight.")}
    assert set(RULES) == set(told)
    assert [] == [id_ for id_, rule in RULES.items() if rule not in told[id_].rules]
    assert {*SHOPS_CAUSE.values(), *SHOPS_BRANCH.values(), *BUYERS_BRANCH.values()} <= set(RULES)


def test_what_the_buyer_lays_out() -> None:
    """Up to the limit of the shop, and only where something comes back at its cost (rules 52, 76)."""
    limits = CompensationPolicy(freight=Decimal(15))
    returned = freight(Branch.QUALITY, remedy=Remedy.RETURN_REFUND)
    assert {"freight": Money(Decimal(15), "EUR")} == advanced(returned, limits, "EUR")
    assert {} == advanced(freight(Branch.MISSING_ITEM, remedy=Remedy.REISSUE), limits, "EUR")
    assert {} == advanced(freight(Branch.NO_REASON), limits, "EUR")
