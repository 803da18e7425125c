"""`expect: form`: the answers to a WhatsApp Flow, kept as its JSON. `with: {form: "4711", fields: [name, date]}`

`form` is the Flow's id or name: the question then is a button that opens it, at its `screen` and with its `data`.
Without, it is opened by a template. `fields` are those that have to come back and not be empty. What belongs to the
form itself, its token, is left out. A channel without forms sends the text alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...model.inbound import Inbound
from .asked import Answer, Asked, Bound, Refused, a_table, a_text, listed, texts

BOUNDS: Mapping[str, Bound] = {"form": a_text, "screen": a_text, "data": a_table, "fields": texts}
PARTS = {"id": "form", "screen": "screen", "data": "data"}  # of the message that opens it
_OURS = ("flow_token",)


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    """
    >>> from flowbot.model.contact import Identity
    >>> sent = Inbound(id="1", sender=Identity(), kind="form", form={"flow_token": "x", "name": "Ana"})
    >>> read(sent, Asked()), read(sent, Asked(bounds={"fields": ["name", "date"]}))
    (Answer(value={'name': 'Ana'}, choice=''), Refused(code='form.missing', params={'fields': 'date'}))
    """
    if inbound.kind != "form" or not inbound.form:
        return Refused(code="form")
    value = {name: item for name, item in inbound.form.items() if name not in _OURS}
    missing = [name for name in listed(asked.bounds.get("fields")) if value.get(name) in (None, "", [], {})]
    if missing:
        return Refused(code="form.missing", params={"fields": ", ".join(missing)})
    return Answer(value=value)


def together(bounds: Mapping[str, Any]) -> list[tuple[str, str]]:
    """
    >>> together({"screen": "START"}), together({"form": "4711", "data": {"name": "Ana"}})
    ([('screen', 'needs the `form` that it belongs to')], [('data', 'needs the `screen` that it is for')])
    """
    if "form" not in bounds:
        return [(name, "needs the `form` that it belongs to") for name in ("screen", "data") if name in bounds]
    return [("data", "needs the `screen` that it is for")] if "data" in bounds and "screen" not in bounds else []
