"""A message's status as Twilio calls back with it: a form, signed over the endpoint's address and all fields."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from ..gateways.form import write_form
from ..model.project import STATUS_HOOKS


def status_callback(kind: str, data: Mapping[str, Any], url: str, secret: str) -> tuple[bytes, dict[str, str]] | None:
    """The body and its headers; None for a hook that tells of no status. `AccountSid` is the account's name.

    >>> sent = {"message_id": "ms_1_x", "account": "acme", "channel": "main", "status": "sent"}
    >>> status_callback("message.sent", sent, "https://a.example/acme", "token")[0]
    b'AccountSid=acme&ApiVersion=2010-04-01&Channel=main&MessageSid=ms_1_x&MessageStatus=sent'
    """
    if kind not in STATUS_HOOKS:
        return None
    fields = {
        "AccountSid": data.get("account"),
        "ApiVersion": "2010-04-01",
        "Channel": data.get("channel"),
        "ErrorCode": data.get("code"),
        "ErrorMessage": data.get("reason"),
        "MessageSid": data.get("message_id"),
        "MessageStatus": data.get("status"),
    }
    given = [(name, str(value)) for name, value in sorted(fields.items()) if value]
    signed = url + "".join(name + value for name, value in given)
    mark = base64.b64encode(hmac.digest(secret.encode(), signed.encode(), hashlib.sha1)).decode()
    return write_form(given), {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": mark}
