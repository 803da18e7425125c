"""Gupshup: its own JSON in (versions 2 and 3, told apart by their shape), a form out.

Channel options: app_name, api_key, secret; app_id and app_token for the opt-in before a first template. Nothing that we
send with a message comes back in its statuses: they find it by Gupshup's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from ..model.gateway import HttpRequest, HttpResponse, Limits, Need, Refused, Sending, Sent, WebhookRequest
from ..model.inbound import Media, Receipt, Routed, Unsupported
from ..model.outbound import Choice, Outbound
from ..model.project import Channel
from ..model.template import provider_language
from .answers import by_status, json_of, of_receipt, refused
from .errors_gupshup import by_words, classify
from .form import Pairs, write_form
from .gupshup_inbound import ease, read_event, read_flat
from .gupshup_send import message
from .meta import load, read_envelope
from .meta_send import MEDIA, wire_id
from .meta_values import Deformed, items, mapping, text
from .proof import no_challenge, verify_secret

BASE_URL = "https://api.gupshup.io"
PARTNER_URL = "https://partner.gupshup.io"
DAY = 24 * 3600 * 1000  # ms
LIMITS = Limits(location_request=False, media=MEDIA, by_recipient=True)
ACCEPTED = HttpResponse(status=200)
verify = verify_secret
challenge = no_challenge


def parse(request: WebhookRequest, channel: Channel) -> list[Routed]:
    """Everything in the body; only ParseError is raised."""
    body = load(request.body)
    if "entry" in body:
        ease(body)
        return [replace(one, address="") for one in read_envelope(body)]
    try:
        flat = "payload" not in body and ("mobile" in body or "externalId" in body)
        return [Routed(item=read_flat(body) if flat else read_event(body))]
    except Deformed as error:
        return [Routed(item=Unsupported(what="malformed", why=str(error)))]


def build_send(sending: Sending, channel: Channel) -> HttpRequest | Need:
    """The form that sends the message; a Need for a template's uuid, an opt-in, or an address of a file of ours."""
    outbound: Outbound = sending.outbound
    for need in _needs(sending, channel):
        if need.fact not in sending.facts:
            return need
    attachment = outbound.attachment
    link = sending.facts[f"link:{attachment.path}"] if attachment is not None and not attachment.url else ""
    fields: Pairs = [
        ("channel", "whatsapp"),
        ("source", channel.number.removeprefix("+")),
        ("src.name", channel.options.get("app_name", "")),
        ("destination", sending.to.removeprefix("+")),
    ]
    if outbound.kind == "template":
        where = "/wa/api/v1/template/msg"
        fields += _template(outbound, sending.facts.get(_template_fact(outbound), ""), link)
    else:
        where = "/wa/api/v1/msg"
        fields.append(("message", orjson.dumps(message(outbound, sending.id, link)).decode()))
    headers = {"apikey": channel.options.get("api_key", ""), "content-type": "application/x-www-form-urlencoded"}
    return HttpRequest(method="POST", url=f"{_base(channel)}{where}", headers=headers, body=write_form(fields))


def _needs(sending: Sending, channel: Channel) -> list[Need]:
    outbound: Outbound = sending.outbound
    needs = []
    if outbound.attachment is not None and not outbound.attachment.url:
        needs.append(Need(fact=f"link:{outbound.attachment.path}"))
    if outbound.template is not None:
        if not outbound.template.provider_id:
            needs.append(_template_need(outbound, channel))
        digits = sending.to.removeprefix("+")
        if sending.purpose == "business" and digits.isdigit() and channel.options.get("app_token"):
            needs.append(_opt_in(digits, channel))
    return needs


def _template_fact(outbound: Outbound) -> str:
    template = outbound.template
    return f"template:{template.name}.{template.language}" if template is not None else ""


def _template_need(outbound: Outbound, channel: Channel) -> Need:
    """The uuid under which Gupshup knows the template; for a day: made anew, it has another."""
    app_id = channel.options.get("app_id", "")
    name = quote(channel.options.get("app_name", ""), safe="")
    where = f"/wa/app/{quote(app_id, safe='')}/template" if app_id else f"/sm/api/v1/template/list/{name}"
    headers = {"apikey": channel.options.get("api_key", "")}
    request = HttpRequest(method="GET", url=f"{_base(channel)}{where}", headers=headers)
    return Need(fact=_template_fact(outbound), request=request, lives=DAY)


