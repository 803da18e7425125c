"""Providers are asked for their templates by the hooks process: at once, when something is missed, now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import orjson
import pytest

from flowbot.delivery.pull import OFTEN, SELDOM, SOON, YOUNG, due, pull
from flowbot.hooks.parts import Parts
from flowbot.hooks.templates import ask_all
from flowbot.model.gateway import Refused
from flowbot.model.project import Account, Channel, Project
from flowbot.model.template import Approval, Template, Wording
from flowbot.store import approvals, hooks
from flowbot.store.approvals import Table
from flowbot.store.client import AsyncStore, Store

MAIN = Channel(
    account="acme",
    name="main",
    gateway="cloud_api",
    base_url="https://graph.test",
    options={"waba_id": "8001", "access_token": "t"},
)
ACCOUNT = Account(name="acme", channels={"main": MAIN})
NOW = 1_800_000_000_000
Run = Callable[[Callable[[AsyncStore], Awaitable[Any]]], Any]


class Meta:
    """Lists what it has."""

    def __init__(self, *names: str, status: str = "APPROVED") -> None:
        self.names, self.status, self.asked = names, status, 0
        self.http = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        assert request.headers["authorization"] == "Bearer t"
        listed = [{"id": "1", "name": name, "language": "en", "status": self.status} for name in self.names]
        error = {"message": "Error validating access token", "code": 190}
        said = orjson.dumps({"data": listed} if self.http < 300 else {"error": error})
        return httpx.Response(self.http, stream=httpx.ByteStream(said))

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self))


def table(store: Store) -> Table:
    return store.run(approvals.read("acme", MAIN.holder))


def status(store: Store, name: str = "invite") -> str:
    return table(store).approvals[name, "en"].status


def ask(in_loop: Run, meta: Meta, names: tuple[str, ...] = ("invite",), now: int = NOW) -> Any:
    async def work(store: AsyncStore) -> Any:
        async with meta.client() as client:
            return await pull(store, client, ACCOUNT, MAIN, names, now)

    return in_loop(work)


def test_what_the_project_has_is_kept_and_the_rest_only_counted(any_store: Store, in_loop: Run) -> None:
    """R082."""
    found = ask(in_loop, Meta("invite", "of_somebody_else"))
    assert (found.listed, [one.name for one in found.ours]) == (2, ["invite"])
    known = table(any_store)
    assert status(any_store) == "APPROVED" and known.pulled_at == NOW and len(known.approvals) == 1
    told = [one.type for p in range(any_store.partitions) for one in any_store.run(hooks.read(p))]
    assert told == ["template.approved"]


def test_what_is_listed_no_longer_is_deleted_unless_it_is_young(any_store: Store, in_loop: Run) -> None:
    ask(in_loop, Meta("invite"))
    ask(in_loop, Meta(), now=NOW + YOUNG - 1)
    assert status(any_store) == "APPROVED"
    ask(in_loop, Meta(), now=NOW + YOUNG)
    assert status(any_store) == "DELETED"


def test_a_refusal_is_noted_and_takes_nothing_away(any_store: Store, in_loop: Run) -> None:
    meta = Meta("invite")
    ask(in_loop, meta)
    meta.http = 401
    found = ask(in_loop, meta, now=NOW + 1)
    assert isinstance(found, Refused)
    assert table(any_store).why == "Error validating access token" and status(any_store) == "APPROVED"


def test_a_provider_out_of_reach_is_asked_again(any_store: Store, in_loop: Run) -> None:
    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    async def work(store: AsyncStore) -> Any:
        async with httpx.AsyncClient(transport=httpx.MockTransport(away)) as client:
            return await pull(store, client, ACCOUNT, MAIN, ("invite",), NOW)

    found = in_loop(work)
    assert isinstance(found, Refused) and found.kind == "retry"
    assert table(any_store).why == "it could not be reached"


@pytest.mark.parametrize(
    ("known", "after", "asks"),
    [
        (Table(), 0, True),
        (Table(tried_at=NOW, pulled_at=NOW), SELDOM - 1, False),
        (Table(tried_at=NOW, pulled_at=NOW), SELDOM, True),
        (Table(tried_at=NOW, why="HTTP 401"), OFTEN - 1, False),
        (Table(tried_at=NOW, why="HTTP 401"), OFTEN, True),
        (Table(tried_at=NOW, wanted_at=NOW + 1), SOON - 1, False),
        (Table(tried_at=NOW, wanted_at=NOW + 1), SOON, True),
        *(
            (
                Table(
                    tried_at=NOW, pulled_at=NOW, approvals={("a", "en"): Approval(name="a", language="en", status=word)}
                ),
                OFTEN,
                asks,
            )
            for word, asks in (("PENDING", True), ("PAUSED", True), ("APPROVED", False), ("REJECTED", False))
        ),
    ],
)
def test_when_it_is_asked(known: Table, after: int, asks: bool) -> None:
    assert due(known, NOW + after) is asks


def test_one_process_asks_at_once_and_only_for_what_there_is(any_store: Store, in_loop: Run) -> None:
    meta = Meta("invite")
    off = Channel(account="acme", name="off", gateway="cloud_api", options={"waba_id": "8002"}, missing=("TOKEN",))
    try_ = Channel(account="acme", name="try", gateway="simulator")
    account = Account(name="acme", channels={"off": off, "try": try_, "main": MAIN})

    async def work(store: AsyncStore) -> None:
        client = meta.client()
        more = {"calls_public": client, "public": client}
        invite = Template(name="invite", wordings={"en": Wording(language="en", body="Hello.")})
        for templates in ({}, {"invite": invite}):
            parts = Parts(
                store=store,
                project=lambda: Project(accounts={"acme": account}),
                templates=lambda templates=templates: templates,  # type: ignore[misc]
                **more,  # type: ignore[arg-type]
            )
            await asyncio.gather(ask_all(parts), ask_all(parts), ask_all(parts))
        await parts.close()

    in_loop(work)
    assert meta.asked == 1 and status(any_store) == "APPROVED"
    assert any_store.run(approvals.read("acme", off.holder)) == Table()
