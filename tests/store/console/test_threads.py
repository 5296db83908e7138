from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete

from followup.after_sales.model import AfterSale, Branch, Stage
from followup.causes import Cause
from followup.desk.deadlines import ClockState, Deadline, Due
from followup.model import (
    Note,
    Outgoing,
    OutgoingState,
    Parcel,
    ParcelStatus,
    ReminderState,
    State,
    Task,
    TaskState,
    Thread,
)
from followup.model import Order as AnOrder
from store import schema
from store.console.threads import MANY, Asked, Page, Place, Row, page, rows_of
from store.store import SqlStore
from store.tx import Tx
from tests.store.makers import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    a_buyer,
    a_chat,
    a_message,
    a_reminder,
    a_task,
    a_thread,
    an_order,
    keep,
)

NOW = NOON + DAY
LI = "li"


def say(store: SqlStore, *notes: Note) -> None:
    """Have notes written."""

    def add(tx: Tx) -> None:
        for note in notes:
            tx.add(note)

    store.run(add)


@pytest.fixture
def connection(sql_store: SqlStore) -> Iterator[Connection]:
    with sql_store.engine.connect() as connection:
        yield connection


def orders(found: Page) -> list[str]:
    return [row.thread.order_id for row in found.rows]


def asked(connection: Connection, **more: object) -> list[str]:
    """The order numbers of what is asked for."""
    connection.rollback()  # so that what was written since is seen
    return orders(page(connection, Asked(**more), NOW))  # type: ignore[arg-type]


class TestOrder:
    def test_what_needs_a_person_comes_first(self, sql_store: SqlStore, connection: Connection) -> None:
        """By when it is due, one without a time by its age; then the others, those last touched first."""
        keep(sql_store, *(a_thread(f"o{n}", opened_at=NOON + n * MINUTE) for n in range(6)))
        keep(sql_store, a_task("t1", a_thread("o1").id, due_at=NOON + 3 * HOUR))
        keep(sql_store, a_task("t2", a_thread("o2").id, created_at=NOON + HOUR))
        keep(sql_store, a_task("t3", a_thread("o3").id, due_at=NOON, state=TaskState.DONE))
        assert ["o2", "o1", "o5", "o4", "o3", "o0"] == orders(page(connection, Asked(), NOW))

    @pytest.mark.parametrize("happens", ["note", "message", "end"])
    def test_what_happens_brings_it_up(self, sql_store: SqlStore, connection: Connection, happens: str) -> None:
        """A word of the buyer, one of ours, and its end; time does not go backwards."""
        keep(sql_store, *(a_thread(f"o{n}", opened_at=NOON + n * MINUTE) for n in range(3)))
        thread = a_thread("o0")
        match happens:
            case "note":
                say(sql_store, Note(thread.id, NOON + HOUR, "buyer", "在吗"))
            case "message":
                keep(sql_store, a_message("m", thread=thread.id, created_at=NOON + HOUR))
            case "end":
                sql_store.run(
                    lambda tx: tx.save(replace(thread, state=State.SETTLED, closed_at=NOON + HOUR)),
                )
        say(sql_store, Note(thread.id, NOON - DAY, "li", "earlier"))
        found = page(connection, Asked(), NOW)
        assert ["o0", "o2", "o1"] == orders(found)
        assert NOON + HOUR == found.rows[0].active_at

    def test_pages(self, sql_store: SqlStore, connection: Connection) -> None:
        """Down to the end and up again, over both parts of the order; a page at the top is the first, and is full."""
        keep(sql_store, *(a_thread(f"o{n}", opened_at=NOON + n * MINUTE) for n in range(7)))
        keep(sql_store, *(a_task(f"t{n}", a_thread(f"o{n}").id, due_at=NOON) for n in (3, 4)))
        first = page(connection, Asked(), NOW, size=3)
        second = page(connection, Asked(), NOW, after=first.older, size=3)
        third = page(connection, Asked(), NOW, after=second.older, size=3)
        assert [["o3", "o4", "o6"], ["o5", "o2", "o1"], ["o0"]] == [orders(each) for each in (first, second, third)]
        assert (None, None) == (first.newer, third.older)
        assert second == page(connection, Asked(), NOW, before=third.newer, size=3)
        assert first == page(connection, Asked(), NOW, before=second.newer, size=3)
        assert first == page(connection, Asked(), NOW, before=Place(True, 0, ""), size=3)

    def test_a_count_that_stays_cheap(self, sql_store: SqlStore, connection: Connection) -> None:
        """Exact up to a hundred; above that nobody counts."""
        keep(sql_store, *(a_thread(f"o{n}") for n in range(MANY)))
        assert MANY == page(connection, Asked(), NOW).count
        connection.rollback()
        keep(sql_store, *(a_thread(f"p{n}") for n in range(20)))
        assert (MANY + 1, 20) == (page(connection, Asked(), NOW).count, page(connection, Asked(words="p"), NOW).count)


