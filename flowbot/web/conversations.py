"""POST /v1/conversations starts a flow for a contact; GET /v1/processes/<id> tells what became of it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, request

from ..errors import Conflict, InvalidRequest, NotFound, ParseError
from ..model import event, ids
from ..model.event import ConversationRequested
from ..store import idempotency, identity, inbox, processes, sessions
from .answer import as_json
from .bearer import account_of
from .problems import respond
from .start_request import read_start

if TYPE_CHECKING:
    from ..wiring import Parts

MAX_KEY = 255  # characters of an Idempotency-Key


def blueprint(parts: Parts) -> Blueprint:
    api = Blueprint("conversations", __name__, url_prefix="/v1")

    @api.post("/conversations")
    def start() -> Response:
        account = _caller(parts)
        answer = Starting(parts, account).start(_body(), request.headers.get("Idempotency-Key", ""))
        return respond(as_json(answer, 202))

    @api.get("/processes/<process_id>")
    def process(process_id: str) -> Response:
        return respond(as_json(find_process(parts, _caller(parts), process_id)))

    return api


def _caller(parts: Parts) -> str:
    accounts = list(parts.library.project.accounts)
    return account_of(request.headers.get("Authorization", ""), parts.store, accounts)


def _body() -> Any:
    try:
        return orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON: {error}") from None


def find_process(parts: Parts, account: str, process_id: str) -> dict[str, Any]:
    """The process as the hook's data has it; NotFound also for another account's."""
    found = parts.store.run(processes.get(process_id))
    if found is None or found.get("account") != account:
        raise NotFound("There is no such process.")
    return found


class Starting:
    """One request to start a conversation.

    All ids derive from the Idempotency-Key, so the same request again changes nothing and gets the same answer.
    """

    def __init__(self, parts: Parts, account: str) -> None:
        self._parts = parts
        self._account = account

    def start(self, body: Any, key: str) -> dict[str, str]:
        if len(key) > MAX_KEY:
            raise InvalidRequest(f"Idempotency-Key is longer than {MAX_KEY} characters.")
        store, library = self._parts.store, self._parts.library
        given, who = read_start(body, library.account(self._account), library)
        if key:
            self._refuse_if_another(key, body)
        channel_key = f"{self._account}/{given['channel']}"
        contact_id = identity.resolve(store, self._account, who)
        partition = ids.partition_of(contact_id, store.partitions)
        seed = ("key", key) if key else ("once", secrets.token_hex(16))
        process_id = ids.make("pr", partition, self._account, contact_id, *seed)
        answer = {"process_id": process_id, "contact_id": contact_id}
        if key and store.run(processes.get(process_id)) is not None:
            return answer
        if given["if_open"] == "refuse":
            self._refuse_if_open(partition, contact_id, channel_key, process_id)
        rest = {name: value for name, value in given.items() if name not in ("channel", "to")}
        asked = ConversationRequested(process_id=process_id, to=who, **rest)
        # by the day it came, not by the hour: an idempotency key is good for 8 days
        push = inbox.push(partition, contact_id, channel_key, event.to_bytes(asked), dedupe_id=asked.id, at_ms=0)
        store.run(push)
        return answer

    def _refuse_if_another(self, key: str, body: Any) -> None:
        store = self._parts.store
        request = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        if not store.run(idempotency.note(self._account, key, request, store.salt)):
            raise Conflict("The Idempotency-Key came with another request before.", code="idempotency_key_reused")

    def _refuse_if_open(self, partition: int, contact_id: str, channel_key: str, process_id: str) -> None:
        """The worker looks again: between here and there another may open."""
        session = self._parts.store.run(sessions.get(partition, contact_id, channel_key))
        if session is not None and session.process is not None and session.process.id != process_id:
            raise Conflict("A conversation is open.", code="conversation_open")
