"""Packed records are read by every later release."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbot.errors import ParseError
from flowbot.store import packing
from flowbot.store.sealing import MARK

BODY = b'{"v":1,"account":"acme","channel":"main","contact_id":"c123","version":3,"visits":2}'
KEPT_BY_THE_FIRST_RELEASE = bytes.fromhex("012337f1181a8192363ce28d11e9c7a81600")


def test_a_dictionary_never_changes() -> None:
    """Whoever changes one loses every record packed with it: add another one, under another byte."""
    known = {
        b"\x01": "ec28624e2ef5ad4a1cb54d0835514e08112935050c415f0b67efd5d6f0415eda",
        packing._SECOND: "88c66b6091ffd0e0a7fabb40e366e78519d17ab10d031fe8b6cd1c192048620b",
    }
    assert {name: hashlib.sha256(text).hexdigest() for name, text in packing._DICTIONARIES.items()} == known


def test_what_the_first_release_kept_is_read() -> None:
    assert packing.unpack(KEPT_BY_THE_FIRST_RELEASE) == BODY


@given(st.binary())
def test_anything_comes_back(body: bytes) -> None:
    assert packing.unpack(packing.pack(body)) == body


@pytest.mark.parametrize("kept", [b"", b"\x05abc", b"\x01\xff\xff\xff", b"[1]"])
def test_what_cannot_be_read_is_said(kept: bytes) -> None:
    with pytest.raises(ParseError):
        packing.unpack(kept)


def test_nothing_packed_looks_as_if_it_were_sealed() -> None:
    """The first byte tells them apart."""
    assert MARK[:1] not in packing._DICTIONARIES
