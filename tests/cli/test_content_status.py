from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from flowbot.cli import program

FLOW = """\
flow: demo
languages: [en, es]
steps:
  hello: {say: "Hi, {{ contact.name }}!"}
  size: {ask: size, choices: [small, large]}
  done: {say: done, succeed: {}}
"""
EN = """\
size: {text: Which?, footer: Take one, choices: {small: Small one, large: Large one}}
done: {one: "{{ n }} day", other: "{{ n }} days"}
"""
ES = """\
hello: Hola, {{ contact.name }}.
size: {text: ¿Cuál?, choices: {small: Pequeño}}
old: Ya no se dice
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "flowbot.yaml").write_text(
        "accounts: {acme: {languages: [en, es], channels: {web: {gateway: simulator}}}}\n"
    )
    for file, text in {"flows/demo.yaml": FLOW, "content/en/demo.yaml": EN, "content/es/demo.yaml": ES}.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, "utf-8")
    return tmp_path


def status(root: Path, *arguments: str) -> dict[str, list[str]]:
    result = CliRunner().invoke(program, ["content", "status", "--json", *arguments, "--project", str(root)], obj={})
    assert result.exit_code == 0, result.output
    found: dict[str, list[str]] = next(row for row in orjson.loads(result.stdout) if row["flow"] == "demo")
    return found


def test_what_a_language_lacks_is_named(root: Path) -> None:
    found = status(root)
    assert found["missing"] == ["size.footer", "size.choices.large.title", "done.text.one", "done.text.other"]
    assert (found["unused"], found["stale"]) == (["old"], [])
    assert sorted(found["unrecorded"]) == ["hello.text", "size.choices.small.title", "size.text"]


def test_a_translation_is_stale_once_its_source_changes_until_it_changes_too(root: Path) -> None:
    assert status(root, "--record")["unrecorded"] == []
    (root / "content/en/demo.yaml").write_text(EN.replace("Which?", "Which size?"), "utf-8")
    (root / "flows/demo.yaml").write_text(FLOW.replace("Hi,", "Hello,"), "utf-8")
    assert sorted(status(root)["stale"]) == ["hello.text", "size.text"]
    assert sorted(status(root, "--record")["stale"]) == ["hello.text", "size.text"]
    (root / "content/es/demo.yaml").write_text(ES.replace("¿Cuál?", "¿Qué talla?"), "utf-8")
    assert status(root)["stale"] == ["hello.text"]
    assert status(root, "--accept")["stale"] == []
    record = (root / "content/.translated.yaml").read_bytes()
    assert record.startswith(b"# Kept by") and b"size.text: " in record
    assert status(root, "--record")["stale"] == [] and (root / "content/.translated.yaml").read_bytes() == record


def test_a_record_that_cannot_be_read_is_said(root: Path) -> None:
    (root / "content/.translated.yaml").write_text("es: [\n")
    result = CliRunner().invoke(program, ["content", "status", "--project", str(root)], obj={})
    assert result.exit_code == 1 and "content/.translated.yaml cannot be read" in result.output


def test_it_reads_as_text_too(root: Path) -> None:
    result = CliRunner().invoke(program, ["content", "status", "demo", "--project", str(root)], obj={})
    assert result.output.startswith("demo es: 4 missing, 1 unused\n  missing: size.footer, ")
