"""`flowbot chat` and `flowbot test` as somebody uses them: as processes, with what is typed in a file."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from tests import forks

ROOT = Path(__file__).parent.parent.parent


def flowbot(
    *arguments: str, typed: str = "", cwd: Path = ROOT, errors: str = "strict"
) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    return forks.flowbot(*arguments, typed=typed, folder=cwd, environ=environ, errors=errors)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("flows", "content"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "flowbot.yaml", tmp_path)
    return tmp_path


def test_a_whole_chat_becomes_a_test_that_passes(project: Path) -> None:
    lines = [
        "hola",
        "1",  # the button
        "2",
        "/back",
        "1",
        "=1",  # the number 1: too short for a document
        "1020304050",
        "/wait 9m",
        "/next-timer",
        "/trace",
        "/image front.jpg",
        "/image back.jpg",
        "/vars",
        "/tap correct",
        '/verified {"score": 0.93}',
        "/save-test flows/saved.test.yaml",
        "/restart",
        "no acepto",
        "/save-test flows/saved.test.yaml",
        "/quit",
        "never read",
    ]
    done = flowbot(
        "chat", "identity", "--now", "2026-11-20 18:40", "--name", "Ana", typed="\n".join(lines), cwd=project
    )
    assert done.returncode == 0, done.stderr
    for expected in (
        "Hola, Ana.",
        "[1] Sí, acepto  [2] No acepto",
        "Por favor elige una de las opciones.",
        "taken back",
        "te quedan 2 intentos",
        "there is no file front.jpg here: only its name was sent",
        "1m later: 2026-11-20 18:50 America/Bogota",
        "Cuando puedas, envía la foto",
        '"document_number": "•••"',
        'process.succeeded {"document_type":"national_id"',
        "saved as 'chat 2' in flows/saved.test.yaml",
    ):
        assert expected in done.stdout
    assert "never read" not in done.stdout
    checked = flowbot("test", "flows/saved.test.yaml", cwd=project)
    assert (checked.returncode, checked.stdout.splitlines()[-1]) == (0, "2 passed, 0 failed")


def test_saving_beside_what_is_there_keeps_it(project: Path) -> None:
    file = project / "flows" / "identity.test.yaml"
    before = file.read_text("utf-8")
    done = flowbot("chat", "identity", "--lang", "en", typed="/tap decline\n/save-test\n", cwd=project)
    count = before.count("- test:") + 1
    assert f"saved as 'chat {count}' in flows/identity.test.yaml" in done.stdout
    assert file.read_text("utf-8").startswith(before.rstrip())
    assert flowbot("test", str(file), cwd=project).stdout.splitlines()[-1] == f"{count} passed, 0 failed"


def test_mistakes_are_said_and_change_nothing(project: Path) -> None:
    lines = ["/tap nonsense", "/wait soon", "/nonsense", "/image", "/location x", "/location 1 2 3"]
    typed = "\n".join([*lines, "/save-test x.yaml", *["/next-timer"] * 3, "1"])
    done = flowbot("chat", "identity", "--now", "2026-11-20 10:00", typed=typed, cwd=project)
    assert done.returncode == 0
    for expected in (
        "no button 'nonsense' was offered",
        "not a duration",
        "there is no /nonsense",
        "/image wants a file",
        "a transcript's file ends in .test.yaml",
        "process.failed expired",
        "no timer is set",
    ):
        assert expected in done.stdout
    assert "Traceback" not in done.stderr


def test_what_is_no_text_and_cards_and_places(project: Path) -> None:
    lines = ["\udcff", "/location here there", "/location 4.7 -74", "/contact +57 300 111 2233", "hola", "/vars"]
    done = flowbot("chat", "identity", typed="\n".join(lines), cwd=project, errors="surrogateescape")
    assert done.returncode == 0, done.stderr
    assert "/location wants a latitude and a longitude" in done.stdout
    assert "no puedo leer este tipo de mensaje" in done.stdout and '"step": "consent"' in done.stdout


def test_started_by_the_client(project: Path) -> None:
    typed = "/location 4.6 -74\n/help\n"
    done = flowbot(
        *("chat", "antenatal_visit", "--lang", "hi", "--input", "visit_on=2026-12-01", "--input", "clinic=PHC"),
        typed=typed,
        cwd=project,
    )
    assert "मंगलवार, 1 दिसंबर को PHC में" in done.stdout
    assert "/save-test" in done.stdout


def test_a_start_that_the_api_would_refuse(project: Path) -> None:
    """R026's like: it went on with inputs that were not there."""
    file = project / "flows" / "order_status.yaml"
    file.write_text(
        file.read_text("utf-8").replace("order:", "shop: {type: text, required: true}\n  order:", 1), "utf-8"
    )
    done = flowbot("chat", "order_status", "--api", cwd=project)
    assert done.returncode == 2 and "the flow needs shop: --input shop=…" in done.stderr


