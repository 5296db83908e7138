"""The agents' group on Telegram, spoken to over HTTP at our extension of the emulator (tests/peers/telegram_groups)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.telegram_group import Rights
from followup.events import Outcome, Refusal
from followup.model import Attachment, Choice, Media, State
from tests.bot.channels.hostile import HOSTILE
from tests.bot.channels.telegram_shop import OTHER, THREAD, DeskShop, desk_of, desk_shop
from tests.peers.telegram_agents import GROUP, AgentsGroup


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[DeskShop]:
    """A group with topics, in which the bot may make them."""
    async with desk_shop(tmp_path) as shop:
        yield shop


async def test_a_matter_has_one_topic(shop: DeskShop) -> None:
    """It is made at the first word, named after the buyer, the matter and the order, and used for all that follow."""
    first = await shop.desk.send(shop.message("一"))
    second = await shop.desk.send(shop.message("二"))
    assert (Outcome.ACCEPTED, Outcome.ACCEPTED) == (first.outcome, second.outcome)
    ((number, topic),) = (await shop.group.topics()).items()
    assert ("张三 · 催付 · 90000001", True) == (topic["name"], topic["open"])
    assert ["一", "二"] == shop.group.heard(number)
    assert number == shop.topic().number


async def test_what_is_about_nothing_stands_outside_of_topics(shop: DeskShop) -> None:
    """A report goes to the group itself, and makes no topic."""
    await shop.desk.send(shop.message("日报", about=""))
    assert (["日报"], {}) == (shop.group.heard(""), await shop.group.topics())


async def test_a_message_is_known_by_its_number(shop: DeskShop) -> None:
    """What the outbox records is what a reply or a tap will name."""
    result = await shop.desk.send(shop.message(choices=(Choice("take:ab2cd", "接手"),)))
    (sent,) = shop.group.sent()
    assert str(sent["message_ids"][0]) == result.external_id


@pytest.mark.parametrize("more", ["", ".77", "/lost/1"])
async def test_an_answer_stands_under_the_question(shop: DeskShop, more: str) -> None:
    """It replies to the message (also a changed one) that asked, and is said even if that was deleted since."""
    asked = f"desk/answer/telegram.desk/{GROUP}.57.1767000000{more}"
    await shop.desk.send(shop.message("好的，由您跟进", step="answer", id_=asked))
    (sent,) = shop.group.sent()
    assert {"message_id": 57, "allow_sending_without_reply": True} == sent["reply_parameters"]


@pytest.mark.parametrize(
    "id_",
    [
        f"desk/card/telegram.desk/{GROUP}.57.1767000000",
        "desk/answer/telegram.desk/-99.57.1767000000",
        f"desk/answer/other.desk/{GROUP}.57.1767000000",
        "desk/answer/telegram.desk/tap.57",
        f"desk/answer/taken/{THREAD}/li/wang",
    ],
)
async def test_what_answers_nobody_here_replies_to_nothing(shop: DeskShop, id_: str) -> None:
    """Cards, answers to a tap, and to what was asked in another group or before this one got a new number."""
    await shop.desk.send(shop.message("好的", step="answer", id_=id_))
    (sent,) = shop.group.sent()
    assert "reply_parameters" not in sent


async def test_two_at_once_make_one_topic(shop: DeskShop) -> None:
    """Words about one matter wait for its topic; another matter has its own."""
    messages = [shop.message(str(n), id_=f"desk/card/{n}") for n in range(4)] + [shop.message("other", OTHER)]
    results = await asyncio.gather(*map(shop.desk.send, messages))
    assert {Outcome.ACCEPTED} == {result.outcome for result in results}
    topics = await shop.group.topics()
    assert ["张三 · 催付 · 90000001", "李四 · 催付 · 90000002"] == sorted(topic["name"] for topic in topics.values())
    assert {"0", "1", "2", "3"} == set(shop.group.heard(await shop.group.topic("张三")))


async def test_a_deleted_topic_is_made_anew(shop: DeskShop) -> None:
    """What is said next goes to a new topic, which is kept; nothing is lost and nothing said twice."""
    await shop.desk.send(shop.message("before"))
    gone = shop.topic().number
    await shop.group.delete_topic(gone)
    results = await asyncio.gather(*(shop.desk.send(shop.message(text)) for text in ("a", "b")))
    assert {Outcome.ACCEPTED} == {result.outcome for result in results}
    ((number, _),) = (await shop.group.topics()).items()
    assert (gone != number, number) == (True, shop.topic().number)
    assert {"a", "b"} == set(shop.group.heard(number))


async def test_a_topic_closes_with_its_matter_and_opens_with_it(shop: DeskShop) -> None:
    """The last word of a closed thread closes the topic; the first of one that is open again opens it."""
    await shop.desk.send(shop.message("一"))
    shop.close_thread()
    await shop.desk.send(shop.message("已付款，结束"))
    number = shop.topic().number
    assert (False, False) == ((await shop.group.topics())[number]["open"], shop.topic().is_open)
    shop.close_thread(State.OPEN)
    await shop.desk.send(shop.message("买家又来了"))
    assert (True, True) == ((await shop.group.topics())[number]["open"], shop.topic().is_open)
    assert ["一", "已付款，结束", "买家又来了"] == shop.group.heard(number)


async def test_a_topic_that_somebody_closed_is_opened(shop: DeskShop) -> None:
    """Where Telegram says that it is closed, it is opened and the words are said."""
    await shop.desk.send(shop.message("一"))
    number = shop.topic().number
    await shop.group.set_topic(number, open=False, refuses=True)
    assert Outcome.ACCEPTED is (await shop.desk.send(shop.message("二"))).outcome
    assert (["一", "二"], True) == (shop.group.heard(number), (await shop.group.topics())[number]["open"])


async def test_a_crash_between_making_and_keeping_leaves_an_empty_topic(shop: DeskShop) -> None:
    """Nothing was said in it; after the restart there is a second one, with the words."""
    transact, count = shop.store.transact, 0

    async def dying(work: object, *more: object) -> object:
        nonlocal count
        count += 1
        if count == 2:  # the first reads, the second keeps
            raise asyncio.CancelledError
        return await transact(work, *more)

    shop.store.transact = dying
    with suppress(asyncio.CancelledError):
        await shop.desk.send(shop.message("一"))
    shop.store.transact = transact
    again = desk_of(shop.bot, shop.store, shop.clock)
    assert Outcome.ACCEPTED is (await again.send(shop.message("一"))).outcome
    assert [[], ["一"]] == [shop.group.heard(number) for number in sorted(await shop.group.topics())]


@pytest.mark.parametrize("rights", [{"can_manage_topics": False}, {"is_forum": False}, {"status": "member"}])
async def test_without_the_right_it_is_said_in_the_group(shop: DeskShop, rights: dict[str, object]) -> None:
    """Under the name of the matter, so that people know what they reply to; what is about nothing stays as it is."""
    await shop.group.open(**rights)
    for message in (shop.message("在等"), shop.message("日报", about="")):
        assert Outcome.ACCEPTED is (await shop.desk.send(message)).outcome
    assert ["【张三 · 催付 · 90000001】\n在等", "日报"] == shop.group.heard("")
    assert Rights.NO_TOPICS is shop.desk.group.rights


async def test_a_right_that_was_taken_away_is_noticed(shop: DeskShop) -> None:
    """The words go to the group at once, and somebody is to look again."""
    await shop.desk.send(shop.message("about nothing", about=""))
    await shop.group.open(can_manage_topics=False)
    shop.desk.group.changed.clear()
    assert Outcome.ACCEPTED is (await shop.desk.send(shop.message("在等"))).outcome
    assert "【张三 · 催付 · 90000001】\n在等" == shop.group.heard("")[-1]
    assert (Rights.NO_TOPICS, True) == (shop.desk.group.rights, shop.desk.group.changed.is_set())


@pytest.mark.parametrize("status", ["left", "kicked"])
async def test_a_bot_that_was_thrown_out_waits(shop: DeskShop, status: str) -> None:
    """What it has to say is not given up; the bot alone waits, not the other one that speaks with buyers."""
    await shop.desk.send(shop.message("一"))
    await shop.group.open(status=status)
    result = await shop.desk.send(shop.message("二"))
    assert (Outcome.RETRY, None) == (result.outcome, result.retry_at)
    await shop.group.open(status="administrator")
    assert Outcome.ACCEPTED is (await shop.desk.send(shop.message("二"))).outcome
    assert ["一", "二"] == shop.group.heard()


async def test_a_flood_names_the_time_of_the_next_try(shop: DeskShop) -> None:
    """Also when it hits while a topic is made."""
    await shop.peer.refuse("createForumTopic", 429, "Too Many Requests: retry after 9", retry_after=9)
    result = await shop.desk.send(shop.message())
    assert (Outcome.RETRY, shop.clock.now() + timedelta(seconds=9)) == (result.outcome, result.retry_at)


async def test_a_group_that_became_a_supergroup_is_followed(shop: DeskShop) -> None:
    """The words go to the new one, which is known from then on, for speaking and for hearing."""
    new = AgentsGroup(shop.peer, -1009999)
    await new.open()
    await shop.group.open(moved_to=new.id)
    for text in ("一", "二"):
        assert Outcome.ACCEPTED is (await shop.desk.send(shop.message(text))).outcome
    assert ["一", "二"] == new.heard(await new.topic("张三"))
    assert (True, True) == (shop.desk.group.holds(new.id), shop.desk.group.holds(shop.group.id))


async def test_people_are_mentioned_by_their_ids(shop: DeskShop) -> None:
    """With their names, at the right place as Telegram counts; who has no Telegram is named only."""
    await shop.desk.send(shop.message("😀 @wang, @li! @zhao mail@li.com @nobody", step="alert"))
    (sent,) = shop.group.sent()
    assert "😀 王姐🍵, 小李! @赵 mail@li.com @nobody" == sent["text"]
    shown = sent["text"].encode("utf-16-le")
    marked = [
        (shown[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le"), one["user"]["id"])
        for one in sent["entities"]
    ]
    assert [("王姐🍵", 902), ("小李", 901)] == marked


@pytest.mark.parametrize("step", ["mirror", "card", "answer", "notice"])
async def test_nobody_is_mentioned_in_a_buyers_words(shop: DeskShop, step: str) -> None:
    """A buyer cannot have the supervisor's telephone ring: not by what he writes, on no card that tells his words."""
    await shop.desk.send(shop.message("@wang !!", step=step))
    (sent,) = shop.group.sent()
    assert ("@wang !!", False) == (sent["text"], "entities" in sent)


