from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowbot.errors import NotFound
from flowbot.library.load import Library, load

PROJECT = "accounts:\n  acme:\n    languages: [en]\n    channels: {main: {gateway: simulator}}\n"
FLOW = "flow: {id}\nstart: {{keywords: [{id}]}}\nsteps:\n  greet: {{say: hello, succeed: {{}}}}\n"


def put(root: Path, name: str, text: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    facts = file.stat()
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1_000_000 * (len(text) % 97 + 1)))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    put(tmp_path, "flowbot.yaml", PROJECT)
    put(tmp_path, "flows/one.yaml", FLOW.format(id="one"))
    put(tmp_path, "flows/two.yaml", FLOW.format(id="two"))
    put(tmp_path, "flows/one.test.yaml", "this: is: no flow")
    put(tmp_path, "content/en/common.yaml", "hello: Hello!\n")
    return tmp_path


def errors(library: Library) -> list[str]:
    return [f"{one.file}:{one.line} {one.code}" for one in library.problems if one.level == "error"]


def test_a_project_is_a_book(root: Path) -> None:
    library = load(root, {})
    assert library.problems == () and library.sound
    assert sorted(library.flows) == ["one", "two"]
    assert library.flow("one").id == "one" and library.account("acme").name == "acme"
    assert library.starts("acme", "main").message("x") == ""
    assert library.starts("acme", "main").keyword("two please") == "two"
    with pytest.raises(NotFound):
        library.flow("three")
    with pytest.raises(NotFound):
        library.account("other")
    with pytest.raises(NotFound):
        library.starts("other", "main")


READING = """\
flow: one
start: {keywords: [one]}
steps:
  greet: {when: config.phone and office.open, say: hello}
  again: {when: config.fax or office.shut, say: "{{ config.phone }} {{ config.phnoe }}", succeed: {}}
"""
RULES = """\
good: {event: told, when: config.phone and office.next_open, start: two}
bad:
  event: told
  when: config.fax and office.shut
  to: {contact: config.manager}
  start: two
"""


def test_what_no_account_has_below_config_and_no_office_tells_is_said_wherever_it_is_read(root: Path) -> None:
    """R005: in conditions, in texts of flows and of content, and in rules; a key of any account will do."""
    put(root, "flows/one.yaml", READING)
    put(root, "content/en/common.yaml", "hello: Hello, {{ config.adress }}!\n")
    put(root, "rules/told.yaml", RULES)
    put(root, "flowbot.yaml", PROJECT + "    config: {phone: x}\n  beta: {config: {address: y}}\n")
    found = [(one.file, one.line, one.message, one.hint) for one in load(root, {}).problems if one.code == "E302"]
    write = "write it below config of an account in flowbot.yaml"
    assert found == [
        ("content/en/common.yaml", 1, "nothing provides 'config.adress'", "did you mean 'config.address'?"),
        ("flows/one.yaml", 5, "nothing provides 'config.fax'", write),
        ("flows/one.yaml", 5, "nothing provides 'office.shut'", ""),
        ("flows/one.yaml", 5, "nothing provides 'config.phnoe'", "did you mean 'config.phone'?"),
        ("rules/told.yaml", 4, "nothing provides 'config.fax'", write),
        ("rules/told.yaml", 4, "nothing provides 'office.shut'", ""),
        ("rules/told.yaml", 5, "nothing provides 'config.manager'", write),
    ]
    put(root, "flowbot.yaml", PROJECT + "    config: {phone: x, phnoe: x, fax: '', manager: z, adress: y}\n")
    assert {one.message for one in load(root, {}).problems if one.code == "E302"} == {"nothing provides 'office.shut'"}
    put(root, "flowbot.yaml", PROJECT)
    assert "nothing provides 'config.phone'" in {one.message for one in load(root, {}).problems}


def test_a_broken_file_takes_no_other_down_and_all_mistakes_come_in_one_run(root: Path) -> None:
    put(root, "flows/one.yaml", "flow: one\nsteps: {greet: {say: hello, next: nowhere}}\n")
    put(root, "flows/three.yaml", "flow: [\n")
    put(root, "content/en/two.yaml", "bye: {txt: Bye}\n")
    put(root, "flowbot.yaml", PROJECT + "x: 1\n")
    library = load(root, {})
    assert errors(library) == [
        "content/en/two.yaml:1 C401",
        "flowbot.yaml:5 P101",
        "flows/one.yaml:2 F207",
        "flows/three.yaml:1 Y001",
    ]
    assert list(library.flows) == ["two"]
    assert library.account("acme").channels["main"].gateway == "simulator"


def test_a_flow_whose_words_are_broken_stays_as_it_last_was(root: Path) -> None:
    library = load(root, {})
    put(root, "content/en/two.yaml", 'hello: "Hi {{ contact.name"\n')
    again = load(root, {}, before=library)
    assert errors(again) == ["content/en/two.yaml:1 E301"], "said once, and nothing that follows from it"
    assert again.flow("two") is library.flow("two")
    assert list(load(root, {}).flows) == ["one"]
    put(root, "content/en/common.yaml", 'hello: Hello!\nmore: "{{ x"\n')
    assert "one" in load(root, {}).flows, "a mistake among words that it does not need"