class TestPlace:
    @given(st.builds(Place, st.booleans(), st.integers(0, 10**16), st.text(min_size=1)))
    def test_as_text(self, place: Place) -> None:
        """A place is read as it was written."""
        assert place == Place.read(str(place))

    @given(st.text())
    def test_anything(self, text: str) -> None:
        """Whatever stands in an address is a place or none, and never an error."""
        place = Place.read(text)
        assert place is None or place == Place.read(str(place))


class TestRow:
    def test_everything_shown(self, sql_store: SqlStore, connection: Connection) -> None:
        """The buyer by his name, the goods, the last word, what the bot says next, the tightest clock, open tasks and
        the cause that people found."""
        thread = a_thread(cause="courier")
        keep(sql_store, an_order(goods="龙井", buyer_name="lin99"), a_buyer(name="林"), a_chat(), thread)
        keep(sql_store, a_reminder(step="unpaid.give_up", due=NOW), a_reminder(step="unpaid.last_call", due=NOW + HOUR))
        keep(sql_store, a_reminder(step="unpaid.help", due=NOW, state=ReminderState.FIRED))
        keep(sql_store, clock("a", NOW + DAY), clock("b", NOW + HOUR), clock("c", NOW, state=ClockState.MET))
        keep(sql_store, a_task("t1", due_at=NOW), a_task("t2"), a_task("t0", state=TaskState.DONE))
        keep(
            sql_store,
            a_message("m1", state=OutgoingState.SENT, sent_at=NOON + HOUR),
            a_message("m2", state=OutgoingState.FAILED),
        )
        keep(sql_store, AfterSale(thread.id, "s", Branch.DAMAGED_SIGNED, Stage.SOLVE, Cause.WAREHOUSE))
        say(sql_store, Note(thread.id, NOON, "buyer", "碎了"))
        (row,) = page(connection, Asked(), NOW).rows
        assert (thread, "林", "龙井", "warehouse") == (row.thread, row.buyer, row.goods, row.cause)
        assert row.last and row.next  # noqa: PT018
        assert row.clock
        assert ("huifang", NOON + HOUR, "Hello") == (row.last.who, row.last.at, row.last.text)
        assert ("unpaid.last_call", "b") == (row.next.step, row.clock.id)
        assert (["t2", "t1"], NOON) == ([task.id for task in row.tasks], row.due_at)

    def test_almost_nothing(self, sql_store: SqlStore, connection: Connection) -> None:
        """A thread of which nothing else is known is shown all the same."""
        keep(sql_store, a_thread())
        thread = a_thread()
        assert (Row(thread, "b1", "", "", NOON),) == page(connection, Asked(), NOW).rows
        assert [Row(thread, "b1", "", "", NOON)] == rows_of(connection, [thread.id, "nothing"])

    def test_a_name_that_only_the_order_knows(self, sql_store: SqlStore, connection: Connection) -> None:
        """It is better than an id."""
        keep(sql_store, an_order(buyer_name="茶友"), a_buyer(), a_thread())
        assert ["茶友"] == [row.buyer for row in page(connection, Asked(), NOW).rows]

    def test_who_said_it(self, sql_store: SqlStore, connection: Connection) -> None:
        """One of the shop's people, the bot, or the buyer, whoever came last."""
        keep(sql_store, *(a_thread(f"o{n}") for n in range(2)))
        said = [a_message(f"m{n}", thread=a_thread(f"o{n}").id, step="says", created_at=NOON + HOUR) for n in range(2)]
        keep(sql_store, *said)
        say(sql_store, Note(a_thread("o0").id, NOON + HOUR, "li", "says Hello"))
        say(sql_store, Note(a_thread("o1").id, NOON + 2 * HOUR, "buyer", "谢谢"))
        found = {row.thread.order_id: row.last.who for row in page(connection, Asked(), NOW).rows if row.last}
        assert {"o0": "li", "o1": "buyer"} == found


