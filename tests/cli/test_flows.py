"""`flowbot flows`: taken out and taken in again a flow is the same; copies, lists and the history of publications."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from flowbot.cli import program
from flowbot.library import parcel
from flowbot.library.load import Library, load
from flowbot.store.client import Store

ROOT = Path(__file__).parents[2]
FLOW = """\
# a comment that stays
flow: visit
languages: [en, es]
start: {keywords: [visit]}
anytime: {help: {say: help_text}}
steps:
  hello: {say: greeting}
  which: {ask: "Which one?", choices: [a, b], retry: {then: bye}}
  bye: {say: shared, succeed: {}}
"""
FILES = {
    "flowbot.yaml": "accounts:\n  acme:\n    languages: [en]\n    channels: {main: {gateway: simulator}}\n",
    "flows/visit.yaml": FLOW,
    "flows/visit.test.yaml": "flow: visit\ntests:\n  - test: begins\n    start: api\n    chat: [{bot: greeting}]\n",
    "content/en/visit.yaml": "# words\ngreeting: {text: Hello!, image: pics/door.jpg}\nwords: {help: [sos]}\n",
    "content/es/visit.yaml": "greeting: ¡Hola!\n",
    "content/en/common.yaml": "shared: Bye!\nhelp_text: No.\nof_others: x\n"
    "words: {help: [aid], opt_out: [leave], other: [y]}\n",
    "content/es/common.yaml": "shared: Adiós.\nhelp_text: No.\nwords: {help: [socorro]}\n",
    "content/media/pics/door.jpg": "JPEG",
    "content/media/pics/other.jpg": "JPEG",
}
Run = Callable[..., Result]


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return write(tmp_path / "here", FILES)


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A project with other words for all of its flows."""
    common = "shared: See you!\nwords: {help: [help], opt_out: [no more]}\n"
    return write(tmp_path / "there", {"flowbot.yaml": FILES["flowbot.yaml"], "content/en/common.yaml": common})


def flows(project: Path, *arguments: str) -> Result:
    found = CliRunner().invoke(program, ["flows", *arguments], obj={"FLOWBOT_PROJECT": str(project)})
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


def version(project: Path, flow: str = "visit") -> str:
    return load(project, {}).flow(flow).version


@pytest.mark.parametrize("name", ["visit.zip", "visit"])
def test_exported_and_imported_it_is_the_same_flow(here: Path, there: Path, tmp_path: Path, name: str) -> None:
    """R018: its file byte by byte, its words with what it uses of all flows' words, its media, and its version."""
    told = flows(here, "export", "visit", "-o", str(tmp_path / name))
    assert told.output == f"visit ({version(here)}): 5 files in {tmp_path / name}\n"
    told = flows(there, "import", str(tmp_path / name))
    assert told.exit_code == 0 and version(here) in told.output
    assert (there / "flows/visit.yaml").read_text() == FLOW
    assert (there / "content/en/visit.yaml").read_text().startswith(FILES["content/en/visit.yaml"][:20])
    assert load(there, {}).flow("visit").meaning == load(here, {}).flow("visit").meaning
    assert not (there / "content/media/pics/other.jpg").exists() and "other" not in str(
        load(there, {}).flow("visit").meaning
    )
    assert flows(there, "import", str(tmp_path / name)).exit_code == 0  # the same once more
    (there / "content/es/visit.yaml").write_text("greeting: Buenas\n")
    refused = flows(there, "import", str(tmp_path / name))
    assert refused.exit_code == 1 and "there already: content/es/visit.yaml;" in refused.output
    assert flows(there, "import", str(tmp_path / name), "--force").exit_code == 0 and version(there) == version(here)


def test_every_example_flow_comes_out_as_it_went_in(tmp_path: Path) -> None:
    """R018"""
    library = load(ROOT, {})
    (tmp_path / "flowbot.yaml").write_bytes((ROOT / "flowbot.yaml").read_bytes())
    for flow in library.flows.values():
        packed = parcel.pack(library, flow)
        again = parcel.from_zip(parcel.as_zip(packed))
        assert again == packed and parcel.as_zip(packed) == parcel.as_zip(again)
        _, files = parcel.unpack(again)
        for name, raw in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(raw)
    made: Library = load(tmp_path, {})
    assert {id: flow.version for id, flow in made.flows.items()} == {
        id: flow.version for id, flow in library.flows.items()
    }


