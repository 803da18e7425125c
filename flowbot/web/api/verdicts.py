"""/v1/verdicts: a verifier says later what it found, to the address that our request named."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flask import request
from marshmallow import Schema, fields, validate

from ...delivery import verdict
from ..problems import respond
from ..verdicts import take
from .caller import Doorkeeper
from .door import Blueprint

if TYPE_CHECKING:
    from ...wiring import Parts


class Verdict(Schema):
    status = fields.String(required=True, validate=validate.OneOf(verdict.STATUSES))
    score = fields.Float(allow_none=True, metadata={"example": 0.93})
    reasons = fields.List(fields.String(), metadata={"example": ["blurred"]})
    data = fields.Dict()


class Heard(Schema):
    """taken, or known: it was said before."""

    status = fields.String(required=True, validate=validate.OneOf(["taken", "known"]))


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("verdicts", "/verdicts", "What verifiers found.", keeper)

    @api.door("POST", "/<token>", takes=Verdict, gives=Heard, fails=(404,), example={"status": "verified"}, signed=True)
    def verdict_on(token: str) -> Any:
        """Give a verdict later

        Signed as hooks are, with the verifier's own secret: there is no API key.
        """
        headers = {name.lower(): value for name, value in request.headers.items()}
        return respond(take(parts, token, headers, request.get_data(), time.time()))

    return api
