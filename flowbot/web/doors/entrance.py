"""What the doors share: a body read as its client writes it, our schemas over their words, refusals in their form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Blueprint, Response, request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import HTTPException

from ...errors import BadRequest, FlowbotError, InvalidRequest, ParseError
from ..answer import JSON, Answer
from ..json_text import parse
from ..mistakes import flat, unclean
from ..problems import of_bug, of_error, of_http

WRONG = "The request has mistakes."


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An error as /v1 would tell it."""

    status: int
    code: str
    title: str
    detail: str
    mistakes: tuple[tuple[str, str], ...]

    def told(self, names: Mapping[str, str] | None = None) -> str:
        """All of it in one line, a mistake's place under the name that the client knows it by.

        >>> two = Refused(status=422, code="c", title="", detail="Two.", mistakes=(("/to", "no"), ("", "odd")))
        >>> two.told({"/to": "phone"})
        'Two. phone: no; odd'
        """
        known = names or {}

        def named(place: str) -> str:
            top = next((one for one in known if place == one or place.startswith(one + "/")), "")
            return known.get(place) or (known[top] + place[len(top) :] if top else place.strip("/?"))

        said = [": ".join(filter(None, (named(place), why))) for place, why in self.mistakes]
        return " ".join(filter(None, (self.detail or self.title, "; ".join(said))))


def refused_of(answer: Answer) -> Refused:
    """What /v1 would have answered, taken apart."""
    said = orjson.loads(answer.body)
    return Refused(
        status=answer.status,
        code=said["code"],
        title=said["title"],
        detail=said.get("detail", ""),
        mistakes=tuple((one["pointer"], one["detail"]) for one in said.get("errors", ())),
    )


def refusals(room: Blueprint, form: Callable[[Refused], tuple[int, Any]]) -> None:
    """Whatever goes wrong in the room is told in its system's form: `form` gives the status and what is written."""

    def told(answer: Answer) -> Response:
        status, body = form(refused_of(answer))
        response = written(body, status)
        response.headers.extend(answer.headers)
        return response

    room.register_error_handler(FlowbotError, lambda error: told(of_error(error)))
    room.register_error_handler(HTTPException, lambda error: told(of_http(error)))
    room.register_error_handler(Exception, lambda error: told(of_bug(error)))


def written(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status=status, content_type=JSON)


def form_or_json() -> dict[str, Any]:
    """The request's fields, from a form or a JSON object: clients of one system send both."""
    raw = request.get_data()  # first: afterwards the form leaves nothing of it
    if request.mimetype != JSON:
        return _clean(request.form.to_dict())
    return json_object(raw)


def json_object(raw: bytes) -> dict[str, Any]:
    """ParseError when it is none, BadRequest for what could not be kept of it, as at /v1."""
    body, wrong = parse(raw)
    if not isinstance(body, dict):
        raise ParseError("The body is no JSON object.")
    if wrong:
        raise BadRequest(WRONG, mistakes=wrong)
    return body


def _clean(body: dict[str, Any]) -> dict[str, Any]:
    wrong = list(unclean("", body))
    if wrong:
        raise InvalidRequest(WRONG, mistakes=wrong)
    return body


def read(schema: type[Schema], body: Mapping[str, Any]) -> dict[str, Any]:
    """As our own door reads it; InvalidRequest with all mistakes."""
    try:
        return dict(schema().load(body))
    except ValidationError as error:
        raise InvalidRequest(WRONG, mistakes=list(flat(error.messages))) from None
