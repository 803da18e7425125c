"""The real language server, fetched once with npm and kept in pytest's cache; without node these tests are skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowbot.cli.schema import write_all
from flowbot.editor import schemas
from flowbot.library.load import load
from tests.editor.server import Server

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="session")
def program(request: pytest.FixtureRequest) -> list[str]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("no node and npm here")
    assert request.config.cache is not None
    folder = Path(request.config.cache.mkdir("yaml-language-server"))
    script = folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    wanted = (HERE / "package.json").read_bytes()
    kept = folder / "package.json"
    if not script.is_file() or not kept.is_file() or kept.read_bytes() != wanted:
        kept.write_bytes(wanted)
        install = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--silent"]
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
        if done.returncode or not script.is_file():
            kept.unlink()
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"npm could not fetch the server: {done.stderr}")
    return [node, str(script), "--stdio"]


@pytest.fixture(scope="session")
def server(program: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """It runs in a copy of the example project, with the schemas that `flowbot schema --write` writes."""
    project = tmp_path_factory.mktemp("editor")
    shutil.copytree(ROOT / "flows", project / "flows")
    shutil.copytree(ROOT / "content", project / "content")
    shutil.copy(ROOT / "flowbot.yaml", project)
    write_all(project, schemas(load(project, {})))
    with Server(program, project) as started:
        yield started
