"""Ours: WeCom's customer service as its documentation tells it, without the HTTP. It was not written independently of
the channel; what it proves is that the channel keeps to the documented rules as we read them.

What the documentation leaves open is decided here: a msgid used before is answered 40058 "msgid exist", a text that is
too long 40058. The rest of the codes are WeCom's own.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

CORP, SECRET, KFID = "ww1234567890abcdef", "app-secret-of-the-stand-in", "wkStandIn0000001"
TOKEN, AES_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
DAY = 86_400
WINDOW, QUOTA, LASTS, KEPT = 2 * DAY, 5, 7200, 3 * DAY
TOKEN_LASTS, CODE_LASTS = 600, 20
_MSGID = re.compile(r"[0-9a-zA-Z_-]{0,32}")
_NEXT = {0: (1, 2, 3), 1: (2, 3), 2: (3, 4), 3: (3, 4), 4: ()}
OVER, WITH_PERSON = 4, 3


class Refused(Exception):
    """An errcode."""

    def __init__(self, code: int, text: str = "refused") -> None:
        super().__init__(text)
        self.answer = {
            "errcode": code,
            "errmsg": f"{text}, hint: [1700000000_1_abc], from ip: 192.0.2.7, more info at x",
        }


@dataclass
class Buyer:
    """A customer: when he wrote last, how many messages he has had since, the state of his session, what he heard."""

    last_in: float = 0.0
    used: int = 0
    state: int = OVER
    servicer: str = ""
    blocked: bool = False
    welcomed_at: float = 0.0
    heard: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Rules:
    """All that the service knows; `moved` is by how much its clock is ahead of the machine's."""

    moved: float = 0.0
    access: dict[str, float] = field(default_factory=dict)
    fetched: int = 0
    log: list[dict[str, Any]] = field(default_factory=list)
    buyers: dict[str, Buyer] = field(default_factory=dict)
    msgids: dict[str, str] = field(default_factory=dict)
    codes: dict[str, list[Any]] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    bare: list[float] = field(default_factory=list)
    servicers: dict[str, bool] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    asked_ways: int = 0
    page: int = 1000
    empty_pages: bool = True
    most_bare: int = 10
    late: bool = False

    @classmethod
    def load(cls, path: Path | None) -> Rules:
        """As it was when it was saved."""
        if path is None or not path.exists():
            return cls()
        kept = json.loads(path.read_text("utf-8"))
        kept["buyers"] = {id_: Buyer(**buyer) for id_, buyer in kept["buyers"].items()}
        return cls(**kept)

    def save(self, path: Path) -> None:
        """Keep all, at once or not at all."""
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self)), "utf-8")
        new.replace(path)

    def now(self) -> float:
        """The service's time in seconds since 1970."""
        return time.time() + self.moved

    def gettoken(self, corp: str, secret: str) -> dict[str, Any]:
        """A new access token; the ones before stay good."""
        self.fetched += 1
        if corp != CORP:
            raise Refused(40013, "invalid corpid")
        if secret != SECRET:
            raise Refused(40001, "invalid credential")
        token = secrets.token_urlsafe(24)
        self.access[token] = self.now() + LASTS
        return {"access_token": token, "expires_in": LASTS}

    def admit(self, token: str) -> None:
        """Raises Refused unless the access token is good."""
        if token not in self.access:
            raise Refused(40014, "invalid access_token")
        if self.now() >= self.access[token]:
            raise Refused(42001, "access_token expired")

    def sync_msg(self, body: dict[str, Any]) -> dict[str, Any]:
        """A page after the cursor: `<how many were read>`, with an `e` once the empty page there has been shown."""
        self._ours(body)
        self._permitted(body.get("token", ""))
        if body.get("limit", 1000) > 1000:
            raise Refused(40058, "limit out of range")
        start, shown = self._place(body.get("cursor", ""))
        rest = self.log[start:]
        if rest and self.empty_pages and not shown:
            return {"next_cursor": f"{start}e", "has_more": 1, "msg_list": []}
        part = rest[: min(self.page, body.get("limit", 1000))]
        return {
            "next_cursor": str(start + len(part)),
            "has_more": int(len(part) < len(rest)),
            "msg_list": [item for item in part if item.get("send_time", self.now()) > self.now() - KEPT],
        }

    def _permitted(self, token: str) -> None:
        now = self.now()
        if self.tokens.get(token, 0) > now:
            return
        self.bare = [at for at in self.bare if at > now - 60]
        if len(self.bare) >= self.most_bare:
            raise Refused(45009, "api freq out of limit")
        self.bare.append(now)
        if token:
            raise Refused(95007, "invalid msg token")

    def _place(self, cursor: str) -> tuple[int, bool]:
        match = re.fullmatch(r"(\d*)(e?)", cursor)
        if match is None or int(match[1] or 0) > len(self.log):
            raise Refused(40058, "invalid cursor")
        return int(match[1] or 0), bool(match[2])

    def send_msg(self, body: dict[str, Any]) -> dict[str, Any]:
        """A message to a buyer: state 0 or 1, within 48 hours, at most five."""
        self._ours(body)
        buyer, msgid = self._buyer(body.get("touser", "")), self._new_msgid(body)
        _check_content(body)
        self._check_session(buyer)
        if self.now() > buyer.last_in + WINDOW and not self.late:
            raise Refused(95002, "out of time limit")
        if buyer.used >= QUOTA and not self.late:
            raise Refused(95001, "out of count limit")
        self._deliver(body["touser"], buyer, msgid, body)
        return {"msgid": msgid}

    def _check_session(self, buyer: Buyer) -> None:
        if buyer.state not in (0, 1) and not (self.late and buyer.state == OVER):
            raise Refused(95018, "send msg session status invalid")

    def _deliver(self, address: str, buyer: Buyer, msgid: str, body: dict[str, Any]) -> None:
        """With errcode 0 a message may yet fail."""
        self.msgids[msgid] = address
        too_late, too_many = self.now() > buyer.last_in + WINDOW, buyer.used >= QUOTA
        fail = 10 if buyer.blocked else 4 if too_late else 6 if too_many else 0
        if fail:
            self.event("msg_send_fail", address, fail_msgid=msgid, fail_type=fail)
            return
        buyer.used += 1
        buyer.heard.append({key: body[key] for key in ("msgid", "msgtype", body["msgtype"])})

    def send_msg_on_event(self, body: dict[str, Any]) -> dict[str, Any]:
        """A message that a code permits, once."""
        address, until = self.codes.get(body.get("code", ""), ("", 0))
        if self.now() > until:
            raise Refused(41050, "invalid code")
        if body.get("msgtype") not in ("text", "msgmenu"):
            raise Refused(40008, "invalid message type")
        msgid = self._new_msgid(body)
        _check_content(body)
        del self.codes[body["code"]]
        buyer = self._buyer(address)
        self.msgids[msgid] = address
        buyer.welcomed_at = self.now()
        buyer.heard.append({key: body[key] for key in ("msgid", "msgtype", body["msgtype"])})
        return {"msgid": msgid}

    def service_state_get(self, body: dict[str, Any]) -> dict[str, Any]:
        self._ours(body)
        buyer = self._buyer(body.get("external_userid", ""))
        return {"service_state": buyer.state, "servicer_userid": buyer.servicer}

    def service_state_trans(self, body: dict[str, Any]) -> dict[str, Any]:
        self._ours(body)
        buyer, to = self._buyer(body.get("external_userid", "")), body.get("service_state")
        if buyer.state == OVER:
            raise Refused(95013, "session is over")
        if to not in _NEXT[buyer.state]:
            raise Refused(95016, "not allowed to change to this state")
        if to == WITH_PERSON:
            who = body.get("servicer_userid", "")
            if who not in self.servicers:
                raise Refused(95014, "not a servicer")
            if not self.servicers[who]:
                raise Refused(95019, "servicer is not receiving")
            buyer.servicer = who
        buyer.state = int(to)
        return {"msg_code": self.code(body["external_userid"], WINDOW)}

    def add_contact_way(self, body: dict[str, Any]) -> dict[str, Any]:
        self._ours(body)
        self.asked_ways += 1
        if not re.fullmatch(r"[0-9a-zA-Z_-]{0,32}", body.get("scene", "")):
            raise Refused(40058, "invalid scene")
        return {"url": f"https://work.weixin.qq.com/kf/kfc{KFID[-8:]}?enc_scene=ENC{body.get('scene', '')}"}

    def says(self, address: str, message: dict[str, Any]) -> str:
        """A buyer writes; the msgid."""
        buyer = self.buyers.setdefault(address, Buyer())
        buyer.last_in, buyer.used, buyer.blocked = self.now(), 0, False
        buyer.state = 0 if buyer.state == OVER else buyer.state
        return self.append({"open_kfid": KFID, "external_userid": address, "origin": 3, **message})

    def enter(self, address: str, scene_param: str) -> str:
        """A buyer opens the chat; who is new or was away for 48 hours may be welcomed."""
        buyer, now = self.buyers.setdefault(address, Buyer()), self.now()
        more = {"scene": "huifang", "scene_param": scene_param}
        if max(buyer.last_in, buyer.welcomed_at) < now - WINDOW:
            more["welcome_code"] = self.code(address, CODE_LASTS)
        return self.event("enter_session", address, **more)

    def code(self, address: str, lasts: float) -> str:
        code = secrets.token_urlsafe(16)
        self.codes[code] = [address, self.now() + lasts]
        return code

    def event(self, kind: str, address: str, **more: Any) -> str:
        """Something happened; the msgid of the event."""
        event = {"event_type": kind, "open_kfid": KFID, "external_userid": address, **more}
        return self.append({"origin": 4, "msgtype": "event", "event": event})

    def append(self, message: dict[str, Any]) -> str:
        """The next message to be read."""
        msgid = message.get("msgid") or f"in{len(self.log):08}{secrets.token_hex(8)}"
        self.log.append({"msgid": msgid, "send_time": int(self.now()), **message})
        return msgid

    def callback_token(self) -> str:
        """What a callback brings."""
        token = "ENC" + secrets.token_urlsafe(24)
        self.tokens[token] = self.now() + TOKEN_LASTS
        return token

    def _ours(self, body: dict[str, Any]) -> None:
        if body.get("open_kfid") != KFID:
            raise Refused(95000, "invalid open_kfid")

    def _buyer(self, address: str) -> Buyer:
        if address not in self.buyers:
            raise Refused(40096, "invalid external userid")
        return self.buyers[address]

    def _new_msgid(self, body: dict[str, Any]) -> str:
        msgid = body.get("msgid") or secrets.token_hex(16)
        if not _MSGID.fullmatch(msgid):
            raise Refused(40058, "msgid exceed max length 32")
        if msgid in self.msgids:
            raise Refused(40058, "msgid exist")
        return str(msgid)


def _check_content(body: dict[str, Any]) -> None:
    kind = body.get("msgtype", "")
    content = body.get(kind)
    if kind not in ("text", "image", "voice", "video", "file", "msgmenu", "link") or not isinstance(content, dict):
        raise Refused(40008, "invalid message type")
    if kind == "text" and not 0 < len(content.get("content", "").encode()) <= 2048:
        raise Refused(40058, "content exceed max length 2048")
    if kind == "msgmenu":
        _check_menu(content)


def _check_menu(menu: dict[str, Any]) -> None:
    if len(menu.get("head_content", "").encode()) > 1024:
        raise Refused(40058, "head_content exceed max length 1024")
    if len(menu["list"]) > 10:
        raise Refused(95008, "too many menu items")
    for item in menu["list"]:
        if item.get("type") != "click":
            raise Refused(95009, "invalid menu item type")
        id_, label = item["click"].get("id", ""), item["click"].get("content", "")
        if not 0 < len(id_.encode()) <= 64 or not 0 < len(label.encode()) <= 128:
            raise Refused(40058, "menu item out of range")
