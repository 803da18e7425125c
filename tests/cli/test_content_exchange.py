from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowbot.cli import program
from flowbot.library.load import load
from flowbot.library.words import po, sheet
from flowbot.library.words.line import Line

FLOW = """\
flow: demo
languages: [en, es, hi]
steps:
  hello: {say: "Hi, {{ contact.name }}!"}
  size: {ask: size, choices: [small, large]}
  more: {say: [more, sum]}
  done: {say: done, succeed: {}}
"""
EN = """\
size: {text: Which?, footer: Take one, choices: {small: Small one, large: {title: Large, description: Very}}}
more: [First, {text: "Second \\"quoted\\"\\nline"}]
sum: "=1+1"
done: {one: "{{ n }} day", other: "{{ n }} days"}
"""
ES = """\
# mine
size:  # of size
  text: ¿Cuál?
  choices: {small: Pequeño}  # short

sum: '-1'
"""
HOSTILE = [
    '"q" \\n \\',
    "a\nb\n",
    "नमस्ते",
    "مرحبا\u200f",
    "=cmd|x",
    "'=x",
    "+1",
    "@a",
    "a;b,c\td",
    "{% raw %}{{{% endraw %}",
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "flowbot.yaml").write_text(
        "accounts: {acme: {languages: [en, es, hi], channels: {web: {gateway: simulator}}}}\n"
    )
    for file, text in {"flows/demo.yaml": FLOW, "content/en/demo.yaml": EN, "content/es/demo.yaml": ES}.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, "utf-8")
    return tmp_path


def run(root: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(program, ["content", *arguments, "--project", str(root)], obj={})
    return result.exit_code, result.output


def given(root: Path, form: str, lang: str, said: dict[str, str]) -> Path:
    """The exported file with these translations put in."""
    file = root / f"out.{form}"
    assert run(root, "export", "--format", form, "--lang", lang, "-o", str(file))[0] == 0
    kind = po if form == "po" else sheet
    _, found = kind.read(file.read_bytes())
    rows = [
        Line(context=one.context, source=one.source, translation=said.get(one.context, one.translation))
        for one in found
    ]
    assert set(said) <= {one.context for one in rows}
    file.write_bytes(kind.write(rows, lang))
    return file


@pytest.mark.parametrize("form", ["po", "csv"])
def test_what_comes_back_unchanged_changes_nothing(root: Path, form: str) -> None:
    file = given(root, form, "es", {})
    assert run(root, "import", str(file)) == (0, "0 translations taken, 0 refused\n")
    assert (root / "content/es/demo.yaml").read_text("utf-8") == ES
    assert not (root / "content/.translated.yaml").exists()


@pytest.mark.parametrize("form", ["po", "csv"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_translation_arrives_and_the_rest_stays(root: Path, form: str, text: str) -> None:
    file = given(root, form, "es", {"demo:sum.text": text, "demo:size.footer": text})
    assert run(root, "import", str(file)) == (0, "2 translations taken, 0 refused\n")
    library = load(root, {})
    words = library.flow("demo").content.written("es")
    assert words["sum"] == text and words["size"]["footer"] == text
    made = (root / "content/es/demo.yaml").read_text("utf-8")
    assert made.startswith("# mine\nsize:  # of size\n  text: ¿Cuál?\n  choices: {small: Pequeño}  # short\n")
    assert run(root, "import", str(file)) == (0, "0 translations taken, 0 refused\n")


@pytest.mark.parametrize("form", ["po", "csv"])
def test_a_new_language_is_written_whole(root: Path, form: str) -> None:
    said = {
        "demo:hello.text": "नमस्ते {{ contact.name }}",
        "demo:size.text": "कौन सा?",
        "demo:size.choices.small.title": "छोटा",
        "demo:size.choices.large.description": "बहुत",
        "demo:more[0].text": "पहला",
        "demo:more[1].text": "दूसरा\nपंक्ति",
        "demo:done.text.one": "एक दिन",
        "demo:done.text.other": "{{ n }} दिन",
    }
    assert run(root, "import", str(given(root, form, "hi", said))) == (0, "8 translations taken, 0 refused\n")
    library = load(root, {})
    assert not [one for one in library.problems if one.level == "error"]
    assert library.folder.reads["content/hi/demo.yaml"].source.data == {  # type: ignore[union-attr]
        "hello": said["demo:hello.text"],
        "size": {"text": "कौन सा?", "choices": {"small": "छोटा", "large": {"description": "बहुत"}}},
        "more": ["पहला", {"text": "दूसरा\nपंक्ति"}],
        "done": {"one": "एक दिन", "other": "{{ n }} दिन"},
    }


def test_what_cannot_be_used_is_refused_with_its_line(root: Path) -> None:
    file = root / "back.csv"
    file.write_bytes(
        "context;source;translation;state;es\r\n"
        "demo:hello.text;x;Hola {{ contact.nombre }};\r\n"
        "demo:helo.text;x;Hola;\r\n"
        "demo:done.text.one;x;{{ n;\r\n"
        '"demo:more[0].text";x;Uno;\r\n'
        "demo:sum.text;x;dos;\r\n".encode("utf-8-sig")
    )
    code, output = run(root, "import", str(file))
    assert code == 1 and output.endswith("1 translations taken, 4 refused\n")
    assert f"{file}:2: demo:hello.text: it has {{{{ contact.nombre }}}}, which the source does not" in output
    assert f"{file}:3: demo:helo.text: there is no such text; did you mean 'demo:hello.text'?" in output
    assert f"{file}:4: demo:done.text.one: it cannot be read" in output
    assert f"{file}:5: demo:more[0].text: its entry" in output
    assert "sum: dos\n" in (root / "content/es/demo.yaml").read_text("utf-8")


def test_no_cell_of_the_sheet_is_a_formula(root: Path) -> None:
    code, output = run(root, "export", "--format", "csv", "--lang", "es")
    assert code == 0 and output.startswith("\ufeff")
    cells = [cell for row in csv.reader(io.StringIO(output)) for cell in row]
    assert "'=1+1" in cells and "'-1" in cells and not [cell for cell in cells if cell[:1] in "=+-@" and cell]


def test_a_translation_of_an_older_source_arrives_stale_and_fuzzy(root: Path) -> None:
    file = given(root, "po", "es", {"demo:size.text": "¿Qué talla?"})
    (root / "content/en/demo.yaml").write_text(EN.replace("Which?", "Which size?"), "utf-8")
    assert run(root, "import", str(file))[0] == 0
    assert "stale: size.text" in run(root, "status", "demo")[1]
    output = run(root, "export", "demo", "--format", "po", "--lang", "es")[1]
    assert '#, fuzzy\nmsgctxt "demo:size.text"\nmsgid "Which size?"\nmsgstr "¿Qué talla?"' in output
    file.write_text(output.replace("#, fuzzy\n", ""), "utf-8")
    assert run(root, "import", str(file)) == (0, "1 translations taken, 0 refused\n")
    assert "stale" not in run(root, "status", "demo")[1]


@pytest.mark.parametrize(("name", "raw"), [("a.po", b'msgid "x\n'), ("a.csv", b"\xff\xfe\x00"), ("b.csv", b"a,b\n")])
def test_what_is_no_translation_file_is_said(root: Path, name: str, raw: bytes) -> None:
    (root / name).write_bytes(raw)
    code, output = run(root, "import", str(root / name), "--lang", "es")
    assert code == 1 and name in output and "Traceback" not in output