def test_what_is_wrong_in_words_is_said_until_it_is_mended(root: Path) -> None:
    put(root, "content/en/two.yaml", "bye: {txt: Bye}\nhello: {text: Hi, image: cat.jpg}\n")
    library = load(root, {})
    for broken in ("# one\n", "# two\n"):
        put(root, "flows/one.yaml", FLOW.format(id="one") + broken)
        library = load(root, {}, before=library)
        assert errors(library) == ["content/en/two.yaml:1 C401", "content/en/two.yaml:2 C413"]
    put(root, "content/media/cat.jpg", "meow")
    library = load(root, {}, before=library)
    assert errors(library) == ["content/en/two.yaml:1 C401"], "a picture is looked for each time"
    put(root, "content/en/two.yaml", "bye: Bye\n")
    assert errors(load(root, {}, before=library)) == []


def test_an_account_runs_only_its_flows(root: Path) -> None:
    put(root, "flowbot.yaml", PROJECT + "    flows: [two]\n")
    library = load(root, {})
    assert library.starts("acme", "main").keyword("one") == ""
    assert [flow.id for flow in library.flows_of("acme")] == ["two"]


def test_words_come_from_the_flow_then_common_then_what_is_shipped(root: Path) -> None:
    put(root, "content/en/one.yaml", "hello: Hi from one!\n")
    library = load(root, {})
    said = {id: library.flow(id).content.lookup("hello", "en") for id in ("one", "two")}
    assert said["one"] and said["two"]
    assert said["one"].bubbles[0][0].text.render({}) == "Hi from one!"  # type: ignore[union-attr]
    assert said["two"].bubbles[0][0].text.render({}) == "Hello!"  # type: ignore[union-attr]
    assert library.flow("one").content.lookup("error.image", "en") is not None


def test_changed_sees_every_kind_of_change(root: Path) -> None:
    library = load(root, {})
    assert not library.changed()
    put(root, "flows/one.yaml", FLOW.format(id="one") + "# more\n")
    assert library.changed()
    library = load(root, {}, before=library)
    assert not library.changed()
    (root / "flows" / "two.yaml").unlink()
    assert library.changed()
    library = load(root, {}, before=library)
    put(root, "content/es/one.yaml", "hello: Hola\n")
    assert library.changed()
    assert sorted(load(root, {}, before=library).flows) == ["one"]


def test_only_what_changed_is_made_again(root: Path) -> None:
    before = load(root, {})
    put(root, "flows/one.yaml", FLOW.format(id="one").replace("hello", "Hello there!"))
    after = load(root, {}, before=before)
    assert after.flow("two") is before.flow("two")
    assert after.flow("one").version != before.flow("one").version
    put(root, "content/en/common.yaml", "hello: Good day!\n")
    assert load(root, {}, before=after).flow("two").version != after.flow("two").version


def test_a_flow_that_breaks_stays_as_it_last_was(root: Path) -> None:
    before = load(root, {})
    put(root, "flows/one.yaml", "flow: one\nsteps: {greet: {sya: hello}}\n")
    put(root, "flowbot.yaml", "accounts: [\n")
    after = load(root, {}, before=before)
    assert errors(after) == ["flowbot.yaml:1 Y001", "flows/one.yaml:2 F206", "flows/one.yaml:2 F201"]
    assert after.flow("one").version == before.flow("one").version
    assert "acme" in after.project.accounts


def test_a_session_finds_the_version_it_stands_on(root: Path) -> None:
    before = load(root, {})
    old = before.flow("one")
    put(root, "flows/one.yaml", FLOW.format(id="one").replace("hello", "Hello there!"))
    after = load(root, {}, before=before)
    assert after.flow("one", old.version) is old
    fresh = load(root, {})
    with pytest.raises(NotFound):
        fresh.flow("one", old.version)
    asked = []

    def fetch(version: str) -> bytes | None:
        asked.append(version)
        return old.bundle() if version == old.version else None

    fresh.fetch = fetch
    assert fresh.flow("one", old.version).version == old.version
    assert fresh.flow("one", old.version) is fresh.flow("one", old.version)
    assert asked == [old.version]
    with pytest.raises(NotFound):
        fresh.flow("one", "unknown")
    with pytest.raises(NotFound):
        fresh.flow("two", old.version)


def test_a_version_that_nobody_can_read_is_said_once_and_is_not_there(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library = load(root, {})
    library.fetch = lambda version: b"{}"
    with pytest.raises(NotFound):
        library.flow("one", "0123456789abcdef")
    assert [record.getMessage() for record in caplog.records] == ["flow.unreadable"]


def test_a_removed_flow_still_serves_its_sessions(root: Path) -> None:
    before = load(root, {})
    old = before.flow("two")
    (root / "flows" / "two.yaml").unlink()
    after = load(root, {}, before=before)
    assert after.flow("two", old.version) is old
    with pytest.raises(NotFound):
        after.flow("two")


def test_a_folder_without_anything_says_so(tmp_path: Path) -> None:
    library = load(tmp_path, {})
    assert errors(library) == ["flowbot.yaml:0 P113"]


def test_pipes_and_folders_named_like_files_do_not_hold_us(root: Path) -> None:
    os.mkfifo(root / "flows" / "pipe.yaml")
    (root / "flows" / "folder.yaml").mkdir()
    assert sorted(load(root, {}).flows) == ["one", "two"]
