"""Providers' calls, good and bad, against a real store."""

from __future__ import annotations

import io
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from flowbot.model import ids
from flowbot.model.event import MessageReceived
from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.model.template import Approval
from flowbot.store import approvals, hooks, outbox, rates
from flowbot.store.client import Store
from flowbot.store.durable import OnDisk
from flowbot.web.app import create_app
from flowbot.web.arrival import MAX_BODY
from flowbot.web.share import Shares
from flowbot.wiring import Parts

from .conftest import envelope, join, post, stored, text, texts


def problem_of(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = answer.get_json(force=True)
    assert (body["status"], body["code"]) == (status, code)
    return body


def test_a_message_lies_in_its_contacts_inbox(client: FlaskClient, store: Store) -> None:
    answer = post(client, envelope(text("Hello", id="wamid.x")))
    assert (answer.status_code, answer.data) == (200, b"")
    ((contact_id, channel, arrived),) = stored(store)
    assert contact_id.startswith("c") and "15550100001" not in contact_id
    assert channel == "acme/main"
    assert isinstance(arrived, MessageReceived)
    assert (arrived.inbound.id, arrived.inbound.text, arrived.inbound.at) == ("wamid.x", "Hello", 1_700_000_000_000)


def test_the_same_webhook_again_has_one_effect(client: FlaskClient, store: Store) -> None:
    """R061"""
    body = envelope(text("once", id="wamid.x"))
    assert [post(client, body).status_code for _ in range(3)] == [200, 200, 200]
    twice = envelope(text("once", id="wamid.x"), text("once", id="wamid.x"))
    assert post(client, twice).status_code == 200
    assert texts(store) == [("acme/main", "once")]


def test_the_same_id_on_another_channel_is_another_message(client: FlaskClient, store: Store) -> None:
    post(client, join(("7001", [text("a", id="wamid.x")], []), ("7002", [text("b", id="wamid.x")], [])))
    assert texts(store) == [("acme/main", "a"), ("acme/second", "b")]


def test_a_thousand_updates_in_one_post(client: FlaskClient, store: Store) -> None:
    messages = [text(str(n), sender=f"1555010{n % 50:04}") for n in range(1000)]
    assert post(client, envelope(*messages)).status_code == 200
    found = stored(store)
    assert len(found) == 1000 and len({contact for contact, _, _ in found}) == 50
    for contact in {contact for contact, _, _ in found}:
        order = [int(arrived.inbound.text) for of, _, arrived in found if of == contact]
        assert order == sorted(order)


def test_one_bad_item_does_not_spoil_the_batch(client: FlaskClient, store: Store) -> None:
    assert post(client, envelope("junk", text("good"), {"from": 1}, {"type": "text"})).status_code == 200
    assert texts(store) == [("acme/main", "good")]


def test_items_go_to_the_channel_of_their_number(client: FlaskClient, store: Store) -> None:
    body = join(
        ("7001", [text("main")], []),
        ("7002", [text("second")], []),
        ("7100", [text("beta shares the app")], []),
        ("7003", [text("another app: not believed")], []),
        ("7101", [text("another account's other app: not believed")], []),
        ("9999", [text("nobody's")], []),
    )
    assert post(client, body).status_code == 200
    assert texts(store) == [
        ("acme/main", "main"),
        ("acme/second", "second"),
        ("beta/main", "beta shares the app"),
    ]


def test_a_contact_of_two_accounts_is_two_contacts(client: FlaskClient, store: Store) -> None:
    post(client, join(("7001", [text("a")], []), ("7100", [text("b")], [])))
    assert len({contact for contact, _, _ in stored(store)}) == 2


def test_group_messages_and_notices_reach_nobody(client: FlaskClient, store: Store) -> None:
    notice = {"entry": [{"changes": [{"field": "account_update", "value": {"event": "X"}}]}]}
    assert post(client, envelope({**text("all"), "group_id": "g1"})).status_code == 200
    assert post(client, orjson.dumps(notice)).status_code == 200
    assert stored(store) == []


def test_handshake(client: FlaskClient) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "1158<b>"}
    answer = client.get("/webhooks/acme/main", query_string=query)
    assert (answer.status_code, answer.data) == (200, b"1158<b>")
    assert answer.content_type.startswith("text/plain")
    problem_of(client.get("/webhooks/acme/main", query_string={**query, "hub.verify_token": "x"}), 403, "handshake")
    problem_of(client.get("/webhooks/acme/main"), 403, "handshake")
    problem_of(client.get("/webhooks/acme/no_secret", query_string={**query, "hub.verify_token": ""}), 403, "handshake")


