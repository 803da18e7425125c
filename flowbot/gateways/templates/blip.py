"""Templates at Take Blip: commands to the WhatsApp domain, whose resources are Meta's own."""

from __future__ import annotations

from typing import Any

from ...model.gateway import HttpRequest, HttpResponse, Refused
from ...model.ids import digest
from ...model.project import Channel
from ...model.submission import Exchange, HandedIn, Submission
from ...model.template import Approval, fingerprint
from ..answers import by_status, json_of
from ..blip import _command
from ..meta_values import items, mapping, text
from . import meta

TO, URI = "postmaster@wa.gw.msging.net", "/message-templates"


def pull(channel: Channel) -> Exchange[list[Approval] | Refused]:
    response = yield _ask(channel, "templates", {"method": "get", "uri": URI})
    resource = _resource(response)
    if isinstance(resource, Refused):
        return resource
    return list(meta.listed(items(resource.get("data")) or items(resource.get("items"))))


def submit(given: Submission, channel: Channel) -> Exchange[HandedIn | Refused]:
    handle = meta.only_new(given, "Blip", "its portal")
    if isinstance(handle, Refused):
        return handle
    made = meta.body(given.template, given.wording, handle)
    id = digest(given.template.name, made["language"], fingerprint(given.template, given.wording))
    body = {"method": "set", "uri": URI, "type": "application/json", "resource": made}
    resource = _resource((yield _ask(channel, id, body)))
    if isinstance(resource, Refused):
        return resource
    return HandedIn(
        what="created",
        status=text(resource.get("status")).upper() or "PENDING",
        provider_id=text(resource.get("id")),
        category=text(resource.get("category")).lower(),
    )


def _ask(channel: Channel, id: str, body: dict[str, Any]) -> HttpRequest:
    return _command(channel, id, {"to": TO, **body})


def _resource(response: HttpResponse) -> dict[str, Any] | Refused:
    """A command is answered with 200 even when it failed: its body says what became of it."""
    answer = json_of(response)
    if response.status < 300 and answer.get("status") == "success":
        return mapping(answer.get("resource"))
    reason = mapping(answer.get("reason"))
    said, code = text(reason.get("description")), reason.get("code")
    if not said:
        return by_status(response)
    return Refused(kind="perm", code=code if type(code) is int else None, title=said)
