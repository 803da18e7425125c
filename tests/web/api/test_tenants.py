"""I11: two accounts, and all that one may do; what the store is asked meanwhile names nothing of the other."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import itertools
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from redis import Redis

from flowbot.hooks import loop as hooks_loop
from flowbot.hooks.parts import Parts as HooksParts
from flowbot.sender import loop as sender_loop
from flowbot.sender.parts import Parts as SenderParts
from flowbot.store import forgetting, keys
from flowbot.store.call import command
from flowbot.store.client import connect_async
from tests.approving import say
from tests.sender.test_gateways import StandIn

from .conftest import Office

NUMBER, OTHER = "573001110001", "573001110002"
ACCOUNT = """\
  {name}:
    timezone: UTC
    default_country: CO
    languages: [en]
    contact_fields: {{city: text}}
    channels:
      real:
        gateway: cloud_api
        number: "+1555000000{phone}"
        phone_number_id: "{phone}"
        waba_id: "8{phone}"
        access_token: "${{env:HOOK}}"
        app_secret: "${{env:HOOK}}"
        verify_token: "${{env:HOOK}}"
        base_url: {provider}
    endpoints:
      - {{name: crm, url: "{provider}/hooks", secret: "${{env:HOOK}}", events: [process.*, message.*, contact.*]}}
