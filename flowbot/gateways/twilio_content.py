"""Buttons and lists through Twilio's Content API: every text in them is a variable, so that a handful of contents serve
all messages. A content is made once for its shape: how many choices, and which of them have a description.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from ..model.outbound import Choice, Outbound
from .meta_send import wire_id

Body = dict[str, Any]


def shape(outbound: Outbound) -> str:
    """The name of the content that the message needs.

    >>> from ..model.outbound import Choice
    >>> yes, no = Choice(id="y", title="Yes"), Choice(id="n", title="No", description="Not now")
    >>> shape(Outbound(kind="buttons", choices=(yes, no))), shape(Outbound(kind="list", choices=(yes, no)))
    ('quick-reply.2', 'list-picker.01')
    """
    if outbound.kind == "buttons":
        return f"quick-reply.{len(outbound.choices)}"
    return "list-picker." + "".join("1" if choice.description else "0" for choice in outbound.choices)


def content(outbound: Outbound) -> Body:
    """The content of the message's shape, as it is made; its variables are numbered as `variables` fills them."""
    kind, _, detail = shape(outbound).partition(".")
    names = iter(f"{{{{{place}}}}}" for place in range(1, 100))
    made: Body = {"body": next(names)}
    if outbound.kind == "buttons":
        made["actions"] = [{"title": next(names), "id": next(names)} for _ in outbound.choices]
    else:
        made["button"] = next(names)
        made["items"] = [_item(names, choice.description) for choice in outbound.choices]
    return {
        "friendly_name": f"flowbot_{kind}_{detail}".replace("-", "_"),
        "language": "en",
        "variables": dict.fromkeys(variables(outbound), "sample"),
        "types": {f"twilio/{kind}": made},
    }


def _item(names: Any, described: str) -> Body:
    item = {"item": next(names), "id": next(names)}
    return {**item, "description": next(names)} if described else item


def variables(outbound: Outbound) -> dict[str, str]:
    """What fills the content for this message."""
    values = [outbound.text]
    if outbound.kind == "list":
        values.append(outbound.button)
    for choice in outbound.choices:
        values += [choice.title, wire_id(choice, outbound)]
        if outbound.kind == "list" and choice.description:
            values.append(choice.description)
    return {str(place): value for place, value in enumerate(values, start=1)}


def template_variables(outbound: Outbound, file: str = "") -> dict[str, str]:
    """A template's values, numbered from its header down: the header's file, those of the words, of its addresses and
    codes, and at last what a tap on each of its buttons gives back.

    >>> from ..model.template import Filled, FilledButton, Parameter
    >>> ana, later = Parameter(name="name", value="Ana"), FilledButton(kind="quick_reply", id="later")
    >>> template_variables(Outbound(visit=3, template=Filled(name="t", language="es", body=(ana,), buttons=(later,))))
    {'1': 'Ana', '2': 'v3.later'}
    """
    template = outbound.template
    assert template is not None
    values = [file] if file else []
    values += [one.value for one in (*template.header, *template.body)]
    if template.category != "authentication":  # whose one code stands in both places
        values += [button.value for button in template.buttons if button.value]
    replies = [button for button in template.buttons if button.kind == "quick_reply"]
    values += [wire_id(Choice(id=button.id, title=button.text), outbound) for button in replies]
    return {str(place): value for place, value in enumerate(values, start=1)}


def dumps(values: Mapping[str, str]) -> str:
    return orjson.dumps(values).decode()
