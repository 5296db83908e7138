"""What a buyer was asked and has shown: photos, a packing slip, a weight, the answer to a question (rules 54, 58, 67).

A case remembers it as `need`, or `need:what he said`, which is `none` for what he does not have.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from followup.after_sales.model import AfterSale
from followup.after_sales.procedures import ASKED, Need
from followup.after_sales.short_answers import plain, says
from followup.evidence import Evidence
from followup.kinds.kind import Case
from followup.model import EPOCH, Media

ON_PHOTOS = (Need.PACKING_SLIP, Need.PHOTOS)
LATE = timedelta(hours=1)
"""A message may be handled so long after it came."""
_UNITS = r"kg|kgs|kilos?|千克|公斤|grams?|gramos?|gr|g|克|市?斤|lbs?|pounds?|libras?|oz|onzas?"
_WEIGHT = re.compile(
    rf"(?<![A-Za-z0-9])(?<!\d[.,])(\d{{1,5}}(?:[.,]\d{{1,3}})?|[半一二两三四五六七八九十]{{1,3}}(?=[克斤公千市]))\s*({_UNITS})(?![a-z])",
    re.I,
)
_MORE = re.compile(
    r"多(发|寄|送|给|装|拿|出)(了|来|出|出来)?(我|[一两三四五六七八九几\d]|个|件|双|只|条|份)"
    r"|\b(one|an?|two|some)( \w+)? (extra|too many)\b|\bextra (item|one|piece|pair)"
    r"|more than i (ordered|bought|paid)|de mas\b|de sobra\b|\bsobra(n|ba)?\b",
    re.I,
)


def weight_in(text: str) -> str:
    """The first weight that a text names, such as `320g`; "" if it names none."""
    found = _WEIGHT.search(unicodedata.normalize("NFKC", text))
    return f"{found[1]}{found[2]}" if found else ""


def says_more(text: str) -> bool:
    """Whether a text says that more came than was ordered."""
    return _MORE.search(plain(text)) is not None


def answer_in(text: str, need: str) -> str:
    """The choice under the question for a need that a text gives and says nothing beside; "" if it gives none."""
    return next((id_ for id_, _ in ASKED[Need(need)].choices if says(text, id_)), "")


def missing(sale: AfterSale) -> tuple[str, ...]:
    """What is still to be found out, in its order."""
    known = {each.partition(":")[0] for each in sale.has}
    return tuple(need for need in sale.needs if need not in known)


def told(sale: AfterSale, need: str) -> str:
    """What the buyer said about a need, "" if that is not known."""
    return next((said for name, _, said in (each.partition(":") for each in sale.has) if name == need), "")


def with_answer(sale: AfterSale, need: str, said: str = "") -> AfterSale:
    """The case with one thing more known."""
    return sale if need in _known(sale) else replace(sale, has=(*sale.has, f"{need}:{said}" if said else str(need)))


def with_choice(sale: AfterSale, need: Need, choice: str) -> AfterSale:
    """The case with the answer that the buyer chose."""
    return with_answer(sale, need, dict(ASKED[need].choices)[choice])


def with_shown(case: Case, sale: AfterSale, text: str = "") -> AfterSale:
    """The case with the photos that came and the weight that `text` names, as far as they were asked for."""
    on_photos = [need for need in sale.needs if need in ON_PHOTOS and not told(sale, need)]
    for need in on_photos[: _photos_of(case, sale)]:
        sale = with_answer(sale, need)
    weight = weight_in(text)
    return with_answer(sale, Need.WEIGHT, weight) if weight and Need.WEIGHT in sale.needs else sale


def named_in(text: str, needs: Sequence[str]) -> tuple[str, ...]:
    """Those of the needs that an agent names by their ids; what is seen on photos if he names none."""
    named = tuple(need for need in needs if re.search(rf"\b{need}\b", text))
    return named or tuple(need for need in needs if need in ON_PHOTOS)


def _photos_of(case: Case, sale: AfterSale) -> int:
    """All that are filed here; in a later round those that came since it began."""
    since = case.thread.opened_at - LATE if sale.round > 1 else EPOCH
    return sum(_is_photo(each) for each in case.evidence if each.at >= since)


def _is_photo(evidence: Evidence) -> bool:
    is_picture = evidence.media is Media.FILE and evidence.mime.startswith("image/")
    return is_picture or evidence.media in (Media.PHOTO, Media.VIDEO)


def _known(sale: AfterSale) -> set[str]:
    return {each.partition(":")[0] for each in sale.has}
