"""Changing what was sent: after the original, under its name on the channel, and never anywhere else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from followup.events import DeliveryResult, Outcome, Refusal
from followup.model import Attachment, Media, Outgoing, OutgoingState, Role
from followup.ports import Capabilities, NotYet, Unparseable
from scheduler.calling import NEVER_WENT, NO_EDITS
from scheduler.carrying import Carrier
from scheduler.outbox import Outbox
from store.audit import audit
from tests.scheduler.shop import HOUR, MINUTE, NOON, ScriptedChannel, Shop, on_both

TOO_OLD = DeliveryResult("m/edit", Outcome.REFUSED, NOON, error="too old", refusal=Refusal.CONTENT)


@dataclass
class Changing(ScriptedChannel):
    """A channel that knows its messages as `x<id>`, and changes them as it is told to."""

    capabilities: Capabilities = field(default_factory=lambda: Capabilities(edits=True))
    changed: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, message: Outgoing) -> DeliveryResult:
        result = await super().send(message)
        return replace(result, external_id=f"x{message.id}") if result.outcome is Outcome.ACCEPTED else result

    async def edit(self, message: Outgoing, external_id: str) -> DeliveryResult:
        self.changed.append((external_id, message.text))
        return replace(await super().send(message), external_id=external_id)


@pytest.fixture
def changing(shop: Shop) -> Changing:
    """The channel of the shop from now on."""
    channel = Changing(shop.clock)
    shop.channel, shop.outbox = channel, Outbox(channel, shop.store, shop.deps, shop.clock)
    return channel


def said(shop: Shop, id_: str = "m", **more: object) -> Outgoing:
    """A person's words wait."""
    return shop.waiting(id_, **{"role": Role.REPLY, "step": "says", **more})


def findings(shop: Shop) -> list[str]:
    """What the audit has to say."""
    with shop.store.engine.connect() as connection:
        return [f"{found.rule} {found.id}" for found in audit(connection).findings]


def sent(shop: Shop) -> int:
    """How many messages the audit counts as sent."""
    with shop.store.engine.connect() as connection:
        return audit(connection).sent


@on_both
async def test_it_goes_after_the_original(shop: Shop, changing: Changing) -> None:
    """Both wait: the original goes first, and is changed under the name that the channel gave it."""
    said(shop)
    said(shop, "m/edit", edits="m", text="Hi")
    await shop.outbox.drain()
    assert [("xm", "Hi")] == changing.changed
    assert {"m": "sent", "m/edit": "sent"} == shop.states()
    assert (1, []) == (sent(shop), findings(shop))


async def test_a_change_has_no_name_of_its_own(shop: Shop, changing: Changing) -> None:
    """Who answers the message, answers the original."""
    said(shop)
    said(shop, "m/edit", edits="m")
    await shop.outbox.drain()
    assert ("xm", "") == (shop.message("m").external_id, shop.message("m/edit").external_id)


async def test_it_waits_for_the_retry_of_the_original(shop: Shop, changing: Changing) -> None:
    """The original is tried again in five minutes: until then nothing can be changed."""
    said(shop)
    said(shop, "m/edit", edits="m", text="Hi")
    changing.retry("m", NOON + 5 * MINUTE)
    await shop.outbox.drain()
    assert [] == changing.changed
    shop.clock.move(5 * MINUTE)
    await shop.outbox.drain()
    assert [("xm", "Hi")] == changing.changed


async def test_what_never_went_cannot_be_changed(shop: Shop, changing: Changing) -> None:
    """The original was refused: so is its change, without a call."""
    said(shop)
    said(shop, "m/edit", edits="m")
    changing.answers["m"] = [Outcome.REFUSED]
    await shop.outbox.drain()
    edit = shop.message("m/edit")
    assert ([], OutgoingState.FAILED, NEVER_WENT) == (changing.changed, edit.state, edit.error)
    assert [] == findings(shop)


async def test_what_another_chat_heard_is_never_changed(shop: Shop, changing: Changing) -> None:
    """Numbers of messages mean something in one chat only."""
    said(shop, "m", chat="b1")
    await shop.outbox.drain()
    said(shop, "m/edit", chat="b2", edits="m")
    await shop.outbox.drain()
    assert ([], NEVER_WENT) == (changing.changed, shop.message("m/edit").error)
    assert [] == findings(shop)


