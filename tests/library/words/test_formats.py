"""Whatever a text holds, PO and CSV bring it back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbot.errors import ParseError
from flowbot.library.words import po, sheet
from flowbot.library.words.line import Line

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40) | st.text(
    "='\"+-@\t\n;, \\#{}%s", min_size=1, max_size=12
)


@given(TEXTS, TEXTS)
def test_po_brings_it_back(source: str, translation: str) -> None:
    lang, found = po.read(po.write([Line(context="a:b.text", source=source, translation=translation)], "pt-BR"))
    assert lang == "pt-BR"
    assert [(one.source, one.translation) for one in found] == [(source, translation)]


@given(TEXTS, TEXTS)
def test_csv_brings_it_back(source: str, translation: str) -> None:
    texts = [text.replace("\r\n", "\n") for text in (source, translation)]
    lang, found = sheet.read(sheet.write([Line(context="a:b.text", source=texts[0], translation=texts[1])], "es"))
    assert lang == "es"
    assert [(one.source, one.translation) for one in found] == [(texts[0], texts[1])]


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_csv_is_read_as_spreadsheets_save_it(code: str, sign: str) -> None:
    rows = ["context,source,translation,state,hi", "a:b.text,x,नमस्ते,stale,", ",,,,", 'a:c.text,y,"1\r\n2",,']
    found = sheet.read("\r\n".join(rows).replace(",", sign).encode(code))
    assert found[0] == "hi"
    assert [(one.translation, one.stale, one.at) for one in found[1]] == [("नमस्ते", True, 2), ("1\n2", False, 4)]


def test_plural_entries_of_others_are_refused() -> None:
    with pytest.raises(ParseError, match="msgid_plural"):
        po.read(b'msgctxt "a:b"\nmsgid "x"\nmsgid_plural "y"\nmsgstr[0] "z"\nmsgstr[1] "z"\n')
