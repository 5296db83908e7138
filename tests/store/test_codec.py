from __future__ import annotations

import string
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from followup.model import Decision, Money, Reason, Verdict
from store import schema
from store.codec import Codec, from_micros, reasons_from_json, reasons_to_json, to_micros
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tables import KEPT
from tests.store.makers import NOON, a_message, an_order

# What both databases store: no zero byte (PostgreSQL) and no half of a pair (nobody).
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30) | st.sampled_from(
    ["", " ", "羊毛围巾", "👩‍👩‍👧 ok", "'; DROP TABLE orders; --", "%s %(x)s :x ?", "\n\t\\", "a\u0301"]
)
tokens = st.text(string.ascii_letters + string.digits + "@:-羊👩", min_size=1, max_size=20)
instants = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
amounts = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [Decimal("0.00"), Decimal("-0.10"), Decimal("1E+3"), Decimal("123456789012345678901234567890.123456789")]
)
FIELDS: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    bytes: st.binary(max_size=50),
    bool: st.booleans(),
    int: st.integers(-(2**31), 2**31 - 1),
    datetime: instants,
    Money: st.builds(Money, amounts, tokens),
    tuple[str, ...]: st.lists(tokens, max_size=4).map(tuple),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """All values that a field of this type can have."""
    if kind in FIELDS:
        return FIELDS[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    if get_origin(kind) is tuple:
        return st.lists(items_of(get_args(kind)[0]), max_size=3).map(tuple)
    (other,) = [arg for arg in get_args(kind) if arg is not type(None)]
    return st.none() | values_of(other)


def items_of(cls: type) -> st.SearchStrategy[Any]:
    """All instances of a dataclass that is kept."""
    return st.builds(cls, **{name: values_of(kind) for name, kind in get_type_hints(cls).items()})


@contextmanager
def undone(store: SqlStore) -> Iterator[SqlTx]:
    """A transaction that leaves nothing behind."""
    with store.engine.connect() as connection, connection.begin() as transaction:
        yield SqlTx(connection, store.dialect)
        transaction.rollback()


def stored(tx: SqlTx, item: Any) -> Any:
    """The item as its row says."""
    how = KEPT[type(item)]
    where = [how.table.c[name] == value for name, value in zip(how.key_names, how.key(item), strict=True)]
    return how.codec.decode(tx.connection.execute(select(how.table).where(*where)).one())


class TestRoundTrip:
    @pytest.mark.parametrize("cls", KEPT, ids=lambda cls: cls.__name__)
    def test_through_a_tuple(self, cls: type) -> None:
        """Every instance comes back from its row exactly as it was."""
        codec = KEPT[cls].codec

        @given(items_of(cls))
        def check(item: Any) -> None:
            assert item == codec.decode(codec.encode(item))

        check()

    @pytest.mark.parametrize("cls", KEPT, ids=lambda cls: cls.__name__)
    def test_through_the_database(self, sql_store: SqlStore, cls: type) -> None:
        """Every instance comes back from both databases exactly as it was: microseconds, digits, emoji and all."""

        @given(items_of(cls))
        @settings(max_examples=40)
        def check(item: Any) -> None:
            with undone(sql_store) as tx:
                tx.save(item)
                tx.flush()
                assert item == stored(tx, item)

        check()

    @pytest.mark.parametrize("cls", KEPT, ids=lambda cls: cls.__name__)
    def test_a_change_through_the_database(self, sql_store: SqlStore, cls: type) -> None:
        """A changed item is stored as changed, in every field that may change."""
        how = KEPT[cls]

        @given(items_of(cls), items_of(cls))
        @settings(max_examples=20)
        def check(old: Any, other: Any) -> None:
            row = dict(zip(how.codec.columns, how.codec.encode(old), strict=True))
            others = dict(zip(how.codec.columns, how.codec.encode(other), strict=True))
            new = how.codec.decode(tuple((row | {name: others[name] for name in how.changing}).values()))
            with undone(sql_store) as tx:
                tx.save(old)
                tx.flush()
                again = SqlTx(tx.connection, tx.dialect)
                again.remember(old)
                again.save(new)
                again.flush()
                assert new == stored(tx, new)

        check()

    @pytest.mark.parametrize("cls", KEPT, ids=lambda cls: cls.__name__)
    def test_columns_are_those_of_the_table(self, cls: type) -> None:
        """The fields of a class are the first columns of its table, in their order."""
        columns = [column.name for column in KEPT[cls].table.columns]
        assert KEPT[cls].codec.columns == columns[: len(KEPT[cls].codec.columns)]

    def test_what_comes_after_the_fields_is_left_alone(self, sql_store: SqlStore) -> None:
        """A change of a message keeps its place in the order of its chat."""
        with undone(sql_store) as tx:
            for message in (a_message("m1"), a_message("m2")):
                tx.save(message)
            tx.flush()
            seqs = select(schema.outbox.c.seq).order_by(schema.outbox.c.id)
            before = tx.connection.execute(seqs).all()
            again = SqlTx(tx.connection, tx.dialect)
            again.remember(a_message("m1"))
            again.save(a_message("m1", error="late"))
            again.flush()
            assert before == tx.connection.execute(seqs).all()

    def test_an_unknown_word_is_an_error(self) -> None:
        """A state that no version knows is not taken for another one."""
        codec = KEPT[type(an_order())].codec
        row = list(codec.encode(an_order()))
        row[codec.columns.index("status")] = "lost"
        with pytest.raises(KeyError):
            codec.decode(tuple(row))

    def test_every_kind_of_field_is_tried(self) -> None:
        """These tests generate values for every type that is kept."""
        kinds = {kind for cls in KEPT for kind in get_type_hints(cls).values()}
        assert [] == [kind for kind in kinds if get_origin(kind) is dict or kind in (float, object)]


class TestMicros:
    @given(instants)
    @example(datetime(1970, 1, 1, tzinfo=UTC))
    @example(NOON + timedelta(microseconds=1))
    def test_exact(self, at: datetime) -> None:
        """Instants keep their microseconds, before 1970 too."""
        assert at == from_micros(to_micros(at))

    @given(instants, instants)
    def test_order(self, one: datetime, other: datetime) -> None:
        """Earlier is less."""
        assert (one < other) == (to_micros(one) < to_micros(other))

    def test_other_zones(self) -> None:
        """An instant of another zone is the same instant in UTC."""
        assert NOON == from_micros(to_micros(datetime.fromisoformat("2026-03-02T12:00:00+08:00")))


class TestReasons:
    reasons = st.builds(
        Reason,
        st.sampled_from([verdict.value for verdict in Verdict]),
        st.booleans(),
        st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
        st.none() | instants.filter(lambda at: to_micros(at) != 0 and abs(to_micros(at)) < 2**62),
    )

    @given(st.lists(reasons, max_size=4).map(tuple))
    def test_round_trip(self, reasons: tuple[Reason, ...]) -> None:
        """The checks of a decision come back as they were."""
        assert reasons == reasons_from_json(reasons_to_json(Decision(Verdict.SENT, reasons)))


def test_a_codec_of_a_class_without_money() -> None:
    """Two columns only where there is money."""
    assert {"total_amount", "total_currency"} <= set(Codec(type(an_order())).columns)
    assert not [name for name in Codec(type(a_message())).columns if name.endswith("_currency")]
