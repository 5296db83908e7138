"""The checker finds every kind of break: a check that finds nothing must mean that there is nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from followup.model import Outgoing, OutgoingState, Raw, Reminder, ReminderState, Role
from store.store import SqlStore
from tests.chaos.files import Hearing, told_in
from tests.chaos.promises import Told, broken
from tests.store.ledgers import HELP, SENT, THREAD, a_decision, ledger
from tests.store.makers import NOON, a_message, a_reminder, a_task, a_thread

UNSURE: dict[str, Any] = {"state": OutgoingState.UNSURE, "history": ("started@1", "unsure@2"), "attempts": 1}
HOUR = timedelta(hours=1)


def said(id_: str, role: Role = Role.NUDGE, **more: Any) -> Outgoing:
    """A message that was sent, unless told otherwise."""
    sent = {"state": OutgoingState.SENT, "history": SENT, "attempts": 1, "sent_at": NOON}
    return a_message(id_, role=role, **{**sent, **more})


def told(*ids: str, chat: str = "s/manual/b1") -> list[Told]:
    """What the receiving end heard, in this order."""
    return [Told(chat, id_, NOON) for id_ in ids]


def keep(store: SqlStore, *items: object) -> str:
    """A ledger with these rows, each message allowed by a decision; returns its address."""
    about = [item.id for item in items if isinstance(item, Outgoing | Reminder)]
    ledger(store, a_thread(), *items, decided=map(a_decision, about))
    return store.engine.url.render_as_string(hide_password=False)


def test_a_whole_ledger_breaks_nothing(sql_store: SqlStore) -> None:
    """What was sent and heard once, what waits for later, and what is unsure and shown, are all as promised."""
    later = a_message("later", due_at=NOON + HOUR)
    shown = a_task(f"{THREAD}/unsure/maybe"), a_task("t2", outgoing="handed")
    listed = a_task("t3", text="may have gone: listed")
    unsure = [a_message(id_, **UNSURE) for id_ in ("maybe", "handed", "listed")]
    url = keep(sql_store, said("m1"), said("m2"), *unsure, *shown, listed, later, a_reminder(due=NOON + HOUR))
    assert [] == broken(url, told("m1", "m2", "maybe"), by=NOON)


@pytest.mark.parametrize("role", [Role.NUDGE, Role.NOTICE, Role.REPLY])
def test_doubled(sql_store: SqlStore, role: Role) -> None:
    """A message that was heard twice without any reason is found, whoever's words it is."""
    url = keep(sql_store, said("m1", role))
    (sentence,) = broken(url, told("m1", "m1"))
    assert sentence == f"doubled: m1 was told 2 times to s/manual/b1 (a {role.value}, 0 attempts uncertain)"


@pytest.mark.parametrize(("role", "times", "count"), [(Role.REPLY, 2, 0), (Role.REPLY, 3, 1), (Role.NUDGE, 2, 1)])
def test_an_answer_may_be_repeated_if_nobody_knew(sql_store: SqlStore, role: Role, times: int, count: int) -> None:
    """An answer comes once more for each attempt that was uncertain; words of our own never do."""
    history = ("started@1", "unsure@2", "started@3", "accepted@4")
    url = keep(sql_store, said("m1", role, history=history, attempts=2))
    doubled = [one for one in broken(url, told(*["m1"] * times)) if one.startswith("doubled")]
    assert count == len(doubled)


def test_said_but_never_heard(sql_store: SqlStore) -> None:
    """A message that counts as sent and reached nobody is found."""
    url = keep(sql_store, said("m1"))
    assert ["lost: m1 counts as sent to s/manual/b1, but nobody heard it"] == broken(url, [])


def test_heard_but_not_in_the_ledger(sql_store: SqlStore) -> None:
    """A message that was heard and stands nowhere, or of which no attempt is known, is found."""
    url = keep(sql_store, a_message("m1"))
    sentences = [
        "lost: gone was told to s/manual/b1, but the ledger knows nothing of it",
        "lost: m1 was told to s/manual/b1, but its history knows of no attempt",
    ]
    assert sentences == broken(url, told("gone", "m1"))


