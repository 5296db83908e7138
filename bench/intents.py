"""How long it takes to understand a message, alone and with its meaning prepared, and to load the models."""

from __future__ import annotations

import csv
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from handlers.understand import meaning, prepare, understand

NOW = datetime(2026, 3, 11, 6, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
MESSAGES = Path(__file__).parent.parent / "tests" / "handlers" / "understand" / "messages"
LOADING = (
    "import time; began = time.perf_counter()\n"
    "from datetime import UTC, datetime; from zoneinfo import ZoneInfo\n"
    "from handlers.understand import prepare, understand\n"
    "prepare('家里人说没人来送过啊'); understand('什么时候发货', datetime(2026, 3, 11, tzinfo=UTC), ZoneInfo('UTC'))\n"
    "print(time.perf_counter() - began)"
)


def _texts() -> list[str]:
    files = sorted(MESSAGES.glob("*.csv"))
    return [row["text"] for file in files for row in csv.DictReader(file.read_text("utf-8").splitlines())]


def _timed(act: Callable[[str], object], texts: list[str]) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds."""
    taken = []
    for text in texts:
        began = time.perf_counter()
        act(text)
        taken.append((time.perf_counter() - began) * 1e3)
    return round(statistics.median(taken), 2), round(statistics.quantiles(taken, n=100)[98], 2)


def bench(_folder: Path) -> dict[str, object]:
    """Milliseconds a message over the messages of the tests, each once, and seconds to load."""
    texts = _texts()
    understand(texts[0], NOW, ZONE)
    prepare("家里人说没人来送过啊")
    prepared = _timed(prepare, texts)
    loading = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=True)  # noqa: S603
    return {
        "prepare_ms": prepared,
        "understand_ms": _timed(lambda text: understand(text, NOW, ZONE), texts),
        "load_s": round(float(loading.stdout), 2),
        "extra": meaning.available(),
        "wanted": "median < 1 ms, p99 < 80 ms, load < 2 s",
        "raw": f"{len(texts)} messages, (median, p99) of each",
    }
