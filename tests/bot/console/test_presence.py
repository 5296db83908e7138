"""Who is looking at a thread: the others hear of it at once, and nobody of himself."""

from __future__ import annotations

from bot.console.presence import Presence, Seen
from followup.desk.people import Person

LI, WANG = Person("li", "Li"), Person("wang", "Wang")
Told = list[tuple[Seen, ...]]


def test_two_see_each_other() -> None:
    """Whoever comes second finds the first, who is told of him; when he leaves that is told too."""
    here, of_li, of_wang = Presence(), Told(), Told()
    here.enter("t", LI, of_li.append)
    leave = here.enter("t", WANG, of_wang.append)
    assert ([(), (Seen(WANG),)], [(Seen(LI),)]) == (of_li, of_wang)
    leave()
    leave()
    assert [(), (Seen(WANG),), ()] == of_li
    assert (LI,) == here.at("t")


def test_another_thread_is_another_place() -> None:
    """Who looks at another matter is not here."""
    here, of_li = Presence(), Told()
    here.enter("t", LI, of_li.append)
    here.enter("u", WANG, lambda _: None)
    assert [()] == of_li


def test_somebody_with_two_pages_is_there_once() -> None:
    """He is there until the last of them is closed, and is not shown to himself."""
    here, of_li = Presence(), Told()
    stays = [here.enter("t", WANG, lambda _: None) for _ in range(2)]
    here.enter("t", LI, of_li.append)
    stays[0]()
    assert [(Seen(WANG),), (Seen(WANG),)] == of_li
    stays[1]()
    assert () == of_li[-1]


def test_who_writes_is_seen_to_write() -> None:
    """Once when he begins and once when he stops, whichever of his pages it is."""
    here, of_li = Presence(), Told()
    here.enter("t", LI, of_li.append)
    here.enter("t", WANG, lambda _: None)
    stay = here.enter("t", WANG, lambda _: None)
    before = len(of_li)
    stay.writes(True)
    stay.writes(True)
    stay.writes(False)
    assert [(Seen(WANG, True),), (Seen(WANG),)] == of_li[before:]


def test_nothing_is_kept_of_who_left() -> None:
    """An empty place is forgotten."""
    here = Presence()
    here.enter("t", LI, lambda _: None)()
    assert () == here.at("t")
    assert {} == here._here
