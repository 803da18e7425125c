from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flowbot.cli import program
from flowbot.store.client import Store
from tests.worker.world import World

Run = Callable[..., Result]


@pytest.fixture
def world(any_store: Store, tmp_path: Path) -> World:
    """On a single node, then on a cluster."""
    return World(any_store, tmp_path / "project")


@pytest.fixture
def run(world: World, any_url: str) -> Run:
    """`flowbot …` on the world's project and store."""
    environ = {"FLOWBOT_PROJECT": str(world.folder), "FLOWBOT_REDIS_URL": any_url, "USER": "eva"}
    return lambda *arguments: CliRunner().invoke(program, list(arguments), obj=environ)
