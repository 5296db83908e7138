"""The served demo as a process of its own: what it prints for the owner and for the buyer."""

from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.browser.tea import HUIFANG

CONSOLE, CHAT = re.compile(r"http\S+/console/login\S*"), re.compile(r"http\S+/chat\S*")
LONGEST = 600


class Demo:
    """`console` logs the owner in; `chat` is the buyer's link."""

    def __init__(self, folder: Path, lang: str = "zh-CN") -> None:
        self.folder, self._lang = folder, lang
        self.console = self.chat = ""
        self._process: subprocess.Popen[str]

    def __enter__(self) -> Self:
        command = [HUIFANG, "demo", "--for", str(LONGEST), "--lang", self._lang]
        self._process = subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        told = ""
        while not (self.console and self.chat):
            line = self._process.stdout.readline() if self._process.stdout else ""
            told += line
            assert line, told
            self.console = self.console or _first(CONSOLE, line)
            self.chat = self.chat or _first(CHAT, line)
        return self

    @property
    def url(self) -> str:
        """Where everything is served."""
        return self.console.partition("/console/")[0]

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=60)


def _first(pattern: re.Pattern[str], line: str) -> str:
    found = pattern.search(line)
    return found[0] if found else ""
