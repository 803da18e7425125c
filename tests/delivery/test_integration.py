"""A client's service: the request as declared, and what its answer means."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from flowbot.delivery.answer import KEPT
from flowbot.delivery.failure import Failure
from flowbot.delivery.integration import read, request_of
from flowbot.delivery.retry import call_wait
from flowbot.errors import InvalidRequest
from flowbot.library.project import read_project
from flowbot.library.yaml import read_yaml
from flowbot.model.gateway import HttpRequest, HttpResponse
from flowbot.model.integration import Integration

PROJECT = """\
accounts:
  acme:
    channels: {main: {gateway: simulator}}
    integrations:
      crm:
        base_url: "https://crm.example/v1/"
        auth: {bearer: "${env:TOKEN}"}
        headers: {X-Team: support, X-Key: "${env:KEY}"}
        actions:
          save:
            path: "/people/{{ id }}"
            method: PUT
            query: {notify: "{{ notify }}", tags: "{{ tags }}", none: "{{ nothing }}"}
            json: {name: "{{ name }}", age: "{{ age }}", rest: ["{{ name }}!", null], key: "${env:KEY}"}
            headers: {X-Name: "{{ name }}"}
          login: {path: /login, form: {user: "{{ name }}", ok: true, none: "{{ nothing }}"}}
"""
ENVIRON = {"TOKEN": "t0k", "KEY": "{{ 7 * 7 }}"}


@pytest.fixture(scope="module")
def crm() -> Integration:
    source = read_yaml("flowbot.yaml", PROJECT.encode()).source
    assert source is not None
    project, problems = read_project(source, ENVIRON)
    assert problems == ()
    return project.accounts["acme"].integrations["crm"]


def build(crm: Integration, action: str, **values: Any) -> HttpRequest:
    return request_of(crm, crm.actions[action], values, "acme/main/c1:save:7")


def test_values_are_filled_in_and_keep_their_types(crm: Integration) -> None:
    """R049, R117."""
    made = build(crm, "save", id=7, name="Ana", age=41, notify=True, tags=["a", "b c"])
    assert (made.method, made.url) == (
        "PUT",
        "https://crm.example/v1/people/7?notify=true&tags=a&tags=b+c",
    )
    assert orjson.loads(made.body) == {"name": "Ana", "age": 41, "rest": ["Ana!", None], "key": "{{ 7 * 7 }}"}
    assert made.headers["authorization"] == "Bearer t0k" and made.headers["x-team"] == "support"
    assert made.headers["idempotency-key"] == "acme/main/c1:save:7" and made.headers["x-name"] == "Ana"
    assert made.headers["content-type"] == "application/json"


def test_a_form(crm: Integration) -> None:
    made = build(crm, "login", name="a&b=c ñ")
    assert (made.method, made.body) == ("POST", b"user=a%26b%3Dc+%C3%B1&ok=true")
    assert made.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("name", ["${env:TOKEN}", "{{ 7 * 7 }}", "${file:/etc/passwd}"])
def test_what_a_contact_writes_is_never_read_as_anything_else(crm: Integration, name: str) -> None:
    """R051: neither an expression nor the name of a secret."""
    made = build(crm, "save", id=1, name=name)
    assert orjson.loads(made.body)["name"] == name


@pytest.mark.parametrize("id", ["../admin", "a/b", "a?x=1", "a#b", "a\nb", "//evil.example"])
def test_a_value_stays_within_its_part_of_the_path(crm: Integration, id: str) -> None:
    url = build(crm, "save", id=id, name="x").url
    assert url.startswith("https://crm.example/v1/people/") and url.count("/") == 5
    assert "?x=1" not in url and "#" not in url


@pytest.mark.parametrize("id", ["../../admin", "a?x=1", "%2e%2e/admin"])
def test_so_does_one_that_lies_within_another(id: str) -> None:
    """`{{ person.id }}`, of a person that another service told of."""
    source = read_yaml("flowbot.yaml", PROJECT.replace("{{ id }}", "{{ person.ids[0] }}").encode()).source
    assert source is not None
    crm = read_project(source, ENVIRON)[0].accounts["acme"].integrations["crm"]
    url = build(crm, "save", person={"ids": [id]}, name="x").url
    assert url.startswith("https://crm.example/v1/people/") and url.count("/") == 5
    assert "?x=1" not in url and "%2e" not in url


@pytest.mark.parametrize(
    ("id", "name"), [("..", "a"), (".", "a"), ("", "a"), (None, "a"), (1, "a\r\nx-evil: 1"), (1, "日本")]
)
def test_what_makes_no_request_is_refused(crm: Integration, id: Any, name: str) -> None:
    with pytest.raises(InvalidRequest):
        build(crm, "save", id=id, name=name)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b"[]", "no_object"),
        (200, b"", "no_object"),
        (200, b"<html>", "no_object"),
        (200, b'"text"', "no_object"),
        (200, b'{"a": "\\ud800"}', "no_object"),
        (200, b'{"a": "%s"}' % (b"x" * KEPT), "too_big"),
        (200, b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", "too_deep"),
        (200, b'{"a": ' + b"[" * 100_000, "no_object"),
        (302, b"", "status"),
        (404, b'{"error": "who?", "hint": "x"}', "status"),
        (500, b"oh", "status"),
    ],
)
def test_what_is_no_object_or_no_success_is_an_error(status: int, body: bytes, reason: str) -> None:
    """R118."""
    outcome, result, why = read(HttpResponse(status=status, body=body))
    assert (outcome, why, result["error"], result["status"]) == ("error", reason, reason, status)
    if status == 404:
        assert result["hint"] == "x" and result["body"] == {"error": "who?"}


def test_numbers_and_nul_are_kept_as_json_can(crm: Integration) -> None:
    outcome, result, _ = read(HttpResponse(status=200, body=b'{"a": "x\\u0000y", "n": 123456789012345678901234567890}'))
    assert outcome == "ok" and result["a"] == "xy" and result["n"] == pytest.approx(1.2345678901234568e29)


@pytest.mark.parametrize(
    ("answer", "method", "wait"),
    [
        (Failure(certainty="ambiguous", reason="timeout"), "GET", None),
        (Failure(certainty="ambiguous", reason="disconnected"), "GET", 500),
        (Failure(certainty="ambiguous", reason="disconnected"), "POST", None),
        (Failure(certainty="safe", reason="connect"), "POST", 500),
        (Failure(certainty="forbidden", reason="address"), "GET", None),
        (HttpResponse(status=503), "POST", 500),
        (HttpResponse(status=429, headers={"retry-after": "7"}), "POST", 7000),
        (HttpResponse(status=429, headers={"retry-after": "60"}), "POST", None),
        (HttpResponse(status=500), "GET", None),
        (HttpResponse(status=404), "GET", None),
        (HttpResponse(status=200), "GET", None),
    ],
)
def test_what_is_tried_again(answer: HttpResponse | Failure, method: str, wait: int | None) -> None:
    """R064: never what may have been done, unless twice is the same as once; never beyond its time."""
    assert call_wait(answer, method, 1, left=30_000) == wait
    assert call_wait(answer, method, 1, left=900) is None
    assert call_wait(answer, method, 4, left=30_000) is None
