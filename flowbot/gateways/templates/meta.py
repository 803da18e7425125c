"""Meta's dialect of templates: components out, a list in. Shared by all who pass it on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...model.gateway import HttpResponse, Refused
from ...model.submission import Submission
from ...model.template import (
    CODE,
    MEDIA,
    VARIABLE,
    Approval,
    Button,
    Header,
    Template,
    Wording,
    positional,
    provider_language,
)
from ..answers import by_status, json_of
from ..meta_values import items, mapping, text

Body = dict[str, Any]


def body(template: Template, wording: Wording, handle: str = "") -> Body:
    """The template as it is handed in; `handle` is what stands for the sample of a header's file."""
    made: Body = {
        "name": template.name,
        "language": provider_language(wording.language),
        "category": template.category.upper(),
        "components": components(template, wording, handle),
    }
    return {**made, "parameter_format": "NAMED"} if template.named else made


def only_new(given: Submission, who: str, where: str) -> str | Refused:
    """Of a provider whose API changes no template: what stands for the header's file, or why it takes none."""
    if given.edits:
        title = f"{who}'s API changes no template: change it in {where}, or hand it in under another name"
        return Refused(kind="perm", code="no_edits", title=title)
    if given.wording.header is None or given.wording.header.kind not in MEDIA:
        return ""
    if given.sample is None or not given.sample.link:
        title = f"{who} wants a public address of the header's file: see FLOWBOT_PUBLIC_URL"
        return Refused(kind="perm", code="no_sample", title=title)
    return given.sample.link


def components(template: Template, wording: Wording, handle: str = "") -> list[Body]:
    """
    >>> words = Wording(language="en", body="Order {{ order }} has left.", examples={"order": "A-1"})
    >>> components(Template(name="left"), words)
    [{'type': 'BODY', 'text': 'Order {{1}} has left.', 'example': {'body_text': [['A-1']]}}]
    """
    if template.category == "authentication":
        return list(_code(wording))
    found = [] if wording.header is None else [_header(template, wording.header, wording, handle)]
    found.append({"type": "BODY", **_text(template, wording, wording.body, "body")})
    if wording.footer:
        found.append({"type": "FOOTER", "text": wording.footer})
    if wording.buttons:
        found.append({"type": "BUTTONS", "buttons": [button(one, wording) for one in wording.buttons]})
    return found


def button(given: Button, wording: Wording) -> Body:
    """A button; the end of an address and a code are shown by their examples."""
    shown = [wording.examples.get(name, "") for name in VARIABLE.findall(given.value)]
    if given.kind == "url":
        made = {"type": "URL", "text": given.text, "url": positional(given.value)}
        return {**made, "example": shown} if shown else made
    if given.kind == "phone":
        return {"type": "PHONE_NUMBER", "text": given.text, "phone_number": given.value}
    if given.kind == "copy_code":
        return {"type": "COPY_CODE", "example": shown[0] if shown else given.value}
    return {"type": "QUICK_REPLY", "text": given.text}


def _code(wording: Wording) -> Iterator[Body]:
    """Of an authentication template only what WhatsApp leaves open."""
    yield {"type": "BODY", "add_security_recommendation": wording.security}
    if wording.expires:
        yield {"type": "FOOTER", "code_expiration_minutes": wording.expires}
    label = wording.buttons[0].text if wording.buttons else CODE
    yield {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": label}]}


def _header(template: Template, header: Header, wording: Wording, handle: str) -> Body:
    if header.kind == "text":
        return {"type": "HEADER", "format": "TEXT", **_text(template, wording, header.value, "header")}
    made: Body = {"type": "HEADER", "format": header.kind.upper()}
    return {**made, "example": {"header_handle": [handle]}} if handle else made


def _text(template: Template, wording: Wording, given: str, part: str) -> Body:
    names = VARIABLE.findall(given)
    if not names:
        return {"text": given}
    if template.named:
        shown = [{"param_name": one, "example": wording.examples.get(one, "")} for one in dict.fromkeys(names)]
        return {
            "text": VARIABLE.sub(lambda found: f"{{{{{found[1]}}}}}", given),
            "example": {f"{part}_text_named_params": shown},
        }
    values = [wording.examples.get(one, "") for one in names]
    return {"text": positional(given), "example": {f"{part}_text": [values] if part == "body" else values}}


def listed(found: Iterable[Any]) -> Iterator[Approval]:
    """The templates of a list, as far as they can be read."""
    for one in map(mapping, found):
        name, language = text(one.get("name")), provider_language(text(one.get("language")))
        if name and language:
            reason = text(one.get("rejected_reason"))
            yield Approval(
                name=name,
                language=language,
                status=text(one.get("status")).upper() or "PENDING",
                reason="" if reason.upper() == "NONE" else reason,
                provider_id=text(one.get("id")),
                category=text(one.get("category")).lower(),
                quality=_quality(one),
            )


def _quality(one: Mapping[str, Any]) -> str:
    found = text(mapping(one.get("quality_score")).get("score")).lower()
    return "" if found == "unknown" else found


def refused(response: HttpResponse) -> Refused:
    """Why not, in Meta's words for people where it has some."""
    error = mapping(json_of(response).get("error"))
    said = [text(error.get(name)) for name in ("error_user_title", "error_user_msg", "message")]
    details = text(mapping(error.get("error_data")).get("details"))
    title = ": ".join(dict.fromkeys(filter(None, (*(said[:2] if any(said[:2]) else said[2:]), details))))
    if not title:
        return by_status(response)
    code = next((error[name] for name in ("error_subcode", "code") if type(error.get(name)) is int), None)
    return Refused(kind="retry" if response.status in (429, 500, 503) else "perm", code=code, title=title)


def data(response: HttpResponse) -> list[Any]:
    return items(json_of(response).get("data"))
