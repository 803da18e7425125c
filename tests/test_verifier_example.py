"""examples/verifier: what it reads it reads for real, and says what it does not check; signed both ways."""

from __future__ import annotations

import base64
import json
import random
import re
import runpy
import time
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from flowbot.delivery import signing, verdict
from flowbot.model.queued_call import QueuedCall
from flowbot.model.verifier import Verifier

ROOT = Path(__file__).parent.parent
SECRET = "whsec_" + base64.b64encode(b"v" * 24).decode()
VERIFIER = runpy.run_path(str(ROOT / "examples" / "verifier" / "verifier.py"))
NAMES = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
OLD = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"  # ICAO's own example; it expired in 2012


def digit(text: str) -> str:
    found: str = VERIFIER["mrz"].check_digit(text)
    return found


def valid() -> str:
    """The example with a date of expiry far away, and its check digits anew."""
    expires = "991231"
    half = OLD[:21] + expires + digit(expires) + OLD[28:43]
    return half + digit(half[:10] + half[13:20] + half[21:43])


def photo(sharp: bool = True) -> bytes:
    out = BytesIO()
    data = random.Random(1).randbytes(400 * 320) if sharp else bytes(400 * 320)
    Image.frombytes("L", (400, 320), data).save(out, "JPEG")
    return out.getvalue()


def pdf(text: str) -> bytes:
    """A text layer as writers of PDFs make it."""
    stream = zlib.compress("\n".join(f"({line}) Tj" for line in text.splitlines()).encode())
    return b"%PDF-1.4\n1 0 obj <</Filter /FlateDecode>>\nstream\n" + stream + b"\nendstream\nendobj"


@pytest.mark.parametrize(
    ("given", "files", "status", "reasons"),
    [
        ({"mrz": f"{NAMES}\n{valid()}"}, {}, "verified", []),
        ({"mrz": f"{NAMES}\n{valid()}", "number": "l898902-c3"}, {}, "verified", []),
        ({"mrz": f"{NAMES}\n{valid()}", "number": "X1"}, {}, "rejected", ["another_number"]),
        ({"mrz": f"{NAMES}\n{OLD}"}, {}, "rejected", ["expired"]),
        (
            {"mrz": f"{NAMES}\n{valid().replace('L898', 'L899')}"},
            {},
            "unclear",
            ["check_digit.number", "check_digit.whole"],
        ),
        ({}, {"front": pdf(f"{NAMES}\n{valid()}")}, "verified", []),
        ({}, {"front": photo()}, "verified", ["nothing_to_read"]),
        ({}, {"front": photo(sharp=False)}, "unclear", ["front.blurred"]),
        ({}, {"front": b"\xff\xd8\xff no picture"}, "unclear", ["front.damaged"]),
        ({}, {}, "unclear", ["nothing_to_read"]),
    ],
)
def test_what_it_reads(given: dict[str, str], files: dict[str, bytes], status: str, reasons: list[str]) -> None:
    found = VERIFIER["judge"]({"with": given}, files)
    assert (found["status"], found["reasons"]) == (status, reasons)
    assert found["data"]["not_checked"], "it says what it does not look at"
    assert verdict.read(json.dumps(found).encode())["status"] == status


def test_requests_and_verdicts_are_signed_both_ways() -> None:
    """R122."""
    call = QueuedCall(
        id="cl_3_x",
        kind="verify",
        account="a",
        channel="m",
        contact_id="c1",
        step="check",
        visit=1,
        at=0,
        until=9,
        body={"kind": "document"},
    )
    now = int(time.time() * 1000)
    made = verdict.request_of(Verifier(name="document", url="https://v.example", secret=SECRET), call, {}, "", now)
    assert VERIFIER["is_genuine"](SECRET, made.headers, made.body)
    assert not VERIFIER["is_genuine"](SECRET, made.headers, made.body + b" ")
    assert not VERIFIER["is_genuine"]("whsec_" + base64.b64encode(b"w" * 24).decode(), made.headers, made.body)
    (shown,) = re.findall(r"```python verdict\n(.*?)```", (ROOT / "docs" / "clients.md").read_text("utf-8"), re.S)
    page: dict[str, Any] = {}
    exec(shown, page)
    for sign in (VERIFIER["signed"], page["signed"]):
        headers = sign(SECRET, b"{}")
        assert signing.is_signed(headers, b"{}", (SECRET,), time.time())
        assert not signing.is_signed(headers, b"{ }", (SECRET,), time.time())
