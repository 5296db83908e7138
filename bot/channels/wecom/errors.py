"""What WeCom's error codes mean to us.

Source: WeCom's table of global error codes (全局错误码) and its page on receiving messages, which names the fail types.
The table has no code for a `msgid` used before, though the page on sending says that it is refused: it is known by its
words, and where those are others the message counts as refused, so that a person looks at it.
"""

from __future__ import annotations

import re

from followup.events import Refusal
from followup.ports import NotYet

EXPIRED_ACCESS = frozenset({40014, 42001})
TOO_FAST = frozenset({45009, 45033})
BUSY = frozenset({-1, 6000})
BAD_SYNC_TOKEN = 95007
BAD_MEDIA = frozenset({40007})
WRONG_STATE = 95016
NO_SERVICER = frozenset({40003, 60111, 95014, 95019})
SETTINGS = frozenset(
    {40001, 40013, 40056, 41001, 41002, 41004, 48002, 60011, 60020, 95000, 95004, 95011, 95012, 95017, 95023, 301002}
)
"""A person has to mend these where WeCom is administered, or in our configuration."""

REFUSALS = {
    40003: Refusal.BLOCKED,
    40096: Refusal.BLOCKED,
    84061: Refusal.BLOCKED,
    41050: Refusal.WINDOW_CLOSED,
    41051: Refusal.WINDOW_CLOSED,
    95001: Refusal.QUOTA_USED,
    95002: Refusal.WINDOW_CLOSED,
    95003: Refusal.QUOTA_USED,
    95013: Refusal.WINDOW_CLOSED,
    WRONG_STATE: Refusal.WINDOW_CLOSED,
    95018: Refusal.WINDOW_CLOSED,
    95031: Refusal.WINDOW_CLOSED,
}
"""What will never be taken, and why; a code that is nowhere here is the fault of the message."""

MEANINGS = {
    40001: "wrong secret",
    40013: "wrong corp_id",
    41050: "the welcome code is used or older than 20 seconds",
    48002: "the app may not use customer service; tick it there under the apps that may call the API",
    60020: "this machine's address is not among the app's trusted IPs",
    95000: "wrong open_kfid",
    95001: "five messages since the buyer's last",
    95002: "48 hours since the buyer's last message",
    95004: "there is no such open_kfid",
    95011: "the secret is that of customer service alone, not of a WeCom app",
    95012: "customer service is not used within WeCom",
    95013: "the session is over",
    95017: "the account is not managed by API",
    95018: "a person of the shop has the session, or it is over",
}
FAILED = {
    0: (Refusal.CONTENT, "unknown reason"),
    1: (Refusal.CONTENT, "the customer service account is deleted"),
    2: (Refusal.CONTENT, "the app is closed"),
    4: (Refusal.WINDOW_CLOSED, "48 hours since the buyer's last message"),
    5: (Refusal.WINDOW_CLOSED, "the session is closed"),
    6: (Refusal.QUOTA_USED, "five messages since the buyer's last"),
    7: (Refusal.CONTENT, "no channel account is bound"),
    8: (Refusal.CONTENT, "the company is not verified"),
    9: (Refusal.CONTENT, "no channel account is bound and the company is not verified"),
    10: (Refusal.BLOCKED, "the buyer takes no messages"),
    11: (Refusal.CONTENT, "nobody of the company has logged in to WeCom"),
    12: (Refusal.CONTENT, "this type of message is forbidden"),
}
"""`fail_type` of the event msg_send_fail."""

_KNOWN_MSGID = re.compile(r"msg_?id\W.*(exist|repeat|duplicat|already|used)|(repeat|duplicat)\w*\W.*msg_?id", re.I)
_SECRETIVE = re.compile(r",? ?(hint: \[|from ip|more info).*", re.S)


class Unreachable(NotYet):
    """WeCom did not answer, or not with JSON. `sent`: the request may have got through all the same."""


class WecomError(NotYet):
    """WeCom answered with an error code."""

    def __init__(self, code: int, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(f"{code}: {MEANINGS.get(code) or _SECRETIVE.sub('', text)[:200]}")

    @property
    def repeated(self) -> bool:
        """The msgid was used before: the message is there already."""
        return self.code not in REFUSALS and _KNOWN_MSGID.search(self.text) is not None
