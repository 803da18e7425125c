"""Twilio's WhatsApp channel: forms in and out, signed over the public address of the webhook.

Channel options: account_sid, auth_token; messaging_service_sid, api_key_sid, api_key_secret. A status finds its message
by our own id, which stands in the address that we give for it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from ..errors import ParseError, SignatureError
from ..model.gateway import HttpRequest, HttpResponse, Limits, Need, Refused, Sending, Sent, WebhookRequest
from ..model.inbound import Media, Receipt, Routed
from ..model.outbound import Outbound
from ..model.project import Channel
from ..model.template import provider_language
from .answers import by_status, json_of, of_receipt, refused
from .errors_twilio import STALE, classify
from .form import Pairs, read_form, write_form
from .meta_values import items, mapping, text
from .proof import no_challenge
from .twilio_content import content, dumps, shape, template_variables, variables
from .twilio_inbound import OUR_ID, PREFIX, read_fields

BASE_URL = "https://api.twilio.com/2010-04-01"
CONTENT_URL = "https://content.twilio.com"
MESSAGING_URL = "https://messaging.twilio.com"
TEMPLATE_LIFE = 24 * 3600 * 1000  # ms; made anew, it has another sid
CONTENT_LIFE = 300 * 24 * 3600 * 1000  # ms; Twilio keeps a content until it is deleted
_MB = 1024 * 1024
LIMITS = Limits(
    text=1600,
    caption=1600,
    list_body=1024,
    footer=0,  # goes into the text
    location_request=False,
    repeats=False,
    media=dict.fromkeys(("image", "video", "audio", "document"), 16 * _MB) | {"sticker": 500 * 1024},
)
ACCEPTED = HttpResponse(status=200, headers={"content-type": "text/xml"}, body=b"<Response/>")
challenge = no_challenge


def verify(request: WebhookRequest, channel: Channel) -> None:
    """The HMAC-SHA1 over the public address and all fields, keyed with the account's token; SignatureError if not."""
    token = channel.options.get("auth_token", "").encode()
    given = request.headers.get("x-twilio-signature", "").encode("utf-8", "replace")
    if not token or not given:
        raise SignatureError
    if "bodySHA256" in request.query:
        tail = b""
        body = hashlib.sha256(request.body).hexdigest()
        if not hmac.compare_digest(request.query["bodySHA256"].encode("utf-8", "replace"), body.encode()):
            raise SignatureError
    else:
        try:
            tail = signed_fields(read_form(request.body)).encode("utf-8", "replace")
        except ParseError:
            raise SignatureError from None
    for url in _spellings(_called(request, channel)):
        wanted = base64.b64encode(hmac.digest(token, url.encode("utf-8", "replace") + tail, hashlib.sha1))
        if hmac.compare_digest(given, wanted):
            return
    raise SignatureError


def signed_fields(pairs: Pairs) -> str:
    """All fields by name, each with its value; of a repeated one each different value, sorted."""
    return "".join(name + value for name, value in sorted(set(pairs)))


def _called(request: WebhookRequest, channel: Channel) -> str:
    """The address that Twilio called: what its host and scheme are, the configuration says, not the request."""
    behind = f"/{quote(request.token, safe='')}" if request.token else ""
    query = f"?{request.query_string}" if request.query_string else ""
    return f"{channel.webhook}{behind}{query}"


def _spellings(url: str) -> Iterator[str]:
    """With and without the usual port: both are signed in practice."""
    yield url
    parts = urlsplit(url)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    if parts.port is None and parts.hostname:
        yield parts._replace(netloc=f"{parts.netloc}:{usual}").geturl()
    elif parts.port == usual:
        yield parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl()


def parse(request: WebhookRequest, channel: Channel) -> list[Routed]:
    """The message or status in the form; only ParseError is raised."""
    fields = dict(read_form(request.body))
    return [Routed(item=item) for item in read_fields(fields, request.query.get(OUR_ID, ""))]


