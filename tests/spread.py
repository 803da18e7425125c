"""How the tests are spread over pytest-xdist's processes: a file is a unit, what takes long comes first.

A test alone as a unit costs a message each, and module fixtures that are made in every process; a long one at the end
leaves the other processes idle. (The mark `xdist_group` is not heard by pytest-xdist 3.8 under pytest 9.2.)
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# What shares something dear: it stays together.
WHOLE = ("tests/browser/", "tests/cli/test_run.py", "tests/editor/")
# Slow tests that share nothing.
APART = (
    "tests/crash/test_",
    "tests/walk/test_",
    "tests/test_docs_examples.py",
    "tests/store/test_promises.py",
    "tests/web/api/test_schema.py",
    "tests/cli/test_new.py",
    "tests/cli/test_chat.py",
)
# In the order of what they take; all others follow.
FIRST = (
    "tests/crash/test_points.py",
    "tests/browser/",
    "tests/cli/test_run.py",
    *APART,
    "tests/sender/",
    "tests/hooks/",
    "tests/web/",
    "tests/transcript/test_collect.py",
    "tests/editor/",
)


def unit(nodeid: str) -> str:
    """What a process takes at once: all of a place in WHOLE, one test of a file in APART, else a file."""
    whole = next((place for place in WHOLE if nodeid.startswith(place)), "")
    return whole or (nodeid if nodeid.startswith(APART) else nodeid.partition("::")[0])


def rank(nodeid: str) -> int:
    return next((number for number, place in enumerate(FIRST) if nodeid.startswith(place)), len(FIRST))


class Spread(LoadScopeScheduling):  # type: ignore[misc]
    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spread:
    config.option.loadscopereorder = False
    return Spread(config, log)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: much of a test with processes is waiting for them."""
    return len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: rank(item.nodeid))
