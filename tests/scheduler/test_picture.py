"""The picture of the day: at its hour, once, and again the next day."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from followup.desk.places import Place
from followup.model import Instant, Media, Outgoing
from scheduler.clock import FakeClock
from scheduler.picture import Drawn, picture_jobs, post_if_due
from tests.scheduler.shop import Shop

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # nine o'clock in Shanghai
EVENING = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # eight
DAY = timedelta(days=1)
ID = "desk/notice/picture/s/2026-03-02"


class Pictures(Shop):
    """A shop whose people have a group, and what was drawn for it."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, FakeClock(MORNING))
        self.folder, self.drawn = folder, list[Instant]()
        self.deps = replace(self.deps, places={"s": Place("telegram.desk", "-100")})

    def draw(self, shop: str, now: Instant) -> Drawn:
        self.drawn.append(now)
        path = self.folder / f"{shop}-{len(self.drawn)}.png"
        path.write_bytes(b"picture")
        return Drawn(path, "two new matters")

    def looks(self, at: Instant) -> None:
        """The job looks at that time."""
        self.clock.move_to(at)
        asyncio.run(post_if_due("s", self.store, self.deps, self.clock, self.draw, time(20)))


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pictures]:
    shop = Pictures(request.getfixturevalue(f"{request.param}_url"), tmp_path)
    yield shop
    shop.store.close()


def test_it_is_posted_at_its_hour(shop: Pictures) -> None:
    """Nothing before eight in the evening of the shop; then the picture with its line, into the group."""
    shop.looks(EVENING - timedelta(minutes=1))
    assert {} == shop.states()
    shop.looks(EVENING)
    posted = shop.message(ID)
    (picture,) = posted.attachments
    assert ("two new matters", "telegram.desk", "-100", "") == (
        posted.text,
        posted.channel,
        posted.address,
        posted.about,
    )
    assert (Media.PHOTO, str(shop.folder / "s-1.png"), "image/png", 7) == (
        picture.media,
        picture.ref,
        picture.mime,
        picture.size,
    )


def test_never_twice_a_day(shop: Pictures) -> None:
    """However often it is looked, also after a restart: drawn once, posted once."""
    for minutes in (0, 2, 4, 200):
        shop.looks(EVENING + timedelta(minutes=minutes))
    assert ({ID: "due"}, 1) == (shop.states(), len(shop.drawn))


def test_two_programs_at_once_post_one(shop: Pictures) -> None:
    """Drawn twice because two looked at the same time, it is still one message."""

    async def both() -> None:
        looks = [post_if_due("s", shop.store, shop.deps, shop.clock, shop.draw, time(20)) for _ in range(2)]
        await asyncio.gather(*looks)

    shop.clock.move_to(EVENING)
    asyncio.run(both())
    assert {ID: "due"} == shop.states()


def test_the_next_day_has_its_own(shop: Pictures) -> None:
    """One a day; a start late in the evening makes up for it, a start on the next morning does not."""
    shop.looks(EVENING + timedelta(hours=3))
    shop.looks(EVENING + DAY - timedelta(hours=9))
    shop.looks(EVENING + DAY)
    assert {ID: "due", "desk/notice/picture/s/2026-03-03": "due"} == shop.states()


def test_a_shop_without_a_group_has_no_job(shop: Pictures) -> None:
    """There is nobody to show it to."""
    with_group = list(picture_jobs(shop.store, shop.deps, shop.clock, shop.draw, time(20)))
    without = list(picture_jobs(shop.store, replace(shop.deps, places={}), shop.clock, shop.draw, time(20)))
    assert (["picture/s"], []) == ([job.name for job in with_group], without)


def test_a_picture_that_cannot_be_drawn_is_tried_again(shop: Pictures) -> None:
    """An error is the job's to report; nothing is posted, and the next look tries anew."""

    def broken(_shop: str, _now: Instant) -> Drawn:
        raise OSError("no space left")

    shop.clock.move_to(EVENING)
    with pytest.raises(OSError, match="no space left"):
        asyncio.run(post_if_due("s", shop.store, shop.deps, shop.clock, broken, time(20)))
    shop.looks(EVENING + timedelta(minutes=2))
    assert isinstance(shop.message(ID), Outgoing)
