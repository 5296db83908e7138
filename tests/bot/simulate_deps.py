"""What a simulation of the shop "shop" needs, with the real words."""

from __future__ import annotations

from functools import cache

from followup.policy import Policy
from handlers.deps import Deps
from handlers.understand import understand
from scripts_library.library import Library


@cache
def _library() -> Library:
    return Library.load()


def deps(policy: Policy | None = None) -> Deps:
    """The figures of one shop."""
    return Deps(_library(), {"shop": policy or Policy("shop")}, understand)
