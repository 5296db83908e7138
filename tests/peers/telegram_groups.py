"""Groups with topics, which the emulator lacks: what Telegram's documentation says of them, as we read it."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from lo_bot_api_emulator import ApiRefusal

OURS = frozenset(
    ("createForumTopic", "closeForumTopic", "reopenForumTopic", "editForumTopic", "getChat", "getChatMember")
)
LONGEST_NAME = 128
RIGHTS = "Bad Request: not enough rights to manage forum topics in the chat"


@dataclass
class Group:
    """One group: its topics by their numbers, what the bot may do there, and what it has said."""

    id: int
    title: str = "Agents"
    is_forum: bool = True
    status: str = "administrator"
    can_manage_topics: bool = True
    moved_to: int = 0
    topics: dict[int, dict[str, Any]] = field(default_factory=dict)
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    most: int = 0
    seconds: float = 60.0
    sent: deque[float] = field(default_factory=deque)

    @property
    def shown(self) -> dict[str, Any]:
        """The group as it stands in a message."""
        kind = "supergroup" if str(self.id).startswith("-100") else "group"
        return {"id": self.id, "type": kind, "title": self.title, **({"is_forum": True} if self.is_forum else {})}


class Groups:
    """All groups of the emulator; one that was not opened is a plain chat of the emulator's."""

    def __init__(self) -> None:
        self._known: dict[int, Group] = {}

    def open(self, id: int, **more: Any) -> None:  # noqa: A002 - as Telegram calls it
        """A group, or a change to one."""
        group = self._known.setdefault(id, Group(id))
        for name, value in more.items():
            setattr(group, name, value)

    def of(self, fields: dict[str, Any]) -> Group | None:
        """The group that a call is about."""
        return self._known.get(int(fields.get("chat_id") or 0))

    def check(self, method: str, fields: dict[str, Any], count: int) -> None:
        """Refuse what Telegram would refuse of a call about a group."""
        group = self.of(fields)
        if group is None:
            return
        self._check_place(group)
        if method.startswith("send"):
            self._check_topic(group, fields.get("message_thread_id"))
            self._check_rate(group, count)
        if method.startswith("editMessage") and int(fields["message_id"]) not in group.messages:
            raise ApiRefusal("Bad Request: message to edit not found")
        if method == "editMessageText" and "text" not in group.messages[int(fields["message_id"])]:
            raise ApiRefusal("Bad Request: there is no text in the message to edit")

    @staticmethod
    def _check_place(group: Group) -> None:
        if group.moved_to:
            moved = "Bad Request: group chat was upgraded to a supergroup chat"
            raise ApiRefusal(moved, 400, {"migrate_to_chat_id": group.moved_to})
        if group.status in ("left", "kicked"):
            raise ApiRefusal("Forbidden: bot is not a member of the supergroup chat", 403)

    @staticmethod
    def _check_topic(group: Group, number: Any) -> None:
        if number is None:
            return
        topic = group.topics.get(int(number))
        if topic is None or not group.is_forum:
            raise ApiRefusal("Bad Request: message thread not found")
        if not topic["open"] and not group.can_manage_topics:
            raise ApiRefusal("Bad Request: TOPIC_CLOSED")
        if topic.get("refuses"):
            topic["refuses"] = False
            raise ApiRefusal("Bad Request: TOPIC_CLOSED")

    @staticmethod
    def _check_rate(group: Group, count: int) -> None:
        now = time.monotonic()
        while group.sent and group.sent[0] < now - group.seconds:
            group.sent.popleft()
        if group.most and len(group.sent) + count > group.most:
            left = math.ceil(group.sent[0] + group.seconds - now) if group.sent else 1
            raise ApiRefusal(f"Too Many Requests: retry after {left}", 429, {"retry_after": left})
        group.sent.extend([now] * count)

    def dress(self, result: Any, fields: dict[str, Any], emulator: Any) -> None:
        """Make of the emulator's answer one about a message in the group, each with a number of its own."""
        group = self.of(fields)
        shown = result if isinstance(result, list) else [result]
        if group is None or not all(isinstance(each, dict) and "message_id" in each for each in shown):
            return
        for at, each in enumerate(shown):
            if at:
                each["message_id"], emulator.next_id = emulator.next_id, emulator.next_id + 1
            each |= {"date": int(time.time()), "chat": group.shown}
            if fields.get("message_thread_id") is not None:
                each |= {"message_thread_id": int(fields["message_thread_id"]), "is_topic_message": True}
            group.messages[each["message_id"]] = each

    def answer(self, method: str, fields: dict[str, Any], emulator: Any) -> Any:
        """Answer a call that the emulator does not know."""
        group = self.of(fields)
        if group is None:
            raise ApiRefusal("Bad Request: chat not found")
        if method != "getChatMember":
            self._check_place(group)
        if method == "getChat":
            return {**group.shown, "accent_color_id": 0, "max_reaction_count": 11}
        if method == "getChatMember":
            rights = {"can_manage_topics": group.can_manage_topics} if group.status == "administrator" else {}
            return {"status": group.status, "user": {"id": int(fields["user_id"]), "is_bot": True}, **rights}
        return self._topic(method, group, fields, emulator)

    @staticmethod
    def _topic(method: str, group: Group, fields: dict[str, Any], emulator: Any) -> Any:
        if not group.is_forum:
            raise ApiRefusal("Bad Request: the chat is not a forum")
        if not (group.can_manage_topics and group.status in ("administrator", "creator")):
            raise ApiRefusal(RIGHTS)
        if method == "createForumTopic":
            name = fields.get("name") or ""
            if not 1 <= len(name) <= LONGEST_NAME:
                raise ApiRefusal(
                    "Bad Request: TOPIC_TITLE_EMPTY" if not name else "Bad Request: topic name is too long"
                )
            number, emulator.next_id = emulator.next_id, emulator.next_id + 1
            group.topics[number] = {"name": name, "open": True}
            return {"message_thread_id": number, "name": name, "icon_color": fields.get("icon_color", 7322096)}
        topic = group.topics.get(int(fields["message_thread_id"]))
        if topic is None:
            raise ApiRefusal("Bad Request: TOPIC_ID_INVALID")
        if method == "editForumTopic":
            topic["name"] = fields.get("name") or topic["name"]
            return True
        is_open = method == "reopenForumTopic"
        if topic["open"] is is_open:
            raise ApiRefusal("Bad Request: TOPIC_NOT_MODIFIED")
        topic["open"] = is_open
        return True

    def topics(self, id: int) -> dict[str, dict[str, Any]]:  # noqa: A002
        """The topics of a group by their numbers."""
        return {str(number): topic for number, topic in self._known[id].topics.items()}

    def delete_topic(self, id: int, number: int) -> None:  # noqa: A002
        """Somebody deletes a topic with all that stands in it."""
        del self._known[id].topics[number]

    def set_topic(self, id: int, number: int, **more: Any) -> None:  # noqa: A002
        """Somebody closes a topic (`open=False`), or it refuses the next word (`refuses=True`)."""
        self._known[id].topics[number] |= more
