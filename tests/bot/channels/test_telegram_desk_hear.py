"""What is said in the agents' group, as it comes over the wire from our extension of the emulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram import Telegram
from bot.channels.telegram_desk_files import LARGEST, DeskCarrier, DeskFiles
from bot.channels.telegram_desk_hear import group_key
from followup.attachments import passed_on
from followup.events import DeskSaid, Incoming, MessageReceived
from followup.model import Attachment, Choice, Health, Media, Raw
from followup.ports import NotYet, Unparseable
from scheduler.clock import SystemClock
from tests.bot.channels.live import until
from tests.bot.channels.telegram_shop import NOON, DeskShop, desk_shop, for_agents
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_agents import GROUP, Agent, AgentsGroup
from tests.peers.telegram_inbox import MemoryInbox


@dataclass
class Ears:
    """A bot that hears its agents' group."""

    peer: TelegramPeer
    group: AgentsGroup
    bot: Telegram
    inbox: MemoryInbox

    async def heard(self, count: int) -> list[Incoming]:
        """What was heard, once so many updates have arrived."""
        await until(lambda: len(self.inbox.raws) == count)
        return [event for raw in self.inbox.raws.values() for event in await self.bot.parse(raw)]

    async def only(self) -> DeskSaid:
        """The one thing that was heard."""
        (event,) = await self.heard(1)
        assert isinstance(event, DeskSaid)
        return event


async def listening(folder: Path, **options: Any) -> AsyncIterator[Ears]:
    """A bot that is listening."""
    peer, inbox = TelegramPeer(folder / "peer"), MemoryInbox()
    await peer.start()
    group, bot = AgentsGroup(peer), peer.channel(SystemClock(), **options)
    await group.open()
    task = asyncio.create_task(bot.receive(inbox))
    await until(lambda: inbox.healths == [Health.UP])
    yield Ears(peer, group, bot, inbox)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await bot.close()
    await peer.stop()


@pytest.fixture
async def ears(tmp_path: Path) -> AsyncIterator[Ears]:
    """One with buyers and a group."""
    async for ears in listening(tmp_path, agents_group=GROUP):
        yield ears


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Ears]:
    """One for the shop's people alone."""
    async for ears in listening(tmp_path, agents_group=GROUP, buyers=False):
        yield ears


@pytest.fixture
def li(ears: Ears) -> Agent:
    """Somebody in the group."""
    return ears.group.agent(901, "小李")


async def test_words_in_a_topic(ears: Ears, li: Agent) -> None:
    """Who, where and what, of the desk's channel and the account's shop. All in a topic answers its first message,
    which is no answer."""
    id_ = await li.says("57", "您好，马上为您查")
    said = await ears.only()
    assert ("tea", "telegram.desk", "901", "57", "") == (said.shop, said.desk, said.person, said.topic, said.replies_to)
    assert (id_, "您好，马上为您查", "小李") == (said.external_id, said.text, said.sender_name)


async def test_an_answer_names_the_message(ears: Ears, li: Agent) -> None:
    """In a topic and outside of all, by the number that the sender was told."""
    await li.says("57", "在的", replies_to=60)
    await li.says("", "在的", replies_to=61)
    assert [("57", "60"), ("", "61")] == [(each.topic, each.replies_to) for each in await ears.heard(2)]


async def test_a_stranger_is_heard_as_anybody(ears: Ears) -> None:
    """Whether he is one of the shop's people is looked up later; he is no buyer in any case."""
    await ears.group.agent(999, "Stranger").says("57", "/take")
    assert "999" == (await ears.only()).person


async def test_a_correction_names_what_it_corrects(ears: Ears, li: Agent) -> None:
    """By the external id of the first words, with one of its own."""
    id_ = await li.says("57", "明天发")
    await li.edits(id_, "后天发")
    first, second = await ears.heard(2)
    assert ("", id_, "后天发", "57") == (first.edits, second.edits, second.text, second.topic)
    assert first.external_id != second.external_id


async def test_an_album_grows(ears: Ears, li: Agent) -> None:
    """Every photo after the first is an edit of the first message, with all so far and the words."""
    ids = await li.sends("57", [b"1", b"2", b"3"], "看这里")
    said = await ears.heard(3)
    assert ["", ids[0], ids[0]] == [each.edits for each in said]
    assert [1, 2, 3] == [len(each.attachments) for each in said]
    assert {"看这里"} == {each.text for each in said}
    assert [False, True, True] == [each.joins for each in said]


async def test_other_words_under_an_album_keep_its_photos(ears: Ears, li: Agent) -> None:
    """The correction of its first message is one of all of it."""
    ids = await li.sends("57", [b"1", b"2"], "看这里")
    await li.edits(ids[0], "请看")
    last = (await ears.heard(3))[-1]
    assert (ids[0], "请看", 2, False) == (last.edits, last.text, len(last.attachments), last.joins)


