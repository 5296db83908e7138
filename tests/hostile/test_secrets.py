"""Secrets, and what is private of buyers, are looked for in everything that comes out of the program."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from bot.checks import run_checks
from bot.config import Logs
from bot.importing import import_file
from bot.logs import setup_logs
from bot.orders.sources import open_source
from bot.watch import Watch
from followup.ports import UnknownFormat
from store.audit import audit
from tests.bot.channels.test_telegram_parse import a_message
from tests.bot.tea import an_order, write_jsonl
from tests.hostile.door import CRYPTO, SECRET, SECRETS, TELEGRAM, Door
from tests.hostile.test_signatures import HEADER, at, wecom

NAME, ADDRESS, GOODS = "Xylophonia Quist", "Quagmire Lane 77", "zebrawood"
PHONE, MAIL, WORDS = "13912345678", "xylo.quist@mail.example", "my parcel smells of turpentine"
CHINESE, STREET = "欧阳密语", "机密路九十九号"
PRIVATE = (NAME, "Xylophonia", ADDRESS, "Quagmire", PHONE, "139 1234 5678", MAIL, WORDS, "turpentine", CHINESE, STREET)
SAID = f"{WORDS}, call {PHONE} or {MAIL}, {NAME}, {ADDRESS}, {CHINESE} {STREET}"
ROW = f'351,{NAME},39.00,2026-03-01 08:00:16,,,{ADDRESS} {PHONE},"{CHINESE}",{STREET}\n'
KEYS = tuple(value for value in SECRETS.values())


@pytest.fixture
def log() -> io.StringIO:
    """Everything that is logged, of the program and its libraries, at its most talkative."""
    stream = io.StringIO()
    setup_logs(Logs(level="debug", format="json"), KEYS, stream)
    return stream


def clean(what: str, said: str, private: bool = True) -> None:
    """None of it stands in there, neither as it is nor as JSON writes it."""
    for mark in (*KEYS, *(PRIVATE if private else ())):
        assert mark not in said, (what, mark)
        assert orjson.dumps(mark).decode().strip('"') not in said, (what, mark)
        assert mark.encode("unicode_escape").decode() not in said, (what, mark)


async def called(door: Door, text: str, number: int) -> httpx.Response:
    """Telegram calls with a message of a buyer who is called so."""
    sender = {"id": 5, "is_bot": False, "first_name": NAME, "last_name": CHINESE}
    update = {"update_id": number, "message": a_message(text=text, **{"from": sender, "message_id": number})}
    async with httpx.AsyncClient(timeout=30) as client:
        url = f"{door.url}{TELEGRAM}"
        return await client.post(url, content=orjson.dumps(update), headers={HEADER: SECRET})


async def drained(door: Door) -> None:
    """Whatever waits is handled, or put aside."""
    for inbox in door.app.inboxes:
        await inbox.drain()


async def test_a_message_that_breaks_its_handler(door: Door, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error quotes the buyer, in its message, its notes and its causes; what is logged of it does not."""

    def broken(*heard: Any, **_: Any) -> None:
        try:
            {}[SAID]
        except KeyError as error:
            raise RuntimeError(f"cannot read {SAID!r} of {NAME!r}\n{heard}") from error

    assert 200 == (await called(door, SAID, 1)).status_code
    monkeypatch.setattr("scheduler.handling.received", broken)
    await drained(door)
    assert "RuntimeError" in log.getvalue()
    clean("log", log.getvalue())


async def test_a_message_that_is_handled(door: Door, log: io.StringIO) -> None:
    """Neither does what goes well leave a trace of him in the log, though it be at its most talkative."""
    for number, text in enumerate((SAID, "/start " + SAID, f"订单号 351 {PHONE}", "stop"), 1):
        assert 200 == (await called(door, text, number)).status_code
    await drained(door)
    clean("log", log.getvalue())
    assert log.getvalue()


async def test_a_whole_matter(door: Door, log: io.StringIO) -> None:
    """From the order by its proof, reminders, a promise, a task and what cannot be sent to his stop, with the program's
    own handlers; and `audit` is as clean."""
    app, order = door.app, an_order(1, id="20260301001", phone_tail=PHONE[-4:], goods=f"{GOODS} chair")
    order = replace(order, buyer=f"{CHINESE}{PHONE}", buyer_name=NAME)
    folder = app.config.orders.folder / "tea"
    folder.mkdir(parents=True)
    path = write_jsonl(folder / "a.jsonl", [order], '{"type":"order","id":"' + SAID)
    await import_file(path, open_source(path, "tea"), door.store, app.deps, door.clock)
    says = ("/start", f"order 20260301001 {PHONE[-4:]}", SAID, "I will pay tomorrow", f"refund! {STREET}", "stop")
    for number, text in enumerate(says, 1):
        assert 200 == (await called(door, text, number)).status_code
        await drained(door)
        await app.engine.pump()
        door.clock.move(timedelta(hours=7))
        await app.engine.pump()
    with door.store.engine.connect() as connection:
        said = set(connection.exec_driver_sql("SELECT step FROM outbox").scalars())
        clean("audit", repr(audit(connection)))
    clean("log", log.getvalue())
    assert {"unpaid.help", "link.welcome", "later.noted", "reply.received", "stop.confirmed"} <= said, said
    lines = [orjson.loads(line) for line in log.getvalue().splitlines()]
    told = {"heard", "thread", "reminder", "decided", "message", "called", "task", "note"}
    assert told <= {line["event"] for line in lines}, "the log tells of the whole matter"
    outcomes = {line["outcome"] for line in lines if line["event"] == "called" and line["channel"] == "tg"}
    assert {"retry"} == outcomes, "and of the channel that takes nothing"


