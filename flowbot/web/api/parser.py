"""Reads a request's body or query by a schema: whatever its Content-Type, and all its mistakes at once."""

from __future__ import annotations

from typing import Any, NoReturn

import orjson
from marshmallow import ValidationError
from webargs.flaskparser import FlaskParser

from ...errors import InvalidRequest, ParseError
from ..mistakes import flat, unclean


class Parser(FlaskParser):
    """webargs' parser with our errors."""

    def load_json(self, req: Any, schema: Any) -> Any:
        """The body as JSON; ParseError when it is none, InvalidRequest for what could not be kept."""
        raw = req.get_data()
        if not raw:
            return {}
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}") from None
        wrong = list(unclean("", body))
        if wrong:
            raise InvalidRequest("The request has mistakes.", mistakes=wrong)
        return body

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        messages = error.messages
        (where,) = messages if isinstance(messages, dict) and len(messages) == 1 else ("",)
        found = list(flat(messages[where])) if isinstance(messages, dict) and where else list(flat(messages))
        if where == "query":
            found = [(f"?{pointer.removeprefix('/')}", text) for pointer, text in found]
        raise InvalidRequest("The request has mistakes.", mistakes=found)
