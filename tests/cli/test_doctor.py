"""`flowbot doctor` and `flowbot replay` on a store in which things went wrong."""

from __future__ import annotations

import time
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from flowbot.cli import program
from flowbot.model import ids
from flowbot.model.project import Channel
from flowbot.store import approvals, hooks, inbox, keys, leases, rates
from flowbot.store.approvals import Fact
from flowbot.store.call import command
from flowbot.store.client import Store, connect
from flowbot.store.embedded import Embedded
from tests.approving import say

YAML = """
accounts:
  acme:
    languages: [en]
    channels: {main: {gateway: simulator}}
    endpoints: [{name: crm, url: "https://client.example/hooks", secret: "${env:HOOK_SECRET}"}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flowbot.yaml").write_text(YAML)
    (tmp_path / "flows" / "demo.yaml").write_text("start: {keywords: [hi]}\nsteps: {a: {say: Hi there, succeed: {}}}\n")
    return tmp_path


def flowbot(project: Path, url: str, *arguments: str, **more: str) -> Result:
    environ = {"FLOWBOT_PROJECT": str(project), "FLOWBOT_REDIS_URL": url, "HOOK_SECRET": "whsec_a2V5", **more}
    return CliRunner().invoke(program, list(arguments), obj=environ)


def test_a_store_that_would_lose_things_is_wrong(project: Path, store_url: str) -> None:
    said = flowbot(project, store_url, "doctor")
    assert said.exit_code == 1 and "writes no append-only file" in said.output, said.output


def test_a_store_of_ones_own_as_the_docs_want_it(project: Path, tmp_path: Path) -> None:
    with Embedded(tmp_path / "data") as server:
        said = flowbot(project, server.url, "doctor")
        assert said.exit_code == 0 and "WRONG" not in said.output, said.output
        promised = flowbot(project, server.url, "doctor", FLOWBOT_DURABILITY="disk")
        assert promised.exit_code == 1 and "appendfsync is no" in promised.output
    with Embedded(tmp_path / "data", disk=True, extra=("--maxmemory-policy", "allkeys-lru")) as server:
        said = flowbot(project, server.url, "doctor", FLOWBOT_DURABILITY="disk")
        assert "appendfsync is" not in said.output and "throws keys away" in said.output


def test_a_store_that_refuses_to_write_is_looked_at_all_the_same(project: Path, tmp_path: Path) -> None:
    """As a full disk, or a full memory, leaves it: only what it says of itself tells which of them it is."""
    with Embedded(tmp_path / "data") as server:
        assert flowbot(project, server.url, "doctor").exit_code == 0
        store = connect(server.url)
        store.run(command("CONFIG", "SET", "maxmemory", "1", read=bytes.decode))
        store.close()
        said = flowbot(project, server.url, "doctor")
    assert said.exit_code == 1 and "of memory used of 0 MiB" in said.output, said.output
    assert "WRONG  store: " in said.output and "off    workers: " in said.output


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:9000/hooks", "is a private address"),
        ("http://client.example/hooks", "is not https"),
        ("https://client.example:8443/hooks", "has another port than 443"),
    ],
)
def test_an_endpoint_that_no_hook_will_reach_is_wrong_before_the_first_one_fails(
    project: Path, tmp_path: Path, url: str, why: str
) -> None:
    (project / "flowbot.yaml").write_text(YAML.replace("https://client.example/hooks", url))
    with Embedded(tmp_path / "data") as server:
        said = flowbot(project, server.url, "doctor")
        assert said.exit_code == 1 and f"{url} {why}: no hook goes there" in said.output, said.output
        assert f"{url} {why} and will not be called" in flowbot(project, server.url, "check").output
        (project / "flowbot.yaml").write_text((project / "flowbot.yaml").read_text() + "allow_private_urls: true\n")
        assert flowbot(project, server.url, "doctor").exit_code == 0


def test_a_contact_that_is_set_aside_is_named_and_let_through(project: Path, store_url: str, store: Store) -> None:
    contact = "c" + ids.digest("somebody")
    partition = ids.partition_of(contact, store.partitions)
    store.run(inbox.push(partition, contact, "acme/main", b"{}", dedupe_id="1", at_ms=0))
    epoch = store.run(leases.take("w", partition, "me", 60_000))
    for _ in range(inbox.ATTEMPTS + 1):
        store.run(inbox.take(partition, "me", epoch, 10))
    said = flowbot(project, store_url, "doctor").output
    assert f"contact {contact}: its messages are set aside" in said and f"flowbot replay {contact}" in said
    assert flowbot(project, store_url, "replay", contact).output == f"1 message of {contact} go through again\n"
    assert contact not in flowbot(project, store_url, "doctor").output
    assert isinstance(flowbot(project, store_url, "replay", contact).exception, Exception)


def test_channels_whose_calls_cannot_be_proved_are_named(project: Path, store_url: str) -> None:
    channels = """
