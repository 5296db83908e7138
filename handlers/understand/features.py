"""What the linear model sees of a message: pieces of its words, and concepts that are spelt in many ways."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

import ahocorasick

from handlers.understand.normalise import HAN
from handlers.understand.phrase_lines import FOLDER

LONGEST = 400
NOTHING = "nothing"
_BETWEEN_HAN = re.compile(f"(?<=[{HAN}]) +(?=[{HAN}])")
_LONG_NUMBER = re.compile("0{5,}")
_DIGIT = re.compile(r"\d")
_NOT = re.compile("(?:不是?|没有?|别|未|无|不用|不会|don ?t|not|no|sin)[^,.?]{0,2}$")
_TOKEN = re.compile(r"[a-z]+|[^\sa-z]")
_COUNT = re.compile("[一二两三四五六七八九十几]+(?=[天个包袋盒件瓶箱条双片套罐斤岁周块元次号])")
_BEFORE = (
    "亲爱的|亲亲|亲|你好|您好|请问|(?:我?想|我)?(?:问|咨询|请教)[一]?下|我?想问|那个|那|哈喽|哈罗|老板|客服|掌柜|美女|在吗|在么"
    "|(?:hi|hello|hey|hola|buenas|buenos dias|please|excuse me|disculpa)(?![a-z])"
)
_THANKS = "谢谢[你您啦了]?|谢了|多谢|please|pls|thank you|thanks|thx|gracias|por favor|porfa"
_ENOUGH = "(?=[^a-z]{3}|.{9})"
_POLITELY_BEFORE = re.compile(
    rf"(?:(?:{_BEFORE})[\s,.呀啊哈哦]*{_ENOUGH})+|(?:(?:好的|嗯+|哦+|噢|恩+|ok)[\s,.]*(?=[^a-z]{{5}}))+"
)
_POLITELY_AFTER = re.compile(
    rf"(?:[\s,.]*(?:(?<=....)(?<![a-z])(?:{_THANKS})|(?<=..)(?:亲亲?|哈|呀|哦|噢|啊|哒|诶)))+[\s,.]*$"
)


def core(folded: str) -> str:
    """Normalised text without the polite words around it; what is nothing but polite is left as it is."""
    before = _POLITELY_BEFORE.match(folded)
    text = folded[before.end() :] if before else folded
    return _POLITELY_AFTER.sub("", text)


def fold(folded: str) -> str:
    """The core of a normalised text, no spaces between Chinese characters; counts and digits 0, long numbers alike."""
    text = _COUNT.sub("0", _BETWEEN_HAN.sub("", core(folded[:LONGEST])))
    return _LONG_NUMBER.sub("0000", _DIGIT.sub("0", text))


@cache
def _concepts() -> ahocorasick.Automaton:
    names: dict[str, set[str]] = {}
    for line in (FOLDER / "concepts.txt").read_text("utf-8").splitlines():
        name, colon, words = line.partition(": ")
        if colon and not line.startswith("#"):
            for word in words.split(","):
                names.setdefault(word.removeprefix(" "), set()).add(name)
    found = ahocorasick.Automaton()
    for word, meant in names.items():
        if word:
            found.add_word(word, (word, tuple(meant)))
    found.make_automaton()
    return found


def concepts(folded: str) -> set[str]:
    """The concepts that a normalised text names, and `no concept` where a negation stands close before its word.

    A Latin word counts only where it begins.
    """
    padded = f" {_BETWEEN_HAN.sub('', core(folded[:LONGEST]))} "
    matches = [
        (range(end - len(word) + 1, end + 1), names)
        for end, (word, names) in _concepts().iter(padded)
        if not (word[0].isascii() and word[0].isalpha() and _is_latin(padded[end - len(word)]))
    ]
    hidden = {at for place, names in matches if NOTHING in names for at in place}
    seen = [match for match in matches if NOTHING not in match[1] and not hidden.issuperset(match[0])]
    denied = {f"no {name}" for place, names in seen if _NOT.search(padded[: place.start]) for name in names}
    return denied | {name for _, names in seen for name in names}


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def features(folded: str) -> set[str]:
    """Runs of up to three characters or Latin words, parts of long words, and `@concepts` of a normalised text."""
    tokens = ["^", *_TOKEN.findall(fold(folded)), "$"]
    found = set(tokens)
    found.update(map(" ".join, pairwise(tokens)))
    found.update(map(" ".join, zip(tokens, tokens[1:], tokens[2:], strict=False)))
    for token in tokens:
        if len(token) > 3:
            found.update(f"~{f'<{token}>'[at : at + 4]}" for at in range(len(token) - 1))
    found.update("@" + name for name in concepts(folded))
    return found
