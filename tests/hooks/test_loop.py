"""Hooks to a client's endpoint that is well, ill, or hostile."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from dataclasses import replace

import pytest
from standardwebhooks.webhooks import Webhook

from flowbot.errors import NotFound
from flowbot.model.project import Account, Project
from flowbot.store import deliveries, hooks


def test_a_signed_hook_arrives_once(scene):
    async def play(stage):
        await stage.emit(1, name="Añá")
        await stage.until(lambda: stage.client.got)
        await asyncio.sleep(0.2)
        ((headers, body),) = stage.client.got
        read = Webhook(stage.secret).verify(body, headers)
        assert (read["type"], read["timestamp"]) == ("process.succeeded", "2025-11-21T13:00:00Z")
        assert read["data"]["name"] == "Añá" and read["data"]["answers"] == {} and read["data"]["list"] == []
        assert headers["content-type"] == "application/json"
        assert stage.record(headers["webhook-id"])["state"] == "delivered"
        assert stage.store.run(hooks.read(3)) == []

    scene(play)


def test_a_jwt_endpoint(scene):
    async def play(stage):
        await stage.emit(1)
        await stage.until(lambda: stage.client.got)
        ((headers, token),) = stage.client.got
        head, claims, mark = token.split(b".")
        wanted = base64.urlsafe_b64encode(hmac.digest(b"k" * 24, head + b"." + claims, hashlib.sha256)).rstrip(b"=")
        assert mark == wanted and headers["content-type"] == "application/jwt"
        event = json.loads(base64.urlsafe_b64decode(claims + b"=="))["events"][0]
        assert (event["event_type"], event["event_action"]) == ("process", "succeeded")
        assert event["object"]["process_id"] == "pr_3_x"

    scene(play, format="jwt")


@pytest.mark.parametrize(
    ("how", "status", "error"),
    [
        (500, "500", "HTTP 500"),
        ((302, "Location: http://127.0.0.1:1/\r\n"), "302", "HTTP 302"),
        ("hang", "0", "timeout"),
        ("close", "0", None),
        ("flood", "0", "the answer is too big"),
    ],
)
def test_what_fails_comes_again_with_the_same_id_and_a_new_time(scene, how, status, error):
    async def play(stage):
        stage.client.plan = [how]
        await stage.emit(1)
        await stage.until(lambda: stage.client.got and stage.record(stage.delivery()).get("status") == status)
        record = stage.record(stage.delivery())
        assert record["state"] == "pending" and record["attempts"] == "1"
        assert error is None or record["error"] == error
        await asyncio.sleep(1.1)
        stage.due_now()
        stage.store.run(hooks.claim("acme/nobody", "", count=1))
        await stage.halt()
        stage.start()
        await stage.until(lambda: len(stage.client.got) == 2)
        (first, body), (again, same) = stage.client.got
        assert first["webhook-id"] == again["webhook-id"] and body == same
        assert int(again["webhook-timestamp"]) > int(first["webhook-timestamp"])
        Webhook(stage.secret).verify(same, again)

    scene(play)


def test_it_waits_as_planned_and_as_asked(scene):
    async def play(stage):
        stage.client.plan = [500]
        await stage.emit(1)
        await stage.until(lambda: stage.client.got and stage.record(stage.delivery()).get("status"))
        left = stage.store.run(hooks.claim(stage.endpoint.key, stage.endpoint.url, count=1))
        assert left.taken == () and 4000 < left.next_at - left.now <= 5000
        stage.client.plan = [(503, "Retry-After: 120\r\n")]
        await stage.emit(2)
        await stage.until(lambda: len(stage.client.got) == 2 and stage.record(stage.delivery(1)).get("status"))
        await stage.halt()
        stage.due_now()
        stage.start()
        await stage.until(lambda: len(stage.client.got) == 4)

    scene(play)


def test_410_switches_the_endpoint_off_and_a_replay_on_again(scene):
    async def play(stage):
        stage.client.plan = [410]
        await stage.emit(1)
        await stage.until(lambda: stage.facts().get("disabled") == "gone")
        await stage.emit(2)
        await asyncio.sleep(0.3)
        assert len(stage.client.got) == 1
        assert stage.store.run(deliveries.waiting(stage.endpoint.key)) == 2
        pointer = deliveries.replay(stage.store, stage.delivery())
        assert (pointer.endpoint, pointer.type) == ("acme/crm", "process.succeeded")
        await stage.halt()
        stage.start()
        await stage.until(lambda: len(stage.client.got) == 3)

    scene(play)


def test_another_url_is_another_chance(scene):
    async def play(stage):
        stage.client.plan = [410]
        await stage.emit(1)
        await stage.until(lambda: stage.facts().get("disabled") == "gone")
        await stage.halt()
        stage.endpoint = type(stage.endpoint)(
            account="acme", name="crm", secret=stage.secret, url=stage.endpoint.url + "&new=1"
        )
        stage.due_now()
        stage.start()
        await stage.until(lambda: len(stage.client.got) == 2)
        await stage.until(lambda: "disabled" not in stage.facts())

    scene(play)


def test_a_replay_keeps_the_id(scene):
    async def play(stage):
        await stage.emit(1)
        await stage.until(lambda: stage.client.got and stage.record(stage.delivery()).get("state") == "delivered")
        await stage.halt()
        deliveries.replay(stage.store, stage.delivery())
        stage.start()
        await stage.until(lambda: len(stage.client.got) == 2)
        assert stage.delivery(0) == stage.delivery(1)
        for name in ("dl_3_nothing", "nonsense", "ms_3_x", "dl_999_x"):
            with pytest.raises(NotFound):
                deliveries.replay(stage.store, name)

    scene(play)


def test_an_endpoint_that_keeps_failing_is_left_alone_for_a_while(scene):
    async def play(stage):
        stage.client.plan = [500] * 99
        for number in range(30):
            await stage.emit(number)
        await stage.until(lambda: "open_until" in stage.facts())
        await asyncio.sleep(0.5)
        assert len(stage.client.got) <= 20
        assert stage.store.run(deliveries.waiting(stage.endpoint.key)) == 30

    scene(play)


def test_only_what_it_subscribes_to(scene):
    async def play(stage):
        await stage.emit(1, "process.failed")
        await stage.emit(2, "process.succeeded", flow="other")
        await stage.emit(3, "process.succeeded")
        await stage.until(lambda: stage.client.got and stage.store.run(hooks.read(3)) == [])
        await asyncio.sleep(0.2)
        assert len(stage.client.got) == 1

    scene(play, events=("process.succeeded",), flows=("identity",))


def test_addressed_again_after_a_crash_it_is_delivered_once(scene):
    async def play(stage):
        await stage.emit(1)
        await stage.until(lambda: stage.client.got)
        await stage.emit(1)  # as if the stream had not yet forgotten it
        await stage.until(lambda: stage.store.run(hooks.read(3)) == [])
        await asyncio.sleep(0.2)
        assert len(stage.client.got) == 1

    scene(play)


def test_a_body_that_nobody_can_read_stops_nothing(scene):
    async def play(stage):
        from flowbot.store import keys
        from flowbot.store.call import command

        await stage.astore.run(
            command("XADD", keys.hooks(3), "*", "id", "x", "type", "process.failed", "body", "{[", read=bytes)
        )
        await stage.emit(1)
        await stage.until(lambda: stage.client.got and stage.store.run(hooks.read(3)) == [])

    scene(play)


def test_nothing_leaves_unsigned(scene):
    async def play(stage):
        await stage.emit(1)
        await asyncio.sleep(0.3)
        assert not stage.client.got and stage.store.run(deliveries.waiting("acme/crm")) == 1

    scene(play, secret="", missing=("HOOK_SECRET",))


def test_a_private_address_must_be_allowed(scene):
    async def play(stage):
        await stage.emit(1)
        await stage.until(lambda: stage.store.run(deliveries.log("acme/crm")))
        (attempt,) = stage.store.run(deliveries.log("acme/crm"))
        assert attempt["error"] == "address" and not stage.client.got

    scene(play, private=False)


def test_many(scene):
    async def play(stage):
        stage.seconds = 15.0  # half a second is over before the client, this process too, has answered
        await stage.halt()
        stage.start()
        for number in range(200):
            await stage.emit(number, partition=number % 8)
        await stage.until(lambda: len(stage.client.got) == 200)
        assert len({headers["webhook-id"] for headers, _ in stage.client.got}) == 200

    scene(play)


def test_of_thousands_of_endpoints_a_few_are_looked_at_in_one_go_and_all_have_their_turn(scene):
    async def play(stage):
        await stage.halt()
        others = {f"e{n}": replace(stage.endpoint, name=f"e{n}", events=("nothing",)) for n in range(300)}
        account = Account(name="acme", endpoints={**others, "crm": stage.endpoint})
        project = Project(accounts={"acme": account}, allow_private_urls=True)
        stage.project = lambda: project
        pieces, run_all = [], stage.astore.run_all

        def noted(calls):
            pieces.append({one.slot for one in calls if "claim_deliveries" in str(one.parts[:2])})
            return run_all(calls)

        stage.astore.run_all = noted
        stage.start()
        await stage.until(lambda: len(set().union(*pieces)) == 301, 5.0)
        await stage.emit(1)
        await stage.until(lambda: stage.client.got)
        assert max(map(len, pieces)) <= 64

    scene(play)


def test_a_slow_endpoint_does_not_hold_up_a_stop(scene):
    async def play(stage):
        stage.seconds = 15.0
        await stage.halt()
        stage.start()
        stage.client.plan = ["hang"]
        await stage.emit(1)
        await stage.until(lambda: stage.client.got)
        began = time.monotonic()
        await stage.halt()
        assert time.monotonic() - began < 3.5
        assert stage.record(stage.delivery())["state"] == "pending"
        stage.due_now()
        stage.start()
        await stage.until(lambda: len(stage.client.got) == 2)
        assert stage.delivery(0) == stage.delivery(1)

    scene(play)
