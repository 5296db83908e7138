"""The gate of money: words that promise a compensation are said only of what was granted (rules 10, 75)."""

from __future__ import annotations

from followup.after_sales.compensation import uncovered
from followup.after_sales.model import Grant
from followup.effects import Say
from handlers.scene import Scene
from scripts_library.catalogue import load_catalogue


class NotGranted(Exception):
    """Script S was not said: no grant covers what it promises."""


def check_granted(what: Say, scene: Scene) -> None:
    """Raises NotGranted, so that nothing of the event is carried out and a person hears of it."""
    spec = load_catalogue().get(what.script)
    if spec is None or not spec.grants:
        return
    grant = scene.tx.get(Grant, what.grant) if what.grant else None
    if why := uncovered(what.facts.get(spec.grants), grant, scene.thread.id):
        raise NotGranted(f"{what.script} was not said: {why}")
