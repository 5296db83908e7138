"""Writing to the shop's own people: into the group of a shop, or by a service that carries alerts."""

from __future__ import annotations

from collections.abc import Iterator

from followup.desk.places import Place
from followup.model import Attachment, Choice, Instant, Outgoing, OutgoingState, Role
from followup.split import split, storable
from handlers.deps import Deps
from store.tx import Tx


def post(
    about: str,
    step: str,
    key: str,
    text: str,
    tx: Tx,
    deps: Deps,
    now: Instant,
    shop: str,
    choices: tuple[Choice, ...] = (),
    attachments: tuple[Attachment, ...] = (),
    edits: str = "",
) -> Outgoing | None:
    """Put a text into the outbox for the group of a shop; None if it has none, else its first part.

    `about` is the thread (or the chat, "" for neither) whose topic it goes to, `edits` the id of the message of ours
    that it replaces. The same `step` and `key` are posted once, whatever the text.
    """
    place = deps.places.get(shop)
    if place is None:
        return None
    parts = list(told(place, about, step, key, text, deps, now, shop, choices, attachments, edits))
    if known := tx.get(Outgoing, parts[0].id):
        return known
    for part in parts:
        tx.save(part)
    return parts[0]


def told(
    place: Place,
    about: str,
    step: str,
    key: str,
    text: str,
    deps: Deps,
    now: Instant,
    shop: str,
    choices: tuple[Choice, ...] = (),
    attachments: tuple[Attachment, ...] = (),
    edits: str = "",
) -> Iterator[Outgoing]:
    """The rows of a text for the shop's people in order; what is tapped or attached goes with the last."""
    can, id_ = deps.can(place.channel), f"desk/{step}/{key}"
    parts = split(storable(text), can.longest_text, can.measure)
    for number, part in enumerate(parts, 1):
        is_last = number == len(parts)
        yield Outgoing(
            id=id_ if number == 1 else f"{id_}#{number}",
            shop=shop,
            buyer="",
            chat=f"{place.channel}/{place.address}",
            channel=place.channel,
            address=place.address,
            thread="",
            step=step,
            role=Role.ALERT,
            lang=deps.agent_lang,
            text=part,
            state=OutgoingState.DUE,
            created_at=now,
            due_at=now,
            choices=choices if is_last else (),
            attachments=attachments if is_last else (),
            about=about,
            edits=edits if number == 1 else "",
        )
