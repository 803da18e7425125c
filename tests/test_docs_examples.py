"""What the docs show, done: YAML is checked by the real `check`, terminal sessions are typed and compared.

In docs/*.md a fence says what it is by its second words: a file's path (the file is written), `merge <path>` (laid over
the file), `wrong <path>` (a file with a mistake). A `console` block is a session: `$ command`, `> what is typed`, and
what comes out, in this order, with … for what differs from time to time.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis

from flowbot.delivery.retry import HOOK_WAITS
from flowbot.delivery.signing import standard_headers
from flowbot.engine import attempts
from flowbot.engine.answers import KINDS
from flowbot.engine.filters import FILTERS
from flowbot.engine.life import process_data
from flowbot.errors import StoreUnavailable
from flowbot.library.load import load
from flowbot.library.yaml import read_yaml
from flowbot.model.contact import Contact
from flowbot.model.session import Process
from flowbot.settings import KNOWN
from flowbot.store.embedded import Embedded
from flowbot.transcript.read import find, read
from flowbot.transcript.run import play
from tests import forks
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
    if re.fullmatch(r"flowbot [^|<>;&$`()*?~]*", command):  # no shell has anything to do here
        done = forks.flowbot(*shlex.split(command)[1:], typed="\n".join(typed), folder=folder, environ=whole)
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr
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


@pytest.mark.parametrize("page", ["authoring.md", "rules.md"])
def test_every_step_of_the_author_s_page(page: str, tmp_path: Path, store_url: str) -> None:
    for block in blocks(DOCS / page):
        word, _, name = block.about.rpartition(" ")
        place = f"{page}:{block.line}"
        if block.language == "console":
            for command, typed, expected in sessions(block.text):
                output = run(command, typed, tmp_path, FLOWBOT_REDIS_URL=store_url)
                assert not says(expected, output), f"{place} {command}\nnot said: {says(expected, output)}\n{output}"
            for name in ("tea", "cocoa"):  # mistakes, and a copy that starts by the same words
                for file in (*tmp_path.rglob(f"{name}.yaml"), *tmp_path.rglob(f"{name}.test.yaml")):
                    file.unlink()
            continue
        if block.language in ("text", "json"):
            continue
        assert block.language == "yaml" and name, place
        if word in ("whole", "from"):  # of the example project
            real = (ROOT / name).read_text("utf-8")
            assert block.text == real if word == "whole" else block.text in real, place
        if word == "from":
            continue
        if word == "merge":
            merge(tmp_path, name, block.text)
        else:
            write(tmp_path, name, block.text)
        if word != "wrong" and name.startswith("flows/"):
            assert mistakes(tmp_path) == [], place
    assert mistakes(tmp_path) == []
    library = load(tmp_path, {})
    tests = [test for file in find(tmp_path) for test in read(file, tmp_path)[0]]
    assert len(tests) >= 2 and all(play(test, library).passed for test in tests)


# -- clients.md: a real `flowbot run`, the receiver of examples/, and what the page types


@contextlib.contextmanager
def receiving() -> Iterator[tuple[str, list[str]]]:
    """The example receiver: its address, and the lines it prints."""
    command = [sys.executable, str(ROOT / "examples" / "receiver" / "receiver.py"), "0"]
    environ = {**os.environ, "HOOK_SECRET": SECRET}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout
        address, lines = process.stdout.readline().split()[-1], list[str]()
        reader = threading.Thread(target=lambda out=process.stdout: lines.extend(out), daemon=True)
        reader.start()
        try:
            yield address, lines
        finally:
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
                    made = re.findall(r'"(message|broadcast)_id":"([^"]+)"', output)
                    environ.update({name.upper(): id for name, id in made})
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


def test_the_stand_in_for_meta_prints_what_goes_to_the_phone() -> None:
    command = [sys.executable, str(ROOT / "examples" / "meta" / "meta.py"), "0"]
    buttons = [{"type": "reply", "reply": {"id": "1.yes", "title": "Yes"}}]
    ask = {"type": "button", "body": {"text": "Shall we?"}, "action": {"buttons": buttons}}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            url = process.stdout.readline().split()[-1] + "/106540352242922/messages"
            assert httpx.post(url, json={"status": "read", "message_id": "x"}).json() == {"success": True}
            sent = httpx.post(url, json={"to": "+1555", "type": "interactive", "interactive": ask}).json()
            assert sent["messages"][0]["id"].startswith("wamid.")
            assert process.stdout.readline() == "+1555 button Shall we? [Yes]\n"
        finally:
            process.terminate()


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


def test_endpoints_codes_and_the_waits_between_attempts_are_as_shown(tmp_path: Path) -> None:
    page = (DOCS / "clients.md").read_text("utf-8")
    for about in ("endpoints", "when"):
        (shown,) = (block.text for block in blocks(DOCS / "clients.md") if block.about == about)
        account = "accounts:\n  demo:\n    channels: {}\n" + textwrap.indent(shown, "    ")
        write(tmp_path, "flowbot.yaml", account)
        assert mistakes(tmp_path) == []
    web = ROOT / "flowbot" / "web"
    doors = "".join(file.read_text("utf-8") for file in (*web.glob("*.py"), web / "api" / "process_orders.py"))
    assert {
        attempts.REASON,
        *re.findall(r'Conflict\(.*?code="(\w+)"', doors, re.S),
        *re.findall(r'problem\(409, "(\w+)"', (ROOT / "flowbot" / "web" / "problems.py").read_text("utf-8")),
    } == set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| 409 \| ([^|]+) \|", page, re.M))))
    waits = [f"{s // 3600} h" if s >= 3600 else f"{s // 60} min" if s >= 60 else f"{s} s" for s in HOOK_WAITS]
    assert f"after {', '.join(waits[:-1])} and {waits[-1]} (each" in page


# -- operating.md


def test_the_actions_and_settings_named_are_there() -> None:
    page = (DOCS / "operating.md").read_text("utf-8")
    source = "\n".join(file.read_text("utf-8") for file in (ROOT / "flowbot").rglob("*.py"))
    for action in set(re.findall(r"^\| ((?:`[a-z]+\.[a-z_]+`(?:, )?)+) \|", page, re.M)):
        for name in re.findall(r"`([^`]+)`", action):
            whole, (start, end) = f'"{name}"', name.split(".")
            assert whole in source or (f'"{start}." + ' in source and f'"{end}"' in source), name
    assert set(re.findall(r"FLOWBOT_[A-Z_]+", page)) <= set(KNOWN)
    (shown,) = (block.text for block in blocks(DOCS / "operating.md") if block.language == "procfile")
    assert shown == (ROOT / "Procfile").read_text("utf-8")


def test_a_store_with_the_settings_shown_is_fine(tmp_path: Path) -> None:
    (shown,) = (block.text for block in blocks(DOCS / "operating.md") if block.about == "redis")
    options = [part for line in shown.splitlines() for part in ("--" + line.split()[0], line.split()[1])]
    write(tmp_path, "flowbot.yaml", "accounts:\n  demo:\n    channels: {web: {gateway: simulator}}\n")
    with Embedded(tmp_path / "data", extra=options) as server:
        said = run("flowbot doctor; echo $?", [], tmp_path, FLOWBOT_REDIS_URL=server.url)
    assert "WRONG" not in said and said.endswith("0\n"), said


def test_a_damaged_store_is_mended_as_shown(tmp_path: Path) -> None:
    server = Embedded(tmp_path / ".flowbot")
    with server, contextlib.closing(Redis.from_url(server.url)) as raw:
        for number in range(100):
            raw.set(f"key{number}", "x" * 100)
    (file,) = (tmp_path / ".flowbot" / "store" / "appendonlydir").glob("*.incr.aof")
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2 : len(damaged) // 2 + 64] = bytes(64)
    file.write_bytes(damaged)
    with pytest.raises(StoreUnavailable, match="Bad file format reading the append only file"):
        server.start()
    (shown,) = (block.text for block in blocks(DOCS / "operating.md") if block.about == "embedded")
    shown = shown.replace(".venv/bin/python", sys.executable)
    assert "Successfully truncated" in run(shown, ["y"], tmp_path)
    with server, contextlib.closing(Redis.from_url(server.url)) as raw:
        assert 40 < raw.dbsize() < 60


def test_the_pages_lead_to_each_other() -> None:
    for page in (ROOT / "README.md", *DOCS.glob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
    index = (DOCS / "index.md").read_text("utf-8")
    pages = {page.name for page in DOCS.glob("*.md")} - {"index.md"}
    assert {name for name in pages if f"({name})" not in index} == set(), "docs/index.md names every page"


# -- README.md


def test_the_readme_s_flow_chats_as_it_says(tmp_path: Path) -> None:
    """In the example project, as somebody who just saved it would do it."""
    for name in ("flows", "content"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "flowbot.yaml", tmp_path)
    shown = [block.text for block in blocks(ROOT / "README.md") if block.language == "yaml"]
    flow, channels = shown
    assert flow.startswith("flow: coffee\n") and len(flow.splitlines()) <= 15
    write(tmp_path, "flows/coffee.yaml", flow)
    assert mistakes(tmp_path) == []
    said = run("flowbot chat coffee", ["latte", "forty", "0", "2"], tmp_path)
    assert not says(
        ["     [1] Espresso  [2] Latte  [3] Filter", '  -- process.succeeded {"kind":"latte","cups":2}'], said
    )
    assert said.count("How many cups?") == 3
    silent = run("flowbot chat coffee", ["/wait 2h"], tmp_path)
    assert not says(["  -- process.failed expired"], silent)
    lost = run("flowbot chat coffee", ["?!"] * 4, tmp_path)
    assert lost.count("Which one would you like?") == 4 and not says(["  -- process.failed not_understood"], lost)
    assert run("flowbot link coffee", [], tmp_path).startswith(
        "https://wa.me/573001112233?text=I%20want%20a%20coffee\n"
    )
    write(tmp_path, "flowbot.yaml", channels)
    shutil.rmtree(tmp_path / "content")  # the other flows need what the example project's own flowbot.yaml declares
    shutil.rmtree(tmp_path / "flows")
    write(tmp_path, "flows/coffee.yaml", flow)
    assert mistakes(tmp_path) == []


def test_what_is_not_there_yet_is_listed_and_nothing_else() -> None:
    """A type that comes leaves the list of authoring.md, and gets its place in the page."""
    page = (DOCS / "authoring.md").read_text("utf-8")
    table = page.partition("| `expect` |")[2].partition("\n\n")[0]
    rows = [row.partition(" | ")[0] for row in table.splitlines()]
    assert {kind for row in rows for kind in re.findall(r"`([a-z_]+)`", row)} == set(KINDS)
    (filters,) = re.findall(r"^Filters: (.*?)\n\n", page, re.M | re.S)
    assert set(re.findall(r"`([a-z]+)", filters)) == set(FILTERS)
