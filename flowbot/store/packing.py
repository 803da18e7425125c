"""Records as they lie in the store: packed with a dictionary of what they all have in common, a quarter of their size.

The first byte says which dictionary, and how: a new one gets a new byte, and none is ever changed, since records packed
with it lie in stores. What begins otherwise is plain JSON.
"""

from __future__ import annotations

import threading
import zlib
from base64 import b85decode

import zstandard

from ..errors import NewerRelease, ParseError
from .sealing import MARK

_WIDEST = -12  # raw deflate, which earlier releases took
_FIRST, _SECOND, _THIRD = b"\x01", b"\x03", b"\x04"  # not that of what is sealed
# Whole records in the order of their fields, of a person who does not exist: what is alike is then one long match.
_DICTIONARIES = {
    _FIRST: b"".join(
        (
            b'"silent":true,"sensitive":["document"],"vars":{"n":1},"results":{},"marks":{"default":17952},"skew":0,"parked":'
            b'"status":"failure","outcome":"failed","reason":"expired","failed_step":"",',
            b'"bsuid":"CO.1","labels":["],"groups":["],"opted_out":["all"],"fields":{"document":"","timezone":"America/Bogota"',
            b'{"process_id":"pr_17_","account":"acme","channel":"main","flow":"identity","flow_version":"","account_id":"a-1",',
            b'"contact":{"id":"c","phone":"+573001112233","name":"Ana","language":"es"},"status":"success",',
            b'"outcome":"succeeded","reason":null,"failed_step":null,"inputs":{"account_id":"a-1","country":"CO"},',
            b'"answers":{"consent":"accept"},"verifications":[],"result":{},"started_at":"2026-11-21T13:00:00Z",',
            b'"ended_at":"2026-11-21T13:00:00Z"}',
            b'{"process_id":"pr_17_","account":"acme","channel":"main","flow":"identity","flow_version":"","account_id":null,',
            b'"contact":{"id":"c","phone":"+573001112233","name":"Ana","language":null},"status":"pending","outcome":null,',
            b'"reason":null,"failed_step":null,"inputs":{},"answers":{},"verifications":[],"result":{},',
            b'"started_at":"2026-11-21T13:00:00Z","ended_at":null}',
            b'{"v":1,"id":"c","account":"acme","number":"573001112233","bsuid":"US.1","reply_to":"573001112233",'
            b'"name":"Ana","language":"es","country":"CO","created_at":17952,"last_seen_at":17952,"sequence":1}',
            b'{"v":1,"account":"acme","channel":"main","contact_id":"c","version":5,"visits":7,"process":{"id":"pr_17_",',
            b'"flow":"identity","flow_version":"","started_at":17952,"started_by":"message","account_id":"a-1",',
            b'"lang":"es","step":"document_type","visit":7,"asked_at":17952,"tries":1,"inputs":{},',
            b'"answers":{"consent":"accept","document_type":"national_id","document_number":"1","name":""},',
            b'"timers":{"expire:7":17952,"timeout.0:7":17952,"reengage:7":17952},"turns":5,"asked":"document_type",',
            b'"began":1},"last_inbound_at":17952,"last_inbound_id":"wamid.HBgMNTczMDAxMTEyMjMzFQIAEhggQUFF',
        )
    )
}
_DICTIONARIES[_SECOND] = b"".join(
    (
        b'"state":"executed","ended_at":17952,"made":"ms_17_","state":"canceled","why":"","group":"","to":"","subject":{',
        b',"plans":[{"id":"","at":17952,"send":{"topic":"","max_age":345600000,"template":"visit_","language":"",'
        b'"values":{"name":"{{ contact.name }}"}},"authorized":true}]}',
        b',"plans":[{"id":"","at":17952,"rule":"visits.remind_mother","entity":"visit:","event":{"name":"visit.scheduled",',
        b'"entity":"","visit_on":"2026-11-30","clinic":""},"authorized":true}]}',
        _DICTIONARIES[_FIRST],
    )
)
# What a dictionary of zstandard's begins with: how frequent which letters, lengths and distances are, as its own
# `finalize_dict` found in 2,700 records of the example flows and of our tests.
_FREQUENCIES = b85decode(
    b"H>5D^ERlX8DiFYuv<)*b12ZrKGX$WBNJ?}IH3>CowvCq7R*F$NUUqkP@6Kp667s6E0YCr}hl>MpwHp8c1Ym{@4~Pke8<z=YVpu#l6^0@"
    b"Th5!Nz0RVsj000ySfB*mhWX~r8DMb#F#yJ205C)9^FaZDn0000100004000080000"
)
_DICTIONARIES[_THIRD] = b"".join(
    (
        _FREQUENCIES,
        _DICTIONARIES[_SECOND],
        b'"phone":"+573001112233","user_id":null,"name":"Ana"'
        b'"created_at":17952,"last_seen_at":17952,"counts":{"user":1},"sequence":2}',
        b'"turns":5,"visited":{"consent":1,"document_type":1},"echoes":{"":17952,"6a2f":1,"57b1":1},',
        b'"asked":"document_type"},"last_inbound_at":17952,"last_inbound_id":"wamid.HBgMNTczMDAxMTEyMjMzFQIAEhggQUFF",',
        b'"reply_to":"573001112233"}',
    )
)


_KNOWN = zstandard.ZstdCompressionDict(_DICTIONARIES[_THIRD], dict_type=zstandard.DICT_TYPE_FULLDICT)
_SHAPE = zstandard.ZstdCompressionParameters(
    format=zstandard.FORMAT_ZSTD1_MAGICLESS,
    strategy=zstandard.STRATEGY_DFAST,
    window_log=12,
    hash_log=11,
    chain_log=10,
    min_match=5,
    write_content_size=True,
    write_dict_id=False,
)
_KNOWN.precompute_compress(compression_params=_SHAPE)  # the dictionary is taken in once
_PACKER = zstandard.ZstdCompressor(dict_data=_KNOWN, compression_params=_SHAPE)
_UNPACKER = zstandard.ZstdDecompressor(dict_data=_KNOWN, format=zstandard.FORMAT_ZSTD1_MAGICLESS)
_ALONE = threading.Lock()  # neither is for two threads at once


def pack(body: bytes) -> bytes:
    """The record as it is kept.

    >>> body = b'{"v":1,"id":"c17","account":"acme","number":"573001112233","reply_to":"573001112233","name":"Ana"}'
    >>> len(pack(body)) < len(body) // 2, unpack(pack(body)) == body, unpack(body) == body
    (True, True, True)
    """
    with _ALONE:
        return _THIRD + _PACKER.compress(body)


def unpack(kept: bytes) -> bytes:
    """The record again; ParseError when it is damaged, or packed by a newer release."""
    if kept[:1] == b"{":
        return kept
    if kept.startswith(MARK):
        raise ParseError("a record that is sealed with a key that is not set here: see FLOWBOT_SECRET_KEY")
    dictionary = _DICTIONARIES.get(kept[:1])
    if dictionary is None:
        raise NewerRelease("a record that this release cannot unpack")
    try:
        if kept.startswith(_THIRD):
            with _ALONE:
                return _UNPACKER.decompress(kept[1:])
        return zlib.decompressobj(_WIDEST, dictionary).decompress(kept[1:])
    except (zlib.error, zstandard.ZstdError, MemoryError) as error:
        raise ParseError(f"a damaged record: {error}") from None
