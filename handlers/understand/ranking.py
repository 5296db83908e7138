"""Ranks what a message may mean, from the sure words, the linear model and, where it was prepared, its meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import exp, log

from followup.understood import Candidate, Intent
from handlers.understand import linear, meaning

# Where the words are neither clear nor quite open, the meaning is asked: there it changes what is acted on most often.
OPEN, CLEAR = 0.45, 0.82
SURE_BY_WORDS = 0.73
SURE_TOGETHER = 0.8
SURE_OF_FEW = 0.9  # of a message of few characters, or of a story in which much is said
FEW, MANY = 3, 45
MEANING_COUNTS = 0.35
CLAUSE_COUNTS = 0.8
SHORTEST_CLAUSE = 4
_CLAUSE = re.compile(r"[,.?]+|(?<=[一-鿿]) (?=[一-鿿])")
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Ranking:
    """How likely each intent is (together 1), best first, OTHER among them; and whether the best may be acted on."""

    shares: tuple[Candidate, ...]
    sure: bool
    by: str

    def share(self, intent: Intent) -> float:
        """How likely that intent is."""
        return next((each.score for each in self.shares if each.intent is intent), 0.0)


def is_clear(folded: str) -> bool:
    """Whether the linear model alone decides, so that nothing need be prepared."""
    return not OPEN <= max(linear.likely(folded).values()) < CLEAR


def rank(folded: str) -> Ranking:
    """Ranks the intents of a normalised text."""
    shares = linear.likely(folded)
    best = max(shares.values())
    meant = meaning.likely(folded) if OPEN <= best < CLEAR else None
    if meant:
        shares = _blend(shares, meant)
    first = max(shares, key=shares.__getitem__)
    sure = first is not Intent.OTHER and shares[first] >= _wanted(folded, meant is not None)
    by = "words and meaning" if meant else "words"
    ordered = sorted(_with_clauses(folded, shares, first).items(), key=lambda each: -each[1])
    return Ranking(tuple(Candidate(intent, round(score, 3)) for intent, score in ordered), sure, by)


def _wanted(folded: str, together: bool) -> float:
    """How likely an intent has to be, to be acted on alone."""
    few = not FEW <= len(folded) <= MANY and not folded.isascii()
    return max(SURE_TOGETHER if together else SURE_BY_WORDS, SURE_OF_FEW if few else 0.0)


def _blend(words: dict[Intent, float], meant: dict[Intent, float]) -> dict[Intent, float]:
    """The geometric mean of two opinions, as shares of 1."""
    both = {
        each: exp((1 - MEANING_COUNTS) * log(share + _LEAST) + MEANING_COUNTS * log(meant.get(each, 0.0) + _LEAST))
        for each, share in words.items()
    }
    total = sum(both.values())
    return {each: share / total for each, share in both.items()}


def _with_clauses(folded: str, shares: dict[Intent, float], first: Intent) -> dict[Intent, float]:
    """What single clauses say moves up behind the best: several intents in one message are all offered."""
    clauses = [each.strip() for each in _CLAUSE.split(folded) if len(each.strip()) >= SHORTEST_CLAUSE][:6]
    if len(clauses) < 2:
        return shares
    raised, most = dict(shares), shares[first]
    for clause in clauses:
        for intent, share in linear.likely(clause).items():
            raised[intent] = max(raised[intent], min(most * 0.999, share * CLAUSE_COUNTS))
    raised[first] = most
    return raised
