from __future__ import annotations

import pytest
from click.testing import CliRunner

from flowbot.cli import program
from flowbot.library.codes import codes


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(program, ["explain", *arguments], obj={})
    return result.exit_code, result.output


def test_a_code_is_explained_with_what_check_says() -> None:
    code, output = run("f207")
    assert code == 0
    assert output.startswith("F207 (error): Something leads to a step that is not there.")
    assert "Wrong, in flows/demo.yaml:" in output and "Right:" in output
    assert "^^^^^" in output and "did you mean 'close'?" in output
    assert output.endswith("# flowbot: ignore F207\n")


@pytest.mark.parametrize("code", codes())
def test_every_code_has_a_page(code: str) -> None:
    assert run(code)[0] == 0


def test_all_codes_are_listed() -> None:
    code, output = run()
    assert code == 0
    assert all(f"  {name}  " in output for name in codes())


def test_an_unknown_code_is_wrong_usage_with_the_nearest() -> None:
    code, output = run("F230x")
    assert code == 2 and "did you mean 'F230'?" in output
