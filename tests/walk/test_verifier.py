"""A call and a verification through real processes: `flowbot run`, its simulator, and the verifier of examples/."""

from __future__ import annotations

import base64
import os
import random
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.running import Phone, Running

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "flowbot" / "web" / "static" / "sample.jpg"
SECRET = "whsec_" + base64.b64encode(b"v" * 24).decode()
DEAD = 'integrations: {dead: {base_url: "http://127.0.0.1:9", actions: {go: {path: /x, timeout: 2s}}}}'
FLOW = """\
flow: kyc
languages: [en]
start: {keywords: [kyc]}
steps:
  first: {call: dead.go, next: {error: front}}
  front: {ask: photo, expect: image}
  check:
    verify: document
    with: {front: "{{ answers.front }}", retries: 2}
    next: {unclear: blurred, rejected: no, error: broken, expired: broken}
  done: {say: fine, succeed: {score: "{{ check.score }}"}}
  blurred: {say: again, next: front}
  no: {say: nope, fail: rejected}
  broken: {say: sorry, fail: broken}
"""
WORDS = "photo: A photo?\nfine: Fine.\nagain: That was blurred.\nnope: No.\nsorry: Something is broken.\n"


def photo(*, sharp: bool) -> bytes:
    out = BytesIO()
    data = random.Random(1).randbytes(400 * 320) if sharp else bytes(400 * 320)
    Image.frombytes("L", (400, 320), data).save(out, "JPEG")
    return out.getvalue()


def test_a_dead_service_a_blurred_photo_and_a_verdict_that_comes_later(tmp_path: Path) -> None:
    """R059, R064, R042, R093: never silence; what nobody can read goes to nobody; the verdict wakes the step."""
    command = [sys.executable, str(ROOT / "examples" / "verifier" / "verifier.py"), "0", "--later", "0.5"]
    environ = {**os.environ, "VERIFIER_SECRET": SECRET}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as verifier:
        assert verifier.stdout is not None
        try:
            url = verifier.stdout.readline().split()[-1]
            project = tmp_path / "project"
            for name in ("flows", "content"):  # of the example project, whose verifier this is
                shutil.copytree(ROOT / name, project / name)
            own = (ROOT / "flowbot.yaml").read_text("utf-8").replace("http://127.0.0.1:9100/verify", url)
            for name, text in (
                ("flowbot.yaml", own.replace("    verifiers:", f"    {DEAD}\n    verifiers:")),
                ("flows/kyc.yaml", FLOW),
                ("content/en/kyc.yaml", WORDS),
            ):
                (project / name).write_text(text)
            with (
                Running(project, tmp_path / "data", VERIFIER_SECRET=SECRET) as running,
                Phone(running.address, "kyc") as phone,
            ):
                phone.say("kyc")
                phone.hears("photo")
                phone.photo(photo(sharp=False))
                phone.hears("again")
                phone.hears("photo", times=2)
                phone.photo(photo(sharp=True))
                phone.hears("fine")
                lines = [verifier.stdout.readline().split() for _ in range(2)]
                result = identity(running.address)
        finally:
            verifier.terminate()
    assert (lines[0][1:3], lines[1][1:]) == (["document", "verified"], ["told:", "200"]), "asked once, told once"
    assert (result["result.checked_by"], result["result.score"]) == ("verifier", "0.5")


def identity(address: str) -> dict[str, str]:
    """The example flow with its verifier, to the end; what came of it."""
    with Phone(address, "identity") as phone:
        phone.say("verify", language="en")
        phone.hears("consent")
        phone.tap("accept")
        phone.hears("document_type")
        phone.tap("passport")
        phone.hears("document_number")
        phone.say("AB123456")
        phone.hears("photo_front")
        phone.photo(SAMPLE.read_bytes())
        phone.hears("confirm")
        phone.tap("correct")
        return {row["name"]: row["value"] for row in phone.hears("verified")["answers"]}
