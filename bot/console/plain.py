"""Pages that work without a script: the login, and the choice of a password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.responses import HTMLResponse

HERE = Path(__file__).parent
ICON = "data:image/svg+xml," + quote(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0c655e"/>'
    '<path d="M8 9h16v11H15l-5 4v-4H8z" fill="#fff"/><path d="M12 14.5l3 3 5-5" fill="none" stroke="#0c655e" '
    'stroke-width="2.2"/></svg>'
)


@dataclass(frozen=True)
class Field:
    """Something to fill in; `fill` is what a browser's keeper of passwords may put there."""

    name: str
    label: str
    type: str
    fill: str


@dataclass(frozen=True)
class Form:
    """A page with a form, or without a `button` only with its text."""

    lang: str
    title: str
    heading: str
    text: str = ""
    wrong: str = ""
    action: str = ""
    button: str = ""
    fields: Sequence[Field] = ()
    hidden: Mapping[str, str] = None  # type: ignore[assignment]
    hint: str = ""
    back: str = ""
    theme: str = ""


def shown(form: Form, status: int = 200) -> HTMLResponse:
    """The page; whatever stands in the form is text."""
    words = {name: getattr(form, name) for name in form.__dataclass_fields__} | {"hidden": form.hidden or {}}
    return HTMLResponse(_template().render(**words, icon=ICON, style=style_url()), status)


@cache
def style() -> str:
    """The style of the console."""
    return (HERE / "style.css").read_text("utf-8")


@cache
def style_url() -> str:
    """Where it is served; another one has another address."""
    return f"/console/style.css?v={sha256(style().encode()).hexdigest()[:12]}"


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("login.html.j2")
