"""How a buyer who is erased is called since, in ids and in texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from followup.desk.verbs import Verb
from store.him import Him

_ID_ENDS = r"(?=[/ #@]|$)"
_CODE = re.compile(rf"(?:{'|'.join(Verb)}|[a-z]+(?:_[a-z]+)+)(?: [a-z]+(?:_[a-z]+)+)?(?= |$)")


class Renamed:
    """His ids and names in any text, as they read from now on."""

    def __init__(self, him: Him, names: Mapping[str, str]) -> None:
        self._exact = dict(names)
        for chat in him.chats:
            tail = chat.id.removeprefix(f"{chat.shop}/{chat.channel}/")
            who = tail.removeprefix("?") if not chat.address else tail
            mark = tail[: len(tail) - len(who)]
            self._exact[chat.id] = f"{chat.shop}/{chat.channel}/{mark}{names.get(who, who)}"
        whole = {id_: new for id_, new in self._exact.items() if id_.startswith(f"{him.shop}/")}
        whole |= {f"{him.shop}/@{who}": f"{him.shop}/@{self._exact.get(who, who)}" for who in him.accounts}
        self._whole, self._anywhere = whole, {**self._exact, **whole, **dict.fromkeys(him.names, "…")}
        self._threads = him.threads
        self._ids, self._texts = any_of(self._whole, _ID_ENDS), any_of(self._anywhere)
        self.accounts = sorted(self._exact[who] for who in him.accounts if who in self._exact)
        self.chats = sorted(self._exact[chat.id] for chat in him.chats)

    def id(self, value: str) -> str:
        """An id or a text of his rows, wherever he is named in it."""
        whole = self._ids.sub(lambda found: self._whole[found[0]], value)
        return self._exact.get(value) or self._texts.sub(lambda found: self._anywhere[found[0]], whole)

    def ids(self, value: str) -> str:
        """A list of threads, of which only his are renamed."""
        return " ".join(self.id(each) if each in self._threads else each for each in value.split())

    def json(self, value: str) -> str:
        """Every text of a JSON document."""
        return orjson.dumps(self._inside(orjson.loads(value))).decode() if value else value

    def _inside(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.id(value)
        return [self._inside(each) for each in value] if isinstance(value, list) else value

    def code(self, value: str) -> str:
        """The act that a note tells of, without what was said."""
        return self.id(act_of(value))


def act_of(note: str) -> str:
    """The act that a note tells of, without what was said; "" if it tells of none."""
    found = _CODE.match(note)
    return found[0] if found else ""


def any_of(words: Iterable[str], ends: str = r"(?!\w)") -> re.Pattern[str]:
    longest_first = sorted(filter(None, words), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))}){ends}" if longest_first else r"(?!)")
