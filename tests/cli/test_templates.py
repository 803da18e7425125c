"""`flowbot templates`, over a real store and a provider on a socket that keeps what it is handed."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from click.testing import CliRunner, Result

from flowbot.cli import program
from flowbot.library.load import load
from flowbot.store import approvals
from flowbot.store.client import Store
from tests.running import Running, eventually

YAML = """
allow_private_urls: true
accounts:
  acme:
    languages: [en]
    channels:
      main: {gateway: cloud_api, number: "+15550199001", phone_number_id: "7001", access_token: "${env:T}",
             app_secret: "${env:T}", verify_token: "${env:T}", waba_id: "8001", app_id: "9001", base_url: BASE}
      second: {gateway: cloud_api, number: "+15550199002", phone_number_id: "7002", access_token: "${env:T}",
               app_secret: "${env:T}", verify_token: "${env:T}", waba_id: "8001", base_url: BASE}
      try: {gateway: simulator}
"""
OTHER = """  beta:
    languages: [en]
    channels:
      main: {gateway: cloud_api, number: "+15550199003", phone_number_id: "7003", access_token: "${env:T}",
             app_secret: "${env:T}", verify_token: "${env:T}", waba_id: "8002", base_url: BASE}
"""
INVITE = """
category: utility
examples: {name: Ana}
languages:
  en: {body: "Hello {{ name }}, come in.", continue: "Yes", cancel: "No"}
  pt-BR: {body: "Olá {{ name }}, entre.", continue: Sim, cancel: Não}
"""
PHOTO = "category: marketing\nlanguages: {en: {header: {image: a.jpg}, body: Look at this.}}\n"


class Meta:
    """Keeps templates as Meta does; `refuses` answers a name with its own words."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], dict[str, Any]] = {}
        self.refuses: dict[str, str] = {}
        self.bytes: list[bytes] = []
        self.sent: list[dict[str, Any]] = []
        self.numbers = itertools.count(501)
        self.away = False

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        if self.away:
            return 503, {"error": {"message": "Service temporarily unavailable", "code": 2}}
        if method == "GET":
            return 200, {"data": list(self.kept.values()), "paging": {"cursors": {"after": "x"}}}
        if path.startswith("/9001/uploads"):
            return 200, {"id": "upload:abc"}
        if path.startswith("/upload:abc"):
            self.bytes.append(body)
            return 200, {"h": "4::handle"}
        given = orjson.loads(body)
        if path == "/7001/messages":
            self.sent.append(given)
            return 200, {"messages": [{"id": f"wamid.{next(self.numbers)}"}]}
        if path == "/8001/message_templates":
            if given["name"] in self.refuses:
                return 400, {"error": {"message": "Invalid parameter", "error_user_msg": self.refuses[given["name"]]}}
            made = {**given, "id": str(next(self.numbers)), "status": "PENDING"}
            self.kept[given["name"], given["language"]] = made
            return 200, {"id": made["id"], "status": "PENDING", "category": given["category"]}
        (found,) = [one for one in self.kept.values() if path == f"/{one['id']}"]
        found.update(given, status="PENDING")
        return 200, {"success": True}

    def decide(self, status: str, **more: Any) -> None:
        for one in self.kept.values():
            one.update(status=status, **more)


@pytest.fixture
def meta() -> Iterator[tuple[Meta, str]]:
    kept = Meta()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, found = kept.answer(self.command, self.path, body)
            raw = orjson.dumps(found)
            self.send_response(status)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield kept, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def project(tmp_path: Path, meta: tuple[Meta, str]) -> Path:
    (tmp_path / "flowbot.yaml").write_text(YAML.replace("BASE", meta[1]))
    (tmp_path / "content" / "templates").mkdir(parents=True)
    (tmp_path / "content" / "media").mkdir()
    (tmp_path / "content" / "media" / "a.jpg").write_bytes(b"\xff\xd8\xffphoto")
    (tmp_path / "content" / "templates" / "invite.yaml").write_text(INVITE)
    return tmp_path


def run(project: Path, store_url: str, *arguments: str) -> Result:
    environ = {"FLOWBOT_PROJECT": str(project), "FLOWBOT_REDIS_URL": store_url, "T": "t"}
    return CliRunner().invoke(program, ["templates", *arguments], obj=environ)


def outcomes(result: Result) -> list[tuple[str, str, str]]:
    return [(row["template"], row["language"], row["outcome"]) for row in orjson.loads(result.stdout)]


def test_handed_in_followed_and_changed(project: Path, store_url: str, store: Store, meta: tuple[Meta, str]) -> None:
    """R082: created by language, approved, left alone, edited when the file changes."""
    assert run(project, store_url).exit_code == 1 and "UNKNOWN" in run(project, store_url).stdout
    planned = run(project, store_url, "push", "--plan", "--json")
    assert outcomes(planned) == [("invite", "en", "create"), ("invite", "pt_BR", "create")]
    assert planned.exit_code == 0 and not meta[0].kept
    pushed = run(project, store_url, "push")
    assert pushed.exit_code == 0 and "acme/main  invite  pt_BR  created  PENDING" in pushed.stdout
    assert set(meta[0].kept) == {("invite", "en"), ("invite", "pt_BR")}
    assert outcomes(run(project, store_url, "push", "--json")) == [
        ("invite", "en", "unchanged"),
        ("invite", "pt_BR", "unchanged"),
    ]
    listed = run(project, store_url, "list", "--json")
    assert listed.exit_code == 1 and {row["status"] for row in orjson.loads(listed.stdout)} == {"PENDING"}
    assert orjson.loads(listed.stdout)[0]["channels"] == ["main", "second"]

    meta[0].decide("APPROVED")
    assert run(project, store_url, "pull").exit_code == 0
    file = project / "content" / "templates" / "invite.yaml"
    file.write_text(INVITE.replace("come in", "do come in"))
    changed = run(project, store_url)
    assert changed.exit_code == 1 and changed.stdout.count("its file has changed since it was handed in") == 1
    assert outcomes(run(project, store_url, "push", "--json")) == [
        ("invite", "en", "edited"),
        ("invite", "pt_BR", "unchanged"),
    ]
    assert meta[0].kept["invite", "en"]["components"][0]["text"] == "Hello {{1}}, do come in."
    file.write_text(INVITE)
    pending = run(project, store_url, "push", "--json")
    assert pending.exit_code == 1 and outcomes(pending)[0] == ("invite", "en", "pending")
    found = load(project, {"T": "t"}).project.accounts["acme"].channels["main"]
    table = store.run(approvals.read("acme", found.holder))
    assert table.approvals["invite", "en"].status == "PENDING" and table.approvals["invite", "pt_BR"].digest


