"""Glific's GraphQL, as much of it as Avni's server calls: a session, a template to a contact, a template to a group."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from ...engine.life import iso
from ...errors import Conflict, InvalidRequest, NotFound, ParseError, TemplateRefused
from ...store import groups
from ..api import broadcasts, contacts, orders, templates
from ..api.caller import Forbidden
from ..problems import of_error
from ..send_request import MessageRequest
from ..sending import Sending
from .entrance import WRONG, Refused, json_object, read, refusals, refused_of, written
from .lines import line_for

if TYPE_CHECKING:
    from graphql import GraphQLSchema

    from ...model.template import Template
    from ...wiring import Parts
    from ..api.caller import Caller, Doorkeeper

SCHEMA = """
type Query { sessionTemplates: [SessionTemplate] groups: [Group] }
type SessionTemplate { id: ID label: String body: String isHsm: Boolean numberParameters: Int }
type Group { id: ID label: String }
type Mutation {
  sendHsmMessage(templateId: ID!, receiverId: ID!, parameters: [String]): MessageResult
  sendHsmMessageToGroup(templateId: ID!, groupId: ID!, parameters: [String]): GroupResult
  createAndSendMessageToGroup(input: MessageInput!, groupId: ID!): GroupResult
}
input MessageInput { templateId: ID! isHsm: Boolean params: [String] }
type MessageResult { message: Message errors: [InputError] }
type Message { id: ID body: String isHsm: Boolean isHSM: Boolean }
type GroupResult { success: Boolean contactIds: [ID] errors: [InputError] }
type InputError { key: String message: String }
"""
NAMES = {"/to": "receiverId", "/template/name": "templateId", "/template": "templateId", "/group": "groupId"}
MOST_TOKENS = 1000  # of a query
SESSION = 30 * 60_000  # ms, as Glific tells it
_TOLD = (Conflict, InvalidRequest, NotFound, TemplateRefused)  # in the answer; all else is an answer of its own


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    room = Blueprint("glific", __name__, url_prefix="/api")
    refusals(room, lambda refused: (refused.status, {"errors": [_error(refused)]}))

    @room.post("/v1/session")
    def session() -> Response:
        """The password is the API key, and so is the token: there is nothing to keep or to renew."""
        user = json_object(request.get_data()).get("user")
        key = user.get("password") if isinstance(user, dict) else None
        caller = keeper.admit("messages", True, key if isinstance(key, str) else "")
        ends = parts.store.now() + SESSION
        ends = min(ends, caller.key.expires_at) if caller.key.expires_at else ends
        return written({"data": {"access_token": key, "renewal_token": key, "token_expiry_time": iso(ends)}})

    @room.post("")
    def call() -> Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        caller = keeper.admit("messages", False, token)
        return written(_run(json_object(request.get_data()), Desk(parts, caller)))

    return room


def _error(refused: Refused) -> dict[str, str]:
    return {"key": refused.code, "message": refused.told(NAMES)}


@functools.cache
def _schema() -> GraphQLSchema:
    from graphql import build_schema  # no other door needs it

    return build_schema(SCHEMA)


def _run(body: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """What GraphQL answers; a refusal stands both in the field's own `errors` and above all, where Avni looks."""
    from graphql import GraphQLError, OperationDefinitionNode, execute_sync, parse, validate

    query, variables = body.get("query"), body.get("variables") or {}
    if not isinstance(query, str) or not isinstance(variables, dict):
        raise ParseError("The body is no GraphQL request: {query, variables}.")
    try:
        document = parse(query, max_tokens=MOST_TOKENS)
    except (GraphQLError, RecursionError) as error:
        raise ParseError(f"The query is not GraphQL: {getattr(error, 'message', 'it nests too deep')}") from None
    (operation, *others) = document.definitions
    if others or not isinstance(operation, OperationDefinitionNode) or len(operation.selection_set.selections) > 1:
        raise ParseError("One operation at a time, please, of one field.")
    wrong = validate(_schema(), document)
    if wrong:
        return {"errors": [{"key": "invalid_request", "message": one.message} for one in wrong]}
    result = execute_sync(_schema(), document, root_value=desk, variable_values=variables)
    for one in result.errors or ():
        if one.original_error is not None and not isinstance(one.original_error, GraphQLError):
            raise one.original_error
    wrongs = [{"key": "invalid_request", "message": one.message} for one in result.errors or ()] + desk.refused
    return {"data": result.data, **({"errors": wrongs} if wrongs else {})}