def build_send(sending: Sending, channel: Channel) -> HttpRequest | Need:
    """The form that sends the message; a Need for a content not made yet, a template's, or an address of a file."""
    outbound: Outbound = sending.outbound
    found = {}
    for kind, name in _facts(outbound):
        fact = f"{kind}:{name}"
        if fact not in sending.facts:
            return _need(kind, fact, outbound, channel)
        found[kind] = sending.facts[fact]
    fields: Pairs = [("To", _address(sending.to)), _from(channel), *_content(outbound, found)]
    if channel.webhook:
        fields.append(("StatusCallback", f"{channel.webhook}?{OUR_ID}={sending.id}"))
    return HttpRequest(
        method="POST",
        url=f"{_base(channel)}/Accounts/{channel.options.get('account_sid', '')}/Messages.json",
        headers={
            **_auth(channel),
            "content-type": "application/x-www-form-urlencoded",
            "i-twilio-idempotency-token": sending.id,
        },
        body=write_form(fields),
    )


def _facts(outbound: Outbound) -> list[tuple[str, str]]:
    """What must be known first, of each kind and by its name."""
    facts = []
    if outbound.kind in ("buttons", "list"):
        facts.append(("content", shape(outbound)))
    if outbound.template is not None and not outbound.template.provider_id:
        facts.append(("template", f"{outbound.template.name}.{outbound.template.language}"))
    if outbound.attachment is not None and not outbound.attachment.url:
        facts.append(("link", outbound.attachment.path))
    return facts


def _need(kind: str, fact: str, outbound: Outbound, channel: Channel) -> Need:
    host = _host(channel, CONTENT_URL)
    if kind == "content":
        return Need(fact=fact, request=_json(channel, f"{host}/v1/Content", content(outbound)), lives=CONTENT_LIFE)
    if kind == "template":
        url = f"{host}/v1/ContentAndApprovals?PageSize=500"
        return Need(fact=fact, request=HttpRequest(method="GET", url=url, headers=_auth(channel)), lives=TEMPLATE_LIFE)
    return Need(fact=fact)


def _content(outbound: Outbound, found: Mapping[str, str]) -> Pairs:
    if outbound.kind in ("buttons", "list"):
        return [("ContentSid", found["content"]), ("ContentVariables", dumps(variables(outbound)))]
    url = (outbound.attachment.url or found["link"]) if outbound.attachment is not None else ""
    if outbound.template is not None:
        filled = template_variables(outbound, url)
        sid = outbound.template.provider_id or found["template"]
        return [("ContentSid", sid), *([("ContentVariables", dumps(filled))] if filled else [])]
    if outbound.kind == "location":
        place = outbound.place or {}
        label = str(place.get("name") or place.get("address") or "")
        where = f"geo:{place.get('latitude')},{place.get('longitude')}" + (f"|{label}" if label else "")
        return [("Body", outbound.text or label or "📍"), ("PersistentAction", where)]
    if url:
        return [*([("Body", outbound.text)] if outbound.text else []), ("MediaUrl", url)]
    return [("Body", outbound.text)]


def _address(to: str) -> str:
    """
    >>> _address("15550100001"), _address("US.Ana")
    ('whatsapp:+15550100001', 'whatsapp:US.Ana')
    """
    digits = to.removeprefix("+")
    return f"{PREFIX}+{digits}" if digits.isdigit() else f"{PREFIX}{to}"


def _from(channel: Channel) -> tuple[str, str]:
    by = channel.options.get("messaging_service_sid", "")
    return ("MessagingServiceSid", by) if by else ("From", PREFIX + channel.number)