"""
SECRET = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
NEW = {
    "name": "visit_reminder",
    "category": "utility",
    "examples": {"name": "Asha"},
    "languages": {"en": {"body": "Hello {{ name }}, shall we begin?"}},
}
NOTICE = {"name": "notice", "params": {"name": "Ana", "day": "Monday"}}
# Every process looks after every account now and then: what is published, planned, under way, told of its templates;
# when its rules come next, what is due at its endpoints, what was kept long enough. Nobody causes that for others.
LOOKS = re.compile(
    r"HGET {a:\w+}(live|templates) #|ZRANGE {a:\w+}sch |ZADD {a:\w+}sch NX \d+ rule:|HGETALL {a:\w+}(runs|templates)$|"
    r"HGET(ALL)? {a:\w+}tpl:\w+( #\w*)*$|SMEMBERS {a:\w+}tpl:\w+:in$|XRANGE {p\d+}ls:(c|pr):\w+ - \d+ COUNT \d+$|"
    r"FCALL claim_deliveries_|ZRANGE(BYSCORE)? {ep:[\w/]+}due |HMGET {ep:[\w/]+}facts disabled open_until fails url$|"
    r"HDEL {ep:[\w/]+}facts disabled |HSET {ep:[\w/]+}facts url \w+$|"
    # an export and an erasure look through the whole partition for what is the contact's: others may have theirs there
    r"GET {p\d+}(hk|pr):[\w.]+$|HMGET {p\d+}m:[\w.]+ contact at$"
)
QUOTED, END = re.compile(r'"((?:[^"\\]|\\.)*)"'), "that is all"
OWN = re.compile(r"{(?:al|i|w|b|at):[^}]*}|\b(?:ms|pr|dl|ev|sa|sc|cl)_\d+_\w+|\bc[0-9a-z]{16}\b")


class Both:
    """Everything that an account does, with the provider and the client's systems at one address."""

    def __init__(self, office: Office, url: str, provider: StandIn) -> None:
        self.office, self.url, self.count = office, url, itertools.count(1)
        office.client = office.client.application.test_client()  # one that keeps no context: it is used in threads
        text = "".join(ACCOUNT.format(name=n, phone=p, provider=provider.url) for n, p in (("acme", 1), ("beta", 2)))
        (office.world.folder / "flowbot.yaml").write_text(f"accounts:\n{text}allow_private_urls: true\n")
        office.parts.shelf._looked = float("-inf")
        for name in ("acme", "beta"):
            say(office.store, office.parts.library.account(name).channels["real"], "notice")

    def hear(self, account: str, **value: Any) -> None:
        phone = {"acme": "1", "beta": "2"}[account]
        whole = {"metadata": {"phone_number_id": phone}, **value}
        body = orjson.dumps({"entry": [{"id": "1", "changes": [{"field": "messages", "value": whole}]}]})
        mark = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        told = {"X-Hub-Signature-256": f"sha256={mark}"}
        assert self.office.client.post(f"/webhooks/{account}/real", data=body, headers=told).status_code == 200

    def says(self, account: str, text: str) -> None:
        id = f"wamid.{account}{next(self.count)}"
        message = {"from": NUMBER, "id": id, "timestamp": "1795000000", "type": "text", "text": {"body": text}}
        self.hear(account, messages=[message], contacts=[{"profile": {"name": "Ana"}, "wa_id": NUMBER}])
        self.office.work()

    async def processes(self, account: str, seconds: float) -> None:
        """A sender and the hooks process for a while."""
        astore = await connect_async(self.url)
        library = self.office.parts.shelf.current
        sends = SenderParts(
            store=astore, project=lambda: library().project, root=self.office.world.folder, owner="s#1", link=str
        )
        hooks = HooksParts(store=astore, project=lambda: library().project, library=library, key=b"k" * 32, poll=50)
        stop = asyncio.Event()
        tasks = [asyncio.create_task(one) for one in (sender_loop.run(sends, stop), hooks_loop.run(hooks, stop))]
        await asyncio.sleep(seconds)
        until, looks = time.monotonic() + 20, [True]
        # what is left over would be done while the other is looked at; what moves meanwhile is missed by one look
        while any(looks[-3:]):
            assert time.monotonic() < until, "it takes longer than it should"
            await asyncio.to_thread(self.office.work)
            await asyncio.sleep(0.1)
            looks.append(self.busy(account))
        stop.set()
        await asyncio.gather(*tasks)
        await astore.close()

    def busy(self, account: str) -> bool:
        """Whether an event, a broadcast, a message, a hook, a call or who was forgotten still waits."""
        store, every = self.office.store, range(self.office.store.partitions)
        names = [find(one) for one in every for find in (keys.inboxes, keys.due, keys.in_flight, keys.calls)]
        names += [keys.BROADCASTS, keys.endpoint(f"{account}/crm", "due")]
        asked = [command("EXISTS", name, read=int, repeatable=True) for name in names]
        asked += [command("XLEN", keys.hooks(one), read=int, repeatable=True) for one in every]
        return any(store.all(asked)) or any(store.all([forgetting.due(one, store.now()) for one in every]))

    async def live(self, account: str) -> None:
        """All doors, and what follows from them."""
        await asyncio.to_thread(self.talk, account)
        await self.processes(account, 1.0)
        await asyncio.to_thread(self.order, account)
        await self.processes(account, 1.5)
        await asyncio.to_thread(self.look, account)
        await self.processes(account, 1.0)

    def talk(self, account: str) -> None:
        for text in ("start", "tea", "sugar", "start"):
            self.says(account, text)

    def order(self, account: str) -> None:
        """What its client's system asks for."""
        office, key = self.office, self.office.key(account)
        post = lambda path, body, **more: office.ask("POST", path, body, key=key, **more)  # noqa: E731
        her = office.get("/contacts", key=key)["items"][0]["id"]
        to = {"to": f"+{OTHER}", "user_authorized": True}
        again = {"flow": "talk", "channel": "real", "to": f"+{NUMBER}", "if_open": "supersede"}
        asked = [
            post("/groups", {"name": "all"}),
            post("/groups/all/members", {"add": [f"+{NUMBER}", f"+{OTHER}"]}, **{"Idempotency-Key": "k1"}),
            office.ask("PATCH", f"/contacts/{her}", {"fields": {"city": "Cali"}}, key=key),
            post(f"/contacts/{her}/consent", {"change": "in", "proof": "form"}),
            post("/messages", {"channel": "real", "to": f"+{NUMBER}", "text": "Hi"}, **{"Idempotency-Key": "k2"}),
            post("/messages", {**to, "channel": "real", "template": NOTICE}),
            post("/conversations", again, **{"Idempotency-Key": "k3"}),
            post("/schedules", {**to, "template": NOTICE, "at": "2030-01-01T00:00:00Z"}),
            post("/schedules", {"group": "all", "template": NOTICE, "every": {"weekly": ["mon"], "at": "09:00"}}),
            post("/events", {**to, "event": "visit.scheduled", "entity": "v", "data": {"on": "2030-01-01"}}),
            post("/templates", NEW),
            post("/templates/refresh", {}),
        ]
        assert {one.status_code for one in asked} == {201, 202}, [one.text for one in asked if one.status_code > 202]
        office.work()
        everybody = {"channel": "real", "template": NOTICE, "user_authorized": True}
        sent = [
            post("/broadcasts", {**everybody, "group": "all"}),
            post("/broadcasts", {**everybody, "recipients": [{"to": f"+{NUMBER}"}, {"to": f"+{OTHER}"}]}),
        ]
        assert {one.status_code for one in sent} == {202}, [one.text for one in sent]

    def look(self, account: str) -> None:
        """What it may see, and what it may take back."""
        office, key = self.office, self.office.key(account)
        first = {
            path: office.get(f"/{path}", key=key)["items"]
            for path in ("contacts", "processes", "broadcasts", "schedules")
        }
        assert all(first.values()), first
        her, process = first["contacts"][0]["id"], first["processes"][0]["process_id"]
        logged = office.get("/deliveries?endpoint=crm", key=key)["items"]
        paths = ["processes/csv", "groups", "groups/all/members", "groups/all/messages", "flows", "flows/talk/funnel"]
        paths += ["rules", "endpoints", "templates", "links?flow=talk&channel=real", f"deliveries/{logged[0]['id']}"]
        paths += [
            f"processes/{process}",
            f"processes/{process}/files",
            f"contacts/{her}/messages",
            f"contacts/{her}/export",
        ]
        paths += [f"broadcasts/{one['id']}/{list}" for one in first["broadcasts"] for list in ("statuses", "failures")]
        assert {path: office.ask("GET", f"/{path}", key=key).status_code for path in paths} == dict.fromkeys(paths, 200)
        for order in (f"/deliveries/{logged[0]['id']}/replay", f"/broadcasts/{first['broadcasts'][0]['id']}/cancel"):
            assert office.ask("POST", order, {}, key=key).status_code in (202, 409), order
        office.ask("DELETE", f"/schedules/{first['schedules'][0]['id']}", key=key)
        assert office.ask("DELETE", f"/contacts/{her}", key=key).status_code == 202
        office.work()