class TestSearch:
    def test_what_is_looked_for(self, sql_store: SqlStore, connection: Connection) -> None:
        """The beginning of an order or tracking number, a buyer's name or id, goods, and what was said."""
        for n, (name, goods) in enumerate((("林一", "Longjing 龙井"), ("王_二", "盖碗"), ("", "100% 棉"))):
            keep(sql_store, an_order(f"77{n}", f"b{n}", goods=goods), a_buyer(f"b{n}", name=name))
            keep(sql_store, a_thread(f"77{n}", f"b{n}", opened_at=NOON - n * MINUTE))
        keep(sql_store, Parcel("s", "SF123", "771", ParcelStatus.ON_ITS_WAY, NOON, NOON))
        keep(sql_store, a_message("m1", thread=a_thread("770").id, text="Hello there", created_at=NOON))
        say(sql_store, Note(a_thread("772").id, NOON - 2 * MINUTE, "buyer", "杯子碎了"))
        say(sql_store, Note(a_thread("772").id, NOON - 2 * MINUTE, "li", "secret note"))
        expected = {
            "77": ["770", "771", "772"],
            "771": ["771"],
            "SF12": ["771"],
            "林": ["770"],
            "b2": ["772"],
            "longJING": ["770"],
            "碎了": ["772"],
            "hello": ["770"],
            "secret": [],
            "_": ["771"],
            "100%": ["772"],
            "%": ["772"],
            "' OR 1=1": [],
        }
        assert expected == {words: asked(connection, words=f" {words} ") for words in expected}

    def test_a_telephone_finds_nobody(self, sql_store: SqlStore, connection: Connection) -> None:
        """Its last digits are what a buyer proves himself with: they are not for looking around."""
        keep(sql_store, an_order(phone_tail="4711"), a_buyer(), a_thread())
        assert [] == asked(connection, words="4711")

    def test_together_with_all_else(self, sql_store: SqlStore, connection: Connection) -> None:
        """Words narrow down what the rest has left."""
        keep(sql_store, a_thread("77a"), a_thread("77b", kind="after_sales"), a_thread("78", kind="after_sales"))
        assert ["77b"] == asked(connection, words="77", kind="after_sales")


class TestShops:
    def test_only_his_own(self, sql_store: SqlStore, connection: Connection) -> None:
        """Whoever works for some shops sees nothing of the others, whatever he asks for."""
        theirs = replace(a_thread("o2"), id="t/o2/unpaid_order", shop="t")
        keep(sql_store, a_thread("o1"), theirs, replace(an_order("o2"), shop="t"), replace(a_buyer(), shop="t"))
        keep(sql_store, replace(a_task("t1", theirs.id), shop="t"))
        ways = ({}, {"words": "o2"}, {"buyer": "b1"}, {"needs_person": True})
        assert [["o1"], [], [], []] == [asked(connection, shops=frozenset("s"), **way) for way in ways]
        assert ["o2"] == asked(connection, shops=frozenset("t"), buyer="b1")
        assert [] == asked(connection, shops=frozenset())


