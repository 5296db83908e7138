"""The shop's people in their group on Telegram, at the peer of tests/peers/telegram.py.

group = AgentsGroup(peer)
await group.open()
li = group.agent()
await li.says(topic, "您好")
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.peers.telegram import TelegramPeer

GROUP = -1001234
RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats"),
    *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories"),
    *("can_edit_stories", "can_delete_stories", "can_manage_topics"),
)
"""What an administrator may do, by Telegram's names."""
_TAPS = itertools.count(1)
_ALBUMS = itertools.count(1)


@dataclass
class AgentsGroup:
    """A group with topics in which the bot is an administrator, unless it is opened otherwise."""

    peer: TelegramPeer
    id: int = GROUP
    title: str = "Agents"

    async def open(self, **more: Any) -> None:
        """Have it there, or change it: `is_forum`, `can_manage_topics`, `status`, `moved_to`, `most` a minute."""
        await self.peer._post("__ours/group", id=self.id, title=self.title, **more)

    def agent(self, number: int = 901, name: str = "Li") -> Agent:
        """One of its people, by his user id."""
        return Agent(self, number, name)

    async def topics(self) -> dict[str, dict[str, Any]]:
        """Its topics by their numbers: the name, and whether it is open."""
        return (await self.peer._post("__ours/topics", id=self.id))["result"]

    async def topic(self, part: str) -> str:
        """The number of the only topic whose name has this in it."""
        (found,) = [number for number, topic in (await self.topics()).items() if part in topic["name"]]
        return found

    async def delete_topic(self, topic: str) -> None:
        """Somebody deletes a topic."""
        await self.peer._post("__ours/delete_topic", id=self.id, number=int(topic))

    async def set_topic(self, topic: str, **more: Any) -> None:
        """Somebody closes it (`open=False`), or it refuses the next word as closed (`refuses=True`)."""
        await self.peer._post("__ours/set_topic", id=self.id, number=int(topic), **more)

    def sent(self, topic: str | None = None) -> list[dict[str, Any]]:
        """What the bot said here that was accepted, as it was called, oldest first: in one topic ("": outside of all),
        or everywhere (None). `message_ids` are the numbers of the messages."""
        calls = [call for call in self.peer.calls("send") if call["status"] == 200 and self._is_here(call)]
        return [call for call in calls if topic is None or str(call.get("message_thread_id", "")) == topic]

    def heard(self, topic: str | None = None) -> list[str]:
        """The words of those."""
        return [_words(call) for call in self.sent(topic)]

    def edits(self) -> list[dict[str, Any]]:
        """The changes that the bot made to what it had said."""
        return [call for call in self.peer.calls("editMessage") if call["status"] == 200 and self._is_here(call)]

    def _is_here(self, call: dict[str, Any]) -> bool:
        return str(call.get("chat_id")) == str(self.id)

    @property
    def shown(self) -> dict[str, Any]:
        """The group as it stands in a message."""
        return {"id": self.id, "type": "supergroup", "title": self.title, "is_forum": True}

    def update(self, **kind: Any) -> dict[str, Any]:
        """Any update with the next number."""
        return self.peer.update(**kind)

    def membership(self, status: str = "administrator", **rights: Any) -> dict[str, Any]:
        """The update that tells what the bot has become here."""
        bot = {"id": 7, "is_bot": True, "first_name": "Lab"}
        person = {"id": 901, "is_bot": False, "first_name": "Li"}
        may = dict.fromkeys(RIGHTS if status == "administrator" else (), True)
        told = {"status": status, "user": bot, **may, **rights}
        before = {"status": "left", "user": bot}
        change = {"chat": self.shown, "from": person, "date": int(time.time())}
        return self.update(my_chat_member={**change, "old_chat_member": before, "new_chat_member": told})


