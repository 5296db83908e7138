"""The agents' group on Telegram: what the shop's own people are told, each matter in its topic (docs/desk.md)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from telegram.error import BadRequest, TelegramError

from bot.channels.telegram_group import Group, Rights
from bot.channels.telegram_mentions import mentioned, utf16
from bot.channels.telegram_request import Api
from bot.channels.telegram_send import CAPABILITIES, Call, NotSendable, calls_for, change, changes_for, failed
from bot.channels.telegram_topics import Matter, NoTopics, Topics
from followup.desk.people import Roster
from followup.desk.records import Topic
from followup.events import DeliveryResult, Outcome, Refusal
from followup.model import Attachment, Outgoing
from followup.ports import Capabilities, Clock

ROOM = 196
"""Kept free for what is added to a text: the matter's name where there are no topics, people's names, lost files."""
ALERT = "alert"
"""The step in which people are mentioned; what else is told may be a buyer's words, which ring nobody's telephone."""
_ASKED = re.compile(r"desk/answer/(?P<desk>[^/]+)/(?P<group>-?\d+)\.(?P<number>\d+)\.\d+")
"""The id of an answer holds that of the message that asked for it (`telegram_parse.identity`)."""


class TelegramDesk:
    """The agents' group of one bot, as a channel of its own beside that of buyers.

    Where the bot may make no topics, all is said in the group itself, each message under the name of its matter, and
    answered by replying to it.
    """

    capabilities: Capabilities = replace(CAPABILITIES, longest_text=4096 - ROOM, needs_chat=False, deletes=False)

    def __init__(
        self,
        *,
        name: str,
        api: Api,
        group: Group,
        topics: Topics,
        clock: Clock,
        roster: Roster,
        lost: Callable[[Attachment], str],
    ) -> None:
        self.name, self.group = name, group
        self._api, self._topics, self._clock, self._roster, self._lost = api, topics, clock, roster, lost

    def is_group(self, address: str) -> bool:  # noqa: ARG002 - it is nothing else
        """Always: its twenty messages a minute are for all matters together."""
        return True

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Say it in the topic of what it is about, else in the group. What went wrong after the first of several calls
        is told with the acceptance: nothing goes twice."""
        made = list[str]()
        try:
            await self._say(message, made)
        except NotSendable as error:
            return self._refused(message, str(error))
        except TelegramError as error:
            said = self._api.without_token(str(error))
            if made:
                return self._accepted(message, made, f"not all of it: {said}")
            return self._failed(error, said, message)
        return self._accepted(message, made)

    async def edit(self, message: Outgoing, external_id: str) -> DeliveryResult:
        """Put the words and buttons of a message in the place of those of an earlier one."""
        try:
            await self._rights()
            shown = message if self._has_topics(message) else await self._headed(message)
            text, entities = self._words(shown)
            await change(self._call, changes_for(replace(shown, text=text), external_id, entities, across=2))
        except NotSendable as error:
            return self._refused(message, str(error))
        except TelegramError as error:
            said = self._api.without_token(str(error))
            if "not modified" not in said:
                return self._failed(error, said, message)
        return self._accepted(message, [external_id])

    async def _say(self, message: Outgoing, made: list[str]) -> None:
        await self._rights()
        if self._has_topics(message):
            try:
                await self._say_in_topic(message, made)
            except NoTopics:
                self.group.found(Rights.NO_TOPICS)
            else:
                return
        for call in await self._calls(await self._headed(message)):
            made += _numbers(await self._call(call))

    async def _say_in_topic(self, message: Outgoing, made: list[str]) -> None:
        matter, topic = await self._topics.open_for(message.about)
        for call in await self._calls(message):
            topic = await self._call_in(matter, topic, call, made)
        await self._topics.close_if_over(matter, topic)

    async def _call_in(self, matter: Matter, topic: Topic, call: Call, made: list[str]) -> Topic:
        """Make a call in a topic, or in the one that takes its place; returns where it was made."""
        try:
            made += _numbers(await self.group.call(call.method, _within(topic, call)))
        except BadRequest as error:
            topic = await self._topics.again(matter, topic, error)
            made += _numbers(await self.group.call(call.method, _within(topic, call)))
        return topic

    async def _calls(self, message: Outgoing) -> list[Call]:
        text, entities = self._words(message)
        told = replace(message, text=text, attachments=tuple(each for each in message.attachments if each.ref))
        first, *others = await asyncio.to_thread(calls_for, told, entities=entities, across=2)
        return [self._as_reply(first, message), *others]

    def _as_reply(self, call: Call, message: Outgoing) -> Call:
        """An answer stands under what was asked, so that everybody sees whose command it was; if that was deleted, or
        asked in the group before it moved, it stands alone."""
        asked = _ASKED.match(message.id)
        if asked is None or (asked["desk"], asked["group"]) != (self.name, self.group.address):
            return call
        shown = {"message_id": int(asked["number"]), "allow_sending_without_reply": True}
        return replace(call, fields={**call.fields, "reply_parameters": shown})

    def _words(self, message: Outgoing) -> tuple[str, Sequence[dict[str, Any]]]:
        """The text as it is shown, with the people it mentions, and a line for each file that nobody could fetch."""
        lost = [self._lost(each) for each in message.attachments if not each.ref]
        text = "\n".join(filter(None, (message.text, *lost)))
        if message.step != ALERT:
            return text, ()
        shown, entities = mentioned(text, self._roster)
        return (shown, entities) if utf16(shown) <= CAPABILITIES.longest_text else (text, ())

    async def _headed(self, message: Outgoing) -> Outgoing:
        """The message under the name of its matter, so that people know what they reply to."""
        if not message.about:
            return message
        matter = await self._topics.matter(message.about)
        return replace(message, text="\n".join(filter(None, (f"【{matter.title}】", message.text))))

    async def _call(self, call: Call) -> Any:
        return await self.group.call(call.method, call.fields)

    async def _rights(self) -> None:
        if self.group.rights in (None, Rights.ABSENT):
            await self.group.look()

    def _has_topics(self, message: Outgoing) -> bool:
        return bool(message.about) and self.group.rights is Rights.TOPICS

    def _accepted(self, message: Outgoing, made: Sequence[str], error: str = "") -> DeliveryResult:
        """It is known by its first number, to which the others lead too."""
        self.group.said(made)
        return DeliveryResult(message.id, Outcome.ACCEPTED, self._clock.now(), made[0] if made else "", error)

    def _refused(self, message: Outgoing, why: str) -> DeliveryResult:
        now = self._clock.now()
        return DeliveryResult(message.id, Outcome.REFUSED, now, error=why, refusal=Refusal.CONTENT)

    def _failed(self, error: TelegramError, said: str, message: Outgoing) -> DeliveryResult:
        """A bot that was thrown out of the group is let in again some day: what it has to say waits for that."""
        result = failed(error, said, message, self._clock.now())
        if result.outcome is Outcome.REFUSED and result.refusal is Refusal.BLOCKED:
            self.group.found(Rights.ABSENT)
            return DeliveryResult(message.id, Outcome.RETRY, result.at, error=said)
        return result


def _within(topic: Topic, call: Call) -> dict[str, Any]:
    return {**call.fields, "message_thread_id": int(topic.number)}


def _numbers(answer: Any) -> list[str]:
    """The numbers of the messages that were made."""
    return [str(each["message_id"]) for each in (answer if isinstance(answer, list) else [answer])]