@contextlib.contextmanager
def watched(url: str) -> Iterator[Callable[[], list[str]]]:
    """All commands that the store is given, those within its scripts too; their parts with blanks between."""
    with socket.socket(socket.AF_UNIX) as line, contextlib.closing(Redis.from_url(url)) as raw:
        line.connect(url.removeprefix("unix://"))
        line.sendall(b"MONITOR\r\n")
        taken = bytearray()

        def read() -> None:
            while END.encode() not in taken[-2000:]:
                taken.extend(line.recv(1 << 20))

        reader = threading.Thread(target=read)
        reader.start()

        def done() -> list[str]:
            raw.echo(END)
            reader.join(30)
            assert not reader.is_alive()
            return [" ".join(QUOTED.findall(one)) for one in taken.decode().splitlines()]

        yield done


def test_no_key_of_another_account_is_touched_by_any_door(office: Office, store_url: str) -> None:
    """I11: a real gateway, its statuses, the API, broadcasts, schedules, rules, templates, hooks, forgetting."""

    def answer(method: str, path: str, body: str) -> tuple[int, Any]:
        if "message_templates" in path:
            return 200, {"data": [], "id": "9", "status": "PENDING"}
        return 200, {"messages": [{"id": f"wamid.out{next(sent)}"}]}

    sent, seen = itertools.count(1), {}

    async def inside() -> None:
        async with StandIn(answer) as provider:
            both = Both(office, store_url, provider)
            await asyncio.to_thread(office.work)
            for account in ("acme", "beta"):
                with watched(store_url) as done:
                    await both.live(account)
                    seen[account] = await asyncio.to_thread(done)

    asyncio.run(inside())
    for account, foreign in (("acme", "beta"), ("beta", "acme")):
        mine = [line for line in seen[account] if not LOOKS.match(line)]
        assert any(f"{account}/real" in line for line in mine) and len(mine) > 1000
        touched = [
            line for line in mine if f"{{a:{foreign}}}" in line or f"{foreign}/" in line or f":{foreign}" in line
        ]
        assert touched == [], touched[:5]
    ids = {
        name: set(OWN.findall("\n".join(line for line in lines if not LOOKS.match(line))))
        for name, lines in seen.items()
    }
    assert all(len(found) > 40 for found in ids.values()), {name: len(found) for name, found in ids.items()}
    assert ids["acme"] & ids["beta"] == set()
