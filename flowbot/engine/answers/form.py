"""`expect: form`: the answers to a WhatsApp Flow, kept as its JSON. `with: {fields: [name, date]}`

`fields` are those that have to be there and not empty. What belongs to the form itself, its token, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model.inbound import Inbound
from .asked import Answer, Asked, Bound, Refused, listed, texts

BOUNDS: Mapping[str, Bound] = {"fields": texts}
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
