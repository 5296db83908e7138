"""Texts with placeholders: `{{ fact }}` and `{% if fact %}`. Words need no more, and no more can go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zlib import crc32

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

PLAIN = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.Not, nodes.And, nodes.Or)
_ENV = ImmutableSandboxedEnvironment(autoescape=False, undefined=StrictUndefined, cache_size=0)


class BadTemplate(ValueError):
    """The text is no template of ours."""


class Variant:
    """One text of a script. `id` is 8 hex digits of its source, the same wherever it is stored; it is said only before
    `until`, which is aware (None: for good)."""

    __slots__ = ("_compiled", "_plain", "id", "source", "until")

    def __init__(self, source: str, until: datetime | None = None) -> None:
        self.source = source
        self.until = until
        self.id = digest(source)
        self._plain = "{" not in source
        self._compiled: Template | None = None

    def render(self, values: dict[str, str]) -> str:
        """The text with its facts filled in. Raises `BadTemplate`, `jinja2.UndefinedError`."""
        if self._plain:
            return self.source
        template = self._compiled or self._compile()
        return "".join(template.root_render_func(template.new_context(values, shared=True)))

    def said(self, values: dict[str, str]) -> tuple[str, str]:
        """The text with its facts filled in, and the digest that tells it from others."""
        if self._plain:
            return self.source, self.id
        text = self.render(values)
        return text, digest(text)

    def names(self) -> set[str]:
        """The facts this text uses. Raises `BadTemplate`."""
        return {node.name for node in _parse(self.source).find_all(nodes.Name)}

    def _compile(self) -> Template:
        try:
            self._compiled = _ENV.from_string(_parse(self.source))
        except (RecursionError, SyntaxError, MemoryError):  # Python's own limits: 20 blocks, 100 brackets
            raise BadTemplate("not a template: its parts lie too deep in one another") from None
        return self._compiled


def digest(text: str) -> str:
    """8 hex digits that tell one text from another."""
    return f"{crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def _parse(source: str) -> nodes.Template:
    try:
        tree = _ENV.parse(source)
        strange = next((node for node in _walk(tree) if not isinstance(node, PLAIN)), None)
    except TemplateSyntaxError as error:
        raise BadTemplate(f"not a template: {error}") from None
    except RecursionError:
        raise BadTemplate("not a template: its parts lie too deep in one another") from None
    if strange is not None:
        raise BadTemplate(f"only {{{{ fact }}}} and {{% if fact %}} are allowed, not {type(strange).__name__}")
    return tree


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)