@pytest.mark.parametrize(
    "path", ["/webhooks/nobody/main", "/webhooks/acme/nothing", "/webhooks/acme/", "/webhooks/acme", "/webhooks//"]
)
def test_an_unknown_account_or_channel_is_404(client: FlaskClient, path: str) -> None:
    """R140"""
    assert problem_of(post(client, envelope(text()), path), 404, "not_found")
    assert client.get(path).status_code == 404


def test_a_wrong_signature_is_403_before_any_parsing(client: FlaskClient, store: Store) -> None:
    problem_of(post(client, envelope(text()), secret="wrong"), 403, "signature")
    problem_of(client.post("/webhooks/acme/main", data=b"{broken"), 403, "signature")
    problem_of(post(client, envelope(text()), "/webhooks/acme/no_secret", secret=""), 403, "signature")
    assert stored(store) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff\xfe", b"[" * 200_000, b'{"entry":' * 100_000, b'{"a": NaN}'],
    ids=lambda b: str(b[:6]),
)
def test_a_broken_body_is_400(client: FlaskClient, body: bytes) -> None:
    problem_of(post(client, body), 400, "parse")


def test_nul_bytes_and_lone_surrogates_are_taken_out(client: FlaskClient, store: Store) -> None:
    body = envelope(text("a@b@c", id="wamid.x")).replace(b"a@b@c", b"a\\u0000b\\ud800c")
    assert post(client, body).status_code == 200
    assert texts(store) == [("acme/main", "abc")]


def test_three_megabytes_pass_and_more_than_the_cap_does_not(client: FlaskClient, store: Store) -> None:
    assert post(client, envelope(text("x" * 3_000_000))).status_code == 200
    problem_of(post(client, envelope(text("x" * MAX_BODY))), 413, "too_large")
    assert [len(one) for _, one in texts(store)] == [3_000_000]


def test_a_body_that_ends_early_is_400(client: FlaskClient) -> None:
    environ = {"CONTENT_LENGTH": "100", "wsgi.input": io.BytesIO(b"{}")}
    problem_of(client.post("/webhooks/acme/main", environ_overrides=environ), 400, "incomplete")


def test_the_simulators_channel(client: FlaskClient, parts: Parts, store: Store) -> None:
    body = orjson.dumps({"id": "1", "from": "15550001", "text": "hi"})
    problem_of(client.post("/webhooks/acme/try", data=body), 403, "signature")
    channel = parts.library.project.channel("acme", "try")
    assert channel is not None
    headers = {"X-Simulator-Secret": channel.options["secret"]}
    assert client.post("/webhooks/acme/try", data=body, headers=headers).status_code == 200
    assert texts(store) == [("acme/try", "hi")]


def test_other_methods_are_405(client: FlaskClient) -> None:
    assert client.put("/webhooks/acme/main").status_code == 405
    assert client.put("/webhooks/acme/main").content_type == "application/problem+json"


def test_both_ways_in_give_the_same_answers(parts: Parts, store: Store) -> None:
    app = create_app(parts)
    short = app.test_client()
    long = create_app(parts)
    long.wsgi_app = type(long).wsgi_app.__get__(long)  # Flask's own routing, without the short way
    for body, secret in ((envelope(text(id="wamid.x")), "shared"), (b"{", "shared"), (b"{}", "wrong")):
        one, other = post(short, body, secret=secret), post(long.test_client(), body, secret=secret)
        assert (one.status_code, one.data, one.content_type) == (other.status_code, other.data, other.content_type)
    assert len(stored(store)) == 1