class Desk:
    """One method a field of the schema, under the field's own name: that is how graphql-core finds it."""

    def __init__(self, parts: Parts, caller: Caller) -> None:
        self._parts = parts
        self._caller = caller
        self.refused: list[dict[str, str]] = []

    def _admit(self, scope: str, writes: bool) -> Caller:
        if not self._caller.key.may(scope, writes, self._parts.store.now()):
            raise Forbidden(f"The API key lacks the scope {scope!r}.")
        return self._caller

    def sessionTemplates(self, _: Any) -> list[dict[str, Any]]:
        caller = self._admit("templates", False)
        found = templates.every_of(self._parts, caller.account)
        return [
            {
                "id": number_of(one.name),
                "label": one.name,
                "body": next(iter(one.wordings.values())).body,
                "isHsm": True,
                "numberParameters": len(one.variables),
            }
            for one in found.values()
        ]

    def groups(self, _: Any) -> list[dict[str, Any]]:
        caller = self._admit("contacts", False)
        found = groups.every(self._parts.store, caller.account)
        return [{"id": number_of(one.name), "label": one.name} for one in found]

    def sendHsmMessage(
        self,
        _: Any,
        templateId: str,
        receiverId: str,
        parameters: list[str | None] | None = None,
    ) -> dict[str, Any]:
        caller = self._admit("messages", True)
        return self._try(lambda: self._send(caller, templateId, receiverId, parameters or []))

    def sendHsmMessageToGroup(
        self,
        _: Any,
        templateId: str,
        groupId: str,
        parameters: list[str | None] | None = None,
    ) -> dict[str, Any]:
        caller = self._admit("broadcasts", True)
        return {"success": False, **self._try(lambda: self._to_group(caller, templateId, groupId, parameters or []))}

    def createAndSendMessageToGroup(self, info: Any, input: dict[str, Any], groupId: str) -> dict[str, Any]:
        return self.sendHsmMessageToGroup(info, input["templateId"], groupId, input.get("params"))

    def _try(self, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return do()
        except _TOLD as error:
            told = _error(refused_of(of_error(error)))
            self.refused.append(told)
            return {"errors": [told]}

    def _send(self, caller: Caller, template: str, receiver: str, values: list[str | None]) -> dict[str, Any]:
        asked = self._template(caller.account, template)
        account = self._parts.library.account(caller.account)
        line = line_for(self._parts, account, asked.name)
        body = {
            "channel": line.name if line else "",
            "to": self._receiver(caller.account, receiver),
            "template": {"name": asked.name, "params": _by_place(asked, values)},
        }
        sending = Sending(self._parts, caller.account)
        sent = sending.send(read(MessageRequest, body), lambda: orders.nonce(self._parts, caller))
        words = next(iter(asked.wordings.values())).body
        return {"message": {"id": sent["message_id"], "body": words, "isHsm": True, "isHSM": True}}

    def _to_group(self, caller: Caller, template: str, group: str, values: list[str | None]) -> dict[str, Any]:
        store, account = self._parts.store, caller.account
        asked = self._template(account, template)
        name = _one(group, [one.name for one in groups.every(store, account)], "group")
        line = line_for(self._parts, self._parts.library.account(account), asked.name)
        params = _by_place(asked, values)
        body = {"channel": line.name if line else "", "group": name, "template": {"name": asked.name, "params": params}}
        broadcasts.order_one(self._parts, caller, read(broadcasts.BroadcastRequest, body))
        members = islice(groups.walk(store, account, name), broadcasts.INLINE)
        return {"success": True, "contactIds": list(members)}

    def _template(self, account: str, id: str) -> Template:
        found = templates.every_of(self._parts, account)
        return found[_one(id, found, "template")]

    def _receiver(self, account: str, id: str) -> str:
        """A contact's id, or a number with its country code, with or without the +."""
        if not id.startswith("c"):
            return id if id.startswith("+") else "+" + id
        found = contacts.find(self._parts, account, id)
        return "+" + found.number if found.number else found.bsuid


def number_of(name: str) -> int:
    """Avni's client writes ids as JSON numbers: each of our names has one, always the same.

    >>> number_of("visit_reminder") == number_of("visit_reminder") < 2**48, number_of("a") == number_of("b")
    (True, False)
    """
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big")


def _one(id: str, names: Iterable[str], kind: str) -> str:
    """By its name or number."""
    for name in names:
        if id in (name, str(number_of(name))):
            return name
    raise NotFound(f"There is no such {kind}.")


def _by_place(template: Template, values: list[str | None]) -> dict[str, str]:
    """The first value is the first variable's, as they stand in the text."""
    names = template.variables
    if len(names) != len(values):
        mistake = f"the template has {len(names)} variables ({', '.join(names)}), {len(values)} are given"
        raise InvalidRequest(WRONG, mistakes=[("/parameters", mistake)])
    return {name: value or "" for name, value in zip(names, values, strict=True)}
