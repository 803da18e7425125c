"""Who gets in: keys, scopes, their end, their rate; and how every refusal looks."""

from __future__ import annotations

import pytest
from openapi_spec_validator import validate

from flowbot.store.limits import Limits

from .conftest import Office, mistakes


def test_the_description_is_valid_openapi(office: Office) -> None:
    spec = office.client.get("/v1/openapi.json").get_json()
    validate(spec)
    assert spec["openapi"] == "3.1.0"
    assert {"/v1/processes", "/v1/contacts/{contact_id}", "/v1/deliveries/{delivery_id}/replay"} <= set(spec["paths"])
    for path, views in spec["paths"].items():
        for method, view in views.items():
            if method in ("get", "post", "put", "patch", "delete"):
                assert view["summary"], f"{method} {path}"
                assert {"401", "403", "429", "503"} <= set(view["responses"]), f"{method} {path}"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer fk_live_x_y", "Basic abc", "Bearer fk_live_" + "0" * 90])
def test_no_key_no_entry(office: Office, header: str) -> None:
    answer = office.client.get("/v1/processes", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_opens_what_its_scopes_say(office: Office) -> None:
    reads = office.key(scopes=("endpoints:read", "contacts"))
    assert office.ask("GET", "/endpoints", key=reads).status_code == 200
    assert office.ask("GET", "/contacts", key=reads).status_code == 200
    refused = office.ask("POST", "/endpoints/crm/enable", key=reads)
    assert (refused.status_code, refused.get_json(force=True)["code"]) == (403, "forbidden")
    assert "endpoints" in refused.get_json(force=True)["detail"]
    assert office.ask("GET", "/processes", key=reads).status_code == 403


def test_an_expired_key_opens_nothing(office: Office) -> None:
    now = office.store.now()
    assert office.ask("GET", "/flows", key=office.key(expires_at=now + 60_000, n=1)).status_code == 200
    answer = office.ask("GET", "/flows", key=office.key(expires_at=now - 1, n=2))
    assert answer.status_code == 401
    assert "expired" in answer.get_json(force=True)["detail"]


def test_two_keys_live_side_by_side(office: Office) -> None:
    """What a rotation needs."""
    for key in (office.key(n=1), office.key(n=2)):
        assert office.ask("GET", "/flows", key=key).status_code == 200


def test_every_answer_says_what_is_left(office: Office) -> None:
    first, second = office.ask("GET", "/flows"), office.ask("GET", "/flows/none")
    assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("600", "599")
    assert (second.status_code, second.headers["RateLimit-Remaining"]) == (404, "598")
    assert 0 < int(second.headers["RateLimit-Reset"]) <= 60


def test_beyond_the_rate_it_says_when(store_url: str) -> None:
    limits = Limits(store_url, "2/hour")
    assert [limits.hit("k").within for _ in range(3)] == [True, True, False]
    assert limits.hit("other").within
    assert limits.hit("k").remaining == 0 and 0 < limits.hit("k").reset <= 3600


def test_a_wrong_query_names_its_parameters(office: Office) -> None:
    answer = office.ask("GET", "/processes?limit=9000&status=odd&from=yesterday")
    assert answer.status_code == 422
    assert mistakes(answer) == ["?from", "?limit", "?status"]
    assert mistakes(office.ask("GET", "/processes?after=%21%21")) == ["?after"]


def test_unknown_addresses_and_methods(office: Office) -> None:
    for answer, code in ((office.ask("GET", "/nothing"), 404), (office.ask("PUT", "/flows"), 405)):
        assert answer.status_code == code
        assert answer.content_type == "application/problem+json"


def test_conversations_are_started_by_who_may(office: Office) -> None:
    """The same doorkeeper: neither an expired key nor one that only reads starts anything."""
    body = {"flow": "talk", "channel": "main", "to": "+573001110001"}
    reads = office.ask("POST", "/conversations", body, key=office.key(scopes=("*:read",)))
    assert (reads.status_code, reads.get_json(force=True)["code"]) == (403, "forbidden")
    expired = office.ask("POST", "/conversations", body, key=office.key(expires_at=office.store.now() - 1, n=3))
    assert expired.status_code == 401
    started = office.ask("POST", "/conversations", body, key=office.key(scopes=("conversations",)))
    assert started.status_code == 202 and started.headers["RateLimit-Limit"] == "600"