def test_a_store_that_is_down_is_503_and_the_message_counts_when_it_comes_again(
    parts: Parts, store: Store, gone: Store
) -> None:
    dead = create_app(replace(parts, store=gone, shares=Shares(gone, 100))).test_client()
    body = envelope(text("kept"))
    answer = post(dead, body)
    problem_of(answer, 503, "store_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert post(create_app(parts).test_client(), body).status_code == 200
    assert texts(store) == [("acme/main", "kept")]


def test_two_threads_at_once_have_one_effect(parts: Parts, store: Store) -> None:
    """R061, R058"""
    app, body = create_app(parts), envelope(text("once"))
    threads = [threading.Thread(target=lambda: post(app.test_client(), body)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts(store) == [("acme/main", "once")]


def a_message(store: Store) -> str:
    """A message of ours on its way to the provider: the sender has not recorded the answer yet."""
    contact_id = ids.contact_id(store.salt, "acme", "n:15550100001")
    partition = ids.partition_of(contact_id, store.partitions)
    entry = OutboxEntry(
        id=ids.make("ms", partition, "x"),
        account="acme",
        channel="main",
        contact_id=contact_id,
        to="15550100001",
        outbound=Outbound(text="Hi"),
    )
    assert store.run(outbox.push(partition, [entry])) == 1
    assert len(store.run(outbox.claim(partition, "r", "acme/main", tokens=1)).claimed) == 1
    return entry.id


def test_statuses_reach_their_message_and_only_move_it_forward(client: FlaskClient, store: Store) -> None:
    """R062"""
    message_id = a_message(store)

    def status(word: str, second: int) -> dict[str, Any]:
        return {
            "id": "wamid.out",
            "status": word,
            "timestamp": str(1_700_000_000 + second),
            "recipient_id": "15550100001",
            "biz_opaque_callback_data": message_id,
        }

    body = envelope(statuses=[status("read", 3), status("sent", 1), status("in_orbit", 4)])
    assert post(client, body).status_code == 200
    found = store.run(outbox.read(message_id))
    assert (found["state"], found["read_at"]) == ("sent", str(1_700_000_003_000))


def test_a_status_of_a_message_nobody_knows_is_taken_too(client: FlaskClient, store: Store) -> None:
    unknown = {"id": "wamid.other", "status": "delivered", "timestamp": "1700000000", "recipient_id": "15550100001"}
    assert post(client, envelope(statuses=[unknown])).status_code == 200


def test_a_tenant_cannot_speak_of_anothers_message(client: FlaskClient, store: Store) -> None:
    message_id = a_message(store)
    for status in ("read", "failed"):
        said = {"id": "wamid.x", "status": status, "timestamp": "1700000000", "biz_opaque_callback_data": message_id}
        for path, to, secret in (("beta/main", "7100", "shared"), ("acme/second", "7002", "shared")):
            body = envelope(to=to, statuses=[said])
            assert post(client, body, f"/webhooks/{path}", secret=secret).status_code == 200
    found = store.run(outbox.read(message_id))
    assert found["state"] == "sending" and not {"read_at", "failed_at"} & set(found)


@pytest.mark.parametrize(
    ("code", "age", "paused"),
    [(131042, 5, "hold"), (131048, 5, "channel"), (130429, 5, "channel"), (131026, 5, ""), (131042, 3600, "")],
)
def test_a_failed_status_pauses_as_the_same_code_in_an_answer(
    client: FlaskClient, store: Store, code: int, age: int, paused: str
) -> None:
    message_id = a_message(store)
    failed = {
        "id": "wamid.x",
        "status": "failed",
        "timestamp": str(int(time.time()) - age),
        "errors": [{"code": code, "title": "x"}],
        "biz_opaque_callback_data": message_id,
    }
    assert post(client, envelope(statuses=[failed, failed])).status_code == 200
    assert store.run(outbox.read(message_id))["state"] == "failed"
    assert store.run(rates.lease("acme/main", rate=80, size=4, want=1)).paused == paused
    assert store.run(rates.lease("acme/second", rate=80, size=4, want=1)).paused == ""


@pytest.mark.parametrize(("code", "asks"), [(132015, True), (132001, True), (131026, False)])
def test_a_refused_template_has_its_provider_asked_and_pauses_nothing(
    client: FlaskClient, parts: Parts, code: int, asks: bool
) -> None:
    """R082."""
    failed = {"id": "wamid.x", "status": "failed", "timestamp": str(int(time.time())), "errors": [{"code": code}]}
    assert post(client, envelope(statuses=[failed])).status_code == 200
    main = parts.library.account("acme").channels["main"]
    assert bool(parts.store.run(approvals.read("acme", main.holder)).wanted_at) is asks
    assert parts.store.run(rates.lease("acme/main", rate=80, size=4, want=1)).paused == ""


def test_a_contact_that_had_too_many_is_left_alone(client: FlaskClient, store: Store) -> None:
    message_id = a_message(store)
    failed = {
        "id": "wamid.x",
        "status": "failed",
        "timestamp": str(int(time.time())),
        "errors": [{"code": 131056}],
        "biz_opaque_callback_data": message_id,
    }
    assert post(client, envelope(statuses=[failed])).status_code == 200
    partition = ids.split(message_id)[1]
    record = store.run(outbox.read(message_id))
    entry = OutboxEntry(
        id=ids.make("ms", partition, "next"),
        account="acme",
        channel="main",
        contact_id=record["contact"],
        to="15550100001",
        outbound=Outbound(text="Hi"),
    )
    store.run(outbox.push(partition, [entry]))
    claims = store.run(outbox.claim(partition, "r", "acme/main", tokens=1))
    assert claims.claimed == () and 5_000 < claims.next_at - claims.now <= 6_000


def test_a_query_without_end_is_400(client: FlaskClient) -> None:
    problem_of(client.post("/webhooks/acme/main?" + "a=1&" * 200, data=b"{}"), 400, "query")


def test_what_the_disk_does_not_have_is_not_acknowledged(parts: Parts, store: Store) -> None:
    promised = replace(parts, kept=OnDisk(store))  # a store without a log: it cannot keep the promise
    with create_app(promised).test_client() as client:
        problem_of(post(client, envelope(text(id="wamid.disk"))), 503, "store")


def news(event: str, at: int = 1_700_000_000, *, name: str = "invite", waba: str = "8001", **more: Any) -> bytes:
    value = {
        "event": event,
        "message_template_id": 501,
        "message_template_name": name,
        "message_template_language": "en",
        "reason": "NONE",
        **more,
    }
    change = {"field": "message_template_status_update", "value": value}
    return orjson.dumps({"entry": [{"id": waba, "time": at, "changes": [change]}]})


def approval(parts: Parts, channel: str = "acme/main") -> Approval | None:
    found = parts.library.project.channel(*channel.split("/"))
    assert found is not None
    table = parts.store.run(approvals.read(found.account, found.holder))
    return table.approvals.get(("invite", "en"))


def test_what_a_provider_says_of_a_template_is_kept(client: FlaskClient, parts: Parts) -> None:
    """R082: by its own time, and told to the account's endpoints."""
    assert post(client, news("REJECTED", reason="INVALID_FORMAT")).status_code == 200
    assert post(client, news("APPROVED", 1_600_000_000)).status_code == 200
    found = approval(parts)
    assert found is not None and (found.status, found.reason) == ("REJECTED", "INVALID_FORMAT")
    assert (found.at, found.provider_id) == (1_700_000_000_999, "501")
    told = [one for partition in range(parts.store.partitions) for one in parts.store.run(hooks.read(partition))]
    assert [one.type for one in told] == ["template.rejected"]
    assert post(client, news("APPROVED", name="foreign")).status_code == 200
    assert approval(parts) == found


def test_news_of_a_shared_account_reach_all_who_prove_to_share_it(
    client: FlaskClient, parts: Parts, project: Path
) -> None:
    """I11: an app's own secret is the proof; a claim to its id is none."""
    text = (project / "flowbot.yaml").read_text()
    for number in ("7001", "7002", "7003", "7100", "7101"):
        text = text.replace(f'phone_number_id: "{number}"', f'phone_number_id: "{number}"\n        waba_id: "8001"')
    (project / "flowbot.yaml").write_text(
        text.replace('"7002"\n        waba_id: "8001"', '"7002"\n        waba_id: "8002"')
    )
    parts.shelf._looked = float("-inf")
    assert post(client, news("APPROVED"), "/webhooks/acme/second").status_code == 200
    assert approval(parts, "acme/second") is None and approval(parts, "acme/main") is not None
    assert approval(parts, "beta/main") is not None
    assert post(client, news("PAUSED", 1_800_000_000), "/webhooks/acme/other_app", secret="other").status_code == 200
    found = [approval(parts, name) for name in ("acme/other_app", "beta/own")]
    assert [one.status if one else None for one in found] == ["PAUSED", "PAUSED"]