async def test_buttons_stand_two_in_a_row(shop: DeskShop) -> None:
    """Short ones; long ones have a row each. What stands behind one is 64 bytes at the most, or nothing is sent."""
    short = tuple(Choice(f"take:ab2cd:{n}", f"按钮{n}") for n in range(3))
    await shop.desk.send(shop.message(choices=short))
    await shop.desk.send(shop.message(choices=(*short, Choice("send:x:1", "您好，请问还需要这件商品吗？明天就能发"))))
    rows = [[len(row) for row in sent["reply_markup"]["inline_keyboard"]] for sent in shop.group.sent()]
    assert [[2, 1], [1, 1, 1, 1]] == rows
    assert Outcome.ACCEPTED is (await shop.desk.send(shop.message(choices=(Choice("s" * 64, "x"),)))).outcome
    result = await shop.desk.send(shop.message(choices=(Choice("好" * 22, "x"),)))
    assert (Outcome.REFUSED, Refusal.CONTENT) == (result.outcome, result.refusal)


async def test_a_card_is_changed(shop: DeskShop) -> None:
    """Other words and other buttons, or none; the same again is as good; one that is gone is refused."""
    card = shop.message("在等 @li", choices=(Choice("take:ab2cd", "接手"),))
    made = (await shop.desk.send(card)).external_id
    taken = replace(card, text="小李接手了", choices=(Choice("done:ab2cd", "完成"),))
    bare = replace(card, text="完成", choices=())
    results = [await shop.desk.edit(message, made) for message in (taken, bare, bare)]
    assert {Outcome.ACCEPTED} == {result.outcome for result in results}
    edits = shop.group.edits()
    assert ["小李接手了", "完成", "完成"] == [edit["text"] for edit in edits]
    assert [True, False, False] == ["reply_markup" in edit for edit in edits]
    await shop.peer.refuse("editMessageText", 400, "Bad Request: message is not modified")
    assert Outcome.ACCEPTED is (await shop.desk.edit(bare, made)).outcome
    assert Outcome.REFUSED is (await shop.desk.edit(bare, "99999")).outcome


