"""Twilio's send call: Messages.json with To, From and a Body or a content; the content's SID is a template's name.

The path's account has to be the key's own; the key is the password of Basic, as Twilio's clients send their token.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, request

from ...errors import InvalidRequest, NotFound
from ...model.project import Account, Channel
from ...model.template import VARIABLE, Template
from ..api import messages, orders
from ..send_request import MessageRequest
from ..sending import Sending
from .entrance import WRONG, Refused, form_or_json, read, refusals, written
from .lines import line_for, line_of

if TYPE_CHECKING:
    from ...wiring import Parts
    from ..api.caller import Caller, Doorkeeper

NAMES = {"/to": "To", "/channel": "From", "/text": "Body", "/media": "MediaUrl", "/template": "ContentSid"}
KNOWN = {
    *("To", "From", "Body", "MediaUrl", "ContentSid", "ContentVariables", "StatusCallback"),
    *("MessagingServiceSid", "ApplicationSid", "ProvideFeedback", "ValidityPeriod", "UserAuthorized"),
}
# what stands against it -> Twilio's number of it, by our code, else by the place, else by the status
CODES = {"window_closed": 63016, "opted_out": 21610, "unreachable": 63003, "template_mismatch": 21656}
PLACES = {"/to": 21211, "/channel": 21606, "/text": 21602, "/media": 21620, "/status_callback": 21609}
STATUSES = {401: 20003, 403: 20003, 404: 20404, 429: 20429, 503: 20503}
STATES = {
    "accepted": "queued",
    "sending": "sending",
    "suppressed": "failed",
    "expired": "failed",
    "cancelled": "canceled",
}


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    room = Blueprint("twilio", __name__, url_prefix="/2010-04-01/Accounts/<sid>")
    refusals(room, _error)

    def admit(sid: str, writes: bool) -> Caller:
        given = request.authorization
        caller = keeper.admit("messages", writes, str(given.password or "") if given and given.type == "basic" else "")
        if sid != caller.account:
            raise NotFound("There is no such account: it is the API key's own.")
        return caller

    @room.post("/Messages.json")
    def send(sid: str) -> Response:
        caller = admit(sid, True)
        given = form_or_json()
        account = parts.library.account(caller.account)
        body, line = _asked(parts, account, given)
        made = Sending(parts, caller.account).send(read(MessageRequest, body), lambda: orders.nonce(parts, caller))
        now = format_datetime(datetime.fromtimestamp(parts.store.now() / 1000, UTC))
        about = {"to": given["To"], "from": f"whatsapp:{line.number}", "body": given.get("Body") or ""}
        return written({**_shown(sid, made["message_id"], "queued"), **about, "date_created": now}, 201)

    @room.get("/Messages/<id>.json")
    def one(sid: str, id: str) -> Response:
        caller = admit(sid, False)
        told = messages.find(parts.store, caller.account, id)
        state = STATES.get(told["state"], STATES.get(told["status"], told["status"]))
        code = told["code"]
        wrong = {"error_code": int(code) if code and code.isdecimal() else None, "error_message": told["reason"]}
        return written({**_shown(sid, id, state), **wrong})

    return room


def _error(refused: Refused) -> tuple[int, Any]:
    """400 for all mistakes of a request, as Twilio says it."""
    status = 400 if refused.status in (409, 422) else refused.status
    by_place = next((PLACES[place] for place, _ in refused.mistakes if place in PLACES), 0)
    code = CODES.get(refused.code) or by_place or STATUSES.get(refused.status, 20001)
    return status, {
        "code": code,
        "message": f"{refused.code}: {refused.told(NAMES)}",
        "more_info": "",
        "status": status,
    }


def _shown(sid: str, id: str, status: str) -> dict[str, Any]:
    return {
        "sid": id,
        "account_sid": sid,
        "status": status,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "uri": f"/2010-04-01/Accounts/{sid}/Messages/{id}.json",
    }


def _asked(parts: Parts, account: Account, given: Mapping[str, Any]) -> tuple[dict[str, Any], Channel]:
    """As POST /v1/messages wants it, and from where; InvalidRequest with all that is odd about it."""
    wrong = [(f"/{name}", "is not known here") for name in given if name not in KNOWN]
    wrong += [(f"/{name}", "is no text") for name, value in given.items() if not isinstance(value, str)]
    if wrong:
        raise InvalidRequest(WRONG, mistakes=wrong)
    content = given.get("ContentSid", "")
    line = _line(parts, account, given.get("From", ""), content)
    if line is None:
        wrong.append(("/channel", "no channel of the account has this number"))
    callback = given.get("StatusCallback", "")
    if callback and callback not in {one.url for one in account.endpoints.values()}:
        wrong.append(("/status_callback", "StatusCallback is the address of none of the account's endpoints"))
    body: dict[str, Any] = {"channel": line.name if line else "", "to": given.get("To", "").removeprefix("whatsapp:")}
    body["user_authorized"] = given.get("UserAuthorized", "").lower() == "true"
    if content:
        template = parts.library.known_template(content, account.name)
        params = _params(template, given.get("ContentVariables", "")) if template else {}
        body["template"] = {"name": content, "params": params}
    else:
        body |= {"text": given["Body"]} if given.get("Body") else {}
        if given.get("MediaUrl"):
            body["media"] = {"kind": _kind(given["MediaUrl"]), "url": given["MediaUrl"]}
        elif "text" not in body:
            wrong.append(("/text", "is required: a Body, a MediaUrl or a ContentSid"))
    if wrong or line is None:
        raise InvalidRequest(WRONG, mistakes=wrong)
    return body, line


def _line(parts: Parts, account: Account, number: str, template: str) -> Channel | None:
    """From, or as what the messaging service would choose."""
    if number:
        return line_of(account, number)
    return line_for(parts, account, template)


def _params(template: Template, written_as: str) -> dict[str, Any]:
    """`{"1": …}` by the places in the text from its top, every occurrence one; or by the variables' names."""
    try:
        given = orjson.loads(written_as or "{}")
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(given, dict):
        raise InvalidRequest(WRONG, mistakes=[("/ContentVariables", "is no JSON object")])
    wording = next(iter(template.wordings.values()))
    texts = [wording.header.value] if wording.header and wording.header.kind == "text" else []
    texts += [wording.body, *(button.value for button in wording.buttons)]
    places = [name for text in texts for name in VARIABLE.findall(text)]
    made = {}
    for name, value in given.items():
        at = int(name) - 1 if name.isdecimal() else -1
        if name.isdecimal() and not 0 <= at < len(places):
            raise InvalidRequest(WRONG, mistakes=[("/ContentVariables", f"there is no place {name} in the text")])
        made[places[at] if name.isdecimal() else name] = value
    return made


def _kind(url: str) -> str:
    """
    >>> _kind("https://a.example/x.jpg?s=1"), _kind("https://a.example/x.PDF"), _kind("https://a.example/x.mp4")
    ('image', 'document', 'video')
    """
    ending = url.partition("?")[0].rpartition(".")[2].lower()
    kinds = {"jpg": "image", "jpeg": "image", "png": "image", "mp4": "video", "3gp": "video"}
    audio = dict.fromkeys(("ogg", "mp3", "amr", "aac"), "audio")
    return {**kinds, **audio}.get(ending, "document")