async def test_a_tap_names_button_message_and_topic(ears: Ears, li: Agent, tmp_path: Path) -> None:
    """It is answered, so that the button stops spinning, and the buttons stay."""
    await ears.peer._post("__ours/group", id=GROUP, topics={57: {"name": "x", "open": True}})
    sent = await ears.bot.send(for_agents(choices=(Choice("take:ab2cd", "接手"),)))
    await li.taps("接手", {**ears.group.sent()[0], "message_thread_id": 57})
    said = await ears.only()
    assert ("take:ab2cd", sent.external_id, "57", "") == (said.button, said.replies_to, said.topic, said.text)
    await until(lambda: len(ears.peer.calls("answerCallbackQuery")) == 1)
    assert [] == ears.peer.calls("editMessage")


async def test_what_nobody_said_is_not_heard(ears: Ears, li: Agent) -> None:
    """Topics that come and go, people that join, other bots, and who does not say who he is."""
    deliver, made = ears.peer.deliver, {"name": "x", "icon_color": 7322096}
    for service in ({"forum_topic_created": made}, {"forum_topic_closed": {}}, {"new_chat_members": [li.person]}):
        await deliver(ears.group.update(message=li.message("57", None, **service)))
    bot = {"id": 5, "is_bot": True, "first_name": "GroupAnonymousBot"}
    await deliver(ears.group.update(message=li.message("57", "from a bot") | {"from": bot}))
    await deliver(ears.group.update(message=li.message("57", "anonymous", sender_chat=ears.group.shown)))
    assert [] == await ears.heard(5)


async def test_buyers_are_heard_as_before(ears: Ears) -> None:
    """In private, and in another group, in which a buyer speaks."""
    await ears.peer.says("501", "在吗")
    await AgentsGroup(ears.peer, -1007).agent(502).says("", "在吗")
    events = await ears.heard(2)
    assert [MessageReceived, MessageReceived] == [type(event) for event in events]
    assert ["", "-1007"] == [event.room for event in events]


async def test_a_bot_for_the_shops_people_hears_no_buyer(own: Ears) -> None:
    """Whoever writes to it alone speaks with the desk, and other groups are nothing to it."""
    await own.group.agent(901).says_privately("/tasks")
    await AgentsGroup(own.peer, -1007).agent(502).says("", "在吗")
    await own.peer.deliver(own.peer.blocked("501"))
    (said,) = await own.heard(3)
    assert (DeskSaid, "/tasks", "", "", "901") == (type(said), said.text, said.topic, said.replies_to, said.person)


async def test_a_group_that_moves_is_heard_on(ears: Ears, li: Agent) -> None:
    """From the message that tells of it."""
    new = AgentsGroup(ears.peer, -1009999)
    await ears.peer.deliver(ears.group.update(message=li.message("", None, migrate_to_chat_id=new.id)))
    await new.agent(901).says("8", "在")
    (said,) = await ears.heard(2)
    assert (DeskSaid, "8") == (type(said), said.topic)


async def test_the_groups_that_it_is_in_are_kept(ears: Ears) -> None:
    """With their names, until it leaves; that of its own people is worth a new look."""
    other = AgentsGroup(ears.peer, -1007, "Tea shop")
    for update in (other.membership(), ears.group.membership("member")):
        await ears.peer.deliver(update)
    ears.bot.desk.group.changed.clear()
    assert [] == await ears.heard(2)
    known = {name: value for name, value in ears.inbox.cursors.items() if name.startswith(group_key("telegram"))}
    assert {group_key("telegram", -1007): "Tea shop", group_key("telegram", GROUP): "Agents"} == known
    assert ears.bot.desk.group.changed.is_set()
    await ears.peer.deliver(other.membership("left"))
    await ears.heard(3)
    assert "" == ears.inbox.cursors[group_key("telegram", -1007)]


async def test_a_button_without_data_means_nothing(ears: Ears) -> None:
    """It is put aside like any update that cannot be read."""
    tap = {"id": "T", "from": ears.group.agent().person, "chat_instance": "c"}
    shown = {"message_id": 5, "date": 1, "chat": ears.group.shown}
    await ears.peer.deliver(ears.group.update(callback_query={**tap, "message": shown}))
    await until(lambda: len(ears.inbox.raws) == 1)
    with pytest.raises(Unparseable):
        await ears.bot.parse(*ears.inbox.raws.values())


async def test_files_of_agents_are_kept(ears: Ears, li: Agent, tmp_path: Path) -> None:
    """In a folder, under a name of our own, once; they are read there by their paths."""
    ears.bot.desk.files = DeskFiles(tmp_path / "desk", ears.bot.fetch)
    await li.sends("57", [b"one", b"two"], kind="document")
    said = await ears.heard(2)
    one, two = (Path(each.ref) for each in said[-1].attachments)
    assert (b"one", b"two", tmp_path / "desk") == (one.read_bytes(), two.read_bytes(), one.parent)
    assert b"two" == await ears.bot.fetch(said[-1].attachments[1])
    calls = len(ears.peer.calls("getFile"))
    await ears.heard(2)
    assert calls == len(ears.peer.calls("getFile")) == 2


