"""Truora's /v1/whatsapp: an inbound is a flow's message and its link, an outbound a template, a flow's id its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, request

from ...engine.flow import Flow
from ...engine.folding import squeeze
from ...errors import InvalidRequest, NotFound
from ...model.template import APPROVED
from ..api import flows, links, orders, templates
from ..api.pages import PageQuery, by_name
from ..api.template_look import Look
from ..conversations import Starting
from ..recipient import NO_NUMBER, read_recipient
from ..send_request import MessageRequest
from ..sending import Sending
from ..start_request import StartRequest
from .entrance import WRONG, Refused, form_or_json, read, refusals, written
from .lines import line_for, line_of

if TYPE_CHECKING:
    from ...wiring import Parts
    from ..api.caller import Caller, Doorkeeper

NAMES = {
    "/to": "phone_number",
    "/flow": "flow_id",
    "/template": "outbound_id",
    "/template/params": "var",
    "/template/name": "outbound_id",
    "/step": "flow_id",
    "/channel": "waba_phone_number",
    "?channel": "waba_phone_number",
}
# theirs -> where a flow's file says the same
SETTINGS = {
    "follow_up_enabled": "reengage",
    "follow_up_delay": "reengage: {after: 2h}",
    "follow_up_message": "reengage: {say: …}",
    "start_business_hours": 'reengage: {hours: {from: "08:00", …}}',
    "end_business_hours": 'reengage: {hours: {…, to: "19:00"}}',
}
_NO = (False, None, "", "false", "0")


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    room = Blueprint("truora", __name__, url_prefix="/v1/whatsapp")
    refusals(room, _error)

    def admit(scope: str, writes: bool) -> Caller:
        return keeper.admit(scope, writes, request.headers.get("Truora-API-Key", ""))

    @room.post("/inbounds")
    def inbound() -> Response:
        """Confirms what the flow's file says: nothing is made."""
        caller, given = admit("flows", False), form_or_json()
        return written(_inbound(parts, caller.account, given), 201)

    @room.post("/outbounds")
    def make() -> Response:
        caller, given = admit("templates", True), form_or_json()
        _refuse_settings(given)
        made = templates.hand_in(parts, caller, read(templates.NewTemplate, _definition(given)))
        return written(_outbound(Look(parts, caller.account).tell(made)), 201)

    @room.get("/outbounds")
    def every() -> Response:
        caller = admit("templates", False)
        found, look = templates.every_of(parts, caller.account), Look(parts, caller.account)
        page = by_name(found, read(PageQuery, request.args.to_dict()))
        return written({"outbounds": [_outbound(look.tell(one)) for one in page.items], "next": page.next})

    @room.get("/outbounds/<outbound_id>")
    def one(outbound_id: str) -> Response:
        caller = admit("templates", False)
        return written(_outbound(Look(parts, caller.account).tell(templates.find(parts, caller.account, outbound_id))))

    @room.post("/outbounds/send")
    def send() -> Response:
        given = form_or_json()
        caller = admit("conversations" if given.get("flow_id") else "messages", True)
        return written(_send(parts, caller, given))

    return room


def _error(refused: Refused) -> tuple[int, Any]:
    return refused.status, {"http_code": refused.status, "code": refused.code, "message": refused.told(NAMES)}


def _inbound(parts: Parts, account: str, given: Mapping[str, Any]) -> dict[str, Any]:
    mine = parts.library.account(account)
    line = line_of(mine, _text(given, "waba_phone_number"))
    text, id = _text(given, "text") or _text(given, "message"), _text(given, "flow_id")
    _refuse_settings(given)
    wrong = [] if line else [("?channel", "no channel of the account has this number")]
    flow = _flow(parts, account, id)
    if flow is None:
        wrong.append(("/flow", "there is no such flow"))
    elif squeeze(text) not in map(squeeze, flow.start.messages):
        wrong.append(("/text", f"is no message that starts the flow: add it to `start: {{messages: […]}}` of {id}"))
    if wrong or line is None:
        raise InvalidRequest(WRONG, mistakes=wrong)
    link = links.address(line.number, text)
    return {"flow_id": id, "waba_phone_number": line.number, "text": text, "link": link}


def _flow(parts: Parts, account: str, id: str) -> Flow | None:
    try:
        return flows.find(parts, account, id)
    except NotFound:
        return None


def _refuse_settings(given: Mapping[str, Any]) -> None:
    """Files are where a flow's settings are: what a client posts of them is never quietly dropped."""
    wrong = [
        (f"/{name}", f"is not set by API: the flow's file says it as `{key}`")
        for name, key in SETTINGS.items()
        if given.get(name) not in _NO
    ]
    if wrong:
        raise InvalidRequest(WRONG, mistakes=wrong)


