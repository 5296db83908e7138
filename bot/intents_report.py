"""Shows scores, explanations and learnt phrases of the intents."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bot.commands.common import console, print_table
from bot.intents_eval import ZONE, Score, Understands, share
from bot.routine.tables import safe
from followup.model import Instant
from followup.understood import Intent
from handlers.understand import prepare
from handlers.understand.meaning import available
from handlers.understand.normalise import normalise
from handlers.understand.reading import ANGRY

if TYPE_CHECKING:
    from bot.learnt_phrases import Entry


def as_object(score: Score) -> str:
    """One JSON object: n, accuracy, top3, precision, coverage, by_intent."""
    figures = {
        "n": len(score.all),
        "accuracy": score.accuracy,
        "top3": score.top3,
        "precision": score.precision,
        "coverage": score.coverage,
        "by_intent": {intent.value: _of_intent(score, intent) for intent in Intent if score.of(intent)},
    }
    return json.dumps(figures, ensure_ascii=False)


def _of_intent(score: Score, intent: Intent) -> dict[str, object]:
    rows = score.of(intent)
    acted = [each for each in score.all if each.acted and each.heard.intent is intent]
    found: dict[str, object] = {
        "n": len(rows),
        "accuracy": share(each.hit for each in rows),
        "top3": share(each.in_first for each in rows),
        "coverage": share(each.acted for each in rows),
        "acted": len(acted),
        "precision": share(each.acted_right for each in acted),
    }
    if intent in ANGRY:
        found["angry"] = share(each.heard.angry for each in rows)
    return found


def show(score: Score) -> None:
    """Prints the figures, then each intent with what its messages were mistaken for."""
    console().print(
        f"{len(score.all)} messages, {len(score.meant)} of them with an intent.\n"
        f"accuracy {score.accuracy:.3f}   top 3 {score.top3:.3f}   "
        f"acting alone: precision {score.precision:.3f}, coverage {score.coverage:.3f}"
    )
    print_table(["intent", "n", "accuracy", "top 3", "acts alone", "precision", "mistaken for"], _table(score))


def _table(score: Score) -> Iterator[list[str]]:
    for intent in Intent:
        if score.of(intent):
            of = _of_intent(score, intent)
            mistaken = ", ".join(f"{each} {count}" for each, count in score.mistaken(intent).most_common())
            precision = of["precision"] if of["acted"] else "-"
            yield [
                intent.value,
                *(str(of[name]) for name in ("n", "accuracy", "top3", "coverage")),
                str(precision),
                mistaken,
            ]


def explained(text: str, understands: Understands, lang: str, now: Instant) -> list[list[str]]:
    """What there is to say of one message that arrives now, as rows of a name and a value."""
    prepare(text)
    heard = understands(text, now, ZONE, lang)
    rows = [
        ("intent", f"{heard.intent}" if heard.sure else f"{heard.intent}: not sure, a person decides"),
        ("why", heard.why or "no words that are sure, and no intent stands out"),
        ("candidates", "\n".join(f"{each.intent} {each.score:.2f}" for each in heard.candidates) or "none"),
        ("read as", normalise(text)),
        ("language", heard.lang or "not told"),
        ("angry", "yes" if heard.angry else "no"),
        ("orders", ", ".join(heard.orders)),
        ("tracking", ", ".join(heard.tracking)),
        ("amounts", ", ".join(f"{each.value} {each.currency}".strip() for each in heard.amounts)),
        ("weights", ", ".join(f"{each} g" for each in heard.weights)),
        ("times", ", ".join(f"{each.astimezone(ZONE):%Y-%m-%d %H:%M}" for each in heard.times)),
        ("meaning", "extra `intents` is installed" if available() else "extra `intents` is not installed: words only"),
    ]
    return [[name, value] for name, value in rows if value]


def csv_of(entries: Iterable[Entry]) -> str:
    """Learnt phrases as CSV with the columns text, label, by, at."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["text", "label", "by", "at"])
    table.writerows([_cell(each.text), each.intent, _cell(each.by), each.at] for each in entries)
    return out.getvalue()


def _cell(text: str) -> str:
    """What a buyer wrote, and no formula; a lone CR would begin a row."""
    return safe(text.replace("\r", " "))
