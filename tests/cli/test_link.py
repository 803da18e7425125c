from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from flowbot.cli import program
from flowbot.cli.link import link

PROJECT = """\
accounts:
  acme:
    languages: [es]
    channels:
      main: {gateway: simulator, number: "+573001112233"}
      other: {gateway: simulator, number: "+573001112244"}
      silent: {gateway: simulator}
"""
FLOW = """\
flow: demo
start:
  messages: ["Quiero verificar mi identidad", "¿100 % & más? #1 + 2"]
  channels: [main]
steps:
  greet: {say: "¡Hola!", succeed: {}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flowbot.yaml").write_text(PROJECT)
    (tmp_path / "flows" / "demo.yaml").write_text(FLOW, "utf-8")
    return tmp_path


def run(root: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(program, ["link", "demo", "--project", str(root), *arguments], obj={})
    return result.exit_code, result.output


def test_the_link_opens_the_chat_with_the_flow_s_first_message(root: Path) -> None:
    code, output = run(root)
    url, *blocks = output.splitlines()
    assert code == 0
    assert url == "https://wa.me/573001112233?text=Quiero%20verificar%20mi%20identidad"
    assert len(blocks) > 10 and set("".join(blocks)) & set("█▀▄")


@pytest.mark.parametrize("text", ["¿100 % & más? #1 + 2", "a/b", "línea\ndos", "🎉 हाँ", "a+b=c&d"])
def test_every_text_comes_back_from_the_link(text: str) -> None:
    """R021."""
    url = link("+573001112233", text)
    assert url.isascii() and " " not in url and "+" not in url
    assert parse_qs(urlsplit(url).query)["text"] == [text]


def test_another_message_and_channel_as_json(root: Path) -> None:
    code, output = run(root, "--message", "2", "--channel", "acme/other", "--json")
    found = json.loads(output)
    assert code == 0
    assert (found["channel"], found["message"]) == ("acme/other", "¿100 % & más? #1 + 2")
    assert found["url"].startswith("https://wa.me/573001112244?text=%C2%BF100%20%25%20%26%20m%C3%A1s")


def test_the_code_as_a_picture(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "code.svg"
    assert run(root, "--svg", str(file))[0] == 0
    text = file.read_text()
    assert text.startswith("<?xml") and "</svg>" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--message", "3"], "there is no number 3"),
        (["--channel", "acme/mian"], "did you mean 'acme/main'?"),
        (["--channel", "silent"], "has no number"),
    ],
)
def test_what_cannot_be_is_wrong_usage(root: Path, arguments: list[str], said: str) -> None:
    code, output = run(root, *arguments)
    assert code == 2 and said in output


def test_an_unknown_flow_is_wrong_usage(root: Path) -> None:
    result = CliRunner().invoke(program, ["link", "dmo", "--project", str(root)], obj={})
    assert result.exit_code == 2 and "did you mean 'demo'?" in result.output


def test_an_account_that_does_not_run_the_flow_has_no_link_for_it(root: Path) -> None:
    (root / "flowbot.yaml").write_text(PROJECT + "    flows: [another]\n")
    code, output = run(root, "--channel", "acme/main")
    assert code == 2 and "no account runs 'demo'" in output
