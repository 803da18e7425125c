"""A small receiver of hooks: it verifies each, answers at once, and prints a line. Python 3.11, nothing to install.

    HOOK_SECRET=whsec_… python3 examples/receiver/receiver.py 9000

To start from: a real one writes the event down before it answers 204, and does its work afterwards.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LARGEST = 1_000_000  # bytes of a body
SEEN: dict[str, None] = {}  # ids of the last deliveries; a real one asks its database


def is_genuine(secret: str, headers: Any, body: bytes, tolerance: int = 300) -> bool:
    """Is this body, byte for byte, what the holder of the secret sent within the last five minutes?"""
    stamp = headers.get("webhook-timestamp", "")
    if not stamp.isdecimal() or abs(time.time() - int(stamp)) > tolerance:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers.get('webhook-id', '')}.{stamp}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(one.encode(), wanted.encode()) for one in given)


def line(delivery: str, event: dict[str, Any]) -> str:
    """What the event says, on one line. Not every type carries everything."""
    data = event["data"]
    words = [event["type"], data.get("flow"), data.get("account_id"), data.get("process_id"), delivery]
    words += [f"reason={data['reason']}"] if data.get("reason") else []
    words += [json.dumps(data["result"], ensure_ascii=False)] if data.get("result") else []
    return " ".join([f"#{data.get('sequence', '-')}", *(word for word in words if word)])


class Receiver(BaseHTTPRequestHandler):
    secret = ""
    timeout = 10  # seconds that a slow sender is waited for

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > LARGEST:
            return self.answer(413)
        body = self.rfile.read(int(length))
        if not is_genuine(self.secret, self.headers, body):
            return self.answer(401)
        delivery = self.headers["webhook-id"]
        if delivery not in SEEN:  # the same one may come twice
            SEEN[delivery] = None
            if len(SEEN) > 10_000:
                del SEEN[next(iter(SEEN))]
            sys.stdout.write(line(delivery, json.loads(body)) + "\n")
            sys.stdout.flush()
        self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def main() -> None:
    Receiver.secret = os.environ.get("HOOK_SECRET", "")
    if not Receiver.secret:
        sys.exit("set HOOK_SECRET to the secret that Flowbot signs with")
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9000
    server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    sys.stdout.write(f"listening at http://127.0.0.1:{server.server_port}/hooks\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
