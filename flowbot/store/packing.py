"""Records as they lie in the store: deflated with a dictionary of what they all have in common, a third of their size.

The first byte says which dictionary: a new one gets a new byte, and none is ever changed, since records packed with it
lie in stores. What begins otherwise is plain JSON.
"""

from __future__ import annotations

import zlib

from ..errors import NewerRelease, ParseError
from .sealing import MARK

_LEVEL, _MEMORY = 2, 2  # quick, since every turn packs two records or three: what is copied for each is small
_WINDOW, _WIDEST = -11, -12  # raw deflate, 2 KiB of it; and what earlier releases took
_FIRST, _SECOND = b"\x01", b"\x03"  # not that of what is sealed
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
# Taking in the dictionary is half of the work: it is done once, and copied.
_PRIMED = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _DICTIONARIES[_SECOND])


def pack(body: bytes) -> bytes:
    """The record as it is kept.

    >>> body = b'{"v":1,"id":"c17","account":"acme","number":"573001112233","reply_to":"573001112233","name":"Ana"}'
    >>> len(pack(body)) < len(body) // 2, unpack(pack(body)) == body, unpack(body) == body
    (True, True, True)
    """
    deflate = _PRIMED.copy()
    return _SECOND + deflate.compress(body) + deflate.flush()


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
        return zlib.decompressobj(_WIDEST, dictionary).decompress(kept[1:])
    except zlib.error as error:
        raise ParseError(f"a damaged record: {error}") from None
