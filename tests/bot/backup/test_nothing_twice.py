"""A shop is backed up, goes on, loses its database and is restored: nobody hears anything twice (docs/backup.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.backup.making import make
from bot.backup.places import Places
from bot.backup.restoring import Done, Restore
from followup.events import MessageReceived
from followup.model import OutgoingState, Status, Task, Verdict
from store import restores
from store.audit import Finding, audit
from store.schema import metadata
from tests.stories.databases import SqliteStories
from tests.stories.shop import SHOP, Shop

BACKED_UP, LOST, BACK = "2026-03-03 10:00", "2026-03-03 16:00", "2026-03-03 17:00"


class NoFiles:
    """Nobody sent a file."""

    def remove(self, path: str) -> None:
        raise AssertionError(path)


class Disaster:
    """A shop on a database of its own, which is backed up, lost and restored."""

    def __init__(self, url: str, folder: Path, now: str = "2026-03-02 14:00") -> None:
        self.url, self.folder, self.places = url, folder, Places({}, {})
        self.shop = Shop(now)
        self.shop.store = SqliteStories(url)  # type: ignore[assignment]

    @property
    def store(self) -> SqliteStories:
        """The shop's store as what it is here."""
        assert isinstance(self.shop.store, SqliteStories)
        return self.shop.store

    def back_up(self) -> Path:
        """Make a backup now."""
        return make(self.store.store, self.places, self.folder, self.shop.clock.now()).path

    def restore(self, path: Path) -> Done:
        """The database is lost, and a backup takes its place now."""
        self.store.store.close()
        lists = (self.folder,)
        done = Restore(self.url, self.places, NoFiles(), lists, lambda _: self.shop.deps).run(
            path, self.shop.clock.now()
        )
        self.shop.store = SqliteStories(self.url)  # type: ignore[assignment]
        with self.store.store.engine.connect() as connection:
            gaps = restores.gaps(connection)
        self.shop.policy = replace(self.shop.policy, gaps=gaps)
        self.shop.deps = replace(self.shop.deps, policies={SHOP: self.shop.policy})
        return done

    def import_again(self) -> None:
        """The source tells of every order once more, as it stands."""
        for event in list(self.shop.orders.values()):
            self.shop.source_says(event)

    def told_twice(self) -> dict[str, int]:
        """Messages that reached a buyer more than once, by their dedupe keys."""
        return {id_: count for id_, count in Counter(each.id for each in self.shop.delivered).items() if count > 1}

    def findings(self) -> list[Finding]:
        """What the audit finds, but for attempts: the shop of the stories keeps no history of those."""
        with self.store.store.engine.connect() as connection:
            found = audit(connection, now=self.shop.clock.now()).findings
        return [each for each in found if each.rule not in ("no_start", "attempts")]

    def close(self) -> None:
        """Leave the database as it was lent."""
        with self.store.store.engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                query = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'before_restore_%%'"
                for schema in connection.exec_driver_sql(query).scalars().all():
                    connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
        self.store.store.close()


@pytest.fixture
def disaster(database_url: str, tmp_path: Path) -> Iterator[Disaster]:
    made = Disaster(database_url, tmp_path / "backups")
    yield made
    made.close()


def test_twenty_orders_are_told_nothing_twice(disaster: Disaster) -> None:
    """Twenty orders, a backup, more reminders and orders, the database is lost and restored, the orders are imported
    again, and three days pass: what was said is not said again, later reminders go on, and the ledger is proven."""
    shop = disaster.shop
    for number in range(10):
        shop.order(f"A{number}", f"an{number}")
    shop.after("30m")
    for number in range(10):
        shop.order(f"B{number}", f"bo{number}").refund(id_=f"RB{number}", order=f"B{number}")
    shop.until("2026-03-03 09:50")
    for number in range(5):
        shop.order(f"C{number}", f"chi{number}")
    shop.until(BACKED_UP)
    path = disaster.back_up()
    before = len(shop.delivered)
    for number in range(5):
        shop.order(f"D{number}", f"dai{number}")
    shop.until(LOST)
    assert len(shop.delivered) - before >= 25  # ten last calls, ten daily words, ten offers of help
    shop.until(BACK)
    done = disaster.restore(path)
    assert (shop.moment(BACKED_UP), shop.moment(BACK)) == (done.gap.begins, done.gap.ends)
    again = len(shop.delivered)
    disaster.import_again()
    assert [] == shop.delivered[again:]
    shop.after("3d")
    assert {} == disaster.told_twice()
    later = Counter(message.step for message in shop.delivered[again:])
    assert (20, 10) <= (later["refund.daily"], later["unpaid.last_call"])
    assert [] == disaster.findings()


def test_why_tells_and_a_person_looks(disaster: Disaster) -> None:
    """What was due in the gap is withheld with a reason, and one task in a thread says so; the cap counts as if the
    buyer had heard it."""
    shop = disaster.shop.order()
    path = disaster.back_up()
    shop.after("1h")
    assert ["unpaid.help"] == shop.steps()
    disaster.restore(path)
    shop.after("1m")
    (decided,) = [line for line in shop.decided() if line.step == "unpaid.help"]
    assert (Verdict.RESTORED, {"backed_up", "restored"}) == (
        decided.decision.verdict,
        {name for reason in decided.decision.reasons if not reason.passed for name, _ in reason.facts},
    )
    assert (["restored"], shop.moment("2026-03-02 14:15")) == (shop.tasks(), shop.buyer().nudged_at)
    shop.after("2d")
    assert ["unpaid.help", "unpaid.last_call"] == shop.steps()