def read_need(need: Need, response: HttpResponse) -> str | Refused | HttpRequest:
    """The sid of a content that was made, or of a template in the list of all, which may have more pages."""
    answer = json_of(response)
    kind, _, name = need.fact.partition(":")
    if kind == "template" and response.status < 300:
        sid = next((one["sid"] for one in items(answer.get("contents")) if _is_template(mapping(one), name)), None)
        onward = _onward(need, text(mapping(answer.get("meta")).get("next_page_url")))
        return sid or onward or Refused(kind="perm-tmpl", code="no_template", title="Twilio has no such template")
    sid = answer.get("sid")
    return sid if response.status < 300 and type(sid) is str and sid else _refused(answer, response)


def _onward(need: Need, following: str) -> HttpRequest | None:
    """The list's next page; its host is not taken from the answer: our credentials go with it."""
    query = urlsplit(following).query
    if need.request is None or not query:
        return None
    return replace(need.request, url=urlsplit(need.request.url)._replace(query=query).geturl())


def _is_template(content: Mapping[str, Any], name: str) -> bool:
    """A content is named by who made it, and again by who handed it in to WhatsApp."""
    language = provider_language(text(content.get("language")))
    names = (content.get("friendly_name"), mapping(content.get("approval_requests")).get("name"))
    return type(content.get("sid")) is str and any(f"{text(one)}.{language}" == name for one in names)


def read_send(response: HttpResponse) -> Sent | Refused:
    """Whether the message was taken: by its sid, or else by Twilio's code; by the HTTP status only without one."""
    answer = json_of(response)
    sid, lost = answer.get("sid"), answer.get("status") == "failed" and type(answer.get("error_code")) is int
    if response.status < 300 and type(sid) is str and sid and not lost:
        return Sent(provider_id=sid)
    return _refused({"code": answer["error_code"]} if lost else answer, response)


def _refused(answer: Mapping[str, Any], response: HttpResponse) -> Refused:
    code = answer.get("code")
    if type(code) is not int:
        return by_status(response)
    return refused(code, classify(code, response.status), response, stale=code == STALE)


def read_failure(receipt: Receipt) -> Refused:
    return of_receipt(receipt, classify)


def build_mark_read(provider_id: str, channel: Channel, typing: bool = False, to: str = "") -> HttpRequest | None:
    """Shows that we write, which marks the message as read too; alone, that is not to be had."""
    if not typing:
        return None
    url = f"{_host(channel, MESSAGING_URL)}/v3/Indicators/Typing.json"
    return _json(channel, url, {"channel": "WHATSAPP", "messageId": provider_id})


def build_media_fetch(media: Media, channel: Channel) -> HttpRequest:
    """Fetches the file; the account's credentials go to Twilio and to nobody else. It redirects to where it lies."""
    host = urlsplit(media.url).hostname or ""
    own = host == urlsplit(_base(channel)).hostname or host == "twilio.com" or host.endswith(".twilio.com")
    trusted = own and (media.url.startswith("https://") or channel.base_url.startswith("http://"))
    return HttpRequest(method="GET", url=media.url, headers=_auth(channel) if trusted else {})


def _json(channel: Channel, url: str, body: dict[str, object]) -> HttpRequest:
    headers = {**_auth(channel), "content-type": "application/json"}
    return HttpRequest(method="POST", url=url, headers=headers, body=orjson.dumps(body))


def _base(channel: Channel) -> str:
    return channel.base_url or BASE_URL


def _host(channel: Channel, own: str) -> str:
    """Another host of Twilio's; of a stand-in, the same one for all."""
    if _base(channel) == BASE_URL:
        return own
    parts = urlsplit(_base(channel))
    return f"{parts.scheme}://{parts.netloc}"


def _auth(channel: Channel) -> dict[str, str]:
    options = channel.options
    if options.get("api_key_sid") and options.get("api_key_secret"):
        return {"authorization": _basic(options["api_key_sid"], options["api_key_secret"])}
    return {"authorization": _basic(options.get("account_sid", ""), options.get("auth_token", ""))}


@lru_cache(maxsize=256)
def _basic(user: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
