"""Outbound -> the JSON body of Meta's send call, and its answer -> Sent or Refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..model.choice import FORM, to_wire
from ..model.gateway import HttpResponse, Refused, Sending, Sent
from ..model.outbound import Choice, Outbound
from ..model.template import Filled, Parameter
from .answers import by_status, failed, json_of, refused
from .errors_meta import classify
from .meta_values import mapping

Body = dict[str, Any]
CAPTIONED = ("image", "video", "document")
_MB = 1024 * 1024
MEDIA = {"image": 5 * _MB, "audio": 16 * _MB, "video": 16 * _MB, "document": 100 * _MB, "sticker": 500 * 1024}


def message_body(sending: Sending) -> Body:
    """The whole body of the request: the recipient, our id for correlation, and the message.

    A number goes out with `+`: without it Meta puts the business's own country code before it.
    """
    outbound: Outbound = sending.outbound
    kind, content = written(outbound, sending.facts)
    body: Body = {"messaging_product": "whatsapp", "recipient_type": "individual", **recipient(sending.to)}
    body["type"] = kind
    body[kind] = content
    if outbound.reply_to:
        body["context"] = {"message_id": outbound.reply_to}
    body["biz_opaque_callback_data"] = sending.id
    return body


def written(outbound: Outbound, facts: Mapping[str, Any]) -> tuple[str, Body]:
    """Meta's word for the message's type, and what stands under it."""
    return _WRITERS[outbound.kind](outbound, facts)


def recipient(to: str) -> dict[str, str]:
    """Where it goes: a number, or a business-scoped user id.

    >>> recipient("5511987654321"), recipient("US.1349")
    ({'to': '+5511987654321'}, {'recipient': 'US.1349'})
    """
    digits = to.removeprefix("+")
    return {"to": "+" + digits} if digits.isdigit() else {"recipient": to}


def wire_id(choice: Choice, outbound: Outbound) -> str:
    """The id a button carries: with its visit, when it belongs to one."""
    return to_wire(choice.id, outbound.visit) if outbound.visit else choice.id


def _text(outbound: Outbound, _facts: Mapping[str, Any]) -> tuple[str, Body]:
    preview = "https://" in outbound.text or "http://" in outbound.text
    return "text", {"body": outbound.text, "preview_url": preview}


def _media(outbound: Outbound, facts: Mapping[str, Any]) -> tuple[str, Body]:
    attachment = outbound.attachment
    assert attachment is not None
    if attachment.url:
        content: Body = {"link": attachment.url}
    else:
        content = {"id": facts[media_fact(outbound)]}
    if outbound.text and attachment.kind in CAPTIONED:
        content["caption"] = outbound.text
    if attachment.filename and attachment.kind == "document":
        content["filename"] = attachment.filename
    return attachment.kind, content


def media_fact(outbound: Outbound) -> str:
    """The fact that holds an uploaded file's media id; "" when nothing needs an upload.

    The id is a channel's own and dies after 30 days.
    """
    attachment = outbound.attachment
    return f"media:{attachment.path}" if attachment and attachment.path and not attachment.url else ""


def _buttons(outbound: Outbound, _facts: Mapping[str, Any]) -> tuple[str, Body]:
    buttons = [
        {"type": "reply", "reply": {"id": wire_id(choice, outbound), "title": choice.title}}
        for choice in outbound.choices
    ]
    return "interactive", _interactive("button", outbound, {"buttons": buttons})


def _list(outbound: Outbound, _facts: Mapping[str, Any]) -> tuple[str, Body]:
    rows = []
    for choice in outbound.choices:
        row = {"id": wire_id(choice, outbound), "title": choice.title}
        if choice.description:
            row["description"] = choice.description
        rows.append(row)
    action = {"button": outbound.button, "sections": [{"title": outbound.button, "rows": rows}]}
    return "interactive", _interactive("list", outbound, action)


def _location_request(outbound: Outbound, _facts: Mapping[str, Any]) -> tuple[str, Body]:
    return "interactive", _interactive("location_request_message", outbound, {"name": "send_location"})


def _form(outbound: Outbound, _facts: Mapping[str, Any]) -> tuple[str, Body]:
    """A WhatsApp Flow, by its id or its name; its token brings back the visit that it belongs to."""
    form = outbound.form or {}
    which = "flow_id" if str(form.get("id", "")).isdigit() else "flow_name"
    parameters: Body = {"flow_message_version": "3", which: str(form.get("id", "")), "flow_cta": outbound.button}
    parameters["flow_token"] = to_wire(FORM, outbound.visit)
    if form.get("screen"):
        payload: Body = {"screen": str(form["screen"])}
        if form.get("data"):  # it may not be an empty object
            payload["data"] = dict(form["data"])
        parameters |= {"flow_action": "navigate", "flow_action_payload": payload}
    return "interactive", _interactive("flow", outbound, {"name": "flow", "parameters": parameters})


def _interactive(kind: str, outbound: Outbound, action: Body) -> Body:
    content: Body = {"type": kind, "body": {"text": outbound.text}, "action": action}
    if outbound.footer:
        content["footer"] = {"text": outbound.footer}
    return content


def _location(outbound: Outbound, _facts: Mapping[str, Any]) -> tuple[str, Body]:
    place = outbound.place or {}
    known = {name: place[name] for name in ("latitude", "longitude", "name", "address") if place.get(name) is not None}
    return "location", known


def _template(outbound: Outbound, facts: Mapping[str, Any]) -> tuple[str, Body]:
    """Only components with something to fill in are named; a button's index counts all buttons."""
    template = outbound.template
    assert template is not None
    content: Body = {"name": template.name, "language": {"code": template.language}}
    components = [*_header(outbound, template, facts), *_body(template), *_template_buttons(outbound, template)]
    if components:
        content["components"] = components
    return "template", content


