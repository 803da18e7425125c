"""Templates at Meta: by WABA. A header's sample goes up first, and then stands in the template by its handle."""

from __future__ import annotations

from urllib.parse import quote

import orjson

from ...model.gateway import HttpRequest, Refused
from ...model.project import Channel
from ...model.submission import Exchange, HandedIn, Sample, Submission
from ...model.template import APPROVED, MEDIA, PENDING, Approval
from ..answers import json_of
from ..cloud_api import BASE_URL
from ..meta_values import mapping, text
from . import meta

PAGES, PAGE = 100, 250
_FIELDS = "id,name,language,status,category,rejected_reason,quality_score"


def pull(channel: Channel) -> Exchange[list[Approval] | Refused]:
    """Page by page, until there is no further one."""
    if not channel.options.get("waba_id"):
        return Refused(
            kind="perm", code="no_waba_id", title="the channel has no `waba_id`: without it Meta lists nothing"
        )
    found: list[Approval] = []
    after = ""
    for _ in range(PAGES):
        query = {"fields": _FIELDS, "limit": str(PAGE), **({"after": after} if after else {})}
        response = yield HttpRequest(method="GET", url=_url(channel), headers=_auth(channel), query=query)
        if response.status >= 300:
            return meta.refused(response)
        found += meta.listed(meta.data(response))
        paging = mapping(json_of(response).get("paging"))
        after = text(mapping(paging.get("cursors")).get("after"))
        if not after or not paging.get("next"):
            return found
    return Refused(kind="retry", title="the list has no end")


def submit(given: Submission, channel: Channel) -> Exchange[HandedIn | Refused]:
    if not channel.options.get("waba_id"):
        return Refused(
            kind="perm", code="no_waba_id", title="the channel has no `waba_id`: Meta takes nothing without it"
        )
    if given.edits and given.known is not None and given.known.status in PENDING:
        return Refused(kind="perm", code="pending", title="Meta is looking at it: what is pending cannot be changed")
    handle = ""
    if given.wording.header is not None and given.wording.header.kind in MEDIA:
        sample = yield from _upload(given.sample, channel)
        if isinstance(sample, Refused):
            return sample
        handle = sample
    made = meta.body(given.template, given.wording, handle)
    if given.edits and given.known is not None:
        change = {"components": made["components"]}
        if given.known.status != APPROVED:  # of an approved one it stays
            change["category"] = made["category"]
        response = yield _post(f"{_base(channel)}/{quote(given.known.provider_id, safe='')}", channel, change)
        if response.status >= 300:
            return meta.refused(response)
        return HandedIn(what="edited", provider_id=given.known.provider_id)
    response = yield _post(_url(channel), channel, made)
    answer = json_of(response)
    if response.status >= 300 or not answer.get("id"):
        return meta.refused(response)
    status, category = text(answer.get("status")).upper(), text(answer.get("category")).lower()
    return HandedIn(what="created", status=status or "PENDING", provider_id=text(answer.get("id")), category=category)


def _upload(sample: Sample | None, channel: Channel) -> Exchange[str | Refused]:
    """Two calls: a session for the file, then its bytes; the handle that stands for it."""
    if sample is None:
        return Refused(kind="perm", code="no_sample", title="the header's file, which Meta wants to see, is not there")
    app = channel.options.get("app_id", "")
    if not app:
        return Refused(kind="perm", code="no_app_id", title="the channel has no `app_id`: Meta takes samples by app")
    query = {"file_name": sample.name, "file_length": str(len(sample.content)), "file_type": sample.mime}
    url = f"{_base(channel)}/{quote(app, safe='')}/uploads"
    response = yield HttpRequest(method="POST", url=url, headers=_auth(channel), query=query)
    session = text(json_of(response).get("id"))
    if response.status >= 300 or not session:
        return meta.refused(response)
    headers = {"authorization": f"OAuth {channel.options.get('access_token', '')}", "file_offset": "0"}
    response = yield HttpRequest(method="POST", url=f"{_base(channel)}/{session}", headers=headers, body=sample.content)
    handle = text(json_of(response).get("h"))
    return handle if response.status < 300 and handle else meta.refused(response)


def _post(url: str, channel: Channel, body: meta.Body) -> HttpRequest:
    headers = {**_auth(channel), "content-type": "application/json"}
    return HttpRequest(method="POST", url=url, headers=headers, body=orjson.dumps(body))


def _url(channel: Channel) -> str:
    return f"{_base(channel)}/{quote(channel.options['waba_id'], safe='')}/message_templates"


def _base(channel: Channel) -> str:
    return channel.base_url or BASE_URL


def _auth(channel: Channel) -> dict[str, str]:
    return {"authorization": f"Bearer {channel.options.get('access_token', '')}"}
