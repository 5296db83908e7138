"""No query of one shop sees another's rows."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine

import store
from bot.evidence.files import EvidenceFolder
from followup.desk.erased import digest_of
from followup.desk.records import Suppressed
from followup.model import (
    Buyer,
    Cursor,
    Decided,
    Decision,
    Note,
    Order,
    OutgoingState,
    Parcel,
    ParcelStatus,
    State,
    Status,
    Task,
    Verdict,
)
from store import (
    alert_views,
    case_views,
    clock_views,
    evidence_views,
    figures,
    him,
    link_views,
    register_views,
    routine_views,
    suppression,
    sweep_views,
    views,
    webchat_views,
)
from store.console import calendar, scripts, settings, simulate, thread, thread_rows, threads, today
from store.engine import open_engine
from store.figures.clocks import waiting
from store.figures.scope import By, Scope
from store.figures.unpaid import groups
from store.store import SqlStore
from store.tx import Tx
from store.wanted import NOTHING
from tests.handlers.desk.erasable import HIS, SHOP, TG, full_shop
from tests.store.makers import DAY, NOON, a_message, a_reminder, a_thread, an_order
from tests.store.twins import OTHER, with_twin

Look = Callable[[Connection], Any]
SINCE, UNTIL = NOON - 40 * DAY, NOON + 40 * DAY
ONE = frozenset({SHOP})
THREAD, CASE, CHAT = f"{SHOP}/o1/pending_refund", f"{SHOP}/o1/after_sales", f"{SHOP}/{TG}/{HIS['address']}"
STEPS = {SHOP: timedelta(hours=24), OTHER: timedelta(hours=24)}
SPAN = calendar.Span(SINCE, UNTIL, NOON)
SEEN = threads.Asked(shops=ONE)
TODAY = today.Asked(ONE, "li", SINCE, NOON)


def scope(by: By = By.DAY) -> Scope:
    return Scope(SHOP, ZoneInfo("Asia/Shanghai"), SINCE, UNTIL, UNTIL, by)


def order(connection: Connection) -> Order:
    return next(each for each in link_views.orders_of(connection, "o1") if each.shop == SHOP)


ASKED: dict[str, Look] = {
    "alert_views.to_tell": lambda c: alert_views.to_tell(c, [SHOP], UNTIL, 100),
    "alert_views.shown": lambda c: alert_views.shown(c, [SHOP], SINCE),
    "clock_views.ticking": lambda c: clock_views.ticking(c, SHOP),
    "console.calendar.counted": lambda c: calendar.counted(c, ONE, SPAN, STEPS),
    "console.calendar.next_planned": lambda c: calendar.next_planned(c, ONE, SINCE),
    "console.calendar.touches": lambda c: calendar.touches(c, ONE, SPAN),
    "console.calendar.around": lambda c: calendar.around(c, [(SHOP, HIS["account"])]),
    "console.scripts.fitting": lambda c: scripts.fitting(c, (), [SHOP], 100),
    "console.scripts.named": lambda c: [scripts.named(c, each, ONE) for each in ("o1", THREAD, "o3")],
    "console.settings.acts": lambda c: settings.acts(c, shops=ONE, most=1000),
    "console.simulate.known_orders": lambda c: list(simulate.known_orders(c, SHOP, None, 1000)),
    "console.simulate.how_many": lambda c: simulate.how_many(c, SHOP),
    "console.thread.thread_page": lambda c: [thread.thread_page(c, each) for each in (THREAD, CASE, CHAT)],
    "console.thread.said_by_people": lambda c: thread.said_by_people(c, [THREAD], SINCE),
    "console.thread_rows.rows_of": lambda c: thread_rows.rows_of(c, [THREAD, CASE]),
    "console.threads.page": lambda c: [
        threads.page(c, asked, NOON)
        for asked in (
            SEEN,
            threads.Asked(shops=ONE, words="o1"),
            threads.Asked(shops=ONE, words=HIS["name"]),
            threads.Asked(shops=ONE, words=HIS["words"]),
            threads.Asked(shops=ONE, words="YTo1"),
            threads.Asked(shops=ONE, buyer=HIS["account"]),
            threads.Asked(shops=ONE, needs_person=True),
            threads.Asked(shops=ONE, late=True),
            threads.Asked(shops=ONE, agent=""),
            threads.Asked(shops=ONE, closed_since=SINCE),
        )
    ],
    "console.today.day": lambda c: today.day(c, TODAY),
    "console.today.waiting": lambda c: today.waiting(c, ONE, "li", today.Whose.ALL),
    "console.today.how_many": lambda c: today.how_many(c, ONE, "li"),
    "console.today.unsure": lambda c: today.unsure(c, ONE),
    "console.today.said": lambda c: today.said(c, ONE, SINCE),
    "console.today.latest_said": lambda c: today.latest_said(c, ONE, SINCE, limit=1000),
    "console.today.held": lambda c: today.held(c, ONE, SINCE, NOON),
    "console.today.latest_held": lambda c: today.latest_held(c, ONE, SINCE, limit=1000),
    "console.today.figures": lambda c: today.figures(c, ONE, SINCE),
    "evidence_views.of_threads": lambda c: evidence_views.of_threads(c, [THREAD]),
    "evidence_views.matter": lambda c: evidence_views.matter(c, [THREAD, CASE]),
    "figures.count_all": lambda c: [figures.count_all(c, scope(by)) for by in By],
    "figures.clocks.waiting": lambda c: waiting(c, SHOP, NOON),
    "figures.unpaid.groups": lambda c: groups(c, scope()),
    "him.find": lambda c: him.find(c, SHOP, HIS["account"]),
    "link_views.buyer_of": lambda c: link_views.buyer_of(c, order(c)),
    "link_views.chats_of": lambda c: link_views.chats_of(c, Buyer(SHOP, HIS["account"])),
    "link_views.unlinked": lambda c: link_views.unlinked(c, SHOP, ["o1", "o3"]),
    "register_views.registered": lambda c: register_views.registered(c, SHOP, SINCE, UNTIL),
    "register_views.losses": lambda c: register_views.losses(c, SHOP, SINCE, UNTIL),
    "routine_views.open_matters": lambda c: routine_views.open_matters(c, SHOP),
    "routine_views.counts": lambda c: routine_views.counts(c, SHOP, SINCE, UNTIL, 1),
    "routine_views.last_handover": lambda c: routine_views.last_handover(c, SHOP),
    "routine_views.clearing": lambda c: (
        routine_views.clearing(c, found) if (found := routine_views.last_handover(c, SHOP)) else None
    ),
    "routine_views.has_followed": lambda c: routine_views.has_followed(c, SHOP, UNTIL),
    "routine_views.entries": lambda c: routine_views.entries(c, SHOP, SINCE, UNTIL),
    "routine_views.last_digest": lambda c: routine_views.last_digest(c, SHOP),
    "routine_views.buyer_names": lambda c: routine_views.buyer_names(c, [views.story(c, THREAD).thread]),
    "suppression.erased_at": lambda c: suppression.erased_at(c, SHOP, "gone"),
    "sweep_views.candidates": lambda c: sweep_views.candidates(c, "late_shipment", SHOP, "", 100),
    "sweep_views.complaints": lambda c: sweep_views.complaints(c, SHOP, SINCE),
    "views.facts": lambda c: views.facts(c, "o1", SHOP),
    "views.story": lambda c: views.story(c, THREAD),
    "webchat_views.conversation": lambda c: webchat_views.conversation(c, SHOP, TG, HIS["address"], 100),
    "webchat_views.attachments_shown": lambda c: webchat_views.attachments_shown(c, SHOP, TG, HIS["address"]),
    "case_views.sales_of": lambda c: case_views.sales_of(c, [CASE]),
}
OF_AN_ID = """
alert_views.closed alert_views.last_alerts case_views.evidence_of clock_views.clocks_of console.thread.evidence_of_id
console.thread.message_of_id console.thread_rows.rows evidence_views.seals evidence_views.waiting
promise_views.promises_of sweep_views.stored sweep_views.last_report views.decisions views.notes_of views.open_tasks_of
views.story_of views.thread_of_task webchat_views.message_sent
"""
"""What asks for something by an id, which begins with its shop, or for a channel, which speaks for one."""
OF_ALL = """
case_views.cases clock_views.first_due console.settings.channels console.settings.with_passwords console.today.unwell
due_views.shops due_views.channels link_views.orders_of promise_views.promised views.counts views.facts
views.last_sent views.open_task_ids views.open_tasks views.thread_ids views.threads views.threads_meant views.unsent
views.waiting visit_views.visited watch_views.read
"""
"""What the program's own work and the command line ask of the whole installation."""
WHERE = ("_views", "store.views", "store.console.", "store.figures", "store.him", "store.suppression")


