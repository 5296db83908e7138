"""What somebody asks of the list of threads, as it stands in the page's address, to be kept and gone back to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time, tzinfo
from urllib.parse import urlencode

from followup.desk.people import Person
from followup.model import Instant, State
from store.console.threads import Asked, Place

PATH = "/console/threads"
NOBODY, MINE, ALL, OPEN, OVER, UNFINISHED = "-", "me", "all", "open", "over", "unfinished"
"""Words that an address has for what is no name."""
LONGEST = 100
STATES: Mapping[str, frozenset[State]] = {
    OPEN: frozenset(state for state in State if not state.closed),
    OVER: frozenset(state for state in State if state.closed),
    ALL: frozenset(),
    UNFINISHED: frozenset((State.OPEN,)),
    **{state.value: frozenset((state,)) for state in State if state is not State.OPEN},
}
"""`open` is all that is not over; what the bot follows by itself is `unfinished`."""


@dataclass(frozen=True)
class View:
    """What the address asks for, each field a word of it. Where `state` says nothing, it is what is not over; of what
    is looked for, it is all."""

    q: str = ""
    kind: str = ""
    state: str = ""
    flag: str = ""
    agent: str = ""
    buyer: str = ""
    cause: str = ""
    shop: str = ""
    needs: str = ""
    late: str = ""
    today: str = ""
    after: str = ""
    before: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> View:
        """What stands in an address; what it has besides means nothing."""
        known = {each.name: given.get(each.name, "").strip()[:LONGEST] for each in fields(cls)}
        places = {name: given.get(name, "") for name in ("after", "before")}
        return cls(**{**known, **places})

    @property
    def url(self) -> str:
        """The address."""
        said = {each.name: value for each in fields(self) if (value := getattr(self, each.name))}
        return f"{PATH}?{urlencode(said)}" if said else PATH

    @property
    def shown_state(self) -> str:
        """The state that is asked for, said or not."""
        if self.state in STATES:
            return self.state
        return ALL if self.q or self.buyer or self.today else OPEN

    @property
    def places(self) -> tuple[Place | None, Place | None]:
        """Behind which place the page begins, or before which it ends."""
        return Place.read(self.after), Place.read(self.before)

    def asked(self, person: Person, now: Instant, zone: tzinfo) -> Asked:
        """The same for the database, of the shops that are his."""
        shops = person.shops or None
        if self.shop:
            shops = frozenset((self.shop,)) if person.works_for(self.shop) else frozenset()
        return Asked(
            shops=shops,
            kind=self.kind,
            states=STATES[self.shown_state],
            flag=self.flag,
            agent={"": None, NOBODY: "", MINE: person.id}.get(self.agent, self.agent),
            buyer=self.buyer,
            cause=self.cause,
            words=self.q,
            needs_person=bool(self.needs),
            late=bool(self.late),
            closed_since=datetime.combine(now.astimezone(zone), time(), zone) if self.today else None,
        )


QUICK: Mapping[str, View] = {
    "open": View(),
    "mine": View(agent=MINE),
    "nobody": View(agent=NOBODY),
    "late": View(late="1"),
    "unpaid": View(kind="unpaid_order"),
    "refunds": View(kind="pending_refund"),
    "reviews": View(kind="review_revision"),
    "today": View(today="1"),
}
"""What is asked for most, by name."""
