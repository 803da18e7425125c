"""Templates at Twilio: a content, made once and never changed, and then the request that WhatsApp approves of it.

A content's variables have numbers: they are given out here in the order in which `template_variables` fills them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from ...model.gateway import HttpRequest, HttpResponse, Refused
from ...model.project import Channel
from ...model.submission import Exchange, HandedIn, Submission
from ...model.template import APPROVED, CODE, MEDIA, VARIABLE, Approval, Button, Wording, provider_language
from ..answers import by_status, json_of
from ..meta_values import items, mapping, text
from ..twilio import CONTENT_URL, _auth, _host

PAGES = 100
_STATUS = {"received": "PENDING", "": "UNSUBMITTED"}
Body = dict[str, Any]


def pull(channel: Channel) -> Exchange[list[Approval] | Refused]:
    """Of several contents of one name, the one that is approved, else the last."""
    found: dict[tuple[str, str], Approval] = {}
    where = "/v1/ContentAndApprovals?PageSize=500"
    for _ in range(PAGES):
        response = yield HttpRequest(method="GET", url=f"{_host(channel, CONTENT_URL)}{where}", headers=_auth(channel))
        answer = json_of(response)
        if response.status >= 300:
            return _refused(response)
        for one in map(_listed, map(mapping, items(answer.get("contents")))):
            key = (one.name, one.language)
            if one.name and (key not in found or found[key].status != APPROVED):
                found[key] = one
        following = urlsplit(text(mapping(answer.get("meta")).get("next_page_url")))
        if not following.query:
            return list(found.values())
        where = f"/v1/ContentAndApprovals?{following.query}"  # its host is not taken from the answer
    return Refused(kind="retry", title="the list has no end")


def _listed(one: Mapping[str, Any]) -> Approval:
    asked = mapping(one.get("approval_requests"))
    status = text(asked.get("status")).lower()
    return Approval(
        name=text(asked.get("name")) or text(one.get("friendly_name")),
        language=provider_language(text(one.get("language"))),
        status=_STATUS.get(status, status.upper()),
        reason=text(asked.get("rejection_reason")),
        provider_id=text(one.get("sid")),
        category=text(asked.get("category")).lower(),
    )


def submit(given: Submission, channel: Channel) -> Exchange[HandedIn | Refused]:
    if given.edits and given.known is not None and given.known.status != "UNSUBMITTED":
        title = "Twilio changes no content, and WhatsApp takes a name once: hand it in under another name"
        return Refused(kind="perm", code="no_edits", title=title)
    if (
        given.wording.header is not None
        and given.wording.header.kind in MEDIA
        and not (given.sample and given.sample.link)
    ):
        title = "Twilio wants a public address of the header's file: see FLOWBOT_PUBLIC_URL"
        return Refused(kind="perm", code="no_sample", title=title)
    response = yield _post(channel, "/v1/Content", content(given))
    sid = text(json_of(response).get("sid"))
    if response.status >= 300 or not sid:
        return _refused(response)
    body = {"name": given.template.name, "category": given.template.category.upper()}
    response = yield _post(channel, f"/v1/Content/{quote(sid, safe='')}/ApprovalRequests/whatsapp", body)
    answer = json_of(response)
    if response.status >= 300:
        return _refused(response)
    status = text(answer.get("status")).lower()
    status = _STATUS.get(status, status.upper()) if status else "PENDING"
    return HandedIn(what="created", status=status, provider_id=sid, category=text(answer.get("category")).lower())


def content(given: Submission) -> Body:
    """The content as it is made: its types, and an example of each variable."""
    wording, shown = given.wording, Numbers(given.wording)
    if given.template.category == "authentication":
        kind, made = "whatsapp/authentication", _code(wording, shown)
    elif wording.header is None and not wording.footer and not wording.buttons:
        kind, made = "twilio/text", {"body": shown.text(wording.body)}
    else:
        kind, made = "whatsapp/card", _card(given, shown)
    return {
        "friendly_name": given.template.name,
        "language": provider_language(wording.language),
        "variables": dict(shown.examples),
        "types": {kind: made},
    }


class Numbers:
    """Gives each place its number, from the header down."""

    def __init__(self, wording: Wording) -> None:
        self._known = wording.examples
        self.examples: dict[str, str] = {}

    def next(self, example: str) -> str:
        number = str(len(self.examples) + 1)
        self.examples[number] = example
        return f"{{{{{number}}}}}"

    def text(self, given: str) -> str:
        return VARIABLE.sub(lambda found: self.next(self._known.get(found[1], "")), given)


def _code(wording: Wording, shown: Numbers) -> Body:
    made: Body = {"add_security_recommendation": wording.security}
    if wording.expires:
        made["code_expiration_minutes"] = wording.expires
    shown.next(wording.examples.get(CODE, ""))
    label = wording.buttons[0].text if wording.buttons else CODE
    return {**made, "actions": [{"type": "COPY_CODE", "copy_code_text": label}]}


def _card(given: Submission, shown: Numbers) -> Body:
    wording = given.wording
    made: Body = {}
    if wording.header is not None and wording.header.kind in MEDIA:
        made["media"] = [shown.next(given.sample.link if given.sample else "")]
    elif wording.header is not None:
        made["header_text"] = shown.text(wording.header.value)
    made["body"] = shown.text(wording.body)
    if wording.footer:
        made["footer"] = wording.footer
    if wording.buttons:
        values = [shown.text(one.value) if one.kind != "quick_reply" else "" for one in wording.buttons]
        made["actions"] = list(_actions(wording.buttons, values, shown))
    return made


def _actions(buttons: tuple[Button, ...], values: list[str], shown: Numbers) -> Iterator[Body]:
    """What a tap gives back is a variable too: it names the visit that it answers."""
    for button, value in zip(buttons, values, strict=True):
        if button.kind == "url":
            yield {"type": "URL", "title": button.text, "url": value}
        elif button.kind == "phone":
            yield {"type": "PHONE_NUMBER", "title": button.text, "phone": value}
        elif button.kind == "copy_code":
            yield {"type": "COPY_CODE", "title": button.text, "code": value}
        else:
            yield {"type": "QUICK_REPLY", "title": button.text, "id": shown.next(button.id)}


def _post(channel: Channel, where: str, body: Body) -> HttpRequest:
    headers = {**_auth(channel), "content-type": "application/json"}
    url = f"{_host(channel, CONTENT_URL)}{where}"
    return HttpRequest(method="POST", url=url, headers=headers, body=orjson.dumps(body))


def _refused(response: HttpResponse) -> Refused:
    answer = json_of(response)
    code = answer.get("code")
    said = text(answer.get("message"))
    if not said:
        return by_status(response)
    return Refused(kind="perm", code=code if type(code) is int else None, title=said)
