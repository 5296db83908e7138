"""What people saw and did, in words."""

from __future__ import annotations

from contextlib import suppress

from bot.console.labels import labels


def act_in_words(what: str, lang: str) -> str:
    """Such as "saw: Threads"; a page or an act without a name of its own by what it is called in the program."""
    kind, _, of = what.partition(".")
    say = labels("acts", lang)
    name = of.replace("_", " ")
    with suppress(KeyError):
        name = labels("frame", lang)(f"pages.{of}") if kind == "saw" else say(f"acts.{of}")
    return say(kind, name=name)
