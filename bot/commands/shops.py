"""Which shop, or shops, a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import mistake

if TYPE_CHECKING:
    from bot.app import App

OneShop = Annotated[str | None, typer.Option("--shop", help="Which shop (default: the only one).")]
OnlyShop = Annotated[str | None, typer.Option("--shop", help="Only this shop.")]


def one_shop(app: App, given: str | None) -> str:
    """The shop that is meant; where there are several one has to be named."""
    shops = shops_meant(app, given)
    if len(shops) > 1:
        raise mistake(f"--shop: there are several shops, name one of {', '.join(shops)}")
    return shops[0]


def shops_meant(app: App, given: str | None) -> list[str]:
    """The shop that is named, else all; one that is not configured ends the command."""
    shops = sorted(app.deps.policies)
    if given is not None and given not in shops:
        raise mistake(f"--shop: expected one of {', '.join(shops)}, got {given}")
    return [given] if given else shops
