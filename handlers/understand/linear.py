"""The linear model over the features: how likely each intent is, in some hundred microseconds, without numpy."""

from __future__ import annotations

import zlib
from functools import cache
from math import exp, sqrt

import orjson

from followup.understood import Intent
from handlers.understand.features import features
from handlers.understand.phrase_lines import FOLDER

FILE = FOLDER / "linear.bin"
SCALE = 16
Weights = dict[str, list[int]]


@cache
def model() -> tuple[str, list[Intent], list[float], Weights]:
    """The digest of what it was trained from, the intents, their biases, and each feature's weight and votes."""
    raw = orjson.loads(zlib.decompress(FILE.read_bytes()))
    return raw["digest"], [Intent(each) for each in raw["intents"]], raw["bias"], raw["weights"]


def write(digest: str, intents: list[str], bias: list[float], weights: Weights) -> None:
    """Stores a trained model: `weights` has for a feature its weight, then pairs of intent and vote, times SCALE."""
    raw = {"digest": digest, "intents": intents, "bias": bias, "weights": weights}
    FILE.write_bytes(zlib.compress(orjson.dumps(raw), 9))


def likely(folded: str) -> dict[Intent, float]:
    """How likely each intent is for a normalised text; together 1."""
    _, intents, bias, weights = model()
    sums, length = [0.0] * len(intents), 0
    for each in features(folded):
        if known := weights.get(each):
            weight = known[0]
            length += weight * weight
            for at in range(1, len(known), 2):
                sums[known[at]] += weight * known[at + 1]
    scale = 1 / (SCALE * sqrt(length)) if length else 0.0
    return dict(
        zip(intents, softmax([each * scale + start for each, start in zip(sums, bias, strict=True)]), strict=True)
    )


def softmax(scores: list[float]) -> list[float]:
    """Scores as shares of 1."""
    top = max(scores)
    powers = [exp(each - top) for each in scores]
    total = sum(powers)
    return [each / total for each in powers]
