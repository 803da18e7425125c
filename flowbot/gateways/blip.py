"""Take Blip: LIME envelopes both ways.

Channel options: bot_key, base_url, secret; router_key, handover_bot, handover_flow, handover_state. The id of an
envelope is ours and comes back in its notifications. A number is checked before the business writes first; each message
that was processed is reported as consumed; a hand-over moves the contact to another of the router's bots.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson

from ..model.contact import Contact
from ..model.gateway import HttpRequest, HttpResponse, Limits, Need, Refused, Sending, Sent, WebhookRequest
from ..model.inbound import Media, Receipt, Routed, Unsupported
from ..model.outbound import Outbound
from ..model.project import Channel
from .answers import by_status, failed, json_of, refused
from .blip_inbound import WHATSAPP, read_envelope
from .blip_send import lime
from .errors_blip import classify
from .known import Known
from .meta import load
from .meta_send import MEDIA
from .meta_values import Deformed, mapping, text
from .proof import no_challenge, verify_secret

CHECK_LIFE = 7 * 24 * 3600 * 1000  # ms that a checked number is believed
NOT_THERE = (42, 64, 67)  # what a check says of a number that has no WhatsApp
LIMITS = Limits(media=MEDIA, consumed=True, repeats=False)
ACCEPTED = HttpResponse(status=200)
verify = verify_secret
challenge = no_challenge


def parse(request: WebhookRequest, channel: Channel) -> list[Routed]:
    """The message or notification in the body; only ParseError is raised."""
    body = load(request.body)
    try:
        return [Routed(item=read_envelope(body))]
    except Deformed as error:
        return [Routed(item=Unsupported(what="malformed", why=str(error)))]


def build_send(sending: Sending, channel: Channel) -> HttpRequest | Need:
    """The envelope that sends the message; a Need for the check of a number, or an address of a file of ours."""
    outbound: Outbound = sending.outbound
    if outbound.kind == "handover":
        return _command(channel, sending.id, dict(outbound.extra["command"]), router=True)
    to = sending.to.removeprefix("+")
    if sending.purpose == "business" and to.isdigit():
        check = f"account:+{to}"
        if check not in sending.facts:
            return Need(fact=check, request=_check(channel, sending.id, to), lives=CHECK_LIFE, personal=True)
        to = sending.facts[check]
    link = ""
    if outbound.attachment is not None and not outbound.attachment.url:
        fact = f"link:{outbound.attachment.path}"
        if fact not in sending.facts:
            return Need(fact=fact)
        link = sending.facts[fact]
    kind, content = lime(outbound, link)
    return _post(channel, "messages", {"id": sending.id, "to": address(to), "type": kind, "content": content})


def address(to: str) -> str:
    """
    >>> address("15550100001"), address("uuid@tunnel.msging.net"), address("US.Ana")
    ('15550100001@wa.gw.msging.net', 'uuid@tunnel.msging.net', 'US.Ana@wa.gw.msging.net')
    """
    return to if "@" in to else f"{to}@{WHATSAPP}"


def _check(channel: Channel, id: str, digits: str) -> HttpRequest:
    """With `+`: without it every number passes."""
    uri = f"lime://{WHATSAPP}/accounts/+{digits}"
    return _command(channel, f"{id}-check", {"to": f"postmaster@{WHATSAPP}", "method": "get", "uri": uri})


def read_need(need: Need, response: HttpResponse) -> str | Refused:
    """Where a checked number is written to."""
    answer = json_of(response)
    resource, reason = mapping(answer.get("resource")), mapping(answer.get("reason"))
    found = text(resource.get("alternativeAccount")) or text(resource.get("identity"))
    if response.status < 300 and answer.get("status") == "success" and found:
        return found
    if reason.get("code") in NOT_THERE:
        return failed(reason["code"], Known("perm-user", "Number does not exist on WhatsApp"))
    return _refused(answer, response)


def hand_over(channel: Channel, contact: Contact) -> tuple[Outbound, ...]:
    """What moves a contact to the bot that the channel hands over to: the router's master state, then the block."""
    options = channel.options
    bot = options.get("handover_bot", "")
    if not bot or not options.get("router_key"):
        return ()
    who = quote(address(contact.reply_to or contact.number or contact.bsuid), safe="@")
    wanted = {"Master-State": bot if "@" in bot else f"{bot}@msging.net"}
    if options.get("handover_flow") and options.get("handover_state"):
        wanted[f"stateid@{options['handover_flow']}"] = options["handover_state"]
    return tuple(
        Outbound(kind="handover", extra={"command": _context(f"/contexts/{who}/{name}", value)})
        for name, value in wanted.items()
    )


def _context(uri: str, value: str) -> dict[str, str]:
    return {"to": "postmaster@msging.net", "method": "set", "uri": uri, "type": "text/plain", "resource": value}


def read_send(response: HttpResponse) -> Sent | Refused:
    """A message is only accepted, by the status; a command says in its body what became of it."""
    answer = json_of(response)
    if response.status < 300 and answer.get("status") != "failure":
        return Sent(provider_id="")
    return _refused(answer, response)


def _refused(answer: dict[str, Any], response: HttpResponse) -> Refused:
    reason = mapping(answer.get("reason")) or answer
    code = reason.get("code")
    if type(code) is not int:
        return by_status(response)
    return refused(code, classify(code, text(reason.get("description"))), response)


def read_failure(receipt: Receipt) -> Refused:
    error = receipt.errors[0] if receipt.errors else {}
    code = error.get("code")
    if type(code) is not int:
        return Refused(kind="perm", title=str(error.get("title") or "failed"))
    return failed(code, classify(code, str(error.get("title"))))


def build_mark_read(provider_id: str, channel: Channel, typing: bool = False, to: str = "") -> HttpRequest | None:
    """Reports a message as consumed to who sent it; that we write is not shown on WhatsApp."""
    if typing or not to:
        return None
    return _post(channel, "notifications", {"id": provider_id, "to": address(to), "event": "consumed"})


def build_media_fetch(media: Media, channel: Channel) -> HttpRequest:
    """The file lies open at its address; our key is not for there."""
    return HttpRequest(method="GET", url=media.url)


def _command(channel: Channel, id: str, body: dict[str, Any], router: bool = False) -> HttpRequest:
    return _post(channel, "commands", {"id": id, **body}, key="router_key" if router else "bot_key")


def _post(channel: Channel, what: str, body: dict[str, Any], key: str = "bot_key") -> HttpRequest:
    headers = {"authorization": f"Key {channel.options.get(key, '')}", "content-type": "application/json"}
    return HttpRequest(method="POST", url=f"{channel.base_url}/{what}", headers=headers, body=orjson.dumps(body))
