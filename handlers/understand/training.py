"""Learns the models from the phrases: `huifang intents train`. Needs scikit-learn (dev) and the extra `intents`."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from math import sqrt
from typing import Any

from handlers.understand import linear, meaning
from handlers.understand.features import core, features
from handlers.understand.normalise import normalise
from handlers.understand.phrase_lines import digest, phrases, wordings

LINEAR_WORDINGS = 16
MEANING_WORDINGS = 6
LEAST_VOTE = 0.25
SPREAD = 5  # the vectors lie close together; spread out, the fit converges in seconds


def _examples(most: int) -> Iterator[tuple[str, str, float]]:
    """Normalised wordings, their intents, and how much each counts: a line of many wordings counts for less each.

    What several intents say alike is left to the line with the fewest wordings, which means it most.
    """
    best: dict[str, tuple[float, str]] = {}
    for phrase in phrases():
        found = wordings(phrase.line, most)
        for each in found:
            best.setdefault(text := core(normalise(each)), (0.0, ""))
            best[text] = max(best[text], (1 / sqrt(len(found)), phrase.intent.value))
    return ((text, intent, counts) for text, (counts, intent) in best.items() if text)


def train() -> dict[str, int]:
    """Writes both models beside the phrases; returns how many examples and features they have."""
    # The linear fit is ended early on purpose: further rounds take minutes and change no figure.
    warnings.filterwarnings("ignore", "lbfgs failed to converge")
    texts, intents, counts = zip(*_examples(LINEAR_WORDINGS), strict=True)
    kept = _train_linear(list(texts), list(intents), list(counts))
    near = list(_examples(MEANING_WORDINGS))
    _train_meaning(near)
    return {"linear_examples": len(texts), "linear_features": kept, "meaning_examples": len(near)}


def _train_linear(texts: list[str], intents: list[str], counts: list[float]) -> int:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectors = TfidfVectorizer(analyzer=lambda text: sorted(features(text)), min_df=2, binary=True)
    rows = vectors.fit_transform(texts)
    fitted = LogisticRegression(C=20, max_iter=80).fit(rows, intents, sample_weight=counts)
    weights = {}
    for feature, at in sorted(vectors.vocabulary_.items()):
        votes = _votes(fitted.coef_[:, at])
        weights[feature] = [round(linear.SCALE * float(vectors.idf_[at])), *votes]
    linear.write(digest(), list(fitted.classes_), [round(float(each), 3) for each in fitted.intercept_], weights)
    return len(weights)


def _votes(column: Any) -> list[int]:
    votes = [(at, round(linear.SCALE * float(vote))) for at, vote in enumerate(column) if abs(vote) >= LEAST_VOTE]
    return [number for vote in votes for number in vote]


def _train_meaning(examples: list[tuple[str, str, float]]) -> None:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    texts, intents, counts = zip(*examples, strict=True)
    parts = [meaning.embed(list(texts[at : at + 256])) for at in range(0, len(texts), 256)]
    vectors = np.vstack(parts)
    middle = vectors.mean(0)
    fitted = LogisticRegression(C=30, max_iter=300).fit((vectors - middle) * SPREAD, intents, sample_weight=counts)
    votes = fitted.coef_ * SPREAD
    bias = fitted.intercept_ - votes @ middle
    weights = np.hstack([votes, bias[:, None]]).astype("float16")
    np.savez_compressed(meaning.FILE, intents=np.array(fitted.classes_), weights=weights, digest=np.array(digest()))