def queries() -> Iterator[str]:
    """Every function that reads for people or jobs, by its module's name and its own."""
    for found in pkgutil.walk_packages(store.__path__, "store."):
        if found.name.startswith("store.console.logins") or not any(part in found.name for part in WHERE):
            continue
        for name, function in vars(importlib.import_module(found.name)).items():
            if not inspect.isfunction(function) or function.__module__ != found.name or name.startswith("_"):
                continue
            names = list(inspect.signature(function).parameters)
            if names[:1] == ["connection"] and "into" not in names:
                yield f"{found.name.removeprefix('store.')}.{name}"


def test_every_query_is_listed() -> None:
    """A new query function says here whether it asks for one shop, for an id, or for all."""
    listed = {*ASKED, *OF_AN_ID.split(), *OF_ALL.split()}
    known = {name for name in queries() if name not in ("him.is_chat", "him.subjects_of", "him.buyers_named")}
    assert known == {name for name in listed if name in known}


def more(tx: Tx) -> None:
    """What a shop has besides, so that every query finds something."""
    unpaid = a_thread("o2", HIS["account"], id=f"{SHOP}/o2/unpaid_order", shop=SHOP, chat=CHAT)
    closed = replace(unpaid, id=f"{SHOP}/o1/review_revision", order_id="o1", kind="review_revision", outcome="settled")
    case = replace(unpaid, id=CASE, order_id="o1", kind="after_sales")
    message = a_message(f"{unpaid.id}/unpaid.help", buyer=HIS["account"], shop=SHOP, chat=CHAT, thread=unpaid.id)
    tx.save(unpaid)
    tx.save(case)
    tx.save(replace(closed, state=State.SETTLED, closed_at=NOON))
    tx.save(replace(message, channel=TG, state=OutgoingState.UNSURE, history=("started@1", "unsure@2")))
    unsure = Task(f"{unpaid.id}/unsure/{message.id}", SHOP, unpaid.id, "unsure", "?", NOON, outgoing=message.id)
    tx.save(replace(unsure, alerts=1, alert_at=NOON))
    tx.save(Task(f"{SHOP}/digest", SHOP, routine_views.digests_of(SHOP), "digest", "?", NOON))
    tx.save(a_reminder("o2", HIS["account"], id=f"{unpaid.id}/unpaid.last_call", thread=unpaid.id, shop=SHOP))
    for verdict in (Verdict.SENT, Verdict.QUIET_HOURS):
        decision = Decision(verdict, ())
        about = (unpaid.id, message.id, SHOP, HIS["account"], "unpaid.help")
        tx.add(Decided(*about, NOON - DAY, decision, TG, "zh-CN", "您好"))
    tx.save(replace(tx.buyer(SHOP, "gone"), opted_out_at=NOON, visits_at=NOON))
    tx.save(Cursor(suppression.KEY, "key"))
    tx.save(Suppressed(SHOP, digest_of("key", SHOP, "gone"), NOON))
    tx.save(an_order("o3", "b3", shop=SHOP, status=Status.PAID, paid_at=NOON, tells_shipping=True))
    tx.save(Parcel(SHOP, "YTlost", "o2", ParcelStatus.LOST, NOON, NOON, "圆通速递", NOON))
    held_out(tx)
    tx.add(Note(THREAD, NOON, "li", f"{thread.SAYS} words"))


