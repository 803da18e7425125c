"""What each provider's answers to a send mean: by its own codes, by its words, and where it says nothing by the status.

Meta's, which have scopes too, stand in cloud_api/test_send.py.
"""

from __future__ import annotations

import pytest

from flowbot.gateways import GATEWAYS
from flowbot.model.gateway import HttpResponse, Refused

ANSWERS: dict[str, list[tuple[int, bytes, str, int | str | None]]] = {
    "blip": [
        (400, b'{"code": 21, "description": "bad"}', "perm", 21),
        (200, b'{"status": "failure", "reason": {"code": 66}}', "hold", 66),
        (202, b'{"status": "failure", "reason": {"code": 1, "description": "(#131056) pair"}}', "slow", 1),
        (401, b"", "hold", None),
        (429, b"", "slow", None),
        (500, b"", "unclear", None),
    ],
    "dialog360": [
        (400, b'{"error": {"code": 131047}}', "perm", 131047),
        (400, b'{"error": {"code": 131056}}', "slow", 131056),
        (400, b'{"meta": {"developer_message": "Rate limit reached"}}', "slow", 400),
        (400, b'{"error": "payment required"}', "hold", 400),
        (400, b"broken", "perm", 400),
        (401, b"", "hold", 401),
        (403, b"{}", "hold", 403),
        (429, b"", "slow", 429),
        (500, b'{"meta": {"developer_message": "Internal"}}', "outage", 500),
        (500, b"", "unclear", None),
        (502, b"<html>", "unclear", None),
        (200, b"{}", "unclear", None),
    ],
    "gupshup": [
        (400, b'{"code": 1003, "message": "low"}', "hold", 1003),
        (400, b'{"status": "error", "message": {"code": 4003}}', "perm-tmpl", 4003),
        (200, b'{"status": "error", "message": "Portal User Unauthorized"}', "hold", 200),
        (400, b'{"status": "error", "message": "Invalid App Details"}', "hold", 400),
        (200, b'{"status": "error", "message": "Message payload is odd"}', "perm", 200),
        (401, b'"Authentication Failed"', "hold", None),
        (429, b'{"status": "error", "message": "Too Many Requests"}', "slow", None),
        (500, b'{"status": "error", "message": "unauthorized"}', "unclear", None),
        (502, b"<html>", "unclear", None),
        (202, b"{}", "unclear", None),
        (200, b'{"status": "submitted"}', "unclear", None),
        (404, b"", "hold", None),
    ],
    "http": [
        (503, b'{"error": "slow", "code": "full", "title": "Too many"}', "slow", "full"),
        (400, b'{"error": "perm-user", "code": [1]}', "perm-user", None),
        (400, b'{"error": "nonsense"}', "perm", None),
        (429, b"", "slow", None),
        (500, b"", "unclear", None),
        (404, b"", "hold", None),
    ],
    "twilio": [
        (400, b'{"code": 21211}', "perm-user", 21211),
        (400, b'{"code": 63016}', "perm", 63016),
        (400, b'{"code": 21656}', "perm-tmpl", 21656),
        (429, b'{"code": 20429}', "slow", 20429),
        (401, b'{"code": 20003}', "hold", 20003),
        (500, b'{"code": 63010}', "retry", 63010),
        (400, b'{"code": 99999}', "perm", 99999),
        (503, b'{"code": 99999}', "outage", 99999),
        (201, b'{"sid": "SM1", "status": "failed", "error_code": 63018}', "slow", 63018),
        (429, b"", "slow", None),
        (500, b"<html>", "unclear", None),
        (201, b"{}", "unclear", None),
        (201, b'{"sid": 5}', "unclear", None),
        (200, b"[1]", "unclear", None),
        (302, b"", "hold", None),
        (404, b"", "hold", None),
        (400, b"oops", "perm", None),
    ],
}


@pytest.mark.parametrize(
    ("gateway", "status", "body", "kind", "code"), [(name, *row) for name, rows in ANSWERS.items() for row in rows]
)
def test_a_refusal_is_read(gateway: str, status: int, body: bytes, kind: str, code: int | str | None) -> None:
    found = GATEWAYS[gateway].read_send(HttpResponse(status=status, body=body, headers={"retry-after": "7"}))
    assert isinstance(found, Refused) and (found.kind, found.code) == (kind, code)
    assert found.retry_after in (0.0, 7.0)