async def test_too_old(shop: Shop, changing: Changing) -> None:
    """The service refuses: the change has failed, and what went stays as it went; nobody has a task for it."""
    said(shop)
    said(shop, "m/edit", edits="m")
    changing.answers["m/edit"] = [TOO_OLD]
    await shop.outbox.drain()
    assert {"m": "sent", "m/edit": "failed"} == shop.states()
    assert ("too old", [], []) == (shop.message("m/edit").error, shop.tasks(), findings(shop))


async def test_a_channel_that_changes_nothing(shop: Shop, changing: Changing) -> None:
    """It is not asked."""
    changing.capabilities = Capabilities()
    said(shop)
    said(shop, "m/edit", edits="m")
    await shop.outbox.drain()
    assert (["m"], NO_EDITS) == (changing.calls, shop.message("m/edit").error)


@pytest.mark.parametrize("role", [Role.REPLY, Role.ALERT])
async def test_nobody_knows_whether_it_was_changed(shop: Shop, changing: Changing, role: Role) -> None:
    """It is done again, which changes nothing more, and the proof holds."""
    said(shop, role=role)
    said(shop, "m/edit", edits="m", role=role, text="Hi")
    changing.answers["m/edit"] = [RuntimeError("the connection broke")]
    await shop.outbox.drain()
    assert ([("xm", "Hi")] * 2, {"m": "sent", "m/edit": "sent"}) == (changing.changed, shop.states())
    assert (1, []) == (sent(shop), findings(shop))


def test_the_audit_sees_a_change_in_the_wrong_chat(shop: Shop) -> None:
    """Had one ever been made there, or of what never went, the proof would fail."""
    went = {"state": OutgoingState.SENT, "history": ("started@1", "accepted@2"), "attempts": 1, "sent_at": NOON}
    said(shop, "m", chat="b1", external_id="1", **went)
    said(shop, "astray", chat="b2", edits="m", **went)
    said(shop, "never", chat="b1", state=OutgoingState.CANCELLED)
    said(shop, "of_never", chat="b1", edits="never", **went)
    said(shop, "right", chat="b1", edits="m", **went)
    assert ["edits_astray astray", "edits_astray of_never"] == sorted(findings(shop))


class Keeping:
    """A channel that received a file, or cannot give it."""

    name = "telegram"

    def __init__(self, answer: bytes | Exception) -> None:
        self.answer, self.asked = answer, list[str]()

    async def fetch(self, attachment: Attachment) -> bytes:
        self.asked.append(attachment.ref)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def read(attachment: Attachment) -> tuple[str, bytes]:
    """What a channel makes of a file."""
    return attachment.name, Path(attachment.ref).read_bytes()


def carrying(shop: Shop, keeping: Keeping) -> list[tuple[str, bytes]]:
    """The outbox carries what `keeping` received; returns what is handed on, as it comes: its name and its bytes."""
    handed: list[tuple[str, bytes]] = []

    async def look(message: Outgoing) -> DeliveryResult:
        handed.extend(map(read, message.attachments))
        return DeliveryResult(message.id, Outcome.ACCEPTED, NOON)

    shop.channel.answers["m"] = [look]
    carrier = Carrier({"telegram": keeping})  # type: ignore[dict-item]
    shop.outbox = shop.an_outbox(carrier=carrier)
    photo = Attachment(Media.PHOTO, "from:telegram.desk:file:7", mime="image/png")
    said(shop, attachments=(photo,))
    return handed


async def test_what_one_channel_received_goes_out_on_another(shop: Shop) -> None:
    """A photo of the agents' group is fetched from its bot, and is a file while it is sent."""
    keeping = Keeping(b"png")
    handed = carrying(shop, keeping)
    await shop.outbox.drain()
    assert ([("0.png", b"png")], ["file:7"]) == (handed, keeping.asked)


async def test_a_file_that_cannot_be_had_now(shop: Shop) -> None:
    """Nothing was sent, so it is tried again."""
    handed = carrying(shop, keeping := Keeping(NotYet("away")))
    await shop.outbox.drain()
    assert ({"m": "due"}, []) == (shop.states(), handed)
    keeping.answer = b"png"
    shop.clock.move(HOUR)
    await shop.outbox.drain()
    assert {"m": "sent"} == shop.states()


async def test_a_file_that_is_gone(shop: Shop) -> None:
    """The message is refused, and a person hears of it."""
    carrying(shop, Keeping(Unparseable("gone")))
    await shop.outbox.drain()
    assert ({"m": "failed"}, "gone") == (shop.states(), shop.message("m").error)
    assert ["refused"] == [task.reason for task in shop.tasks()]
