"""Errors -> problem+json, in one place for the whole web."""

from __future__ import annotations

import logging

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from ..errors import (
    AccountBusy,
    BadRequest,
    Conflict,
    FilesUnavailable,
    FlowbotError,
    InvalidRequest,
    NotFound,
    ParseError,
    StoreError,
    TemplateRefused,
)
from .answer import Answer, problem, unavailable
from .api.caller import Forbidden, TooMany
from .bearer import Unauthorized
from .misfits import placed

logger = logging.getLogger(__name__)
_STATUS: dict[type[FlowbotError], int] = {
    ParseError: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    BadRequest: 400,
    InvalidRequest: 422,
    TooMany: 429,
}
_DETAIL = {
    413: "The body is too large: 1 MB for a request, and a large audience goes to /v1/broadcasts/<id>/recipients."
}


def respond(answer: Answer) -> Response:
    """An Answer as Flask wants it."""
    response = Response(answer.body, status=answer.status, content_type=answer.content_type)
    response.headers.extend(answer.headers)
    return response


def register(app: Flask) -> None:
    app.register_error_handler(FlowbotError, lambda error: respond(of_error(error)))
    app.register_error_handler(HTTPException, lambda error: respond(of_http(error)))
    app.register_error_handler(Exception, lambda error: respond(of_bug(error)))


def of_error(error: FlowbotError) -> Answer:
    if isinstance(error, (StoreError, FilesUnavailable)):
        logger.log(error.log_level, "web.store", extra={"code": error.code, "reason": str(error)})
    if isinstance(error, (StoreError, AccountBusy, FilesUnavailable)):
        return unavailable(error.code)
    if isinstance(error, TemplateRefused):
        return of_template(error)
    status = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)
    if status == 500:
        return of_bug(error)
    headers = [("WWW-Authenticate", "Bearer")] if status == 401 else error.facts.get("headers", [])
    mistakes = error.facts.get("mistakes", ())
    return problem(status, error.facts.get("code", error.code), str(error), mistakes=mistakes, headers=headers)


def of_template(error: TemplateRefused) -> Answer:
    """409 with the provider's word when that is what stands against it, else 400 with each component that is wrong."""
    status = error.facts.get("status")
    mistakes = placed("/template", error.facts.get("mistakes", ()))
    if status:
        return problem(409, "template_not_approved", str(error), mistakes=mistakes)
    return problem(400, "template_mismatch", str(error), mistakes=mistakes)


def of_http(error: HTTPException) -> Answer:
    code = error.code or 500
    headers = [pair for pair in error.get_headers() if pair[0] in ("Allow", "WWW-Authenticate", "Location")]
    return problem(code, error.name.lower().replace(" ", "_"), _DETAIL.get(code, ""), headers=headers)


def of_bug(error: Exception) -> Answer:
    """What went wrong stays in the log."""
    logger.error("web.failed", exc_info=error)
    return problem(500, "error")
