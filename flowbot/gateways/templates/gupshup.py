"""Templates at Gupshup: listed with the account's key, handed in with the app's partner token."""

from __future__ import annotations

from urllib.parse import quote

import orjson

from ...model.gateway import HttpRequest, HttpResponse, Refused
from ...model.project import Channel
from ...model.submission import Exchange, HandedIn, Sample, Submission
from ...model.template import MEDIA, PENDING, VARIABLE, Approval, Wording, positional, provider_language
from ..answers import by_status, json_of
from ..form import Pairs, write_form
from ..gupshup import _base, _partner
from ..meta_values import items, mapping, text
from . import meta

EDGE = "flowbot-sample-edge"


def pull(channel: Channel) -> Exchange[list[Approval] | Refused]:
    app_id = channel.options.get("app_id", "")
    name = quote(channel.options.get("app_name", ""), safe="")
    where = f"/wa/app/{quote(app_id, safe='')}/template" if app_id else f"/sm/api/v1/template/list/{name}"
    headers = {"apikey": channel.options.get("api_key", "")}
    response = yield HttpRequest(method="GET", url=f"{_base(channel)}{where}", headers=headers)
    answer = json_of(response)
    if response.status >= 300 or type(answer.get("templates")) is not list:
        return _refused(response)
    found = []
    for one in map(mapping, items(answer["templates"])):
        quality, status = text(one.get("quality")).lower(), text(one.get("status")).upper()
        made = Approval(
            name=text(one.get("elementName")),
            language=provider_language(text(one.get("languageCode"))),
            status="REJECTED" if status == "FAILED" else status or "PENDING",
            reason=text(one.get("reason")),
            provider_id=text(one.get("id")),
            category=text(one.get("category")).lower(),
            quality="" if quality == "unknown" else quality,
        )
        if made.name and made.language:
            found.append(made)
    return found


def submit(given: Submission, channel: Channel) -> Exchange[HandedIn | Refused]:
    if not channel.options.get("app_id") or not channel.options.get("app_token"):
        title = "the channel lacks `app_id` or `app_token`: Gupshup takes templates from its partners' apps only"
        return Refused(kind="perm", code="no_app_token", title=title)
    if given.edits and given.known is not None and given.known.status in PENDING:
        return Refused(kind="perm", code="pending", title="it is being looked at: what is pending cannot be changed")
    handle = ""
    if given.wording.header is not None and given.wording.header.kind in MEDIA:
        sample = yield from _upload(given.sample, channel)
        if isinstance(sample, Refused):
            return sample
        handle = sample
    url, method = f"{_app(channel)}/templates", "POST"
    if given.edits and given.known is not None:
        url, method = f"{url}/{quote(given.known.provider_id, safe='')}", "PUT"
    headers = {**_token(channel), "content-type": "application/x-www-form-urlencoded"}
    response = yield HttpRequest(method=method, url=url, headers=headers, body=write_form(form(given, handle)))
    answer = json_of(response)
    made = mapping(answer.get("template"))
    known = given.known.provider_id if given.known is not None else ""
    if response.status >= 300 or answer.get("status") == "error" or not (made.get("id") or known):
        return _refused(response)
    return HandedIn(
        what="edited" if method == "PUT" else "created",
        status=text(made.get("status")).upper() or "PENDING",
        provider_id=text(made.get("id")) or known,
        category=text(made.get("category")).lower(),
    )


def form(given: Submission, handle: str = "") -> Pairs:
    """The template as a form; its buttons are Meta's own."""
    template, wording = given.template, given.wording
    header = wording.header
    kind = header.kind if header is not None and header.kind in MEDIA else "text"
    fields: Pairs = [
        ("elementName", template.name),
        ("languageCode", provider_language(wording.language)),
        ("category", template.category.upper()),
        ("vertical", template.topic or template.name),
        ("templateType", kind.upper()),
        ("content", positional(wording.body)),
        ("example", _shown(wording, wording.body)),
        ("enableSample", "true"),
        ("allowTemplateCategoryChange", "false"),
    ]
    if header is not None and kind == "text":
        fields += [("header", positional(header.value)), ("exampleHeader", _shown(wording, header.value))]
    if handle:
        fields.append(("exampleMedia", handle))
    if template.category == "authentication":
        fields.append(("addSecurityRecommendation", "true" if wording.security else "false"))
        fields += [("codeExpirationMinutes", str(wording.expires))] if wording.expires else []
        label = wording.buttons[0].text if wording.buttons else ""
        buttons = [{"type": "OTP", "otp_type": "COPY_CODE", "text": label}]
    else:
        fields += [("footer", wording.footer)] if wording.footer else []
        buttons = [meta.button(one, wording) for one in wording.buttons]
    return [*fields, ("buttons", orjson.dumps(buttons).decode())] if buttons else fields


def _shown(wording: Wording, given: str) -> str:
    return VARIABLE.sub(lambda found: wording.examples.get(found[1], ""), given)


def _upload(sample: Sample | None, channel: Channel) -> Exchange[str | Refused]:
    if sample is None or not sample.content:
        return Refused(kind="perm", code="no_sample", title="the header's file, which is to be shown, is not there")
    edge = f"--{EDGE}\r\nContent-Disposition: form-data; name="
    name = sample.name.replace('"', "").replace("\r", "").replace("\n", "")
    head = f'{edge}"file_type"\r\n\r\n{sample.mime}\r\n{edge}"file"; filename="{name}"\r\n'
    head += f"Content-Type: {sample.mime}\r\n\r\n"
    headers = {**_token(channel), "content-type": f"multipart/form-data; boundary={EDGE}"}
    body = head.encode() + sample.content + f"\r\n--{EDGE}--\r\n".encode()
    response = yield HttpRequest(method="POST", url=f"{_app(channel)}/upload/media", headers=headers, body=body)
    found = json_of(response).get("handleId")
    handle = text(found) or text(mapping(found).get("message"))
    return handle if response.status < 300 and handle else _refused(response)


def _refused(response: HttpResponse) -> Refused:
    answer = json_of(response)
    said = text(answer.get("message")) or text(mapping(answer.get("message")).get("message"))
    said = said or text(answer.get("error"))
    return Refused(kind="perm", code=response.status, title=said) if said else by_status(response)


def _app(channel: Channel) -> str:
    return f"{_partner(channel)}/partner/app/{quote(channel.options.get('app_id', ''), safe='')}"


def _token(channel: Channel) -> dict[str, str]:
    token = channel.options.get("app_token", "")
    return {"authorization": token, "token": token}
