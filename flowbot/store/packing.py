"""Records as they lie in the store: deflated with a dictionary of what they all have in common, a third of their size.

The first byte says which dictionary: a new one gets a new byte, and none is ever changed, since records packed with it
lie in stores. What begins otherwise is plain JSON.
"""

from __future__ import annotations

import zlib

from ..errors import ParseError

_LEVEL, _WINDOW, _MEMORY = 6, -12, 5  # raw deflate; a small window is quick to set up, and records are small
_FIRST = b"\x01"
_DICTIONARIES = {
    _FIRST: b"".join(
        (
            b'"verifications":[],"inputs":{"answers":{"vars":{"results":{"sensitive":["bursts":{"back_to":"silent":',
            b'"commands":{"account_id":"asked":"marks":{"default":17},"skew":"parked":[{"tries":1,"began":',
            b'"state":"succeeded","status":"failure","outcome":"failed","reason":"expired","failed_step":"started_by":"',
            b'{"process_id":"pr_1_","account":"","channel":"main","flow":"","flow_version":"","account_id":"","contact":',
            b'{"id":"c","phone":"+57","name":"","language":"es"},"status":"pending","outcome":null,"reason":null,',
            b'"failed_step":null,"inputs":{},"answers":{"verifications":[],"result":{},"started_at":"2026-11-21T1',
            b'3:00:00Z","ended_at":null,"sequence":1,"status":"success","outcome":"succeeded","ended_at":"2026-1',
            b'{"v":1,"id":"c","account":"","number":"57300","bsuid":"CO.1","reply_to":"57300","name":"","language":"es"',
            b',"timezone":"","country":"CO","fields":{"labels":["groups":["opted_out":["all"],"created_at":17637,',
            b'"last_seen_at":17637,"sequence":1}',
            b'{"v":1,"account":"","channel":"main","contact_id":"c","version":1,"visits":1,"process":{"id":"pr_1_',
            b'","flow":"","flow_version":"","started_at":17637,"started_by":"message","lang":"es","step":"","visit":1,',
            b'"asked_at":17637,"answers":{"document_type":"","timers":{"expire:1":17637,"timeout.0:1":17637,',
            b'"reengage:1":17637},"turns":1,"asked":""},"last_inbound_at":17637,"last_inbound_id":"wamid.HBgMNTczMDA',
        )
    )
}


def pack(body: bytes) -> bytes:
    """The record as it is kept.

    >>> body = b'{"v":1,"id":"c17","account":"acme","number":"573001112233","reply_to":"573001112233","name":"Ana"}'
    >>> len(pack(body)) < len(body) // 2, unpack(pack(body)) == body, unpack(body) == body
    (True, True, True)
    """
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _DICTIONARIES[_FIRST])
    return _FIRST + deflate.compress(body) + deflate.flush()


def unpack(kept: bytes) -> bytes:
    """The record again; ParseError when it is damaged, or packed by a newer release."""
    if kept[:1] == b"{":
        return kept
    dictionary = _DICTIONARIES.get(kept[:1])
    if dictionary is None:
        raise ParseError("a record that this release cannot unpack")
    try:
        return zlib.decompressobj(_WINDOW, dictionary).decompress(kept[1:])
    except zlib.error as error:
        raise ParseError(f"a damaged record: {error}") from None