@dataclass
class Agent:
    """Somebody in the group."""

    group: AgentsGroup
    id: int
    name: str
    _said: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def says(self, topic: str, text: str | None, replies_to: int | str = 0, **more: Any) -> str:
        """Write in a topic ("": outside of all), perhaps in answer to a message; returns the external id."""
        return await self._deliver(self.message(topic, text, replies_to, **more))

    def message(self, topic: str, text: str | None, replies_to: int | str = 0, **more: Any) -> dict[str, Any]:
        """A message of his, not yet delivered."""
        shown = self._body(self.group.shown, text)
        if topic:
            shown |= {"message_thread_id": int(topic), "is_topic_message": True}
            created = {"forum_topic_created": {"name": "?", "icon_color": 7322096}, "message_id": int(topic)}
            shown["reply_to_message"] = {**self._of_bot(topic), **created}
        if replies_to:
            shown["reply_to_message"] = {**self._of_bot(topic), "message_id": int(replies_to), "text": "?"}
        return shown | more

    async def says_privately(self, text: str) -> str:
        """Write to the bot alone."""
        return await self._deliver(self._body({"id": self.id, "type": "private", "first_name": self.name}, text))

    async def edits(self, external_id: str, text: str) -> None:
        """Correct what he said."""
        before = self._said[external_id]
        words = {"caption" if "caption" in before or "photo" in before else "text": text}
        await self.group.peer.deliver(
            self.group.update(edited_message={**before, **words, "edit_date": int(time.time())})
        )

    async def sends(self, topic: str, files: Sequence[bytes], caption: str = "", kind: str = "photo") -> list[str]:
        """Send files: one by itself, several as an album; returns the external ids."""
        group = {"media_group_id": f"album{next(_ALBUMS)}"} if len(files) > 1 else {}
        ids = []
        for content in files:
            shown = self.message(topic, None, **group)
            file_id = f"{kind}-{shown['message_id']}"
            await self.group.peer.file(file_id, content)
            sized = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(content)}
            shown[kind] = [{**sized, "width": 9, "height": 9}] if kind == "photo" else sized
            if caption and not ids:
                shown["caption"] = caption
            ids.append(await self._deliver(shown))
        return ids

    async def taps(self, button: str, at: dict[str, Any]) -> None:
        """Tap the button with that label or data under what the bot said (one of `AgentsGroup.sent`)."""
        rows = at["reply_markup"]["inline_keyboard"]
        (found,) = [each for row in rows for each in row if button in (each["text"], each["callback_data"])]
        topic = str(at.get("message_thread_id", ""))
        shown = self._of_bot(topic) | {
            "message_id": at["message_ids"][0],
            "text": _words(at),
            "reply_markup": {"inline_keyboard": rows},
        }
        tap = {"id": f"T{next(_TAPS)}", "from": self.person, "chat_instance": "c", "data": found["callback_data"]}
        await self.group.peer.deliver(self.group.update(callback_query={**tap, "message": shown}))

    @property
    def person(self) -> dict[str, Any]:
        """He as he stands in a message."""
        return {"id": self.id, "is_bot": False, "first_name": self.name}

    def _body(self, chat: dict[str, Any], text: str | None) -> dict[str, Any]:
        number = next(self.group.peer._messages)
        words = {} if text is None else {"text": text}
        return {"message_id": number, "date": int(time.time()), "chat": chat, "from": self.person, **words}

    def _of_bot(self, topic: str) -> dict[str, Any]:
        bot = {"id": 7, "is_bot": True, "first_name": "Lab"}
        where = {"message_thread_id": int(topic), "is_topic_message": True} if topic else {}
        return {"date": int(time.time()), "chat": self.group.shown, "from": bot, **where}

    async def _deliver(self, message: dict[str, Any]) -> str:
        external_id = f"{message['chat']['id']}.{message['message_id']}.{message['date']}"
        self._said[external_id] = message
        await self.group.peer.deliver(self.group.update(message=message))
        return external_id


def _words(call: dict[str, Any]) -> str:
    album = call.get("media") or [{}]
    return call.get("text") or call.get("caption") or album[0].get("caption") or ""
