"""Saying something about goods on their way: at once to a buyer who is here, else at the next polite moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from followup.after_sales.model import AfterSale
from followup.after_sales.return_words import return_words
from followup.effects import AlertAgent, Effect, RemindAt, Say
from followup.events import reminder_id
from followup.kinds.kind import Case
from followup.model import Instant, Role
from followup.policy import Policy
from followup.politeness import Touch, judge
from followup.reach import SHUT

GOODS_BACK, GOODS_TALK = "goods_back", "goods_talk"
SEND_AGAIN, MONEY_BACK = "send_again", "money_back"
ALL_WELL, NOT_WELL = "all_well", "not_well"
AGAIN_OR_MONEY = (SEND_AGAIN, MONEY_BACK)
CHOICES: Mapping[str, tuple[str, ...]] = {
    "return.not_sound": (GOODS_BACK, GOODS_TALK),
    "uninvited.ask": AGAIN_OR_MONEY,
    "uninvited.address": AGAIN_OR_MONEY,
    "uninvited.unreachable": AGAIN_OR_MONEY,
    "uninvited.refused": AGAIN_OR_MONEY,
    "uninvited.ours": AGAIN_OR_MONEY,
    "recalled.ask": AGAIN_OR_MONEY,
    "reissue.well": (ALL_WELL, NOT_WELL),
}


def sale_of(case: Case) -> AfterSale:
    """The record of an after-sales case, which every such thread has."""
    assert case.sale is not None
    return case.sale


def with_sale(case: Case, **changes: object) -> Case:
    """The case with its record changed."""
    return replace(case, sale=replace(sale_of(case), **changes))  # type: ignore[arg-type]


def round_of(case: Case, more: str = "") -> str:
    """What tells a touch from the same one of an earlier round of the case."""
    return f"@{sale_of(case).round}/{more}" if more else f"@{sale_of(case).round}"


def tell(script: str, case: Case, policy: Policy, now: Instant, more: str = "") -> list[Effect]:
    """Say the words of a step: as an answer while the buyer is here, else as a notice that waits for a polite hour."""
    if is_here(case, policy, now):
        return answer(script, case, policy, now, round_of(case, more))
    return [RemindAt(script, now, round=round_of(case, more))]


def answer(script: str, case: Case, policy: Policy, now: Instant, key: str) -> list[Effect]:
    """Answer in the chat; if it takes no more messages, a person learns that the buyer waits."""
    words = {
        "buyer": case.buyer.name,
        "goods": case.facts.order.goods,
        "order": case.facts.order.id,
        **return_words(case, policy, now),
    }
    decision = judge(Touch(Role.REPLY, now), case.buyer, case.chat, policy, now, case.can)
    id_ = reminder_id(case.thread.id, script, key)
    said = Say(script, Role.REPLY, id_, decision, words, choices=CHOICES.get(script, ()), chat=case.chat.id)
    return [said, AlertAgent(decision.verdict, id_, {"step": script})] if decision.verdict in SHUT else [said]


def is_here(case: Case, policy: Policy, now: Instant) -> bool:
    """Whether the buyer wrote a moment ago, and the bot may answer him."""
    wrote = case.chat.last_in_at if case.buyer.paused_at is None else None
    return wrote is not None and wrote <= now <= wrote + policy.reply_within
