from __future__ import annotations

from pathlib import Path

import pytest

from flowbot.store.client import Store

from .world import World


@pytest.fixture
def world(any_store: Store, tmp_path: Path) -> World:
    """On a single node, then on a cluster."""
    return World(any_store, tmp_path / "project")
