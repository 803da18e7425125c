"""The web as it runs: gunicorn with gevent, real sockets, callers that behave badly, a store that comes and goes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import orjson
import pytest

from flowbot.store.client import Store, connect
from flowbot.store.embedded import Embedded
from flowbot.web.arrival import MAX_BODY

from .conftest import SECRETS, envelope, signature, text, texts
from .test_conversations import make_key

PATH = "/webhooks/acme/main"


class Web:
    """A web process on a port of its own."""

    def __init__(self, environ: dict[str, str], log: Any = subprocess.DEVNULL) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        handed = self._listener.fileno()
        os.set_inheritable(handed, True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flowbot", "web"],
            env={**environ, "PATH": os.environ["PATH"], "FLOWBOT_LISTEN_FD": str(handed), "FLOWBOT_WEB_WORKERS": "1"},
            pass_fds=[handed],
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        assert self.get("/healthz", patience=30) == 200

    def get(self, path: str, patience: float = 10) -> int:
        with contextlib.closing(HTTPConnection("127.0.0.1", self.port, timeout=patience)) as caller:
            caller.request("GET", path)
            return caller.getresponse().status

    def post(self, body: bytes) -> int:
        with contextlib.closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as caller:
            caller.request("POST", PATH, body, {"X-Hub-Signature-256": signature(body)})
            return caller.getresponse().status

    def open(self, *lines: str) -> socket.socket:
        """A connection on which the head of a POST has been sent."""
        caller = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        head = [f"POST {PATH} HTTP/1.1", "Host: x", *lines, "", ""]
        caller.sendall("\r\n".join(head).encode())
        return caller

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(15)
        finally:
            self.process.kill()
            self._listener.close()


@pytest.fixture
def web(environ: dict[str, str], store: Store) -> Iterator[Web]:
    running = Web(environ)
    try:
        yield running
    finally:
        running.stop()


def status(caller: socket.socket) -> int:
    answer = b""
    while b"\r\n" not in answer:
        part = caller.recv(4096)
        assert part, "the connection was closed without an answer"
        answer += part
    return int(answer.split()[1])


def chunks(body: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(body), size):
        part = body[at : at + size]
        yield f"{len(part):x}\r\n".encode() + part + b"\r\n"
    yield b"0\r\n\r\n"


def test_bodies_of_all_kinds(web: Web, store: Store) -> None:
    body = envelope(text("in chunks"))
    with web.open("Transfer-Encoding: chunked", f"X-Hub-Signature-256: {signature(body)}") as caller:
        for part in chunks(body, 50):
            caller.sendall(part)
        assert status(caller) == 200
    with web.open(f"Content-Length: {MAX_BODY + 1}") as caller:
        assert status(caller) == 413  # by the announced length: not a byte of the body was sent
    with web.open("Transfer-Encoding: chunked") as caller, contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for part in chunks(b"x" * (MAX_BODY + 200_000), 100_000):
            caller.sendall(part)
        assert status(caller) == 413
    with web.open("Content-Length: many") as caller:
        assert status(caller) == 400
    assert web.post(b"{") == 400
    assert web.get("/webhooks/acme/main") == 403
    assert web.get("/readyz") == 503  # nobody works here
    assert web.get("/metrics") == 200
    assert texts(store) == [("acme/main", "in chunks")]
    assert web.stop() == 0


def test_slow_callers_hold_nobody_up(web: Web, store: Store) -> None:
    body = envelope(text("slow"))
    head = [f"Content-Length: {len(body)}", f"X-Hub-Signature-256: {signature(body)}"]
    slow = [web.open(*head) for _ in range(40)]
    for caller in slow:
        caller.sendall(body[:20])
    started = time.monotonic()
    assert web.post(envelope(text("quick"))) == 200
    assert time.monotonic() - started < 2
    for caller in slow[:20]:  # half of them go away, half of them finish
        caller.close()
    for caller in slow[20:]:
        caller.sendall(body[20:])
    assert {status(caller) for caller in slow[20:]} == {200}
    for caller in slow[20:]:
        caller.close()
    assert texts(store) == [("acme/main", "quick"), ("acme/main", "slow")]


def test_a_killed_parent_takes_no_request_along(web: Web, store: Store) -> None:
    """gunicorn's master dies by kill -9: what its worker has begun to read is stored and answered."""
    body = envelope(text("under way"))
    with web.open(f"Content-Length: {len(body)}", f"X-Hub-Signature-256: {signature(body)}") as caller:
        caller.sendall(body[:20])
        web.process.kill()
        web.process.wait()
        time.sleep(1.2)  # the worker looks for its parent once a second
        caller.sendall(body[20:])
        assert status(caller) == 200
    assert texts(store) == [("acme/main", "under way")]


