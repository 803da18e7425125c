"""One provider each, as far as a walk needs it: how it posts what a person does, and what it makes of what we send."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

SECRET = "s3cret-of-all-of-them"
PUBLIC = "https://bot.test"
Post = tuple[str, bytes, dict[str, str]]  # path below the webhook, body, headers


@dataclass
class Said:
    """What a person sees of one message of ours."""

    id: str  # the provider's, by which it tells of it
    text: str
    choices: list[tuple[str, str]] = field(default_factory=list)  # what comes back on a press, title


class Dialect(ABC):
    gateway: str
    number = "15550100001"
    who = number  # or a business-scoped user id
    keys: ClassVar[dict[str, str]]
    path = ""  # of base_url

    def __init__(self, scoped: str = "") -> None:
        self.scoped = scoped
        self.who = scoped or self.number
        self.said: list[Said] = []
        self.count = 0

    def fresh(self) -> str:
        self.count += 1
        return f"in{self.count}"

    @abstractmethod
    def text(self, words: str) -> Post: ...

    @abstractmethod
    def press(self, choice: tuple[str, str], many: bool) -> Post: ...

    @abstractmethod
    def delivered(self, said: Said) -> Post: ...

    @abstractmethod
    def answer(self, path: str, body: str) -> tuple[int, Any]:
        """The answer to a request of ours; a message is noted in `said`."""

    def note(self, id: str, text: str, choices: list[tuple[str, str]] | None = None) -> None:
        self.said.append(Said(id, text, choices or []))


def interactive(body: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """The text and choices of a body of Meta's."""
    found = body["interactive"]
    rows = found["action"].get("buttons") or found["action"]["sections"][0]["rows"]
    pairs = [one.get("reply", one) for one in rows]
    return found["body"]["text"], [(one["id"], one["title"]) for one in pairs]


class Meta(Dialect):
    gateway = "cloud_api"
    keys: ClassVar[dict[str, str]] = {
        "phone_number_id": "7001",
        "access_token": "${env:S}",
        "app_secret": "${env:S}",
        "verify_token": "${env:S}",
    }

    def envelope(self, **value: Any) -> Post:
        whole = {"metadata": {"phone_number_id": "7001"}, **value}
        body = json.dumps({"entry": [{"id": "1", "changes": [{"field": "messages", "value": whole}]}]}).encode()
        return self.signed(body)

    def signed(self, body: bytes) -> Post:
        mark = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        return "", body, {"X-Hub-Signature-256": f"sha256={mark}"}

    def message(self, **more: Any) -> Post:
        name, sender = ("user_id", "from_user_id") if self.scoped else ("wa_id", "from")
        contacts = [{"profile": {"name": "Ana"}, name: self.who}]
        return self.envelope(contacts=contacts, messages=[{sender: self.who, "id": self.fresh(), **more}])

    def text(self, words: str) -> Post:
        return self.message(type="text", text={"body": words})

    def press(self, choice: tuple[str, str], many: bool) -> Post:
        kind = "list_reply" if many else "button_reply"
        reply = {"type": kind, kind: {"id": choice[0], "title": choice[1]}}
        return self.message(type="interactive", interactive=reply)

    def delivered(self, said: Said) -> Post:
        return self.envelope(statuses=[{"id": said.id, "status": "delivered", "timestamp": "1700000000"}])

    def answer(self, path: str, body: str) -> tuple[int, Any]:
        found = json.loads(body)
        id = f"out{len(self.said)}"
        assert found["recipient" if self.scoped else "to"] == (self.scoped or "+" + self.number)
        if found["type"] == "text":
            self.note(id, found["text"]["body"])
        else:
            self.note(id, *interactive(found))
        return 200, {"messages": [{"id": id}]}


class Dialog360(Meta):
    gateway = "dialog360"
    keys: ClassVar[dict[str, str]] = {"api_key": "${env:S}", "secret": "${env:S}"}

    def signed(self, body: bytes) -> Post:
        return f"/{SECRET}", body, {}


class Twilio(Dialect):
    gateway = "twilio"
    keys: ClassVar[dict[str, str]] = {"number": "+15550199001", "account_sid": "AC1", "auth_token": "${env:S}"}
    path = "/2010-04-01"

    def form(self, path: str = "", **fields: str) -> Post:
        signed = f"{PUBLIC}/webhooks/acme/twilio{path}" + "".join(name + fields[name] for name in sorted(fields))
        mark = base64.b64encode(hmac.new(SECRET.encode(), signed.encode(), hashlib.sha1).digest()).decode()
        return path, urlencode(fields).encode(), {"X-Twilio-Signature": mark}

    def message(self, **fields: str) -> Post:
        return self.form(MessageSid=self.fresh(), From=self.address, ProfileName="Ana", **fields)

    @property
    def address(self) -> str:
        return "whatsapp:" + (self.scoped or "+" + self.number)

    def text(self, words: str) -> Post:
        return self.message(Body=words)

    def press(self, choice: tuple[str, str], many: bool) -> Post:
        if many:
            return self.message(Body=choice[1], ListId=choice[0], ListTitle=choice[1])
        return self.message(Body=choice[1], ButtonPayload=choice[0], ButtonText=choice[1])

    def delivered(self, said: Said) -> Post:
        return self.form(said.id, MessageSid="SM1", MessageStatus="delivered")

    def answer(self, path: str, body: str) -> tuple[int, Any]:
        if path.endswith("/Content"):
            (kind,) = json.loads(body)["types"]
            return 201, {"sid": "HX-" + kind.rpartition("/")[2]}
        fields = dict(parse_qsl(body))
        assert fields["To"] == self.address
        where = fields["StatusCallback"].removeprefix(f"{PUBLIC}/webhooks/acme/twilio")
        if "Body" in fields:
            self.note(where, fields["Body"])
        else:
            text, *values = json.loads(fields["ContentVariables"]).values()
            values = values[1:] if fields["ContentSid"] == "HX-list-picker" else values
            self.note(where, text, list(zip(values[1::2], values[::2], strict=True)))
        return 201, {"sid": f"SM{len(self.said)}", "status": "queued"}


