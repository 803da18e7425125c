"""A request's body and query by their schemas: whatever is wrong with either is in one answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any

from flask import Response, request
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser

from ...errors import BadRequest, Conflict, InvalidRequest, NotFound
from ..json_text import parse
from ..mistakes import Mistakes, cleaned, escape, flat, unknown

LARGEST = 1024 * 1024  # bytes of a body that is no stream
UNKNOWN = "Unknown field."  # marshmallow's word for it
Also = Callable[..., Iterable[tuple[str, str]]]


class Nothing(Schema):
    """A body or a query that holds nothing."""


class Parser(FlaskParser):
    """What flask-smorest describes: it is `reading` that reads."""

    def use_args(self, *_: Any, **__: Any) -> Any:
        return lambda view: view


def reading(
    view: Callable[..., Response],
    *,
    takes: type[Schema] | Schema | None,
    query: type[Schema] | None,
    also: Also | None = None,
    streams: bool = False,
) -> Callable[..., Response]:
    """The view, given what its schemas read, or InvalidRequest with every mistake.

    Where the schemas find some, `also(body, *path, caller=…)` is asked what speaks against the rest of the body: the
    view itself says that of a body that could be read.
    """
    body_schema, query_schema = _schema(takes), _schema(query)

    @wraps(view)
    def given(*path: Any, **named: Any) -> Response:
        asked, odd, wrong = _query(query_schema)
        read: list[Any] = []
        if not streams and request.method != "GET":
            request.max_content_length = LARGEST
            body, unreadable, mistakes = _body(body_schema)
            odd, wrong = [*odd, *unreadable], [*wrong, *mistakes]
            if (odd or wrong) and body and also is not None:
                wrong = [*wrong, *_rest(also, body, wrong, path, named)]
            read = [body] if takes is not None else []
        if odd:
            raise BadRequest("The request has mistakes.", mistakes=_apart([*odd, *wrong]))
        if wrong:
            raise InvalidRequest("The request has mistakes.", mistakes=_apart(wrong))
        return view(*read, *([asked] if query is not None else []), *path, **named)

    return given


def _schema(given: type[Schema] | Schema | None) -> Schema:
    made = given if isinstance(given, Schema) else (given or Nothing)()
    made.unknown = RAISE
    return made


def _query(schema: Schema) -> tuple[dict[str, Any], Mistakes, Mistakes]:
    """What was asked; parameters that there are not, or that come twice; those that are wrong."""
    known = {field.data_key or name for name, field in schema.fields.items()}
    odd = [(f"?{escape(name)}", unknown(name, known)) for name in request.args if name not in known]
    for name, values in request.args.lists():
        if name in known and len(values) > 1:
            odd.append((f"?{escape(name)}", "comes more than once"))
    try:
        return schema.load({name: value for name, value in request.args.items() if name in known}), odd, []
    except ValidationError as error:
        return {}, odd, [(f"?{where.removeprefix('/')}", why) for where, why in flat(error.messages)]


def _body(schema: Schema) -> tuple[dict[str, Any], Mistakes, Mistakes]:
    """What could be read; what nobody could keep or tell apart; what is wrong."""
    raw = request.get_data()
    value, odd = parse(raw) if raw else ({}, [])
    value = cleaned(value) if odd else value
    try:
        return schema.load(value), odd, []
    except ValidationError as error:
        messages = flat(error.messages)
        wrong = [(where, _said(schema, where, why)) for where, why in messages]
        return readable(schema, value, error), odd, wrong


def readable(schema: Schema, value: Any, error: ValidationError) -> dict[str, Any]:
    """What a body says that is not as its schema has it, as far as that can be read.

    What is missing or cannot be read has its default, or is not there; None stands for an item of a list. Nothing, for
    what is no object.
    """
    if not isinstance(value, dict):
        return {}
    found = dict(error.valid_data) if isinstance(error.valid_data, dict) else {}
    messages = error.messages if isinstance(error.messages, dict) else {}
    for name, field in schema.fields.items():
        wrong = messages.get(field.data_key or name)
        if isinstance(field, fields.List) and isinstance(wrong, Mapping) and name in found:
            found[name] = [None if at in wrong else item for at, item in enumerate(value[field.data_key or name])]
        elif wrong and name not in found and not field.required:
            default = field.load_default
            if default is not None and (callable(default) or isinstance(default, (str, bool, int))):
                found[name] = default() if callable(default) else default
    return found


def _said(schema: Schema, where: str, why: str) -> str:
    """A name that there is not is told with those that there are."""
    if why != UNKNOWN:
        return why
    *above, name = where.split("/")[1:]
    inner: Any = schema
    for part in above:
        if not part.isdigit():
            inner = next((one for key, one in inner.fields.items() if part in (key, one.data_key)), None)
        inner = getattr(inner, "inner", inner)
        inner = getattr(inner, "schema", inner)
    return unknown(name, [field.data_key or key for key, field in inner.fields.items()])


def _rest(also: Also, body: Mapping[str, Any], wrong: Mistakes, path: Any, named: Any) -> Iterator[tuple[str, str]]:
    try:
        found = list(also(body, *path, **named))
    except (NotFound, Conflict):  # what the address means is not there: that is said when the body can be read
        return
    told = [where for where, _ in wrong]
    yield from (one for one in found if not any(_within(one[0], where) for where in told))


def _within(where: str, other: str) -> bool:
    """
    >>> _within("/to/0", "/to"), _within("/to", "/to"), _within("/too", "/to"), _within("/to", "")
    (True, True, False, False)
    """
    return where == other or (bool(other) and where.startswith(other + "/"))


def _apart(found: Mistakes) -> Mistakes:
    """Each place once, with what was said of it first."""
    first = {where: why for where, why in reversed(found)}
    return [(where, why) for where, why in dict.fromkeys(found) if first[where] == why]