async def test_files_of_strangers_are_not_fetched(ears: Ears, tmp_path: Path) -> None:
    """He is heard, and nothing of his comes onto the disk."""
    ears.bot.desk.files, ears.bot.desk.known = DeskFiles(tmp_path / "desk", ears.bot.fetch), "901".__eq__
    await ears.group.agent(999).sends("57", [b"virus"])
    assert 1 == len((await ears.only()).attachments)
    assert not (tmp_path / "desk").exists()


async def test_a_file_that_cannot_be_had_is_told(ears: Ears, li: Agent, tmp_path: Path) -> None:
    """By its name, and without a place: too large for Telegram to give to a bot, or gone."""
    ears.bot.desk.files = DeskFiles(tmp_path / "desk", ears.bot.fetch)
    huge = {"file_id": "h", "file_unique_id": "uh", "file_size": LARGEST + 1, "file_name": "film.mp4"}
    gone = {"file_id": "g", "file_unique_id": "ug", "file_name": "old.pdf"}
    for file in (huge, gone):
        await ears.peer.deliver(ears.group.update(message=li.message("57", None, document=file)))
    told = [each.attachments[0] for each in await ears.heard(2)]
    expected = [(Media.FILE, "", "film.mp4"), (Media.FILE, "", "old.pdf")]
    assert expected == [(each.media, each.ref, each.name) for each in told]


async def test_a_file_that_cannot_be_had_now_waits(ears: Ears, li: Agent, tmp_path: Path) -> None:
    """The message is read again later, and then has it."""
    ears.bot.desk.files = DeskFiles(tmp_path / "desk", ears.bot.fetch)
    await li.sends("57", [b"one"])
    await until(lambda: len(ears.inbox.raws) == 1)
    await ears.peer.refuse("getFile", 500, "Internal Server Error")
    with pytest.raises(NotYet):
        await ears.bot.parse(*ears.inbox.raws.values())
    (attachment,) = (await ears.only()).attachments
    assert b"one" == await ears.bot.fetch(attachment)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[DeskShop]:
    """A group with topics."""
    async with desk_shop(tmp_path) as shop:
        yield shop


async def test_what_a_buyer_sent_is_shown_by_its_id(shop: DeskShop) -> None:
    """Nothing is fetched that Telegram has; a voice message follows the words."""
    await shop.peer.file("photo-1", b"jpeg")
    await shop.peer.file("voice-1", b"ogg")
    told = for_agents("看", attachments=(_of_buyer(Media.PHOTO, "photo-1"), _of_buyer(Media.VOICE, "voice-1")))
    async with DeskCarrier({"telegram": shop.bot}, "telegram").carried(told) as carried:
        await shop.desk.send(carried)
    sent = shop.group.sent(shop.topic().number)
    assert [("sendMessage", None), ("sendPhoto", "photo-1"), ("sendVoice", "voice-1")] == [
        (call["method"], call.get("photo") or call.get("voice")) for call in sent
    ]
    assert [] == shop.peer.calls("getFile")


async def test_what_another_channel_received_is_carried_over(shop: DeskShop) -> None:
    """Its bytes are; what is gone leaves a line, and the words go all the same."""
    await shop.peer.file("doc", b"pdf")
    here, gone = _of_buyer(Media.FILE, "doc", "wechaty"), _of_buyer(Media.PHOTO, "gone", "wechaty")
    told = for_agents("看", attachments=(here, gone))
    async with DeskCarrier({"wechaty": shop.bot}, "telegram").carried(told) as carried:
        await shop.desk.send(carried)
    (sent,) = shop.group.sent()
    assert ("sendDocument", "看\n[lost]", 1) == (sent["method"], sent["caption"], len(sent["files"]))


async def test_a_service_that_is_away_has_the_message_wait(shop: DeskShop) -> None:
    """Nothing was said yet, so it is tried again."""
    await shop.peer.refuse("getFile", 502, "Bad Gateway")
    told = for_agents("看", attachments=(_of_buyer(Media.FILE, "doc"),))
    with pytest.raises(NotYet):
        async with DeskCarrier({"telegram": shop.bot}, "telegram").carried(told):
            raise AssertionError("it cannot be carried yet")


def _of_buyer(media: Media, ref: str, channel: str = "telegram") -> Attachment:
    return passed_on(Attachment(media, ref), channel)


def a_raw(body: bytes) -> Raw:
    """An update as it was delivered."""
    return Raw("telegram", "1", body, NOON)


async def test_an_update_of_no_chat_is_no_desks(shop: DeskShop) -> None:
    """It is read as before: it means nothing."""
    with pytest.raises(Unparseable):
        await shop.bot.parse(a_raw(b'{"update_id": 1, "message": {"text": "from nobody"}}'))
