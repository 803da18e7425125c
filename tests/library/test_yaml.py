from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flowbot.library.yaml import MAX_BYTES, read_yaml
from flowbot.model.problem import Problem

CASES = Path(__file__).parent / "yaml"
MISTAKES = yaml.safe_load((CASES / "mistakes.yaml").read_text("utf-8"))
SCALARS = yaml.safe_load((CASES / "scalars.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case["name"])
def test_a_mistake_is_named_at_its_place_with_a_hint(case: dict[str, Any]) -> None:
    found = read_yaml("f.yaml", case["text"].encode()).problems
    assert [f"{one.line}:{one.column} {one.code}" for one in found] == case["problems"]
    assert case["hint"] in found[0].hint


@pytest.mark.parametrize("case", SCALARS, ids=lambda case: repr(case["text"]))
def test_only_the_plain_words_are_not_text(case: dict[str, Any]) -> None:
    source = read_yaml("f.yaml", f"key: {case['text']}\n".encode()).source
    assert source is not None
    value = source.data["key"]
    assert value == case["want"] and type(value) is type(case["want"])


def test_every_key_and_value_has_its_place() -> None:
    text = "steps:\n  a: {say: hello, next: b}\n  b:\n    - one\n    - {two: 2}\n"
    source = read_yaml("f.yaml", text.encode()).source
    assert source is not None
    assert source.at(("steps", "a", "next")) == (2, 19)
    assert source.values["steps", "a", "next"] == (2, 25)
    assert source.at(("steps", "b", 1, "two")) == (5, 8)
    assert source.at(("steps", "b", 1, "three")) == (5, 7)
    assert source.problem(("steps", "a"), "F000", "x").pointer == "/steps/a"


def test_columns_count_characters_also_behind_wide_ones_and_a_byte_order_mark() -> None:
    source = read_yaml("f.yaml", "\ufeffá€😀: 1\nb: {ñ: 1, c: 2}\n".encode()).source
    assert source is not None
    assert source.at(("b", "c")) == (2, 11)


def test_keys_stay_text() -> None:
    source = read_yaml("f.yaml", b"1: a\ntrue: b\nno: c\nnull: d\n").source
    assert source is not None
    assert list(source.data) == ["1", "true", "no", "null"]


def test_a_duplicate_names_both_lines_and_the_first_value_stays() -> None:
    found = read_yaml("f.yaml", b"a: 1\nb: 2\na: {c: 3}\n")
    assert found.source is not None and found.source.data == {"a": 1, "b": 2}
    assert found.problems[0].line == 3 and "line 1" in found.problems[0].message
    assert not found.sound


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"a: 1\nb: \xff\n", "2:4 Y008"),
        (b"a: 1\n\x00", "2:1 Y009"),
        (b"a: \x1b[0m", "1:4 Y009"),
        (b"a: 1\n" + b"#" * MAX_BYTES, "1:1 Y006"),
        (b"\xff\xfea\x00", "1:1 Y008"),
        (b"a: \xed\xa0\x80", "1:4 Y008"),
    ],
)
def test_what_is_not_text_is_refused(raw: bytes, place: str) -> None:
    found = read_yaml("f.yaml", raw)
    assert found.source is None
    assert [f"{one.line}:{one.column} {one.code}" for one in found.problems] == [place]


@pytest.mark.parametrize("sign", ["[", "{", "- ", "? ", "[{a: ", '{"a":['])
def test_a_nesting_bomb_is_refused(sign: str) -> None:
    found = read_yaml("f.yaml", (sign * (MAX_BYTES // len(sign))).encode())
    assert found.source is None
    assert {one.code for one in found.problems} & {"Y005", "Y007"}


def test_an_alias_bomb_does_not_grow() -> None:
    """RELIABILITY 4.1: nine levels of ten aliases each would be a thousand million items."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for here, above in zip("bcdefghi", "abcdefgh", strict=True):
        lines.append(f"{here}: &{here} [{', '.join([f'*{above}'] * 10)}]")
    found = read_yaml("f.yaml", "\n".join(lines).encode())
    assert {one.code for one in found.problems} == {"Y004"} and not found.sound
    assert len(str(found.source and found.source.data)) < 2000


def test_forty_levels_are_allowed() -> None:
    assert read_yaml("f.yaml", b"[" * 40 + b"]" * 40).sound
    assert not read_yaml("f.yaml", b"[" * 41 + b"]" * 41).sound


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200) | st.text(alphabet="ab1:#-[]{}'\"&*!|>%@`?, \n\t\\\u2028é", max_size=120).map(str.encode)
)
def test_whatever_the_bytes_only_problems_come_out(raw: bytes) -> None:
    found = read_yaml("f.yaml", raw)
    lines = len(raw.splitlines()) + 10
    assert all(isinstance(one, Problem) and 1 <= one.line <= lines and one.column >= 1 for one in found.problems)
    assert found.source is not None or found.problems


@settings(max_examples=80, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**15), 10**15)
        | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text("abcñ_1", min_size=1, max_size=5), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_what_was_written_is_read_again(data: Any) -> None:
    text = yaml.safe_dump({"root": data}, allow_unicode=True, default_style='"' if isinstance(data, str) else None)
    source = read_yaml("f.yaml", text.encode()).source
    if source is not None and "&" not in text and "!!" not in text:
        assert source.data == {"root": data}
