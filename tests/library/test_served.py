"""A verifier or an integration that one account has and another lacks, told for each account that has the flow."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowbot.library.load import load

CHANNELS = "channels: {main: {gateway: simulator}}"
SERVED = (
    'verifiers: {faces: {url: "https://v.example"}}, '
    'integrations: {crm: {base_url: "https://c.example", actions: {save: {method: POST, path: /p}}}}'
)
FLOW = """\
start: {keywords: [hi]}
steps:
  photo: {ask: A photo?, expect: image}
  check: {verify: faces, with: {front: "{{ answers.photo }}"}}
  save: {call: crm.save, next: {error: done}}
  done: {succeed: {}}
"""


def said(root: Path, accounts: str) -> list[str]:
    for name, text in {"flowbot.yaml": f"accounts:\n{accounts}", "flows/demo.yaml": FLOW}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    found = [one for one in load(root, {}).problems if one.code in ("F221", "F223")]
    return [f"{one.line}:{one.column} {one.level} {one.code}: {one.message}" for one in found]


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        (
            "demo",
            [
                "4:11 warning F223: there is no verifier 'faces' for the account 'bank'",
                "5:10 warning F221: there is no action 'crm.save' for the account 'bank'",
            ],
        ),
        ("other", []),
    ],
)
def test_r002_what_an_account_of_the_flow_lacks_is_said(flows: str, expected: list[str], tmp_path: Path) -> None:
    """R002: at run time it would be the step's `error`."""
    accounts = f"  acme: {{{CHANNELS}, {SERVED}}}\n  bank: {{{CHANNELS}, flows: [{flows}]}}\n"
    assert said(tmp_path, accounts) == expected
    assert "demo" in load(tmp_path, {}).flows, "the first account has all, and the flow runs for it"