def held_out(tx: Tx) -> None:
    """An unpaid order that is not reminded, so that it can be compared."""
    thread_id = f"{SHOP}/o4/unpaid_order"
    tx.save(an_order("o4", "b4", shop=SHOP))
    tx.save(a_thread("o4", "b4", id=thread_id, shop=SHOP))
    decision = Decision(Verdict.HELD_OUT, ())
    tx.add(Decided(thread_id, "", SHOP, "b4", "unpaid.help", NOON - DAY, decision, TG))


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[tuple[Engine, Engine]]:
    """A shop alone in its database, and the same shop beside its twin."""
    folder = tmp_path_factory.mktemp("shops")
    alone = shutil.copy(migrated_file, folder / "alone.db")
    made = SqlStore(f"sqlite:///{alone}")
    full_shop(made, EvidenceFolder(folder / "evidence", 20_000_000, 50))
    made.run(more, NOTHING)
    made.close()
    both = shutil.copy(alone, folder / "both.db")
    engines = open_engine(f"sqlite:///{alone}"), open_engine(f"sqlite:///{both}")
    with_twin(engines[1])
    yield engines
    for engine in engines:
        engine.dispose()


@pytest.mark.parametrize("name", ASKED)
def test_another_shop_changes_nothing(name: str, engines: tuple[Engine, Engine]) -> None:
    """What is asked for one shop is answered the same, whether or not another with the same data is there."""
    answers = []
    for engine in engines:
        with engine.connect() as connection:
            answers.append(ASKED[name](connection))
    assert answers[0] == answers[1]


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Engine]:
    """A database without any shop."""
    engine = open_engine(f"sqlite:///{shutil.copy(migrated_file, tmp_path_factory.mktemp('nothing') / 'nothing.db')}")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("name", ASKED)
def test_each_query_finds_something(name: str, engines: tuple[Engine, Engine], nothing: Engine) -> None:
    """It is answered otherwise than where there is nothing, also in each of its parts; else comparing its answers would
    prove nothing."""
    with engines[0].connect() as connection:
        found = ASKED[name](connection)
    assert found
    try:
        with nothing.connect() as connection:
            missing = ASKED[name](connection)
    except (LookupError, StopIteration):
        return  # it asks for something that is not there
    assert found != missing
    if isinstance(found, list | tuple) and len(found) == len(missing):
        assert [] == [part for part, other in zip(found, missing, strict=True) if part == other]
