"""Audiences as people write them."""

from __future__ import annotations

import io

import pytest

from flowbot.broadcasts.audience import Bad, Row, Sheet, csv_rows, line_rows
from flowbot.broadcasts.recipients import Reader
from flowbot.model.project import Account
from flowbot.model.template import Template, Wording

NOTICE = Template(name="notice", wordings={"en": Wording(language="en", body="Hi {{ name }}, {{ day }}.")})
ACME = Account(name="acme", default_country="BR", contact_fields={"children": "number"})

FILES: dict[str, tuple[bytes, list[tuple[str, str, dict[str, str]]]]] = {
    "commas": (b"phone,name\n+5511987654321,Ana\n", [("2", "+5511987654321", {"name": "Ana"})]),
    "semicolons and CR": (b"Telefone;name\r\n011987654321;Ana\r\n", [("2", "011987654321", {"name": "Ana"})]),
    "Excel's own": (b"sep=;\r\nphone;name\r\n+55;Ana, B\r\n", [("3", "+55", {"name": "Ana, B"})]),
    "BOM": (b"\xef\xbb\xbfphone,name\n+55,\xc3\x81na\n", [("2", "+55", {"name": "Ána"})]),
    "quotes": (
        b'phone,"name","day"\n"+55","Silva, Ana ""A"""," Mon\nday"\n+56,B,Tue\n',
        [("2", "+55", {"name": 'Silva, Ana "A"', "day": "Mon\nday"}), ("4", "+56", {"name": "B", "day": "Tue"})],
    ),
    "blank lines, missing cells": (
        b"phone,name,day\n\n+55\n , , \n+56,,x",
        [("3", "+55", {}), ("5", "+56", {"day": "x"})],
    ),
    "a bare list": (b"+5511987654321\n+5511987654322\n", [("1", "+5511987654321", {}), ("2", "+5511987654322", {})]),
    "nothing": (b"", []),
    "a header alone": (b"phone,name\n", []),
}


@pytest.mark.parametrize(("written", "rows"), FILES.values(), ids=FILES)
def test_csv(written: bytes, rows: list[tuple[str, str, dict[str, str]]]) -> None:
    """R101: the phone first, commas or semicolons, quotes, BOM."""
    found = list(csv_rows(io.BytesIO(written), Sheet()))
    assert [(row.line, row.to, row.values) for row in found if isinstance(row, Row)] == rows
    assert len(found) == len(rows)


def test_every_bad_row_is_told_with_its_line() -> None:
    """R101, R102: numbers with + or 0 before them are taken, others are told with all else that is wrong."""
    written = (
        "phone,name,children\n+5511987654321,Ana,2\n5511987654321,Ben,1\n011987654321,Eva,many\n"
        "+5511987654322,a,1,b\n+55,x,1\nnobody,x,1\n00551198765432,Z,1\n+5511987654323,Léa,3\n"
    ).encode()
    written += b"+5511987654324,L\xe9a,1\n"
    reader, found = Reader(ACME, NOTICE, Sheet()), []
    for row in csv_rows(io.BytesIO(written), Sheet()):
        found.append(row if isinstance(row, Bad) else reader.read(row))
    bad = {one.line: one.reason for one in found if isinstance(one, Bad)}
    assert sorted(bad, key=int) == ["3", "4", "5", "6", "7", "10"]
    assert "neither + nor 0" in bad["3"] and bad["4"] == "'children' is no number" and "4 values" in bad["5"]
    assert "no phone number" in bad["6"] and "UTF-8" in bad["10"]
    good = [one for one in found if not isinstance(one, Bad)]
    assert [(who.number, params, fields) for who, params, fields in good] == [
        ("5511987654321", {"name": "Ana"}, {"children": 2}),
        ("551198765432", {"name": "Z"}, {"children": 1}),
        ("5511987654323", {"name": "Léa"}, {"children": 3}),
    ]


def test_columns_are_known_however_they_are_spelled() -> None:
    words = {"en": Wording(language="en", body="Hi {{ first_name }}.")}
    reader = Reader(ACME, Template(name="t", wordings=words), Sheet())
    row = Row(
        line="2", to="+5511987654321", values={"First name": "Ana", "City": "X", "none": None}, fields={"x": None}
    )
    found = reader.read(row)
    assert not isinstance(found, Bad) and found[1:] == ({"first_name": "Ana"}, {"City": "X"})
    assert reader.given == {"first_name"}


def test_a_json_row_s_params_are_variables() -> None:
    """R083: what is none is a mistake of its row; a file's columns go into the contact's record."""
    words = {"en": Wording(language="en", body="Hi {{ first_name }}.")}
    row = Row(line="/recipients/0", to="+5511987654321", values={"frist_name": "Ana"})
    found = Reader(ACME, Template(name="t", wordings=words)).read(row)
    assert isinstance(found, Bad) and found.at == "/params/frist_name"
    assert found.reason == "the template has no such variable: there are first_name"


def test_a_file_without_names_loses_nobody() -> None:
    """R102: the first recipient would be taken for the columns' names."""
    first, second = csv_rows(io.BytesIO(b"+5511987654321;Ana\n+5511987654322;Ben\n"), Sheet())
    assert isinstance(first, Bad) and (first.line, first.column, first.at) == ("1", 1, "/to")
    assert isinstance(second, Row)


def test_a_header_that_cannot_be() -> None:
    found = list(csv_rows(io.BytesIO(b"phone,name,,name\n"), Sheet()))
    assert [type(one) for one in found] == [Bad, Bad] and {one.line for one in found} == {"1"}


def test_a_quote_that_never_ends_is_told_and_takes_no_memory() -> None:
    endless = io.BytesIO(b'phone,name\n+5511987654321,"Ana\n' + b"+55,x\n" * 60_000)
    first = next(iter(csv_rows(endless, Sheet())))
    assert isinstance(first, Bad) and first.line == "2"


def test_json_lines() -> None:
    raw = [b'{"to": "+55", "params": {"name": "Ana"}, "fields": {"city": "X"}}\n', b"\n", b"{\n", b'{"to": 5}\n']
    raw += [b'{"to": "+55", "parms": {}}\n', b'{"to": "+55", "params": {"name": {}}}\n', b'{"to": "+55", "params": []}']
    found = list(line_rows(raw))
    assert found[0] == Row(line="1", to="+55", values={"name": "Ana"}, fields={"city": "X"})
    assert [one.line for one in found if isinstance(one, Bad)] == ["3", "4", "5", "6", "7"]
