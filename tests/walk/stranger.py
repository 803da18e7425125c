"""What a stranger does on the first evening, as a script; every step says what it does and stops when it fails.

    .venv/bin/python -m tests.walk.stranger            the project copied to a folder of its own, `flowbot run` there
    .venv/bin/python -m tests.walk.stranger --clone    a fresh clone, and `make run` in it: sets up its own .venv

The script plays all the others: the person at the browser, the client whose URL gets the hook, and Meta.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from standardwebhooks import Webhook

from tests.running import Phone, Running, eventually

ROOT = Path(__file__).parents[2]
HOOK_SECRET = "whsec_c3RyYW5nZXJzLWhvb2stc2VjcmV0LTAxMjM="
META = {
    "WA_PHONE_NUMBER_ID": "106540352242922",
    "WA_TOKEN": "a-token-for-the-stub",
    "WA_APP_SECRET": "an-app-secret-for-the-stub",
    "WA_VERIFY_TOKEN": "a-verify-token",
}
Request = tuple[str, dict[str, str], bytes]  # path, headers, body


class Stub:
    """An HTTP server that keeps what it gets, and answers every POST as Meta answers a send."""

    def __init__(self) -> None:
        self.got: list[Request] = []
        stub = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                stub.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                answer = json.dumps({"messages": [{"id": f"wamid.stub{len(stub.got)}"}]}).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self) -> Stub:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def walk(folder: Path, *, clone: bool = False) -> None:
    """The whole evening, in an empty folder."""
    with Stub() as client, Stub() as meta:
        say("1. get the project" + (": git clone" if clone else ""))
        project = get_project(folder, clone)
        say(f"2. in flowbot.yaml, name where hooks go ({client.address}/hooks) and where Meta's stub is")
        name_addresses(project, hooks=f"{client.address}/hooks", base_url=meta.address)
        say("3. make run" if clone else "3. flowbot run")
        with start(project, clone) as running:
            say(f"   {running.address}/try/demo/identity")
            finish_in_the_browser(running.address)
            say("5. the hook arrives, and its signature is right")
            check_hook(client)
            say("6. post a signed Cloud API webhook; the reply goes to base_url")
            check_handshake(running.address)
            write_by_whatsapp(running.address, "I want to verify my identity")
            check_reply(meta)
            say("7. Ctrl-C")
            running.interrupt()
    say("done")


def get_project(folder: Path, clone: bool) -> Path:
    project = folder / "flowbot"
    if clone:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(project)], check=True)
        return project
    project.mkdir()
    shutil.copy(ROOT / "flowbot.yaml", project)
    for name in ("flows", "content"):
        shutil.copytree(ROOT / name, project / name)
    return project


def name_addresses(project: Path, *, hooks: str, base_url: str) -> None:
    file = project / "flowbot.yaml"
    text = file.read_text("utf-8")
    assert "http://127.0.0.1:9000/hooks" in text and "gateway: cloud_api" in text
    text = text.replace("http://127.0.0.1:9000/hooks", hooks)
    text = text.replace("gateway: cloud_api", f"gateway: cloud_api\n        base_url: {base_url}")
    file.write_text(text, "utf-8")


def start(project: Path, clone: bool) -> Running:
    secrets = {**META, "HOOK_SECRET": HOOK_SECRET}
    if clone:
        return Running.made(project, **secrets)
    return Running(project, project / ".flowbot", **secrets)


def finish_in_the_browser(address: str) -> None:
    """What the page at /try/demo/identity does when one clicks through it."""
    picture = (ROOT / "flowbot" / "web" / "static" / "sample.jpg").read_bytes()
    with Phone(address, "identity") as phone:
        assert phone.client.get(phone.page).status_code == 200
        say("4. finish the identity flow")
        phone.say("I want to verify my identity", language="en")
        phone.hears("consent")
        phone.tap("accept")
        phone.hears("document_type")
        phone.tap("national_id")
        phone.hears("document_number")
        phone.say("1020304050")
        phone.hears("photo_front")
        phone.photo(picture)
        phone.hears("photo_back")
        phone.photo(picture)
        phone.hears("confirm")
        phone.tap("correct")
        state = phone.hears("received")
    assert state["where"][0]["badge"] == "succeeded", state["where"]
    assert "1020304050" not in json.dumps(state["answers"]), "a sensitive answer shows in the inspector"


def check_hook(client: Stub) -> None:
    def succeeded() -> Request | None:
        return next((one for one in client.got if b'"process.succeeded"' in one[2]), None)

    path, headers, body = eventually(succeeded, "the hook process.succeeded")
    assert path == "/hooks"
    found = Webhook(HOOK_SECRET).verify(body, headers)
    data = found["data"]
    assert (data["flow"], data["status"], data["outcome"]) == ("identity", "success", "succeeded"), data
    seen = {"document_type": "national_id", "document": "1020304050", "photos": 2, "checked_by": "nobody"}
    assert data["result"] == seen, data["result"]


def check_handshake(address: str) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": META["WA_VERIFY_TOKEN"], "hub.challenge": "1158201444"}
    answer = httpx.get(f"{address}/webhooks/demo/main", params=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")


def write_by_whatsapp(address: str, text: str) -> None:
    """With curl, as docs/gateways.md has it, where there is curl."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "573001112233", "phone_number_id": META["WA_PHONE_NUMBER_ID"]},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": "15550100099"}],
        "messages": [
            {
                "from": "15550100099",
                "id": "wamid.walk1",
                "timestamp": "1790000000",
                "type": "text",
                "text": {"body": text},
            }
        ],
    }
    entry = {"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    mark = hmac.new(META["WA_APP_SECRET"].encode(), body, hashlib.sha256).hexdigest()
    url = f"{address}/webhooks/demo/main"
    forged = httpx.post(url, content=body, headers={"x-hub-signature-256": "sha256=" + "0" * 64})
    assert forged.status_code == 403
    for _ in range(2):  # Meta repeats itself; nobody notices
        if not by_hand(address):
            answer = httpx.post(url, content=body, headers={"x-hub-signature-256": f"sha256={mark}"})
            assert answer.status_code == 200, answer.text


def by_hand(address: str) -> bool:
    """The page's own words, but for the port; whether there is what it takes."""
    page = (ROOT / "docs" / "gateways.md").read_text("utf-8")
    words = page.partition("```sh by hand\n")[2].partition("```")[0]
    assert "http://127.0.0.1:8000/" in words and "I want to verify my identity" in words
    if not (shutil.which("curl") and shutil.which("openssl")):
        return False
    words = words.replace("http://127.0.0.1:8000", address)
    done = subprocess.run(["bash", "-c", words], env={**os.environ, **META}, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("200\n"), done.stdout
    return True


def check_reply(meta: Stub) -> None:
    def sent() -> list[dict[str, Any]]:
        bodies = [(path, headers, json.loads(body)) for path, headers, body in meta.got]
        return [
            {"path": path, "authorization": headers["authorization"], **body}
            for path, headers, body in bodies
            if body.get("type") == "interactive"
        ]

    (reply,) = eventually(sent, "the reply")
    assert reply["path"] == f"/{META['WA_PHONE_NUMBER_ID']}/messages"
    assert reply["authorization"] == f"Bearer {META['WA_TOKEN']}"
    assert reply["to"] == "+15550100099"
    assert "Banco Ejemplo" in reply["interactive"]["body"]["text"]
    assert [one["reply"]["title"] for one in reply["interactive"]["action"]["buttons"]] == [
        "Yes, I agree",
        "No, I don't",
    ]
    assert reply["biz_opaque_callback_data"].startswith("ms_")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        walk(Path(folder), clone="--clone" in sys.argv)
