"""The checks of every crash run do notice: each promise is broken in the product, and a short run says so."""

from __future__ import annotations

import contextlib
import signal
import time
from pathlib import Path

import pytest

from flowbot.store import scripts
from flowbot.store.client import connect

from . import mutants
from .evidence import gather, settled
from .invariants import CHECKS, violations
from .people import People
from .town import WEBHOOK, Town

ALL = sorted((*mutants.LUA, *mutants.PYTHON))


def found(folder: Path, name: str) -> list[str]:
    """What a short run without any kill has to say of the product."""
    with Town(folder, workers=1, senders=1, mutant=name) as town:
        crowd = People(
            seed=21, count=12, threads=4, web_socket=town.web_socket, webhook_path=WEBHOOK, pause=0.02, waiting=0.1
        )
        town.provider.latency = 0.15  # what waits to be sent is there for a while
        crowd.start()
        time.sleep(3)
        town.doors["worker-0"].signal(signal.SIGSTOP)  # what comes meanwhile is taken at once
        time.sleep(1.5)
        town.doors["worker-0"].signal(signal.SIGCONT)
        crowd.until(250, 40)
        with contextlib.closing(connect(town.valkey.url)) as store:
            try:
                settled(store, crowd.everybody, 12, meanwhile=town.watch)
            except AssertionError as error:
                return [f"i10_nothing_left: {error}", *violations(gather(store, crowd.everybody, town))]
            return violations(gather(store, crowd.everybody, town))


@pytest.mark.long
def test_the_product_as_it_is_breaks_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, "") == []


@pytest.mark.long
@pytest.mark.parametrize("name", ALL)
def test_a_broken_promise_is_noticed(tmp_path: Path, name: str) -> None:
    promise = name.partition("_")[0] + "_"
    assert any(one.startswith(promise) for one in found(tmp_path, name))


def test_every_promise_has_a_mutant() -> None:
    assert {name.partition("_")[0] for name in ALL} == {check.__name__.partition("_")[0] for check in CHECKS}


@pytest.mark.parametrize("name", sorted(mutants.LUA))
def test_what_a_mutant_changes_is_there(name: str) -> None:
    function, before, _ = mutants.LUA[name]
    assert before in scripts._bodies()[function]
