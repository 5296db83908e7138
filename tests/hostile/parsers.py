"""Every parser of the program: what it reads, whence that comes, and what it may raise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import typer
from hypothesis import strategies as st

from bot import settings_edit
from bot.cadence import KNOBS, NotReadable
from bot.channels.telegram_receive import Mark, _named
from bot.channels.webchat import frames, polling
from bot.channels.webchat import parse as webchat_parse
from bot.channels.webchat.callers import caller_of, is_own_page
from bot.channels.webchat.keys import NoKey, address_of, bearer
from bot.channels.webchat.page import language
from bot.channels.wechaty_files import Gone, unpacked
from bot.channels.wechaty_messages import Person
from bot.channels.wechaty_messages import Reader as WechatyReader
from bot.channels.wecom import parse as wecom_parse
from bot.channels.wecom import sync as wecom_sync
from bot.channels.wecom.callback import fields_of
from bot.channels.wecom.crypto import Crypto, Forged, Garbled
from bot.commands import days
from bot.commands.common import number
from bot.config import ConfigError, loaded
from bot.console.entering import inside
from bot.console.figures import BadDays, _days
from bot.console.headers import is_from_us, is_ours
from bot.console.pages.calendar import _date, _hour
from bot.console.settings_form import _typed
from bot.console.threads.views import View
from bot.console.tries import place_of
from bot.evidence.files import EvidenceFolder, safe
from bot.evidence.types import type_of
from bot.evidence.verify import NotAPack, verify
from bot.learnt_phrases import LearntPhrases
from bot.orders import cells
from bot.orders.cells import Unreadable
from bot.orders.sources import read_orders
from bot.orders.times import Times
from bot.redact import Redactor
from bot.scripts_until import until_of
from bot.simulate_assume import BadAssumption
from bot.simulate_assume import parse as assumed
from bot.simulate_run import BadOption, moment
from followup.desk.command import Asked, Misread
from followup.linking import claim_in, numbers_in, token_in, without_tokens
from followup.model import Raw
from followup.ports import BadRow, UnknownFormat, Unparseable
from followup.split import split, storable
from handlers.desk.typed import typed, until
from handlers.understand import understand
from handlers.understand.extract import orders_in, tracking_in
from handlers.understand.measures import amounts_in, weights_in
from handlers.understand.named_time import named_time
from scripts_library.library import Library
from scripts_library.overrides import Overrides, OverridesDamaged, lay_over
from scripts_library.templates import BadTemplate, Variant
from tests.bot.orders.files import ORDER, REFUND
from tests.hostile.words import as_json, bent, blobs, leaves, nested, texts, trees, whole

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
ADDRESS = "w-" + "0" * 32
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
CRYPTO = Crypto("token", KEY, "corp")
HUGE = 100_000


@dataclass(frozen=True)
class Parser:
    """`read` takes what `given` draws, answers or raises one of `raises`; `of` are the modules that it goes through.

    `always` is what it is given in any case, and a `dear` one is tried so many times less often.
    """

    name: str
    of: tuple[str, ...]
    read: Callable[[Any], Any]
    given: st.SearchStrategy[Any]
    raises: tuple[type[BaseException], ...] = ()
    always: tuple[Any, ...] = field(default=())
    dear: int = 1


def raw(body: bytes, channel: str = "chat") -> Raw:
    """An event of a channel as it came."""
    return Raw(channel, "1", body, NOW)


def text(name: str, of: str, read: Callable[[str], Any], *raises: type[BaseException]) -> Parser:
    """A parser of what somebody wrote; a text without end is one of what it always reads."""
    long = tuple(
        (unit * HUGE)[:HUGE] for unit in ("1", "1-", "a ", "明天", "9点", "#", "=", "<", " ", "\n", "。", "hf-")
    )
    return Parser(name, (of,), read, texts, raises, long)


def in_file(name: str, read: Callable[[Path], Any]) -> Callable[[bytes], Any]:
    """A parser of a file of that name."""

    def of_bytes(content: bytes) -> Any:
        with TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_bytes(content)
            return read(path)

    return of_bytes


def rows(path: Path) -> list[Any]:
    """Everything that a file of orders gives; of what was bad, that somebody can see it."""
    found = list(read_orders(path, "tea"))
    for row in found:
        assert not isinstance(row, BadRow) or (row.expected and row.line > 0)
    return found


_LINE = {
    "type": "order",
    "id": "351",
    "buyer": "b",
    "status": "unpaid",
    "total": "39.00",
    "created_at": "2026-03-01T08:00:00+08:00",
    "goods": "tea",
    "phone": "13800000000",
    "refunds": [{"id": "r", "status": "requested", "amount": "1", "requested_at": "2026-03-01T08:00:00+08:00"}],
    "reviews": [{"id": "v", "rating": "bad", "created_at": "2026-03-01T08:00:00+08:00", "text": "x"}],
    "parcels": [{"id": "YT123456", "status": "on_its_way", "shipped_at": "2026-03-01T08:00:00+08:00"}],
}
_WECOM = {
    "msgid": "m",
    "send_time": 1772337600,
    "origin": 3,
    "msgtype": "text",
    "external_userid": "wm1",
    "text": {"content": "hi", "menu_id": "1"},
    "image": {"media_id": "i"},
    "location": {"latitude": 1.0, "longitude": 2.0, "name": "n"},
    "link": {"title": "t", "desc": "d", "url": "u"},
    "event": {
        "event_type": "enter_session",
        "scene_param": "hf-1",
        "welcome_code": "c",
        "external_userid": "wm1",
        "fail_msgid": "a-1",
        "fail_type": 4,
        "recall_msgid": "x",
    },
}
_SAID = {
    "address": ADDRESS,
    "id": "abcdefgh",
    "text": "t",
    "choice": "",
    "photos": [{"ref": "a", "name": "", "mime": "", "size": 3}],
}
_FRAME = {
    "type": "say",
    "id": "abcdefgh",
    "key": KEY,
    "token": "hf-1",
    "text": "t",
    "choice": "c",
    "answers": "a",
    "photos": ["b1"],
    "lang": "en",
    "after": "1",
}
_BOX = {"type": 1, "base64": "aGk=", "url": "https://example.com/a", "remoteUrl": "http://x"}
_ENTRY = {
    "script": "unpaid.help",
    "lang": "en",
    "variant": "00000000",
    "by": "a",
    "segment": "new",
    "text": "Hi {{ buyer }}",
    "until": "2026-03-02T00:00:00+00:00",
}
_STEP = {"what": "added", "by": "a", "entries": [_ENTRY], "rows": [1], "at": "2026-03-02T00:00:00+00:00", "of": 0}
_OVERRIDES = {"_default": {"1": _ENTRY}, "history": {"1": _STEP}}
_LEARNT = {"_default": {"1": {"text": "t", "intent": "paid", "by": "a", "at": "2026-03-02T00:00:00+00:00"}}}
_CONFIG = {
    "database": {"url": "sqlite:///x.db"},
    "http": {"host": "127.0.0.1", "port": 8080},
    "logs": {"level": "info"},
    "shops": {"tea": {"zone": "Asia/Shanghai", "currency": "CNY", "channel": "manual", "lang": "en"}},
    "agents": {"lang": "en", "people": {"mei": {"name": "Mei", "rank": "owner"}}},
    "channels": {"web": {"platform": "webchat", "shop": "tea"}},
    "alerts": {"ding": {"platform": "dingtalk"}},
    "reports": {"digest_on": ["mon"], "digest_at": "09:00"},
}
_VIEW = {"q": "tea", "state": "open", "shop": "tea", "sort": "due", "after": "1", "before": "2", "buyer": "b"}
_HEADERS = ("x-forwarded-for", "origin", "host", "accept-language", "sec-fetch-site", "authorization")
_URL = st.text(st.characters(codec="latin-1"), max_size=60) | whole.map(lambda text: text.encode().decode("latin-1"))


def toml(tree: Any) -> str:
    """A tree as TOML, as far as TOML can say it."""
    import tomlkit

    try:
        return tomlkit.dumps(tree if isinstance(tree, dict) else {"x": tree})
    except Exception:  # noqa: BLE001 - what cannot be written is a text of its own
        return str(tree)


def table_file(suffix: str) -> Callable[[list[list[str]]], Any]:
    """Reads rows as a table of that kind."""

    def read(table: list[list[str]]) -> Any:
        from tests.bot.orders.files import write

        with TemporaryDirectory() as folder:
            return rows(write(Path(folder, f"a{suffix}"), table))

    return read


def _tables(good: dict[str, object]) -> st.SearchStrategy[list[list[str]]]:
    """An export of which some cells are anything, and some rows too long or too short."""
    head = list(good)
    cell = st.sampled_from([str(value) for value in good.values()]) | whole
    row = st.tuples(*(st.just(str(value)) | cell for value in good.values())).map(list) | st.lists(cell, max_size=30)
    return st.lists(row, max_size=4).map(lambda below: [head, *below])


_NO_CONTROL = str.maketrans(dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535)))


def _xlsx_tables(good: dict[str, object]) -> st.SearchStrategy[list[list[str]]]:
    return _tables(good).map(lambda table: [[cell.translate(_NO_CONTROL) for cell in row] for row in table])


def asked_from(headers: dict[str, str]) -> Any:
    """A request with these headers."""
    from starlette.requests import Request

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": headers.get("query", "").encode("latin-1", "replace"),
        "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "scheme": "http",
    }
    return Request(scope)


def _from_browser(headers: dict[str, str]) -> Any:
    request, config = asked_from(headers), loaded("")
    shown = request.headers
    return (
        caller_of(request),
        is_own_page(request, headers.get("origin", "")),
        language(request, "en"),
        is_ours(shown.get("host", ""), config),
        is_from_us(shown),
        place_of(headers.get("host", "")),
    )


def _command(text: str) -> None:
    found = typed(text, NOW, SHANGHAI)
    assert found is None or isinstance(found, Asked | Misread)
    assert not isinstance(found, Asked) or found.until is None or found.until > NOW


def _wechaty(payload: dict[str, Any]) -> None:
    reader = WechatyReader("tea", "wechat")
    reader.events(SimpleNamespace(**payload), "m1", Person("Lin"), "me", NOW)


def _overridden(path: Path) -> None:
    own = Overrides(path)
    own.history()
    laid = Library(lay_over({}, own.entries()), now=lambda: NOW)
    for script, lang, segment in laid.written():
        if script in laid.catalogue:
            laid.variants(script, lang, segment)


def _template(source: str) -> None:
    variant = Variant(source)
    variant.render(dict.fromkeys(variant.names(), "{{ 7 * 7 }}"))


def _edited(table: Any) -> None:
    settings_edit.edited(toml(_CONFIG), table)


def _cells(text: str) -> None:
    for read in (cells.words, cells.person, cells.phone_tail, cells.province, cells.without_numbers, cells.bare):
        try:
            assert "\n" not in read(text) or read is cells.bare
        except Unreadable:
            continue
    assert all(8 > len(each) or each.isascii() for each in cells.tracking_numbers(text))


def _knobs(text: str) -> None:
    for knob in KNOBS:
        try:
            knob.read(text)
        except NotReadable:
            continue


def _evidence(name: str) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder, "evidence")
        shown = safe(name)
        assert (root / shown).resolve().parent == root.resolve()
        try:
            at = EvidenceFolder(root, 10, 10).at(name)
        except ValueError:
            return
        assert at.is_relative_to(root.resolve())


def _field(value: Any) -> None:
    from bot.settings_fields import Field

    for kind in ("whole", "number", "many", "switch", "text", "choice"):
        if kind == "many" and not isinstance(value, list | None):
            continue
        _typed(Field(("a",), kind, 1, ()), value)


def _signed(query: dict[str, str]) -> None:
    CRYPTO.check(query["signature"], query["timestamp"], query["nonce"], query["encrypted"])


_BRACKETS = (("{{ (", "a", ") }}"), ("{% if a %}", "b", "{% endif %}"), ("{{ (", "a", ") }}"))
DEEP = (
    *(f"{opens * depth}{inner}{ends * depth}" for opens, inner, ends in _BRACKETS for depth in (50, 5000)),
    "{{ " + "(" * 20_000 + "a" + ")" * 20_000 + " }}",
    "{{ " + "not " * 50_000 + "a }}",
)

TABLE: tuple[Parser, ...] = (
    # files of orders
    Parser(
        "orders.jsonl",
        ("bot/orders/jsonl.py",),
        in_file("a.jsonl", rows),
        bent(_LINE).map(as_json) | blobs,
        (UnknownFormat,),
        (nested("["), nested('{"a":')),
    ),
    Parser(
        "orders.csv",
        ("bot/orders/csv_table.py", "bot/orders/times.py", "bot/orders/taobao_export.py"),
        table_file(".csv"),
        _tables(ORDER) | _tables(REFUND),
        (UnknownFormat,),
        dear=2,
    ),
    Parser(
        "orders.xlsx",
        ("bot/orders/xlsx_table.py", "bot/orders/xlsx_extent.py"),
        table_file(".xlsx"),
        _xlsx_tables(ORDER) | _xlsx_tables(REFUND),
        (UnknownFormat,),
        dear=5,
    ),
    Parser(
        "orders.bytes",
        ("bot/orders/csv_table.py", "bot/orders/xlsx_table.py"),
        in_file("a.csv", rows),
        blobs | blobs.map(lambda b: b"PK\x03\x04" + b),
        (UnknownFormat,),
        (nested("["), nested("<a>")),
    ),
    text("orders.cells", "bot/orders/cells.py", _cells),
    text("orders.order_id", "bot/orders/cells.py", cells.order_id, Unreadable),
    text("orders.tracking", "bot/orders/cells.py", cells.tracking_number, Unreadable),
    text("orders.amount", "bot/orders/cells.py", cells.amount("CNY"), Unreadable),
    text("orders.time", "bot/orders/times.py", Times(SHANGHAI).if_any, Unreadable),
    # channels
    Parser(
        "wecom.parse",
        ("bot/channels/wecom/parse.py",),
        lambda b: wecom_parse.parse(raw(b), "tea"),
        bent(_WECOM).map(as_json) | blobs,
        (Unparseable,),
        (nested("["), nested('{"a":')),
    ),
    Parser(
        "wecom.xml",
        ("bot/channels/wecom/callback.py",),
        fields_of,
        blobs | texts.map(lambda t: f"<xml><Encrypt><![CDATA[{t}]]></Encrypt></xml>".encode("utf-8", "replace")),
        (Garbled,),
        (nested("<a>"), nested("<a b='")),
    ),
    Parser(
        "wecom.crypto",
        ("bot/channels/wecom/crypto.py",),
        CRYPTO.decrypt,
        texts | blobs.map(CRYPTO.encrypt),
        (Forged, Garbled),
    ),
    Parser("wecom.plain", ("bot/channels/wecom/crypto.py",), lambda b: CRYPTO.decrypt(CRYPTO.encrypt(b)), blobs),
    Parser(
        "wecom.signature",
        ("bot/channels/wecom/crypto.py",),
        _signed,
        st.fixed_dictionaries(dict.fromkeys(("signature", "timestamp", "nonce", "encrypted"), texts)),
        (Forged,),
    ),
    text("wecom.cursor", "bot/channels/wecom/sync.py", wecom_sync._hour_of),
    Parser(
        "wechaty.message",
        ("bot/channels/wechaty_messages.py",),
        _wechaty,
        st.fixed_dictionaries(
            {
                "type": st.integers(-1, 2**31),
                "from_id": texts,
                "timestamp": st.integers(0, 2**64 - 1),
                "text": texts,
                "filename": texts,
                "room_id": texts,
                "mention_ids": st.lists(texts, max_size=2),
            }
        ),
    ),
    Parser(
        "wechaty.box",
        ("bot/channels/wechaty_files.py",),
        lambda b: unpacked(b.decode("utf-8", "replace")),
        bent(_BOX).map(as_json) | blobs,
        (Gone,),
        (nested("["), nested('{"a":')),
    ),
    Parser(
        "webchat.frame",
        ("bot/channels/webchat/frames.py",),
        frames.read,
        bent(_FRAME).map(lambda t: as_json(t).decode()) | texts,
        (frames.Malformed,),
        (nested("[", 60_000).decode(), nested('{"a":', 10_000).decode()),
    ),
    Parser(
        "webchat.poll",
        ("bot/channels/webchat/polling.py",),
        lambda b: polling._read(b, ADDRESS),
        bent({"after": "1", "frames": [_FRAME]}).map(as_json) | blobs,
        (frames.Malformed,),
        (nested("["), nested('{"frames":', 20_000)),
    ),
    Parser(
        "webchat.kept",
        ("bot/channels/webchat/parse.py",),
        lambda b: (webchat_parse.parse(raw(b), "tea"), webchat_parse.said_in(raw(b)), webchat_parse.photos_in(raw(b))),
        bent(_SAID).map(as_json) | blobs,
        (Unparseable,),
        (nested("["), nested('{"a":')),
    ),
    Parser(
        "webchat.key",
        ("bot/channels/webchat/keys.py",),
        lambda t: bearer(t) if isinstance(t, str) else address_of(t),
        texts | leaves,
        (NoKey,),
    ),
    Parser(
        "telegram.name",
        ("bot/channels/telegram_receive.py", "bot/channels/telegram_request.py"),
        _named,
        trees().map(as_json) | blobs,
        (),
        (nested("["), nested('{"a":')),
    ),
    text("telegram.cursor", "bot/channels/telegram_receive.py", Mark.read),
    # what people write
    text("understand", "handlers/understand/reading.py", lambda t: understand(storable(t), NOW, SHANGHAI)),
    text("claim", "followup/linking.py", lambda t: (claim_in(t), claim_in(t, "351", known=True), numbers_in(t))),
    text("token", "followup/linking.py", lambda t: (token_in(t), without_tokens(t))),
    text(
        "numbers",
        "handlers/understand/extract.py",
        lambda t: (orders_in(t), tracking_in(t), amounts_in(t), weights_in(t)),
    ),
    text(
        "time", "handlers/understand/named_time.py", lambda t: (named_time(t, NOW, SHANGHAI), until(t, NOW, SHANGHAI))
    ),
    text("command", "followup/desk/command.py", _command),
    text("split", "followup/split.py", lambda t: split(t, 4000)),
    # what the shop's people write
    text("template", "scripts_library/templates.py", _template, BadTemplate),
    Parser(
        "template.nested",
        ("scripts_library/templates.py",),
        _template,
        st.sampled_from(["{{ a }}"]),
        (BadTemplate,),
        DEEP,
    ),
    Parser(
        "overrides",
        ("scripts_library/storage.py", "scripts_library/overrides_entry.py", "scripts_library/overrides_history.py"),
        in_file("scripts.json", _overridden),
        bent(_OVERRIDES).map(as_json) | blobs,
        (OverridesDamaged,),
        (nested("["), nested('{"a":')),
    ),
    Parser(
        "learnt",
        ("bot/learnt_phrases.py",),
        in_file("intents.json", lambda p: LearntPhrases(p).learnt()),
        bent(_LEARNT).map(as_json) | blobs,
        (OverridesDamaged,),
        (nested("["), nested('{"a":')),
    ),
    Parser(
        "config",
        ("bot/config.py", "bot/config_units.py"),
        loaded,
        bent(_CONFIG).map(toml) | whole,
        (ConfigError,),
        ("a = " + "[" * 100_000, "a." * 1000 + "b = 1", "[" * 1000),
    ),
    Parser(
        "settings",
        ("bot/settings_edit.py",),
        _edited,
        st.dictionaries(
            st.sampled_from(
                [
                    ("http", "port"),
                    ("shops", "tea", "zone"),
                    ("shops", "x", "lang"),
                    ("agents", "people", "mei", "name"),
                    ("logs", "level", "x"),
                    ("new",),
                ]
            ),
            st.one_of(st.none(), st.integers(), whole, st.booleans(), st.lists(whole, max_size=2)),
            max_size=3,
        ),
        (ValueError,),
    ),
    Parser("settings.field", ("bot/console/settings_form.py",), _field, leaves | st.lists(leaves, max_size=3)),
    text("cadence", "bot/cadence.py", _knobs),
    text("assume", "bot/simulate_assume.py", assumed, BadAssumption),
    text("moment", "bot/simulate_run.py", lambda t: moment("--from", t, SHANGHAI), BadOption),
    text("until", "bot/scripts_until.py", lambda t: until_of(t, SHANGHAI, NOW), ValueError),
    text("day", "bot/commands/days.py", lambda t: days.span(t, t, NOW.date(), SHANGHAI), typer.Exit),
    text(
        "days",
        "bot/commands/days.py",
        lambda t: (days.span("", t, NOW.date(), SHANGHAI, timedelta(days=30)), days.month("--month", t, SHANGHAI)),
        typer.Exit,
    ),
    text("number", "bot/commands/common.py", lambda t: number("--amount", t).quantize(Decimal("0.01")), typer.Exit),
    # the console
    Parser(
        "view",
        ("bot/console/threads/views.py", "bot/console/pages/threads.py"),
        View.read,
        bent(_VIEW).filter(lambda v: isinstance(v, dict)).map(lambda v: {str(k): str(x) for k, x in v.items()}),
    ),
    text("next", "bot/console/entering.py", inside),
    Parser(
        "headers",
        (
            "bot/console/headers.py",
            "bot/console/tries.py",
            "bot/channels/webchat/callers.py",
            "bot/channels/webchat/page.py",
        ),
        _from_browser,
        st.dictionaries(st.sampled_from((*_HEADERS, "query")), _URL, max_size=5),
    ),
    text(
        "calendar",
        "bot/console/pages/calendar.py",
        lambda t: (_date(t), _hour(t, cast("Any", SimpleNamespace(zone=SHANGHAI)))),
    ),
    text("report.days", "bot/console/figures.py", lambda t: (_days(t, "2026-03-01"), _days("2026-03-01", t)), BadDays),
    # what is kept
    Parser(
        "evidence.type",
        ("bot/evidence/types.py",),
        type_of,
        st.builds(
            lambda head, rest: head + rest,
            st.sampled_from(
                [
                    b"",
                    b"PK\x03\x04",
                    b"\x89PNG\r\n\x1a\n",
                    b"\xff\xd8\xff",
                    b"RIFF\0\0\0\0WEBP",
                    b"\0\0\0\x18ftypheic",
                    b"%PDF-",
                    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                    b"#!",
                    b"GIF89a",
                    b"<svg",
                ]
            ),
            blobs,
        ),
    ),
    text("evidence.name", "bot/evidence/files.py", _evidence),
    Parser(
        "evidence.pack",
        ("bot/evidence/verify.py", "bot/evidence/pack.py"),
        in_file("a.zip", verify),
        blobs | blobs.map(lambda b: b"PK\x03\x04" + b + b"PK\x05\x06" + b"\0" * 18),
        (NotAPack,),
    ),
    text("redact", "bot/redact.py", lambda t: (Redactor.knowing([t[:500]]).text(t), Redactor().error(t))),
)
"""In the order in which SECURITY.md goes over the borders of the program."""

ELSEWHERE = {
    "bot/channels/telegram_parse.py": "tests/bot/channels/test_telegram_fuzz.py",
    "bot/channels/wecom/channel.py": "calls bot/channels/wecom/parse.py",
    "bot/channels/wecom/client.py": "answers of WeCom itself: tests/bot/channels/test_wecom.py",
    "bot/channels/wechaty_receive.py": "answers of the shop's own gateway: tests/bot/channels/test_wechaty_receive.py",
    "bot/channels/webchat/channel.py": "calls bot/channels/webchat/parse.py",
    "bot/alerts/robot.py": "answers of the shop's own services: tests/bot/alerts",
    "bot/backup/archive.py": "tests/hostile/test_archives.py",
    "bot/backup/manifest.py": "tests/hostile/test_archives.py",
    "bot/backup/forgotten.py": "tests/hostile/test_archives.py",
    "bot/watch.py": "the time of a file: no text is read",
    "bot/comparing_job.py": "from the program that started it: tests/bot/test_comparing.py",
    "bot/comparing_process.py": "from the process that it started: tests/bot/test_comparing.py",
    "scheduler/handling.py": "calls the channels' own",
}
"""Modules that decode and are tried elsewhere, or read only what the program itself has written."""


def modules() -> Iterator[str]:
    """All that are tried here."""
    for parser in TABLE:
        yield from parser.of