def test_the_contact_begins_in_the_own_language(project: Path) -> None:
    assert flowbot("chat", "identity", "--lang", "en", cwd=project).stdout.count("I want to verify my identity") == 1
    assert "Quiero verificar mi identidad" in flowbot("chat", "identity", cwd=project).stdout


def test_files_that_change_are_live(project: Path) -> None:
    """The next start uses them; what is open stays on its version."""
    from flowbot.cli.chat_look import Plain
    from flowbot.cli.talk import Setup, Talk
    from flowbot.library.load import load

    class Heard(Plain):
        def __init__(self) -> None:
            self.said: list[str] = []

        def bot(self, said: object) -> None:
            self.said.append(said.outbound.text)  # type: ignore[attr-defined]

    look = Heard()
    setup = Setup(
        flow="identity", account="demo", channel="web", now=1_795_218_000_000, zone="UTC", opening="verificar"
    )
    talk = Talk(load(project, {}), setup, look, {})
    talk.begin()
    words = project / "content" / "es" / "identity.yaml"
    words.write_text(words.read_text("utf-8").replace("¿Qué documento tienes?", "¿Cuál tienes?"), "utf-8")
    talk.feed("1")
    assert look.said[-1] == "¿Qué documento tienes?"
    talk.feed("/restart")
    talk.feed("1")
    assert look.said[-1] == "¿Cuál tienes?"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chat", "identty"], "did you mean 'identity'"),
        (["chat", "identity", "--channel", "demo/nowhere"], "no channel"),
        (["chat", "identity", "--now", "soon"], "not a time"),
        (["chat", "identity", "--input", "x"], "NAME=VALUE"),
        (["chat", "identity", "--project", "/"], "not in a project"),
    ],
)
def test_wrong_use(arguments: list[str], words: str) -> None:
    done = flowbot(*arguments)
    assert done.returncode in (1, 2)
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_flow_with_mistakes_says_which(project: Path) -> None:
    file = project / "flows" / "identity.yaml"
    file.write_text(file.read_text("utf-8").replace("ask: consent", "aks: consent"), "utf-8")
    done = flowbot("chat", "identity", cwd=project)
    assert done.returncode == 1
    assert "flows/identity.yaml:" in done.stderr and "has mistakes" in done.stderr


def test_flowbot_test_prints_the_chat_around_a_failure(project: Path) -> None:
    """R141."""
    file = project / "flows" / "identity.test.yaml"
    text = file.read_text("utf-8").replace("- bot: photo_back", "- bot: photo_side", 1)
    file.write_text(text, "utf-8")
    count = text.count("- test:")
    line = text[: text.index("photo_side")].count("\n") + 1
    done = flowbot("test", str(file), cwd=project)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, f"{count - 1} passed, 1 failed")
    assert f"FAIL flows/identity.test.yaml:{line} happy path, with buttons" in done.stdout
    assert "user  {image: front.jpg}" in done.stdout
    assert "> expected bot   photo_side, but the bot said photo_back" in done.stdout
    data = orjson.loads(flowbot("test", str(file), "--json", cwd=project).stdout)
    assert (data["passed"], data["failed"], len(data["tests"])) == (count - 1, 1, count)
    (failed,) = [test for test in data["tests"] if not test["passed"]]
    assert (failed["line"], failed["flow"]) == (line, "identity")


def test_a_broken_transcript_is_a_failure(project: Path) -> None:
    (project / "flows" / "identity.test.yaml").write_text("tests:\n  - tset: x\n    chat: [{bott: y}]\n", "utf-8")
    done = flowbot("test", "--only", "हिन्दी", cwd=project)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "1 passed, 2 failed")
    assert "flows/identity.test.yaml:2:5 T601: unknown key 'tset'" in done.stdout


def test_an_invitation_becomes_a_test_that_passes(project: Path) -> None:
    lines = ["1", "/tap enough", "/save-test flows/saved.test.yaml", "/quit"]
    options = ("--invite", "--input", "order=B-7", "--lang", "en", "--now", "2026-11-20 10:00")
    done = flowbot("chat", "order_status", *options, typed="\n".join(lines), cwd=project)
    assert "bot  (template order_update)" in done.stdout and "[1] Show me  [2] Not now" in done.stdout, done.stdout
    assert "outbound.accepted" in done.stdout and "saved as" in done.stdout, done.stdout
    saved = (project / "flows" / "saved.test.yaml").read_text("utf-8")
    assert "start: {template: order_update, with: {name: Ana, order: B-7}}" in saved
    assert flowbot("test", "flows/saved.test.yaml", cwd=project).stdout.endswith("1 passed, 0 failed\n")
    refused = flowbot("chat", "survey", "--invite", cwd=project)
    assert refused.returncode == 2 and "no `start.template`" in refused.stderr