def test_a_refusal_is_told_in_the_providers_words(project: Path, store_url: str, meta: tuple[Meta, str]) -> None:
    meta[0].refuses["invite"] = "The word is not allowed."
    result = run(project, store_url, "push")
    assert result.exit_code == 1 and result.stdout.count("refused  (The word is not allowed.)") == 2
    meta[0].away = True
    result = run(project, store_url, "pull")
    assert result.exit_code == 1 and "acme/main: Service temporarily unavailable" in result.stderr
    assert "the provider does not say what it has" in run(project, store_url, "push").stdout


def test_a_rejection_shows_its_reason(project: Path, store_url: str, meta: tuple[Meta, str]) -> None:
    run(project, store_url, "push")
    meta[0].decide("REJECTED", rejected_reason="TAG_CONTENT_MISMATCH", category="MARKETING")
    result = run(project, store_url, "status", "invite")
    assert (
        result.exit_code == 1 and "TAG_CONTENT_MISMATCH; the provider has it as marketing, not utility" in result.stdout
    )


def test_one_made_elsewhere_is_left_alone_unless_it_is_said(
    project: Path, store_url: str, meta: tuple[Meta, str]
) -> None:
    for language in ("en", "pt_BR"):
        meta[0].kept["invite", language] = {
            "id": f"7{language}",
            "name": "invite",
            "language": language,
            "status": "APPROVED",
        }
    result = run(project, store_url, "push", "--json")
    assert result.exit_code == 1 and {one[2] for one in outcomes(result)} == {"elsewhere"}
    assert {one[2] for one in outcomes(run(project, store_url, "push", "--over", "--json"))} == {"edited"}


def test_a_headers_file_is_shown_to_meta(project: Path, store_url: str, meta: tuple[Meta, str]) -> None:
    (project / "content" / "templates" / "photo.yaml").write_text(PHOTO)
    assert run(project, store_url, "push", "photo").exit_code == 0
    assert meta[0].bytes == [b"\xff\xd8\xffphoto"]
    (header, _) = meta[0].kept["photo", "en"]["components"]
    assert header["example"] == {"header_handle": ["4::handle"]}
    (project / "content" / "templates" / "photo.yaml").write_text(PHOTO.replace("a.jpg", "b.jpg"))
    meta[0].decide("APPROVED")
    assert "the header's file, which Meta wants to see, is not there" in run(project, store_url, "push", "photo").stdout


def test_nobody_hands_in_to_several_accounts_by_mistake(project: Path, store_url: str, meta: tuple[Meta, str]) -> None:
    """I11: where tenants share a project, each push names whose provider it means."""
    (project / "flowbot.yaml").write_text((YAML + OTHER).replace("BASE", meta[1]))
    result = run(project, store_url, "push")
    assert result.exit_code == 2 and "acme/main, beta/main" in result.stderr and not meta[0].kept
    assert run(project, store_url, "push", "--account", "acme").exit_code == 0
    assert run(project, store_url, "push", "--account", "nobody").exit_code != 0
    assert run(project, store_url, "list", "nothing").exit_code != 0


def test_a_running_flowbot_asks_by_itself_and_sends_what_is_approved(project: Path, meta: tuple[Meta, str]) -> None:
    """R022, R082: nobody runs `pull`; with the processes as they are started, over an embedded store."""
    (project / "flows").mkdir()
    (project / "flows" / "talk.yaml").write_text("start: {api: true}\nsteps: {a: {ask: And you?}, b: {succeed: {}}}\n")
    approved = {"id": "501", "name": "invite", "language": "en", "status": "APPROVED", "category": "UTILITY"}
    meta[0].kept["invite", "en"] = approved
    data = project / ".flowbot"
    asked = {"flow": "talk", "channel": "main", "to": "+573001112233", "user_authorized": True}
    asked["template"] = {"name": "invite", "params": {"name": "Ana"}}
    with Running(project, data, T="t", FLOWBOT_API_RATE="0/minute") as running:
        environ = {"FLOWBOT_PROJECT": str(project), "FLOWBOT_DATA": str(data), "T": "t"}
        key = CliRunner().invoke(program, ["keys", "new", "acme"], obj=environ).stdout.strip()
        headers = {"Authorization": f"Bearer {key}"}

        def start() -> bool:
            return httpx.post(f"{running.address}/v1/conversations", json=asked, headers=headers).status_code == 202

        eventually(start, "the template is known to be approved")
        eventually(lambda: meta[0].sent, "it is sent")
    (sent,) = meta[0].sent
    assert sent["template"]["name"] == "invite" and sent["to"] == "+573001112233"
    assert sent["template"]["components"][0]["parameters"] == [{"type": "text", "text": "Ana"}]
