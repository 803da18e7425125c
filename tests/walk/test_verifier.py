"""A call and a verification through real processes: `flowbot run`, its simulator, and the verifier of examples/."""

from __future__ import annotations

import base64
import os
import random
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.running import Phone, Running

ROOT = Path(__file__).parents[2]
SECRET = "whsec_" + base64.b64encode(b"v" * 24).decode()
PROJECT = """\
accounts:
  demo:
    languages: [en]
    channels: {{web: {{gateway: simulator}}}}
    integrations: {{dead: {{base_url: "http://127.0.0.1:9", actions: {{go: {{path: /x, timeout: 2s}}}}}}}}
    verifiers: {{document: {{url: "{url}", secret: "${{env:VERIFIER_SECRET}}", timeout: 60s}}}}
allow_private_urls: true
"""
FLOW = """\
flow: kyc
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
            for name, text in (
                ("flowbot.yaml", PROJECT.format(url=url)),
                ("flows/kyc.yaml", FLOW),
                ("content/en/kyc.yaml", WORDS),
            ):
                (project / name).parent.mkdir(parents=True, exist_ok=True)
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
        finally:
            verifier.terminate()
    assert (lines[0][1:3], lines[1][1:]) == (["document", "verified"], ["told:", "200"]), "asked once, told once"
