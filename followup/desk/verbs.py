"""What the shop's people can tell the bot to do, in chat and on the command line."""

from __future__ import annotations

from enum import StrEnum


class Verb(StrEnum):
    """One thing somebody can do; `followup.desk.command` reads them in both languages."""

    TAKE = "take"
    GIVE = "give"
    NOTE = "note"
    FLAG = "flag"
    SNOOZE = "snooze"
    PROMISE = "promise"
    RESOLVE = "resolve"
    REMEDY = "remedy"
    OFFER = "offer"
    REOPEN = "reopen"
    NOW = "now"
    SKIP = "skip"
    MOVE = "move"
    SEARCH = "search"
    SEND = "send"
    SAY = "say"
    APPROVE = "approve"
    REFUSE = "refuse"
    PAUSE = "pause"
    RESUME = "resume"
    ERASE = "erase"
    DONE = "done"
    FAILED = "failed"
    LATER = "later"
    TASKS = "tasks"
    HELP = "help"
