"""docs/gateways.md says what is so: its project is sound, its JSON is what comes and goes, its signature is ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from flowbot.gateways import GATEWAYS, http
from flowbot.library.load import load
from flowbot.model.gateway import HttpRequest, Sending, WebhookRequest
from flowbot.model.inbound import Inbound, Receipt
from flowbot.model.outbound import Choice, Outbound
from flowbot.model.project import Channel
from tests.test_docs_examples import DOCS, blocks

PAGE = DOCS / "gateways.md"
CHANNEL = Channel(account="acme", name="web", gateway="http", base_url="https://c.test", options={"secret": "S"})


def shown(about: str) -> list[str]:
    return [block.text for block in blocks(PAGE) if block.about == about]


def test_the_project_shown_has_every_gateway_and_no_mistake(tmp_path: Path) -> None:
    (text,) = shown("flowbot.yaml")
    (tmp_path / "flowbot.yaml").write_text(text, "utf-8")
    library = load(tmp_path, {})
    assert [one.message for one in library.problems if one.level != "note"] == []
    channels = library.project.accounts["acme"].channels.values()
    assert {one.gateway for one in channels} == set(GATEWAYS) - {"simulator"}


def test_what_is_posted_is_understood() -> None:
    items: list[Any] = []
    for text in shown("in"):
        items += [one.item for one in http.parse(WebhookRequest(method="POST", path="/", body=text.encode()), CHANNEL)]
    kinds = [item.kind if isinstance(item, Inbound) else type(item) for item in items]
    assert kinds == ["text", "tap", "image", Receipt]
    assert items[0].sender.bsuid == "visitor-77" and items[2].sender.number == "573001112233"
    assert items[1].tap.choice == "accept" and items[3].our_id == "ms_3_7xk"


def test_what_leaves_is_as_shown() -> None:
    (text,) = shown("out")
    choices = (Choice(id="accept", title="Acepto"), Choice(id="no", title="No"))
    outbound = Outbound(kind="buttons", text="¿Aceptas?", choices=choices, visit=3, key="consent")
    request = http.build_send(Sending(id="ms_3_7xk", to="visitor-77", outbound=outbound), CHANNEL)
    assert isinstance(request, HttpRequest) and orjson.loads(request.body) == orjson.loads(text)


def test_the_signature_shown_is_ours() -> None:
    (text,) = shown("sign")
    found: dict[str, Any] = {}
    exec(text, found)
    body = b'{"id": "m-1"}'
    headers = {"x-flowbot-signature": found["signature"]("S", body)}
    http.verify(WebhookRequest(method="POST", path="/", headers=headers, body=body), CHANNEL)
