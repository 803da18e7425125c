"""Both clients, on one node and on three."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import os
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from flowbot.errors import SettingsError, StoreError, StoreUnavailable
from flowbot.store import inbox, keys, leases, scripts
from flowbot.store.call import Call, as_is, command
from flowbot.store.client import AsyncStore, Store, connect
from flowbot.store.embedded import Embedded
from tests.conftest import Cluster
from tests.store.acting import PARTITION, Acting
from tests.store.relay import Relay

InLoop = Callable[[Callable[[AsyncStore], Awaitable[Any]]], Any]


def echo(partition: int, value: str) -> Call[bytes]:
    return command("SET", f"{keys.tag(partition)}echo", value, "GET", read=as_is, repeatable=True)


def test_replies_come_in_the_order_of_the_calls(any_store: Store) -> None:
    writes = [command("SET", f"{keys.tag(p)}v", p, read=as_is) for p in range(8)]
    assert set(any_store.run_all(writes)) == {b"OK"}
    reads = [command("GET", f"{keys.tag(p)}v", read=int) for p in (5, 1, 7, 0, 5)]
    assert any_store.run_all(reads) == [5, 1, 7, 0, 5]
    assert any_store.run_all([]) == []


def test_one_call_s_error_is_not_another_s(any_store: Store) -> None:
    good, bad = echo(1, "x"), command("HGET", "{p1}echo", "f", read=as_is)
    first, second, third = any_store.run_all([good, bad, good])
    assert (first, third) == (None, b"x")
    assert isinstance(second, StoreError) and not isinstance(second, StoreUnavailable)
    with pytest.raises(StoreError, match="wrong kind"):
        any_store.run(bad)


def test_what_cannot_be_sent_concerns_its_own_call_only(any_store: Store) -> None:
    lone = command("SET", "{p1}x", "\ud800", read=as_is)
    nothing = command("SET", "{p1}x", None, read=as_is)  # type: ignore[arg-type]
    results = any_store.run_all([echo(1, "a"), lone, nothing, echo(1, "b")])
    assert (results[0], results[3]) == (None, b"a")
    assert isinstance(results[1], StoreError) and isinstance(results[2], StoreError)


def test_a_function_that_touches_a_foreign_key_fails_on_the_cluster(cluster: Cluster) -> None:
    """What the runs on the cluster are for: on a single node nobody would notice."""
    lua = "return redis.call('GET', '{p2}x')"
    with (
        contextlib.closing(connect(cluster.url, partitions=8)) as store,
        pytest.raises(StoreError, match=r"non local|slot"),
    ):
        store.run(Call(("EVAL", lua, 1, "{p1}x"), "{p1}x", as_is))


def test_a_server_without_our_functions_gets_them(any_store: Store, any_url: str, request: Any) -> None:
    assert any_store.run(leases.take("w", 1, "w1#a", 1000))
    flush = Call(("FUNCTION", "FLUSH"), "{p1}", as_is)
    any_store.run(flush)
    assert any_store.run(leases.peek("w", 1)) == "w1#a"
    any_store.run(flush)
    assert any_store.run_all([leases.peek("w", 1)] * 3) == ["w1#a"] * 3


def test_two_releases_live_side_by_side(any_store: Store) -> None:
    other = scripts.source().replace(scripts.suffix(), "00000000")
    any_store.run(Call(("FUNCTION", "LOAD", "REPLACE", other), "{p1}", as_is))
    assert any_store.run(leases.take("w", 1, "w1#a", 1000))
    name = scripts.full_name("peek_lease").replace(scripts.suffix(), "00000000")
    assert any_store.run(Call(("FCALL", name, 1, keys.lease("w", 1)), "{p1}", as_is))[0] == b"w1#a"


def test_the_cluster_s_nodes_are_found_again_when_they_are_not_where_we_think(cluster: Cluster) -> None:
    with contextlib.closing(connect(cluster.url, partitions=8)) as store:
        store.run(echo(1, "before"))
        nodes = store._topology.nodes
        third = len(nodes) // 3
        store._topology.nodes = nodes[third:] + nodes[:third]  # all wrong now
        assert store.run_all([echo(p, str(p)) for p in range(8)])[1] == b"before"
        assert store._topology.nodes == nodes


def test_a_slot_that_moves_away_takes_its_calls_along(cluster: Cluster) -> None:
    slot = 9000
    tag = next(f"t{n}" for n in range(100_000) if cluster.raw[0].execute_command("CLUSTER", "KEYSLOT", f"t{n}") == slot)
    with contextlib.closing(connect(cluster.url, partitions=8)) as store:
        ids = [raw.execute_command("CLUSTER", "MYID").decode() for raw in cluster.raw]
        set_one = command("SET", f"{{{tag}}}a", 1, read=as_is)
        get_one = command("GET", f"{{{tag}}}a", read=int)
        store.run(set_one)
        source, target = cluster.raw[1], cluster.raw[2]
        try:
            target.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[1])
            source.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[2])
            source.execute_command("MIGRATE", "127.0.0.1", cluster.ports[2], f"{{{tag}}}a", 0, 1000)
            assert store.run_all([get_one, echo(1, "x"), get_one])[::2] == [1, 1]  # under way: asked there
            for raw in (target, source, cluster.raw[0]):
                raw.execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[2])
            assert store.run(get_one) == 1
        finally:
            target.flushall()
            for raw in (source, target, cluster.raw[0]):
                raw.execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[1])


def test_the_same_from_a_loop(any_store: Store, in_loop: InLoop) -> None:
    worker = Acting(any_store)
    worker.push("a")

    async def work(store: AsyncStore) -> None:
        assert (store.partitions, store.salt) == (any_store.partitions, any_store.salt)
        assert (await store.run(inbox.peek(PARTITION))).waiting == 1
        assert abs(await store.now() - any_store.now()) < 5_000
        many = await asyncio.gather(*[store.run_all([echo(p, f"{n}") for p in range(8)]) for n in range(20)])
        assert len(many) == 20
        first, second = await store.run_all([echo(1, "x"), command("HGET", "{p1}echo", "f", read=as_is)])
        assert isinstance(second, StoreError) and isinstance(first, bytes)
        await store.run(Call(("FUNCTION", "FLUSH"), "{p1}", as_is))
        assert await store.run(leases.peek("w", 1)) == ""

    in_loop(work)


def test_a_cancelled_call_shifts_no_replies(in_loop: InLoop) -> None:
    async def work(store: AsyncStore) -> None:
        for number in range(40):
            task = asyncio.create_task(store.run(echo(1, f"cancelled {number}")))
            await asyncio.sleep(0.0002 * (number % 5))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert await store.run(command("ECHO", f"{number}", read=as_is)) == str(number).encode()

    in_loop(work)


def test_announcements_reach_a_loop(any_store: Store, in_loop: InLoop) -> None:
    worker = Acting(any_store)

    async def work(store: AsyncStore) -> None:
        wakes = store.wakes("in")
        everything = [await asyncio.wait_for(anext(wakes), 5) for _ in range(8)]
        assert sorted(everything) == list(range(8))
        await asyncio.to_thread(worker.push)
        assert await asyncio.wait_for(anext(wakes), 5) == PARTITION
        await wakes.aclose()  # type: ignore[attr-defined]

    in_loop(work)


def test_a_forked_child_does_not_disturb_its_parent(store: Store) -> None:
    store.run(echo(1, "parent"))
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            code = 0 if all(store.run(echo(2, "child")) in (None, b"child") for _ in range(200)) else 1
        os._exit(code)
    for _ in range(200):
        assert store.run(echo(1, "parent")) == b"parent"
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_nobody_there(tmp_path: Path) -> None:
    for url in (f"unix://{tmp_path}/none.sock", "redis+cluster://127.0.0.1:1,127.0.0.1:2"):
        with pytest.raises(StoreUnavailable):
            connect(url, timeout=1)
    for url in ("http://x", "localhost", "redis+cluster://"):
        with pytest.raises(SettingsError):
            connect(url)


def test_waiting_ends_when_the_server_does(tmp_path: Path) -> None:
    with Embedded(tmp_path) as server, contextlib.closing(connect(server.url, partitions=4)) as store:
        assert store.wait({1}, 1) == {1}
        server.kill()
        with pytest.raises(StoreUnavailable):
            store.wait({1}, 5)
        server.start()
        assert store.wait({1}, 5) == {1}  # all over again: something may have been missed


def test_over_tls(valkey: Embedded, store: Store, tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with Relay(valkey.socket, context) as relay:
        url = f"rediss://127.0.0.1:{relay.port}"
        with contextlib.closing(connect(f"{url}?ssl_ca_certs={certificate}", timeout=2)) as far:
            assert far.salt == store.salt
        with pytest.raises(StoreUnavailable):
            connect(url, timeout=2)  # a certificate that nobody vouches for


def test_a_password_that_is_wrong_is_said(tmp_path: Path) -> None:
    with Embedded(tmp_path, durable=False) as server:
        raw = Redis(unix_socket_path=str(server.socket))
        raw.config_set("requirepass", "right")
        raw.close()
        with pytest.raises(StoreUnavailable, match=r"uthentication|NOAUTH"):
            connect(server.url)
        with contextlib.closing(connect(f"unix://:right@{server.socket}")) as store:
            assert store.now()


def _certificate(folder: Path) -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"
