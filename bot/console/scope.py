"""Which shops a page is about (the one that was chosen, else all that are his), and where its links lead."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from nicegui import ui

from bot.console.desk import Desk, Visit


@dataclass(frozen=True)
class Scope:
    """`shop` is the chosen one ("" for all), `shops` those that are looked at (None: whatever there is), `choices`
    those that can be chosen. Days are those of `zone`."""

    shop: str
    shops: tuple[str, ...] | None
    choices: tuple[str, ...]
    zone: ZoneInfo


def scope_of(desk: Desk, visit: Visit, shop: str) -> Scope:
    """What is looked at; a shop that is not his, or that there is not, chooses nothing."""
    choices = tuple(each for each in desk.deps.policies if visit.sees(each))
    shop = shop if shop in choices else ""
    own = tuple(sorted(visit.person.shops)) or None
    zone = desk.deps.policies[next(iter((shop,) if shop else choices), next(iter(desk.deps.policies)))].zone
    return Scope(shop, (shop,) if shop else own, choices, zone)


def address(path: str, **query: object) -> str:
    """A page of the console with what stands in its query; what is "" is left out."""
    kept = {name: str(value) for name, value in query.items() if value not in ("", None)}
    return f"{path}?{urlencode(kept)}" if kept else path


def thread_path(thread: str, buyer: str) -> str:
    """The page of a thread, or of a chat in which nothing is followed up; "" for what is about no buyer."""
    return f"/console/thread/{quote(thread, safe='/@:')}" if buyer else ""


def headline(path: str) -> ui.element:
    """What begins a line: a link, or where it leads nowhere something that the keys can stop at all the same."""
    made = ui.element("a" if path else "span")
    made.props["href" if path else "tabindex"] = path or "0"
    return made.classes("hf-headline")


def choose(label: str, links: dict[str, tuple[str, str]], chosen: str) -> None:
    """Links side by side, of which one is chosen: by its name, what it is called and where it leads."""
    with ui.element("nav").classes("hf-choose").props(f'aria-label="{label}"'):
        for name, (text, path) in links.items():
            with ui.element("a").props('aria-current="true"' if name == chosen else "") as link:
                link.props["href"] = path
                ui.label(text)
