"""`flowbot run` as its user meets it: ready, busy ports, deaths, Ctrl-C, and again."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from redis import Redis

from flowbot.cli.run import try_addresses
from flowbot.library.load import load
from flowbot.settings import Settings
from flowbot.store.embedded import Embedded
from tests import forks
from tests.running import Phone, Running, children_of, eventually

PROJECT = """
accounts:
  demo:
    title: Demo
    timezone: UTC
    languages: [en]
    channels:
      off: {gateway: cloud_api, number: "+15550100000", phone_number_id: "1", access_token: "${env:NOT_SET}",
            app_secret: "${env:NOT_SET}", verify_token: "${env:NOT_SET}"}
  other:
    title: Another tenant
    timezone: UTC
    languages: [en]
    channels: {}
"""
FLOW = """
flow: coffee
languages: [en]
start:
  messages: [I want a coffee]
steps:
  kind:
    ask: Which one would you like?
    choices: [espresso, latte]
  cups:
    ask: How many cups?
    expect: integer
    with: {min: 1, max: 6}
  done:
    say: "{{ answers.cups }} x {{ answers.kind }}, coming up."
    succeed: {kind: "{{ answers.kind }}"}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "bot" / "flows").mkdir(parents=True)
    (tmp_path / "bot" / "flowbot.yaml").write_text(PROJECT)
    (tmp_path / "bot" / "flows" / "coffee.yaml").write_text(FLOW)
    return tmp_path / "bot"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that several tests use: it starts in a few seconds, and is stronger than they are."""
    root = tmp_path_factory.mktemp("shared")
    (root / "flows").mkdir()
    (root / "flowbot.yaml").write_text(PROJECT)
    (root / "flows" / "coffee.yaml").write_text(FLOW)
    with Running(root, root / ".flowbot") as running:
        yield running


# Now and then every account is looked at: is another version published, is anything planned or under way?
LOOKS = re.compile(r"(HGET {a:\w+}live #|ZRANGE {a:\w+}sch |HGETALL {a:\w+}runs$)")


def commands_while(running: Running, act: Callable[[], None]) -> str:
    """Every command that the store was given meanwhile, those within its scripts too."""
    path = str(Embedded(running.data).socket)
    with contextlib.closing(Redis(unix_socket_path=path)) as raw, raw.monitor() as monitor:
        act()
        raw.echo("that is all")
        lines = []
        while "that is all" not in (line := monitor.next_command()["command"]):
            if not LOOKS.match(line):
                lines.append(line)
    return "\n".join(lines)


def coffee(running: Running, account: str) -> str:
    """A whole conversation; whose it was."""
    with Phone(running.address, "coffee", account) as phone:
        phone.say("I want a coffee")
        phone.hears("kind")
        phone.tap("latte")
        phone.hears("cups")
        phone.say("2")
        phone.hears("done")
        return phone.who


def test_no_key_of_another_account_is_touched(shared: Running) -> None:
    """I11, over every store command of a conversation through all processes: what is whose is told by names and ids."""
    seen = {name: commands_while(shared, lambda name=name: coffee(shared, name)) for name in ("demo", "other")}
    ids = {name: set(re.findall(r"[:\s\"']c([0-9a-z]{16})\b", text)) for name, text in seen.items()}
    assert ids["demo"] and ids["other"] and not ids["demo"] & ids["other"]
    for name, foreign in (("demo", "other"), ("other", "demo")):
        assert f"{name}/try" in seen[name]
        assert f"{foreign}/try" not in seen[name] and "{a:" + foreign + "}" not in seen[name]


def flowbot(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FLOWBOT_")}
    return forks.flowbot(*arguments, folder=Path.cwd(), environ={**clean, **environ})


@pytest.mark.parametrize("role", ["worker", "sender", "hooks", "web", "store"])
def test_what_is_killed_is_back_at_once_and_a_conversation_goes_on(shared: Running, role: str) -> None:
    with Phone(shared.address, "coffee") as phone:
        phone.say("I want a coffee")
        phone.hears("kind")
        before = eventually(lambda: len(found := shared.children()) == 5 and found, "all five children run")
        orphans = children_of(before[role])
        os.kill(before[role], signal.SIGKILL)
        began = time.monotonic()
        eventually(lambda: shared.children().get(role, before[role]) != before[role], f"{role} runs again", 5)
        assert time.monotonic() - began < 1.5
        eventually(lambda: httpx.get(f"{shared.address}/readyz").status_code == 200, "it answers")
        # a connection that is kept open to one of them ends with it, perhaps under a request
        eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in orphans), "what it left behind ends")
    with Phone(shared.address, "coffee", who=phone.who) as phone:
        phone.tap("latte")
        phone.hears("cups")
        phone.say("2")
        state = phone.hears("done")
    assert state["bubbles"][-1]["text"] == "2 x latte, coming up."


def test_a_busy_port_ctrl_c_a_hard_death_and_again(project: Path, tmp_path: Path) -> None:
    """One life after the other on the same data: all conversations are found again, and nobody is left behind."""
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with Running(project, tmp_path / "data", "--try", port=port) as first:
            assert int(first.address.rsplit(":", 1)[1]) > port, "the next free one"
            children = first.children()
            assert set(children) == {"store", "worker", "sender", "hooks", "web"}
            with Phone(first.address, "coffee") as phone:
                phone.say("I want a coffee")
                phone.hears("kind")
            began = time.monotonic()
            assert first.stop(signal.SIGINT) == 0
            assert time.monotonic() - began < 20, "a process was killed that should have stopped"
            assert first.rest() == f"{first.address}/try/demo/coffee\n"
    for name, pid in children.items():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
            raise AssertionError(f"{name} still runs")
    with Running(project, tmp_path / "data") as second, Phone(second.address, "coffee", who=phone.who) as again:
        assert [one["side"] for one in again.state()["bubbles"]] == ["in", "out"]
        again.tap("espresso")
        again.hears("cups")
        key = tmp_path / "data" / "secret.key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        children = second.children()
        second.process.kill()
        second.process.wait()
        if sys.platform == "linux":  # elsewhere the children look for their parent once a second

            def gone() -> bool:
                return not any(Path(f"/proc/{pid}").exists() for pid in children.values())

            eventually(gone, "the children end")
    with Running(project, tmp_path / "data") as third, Phone(third.address, "coffee", who=phone.who) as again:
        again.say("2")
        assert again.hears("done")["bubbles"][-1]["text"] == "2 x espresso, coming up."


def test_a_second_one_on_the_same_data_is_refused(shared: Running) -> None:
    done = flowbot("run", "--project", str(shared.data.parent), "--data", str(shared.data), "--port", "0")
    assert done.returncode == 2
    assert f"another `flowbot run` (process {shared.process.pid}) uses the data folder" in done.stderr


def test_a_data_folder_that_cannot_be_made_is_told(project: Path, tmp_path: Path) -> None:
    """Root may write into read-only folders, and nobody into a file as if it were one."""
    (tmp_path / "taken").write_text("")
    done = flowbot("run", "--project", str(project), "--data", str(tmp_path / "taken" / "data"), "--port", "0")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "taken/data: Not a directory; FLOWBOT_DATA names another" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "--project", "/nowhere"], 1, "has no flowbot.yaml"),
        (["run", "--roles", "web,cook"], 2, "'cook' is none of web, worker, sender, hooks"),
        (["run", "--port", "70000"], 2, "70000 is not in the range"),
    ],
)
def test_wrong_use_is_told(arguments: list[str], code: int, words: str) -> None:
    done = flowbot(*arguments)
    assert done.returncode == code, done.stderr
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_told() -> None:
    done = flowbot("run", FLOWBOT_PORT="many", FLOWBOT_LOG_LEVEL="loud")
    assert done.returncode == 2
    assert "FLOWBOT_PORT" in done.stderr and "FLOWBOT_LOG_LEVEL" in done.stderr


def test_doctor_says_what_is_off_and_that_the_store_answers(shared: Running) -> None:
    done = flowbot("doctor", "--project", str(shared.data.parent), "--data", str(shared.data))
    assert done.returncode == 0, done.stdout
    assert "channel demo/off: not set: NOT_SET" in done.stdout
    assert "answers, 64 partitions" in done.stdout and "append-only" not in done.stdout
    wrong = flowbot("doctor", "--project", str(shared.data.parent), FLOWBOT_PROT="1")
    assert wrong.returncode == 1 and "FLOWBOT_PROT is set, and there is no such setting" in wrong.stdout


def test_the_simulator_is_for_this_machine_only(shared: Running) -> None:
    page = f"{shared.address}/try/demo/coffee"
    assert httpx.get(page).status_code == 200
    front = httpx.get(shared.address)
    assert (front.status_code, front.headers["location"]) == (302, "/try")
    assert httpx.get(shared.address, headers={"host": "bot.example"}).status_code == 404
    assert "default-src 'none'" in httpx.get(page).headers["content-security-policy"]
    assert httpx.get(page, headers={"host": "bot.example"}).status_code == 403
    assert httpx.get(page, headers={"x-forwarded-for": "203.0.113.9"}).status_code == 403
    with Phone(shared.address, "coffee") as phone:
        foreign = httpx.post(f"{phone.base}/say", json={"kind": "text", "text": "x"}, headers={"origin": "http://evil"})
        assert foreign.status_code == 403
        plain = httpx.post(f"{phone.base}/say", content=b'{"kind": "text", "text": "x"}')
        assert plain.status_code == 422
        assert phone.state()["bubbles"] == []
    forged = httpx.post(f"{shared.address}/webhooks/demo/try", json={"id": "1", "from": "x", "text": "x"})
    assert forged.status_code == 403
    carried = httpx.post(f"{shared.address}/try/-/{'0' * 64}/demo/try", json={"id": "ms_1_x"})
    assert carried.status_code == 404


def test_a_large_photo_is_taken_and_a_larger_one_refused(shared: Running) -> None:
    with Phone(shared.address, "coffee") as phone:
        taken = phone.client.post(f"{phone.base}/media", content=b"\xff\xd8\xff" + bytes(6 << 20))
        assert (taken.status_code, taken.json()["kind"]) == (201, "image")
        refused = phone.client.post(f"{phone.base}/media", content=bytes(17 << 20))
        assert refused.status_code == 413


def test_the_state_is_sent_once(shared: Running) -> None:
    with Phone(shared.address, "coffee") as phone:
        phone.say("I want a coffee")
        phone.hears("kind")

        def unchanged() -> bool:
            first = phone.client.get(f"{phone.base}/state")
            again = phone.client.get(f"{phone.base}/state", headers={"if-none-match": first.headers["etag"]})
            return again.status_code == 304 and not again.content

        eventually(unchanged, "304", 5)


def test_time_jumps_back_and_save(shared: Running) -> None:
    with Phone(shared.address, "coffee") as phone:
        phone.say("I want a coffee")
        phone.hears("kind")
        phone.tap("latte")
        phone.hears("cups")
        other = Phone(shared.address, "coffee", who=phone.post("back")["who"])
        with other:
            state = other.hears("kind")
            assert [one["side"] for one in state["bubbles"]] == ["in", "out"]
            other.tap("espresso")
            other.hears("cups")
        assert next(row for row in phone.state()["answers"] if row["name"] == "answers.kind")["value"] == "latte"
        saved = phone.client.get(f"{phone.base}/test.yaml")
        assert saved.headers["content-disposition"] == 'attachment; filename="coffee.test.yaml"'
        for line in ("user: I want a coffee", "user: {tap: latte}", "bot: cups"):
            assert line in saved.text
        phone.post("clock", {"to": "next"})
        eventually(lambda: phone.state()["where"][0]["badge"] == "expired", "it expires")
        (project,) = (shared.data.parent,)
        (project / "flows" / "coffee.test.yaml").write_text(saved.text)
        played = flowbot("test", "--project", str(project))
        assert played.returncode == 0, played.stdout + played.stderr
        assert played.stdout.rstrip().endswith("1 passed, 0 failed")


def test_of_many_flows_the_list_is_named(project: Path) -> None:
    for name in "abcdefgh":
        (project / "flows" / f"{name}.yaml").write_text(FLOW.replace("coffee", name))
    library, settings = load(project, {}), Settings()
    assert try_addresses(settings, library) == ["http://127.0.0.1:8000/try"]
    library = load(project / "..", {})
    assert try_addresses(settings, library) == ["http://127.0.0.1:8000/try"]
