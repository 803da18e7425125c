"""Edits at known positions: what is asked for changes, and not a byte of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbot.errors import ProjectError
from flowbot.library.words.edit import edited
from flowbot.library.words.scalar import block, inline
from flowbot.library.yaml import read_yaml

HOSTILE = [
    'He said "hi"',
    "it's",
    "{{ answers.city }}, hola",
    "Hola {{ ', ' ~ contact.name if contact.name }}: sí",
    "नमस्ते, आप कैसे हैं?",
    "مرحبا\u200f بك {{ contact.name }}",
    "one\ntwo\n\n  three",
    "trailing\n",
    " lead",
    "# no comment",
    "a # comment?",
    "- dash",
    "yes",
    "null",
    "12",
    "=1+1",
    "back\\slash\ttab",
    "\u2028line\x85next",
    "😀",
    "%TAG",
    "@x",
    "",
    "...",
    "---",
    "? x",
    "key: value",
]
FILE = """\
# top
a: x  # of a
b:
  text: |  # of b
    first
    second

  # before choices
  choices: {yes: 'Sí', "no": No}  # short
  footer: f
list: [one, "two"]
blocks:
  - q: 1
  - r

# end
"""


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("path", [("a",), ("b", "text"), ("b", "choices", "yes"), ("list", 1), ("blocks", 0, "q")])
def test_any_text_stands_where_it_is_put(path: tuple[str | int, ...], text: str) -> None:
    made = edited("f.yaml", FILE.encode(), {path: text})
    back = edited("f.yaml", made, {path: "x"})
    lines = made.decode().split("\n")
    for comment in ("# top", "  # before choices", "# end"):
        assert comment in lines
    assert edited("f.yaml", back, {path: "x"}) == back


@pytest.mark.parametrize("path", [("n",), ("b", "n"), ("b", "choices", "n")])
@pytest.mark.parametrize("value", [*HOSTILE, {"one": "1 day", "other": "n\ndays"}, ["a", {"text": "b", "x": ["c"]}]])
def test_a_new_key_leaves_the_rest_alone(path: tuple[str, ...], value: object) -> None:
    made = edited("f.yaml", FILE.encode(), {path: value}).decode()
    kept = [line for line in FILE.split("\n") if "choices:" not in line]
    rest = iter(made.split("\n"))
    assert all(line in rest for line in kept)


@pytest.mark.parametrize("raw", ["", "# comment", "a: 1", "{a: 1}", "  a: 1\n", "a: 1\r\nb: |\r\n  x\r\n", "---\n"])
def test_files_of_every_shape_take_a_new_entry(raw: str) -> None:
    made = edited("f.yaml", raw.encode(), {("new",): "l1\nl2", ("other",): "x"})
    read = read_yaml("f.yaml", made)
    assert read.sound and read.source and read.source.data["new"] == "l1\nl2"
    assert ("\r\n" in raw) == (b"\r\n" in made)


def test_the_byte_order_mark_stays() -> None:
    assert edited("f.yaml", b"\xef\xbb\xbfa: x\n", {("a",): "y"}) == b"\xef\xbb\xbfa: y\n"


def test_what_cannot_be_edited_is_refused() -> None:
    with pytest.raises(ProjectError):
        edited("f.yaml", b"a: 1\n...\n", {("b",): "x"})
    with pytest.raises(ProjectError, match="yaml:2"):
        edited("f.yaml", b"a: 1\na: 2\n", {("b",): "x"})


def test_an_entry_of_another_shape_is_replaced_whole() -> None:
    made = edited("f.yaml", FILE.encode(), {("b",): {"text": "t", "choices": {"yes": "s"}}, ("a",): ["x", "y"]})
    assert b"# end" in made and b"list: [one" in made


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
DATA = st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))


@given(DATA)
def test_whatever_is_written_is_read_again(data: object) -> None:
    for text in (f"k:{block(data, 2)}\nz: 1\n", f"{{k: {inline(data)}, z: 1}}\n"):
        source = read_yaml("f.yaml", text.encode()).source
        assert source is not None and source.data == {"k": data, "z": 1}, text