async def test_a_database_that_breaks(door: Door, log: io.StringIO) -> None:
    """A statement that fails tells of itself, and not of its values; the answer tells nothing."""
    with door.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE raw_events RENAME TO gone")
    answer = await called(door, SAID, 1)
    assert 503 == answer.status_code
    clean("answer", answer.text)
    with suppress(Exception):
        await drained(door)
    clean("log", log.getvalue())


async def test_whoever_is_refused(door: Door, log: io.StringIO) -> None:
    """A wrong secret may be nearly a right one: it is in no log, and the right one in no answer."""
    wrong = f"{SECRET}-nearly"
    async with httpx.AsyncClient(base_url=door.url, timeout=30) as client:
        answers = [
            await client.post(TELEGRAM, content=SAID.encode(), headers={HEADER: wrong}),
            await client.post(wecom(at(door), signature="0" * 40)[0], content=SAID.encode()),
            await client.post(wecom(at(door))[0], content=CRYPTO.encrypt(SAID.encode()).encode()),
            await client.post("/console/login", data={"name": NAME, "password": SAID}),
            await client.post("/chat/poll", content=SAID.encode(), headers={"authorization": "Bearer turpentine"}),
            await client.get("/console/login", params={"t": SECRET, "next": f"/console/{PHONE}"}),
            await client.get(f"/nowhere/{PHONE}", params={"q": NAME}),
            await client.get("/health"),
            await client.get("/metrics", headers={"authorization": f"Bearer {wrong}"}),
            await client.get("/readyz"),
        ]
        told = await client.get("/metrics", headers={"authorization": f"Bearer {SECRETS['metrics_token']}"})
    assert (401, 200) == (answers[-2].status_code, told.status_code)
    for answer in (*answers, told):
        clean(str(answer.url.path), answer.text if answer.url.path != "/console/login" else "")
    clean("log", log.getvalue())
    assert wrong not in log.getvalue()


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
async def test_files_that_cannot_be_read(door: Door, log: io.StringIO, suffix: str) -> None:
    """A list without its headings begins with somebody's order: no error and no log shows it."""
    folder = door.app.config.orders.folder / "tea"
    folder.mkdir(parents=True)
    path = folder / f"a.{suffix}"
    path.write_text(ROW * 20, encoding="utf-8")
    app = door.app
    try:
        await import_file(path, open_source(path, "tea"), door.store, app.deps, door.clock)
    except UnknownFormat as error:
        clean("error", str(error))
    for _ in range(2):
        await Watch(app.config, door.store, app.deps, door.clock).look()
    clean("log", log.getvalue())


async def test_what_looks_after_the_program(door: Door, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` and `audit` of a shop with all of this in it; the words of the library are another matter."""
    monkeypatch.setattr("scripts_library.check.check", lambda _library: [])
    await called(door, SAID, 1)
    await drained(door)
    with door.store.engine.connect() as connection:
        clean("audit", repr(audit(connection)))
    clean("check", repr(list(run_checks(door.app.config))))
    clean("config", repr(door.app.config) + str(door.app.config) + door.app.config.model_dump_json())
    clean("log", log.getvalue())


CONFIG = """
[agents]
lang = "en"
[shops.tea]
lang = "en"
channel = "tg"
platform = "independent"
[channels.tg]
type = "telegram"
mode = "webhook"
webhook_url = "https://shop.example/telegram/tg"
api_url = "http://127.0.0.1:9"
"""


@pytest.mark.parametrize(
    ("words", "wrong", "more"),
    [
        (("import", "a.csv"), "", ""),
        (("tasks",), "not a database, " * 100, ""),
        (("why", PHONE), "", ""),
        (("tasks",), "", f'token = "{SECRETS["channels_tg_token"]}"\n'),
        (("tasks",), "", f'lang = {{ "{WORDS}" = ["{SECRET}", 1] }}\n'),
        (("tasks",), "", f'api_url = "{SECRET}\n'),
    ],
    ids=["import", "damaged", "why", "token in config.toml", "nonsense in config.toml", "no TOML"],
)
def test_commands_that_go_wrong(tmp_path: Path, words: tuple[str, ...], wrong: str, more: str) -> None:
    """A mistake is a sentence: no secret stands in what a command prints, and nothing private in what it says is
    wrong."""
    (tmp_path / "config.toml").write_text(CONFIG + more, encoding="utf-8")
    (tmp_path / "a.csv").write_text(ROW * 3, encoding="utf-8")
    if wrong:
        (tmp_path / "var").mkdir()
        (tmp_path / "var/huifang.db").write_text(wrong, encoding="utf-8")
    names = {f"HUIFANG_{name.upper()}": value for name, value in SECRETS.items() if "_wx_" not in name}
    huifang = Path(sys.executable).with_name("huifang")
    done = subprocess.run(
        [huifang, *words],
        cwd=tmp_path,
        env={"PATH": "/usr/bin", **names},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert not more or done.returncode == 2
    clean("out", done.stdout + done.stderr, private=False)
    clean("err", done.stderr.replace(f"'{PHONE}'", "").replace(PHONE, "") if words[0] == "why" else done.stderr)
    assert "Traceback" not in done.stderr