def _header(outbound: Outbound, template: Filled, facts: Mapping[str, Any]) -> Iterator[Body]:
    if outbound.attachment is not None:
        kind, content = _media(replace(outbound, text=""), facts)
        yield {"type": "header", "parameters": [{"type": kind, kind: content}]}
    elif template.header:
        yield {"type": "header", "parameters": _parameters(template.header, template.named)}


def _body(template: Filled) -> Iterator[Body]:
    if template.body:
        yield {"type": "body", "parameters": _parameters(template.body, template.named)}


def _parameters(parameters: tuple[Parameter, ...], named: bool) -> list[Body]:
    """By position each occurrence has its own; by name each name."""
    if not named:
        return [{"type": "text", "text": one.value} for one in parameters]
    values = {one.name: one.value for one in parameters}
    return [{"type": "text", "parameter_name": name, "text": value} for name, value in values.items()]


def _template_buttons(outbound: Outbound, template: Filled) -> Iterator[Body]:
    """An authentication template's one button is a copy of its code: for Meta, an address with the code at its end."""
    for index, button in enumerate(template.buttons):
        if button.kind == "quick_reply":
            payload = wire_id(Choice(id=button.id, title=button.text), outbound)
            yield _button("quick_reply", index, {"type": "payload", "payload": payload})
        elif (button.kind == "url" and button.value) or (
            button.kind == "copy_code" and template.category == "authentication"
        ):
            yield _button("url", index, {"type": "text", "text": button.value})
        elif button.kind == "copy_code":
            yield _button("copy_code", index, {"type": "coupon_code", "coupon_code": button.value})


def _button(kind: str, index: int, parameter: Body) -> Body:
    return {"type": "button", "sub_type": kind, "index": str(index), "parameters": [parameter]}


_WRITERS: dict[str, Callable[[Outbound, Mapping[str, Any]], tuple[str, Body]]] = {
    "text": _text,
    **dict.fromkeys(("image", "video", "audio", "document", "sticker"), _media),
    "buttons": _buttons,
    "list": _list,
    "location": _location,
    "location_request": _location_request,
    "form": _form,
    "template": _template,
}


def read_answer(response: HttpResponse) -> Sent | Refused:
    """Whether the message was taken: by its id, or else by Meta's error code; by the HTTP status only without one.

    A throttle is 400, 403 or 429, and some lasting refusals are 500, so the code decides. An answer that cannot be
    read, and a 5xx that says nothing, are `unclear`: the message may have been taken.
    """
    answer = json_of(response)
    error = answer.get("error")
    if type(error) is dict and _number(error.get("code")) is not None:
        return _refused(error, response)
    messages = answer.get("messages")
    first = mapping(messages[0]) if type(messages) is list and messages else {}
    if response.status < 300 and type(first.get("id")) is str and first["id"]:
        held = first.get("message_status") == "held_for_quality_assessment"
        return Sent(provider_id=first["id"], held=held, facts=_recipient_facts(answer))
    return by_status(response)


def _recipient_facts(answer: Body) -> dict[str, Any]:
    contacts = answer.get("contacts")
    contact = mapping(contacts[0]) if type(contacts) is list and contacts else {}
    return {name: contact[name] for name in ("wa_id", "user_id") if type(contact.get(name)) is str}


def _number(code: Any) -> int | None:
    if type(code) is int:
        return code
    return int(code) if type(code) is str and code.isascii() and code.isdigit() and len(code) < 10 else None


def _refused(error: Body, response: HttpResponse) -> Refused:
    code = _number(error.get("code"))
    assert code is not None
    known = classify(code, status=response.status, transient=error.get("is_transient") is True)
    return refused(code, known, response)


def read_failed(error: Mapping[str, Any]) -> Refused:
    """The same for the error of a failed status: no HTTP status, no headers.

    >>> read_failed({"code": 131042}).kind, read_failed({"code": "131056"}).scope, read_failed({}).kind
    ('hold', 'recipient', 'perm')
    """
    code = _number(error.get("code"))
    if code is None:
        return Refused(kind="perm", title=str(error.get("title") or "failed"))
    return failed(code, classify(code))
