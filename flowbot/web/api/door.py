"""The API as flask-smorest knows it: OpenAPI, and errors left to the web's own translation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Flask, Response
from flask_smorest import Api
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import Schema, fields

from ... import __version__
from ..answer import JSON, PROBLEM
from .again import once
from .parser import LARGEST, Also, Parser, reading

if TYPE_CHECKING:
    from .caller import Doorkeeper

KEY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same request again with the same key changes nothing and gets the same answer, for 8 days.",
    "schema": {"type": "string", "maxLength": 255},
    "example": "visit-4711",
}
MEANINGS = {
    400: "Some of it cannot be read or is unknown, as `after` can be, or the template does not fit; see `errors`.",
    401: "The API key is missing, unknown, revoked or expired.",
    403: "The API key lacks the scope.",
    404: "There is no such thing in this account.",
    409: "It does not fit how things stand; `code` says why.",
    413: f"The body is larger than {LARGEST >> 20} MB; a large audience goes to /v1/broadcasts/{{id}}/recipients.",
    422: "The request has mistakes; `errors` lists all of them.",
    429: "Too many requests; `Retry-After` says how long to wait.",
    503: "Nothing was stored: send it again, after `Retry-After` seconds.",
}
NO_STREAM: Mapping[str, str] = {}
ALWAYS = (400, 401, 403, 429, 503)


class Mistake(Schema):
    pointer = fields.String(required=True, metadata={"description": "JSON pointer; ?name for a parameter"})
    detail = fields.String(required=True)
    line = fields.Integer(strict=True, metadata={"description": "Of a file, from 1: `pointer` leads on from there."})
    column = fields.Integer(strict=True, metadata={"description": "Of a CSV file, from 1."})


class Problem(Schema):
    """RFC 9457."""

    type = fields.String(required=True, metadata={"example": "about:blank"})
    status = fields.Integer(required=True, strict=True)
    title = fields.String(required=True)
    code = fields.String(required=True, metadata={"example": "invalid_request", "description": "Stable."})
    detail = fields.String(metadata={"description": "For people."})
    errors = fields.List(fields.Nested(Mistake))


# One description for all views: `alt_response` would wrap each view once more for each code.
REFUSALS = {
    code: {"description": meaning, "content": {PROBLEM: {"schema": Problem}}} for code, meaning in MEANINGS.items()
}


class Blueprint(SmorestBlueprint):  # type: ignore[misc]
    """One resource."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, path: str, about: str, keeper: Doorkeeper) -> None:
        super().__init__(f"api_{name}", __name__, url_prefix=f"/v1{path}", description=about)
        self.scope = name
        self._keeper = keeper

    def door(
        self,
        method: str,
        path: str,
        *,
        takes: type[Schema] | Schema | None = None,
        query: type[Schema] | None = None,
        gives: type[Schema] | Schema | None = None,
        status: int = 200,
        fails: tuple[int, ...] = (),
        example: Any = None,
        scope: str = "",
        writes: bool | None = None,
        content_type: str = JSON,
        signed: bool = False,
        streams: Mapping[str, str] = NO_STREAM,
        also: Also | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A view of the API: `view([body,] [query,] *path, caller=…)` gives what `gives` describes.

        `also(body, *path, caller=…)` says what else is wrong where the body is not as `takes` has it: see `reading`. A
        `signed` one has no caller: its body proves where it comes from, so nobody reads that before the view does.
        """
        writes = method != "GET" if writes is None else writes

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            made = self.response(status, gives, content_type=content_type)(view)
            if method != "GET" and not streams and not signed:
                made = once(made, lambda: self._keeper.store)
            made = reading(made, takes=takes, query=query, also=also, streams=bool(streams) or signed)
            if query is not None:
                made = self.arguments(query, location="query", error_status_code=422)(made)
            if takes is not None and not signed:
                made = self.arguments(takes, error_status_code=422, example=example)(made)
            told = {
                *ALWAYS,
                *fails,
                *((409, 413, 422) if method != "GET" else ()),
                *((422,) if query is not None else ()),
            }
            shown: dict[str, Any] = {"responses": {str(code): REFUSALS[code] for code in sorted(told)}}
            if streams:
                kinds = {kind: {"schema": {"type": "string"}, "example": one} for kind, one in streams.items()}
                shown["requestBody"] = {"required": True, "content": kinds}
            if signed:
                shown["requestBody"] = {"required": True, "content": {JSON: {"schema": takes, "example": example}}}
                made = self.doc(**shown, security=[])(made)
                return self.route(path, methods=[method])(made)  # type: ignore[no-any-return]
            if method != "GET":
                shown["parameters"] = [KEY_HEADER]
            made = self.doc(**shown)(made)
            made = self._keeper.opens(scope or self.scope, writes=writes)(made)
            return self.route(path, methods=[method])(made)  # type: ignore[no-any-return]

        return decorate


class Door(Api):  # type: ignore[misc]
    """flask-smorest's Api; the app's own handlers translate what is raised."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self._described = 0  # of the blueprints, those that are in the description
        self._blueprints: list[Blueprint] = []
        self._lock = Lock()

    def register_blueprint(self, blueprint: Blueprint) -> None:
        """Its views; its description is written when somebody asks for it: that takes longer than all else here."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        self._blueprints.append(blueprint)

    def _openapi_json(self) -> Response:
        with self._lock:
            while self._described < len(self._blueprints):
                one = self._blueprints[self._described]
                one.register_views_in_doc(self, self._app, self.spec, name=one.name, parameters=None)
                self.spec.tag({"name": one.name, "description": one.description})
                self._described += 1
            return super()._openapi_json()  # type: ignore[no-any-return]

    def _register_error_handlers(self, *_: Any, **__: Any) -> None:
        """None: problems.py has them for the whole web."""


def make(app: Flask) -> Door:
    app.config.update(
        API_TITLE="Flowbot",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/v1",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {
                "description": "Start conversations, send messages, and ask what became of them.",
                "license": {"name": "Apache-2.0"},
            },
            "security": [{"key": []}],
            "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        },
    )
    app.json.sort_keys, app.json.compact, app.json.ensure_ascii = False, True, False  # type: ignore[attr-defined]
    return Door(app)
