"""What buyers do in a window: show a token, tap a button, name an order that may not be theirs, stop."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from followup.model import Chat, Order, OutgoingState
from store import schema
from tests.bot.channels.live import until
from tests.bot.channels.webchat.served import ChatShop, a_key
from tests.peers.webchat_browser import Browser

HOUR = timedelta(hours=1)


async def settled(shop: ChatShop) -> None:
    """All that was kept is handled, and all that was answered is sent."""
    await until(lambda: all(raw.state.value != "waiting" for raw in shop.raws()))
    await until(lambda: all(row.state is not OutgoingState.DUE for row in shop.outgoing()))
    await until(lambda: all(row.state is not OutgoingState.SENDING for row in shop.outgoing()))


async def shown(shop: ChatShop, window: Browser) -> list[str]:
    """All that the shop has said in a window."""
    await settled(shop)
    await window.sync()
    return window.shop_said()


async def linked(shop: ChatShop, order: Order, key: str = "") -> Browser:
    """A window that was opened by the link of an order."""
    window = await shop.window(key, shop.token(order))
    await until(lambda: shop.thread().chat.endswith(window.address))
    return window


async def test_a_token_ties_the_chat_to_its_order(shop: ChatShop) -> None:
    """Welcome first, then the word about the unpaid order that had waited for a chat."""
    order = shop.order(buyer_name="Lin")
    await shop.app.engine.pump()
    assert [] == shop.outgoing()
    window = await linked(shop, order)
    await window.until(lambda: len(window.shop_said()) == 2)
    assert ["link.welcome", "unpaid.help"] == [row.step for row in shop.outgoing()]
    assert all("wool scarf" in text for text in window.shop_said())


async def test_a_reload_with_the_token_changes_nothing(shop: ChatShop) -> None:
    """The page is reloaded with the token still in its address: no second welcome, no word of a used link."""
    order, key = shop.order(), a_key()
    token = shop.token(order)
    first = await shop.window(key, token)
    await first.until(lambda: len(first.shop_said()) == 2)
    before = await shown(shop, first)
    again = await shop.window(key, token)
    assert before == await shown(shop, again)
    assert before


@pytest.mark.parametrize("which", ["used", "expired", "wrong"])
async def test_a_token_that_is_no_good(shop: ChatShop, which: str) -> None:
    """Used by somebody else, expired or made up: the same polite answer, and nothing of the order."""
    order = shop.order()
    token = shop.token(order, -HOUR) if which == "expired" else shop.token(order)
    if which == "used":
        await shown(shop, await shop.window("", token))
    window = await shop.window("", "hf-" + "2" * 26 if which == "wrong" else token)
    await until(lambda: any(row.address == window.address for row in shop.outgoing()))
    (said,) = await shown(shop, window)
    assert ["link.stale"] == [row.step for row in shop.outgoing() if row.address == window.address]
    assert "wool" not in said
    chat = shop.chat(window.address)
    assert isinstance(chat, Chat)
    assert chat.linked_at is None


async def test_a_stranger_with_an_order_number_learns_nothing(shop: ChatShop) -> None:
    """Whether there is such an order or not, he is asked for the same proof, and wrong digits are answered the same:
    only the number itself differs in what he reads."""
    shop.order(1, phone_tail="4821")
    steps, read = [], []
    for number in ("90000001", "90999999"):
        window = await shop.window()
        for words in (f"My order number is {number}, where is it?", "1234", "9999"):
            await window.said(words)
            await settled(shop)
        steps.append([row.step for row in shop.outgoing() if row.address == window.address])
        read.append([text.replace(number, "N") for text in await shown(shop, window)])
    assert steps[0] == steps[1]
    assert "link.prove" in steps[0]
    assert "link.wrong" in steps[0]
    assert not any("wool" in text or "37" in text for text in (*read[0], *read[1]))
    frames = [{frame["type"] for frame in window.frames} for window in shop.windows]
    assert frames[0] == frames[1]


async def test_the_right_digits_prove_it(shop: ChatShop) -> None:
    """The number and the last four digits of the phone tie the chat to the order, as on every channel."""
    shop.order(1, phone_tail="4821")
    window = await shop.window()
    await window.said("order 90000001, phone 4821")
    await until(lambda: shop.thread().chat.endswith(window.address))
    assert any("wool scarf" in text for text in await shown(shop, window))


async def asked_why(shop: ChatShop) -> tuple[Browser, dict[str, object]]:
    """A window with a message that offers reasons, and that message."""
    window = await linked(shop, shop.order())
    await window.until(lambda: any(each.get("choices") for each in window.messages.values()))
    return window, next(each for each in window.messages.values() if each.get("choices"))


async def test_a_tap_on_a_reason(shop: ChatShop) -> None:
    """It arrives as the answer with its label, is answered for that reason, and the buttons go in every window."""
    window, offer = await asked_why(shop)
    other = await shop.window(window.key)
    choice = offer["choices"][0]  # type: ignore[index]
    await window.said("", choice=choice["id"], answers=offer["id"])
    await other.until(lambda: other.messages[offer["id"]]["choices"] == [])  # type: ignore[index]
    await until(lambda: choice["label"] in shop.said_by(window.address))
    await settled(shop)
    assert f"reason: {choice['id']}" in notes(shop)
    reloaded = await shop.window(window.key)
    assert [] == reloaded.messages[offer["id"]]["choices"]  # type: ignore[index]


async def test_its_number_is_as_good(shop: ChatShop) -> None:
    """Typing 1 chooses the first reason."""
    window, offer = await asked_why(shop)
    await window.said("1")
    await until(lambda: f"reason: {offer['choices'][0]['id']}" in notes(shop))  # type: ignore[index]


async def test_a_button_that_was_never_there_is_not_tapped(shop: ChatShop) -> None:
    """A forged choice, of no message, another's message or none of its buttons, counts as the words beside it."""
    window, offer = await asked_why(shop)
    stranger = await shop.window()
    label = offer["choices"][0]["label"]  # type: ignore[index]
    for one, forged, answers in (
        (window, "solved", offer["id"]),
        (window, offer["choices"][0]["id"], "s" + "0" * 31),  # type: ignore[index]
        (stranger, offer["choices"][0]["id"], offer["id"]),  # type: ignore[index]
    ):
        await one.said("hmm", choice=forged, answers=answers)
    await settled(shop)
    assert ["hmm", "hmm"] == [text for text in shop.said_by(window.address) if text]
    assert label not in shop.said_by(stranger.address)
    assert not any(line.startswith("reason: ") for line in notes(shop))
    refused = {"type": "say", "id": str(uuid.uuid4()), "choice": "solved", "answers": offer["id"]}
    await window.repeat(refused)
    await window.until(lambda: bool(window.refused))
    assert ("empty", refused["id"]) == (window.refused[0]["why"], window.refused[0]["id"])


async def test_an_offer_stays_open_over_a_reload(shop: ChatShop) -> None:
    """The buttons are there after a reload, until one is tapped."""
    window, offer = await asked_why(shop)
    await settled(shop)
    await shop.stop()
    await shop.start()
    reloaded = await shop.window(window.key)
    assert offer["choices"] == reloaded.messages[offer["id"]]["choices"]  # type: ignore[index]
    choice = offer["choices"][0]  # type: ignore[index]
    await reloaded.said("", choice=choice["id"], answers=offer["id"])
    await until(lambda: f"reason: {choice['id']}" in notes(shop))


async def test_stop_is_heard(shop: ChatShop) -> None:
    """As everywhere."""
    window = await linked(shop, shop.order())
    await window.said("unsubscribe")
    await until(lambda: "stop.confirmed" in [row.step for row in shop.outgoing()])


def notes(shop: ChatShop) -> list[str]:
    """The notes of all threads."""
    with shop.app.store.engine.connect() as connection:
        return [row.text for row in connection.execute(schema.notes.select())]
