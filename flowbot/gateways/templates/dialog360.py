"""Templates at 360dialog: Meta's, by the number's key. What it has cannot be changed there: another name is needed."""

from __future__ import annotations

import orjson

from ...model.gateway import HttpRequest, HttpResponse, Refused
from ...model.project import Channel
from ...model.submission import Exchange, HandedIn, Submission
from ...model.template import Approval
from ..answers import json_of
from ..dialog360 import BASE_URL
from ..meta_values import items, mapping, text
from . import meta

PAGES, PAGE = 100, 500


def pull(channel: Channel) -> Exchange[list[Approval] | Refused]:
    found: list[Approval] = []
    for page in range(PAGES):
        query = {"limit": str(PAGE), "offset": str(page * PAGE)}
        response = yield HttpRequest(method="GET", url=_url(channel), headers=_auth(channel), query=query)
        answer = json_of(response)
        if response.status >= 300 or type(answer.get("waba_templates")) is not list:
            return _refused(response)
        listed = items(answer["waba_templates"])
        found += meta.listed(listed)
        total = answer.get("total")
        if not listed or len(listed) < PAGE or (type(total) is int and (page + 1) * PAGE >= total):
            return found
    return Refused(kind="retry", title="the list has no end")


def submit(given: Submission, channel: Channel) -> Exchange[HandedIn | Refused]:
    handle = meta.only_new(given, "360dialog", "its hub")
    if isinstance(handle, Refused):
        return handle
    body = orjson.dumps(meta.body(given.template, given.wording, handle))
    headers = {**_auth(channel), "content-type": "application/json"}
    response = yield HttpRequest(method="POST", url=_url(channel), headers=headers, body=body)
    answer = json_of(response)
    if response.status >= 300 or not (answer.get("id") or answer.get("name")):
        return _refused(response)
    return HandedIn(
        what="created",
        status=_status(text(answer.get("status"))),
        provider_id=text(answer.get("id")),
        category=text(answer.get("category")).lower(),
    )


def _status(said: str) -> str:
    """It has words of its own for what it has not passed on yet."""
    return "PENDING" if said.upper() in ("", "SUBMITTED", "CREATED") else said.upper()


def _refused(response: HttpResponse) -> Refused:
    inner = mapping(json_of(response).get("meta"))
    said = text(inner.get("developer_message")) or text(json_of(response).get("detail"))
    return Refused(kind="perm", code=response.status, title=said) if said else meta.refused(response)


def _url(channel: Channel) -> str:
    return f"{channel.base_url or BASE_URL}/v1/configs/templates"


def _auth(channel: Channel) -> dict[str, str]:
    return {"d360-api-key": channel.options.get("api_key", "")}