async def test_words_under_a_photo_are_changed(shop: DeskShop, tmp_path: Path) -> None:
    """As its caption."""
    (tmp_path / "1.jpg").write_bytes(b"jpeg")
    photo = Attachment(Media.PHOTO, str(tmp_path / "1.jpg"))
    made = (await shop.desk.send(shop.message("before", attachments=(photo,)))).external_id
    assert Outcome.ACCEPTED is (await shop.desk.edit(shop.message("after"), made)).outcome
    assert ["after"] == [edit["caption"] for edit in shop.group.edits()]


async def test_an_album_goes_as_one_and_is_known_by_its_first(shop: DeskShop, tmp_path: Path) -> None:
    """Who replies to another photo of it replies to the message all the same."""
    for n in range(3):
        (tmp_path / f"{n}.jpg").write_bytes(b"jpeg")
    photos = tuple(Attachment(Media.PHOTO, str(tmp_path / f"{n}.jpg")) for n in range(3))
    result = await shop.desk.send(shop.message("三张照片", attachments=photos))
    (sent,) = shop.group.sent(shop.topic().number)
    assert ("sendMediaGroup", "三张照片") == (sent["method"], sent["media"][0]["caption"])
    first, _, third = map(str, sent["message_ids"])
    assert (first, first) == (result.external_id, shop.desk.group.known_as(third))


async def test_what_could_not_be_fetched_is_told(shop: DeskShop) -> None:
    """The words beside it go."""
    await shop.desk.send(shop.message("看照片", attachments=(Attachment(Media.PHOTO, ""),)))
    assert ["看照片\n[lost]"] == shop.group.heard()


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_words_arrive_as_they_are(shop: DeskShop, name: str) -> None:
    """In a topic as in a buyer's chat."""
    await shop.desk.send(shop.message(HOSTILE[name], about=THREAD))
    assert [HOSTILE[name]] == shop.group.heard()


async def test_a_long_name_is_cut(shop: DeskShop) -> None:
    """Telegram takes 128 characters; whoever gives himself more is shortened."""
    order = shop.store.tx.facts("tea", "90000001").order
    shop.store.tx.save(replace(order, buyer_name="😀" * 200))
    assert Outcome.ACCEPTED is (await shop.desk.send(shop.message())).outcome
    assert "😀" * 64 == shop.topic().name
