"""The page itself, filled in for its shop and language, and the files that belong to it."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.channels.webchat.account import Account

FOLDER = Path(__file__).parents[1] / "webchat_page"
TYPES = {"chat.js": "text/javascript", "chat.css": "text/css", "widget.js": "text/javascript"}
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
FOR_GOOD, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors"
)


class Page:
    """Serves the page of one account and its files."""

    def __init__(self, account: Account) -> None:
        self._of = account

    async def show(self, request: Request) -> Response:
        """The page, in the language that is asked for, the browser's, or the shop's."""
        base = request.url.path.rstrip("/")
        lang = language(request, self._of.lang())
        facts = {"lang": lang, "title": self._of.title, "base": base, "color": self._of.options.color}
        facts["words"] = json.dumps(page_words()[lang], ensure_ascii=False)
        page = _template().substitute({name: escape(fact) for name, fact in facts.items()})
        for name in TYPES:
            page = page.replace(f'"{escape(base)}/{name}"', f'"{escape(base)}/{name}?v={_file(name)[1]}"')
        ancestors = " ".join(("'self'", *self._of.options.sites))
        return HTMLResponse(
            page,
            headers={
                "content-security-policy": f"{POLICY} {ancestors}",
                "referrer-policy": "no-referrer",
                "x-content-type-options": "nosniff",
                "cache-control": "no-store",
            },
        )

    async def file(self, request: Request) -> Response:
        """One of the files, which a browser may keep for good under the address that names its digest."""
        name = request.url.path.rpartition("/")[2]
        content, digest = _file(name)
        tag = f'"{digest}"'
        kept = FOR_GOOD if request.query_params.get("v") == digest else ASK_AGAIN
        headers = {"etag": tag, "cache-control": kept, "x-content-type-options": "nosniff"}
        headers["cross-origin-resource-policy"] = "cross-origin"
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=TYPES[name], headers=headers)


@cache
def page_words() -> dict[str, Any]:
    """What stands around the conversation, by language."""
    return tomllib.loads((FOLDER / "words.toml").read_text("utf-8"))


def language(request: Request, otherwise: str) -> str:
    """The first language the page is in, of those asked for: in the address, by the browser, by the shop."""
    asked = [request.query_params.get("lang", ""), *_accepted(request.headers.get("accept-language", "")), otherwise]
    known = {lang.lower(): lang for lang in page_words()}
    short = {lang.partition("-")[0]: lang for lang in page_words()}
    found = (known.get(each.lower()) or short.get(each.lower().partition("-")[0]) for each in asked if each)
    return next(filter(None, found), next(iter(page_words())))


def _accepted(header: str) -> list[str]:
    """The languages of an Accept-Language header, the dearest first."""

    def weight(part: str) -> float:
        try:
            return float(part.partition("q=")[2] or 1)
        except ValueError:
            return 0.0

    parts = header[:500].split(",")
    return [part.partition(";")[0].strip() for part in sorted(parts, key=weight, reverse=True)]


@cache
def _template() -> Template:
    return Template(_COMMENT.sub("", (FOLDER / "chat.html").read_text("utf-8")))


@cache
def _file(name: str) -> tuple[bytes, str]:
    content = (FOLDER / name).read_bytes()
    return content, sha256(content).hexdigest()[:16]
