"""Conversations of which proof should be kept: a threat, money wanted for a review, a dispute (rules 51, 89, 90).

Advice to a person, who reads and judges for himself; the buyer never hears of it.
"""

from __future__ import annotations

import re
from enum import StrEnum

from followup.effects import AlertAgent, Effect
from followup.model import Thread
from followup.understood import Intent, Understood


class Risk(StrEnum):
    """What makes a conversation one to keep evidence of (rules 51, 89, 90)."""

    THREAT = "threat"
    EXTORTION = "extortion"
    DISPUTE = "dispute"


_THREAT = re.compile(
    r"弄死|打死你|杀了?你|砍死|砸(了|你们?|烂).{0,3}店|上门.{0,4}(找|堵|闹|收拾)|找人.{0,4}(弄|打|堵|收拾)"
    r"|人肉你|[让叫]你们?.{0,4}(混不下去|开不下去|关门)"
    r"|(i'?ll|i will|gonna|going to) (kill|hurt|beat|burn)|know where you live|make you (regret|sorry)"
    r"|(matar|quemar)(te|le|les|los)\b|romper(te|le|les) la cara|sé dónde vive|se van? a arrepentir",
    re.IGNORECASE,
)
_DISPUTE = re.compile(
    r"(?<!\d)12315(?!\d)|12345热线|工商局?投诉|消协|消费者协会|市场监管|起诉|告上?法[院庭]|律师|报警|曝光|找媒体|发(抖音|微博|小红书)"
    r"|\b(my (lawyer|attorney)|sue you|take you to court|small claims|call the police|chargeback|trading standards)\b"
    r"|\b(mi abogad[oa]|demandar(los|les|é)?|juzgado|ir a la policía|denunciar(los|les|é)?|oficina de consumo)\b",
    re.IGNORECASE,
)
_SURE = 0.5


def risk_of(text: str, heard: Understood) -> Risk | None:
    """What is risky about a message, if anything: advice to a person to keep the proof, never an accusation."""
    if _THREAT.search(text):
        return Risk.THREAT
    threatens = heard.intent is Intent.BAD_REVIEW_THREAT or any(
        each.intent is Intent.BAD_REVIEW_THREAT and each.score >= _SURE for each in heard.candidates
    )
    if threatens:
        wants = heard.amounts or any(each.intent is Intent.COMPENSATION for each in heard.candidates)
        return Risk.EXTORTION if wants else Risk.THREAT
    return Risk.DISPUTE if _DISPUTE.search(text) else None


def is_risky(text: str, heard: Understood) -> bool:
    """Whether a message makes its conversation one to keep proof of."""
    return risk_of(text, heard) is not None


def advise_sealing(text: str, heard: Understood, thread: Thread) -> list[Effect]:
    """Tell a person how to seal the proof, once in a thread."""
    risk = risk_of(text, heard)
    if risk is None or not thread.order_id:
        return []
    return [AlertAgent(f"seal_{risk.value}", "", {"text": text})]
