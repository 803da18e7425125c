"""What the docs show, done: YAML is checked by the real `check`, terminal sessions are typed and compared.

In docs/*.md a fence says what it is by its second words: a file's path (the file is written), `merge <path>` (laid over
the file), `wrong <path>` (a file with a mistake). A `console` block is a session: `$ command`, `> what is typed`, and
what comes out, in this order, with … for what differs from time to time.
"""

from __future__ import annotations

import base64
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from flowbot.delivery.retry import HOOK_WAITS
from flowbot.delivery.signing import standard_headers
from flowbot.engine.life import process_data
from flowbot.library.load import load
from flowbot.library.yaml import read_yaml
from flowbot.model.contact import Contact
from flowbot.model.session import Process
from flowbot.transcript.read import find, read
from flowbot.transcript.run import play
from tests.running import Running, eventually

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SECRET = "whsec_" + base64.b64encode(b"a secret of the documentation").decode()


@dataclass(frozen=True, slots=True)
class Block:
    language: str
    about: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    for found in re.finditer(r"^( *)```(\S+)(?: ([^\n]*))?\n(.*?)^ *```$", page.read_text("utf-8"), re.S | re.M):
        text = "".join(line.removeprefix(found[1]) for line in found[4].splitlines(keepends=True))
        yield Block(found[2], (found[3] or "").strip(), text, found.string[: found.start()].count("\n") + 1)


def lay_over(below: Any, above: Any) -> Any:
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    known = {name: lay_over(value, above[name]) if name in above else value for name, value in below.items()}
    return {**known, **{name: value for name, value in above.items() if name not in below}}


def write(project: Path, name: str, text: str) -> None:
    file = project / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def merge(project: Path, name: str, text: str) -> None:
    below, above = (read_yaml(name, one.encode()).source for one in ((project / name).read_text("utf-8"), text))
    assert below is not None and above is not None
    write(project, name, json.dumps(lay_over(below.data, above.data), ensure_ascii=False, indent=1))


def mistakes(project: Path) -> list[str]:
    return [
        f"{one.file}:{one.line} {one.code} {one.message}" for one in load(project, {}).problems if one.level != "note"
    ]


