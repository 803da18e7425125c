"""Real servers for every test that needs one: one Valkey, and one cluster of three, for each test process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from redis import Redis

from flowbot.store.client import AsyncStore, Store, connect, connect_async
from flowbot.store.embedded import Embedded

from .spread import (  # noqa: F401 - hooks
    pytest_collection_modifyitems,
    pytest_xdist_auto_num_workers,
    pytest_xdist_make_scheduler,
)

# How long an example takes says more of the machine's other work than of the code.
settings.register_profile("here", deadline=None)
settings.load_profile("here")

PARTITIONS = 8
SLOTS = 16384


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A server of this test process's own, empty at the start, nothing on disk."""
    with Embedded(tmp_path_factory.mktemp("valkey"), durable=False) as server:
        yield server


@pytest.fixture
def store_url(valkey: Embedded) -> str:
    """The URL of the emptied server."""
    with contextlib.closing(Redis.from_url(valkey.url)) as raw:
        raw.flushall()
    return valkey.url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with contextlib.closing(connect(store_url, partitions=PARTITIONS)) as connected:
        yield connected


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """A server that speaks S3, with a bucket in it."""
    import boto3
    from moto.server import ThreadedMotoServer

    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s", "EC2_METADATA_DISABLED": "true"}.items():
            patch.setenv(f"AWS_{name}", value)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
        client.create_bucket(Bucket="media")
        client.put_object(Bucket="media", Key="inbound/acme/c1/of-somebody-else", Body=b"beside our prefix")
        yield f"s3://media/bot?endpoint={endpoint}"
        server.stop()


class Cluster:
    """Three nodes without replicas; each with a third of the slots."""

    def __init__(self, folder: Path) -> None:
        self.ports = _free_ports(6)
        self.nodes = []
        for number, (port, bus) in enumerate(zip(self.ports[:3], self.ports[3:], strict=True)):
            extra = ["--port", str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes"]
            extra += ["--cluster-port", str(bus), "--cluster-node-timeout", "2000"]
            extra += ["--cluster-require-full-coverage", "no", "--protected-mode", "no"]
            self.nodes.append(Embedded(folder / str(number), durable=False, extra=extra))

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in self.ports[:3])

    def start(self) -> None:
        for node in self.nodes:
            node.start()
        first, *others = self.raw
        share = SLOTS // 3
        for number, raw in enumerate(self.raw):
            last = SLOTS - 1 if number == 2 else (number + 1) * share - 1
            raw.execute_command("CLUSTER", "ADDSLOTSRANGE", number * share, last)
        for port, bus in zip(self.ports[1:3], self.ports[4:6], strict=True):
            first.execute_command("CLUSTER", "MEET", "127.0.0.1", port, bus)
        deadline = time.monotonic() + 20
        while not all(_agrees(raw) for raw in (first, *others)):
            assert time.monotonic() < deadline, "the cluster does not come up"
            time.sleep(0.02)

    @property
    def raw(self) -> list[Redis]:
        """A client for each node's own unix socket."""
        if not hasattr(self, "_raw"):
            self._raw = [Redis(unix_socket_path=str(node.socket)) for node in self.nodes]
        return self._raw

    def stop(self) -> None:
        for raw in self.raw:
            raw.close()
        for node in self.nodes:
            node.stop()


def _agrees(raw: Redis) -> bool:
    nodes = raw.execute_command("CLUSTER", "SLOTS")
    info = raw.execute_command("CLUSTER", "INFO")
    return len(nodes) == 3 and "cluster_state:ok" in str(info)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(params=["single", "cluster"])
def any_url(request: pytest.FixtureRequest) -> str:
    """A single node, then a cluster, both empty: undeclared and foreign keys fail only on the second."""
    if request.param == "single":
        return str(request.getfixturevalue("store_url"))
    found: Cluster = request.getfixturevalue("cluster")
    for raw in found.raw:
        raw.flushall()
    return found.url


@pytest.fixture
def any_store(any_url: str) -> Iterator[Store]:
    with contextlib.closing(connect(any_url, partitions=PARTITIONS)) as connected:
        yield connected


@pytest.fixture
def in_loop(any_url: str) -> Callable[[Callable[[AsyncStore], Awaitable[Any]]], Any]:
    """Runs a coroutine function with an AsyncStore of the same server as `any_store`."""

    def run(work: Callable[[AsyncStore], Awaitable[Any]]) -> Any:
        async def inside() -> Any:
            connected = await connect_async(any_url, partitions=PARTITIONS)
            try:
                return await work(connected)
            finally:
                await connected.close()

        return asyncio.run(inside())

    return run