def test_what_waited_in_the_outbox_is_left_to_a_person(disaster: Disaster) -> None:
    """A message that was due or on its way at the backup is unsure, and one task of its thread lists it."""
    shop = disaster.shop.channel_answers("retry").order().after("15m")
    assert {"due": 1} == shop.states()
    path = disaster.back_up()
    shop.after("10m")
    assert ["unpaid.help"] == shop.steps()
    done = disaster.restore(path)
    assert ((1, 0, 1), {"unsure": 1}) == ((done.maybe.unsure, done.maybe.pasted, done.maybe.threads), shop.states())
    (message,) = shop.outbox()
    task = shop.task("restored")
    assert (message.thread, True) == (task.thread, message.id in task.text)
    shop.after("5d")
    assert {} == disaster.told_twice()
    assert [] == disaster.findings()


def test_words_to_paste_that_are_in_the_outbox_too_are_counted_once(disaster: Disaster) -> None:
    """Of a message that waits for a person and for its channel one says so, once."""
    shop = disaster.shop.channel_answers("retry").order().after("15m")
    (message,) = shop.outbox()
    paste = Task("t1", SHOP, message.thread, "paste", message.text, shop.clock.now(), outgoing=message.id)
    disaster.store.run(lambda tx: tx.save(paste))
    path = disaster.back_up()
    shop.after("10m")
    maybe = disaster.restore(path).maybe
    assert (1, 0, 1) == (maybe.unsure, maybe.pasted, maybe.threads)


def test_news_of_the_gap_is_not_told_as_news(disaster: Disaster) -> None:
    """The money went back in the gap and the buyer heard of it; told again by the source, it is not said again."""
    shop = disaster.shop.order(status=Status.PAID, paid_at=disaster.shop.clock.now()).refund().after("10m")
    path = disaster.back_up()
    shop.after("1h").refund("paid_back").after("1h")
    assert ["refund.acknowledge", "refund.settled"] == shop.steps()
    disaster.restore(path)
    disaster.import_again()
    shop.after("10d")
    assert ["refund.acknowledge", "refund.settled"] == shop.steps()
    assert "settled paid_back" == shop.fate("pending_refund")


def test_what_a_buyer_wrote_in_the_gap_is_not_answered_again(disaster: Disaster) -> None:
    """A channel that delivers the messages of the gap once more: a stop counts, the rest is for a person."""
    shop = disaster.shop.order("1", "lin").order("2", "mei").after("20m")
    path = disaster.back_up()
    at = shop.after("1h").clock.now()
    shop.buyer_says("明天付", "lin").buyer_says("别再发了", "mei")
    said = len(shop.delivered)
    shop.after("1h")
    disaster.restore(path)
    for number, (who, text) in enumerate((("lin", "明天付"), ("mei", "别再发了")), 1):
        shop.message(MessageReceived(SHOP, "terminal", who, f"m{number}", text, at))
    assert said == len(shop.delivered)
    assert (None, True) == (shop.buyer("lin").opted_out_at, shop.buyer("mei").opted_out_at is not None)
    assert "buyer_message" in shop.tasks()
    shop.after("3d")
    assert not [each for each in shop.delivered[said:] if each.buyer == "mei"]


def test_a_matter_that_began_after_the_restore_is_followed_up(disaster: Disaster) -> None:
    """The gap concerns only what came before its end."""
    shop = disaster.shop
    path = disaster.back_up()
    shop.after("1h")
    disaster.restore(path)
    shop.after("1h").order("9", "new").after("2d")
    assert ["unpaid.help", "unpaid.last_call"] == shop.steps()
    assert [OutgoingState.SENT] * 2 == [message.state for message in shop.outbox()]


def test_a_backup_of_either_database_restores_the_other(sqlite_url: str, postgres_url: str, tmp_path: Path) -> None:
    """The file is the same, whichever database it was; the rows that arrive are those that were backed up."""
    for source, target in ((sqlite_url, postgres_url), (postgres_url, sqlite_url)):
        here = Disaster(source, tmp_path / "backups")
        here.shop.order("X1", "ada").after("1h")
        path = here.back_up()
        here.store.store.close()
        here.url = target
        here.restore(path)
        assert [Status.UNPAID] == [order.status for order in here.shop._all(type(here.shop.orders["X1"].order))]
        here.close()


def test_what_is_there_is_moved_aside(disaster: Disaster) -> None:
    """The database that a backup replaces is kept under a name that is told."""
    shop = disaster.shop.order("1")
    path = disaster.back_up()
    shop.order("2").after("1m")
    done = disaster.restore(path)
    assert done.aside
    with disaster.store.store.engine.connect() as connection:
        here = connection.execute(select(metadata.tables["orders"].c.id)).scalars().all()
        assert ["1"] == here
        if disaster.url.startswith("sqlite"):
            assert Path(done.aside).is_file()
        else:
            schema = done.aside.removeprefix("schema ")
            assert 2 == connection.exec_driver_sql(f"SELECT count(*) FROM {schema}.orders").scalar()
