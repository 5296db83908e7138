"""Conversations of which proof should be kept."""

from __future__ import annotations

from decimal import Decimal

import pytest

from followup.effects import AlertAgent
from followup.risk import Risk, advise_sealing, is_risky, risk_of
from followup.understood import Amount, Candidate, Intent, Understood
from tests.followup.makers import a_case, heard

PLAIN = heard(Intent.OTHER)
REVIEW_THREAT = Understood(Intent.OTHER, candidates=(Candidate(Intent.BAD_REVIEW_THREAT, 0.7),))


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("不退钱我找人弄你", Risk.THREAT),
        ("I know where you live", Risk.THREAT),
        ("se va a arrepentir", Risk.THREAT),
        ("再不处理我打12315了", Risk.DISPUTE),
        ("等着法院见，我的律师会联系你们", Risk.DISPUTE),
        ("My lawyer will sue you", Risk.DISPUTE),
        ("voy a ir a la policía y denunciarlos", Risk.DISPUTE),
        ("订单号 9912315001 到哪了", None),
        ("杯子碎了，麻烦退一下", None),
        ("这个颜色真好看，谢谢", None),
        ("can't beat your prices!", None),
        ("¿cuánto consumo tiene?", None),
    ],
)
def test_what_is_risky(text: str, risk: Risk | None) -> None:
    """Threats and talk of courts and offices; an order number that holds 12315 is none, nor is a plain complaint."""
    assert (risk, risk is not None) == (risk_of(text, PLAIN), is_risky(text, PLAIN))


def test_a_threat_of_a_bad_review_is_risky_only_if_it_is_likely() -> None:
    """What was understood counts, sure or likely; with money in it, it may be extortion."""
    unlikely = Understood(Intent.OTHER, candidates=(Candidate(Intent.BAD_REVIEW_THREAT, 0.2),))
    with_money = Understood(
        Intent.BAD_REVIEW_THREAT, amounts=(Amount(Decimal(50), "CNY"),), candidates=REVIEW_THREAT.candidates
    )
    found = [risk_of("", each) for each in (REVIEW_THREAT, heard(Intent.BAD_REVIEW_THREAT), with_money, unlikely)]
    assert [Risk.THREAT, Risk.THREAT, Risk.EXTORTION, None] == found


def test_a_person_is_told_once_in_a_thread() -> None:
    """One task for a thread, whatever comes after; without an order there is nothing to pack."""
    thread = a_case("pending_refund").thread
    (advice,) = advise_sealing("我找人弄你", PLAIN, thread)
    assert isinstance(advice, AlertAgent)
    assert ("seal_threat", "", "我找人弄你") == (advice.reason, advice.key, advice.facts["text"])
    assert [] == advise_sealing("你好", PLAIN, thread)