class Gupshup(Dialect):
    gateway = "gupshup"
    keys: ClassVar[dict[str, str]] = {
        "number": "+15550199002",
        "app_name": "Shop",
        "api_key": "${env:S}",
        "secret": "${env:S}",
    }

    def event(self, kind: str, payload: dict[str, Any]) -> Post:
        body = {"app": "Shop", "timestamp": 1_700_000_000_000, "version": 2, "type": kind, "payload": payload}
        return f"/{SECRET}", json.dumps(body).encode(), {}

    def message(self, kind: str, inner: dict[str, Any]) -> Post:
        sender = {"user_id" if self.scoped else "phone": self.who, "name": "Ana"}
        payload = {"id": self.fresh(), "type": kind, "payload": inner, "sender": sender}
        return self.event("message", payload)

    def text(self, words: str) -> Post:
        return self.message("text", {"text": words})

    def press(self, choice: tuple[str, str], many: bool) -> Post:
        if many:
            return self.message("list_reply", {"title": choice[1], "id": "1", "postbackText": choice[0]})
        return self.message("button_reply", {"title": choice[1], "id": choice[0], "reply": f"{choice[1]} 1"})

    def delivered(self, said: Said) -> Post:
        about = {"id": "wa1", "gsId": said.id, "type": "delivered", "destination": self.who}
        return self.event("message-event", about)

    def answer(self, path: str, body: str) -> tuple[int, Any]:
        fields = dict(parse_qsl(body))
        assert fields["destination"] == self.who
        found = json.loads(fields["message"])
        id = f"gs{len(self.said)}"
        if found["type"] == "text":
            self.note(id, found["text"])
        else:
            options = found.get("options") or found["items"][0]["options"]
            text = found["body"] if found["type"] == "list" else found["content"]["text"]
            self.note(id, text, [(one["postbackText"], one["title"]) for one in options])
        return 202, {"status": "submitted", "messageId": id}


class Blip(Dialect):
    """A bot behind a router: people come through a tunnel."""

    gateway = "blip"
    keys: ClassVar[dict[str, str]] = {"bot_key": "${env:S}", "secret": "${env:S}"}
    tunnel = "ecb99cf5@tunnel.msging.net"

    def post(self, body: dict[str, Any]) -> Post:
        return f"/{SECRET}", json.dumps(body).encode(), {}

    def message(self, kind: str, content: Any, **metadata: str) -> Post:
        known = {"#tunnel.originator": f"{self.who}@wa.gw.msging.net", "#contactName": "Ana", **metadata}
        body = {"id": self.fresh(), "from": self.tunnel, "type": kind, "content": content, "metadata": known}
        return self.post(body)

    def text(self, words: str) -> Post:
        return self.message("text/plain", words)

    def press(self, choice: tuple[str, str], many: bool) -> Post:
        content = {"replied": {"type": "text/plain", "value": choice[1]}, "inReplyTo": {"id": "x"}}
        which = "#wa.interactive.list.id" if many else "#wa.interactive.button.id"
        return self.message("application/vnd.lime.reply+json", content, **{which: choice[0]})

    def delivered(self, said: Said) -> Post:
        return self.post({"id": said.id, "from": self.tunnel, "event": "received"})

    def answer(self, path: str, body: str) -> tuple[int, Any]:
        found = json.loads(body)
        if path == "/messages":
            assert found["to"] == self.tunnel
            if found["type"] == "text/plain":
                self.note(found["id"], found["content"])
            else:
                self.note(found["id"], *interactive(found["content"]))
        return 202, {}


class Http(Dialect):
    gateway = "http"
    keys: ClassVar[dict[str, str]] = {"secret": "${env:S}"}
    path = "/in"

    def post(self, item: dict[str, Any]) -> Post:
        body = json.dumps(item).encode()
        mark = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        return "", body, {"X-Flowbot-Signature": f"sha256={mark}"}

    def message(self, **more: Any) -> Post:
        return self.post({"id": self.fresh(), "from": self.who, "name": "Ana", **more})

    def text(self, words: str) -> Post:
        return self.message(text=words)

    def press(self, choice: tuple[str, str], many: bool) -> Post:
        return self.message(kind="tap", tap={"id": choice[0], "title": choice[1]})

    def delivered(self, said: Said) -> Post:
        return self.post({"status": "delivered", "id": "x", "our_id": said.id})

    def answer(self, path: str, body: str) -> tuple[int, Any]:
        found = json.loads(body)
        if "text" in found:
            assert found["to"] == self.who
            self.note(found["id"], found["text"], [(one["id"], one["title"]) for one in found.get("choices", ())])
        return 200, {}


DIALECTS = (Meta, Dialog360, Twilio, Gupshup, Blip, Http)