def test_a_copy_is_a_flow_of_its_own(here: Path) -> None:
    """R011: its words and tests under its own name; the first stays as it was."""
    before = version(here)
    assert flows(here, "copy", "visit", "second_visit").exit_code == 0
    assert version(here) == before
    text = (here / "flows/second_visit.yaml").read_text()
    assert text == FLOW.replace("flow: visit", "flow: second_visit")
    assert (here / "flows/second_visit.test.yaml").read_text().startswith("flow: second_visit\n")
    copied, first = load(here, {}).flow("second_visit"), load(here, {}).flow("visit")
    assert copied.meaning["content"] == first.meaning["content"] and copied.version != first.version
    assert flows(here, "copy", "visit", "second_visit").exit_code == 0  # nothing is in its way but itself
    assert "no id for a flow" in flows(here, "copy", "visit", "Second Visit").output
    assert flows(here, "copy", "nosuch", "x").exit_code == 2


@pytest.mark.parametrize(
    "names",
    [
        ["flows/visit.yaml", "../out.yaml"],
        ["flows/visit.yaml", "flows/../../out.yaml"],
        ["flows/visit.yaml", "/etc/out.yaml"],
        ["flows/visit.yaml", "flowbot.yaml"],
        ["flows/visit.yaml", "content/en/common.yaml"],
        ["flows/visit.yaml", "content/media/../../flowbot.yaml"],
        ["flows/visit.yaml", "flows/other.yaml"],
        ["flows/visit.yaml", "content/a\\b/visit.yaml"],
        ["content/en/visit.yaml"],
        [],
    ],
)
def test_an_archive_that_is_no_flow_writes_nothing(there: Path, tmp_path: Path, names: list[str]) -> None:
    file = tmp_path / "bad.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, FLOW)
    before = sorted(tmp_path.rglob("*"))
    told = flows(there, "import", str(file))
    assert told.exit_code == 1 and "no flow's parcel" in told.output
    assert sorted(tmp_path.rglob("*")) == before


def test_garbage_and_bombs_are_refused(there: Path, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 no archive")
    assert "cannot be read" in flows(there, "import", str(tmp_path / "x.zip")).output
    with zipfile.ZipFile(tmp_path / "y.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content/media/big.bin", bytes(parcel.LARGEST + 1))
    assert "too large" in flows(there, "import", str(tmp_path / "y.zip")).output


def test_a_flow_that_has_mistakes_in_its_new_home_is_told(here: Path, there: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parcel"
    assert flows(here, "export", "visit", "-o", str(folder)).exit_code == 0
    (folder / "flows/visit.yaml").write_text(FLOW.replace("retry: {then: bye}", "next: {jump: elsewhere}"))
    told = flows(there, "import", str(folder))
    assert told.exit_code == 1 and "elsewhere" in told.output


def test_what_is_published_and_who_did_it(here: Path, store: Store, store_url: str) -> None:
    """R143: the history of publications, for people and as JSON."""
    environ = {"FLOWBOT_PROJECT": str(here), "FLOWBOT_REDIS_URL": store_url, "USER": "eva"}

    def run(*arguments: str) -> str:
        found = CliRunner().invoke(program, list(arguments), obj=environ)
        assert found.exit_code == 0, found.output
        return found.output

    first = version(here)
    assert run("flows", "list") == f"acme/visit  {first}  not published\n"
    run("publish", "-m", "first of all")
    assert run("flows", "list") == f"acme/visit  {first}  published\n"
    (here / "flows/visit.yaml").write_text(FLOW.replace("[visit]", "[visit, come]"))
    second = version(here)
    assert run("flows", "list") == f"acme/visit  {second}  published is {first}\n"
    assert orjson.loads(run("flows", "list", "--json"))[0]["published"] == first
    run("publish", "--by", "ben")
    run("rollback", "-m", "oh")
    told = run("flows", "history").splitlines()
    assert [line.split("  ")[0] for line in told[::2]] == ["acme 3", "acme 2", "acme 1"]
    assert told[0].endswith("eva, takes 2 back  oh") and told[1] == f"    visit: {second} -> {first}"
    found = orjson.loads(run("flows", "history", "visit", "--json"))
    assert [(one["number"], one["who"], one["why"], one["undoes"]) for one in found] == [
        (3, "eva", "oh", 2),
        (2, "ben", "", None),
        (1, "eva", "first of all", None),
    ]
    assert orjson.loads(run("flows", "history", "other", "--json")) == []
