"""A stand-in for Meta's Cloud API: it answers every send as Meta does, and prints what would have gone to the phone.

    python3 examples/meta/meta.py 9200

Nothing to install. Point a channel at it with `base_url: http://127.0.0.1:9200`.
"""

from __future__ import annotations

import itertools
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NUMBERS = itertools.count(1)


def line(message: dict[str, Any]) -> str:
    """Whom it goes to, what it says, and its buttons."""
    body = message.get("interactive", message)
    words = [message.get("to", "?"), body.get("type", message.get("type", "text"))]
    words.append(body.get("body", {}).get("text") or message.get("text", {}).get("body") or "")
    action = body.get("action", {})
    rows = [row["title"] for section in action.get("sections", []) for row in section["rows"]]
    titles = [button["reply"]["title"] for button in action.get("buttons", [])] + rows
    return " ".join(" ".join(filter(None, words)).split()) + "".join(f" [{title}]" for title in titles)


class Meta(BaseHTTPRequestHandler):
    timeout = 10

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
        if message.get("status") == "read":  # a mark at what came in
            return self.answer({"success": True})
        sys.stdout.write(line(message) + "\n")
        sys.stdout.flush()
        self.answer({"messaging_product": "whatsapp", "messages": [{"id": f"wamid.standin{next(NUMBERS)}"}]})

    def answer(self, found: dict[str, Any]) -> None:
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9200
    server = ThreadingHTTPServer(("127.0.0.1", port), Meta)
    sys.stdout.write(f"listening at http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
