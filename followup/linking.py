"""Tying a chat to an order: what a message names or proves, and when guessing is over.

What counts as an order number is told by the text alone, never by whether there is such an order: an answer must
teach a stranger nothing.
"""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

from followup.model import Buyer, Instant, Link, Order, Tries
from followup.policy import Policy

PREFIX = "hf-"
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is easily misread
LENGTH = 26  # of 31 signs: 128.8 bits
HIDDEN = "hf-…"
CHATS_AN_ORDER = 4  # so many chats may guess at one order, or any stranger could lock its buyer out
MOST_NUMBERS = 8
LONGEST_WORDS = 24

_DIGIT = re.compile(r"\d")
_TOKEN = re.compile(rf"(?<![\w-]){PREFIX}[{ALPHABET}]{{{LENGTH}}}(?![\w-])", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w-])(?=[\w-]*[0-9])[A-Za-z0-9][\w-]{0,63}(?![\w-])", re.ASCII)
_NUMERO = re.compile(r"№|\bn\.? ?[º°]")
_ORDER = r"订单号码?|订单编号|订单|单号|编号|order(?: (?:number|no\.?|id))?|pedido(?: (?:numero|num\.?))?|#"
_AFTER_ORDER = re.compile(rf"(?:{_ORDER})\s*(?:[:#]|是|为|is|es|el)?\s*#?\s*$", re.IGNORECASE)
_FOUR, _MOBILE = re.compile(r"[0-9]{4}"), re.compile(r"1[3-9][0-9]{9}")
_DATE = re.compile(r"(?:19|20)[0-9]{2}-?[01]?[0-9]-?[0-3]?[0-9]")
_FILLERS = re.compile(
    rf"{_ORDER}|手机号码?|电话号码?|手机|电话|号码|尾号|后四位|后4位|最后|我的|是|的|为|您?你?好|谢谢|和"
    r"|\b(?:hi|hello|hey|my|the|is|are|its|it's|and|last|four|digits|phone|mobile|number|no|please|thanks|thank you"
    r"|hola|mi|el|los|las|es|son|y|ultimos|ultimas|cuatro|digitos|cifras|telefono|movil|numero|gracias|por favor)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that names an order of somebody and perhaps proves it by the last four digits of a telephone.

    `alone` if it says nothing else, so that nobody else has to read it.
    """

    order: str
    tail: str = ""
    alone: bool = True


class Answer(StrEnum):
    """What a claim deserves; SILENT when this chat has guessed often enough."""

    ASK = "ask"
    WRONG = "wrong"
    CLOSED = "closed"
    RIGHT = "right"
    SILENT = "silent"


def make_link(shop: str, order_id: str, now: Instant, lasts: timedelta) -> tuple[str, Link]:
    """A new token for an order (29 characters, over 128 bits of chance), and what is stored of it."""
    token = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return token, Link(digest_of(token), shop, order_id, now, now + lasts)


def token_in(text: str) -> str:
    """The first token in a text as it was made, "" if there is none."""
    found = _TOKEN.search(text)
    return found[0].lower() if found else ""


def without_tokens(text: str, instead: str = HIDDEN) -> str:
    """The text with every token covered up."""
    return _TOKEN.sub(instead, text)


def digest_of(token: str) -> str:
    """What is stored of a token: its SHA-256 in hexadecimal digits."""
    return sha256(token.lower().encode()).hexdigest()


def numbers_in(text: str) -> tuple[str, ...]:
    """Everything in a text that may be an order's number, the first eight."""
    if not _DIGIT.search(text):
        return ()
    return tuple(dict.fromkeys(spot[0] for spot in _spots(_plain(text))))[:MOST_NUMBERS]


def claim_in(text: str, asked: str = "", known: bool = False) -> Claim | None:
    """What a message claims, if it does. `asked` is the order that has to be proven; of a `known` buyer only a number
    that surely is an order's counts, for his messages hold many others."""
    if not _DIGIT.search(text):
        return None
    plain = _plain(text)
    spots = _spots(plain)
    words = [spot[0] for spot in spots]
    alone = not re.search(r"\w", _FILLERS.sub(" ", _NUMBER.sub(" ", plain)))
    order = next((spot[0] for spot in spots if _AFTER_ORDER.search(_before(spot))), "")
    order = order or _named(words, asked, known, alone)
    tails = [_tail(word) for word in words if word != order and _tail(word)]
    if order:
        return Claim(order, tails[0] if len(tails) == 1 else "", alone)
    return Claim(asked, tails[0], alone) if asked and len(tails) == 1 else None


def _named(words: list[str], asked: str, known: bool, alone: bool) -> str:
    """The number that is an order's by its looks, or because nothing else is said."""
    if asked and len(words) == 1 and _tail(words[0]):
        return ""
    if alone and 1 <= len(words) <= 2:
        longest = max(words, key=len)
        return longest if len(longest) >= (6 if known else 4) else ""
    if known:
        return ""
    return next((word for word in words if _is_long(word) and not (asked and _tail(word))), "")


def _is_long(word: str) -> bool:
    return len(word) >= 8 and sum(map(str.isdigit, word)) >= 6 and not _DATE.fullmatch(word)


def _tail(word: str) -> str:
    """Four digits, or the last four of a mobile number that was written out."""
    return word[-4:] if _FOUR.fullmatch(word) or _MOBILE.fullmatch(word) else ""


def _spots(plain: str) -> list[re.Match[str]]:
    return list(_NUMBER.finditer(_TOKEN.sub(" ", plain)))


def _before(spot: re.Match[str]) -> str:
    return spot.string[max(0, spot.start() - LONGEST_WORDS) : spot.start()]


def _plain(text: str) -> str:
    """Half-width letters and digits, without accents."""
    folded = unicodedata.normalize("NFKD", _NUMERO.sub("#", text))
    return "".join(char for char in folded if not unicodedata.combining(char))


def answer(
    claim: Claim, order: Order | None, of_chat: Tries | None, of_order: Tries | None, policy: Policy, now: Instant
) -> Answer:
    """What a claim deserves. Only a right one is answered otherwise than one about an order that does not exist.

    Wrong guesses of a chat count strictly, those about an order from all chats more generously.
    """
    if is_over(of_chat, policy, now):
        return Answer.SILENT
    if not claim.tail:
        return Answer.ASK
    if is_over(of_order, policy, now, CHATS_AN_ORDER):
        return Answer.CLOSED
    known = order.phone_tail if order is not None else ""
    if hmac.compare_digest(claim.tail, known or "none"):
        return Answer.RIGHT
    return Answer.CLOSED if _count(of_chat, policy, now) + 1 >= policy.link_tries else Answer.WRONG


def is_over(tries: Tries | None, policy: Policy, now: Instant, chats: int = 1) -> bool:
    """Whether guessing is over for today, where so many chats may take part in it."""
    return _count(tries, policy, now) >= policy.link_tries * chats


def one_more(tries: Tries | None, shop: str, subject: str, policy: Policy, now: Instant) -> Tries:
    """The count after one more wrong guess."""
    count = _count(tries, policy, now)
    return replace(tries, count=count + 1) if tries is not None and count else Tries(shop, subject, 1, now)


def _count(tries: Tries | None, policy: Policy, now: Instant) -> int:
    return 0 if tries is None or now >= tries.since + policy.link_tries_every else tries.count


def subject_of(chat: str = "", order: str = "") -> str:
    """Whose wrong guesses are counted: a chat's, or those about an order."""
    return f"order/{order}" if order else f"chat/{chat}"


def one_person(known: Buyer, met: Buyer) -> Buyer:
    """The buyer of an order after he turned out to be the one met in a chat: a stop or a benefit of either counts."""
    newer = max(known, met, key=lambda buyer: (buyer.nudged_at is not None, buyer.nudged_at or 0))
    return replace(
        known,
        name=known.name or met.name,
        zone=known.zone or met.zone,
        lang=known.lang or met.lang,
        opted_out_at=min(filter(None, (known.opted_out_at, met.opted_out_at)), default=None),
        benefit_at=min(filter(None, (known.benefit_at, met.benefit_at)), default=None),
        nudged_at=newer.nudged_at,
        nudged_by=newer.nudged_by,
        visits_at=known.visits_at or met.visits_at,
        paused_at=min(filter(None, (known.paused_at, met.paused_at)), default=None),
    )