def _definition(given: Mapping[str, Any]) -> dict[str, Any]:
    """An outbound as a template's file has it."""
    words = {
        ours: given[theirs]
        for theirs, ours in {
            "text": "body",
            "header": "header",
            "footer": "footer",
            "continue_text": "continue",
            "cancel_text": "cancel",
        }.items()
        if given.get(theirs)
    }
    examples = {name.removeprefix("var."): value for name, value in given.items() if name.startswith("var.")}
    return {
        "name": _text(given, "name"),
        "category": _text(given, "category").lower(),
        "is_notification": "continue" not in words,
        **({"examples": examples} if examples else {}),
        "languages": {_text(given, "language"): words},
    }


def _outbound(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "outbound_id": told["name"],
        "name": told["name"],
        "category": told["category"],
        "conversation_type": "flow" if told["invites"] else "notification",
        "languages": [
            {
                "language": one["language"],
                "status": _status(one["approvals"]),
                "text": one["body"],
                "variables": one["parameters"],
            }
            for one in told["languages"]
        ],
    }


def _status(approvals: list[Mapping[str, Any]]) -> str:
    """The best that any provider says: such a line can send it. Where nobody has to approve it, it is approved.

    >>> _status([]), _status([{"status": "REJECTED"}, {"status": "APPROVED"}]), _status([{"status": "PENDING"}])
    ('APPROVED', 'APPROVED', 'PENDING')
    """
    found = [one["status"] for one in approvals]
    return APPROVED if not found or APPROVED in found else str(found[0])


def _send(parts: Parts, caller: Caller, given: Mapping[str, Any]) -> dict[str, Any]:
    account = parts.library.account(caller.account)
    outbound, flow = _text(given, "outbound_id"), _text(given, "flow_id")
    wrong = []
    to = recipient(_text(given, "phone_number"), _text(given, "country_code"), account.default_country)
    if not to:
        wrong.append(("/to", NO_NUMBER))
    if str(given.get("user_authorized", "")).lower() != "true":
        wrong.append(("/user_authorized", "must be true: nobody is written to who has not agreed"))
    if not outbound:
        wrong.append(("/template", "is required"))
    number = _text(given, "waba_phone_number")
    channel = line_of(account, number) if number else line_for(parts, account, outbound)
    if channel is None:
        wrong.append(("/channel", "no channel of the account has this number"))
    if wrong or channel is None:
        raise InvalidRequest(WRONG, mistakes=wrong)
    params = {name.removeprefix("var."): value for name, value in given.items() if name.startswith("var.")}
    if given.get("media_url"):
        params["media_url"] = _text(given, "media_url")
    body: dict[str, Any] = {"channel": channel.name, "to": to, "user_authorized": True}
    body["template"] = {"name": outbound, "params": params}
    about = {"outbound_id": outbound, "flow_id": flow or None, "phone_number": to, "status": "pending"}
    if not flow:
        sent = Sending(parts, caller.account).send(read(MessageRequest, body), lambda: orders.nonce(parts, caller))
        return {**about, **sent}
    body |= {"flow": flow, "account_id": _text(given, "account_id")}
    key, raw = request.headers.get("Idempotency-Key", ""), orjson.dumps(dict(given))
    return {**about, **Starting(parts, caller.account).start(read(StartRequest, body), key, raw)}


def recipient(phone: str, country: str, default: str) -> str:
    """The number in full, from a code beside it, before it, or none; "" when it is nobody's.

    >>> [recipient(*one, "CO") for one in (("3001112233", "+57"), ("573001112233", "57"), ("+573001112233", ""))]
    ['+573001112233', '+573001112233', '+573001112233']
    >>> recipient("300 111 2233", "CO", ""), recipient("3001112233", "", "CO"), recipient("12", "+57", "CO")
    ('+573001112233', '+573001112233', '')
    """
    for to, region in _spellings(phone.strip(), country.strip(), default):
        found = read_recipient(to, region)
        if found is not None and found.number:
            return "+" + found.number
    return ""


def _spellings(phone: str, country: str, default: str) -> Iterator[tuple[str, str]]:
    code = country.lstrip("+")
    if phone.startswith("+") or not country:
        yield phone, default
    elif code.isdigit():
        yield f"+{code}{phone}", ""
        if phone.startswith(code):
            yield "+" + phone, ""
    else:
        yield phone, country.upper()


def _text(given: Mapping[str, Any], name: str) -> str:
    """A field's text; a number, which JSON clients send too, as it is written."""
    value = given.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InvalidRequest(WRONG, mistakes=[(f"/{name}", "is no text")])
    return str(value).strip()
