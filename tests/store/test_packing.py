"""Packed records are read by every later release."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbot.errors import ParseError
from flowbot.store import packing
from flowbot.store.sealing import MARK

BODY = b'{"v":1,"account":"acme","channel":"main","contact_id":"c123","version":3,"visits":2}'
KEPT_BY_EARLIER_ONES = [
    bytes.fromhex("012337f1181a8192363ce28d11e9c7a81600"),
    bytes.fromhex("032337f1181a8192363ce28d11e9c7a81600"),
    bytes.fromhex("0420549500003031323333327d03fca47c065ace2b47aa04"),
]


def test_a_dictionary_never_changes() -> None:
    """Whoever changes one loses every record packed with it: add another one, under another byte."""
    known = {
        b"\x01": "ec28624e2ef5ad4a1cb54d0835514e08112935050c415f0b67efd5d6f0415eda",
        b"\x03": "88c66b6091ffd0e0a7fabb40e366e78519d17ab10d031fe8b6cd1c192048620b",
        packing._THIRD: "603f61ab914b720d21a79bf073dc137e25888b40313dd528c21126785f684cd2",
    }
    assert {name: hashlib.sha256(text).hexdigest() for name, text in packing._DICTIONARIES.items()} == known


@pytest.mark.parametrize("kept", KEPT_BY_EARLIER_ONES)
def test_what_was_ever_kept_is_read(kept: bytes) -> None:
    assert packing.unpack(kept) == BODY


@given(st.binary())
def test_anything_comes_back(body: bytes) -> None:
    assert packing.unpack(packing.pack(body)) == body


def test_threads_pack_at_the_same_time() -> None:
    """A packer of zstandard's is no two threads' at once."""
    bodies = [b"".join(b"%d," % (one * one % 9973) for one in range(number, number + 9000)) for number in range(200)]
    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(packing.pack, bodies))
        assert list(pool.map(packing.unpack, kept)) == bodies


@pytest.mark.parametrize(
    "kept", [b"", b"\x05abc", b"\x01\xff\xff\xff", b"\x04", b"\x04abc", b"\x04\xe0" + b"\x7f" * 8, b"[1]"]
)
def test_what_cannot_be_read_is_said(kept: bytes) -> None:
    with pytest.raises(ParseError):
        packing.unpack(kept)


def test_nothing_packed_looks_as_if_it_were_sealed() -> None:
    """The first byte tells them apart."""
    assert MARK[:1] not in packing._DICTIONARIES