def test_an_upload_that_breaks_off_counts_for_nothing(web: Web, store: Store) -> None:
    """By its length or in chunks: the server ends such a body like any other. Then it comes as a whole, and once."""
    bearer = {"Authorization": f"Bearer {make_key(store, 'acme')}"}

    def ask(method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, Any]]:
        with contextlib.closing(HTTPConnection("127.0.0.1", web.port, timeout=10)) as caller:
            caller.request(method, path, body, {**bearer, **headers})
            answer = caller.getresponse()
            return answer.status, orjson.loads(answer.read())

    asked = {"channel": "try", "template": {"name": "question"}, "user_authorized": True}
    id = ask("POST", "/v1/broadcasts", orjson.dumps(asked))[1]["broadcast_id"]
    path, sheet = f"/v1/broadcasts/{id}/recipients", b"phone\n+573001112233\n+573001112234\n"
    part = sheet[: sheet.index(b"4\n") - 12]
    assert part.endswith(b"33\n"), "as if it were the whole"
    for head, body in (
        (f"Content-Length: {len(sheet)}", part),
        ("Transfer-Encoding: chunked", f"{len(part):x}\r\n".encode() + part + b"\r\n"),
    ):
        with socket.create_connection(("127.0.0.1", web.port), timeout=10) as caller:
            lines = [f"PUT {path} HTTP/1.1", "Host: x", f"Authorization: {bearer['Authorization']}"]
            caller.sendall("\r\n".join([*lines, "Content-Type: text/csv", head, "", ""]).encode() + body)
            caller.shutdown(socket.SHUT_WR)
            assert status(caller) == 400
        assert ask("GET", f"/v1/broadcasts/{id}")[1]["status"] == "draft"
    whole = [ask("PUT", path, sheet, **{"Content-Type": "text/csv"}) for _ in range(2)]
    assert whole[0] == whole[1] == (202, {"broadcast_id": id, "status": "running", "total": 2, "duplicates": 0})


def test_many_at_once(web: Web, store: Store) -> None:
    bodies = [envelope(text(str(n), sender=f"1555010{n % 7:04}")) for n in range(60)]
    callers = []
    for body in bodies:
        callers.append(web.open(f"Content-Length: {len(body)}", f"X-Hub-Signature-256: {signature(body)}"))
        callers[-1].sendall(body)
    assert [status(caller) for caller in callers] == [200] * 60
    for caller in callers:
        caller.close()
    assert len(texts(store)) == 60


def test_a_store_that_goes_and_comes_back(project: Path, tmp_path: Path) -> None:
    environ = {**SECRETS, "FLOWBOT_PROJECT": str(project), "FLOWBOT_DATA": str(tmp_path / "data")}
    with Embedded(tmp_path / "own") as server:
        with contextlib.closing(connect(server.url, partitions=8)):
            pass
        web = Web({**environ, "FLOWBOT_REDIS_URL": server.url})
        try:
            body = envelope(text("patience"))
            server.stop()
            assert web.post(body) == 503
            assert web.get("/readyz") == 503
            assert web.get("/healthz") == 200
            server.start()
            assert web.post(body) == 200
            assert web.post(body) == 200
            with contextlib.closing(connect(server.url)) as store:
                assert texts(store) == [("acme/main", "patience")]
        finally:
            web.stop()