accounts:
  acme:
    channels:
      sms: {gateway: twilio, number: "+15550199001", account_sid: AC1, auth_token: "${env:TOKEN}"}
      dialog: {gateway: dialog360, api_key: "${env:TOKEN}", secret: "${env:TOKEN}"}
"""
    (project / "flowbot.yaml").write_text(channels)
    said = flowbot(project, store_url, "doctor", TOKEN="short").output
    assert "channel acme/sms: Twilio cannot call http://127.0.0.1:8000/webhooks/acme/sms" in said
    assert "channel acme/dialog: its secret is short" in said
    public = {"FLOWBOT_PUBLIC_URL": "https://bot.test", "TOKEN": "t" * 24}
    better = flowbot(project, store_url, "doctor", **public).output
    assert "Twilio cannot call" not in better and "is short" not in better


def test_a_data_folder_that_takes_nothing_is_wrong(project: Path, store_url: str) -> None:
    said = flowbot(project, store_url, "doctor", FLOWBOT_DATA="/proc/self")
    assert said.exit_code == 1 and "WRONG  data folder: /proc/self: " in said.output, said.output
    assert "WRONG  data" not in flowbot(project, store_url, "doctor", FLOWBOT_DATA=str(project)).output


def test_a_channel_that_is_held_is_named(project: Path, store_url: str, store: Store) -> None:
    store.run(rates.pause("acme/main", "hold", base=60_000, cap=900_000))
    assert "WRONG  channel acme/main: held: the provider refuses it" in flowbot(project, store_url, "doctor").output
    store.run(command("HSET", keys.channel("acme/main", "pause"), "until", store.now() - 1, read=int))
    assert "note   channel acme/main: was held by its provider until" in flowbot(project, store_url, "doctor").output


def test_an_endpoint_that_is_off_is_named_and_on_again_after_a_replay(
    project: Path, store_url: str, store: Store
) -> None:
    hook = ids.make("ev", 1, "x")
    delivery = hooks.delivery_id(1, hook, "acme/crm")
    store.run(hooks.keep(1, hook, b"{}"))
    store.run(hooks.point(1, delivery, "acme/crm", hook, "process.failed"))
    store.run(hooks.address("acme/crm", delivery, hook, 1, "process.failed"))
    assert "endpoint acme/crm: fails" not in flowbot(project, store_url, "doctor").output
    (taken,) = store.run(hooks.claim("acme/crm", "https://client.example/hooks", count=1)).taken
    store.run(hooks.record("acme/crm", taken, "again", wait=5000, error="connect"))
    assert "endpoint acme/crm: fails since" in flowbot(project, store_url, "doctor").output
    facts, long = keys.endpoint("acme/crm", "facts"), store.now() - 7_200_000
    store.run(command("HSET", facts, "failing_since", long, read=int))
    assert "WRONG  endpoint acme/crm: fails since" in flowbot(project, store_url, "doctor").output
    store.run(hooks.record("acme/crm", taken, "disable", status=410))
    said = flowbot(project, store_url, "doctor").output
    assert (
        "switched off at" in said and "it answered 410; 1 hook waits" in said and f"flowbot replay {delivery}" in said
    )
    assert "goes to acme/crm again" in flowbot(project, store_url, "replay", delivery).output
    assert "switched off" not in flowbot(project, store_url, "doctor").output
    assert not store.run(command("HGET", keys.endpoint("acme/crm", "facts"), "disabled", read=bool))


def test_sensitive_answers_without_a_key_are_wrong(project: Path, tmp_path: Path) -> None:
    """I13: they would lie in the store in clear."""
    flow = "start: {keywords: [hi]}\nsteps: {a: {ask: Your PIN?, sensitive: true}, b: {succeed: {}}}\n"
    (project / "flows" / "demo.yaml").write_text(flow)
    with Embedded(tmp_path / "data") as server:
        said = flowbot(project, server.url, "doctor")
        assert said.exit_code == 1 and "sensitive answers (demo) would lie in the store unencrypted" in said.output
        assert flowbot(project, server.url, "doctor", FLOWBOT_SECRET_KEY="k" * 32).exit_code == 0


def test_a_bucket_is_tried(project: Path, store_url: str, s3: str) -> None:
    assert "files" not in flowbot(project, store_url, "doctor").output
    assert "ok     files: the bucket can be" in flowbot(project, store_url, "doctor", FLOWBOT_FILES=s3).output
    other = flowbot(project, store_url, "doctor", FLOWBOT_FILES=s3.replace("media/", "nothing/"))
    assert "WRONG  files: the bucket refuses: NoSuchBucket" in other.output and other.exit_code == 1


def test_templates_that_would_be_refused_are_named(project: Path, store_url: str, store: Store) -> None:
    """R082."""
    channel = """