def test_heard_by_somebody_else(sql_store: SqlStore) -> None:
    """A message that reached another chat is found."""
    url = keep(sql_store, said("m1"))
    assert ["astray: m1 was told to s/manual/b2, but it was for s/manual/b1"] == broken(
        url, told("m1", chat="s/manual/b2")
    )


def test_never_done(sql_store: SqlStore) -> None:
    """What was due and is not done at the end is found: planned, waiting, or still being sent."""
    waits = a_message("waits")
    hangs = a_message("hangs", state=OutgoingState.SENDING, history=("started@1",), attempts=1)
    url = keep(sql_store, waits, hangs, a_reminder())
    sentences = [
        f"lost: {HELP} was due, but it is still planned",
        "lost: waits was due, but it is still due",
        "lost: hangs was due, but it is still sending",
    ]
    assert sentences == broken(url, [], by=NOON)
    assert [] == broken(url, [])


def test_never_heard(sql_store: SqlStore) -> None:
    """An event that was acknowledged and not handled is found."""
    url = keep(sql_store, Raw("fake", "e1", b"{}", NOON))
    (sentence,) = broken(url, [], by=NOON + 2 * HOUR)
    assert sentence.startswith("audit: unheard fake/e1: ")


def test_disordered(sql_store: SqlStore) -> None:
    """A message that was told after one that stands behind it is found."""
    url = keep(sql_store, said("m1"), said("m2"), said("m3"))
    (sentence,) = broken(url, told("m2", "m1", "m3"))
    assert sentence == "disordered: m1 was told to s/manual/b1 after m2, which stands behind it"


def test_an_answer_may_overtake_only_our_own_words(sql_store: SqlStore) -> None:
    """A reply may come before a nudge that waits; nothing else may."""
    url = keep(sql_store, said("n1"), said("r1", Role.REPLY), said("n2"), said("r2", Role.REPLY))
    assert [] == broken(url, told("r1", "r2", "n1", "n2"))
    assert 1 == len(broken(url, told("r2", "n1", "r1", "n2")))
    assert 1 == len(broken(url, told("n1", "n2", "r1", "r2")))


def test_hidden(sql_store: SqlStore) -> None:
    """A message that is unsure and that no task tells of is found, in spite of tasks about others."""
    url = keep(sql_store, a_message("m1", **UNSURE), a_task("t1", text="m"), a_task("x/unsure/m1", thread="other"))
    assert ["hidden: m1 is unsure, but no task tells a person"] == broken(url, told("m1"))


def test_the_audit_counts(sql_store: SqlStore) -> None:
    """Whatever the audit finds is a broken promise too."""
    url = keep(sql_store, said("m1", history=("started@1", "accepted@2", "started@3", "accepted@4"), attempts=2))
    assert "audit: sent_twice m1: the channel accepted it 2 times" in broken(url, told("m1"))


def test_a_fired_reminder_without_a_word(sql_store: SqlStore) -> None:
    """A reminder that was dropped without a decision is found."""
    ledger(sql_store, a_thread(), a_reminder(state=ReminderState.FIRED))
    url = sql_store.engine.url.render_as_string(hide_password=False)
    assert [f"audit: lost {HELP}: a planned word was dropped, and no decision tells why"] == broken(url, [])


def test_what_is_heard_is_read_as_it_was_written(tmp_path: Any) -> None:
    """The receiving end's file keeps chat, id and time in the order of arrival, and no file is empty."""
    path = tmp_path / "heard.txt"
    assert [] == told_in(path)
    Hearing(path).hear(a_message("m1"), NOON)
    Hearing(path).hear(a_message("m2"), NOON + timedelta(microseconds=7))
    assert [Told("s/manual/b1", "m1", NOON), Told("s/manual/b1", "m2", NOON + timedelta(microseconds=7))] == told_in(
        path
    )