def clock(id_: str, due: object, thread: str = "s/o1/unpaid_order", **more: object) -> Deadline:
    """A clock that runs."""
    made = Deadline(id_, thread, "s", Due.FIRST_REPLY, NOON, NOON, due, None)  # type: ignore[arg-type]
    return replace(made, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Matter:
    """All that a list asks of a thread."""

    thread: Thread
    order: AnOrder
    tasks: tuple[Task, ...]
    clock: Deadline | None


KINDS = ("unpaid_order", "after_sales")
AGENTS = ("", "li", "wang")
FLAGS, CAUSES = ("", "green"), ("", "courier")
moments = st.integers(0, 6).map(lambda n: NOON + n * HOUR)


@st.composite
def matters(draw: st.DrawFn) -> list[Matter]:
    """A few threads of which many stand alike."""
    return [draw(_matter(n)) for n in range(draw(st.integers(0, 12)))]


@st.composite
def _matter(draw: st.DrawFn, n: int) -> Matter:
    buyer, number = f"b{draw(st.integers(0, 2))}", f"{draw(st.sampled_from('789'))}0{n}"
    state = draw(st.sampled_from(State))
    opened = draw(moments)
    thread = a_thread(
        number,
        buyer,
        draw(st.sampled_from(KINDS)),
        state=state,
        opened_at=opened,
        closed_at=draw(moments) if state.closed else None,
        agent=draw(st.sampled_from(AGENTS)),
        flag=draw(st.sampled_from(FLAGS)),
        cause=draw(st.sampled_from(CAUSES)),
    )
    due = st.none() | st.integers(20, 28).map(lambda hours: NOON + timedelta(hours=hours))
    tasks = tuple(
        a_task(
            f"t{n}-{k}", thread.id, due_at=draw(due), created_at=draw(moments), assignee=draw(st.sampled_from(AGENTS))
        )
        for k in range(draw(st.integers(0, 2)))
    )
    clocks = st.sampled_from((ClockState.RUNNING, ClockState.PAUSED, ClockState.MET))
    ticks = draw(st.none() | st.builds(lambda at, state: clock(f"c{n}", at, thread.id, state=state), due, clocks))
    ticks = ticks if ticks and ticks.due_at else None
    return Matter(thread, an_order(number, buyer, goods=draw(st.sampled_from(("Tea", "杯子")))), tasks, ticks)


asked_for = st.builds(
    Asked,
    kind=st.sampled_from(("", *KINDS)),
    states=st.frozensets(st.sampled_from(State), max_size=3),
    flag=st.sampled_from(FLAGS),
    agent=st.none() | st.sampled_from(AGENTS),
    buyer=st.sampled_from(("", "b0", "b9")),
    cause=st.sampled_from(CAUSES),
    words=st.sampled_from(("", "", "7", "tea", "杯", "b1")),
    needs_person=st.booleans(),
    late=st.booleans(),
    closed_since=st.none() | moments,
)


def fits(matter: Matter, what: Asked) -> bool:
    """The same in plain Python."""
    thread, clock_ = matter.thread, matter.clock
    holders = {thread.agent, *(task.assignee for task in matter.tasks)} - {""}
    is_late = any(task.due_at and task.due_at <= NOW for task in matter.tasks)
    is_late |= bool(clock_ and clock_.state is not ClockState.MET and clock_.is_late(NOW))
    words = what.words.lower()
    texts = (matter.order.goods.lower(),)
    checks = (
        not what.kind or thread.kind == what.kind,
        not what.states or thread.state in what.states,
        not what.flag or thread.flag == what.flag,
        what.agent is None or (what.agent in holders if what.agent else not holders),
        not what.buyer or thread.buyer == what.buyer,
        not what.cause or thread.cause == what.cause,
        not words or thread.order_id.startswith(words) or any(words in t for t in texts) or thread.buyer == words,
        not what.needs_person or bool(matter.tasks),
        not what.late or is_late,
        what.closed_since is None or (thread.closed_at is not None and thread.closed_at >= what.closed_since),
    )
    return all(checks)


def sort_key(matter: Matter) -> tuple[object, ...]:
    """What needs a person first, the first due first; then the newest."""
    thread = matter.thread
    if matter.tasks:
        return 0, min(task.due_at or task.created_at for task in matter.tasks).timestamp(), thread.id
    newest = max(thread.opened_at, thread.closed_at or thread.opened_at)
    return 1, -newest.timestamp(), [-ord(letter) for letter in thread.id]


TABLES = (schema.orders, schema.buyers, schema.threads, schema.tasks, schema.deadlines)


def only(store: SqlStore, found: Sequence[Matter]) -> None:
    """Have these and nothing else in the database."""
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        for table in TABLES:
            connection.execute(delete(table))
    keep(store, *(a_buyer(f"b{n}") for n in range(3)))
    for matter in found:
        keep(store, matter.thread, matter.order, *matter.tasks, *filter(None, (matter.clock,)))


@settings(max_examples=60)
@given(found=matters(), what=asked_for, size=st.integers(1, 4))
def test_each_that_fits_once(sql_store: SqlStore, found: list[Matter], what: Asked, size: int) -> None:
    """Paging forward shows each thread that fits exactly once, in order, and backward the same; the count agrees."""
    only(sql_store, found)
    expected = [each.thread.order_id for each in sorted(found, key=sort_key) if fits(each, what)]
    with sql_store.engine.connect() as connection:
        pages = [page(connection, what, NOW, size=size)]
        while pages[-1].older:
            pages.append(page(connection, what, NOW, after=pages[-1].older, size=size))
        assert expected == [order for each in pages for order in orders(each)]
        assert {len(expected)} == {each.count for each in pages}
        for here, above in zip(pages[:0:-1], pages[-2::-1], strict=True):
            assert orders(above) == orders(page(connection, what, NOW, before=here.newer, size=size))


def test_messages_of_old_are_not_searched_for_ever(sql_store: SqlStore, connection: Connection) -> None:
    """Only the newest of each side are looked through: the search stays quick in a shop of many years."""
    old: Outgoing = a_message("m1", text="needle")
    keep(sql_store, a_thread(), old)
    assert ["o1"] == asked(connection, words="needle")
    with sql_store.engine.connect().execution_options(writes=True) as writing, writing.begin():
        writing.execute(schema.outbox.update().values(seq=1))
        late = dict(writing.execute(schema.outbox.select()).mappings().one())
        writing.execute(schema.outbox.insert().values({**late, "id": "m2", "text": "hay", "seq": 50_001}))
    assert [] == asked(connection, words="needle")