accounts:
  acme:
    channels:
      main: {gateway: cloud_api, phone_number_id: "7001", access_token: "${env:T}", app_secret: "${env:T}",
             verify_token: "${env:T}", waba_id: "8001"}
"""
    (project / "flowbot.yaml").write_text(channel.replace(', waba_id: "8001"', ""))
    (project / "content" / "templates").mkdir(parents=True)
    for name in ("invite", "later"):
        text = "category: utility\nlanguages: {en: {body: Hello.}}\n"
        (project / "content" / "templates" / f"{name}.yaml").write_text(text)
    assert "without `waba_id`" in flowbot(project, store_url, "doctor", T="t" * 30).output
    (project / "flowbot.yaml").write_text(channel)
    assert "nobody has asked for them yet" in flowbot(project, store_url, "doctor", T="t" * 30).output
    main = Channel(account="acme", name="main", gateway="cloud_api", options={"waba_id": "8001"})
    say(store, main, "invite", status="PAUSED")
    said = flowbot(project, store_url, "doctor", T="t" * 30).output
    assert "refused when they are sent: invite (en) PAUSED, later (en) not there" in said
    store.run(approvals.tried("acme", main.holder, 1, "token expired"))
    assert "cloud_api did not say what it has" in flowbot(project, store_url, "doctor", T="t" * 30).output
    say(store, main, "invite", "later", at=2)
    changed = Fact(kind="sent", name="later", language="en", at=1, value={"digest": "other", "id": "5"})
    store.run(approvals.note("acme", main.holder, [changed]))
    said = flowbot(project, store_url, "doctor", T="t" * 30).output
    assert "approved as they were, and changed since: later (en)" in said and "refused when" not in said


def test_what_lags_is_named_with_how_long_it_waits(project: Path, store_url: str, store: Store) -> None:
    """Each queue, who should work it off, the store's memory: by machines too."""
    now = store.now()
    store.run(command("ZADD", keys.timers(2), now - 600_000, "c|acme/main|expire|1", read=int))
    store.run(command("ZADD", keys.calls(2), now - 7_000, "ca_2_x", read=int))
    store.run(leases.take("w", 2, "me", 60_000))
    said = flowbot(project, store_url, "doctor")
    assert said.exit_code == 1
    assert "WRONG  queue timers: 1 timers that are due and have not fired, the oldest for 10 min" in said.output
    assert "note   queue calls: 1 calls of flows that are to be made now, the oldest for 7 s" in said.output
    assert "WRONG  workers: 7 of 8 partitions are held by nobody" in said.output
    assert "off    senders: 8 of 8 partitions are held by nobody" in said.output
    found = orjson.loads(flowbot(project, store_url, "doctor", "--json").output)
    assert {"about": "queue timers", "state": "wrong"}.items() <= next(
        one for one in found if one["about"] == "queue timers"
    ).items()
    assert any("of memory used of" in one["message"] and one["state"] == "ok" for one in found)


def test_two_clocks_that_do_not_agree_are_wrong(
    project: Path, store_url: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Timers go by the store's, hours and signatures by this machine's."""
    now = time.time
    monkeypatch.setattr("flowbot.cli.trouble.time.time", lambda: now() + 90)
    said = flowbot(project, store_url, "doctor")
    assert "WRONG  store: its clock is 90 s behind this machine's" in said.output and said.exit_code == 1
    monkeypatch.undo()
    assert "its clock is" not in flowbot(project, store_url, "doctor").output
