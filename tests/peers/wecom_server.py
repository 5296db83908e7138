"""Ours: a stand-in for WeCom, by its documented rules (wecom_rules.py), as a process of its own on the loopback.

    python -m tests.peers.wecom_server --port 0 [--state FILE] [--callback URL]

It prints its port, and ends when its standard input does. `/cgi-bin/…` is WeCom's API; `/control/…`, the methods do_…,
is the buyer's hand and the test's. Callbacks are enciphered by wechatpy, not by us.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from wechatpy.work.crypto import WeChatCrypto

from tests.peers.wecom_rules import AES_KEY, CORP, KFID, TOKEN, Refused, Rules

NEWS = (
    "<xml><ToUserName><![CDATA[{corp}]]></ToUserName><CreateTime>{at}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
    "<Event><![CDATA[kf_msg_or_event]]></Event><Token><![CDATA[{token}]]></Token>"
    "<OpenKfId><![CDATA[{kfid}]]></OpenKfId></xml>"
)
CALLS = ("sync_msg", "send_msg", "send_msg_on_event", "service_state/get", "service_state/trans", "add_contact_way")


class Server:
    """The HTTP around the rules; `faults` are answers that calls get instead of what they ask for."""

    def __init__(self, state: Path | None, callback: str) -> None:
        self.state, self.callback = state, callback
        self.rules = Rules.load(state)
        self.faults: list[dict[str, Any]] = []
        self.media: dict[str, tuple[str, bytes]] = {}
        self.crypto = WeChatCrypto(TOKEN, AES_KEY, CORP)
        self.tasks: set[asyncio.Task[None]] = set()
        self.waiting: dict[str, float] = {}
        self.to_come: list[str] = []
        self.latencies: list[float] = []
        self.http: aiohttp.ClientSession

    def app(self) -> web.Application:
        app = web.Application(client_max_size=30_000_000)
        app.router.add_get("/cgi-bin/gettoken", self.gettoken)
        for call in CALLS:
            app.router.add_post(f"/cgi-bin/kf/{call}", self.call)
        app.router.add_post("/cgi-bin/media/upload", self.upload)
        app.router.add_get("/cgi-bin/media/get", self.download)
        app.router.add_post("/control/{what}", self.control)
        app.cleanup_ctx.append(self.session)
        return app

    async def session(self, _app: web.Application) -> Any:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(5)) as self.http:
            yield

    async def gettoken(self, request: web.Request) -> web.Response:
        query = request.query
        work = lambda: self.rules.gettoken(query.get("corpid", ""), query.get("corpsecret", ""))  # noqa: E731
        return await self.answer(request, "gettoken", work, admitted=True)

    async def call(self, request: web.Request) -> web.Response:
        name = request.path.removeprefix("/cgi-bin/kf/")
        body = await request.json()
        method = getattr(self.rules, name.replace("/", "_"))
        answer = await self.answer(request, name, lambda: method(body), news=name == "send_msg")
        if self.waiting and name == "send_msg":
            self.next_speaks(body["touser"])
        return answer

    async def upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        part: Any = form["media"]
        data = part.file.read()

        def keep() -> dict[str, Any]:
            if len(data) <= 5:
                raise Refused(40006, "invalid media size")
            media_id = f"media{len(self.media)}"
            self.media[media_id] = (part.filename, data)
            return {"type": request.query["type"], "media_id": media_id}

        return await self.answer(request, "media/upload", keep)

    async def download(self, request: web.Request) -> web.Response:
        def known() -> dict[str, Any]:
            if request.query.get("media_id", "") not in self.media:
                raise Refused(40007, "invalid media_id")
            return {}

        answer = await self.answer(request, "media/get", known)
        if json.loads(answer.text or "{}").get("errcode"):
            return answer
        name, data = self.media[request.query["media_id"]]
        return web.Response(body=data, headers={"Content-Disposition": f'attachment; filename="{name}"'})

    async def answer(
        self,
        request: web.Request,
        name: str,
        work: Callable[[], dict[str, Any]],
        admitted: bool = False,
        news: bool = False,
    ) -> web.Response:
        self.rules.calls[name] = self.rules.calls.get(name, 0) + 1
        fault = self.fault(name)
        if delay := fault.get("delay"):
            await asyncio.sleep(delay)
        events = len(self.rules.log)
        try:
            if not admitted:
                self.rules.admit(request.query.get("access_token", ""))
            _raise_if_told(fault)
            said = {"errcode": 0, "errmsg": "ok", **work()}
        except Refused as refused:
            said = refused.answer
        self.keep()
        if news and len(self.rules.log) > events:
            self.call_back()
        if fault.get("drop") and request.transport:
            request.transport.abort()
        if fault.get("raw"):
            return web.Response(text=fault["raw"], status=fault.get("status", 200))
        return web.json_response(said)

    def fault(self, name: str) -> dict[str, Any]:
        """The first fault that is for this call: for so many `times`, or for so many `seconds`."""
        for fault in self.faults:
            if time.monotonic() >= fault.get("until", float("inf")):
                continue
            if fault["call"] in ("*", name) and fault.get("times", 1) > 0:
                fault["times"] = fault.get("times", 1) - (0 if "until" in fault else 1)
                return fault
        return {}

    def keep(self) -> None:
        if self.state is not None:
            self.rules.save(self.state)

    def call_back(self) -> None:
        """Tell whoever wants to know that there is news, with three tries."""
        if self.callback:
            task = asyncio.ensure_future(self._call_back())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _call_back(self) -> None:
        news = NEWS.format(corp=CORP, at=int(time.time()), token=self.rules.callback_token(), kfid=KFID)
        timestamp, nonce = str(int(time.time())), "1597212914"
        body = self.crypto.encrypt_message(news, nonce, timestamp)
        signature = body.split("<MsgSignature><![CDATA[")[1].split("]")[0]
        query = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}
        for _ in range(3):
            try:
                async with self.http.post(self.callback, params=query, data=body.encode()) as answer:
                    self.rules.calls["callback"] = self.rules.calls.get("callback", 0) + 1
                    if answer.status == 200:
                        return
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.1)

    async def control(self, request: web.Request) -> web.Response:
        body = await request.json()
        said = getattr(self, "do_" + request.match_info["what"])(body)
        self.keep()
        return web.json_response(said)

    def do_says(self, body: dict[str, Any]) -> Any:
        msgid = self.rules.says(body.pop("address"), body)
        self.call_back()
        return msgid

    def do_enter(self, body: dict[str, Any]) -> Any:
        msgid = self.rules.enter(body["address"], body.get("scene_param", ""))
        self.call_back()
        return msgid

    def do_recall(self, body: dict[str, Any]) -> Any:
        msgid = self.rules.event("user_recall_msg", body["address"], recall_msgid=body["msgid"])
        self.call_back()
        return msgid

    def do_append(self, body: dict[str, Any]) -> Any:
        """Anything at all as the next message."""
        self.rules.log.append(body["message"])
        self.call_back()

    def do_repeat(self, body: dict[str, Any]) -> Any:
        again = next(item for item in self.rules.log if item.get("msgid") == body["msgid"])
        self.rules.log.append(again)
        self.call_back()

    def do_heard(self, body: dict[str, Any]) -> Any:
        buyer = self.rules.buyers.get(body["address"])
        return buyer.heard if buyer else []

    def do_buyer(self, body: dict[str, Any]) -> Any:
        """Change how a buyer stands; tells how the session does."""
        buyer = self.rules.buyers[body["address"]]
        for key, value in body.get("set", {}).items():
            setattr(buyer, key, value)
        return {"state": buyer.state}

    def do_set(self, body: dict[str, Any]) -> Any:
        for key, value in body.items():
            setattr(self.rules, key, value)

    def do_move(self, body: dict[str, Any]) -> Any:
        self.rules.moved += body["seconds"]

    def do_fault(self, body: dict[str, Any]) -> Any:
        if "seconds" in body:
            body["until"] = time.monotonic() + body["seconds"]
        self.faults.append(body)

    def do_expire(self, _body: dict[str, Any]) -> Any:
        """No access token is good any more."""
        self.rules.access = dict.fromkeys(self.rules.access, 0.0)

    def do_forget(self, _body: dict[str, Any]) -> Any:
        """No access token is known any more."""
        self.rules.access = {}

    def do_callback(self, body: dict[str, Any]) -> Any:
        self.callback = body["url"]

    def do_media(self, body: dict[str, Any]) -> Any:
        """What was uploaded, as [name, size]."""
        name, data = self.media[body["media_id"]]
        return [name, len(data)]

    def do_converse(self, body: dict[str, Any]) -> Any:
        """So many buyers say the same, at most so many of them waiting for their answer at a time."""
        self.to_come = [f"wmCrowd{body['round']}{n:06}" for n in range(body["buyers"])]
        self.latencies, self.text = [], body["text"]
        for _ in range(min(body["at_once"], body["buyers"])):
            self.speak()

    def do_conversed(self, _body: dict[str, Any]) -> Any:
        """The seconds that each waited who has his answer."""
        return self.latencies

    def speak(self) -> None:
        address = self.to_come.pop()
        self.waiting[address] = time.perf_counter()
        self.do_says({"address": address, "msgtype": "text", "text": {"content": self.text}})

    def next_speaks(self, address: str) -> None:
        began = self.waiting.pop(address, 0.0)
        if began and self.rules.buyers[address].heard:
            self.latencies.append(time.perf_counter() - began)
            if self.to_come:
                self.speak()

    def do_stats(self, _body: dict[str, Any]) -> Any:
        return {"fetched": self.rules.fetched, "asked_ways": self.rules.asked_ways, "calls": self.rules.calls}


def _raise_if_told(fault: dict[str, Any]) -> None:
    if fault.get("errcode"):
        raise Refused(fault["errcode"], fault.get("errmsg", "fault"))


async def serve(port: int, state: Path | None, callback: str) -> None:
    """Until standard input ends."""
    runner = web.AppRunner(Server(state, callback).app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    sys.stdout.write(json.dumps({"port": runner.addresses[0][1]}) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)
    await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--callback", default="")
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.state, given.callback))