def sessions(text: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Command, what is typed into it, what it should say."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, *lines = part.rstrip("\n").splitlines()
        while command.endswith("\\") or command.count("'") % 2:
            command += "\n" + lines.pop(0)
        typed = [line.removeprefix("> ") for line in lines if line.startswith("> ")]
        yield command, typed, [line for line in lines if not line.startswith("> ")]


def run(command: str, typed: list[str], folder: Path, **environ: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FLOWBOT_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}"
    whole = {**clean, "PATH": path, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **environ}
    done = subprocess.run(
        ["bash", "-c", command],
        input="\n".join(typed),
        cwd=folder,
        env=whole,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def says(expected: list[str], output: str) -> str:
    """The first expected line that does not come, after those before it; "" when all do."""
    rest = output.splitlines()
    for line in expected:
        pattern = re.compile(".*".join(map(re.escape, line.split("…"))))
        while rest and not pattern.fullmatch(rest[0]):
            rest.pop(0)
        if not rest:
            return line
        rest.pop(0)
    return ""


def test_every_step_of_the_author_s_page(tmp_path: Path) -> None:
    for block in blocks(DOCS / "authoring.md"):
        word, _, name = block.about.rpartition(" ")
        place = f"authoring.md:{block.line}"
        if block.language == "console":
            for command, typed, expected in sessions(block.text):
                output = run(command, typed, tmp_path)
                assert not says(expected, output), f"{place} {command}\nnot said: {says(expected, output)}\n{output}"
            (tmp_path / "flows" / "tea.yaml").unlink(missing_ok=True)
            continue
        assert block.language == "yaml" and name, place
        if word == "merge":
            merge(tmp_path, name, block.text)
        else:
            write(tmp_path, name, block.text)
        if word != "wrong" and name.startswith("flows/"):
            assert mistakes(tmp_path) == [], place
    assert mistakes(tmp_path) == []
    library = load(tmp_path, {})
    tests = [test for file in find(tmp_path) for test in read(file, tmp_path)[0]]
    assert len(tests) == 2 and all(play(test, library).passed for test in tests)


# -- clients.md: a real `flowbot run`, the receiver of examples/, and what the page types


@contextmanager
def receiving() -> Iterator[tuple[str, list[str]]]:
    """The example receiver: its address, and the lines it prints."""
    command = [sys.executable, str(ROOT / "examples" / "receiver" / "receiver.py"), "0"]
    environ = {**os.environ, "HOOK_SECRET": SECRET}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout
        address, lines = process.stdout.readline().split()[-1], list[str]()
        reader = threading.Thread(target=lambda out=process.stdout: lines.extend(out), daemon=True)
        reader.start()
        yield address, lines
        process.terminate()


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_every_step_of_the_client_s_page(tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name in ("flows", "content"):
        shutil.copytree(ROOT / name, project / name)
    with receiving() as (hooks, lines):
        text = (ROOT / "flowbot.yaml").read_text("utf-8").replace("http://127.0.0.1:9000/hooks", hooks)
        write(project, "flowbot.yaml", text)
        with Running(project, project / ".flowbot", HOOK_SECRET=SECRET) as running:
            environ = {"FLOWBOT": running.address, "FLOWBOT_PROJECT": str(project)}
            environ["KEY"] = run("flowbot keys new demo", [], project, **environ).strip()
            for block in blocks(DOCS / "clients.md"):
                for command, typed, expected in sessions(block.text) if block.language == "console" else ():
                    if "$PROCESS" in command:
                        heard = eventually(lambda: lines[:], "a hook")[0]
                        environ["PROCESS"], environ["DELIVERY"] = re.findall(r"(?:pr|dl)_\S+", heard)
                    output = run(command, typed, project, **environ)
                    assert not says(expected, output), f"clients.md:{block.line} {command}\n{output}"
            eventually(lambda: len(running.log.read_text().split("hook.delivered")) > 2, "the replay")
    assert len(lines) == 1 and lines[0].startswith("#1 process.started antenatal_visit m-17 pr_")


def test_the_receiver_tells_what_is_genuine() -> None:
    receiver = runpy.run_path(str(ROOT / "examples" / "receiver" / "receiver.py"))
    shown = {block.about: block.text for block in blocks(DOCS / "clients.md") if block.language == "python"}
    assert shown["by hand"] in (ROOT / "examples" / "receiver" / "receiver.py").read_text("utf-8")
    body, now = b'{"type": "process.started", "data": {}}', int(time.time())
    other = "whsec_" + base64.b64encode(b"another key, the one before").decode()
    headers = standard_headers("dl_1_x", now * 1000, body, (SECRET, other))
    for secret in (SECRET, other):
        assert receiver["is_genuine"](secret, headers, body)
        found: dict[str, Any] = {"secret": secret, "body": body, "headers": headers}
        exec(shown["standardwebhooks"], found)
        assert found["event"]["type"] == "process.started"
    assert not receiver["is_genuine"](SECRET, headers, body + b" ")
    assert not receiver["is_genuine"](SECRET, {**headers, "webhook-id": "dl_1_y"}, body)
    assert not receiver["is_genuine"](SECRET, {}, body)
    assert not receiver["is_genuine"](SECRET, standard_headers("dl_1_x", (now - 400) * 1000, body, (SECRET,)), body)
    assert not receiver["is_genuine"](SECRET, {**headers, "webhook-timestamp": "soon"}, body)


def test_the_receiver_refuses_what_is_not_signed() -> None:
    with receiving() as (address, lines):
        assert httpx.post(address, content=b"{}").status_code == 401
        assert httpx.post(address, content=b"x" * 1_000_001).status_code == 413
        body = b'{"type": "message.failed", "data": {"account": "demo", "code": "131047"}}'
        headers = standard_headers("dl_1_x", int(time.time() * 1000), body, (SECRET,))
        assert [httpx.post(address, content=body, headers=headers).status_code for _ in range(2)] == [204, 204]
        eventually(lambda: lines[:], "the line")
    assert lines == ["#- message.failed dl_1_x\n"]


def test_the_hook_shown_has_the_members_that_are_sent() -> None:
    (shown,) = (json.loads(block.text) for block in blocks(DOCS / "clients.md") if block.language == "json")
    process = Process(id="p", flow="f", flow_version="v", state="succeeded")
    sent = process_data(process, Contact(id="c", account="a"), "a", "m")
    assert set(shown["data"]) == {*sent, "sequence"}


def test_endpoints_and_the_waits_between_attempts_are_as_shown(tmp_path: Path) -> None:
    page = (DOCS / "clients.md").read_text("utf-8")
    (shown,) = (block.text for block in blocks(DOCS / "clients.md") if block.about == "endpoints")
    account = "accounts:\n  demo:\n    channels: {}\n" + textwrap.indent(shown, "    ")
    write(tmp_path, "flowbot.yaml", account)
    assert mistakes(tmp_path) == []
    waits = [f"{s // 3600} h" if s >= 3600 else f"{s // 60} min" if s >= 60 else f"{s} s" for s in HOOK_WAITS]
    assert f"after {', '.join(waits[:-1])} and {waits[-1]} (each" in page
