"""A small verifier: it reads what it can for real, so that flows can be tried out without an account anywhere.

    VERIFIER_SECRET=whsec_… python3 examples/verifier/verifier.py 9100            # answers at once
    VERIFIER_SECRET=whsec_… python3 examples/verifier/verifier.py 9100 --later 5  # answers 202, and the verdict in 5 s

It looks at: how large and how sharp each photo is; the machine-readable lines of a passport or card, typed (`mrz`) or
in the text of a PDF, with all their check digits, the date of expiry, and whether the number is the one that was typed.

It does NOT look at: whether a document is genuine, forged or somebody else's; what a photo shows (it reads no picture);
whether two faces are of one person, or anybody is alive. A verdict says so in `data.not_checked`. Do not let real
people in by it.

Python 3.11 and Pillow.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import os
import re
import sys
import threading
import time
import urllib.request
import uuid
import zlib
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter, ImageStat

sys.path.insert(0, str(Path(__file__).parent))
import mrz

LARGEST_BODY, LARGEST_FILE = 1_000_000, 25_000_000  # bytes
SIDE, SHARP = 300, 100.0  # pixels of the shorter side; variance of the Laplacian at 800 pixels
NOT_CHECKED = ["that the document is genuine", "what the photos show", "whose face it is"]


def mark(secret: str, id: str, stamp: str, body: bytes) -> str:
    """The signature, by Standard Webhooks: the same for requests to us and for verdicts of ours."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.digest(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256)).decode()


def is_genuine(secret: str, headers: Any, body: bytes, tolerance: int = 300) -> bool:
    """Is this body, byte for byte, what the holder of the secret sent within the last five minutes?"""
    stamp = headers.get("webhook-timestamp", "")
    if not stamp.isdecimal() or abs(time.time() - int(stamp)) > tolerance:
        return False
    wanted = mark(secret, headers.get("webhook-id", ""), stamp, body).encode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(one.encode(), wanted) for one in given)


def signed(secret: str, body: bytes) -> dict[str, str]:
    """The headers of a verdict that is sent later."""
    id, stamp = f"vd_{uuid.uuid4().hex}", str(int(time.time()))
    return {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": mark(secret, id, stamp, body),
    }


def fetch(url: str) -> bytes:
    """A file at the short-lived address that the request gave."""
    if not url.startswith(("http://", "https://")):
        raise ValueError("no web address")
    with urllib.request.urlopen(url, timeout=20) as answer:
        data: bytes = answer.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise ValueError("the file is too large")
    return data


def judge(asked: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
    """The verdict on the `data` of a request and the files that belong to it."""
    given = asked.get("with", {})
    texts = [str(given.get("mrz", "")), *(text_of(data) for data in files.values() if data.startswith(b"%PDF"))]
    pictures = {name: data for name, data in files.items() if not data.startswith(b"%PDF")}
    faults = [f"{name}.{fault}" for name, data in pictures.items() for fault in quality(data)]
    lines = next((found for text in texts if (found := mrz.find(text))), ())
    if faults:
        return verdict("unclear", 0.0, faults)
    if not lines:  # good photos, and nothing that could be read: that is little
        return verdict("verified" if pictures else "unclear", 0.5 if pictures else 0.0, ["nothing_to_read"])
    return judge_lines(lines, str(given.get("number", "")))


def judge_lines(lines: tuple[str, ...], typed: str) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    found = mrz.read(lines, today)
    score = found["right"] / (found["right"] + len(found["wrong"]))
    data = {name: found[name] for name in ("number", "country", "surname", "names", "born", "expires")}
    if found["wrong"]:
        return verdict("unclear", score, [f"check_digit.{name}" for name in found["wrong"]])
    if not found["expires"] or found["expires"] < today.isoformat():
        return verdict("rejected", score, ["expired"], data)
    if typed and re.sub(r"[\W_]", "", typed).upper() != found["number"]:
        return verdict("rejected", score, ["another_number"], data)
    return verdict("verified", score, [], data)


def verdict(status: str, score: float, reasons: list[str], data: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "status": status,
        "score": round(score, 2),
        "reasons": reasons,
        "data": {**(data or {}), "not_checked": NOT_CHECKED},
    }


def quality(data: bytes) -> list[str]:
    """What is wrong with a photo: damaged, small, blurred."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > 50_000_000:
                return ["damaged"]
            small = min(picture.size) < SIDE
            grey = picture.convert("L")
    except (OSError, ValueError, Image.DecompressionBombError):
        return ["damaged"]
    grey.thumbnail((800, 800))
    edges = grey.filter(ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128))
    blurred = ImageStat.Stat(edges.crop((1, 1, edges.width - 1, edges.height - 1))).var[0] < SHARP
    return ["small"] * small + ["blurred"] * blurred


def text_of(pdf: bytes) -> str:
    """The plain strings of a PDF's text layer; of fonts with an encoding of their own it reads nothing."""
    parts = [pdf]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            parts.append(zlib.decompressobj().decompress(found[1], LARGEST_BODY))
        except zlib.error:
            continue
    strings = re.findall(rb"\(((?:[^()\\]|\\.)*)\)\s*(?:Tj|'|\")", b"\n".join(parts))
    return "\n".join(re.sub(rb"\\(.)", rb"\1", one).decode("latin-1") for one in strings)


class Verifier(BaseHTTPRequestHandler):
    secret = ""
    later = 0.0  # seconds until the verdict is sent; 0: it is the answer
    timeout = 30  # seconds that a slow sender is waited for

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            return self.answer(413)
        body = self.rfile.read(int(length))
        if not is_genuine(self.secret, self.headers, body):
            return self.answer(401)
        asked = json.loads(body)["data"]
        if self.later:
            threading.Timer(self.later, self.send_verdict, [asked]).start()
            return self.answer(202)
        self.answer(200, self.look(asked))

    def look(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            files = {name: fetch(one["url"]) for name, one in asked.get("media", {}).items()}
        except (OSError, ValueError) as error:
            found = verdict("unclear", 0.0, ["not_fetched"])
            sys.stdout.write(f"{asked['id']} a file could not be fetched: {error}\n")
        else:
            found = judge(asked, files)
        words = [asked["id"], str(asked["kind"]), found["status"], *found["reasons"]]
        sys.stdout.write(" ".join(words) + "\n")
        sys.stdout.flush()
        return found

    def send_verdict(self, asked: dict[str, Any]) -> None:
        body = json.dumps(self.look(asked)).encode()
        request = urllib.request.Request(asked["reply_to"], data=body, headers=signed(self.secret, body))
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                said = answer.status
        except OSError as error:  # 409: nothing waits for it any more; a real one tries again after anything else
            said = getattr(error, "code", error)
        sys.stdout.write(f"{asked['id']} told: {said}\n")
        sys.stdout.flush()

    def answer(self, status: int, content: dict[str, Any] | None = None) -> None:
        body = json.dumps(content).encode() if content is not None else b""
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def main() -> None:
    Verifier.secret = os.environ.get("VERIFIER_SECRET", "")
    if not Verifier.secret:
        sys.exit("set VERIFIER_SECRET to the secret that Flowbot signs with")
    if "--later" in sys.argv:
        Verifier.later = float(sys.argv[sys.argv.index("--later") + 1])
    port = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdecimal() else 9100
    server = ThreadingHTTPServer(("127.0.0.1", port), Verifier)
    sys.stdout.write(f"listening at http://127.0.0.1:{server.server_port}/verify\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