def _opt_in(digits: str, channel: Channel) -> Need:
    token = channel.options.get("app_token", "")
    app_id = quote(channel.options.get("app_id", ""), safe="")
    request = HttpRequest(
        method="PUT",
        url=f"{_partner(channel)}/partner/app/{app_id}/optin",
        headers={"authorization": token, "token": token, "content-type": "application/x-www-form-urlencoded"},
        body=write_form([("phone", digits)]),
    )
    return Need(fact=f"optin:{digits}", request=request, lives=7 * DAY, personal=True)


def _template(outbound: Outbound, uuid: str, link: str) -> Pairs:
    """Values in their order, from the header down; what a tap on a button gives back has its own field."""
    template = outbound.template
    assert template is not None
    params = [one.value for one in (*template.header, *template.body)]
    params += [button.value for button in template.buttons if button.value]
    fields = [("template", orjson.dumps({"id": template.provider_id or uuid, "params": params}).decode())]
    if outbound.attachment is not None:
        kind = outbound.attachment.kind
        header: dict[str, Any] = {"type": kind, kind: {"link": outbound.attachment.url or link}}
        fields.append(("message", orjson.dumps(header).decode()))
    replies = [
        {"index": index, "text": wire_id(Choice(id=button.id, title=button.text), outbound)}
        for index, button in enumerate(template.buttons)
        if button.kind == "quick_reply"
    ]
    return [*fields, ("postbackTexts", orjson.dumps(replies).decode())] if replies else fields


def read_need(need: Need, response: HttpResponse) -> str | Refused:
    """A template's uuid from the list of all, or that the contact is opted in."""
    answer = json_of(response)
    kind, _, name = need.fact.partition(":")
    if response.status >= 300 or answer.get("status") == "error":
        return _refused(answer, response)
    if kind == "optin":
        return "1"
    for one in items(answer.get("templates")):
        found = mapping(one)
        if f"{text(found.get('elementName'))}.{provider_language(text(found.get('languageCode')))}" == name:
            return text(found.get("id")) or Refused(kind="perm-tmpl", title="The template has no id at Gupshup")
    return Refused(kind="perm-tmpl", code="no_template", title="Gupshup has no such template")


def read_send(response: HttpResponse) -> Sent | Refused:
    """Whether the message was taken: its fate comes with events only."""
    answer = json_of(response)
    found = answer.get("messageId")
    if response.status < 300 and answer.get("status") != "error" and type(found) is str and found:
        return Sent(provider_id=found)
    return _refused(answer, response)


def _refused(answer: Mapping[str, Any], response: HttpResponse) -> Refused:
    """By the code, else by the words, else by the HTTP status."""
    status, inner = response.status, mapping(answer.get("message")) or mapping(answer.get("error"))
    code = next((one for one in (answer.get("code"), inner.get("code")) if type(one) is int), None)
    if code is not None and code >= 1000:
        return refused(code, classify(code), response)
    said = by_words(text(answer.get("message")) or text(inner.get("message")) or text(answer.get("error")))
    if said is not None and status < 500 and status != 429:
        return refused(status, said, response)
    if answer.get("status") == "error" and status < 300:
        return Refused(kind="perm", code=status, title="Gupshup refused the message")
    return by_status(response)


def read_failure(receipt: Receipt) -> Refused:
    return of_receipt(receipt, classify)


def build_mark_read(provider_id: str, channel: Channel, typing: bool = False, to: str = "") -> HttpRequest | None:
    return None


def build_media_fetch(media: Media, channel: Channel) -> HttpRequest:
    """The file lies open at its address, for a while; our key is not for there."""
    return HttpRequest(method="GET", url=media.url)


def _base(channel: Channel) -> str:
    return channel.base_url or BASE_URL


def _partner(channel: Channel) -> str:
    """The partners' host; of a stand-in, the same one for all."""
    if _base(channel) == BASE_URL:
        return PARTNER_URL
    parts = urlsplit(_base(channel))
    return f"{parts.scheme}://{parts.netloc}"
