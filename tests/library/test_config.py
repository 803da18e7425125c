"""What one account has below `config` and another lacks, told for each account that has the flow."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowbot.library.load import load

CHANNELS = "channels: {main: {gateway: simulator}}"
FLOW = """\
start: {keywords: [hi]}
steps:
  greet: {say: hello, next: [{when: config.open, then: done}, {else: done}]}
  more: {say: "Write to {{ config.mail }}."}
  done: {succeed: {}}
"""
TEMPLATE = "category: utility\nlanguages: {en: {body: 'Fax {{ fax }}', examples: {fax: '1'}}}\n"
RULE = 'remind: {event: visit.scheduled, template: visit, with: {fax: "{{ config.fax }}"}}\n'


def write(root: Path, accounts: str) -> list[str]:
    files = {
        "flowbot.yaml": f"accounts:\n{accounts}",
        "flows/demo.yaml": FLOW,
        "content/en/demo.yaml": "hello: Our fax is {{ config.fax }}.\n",
        "rules/visits.yaml": RULE,
        "content/templates/visit.yaml": TEMPLATE,
    }
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    found = [one for one in load(root, {}).problems if one.code in ("E302", "E306")]
    return [f"{one.file}:{one.line}:{one.column} {one.level} {one.code}: {one.message}" for one in found]


def test_r005_what_an_account_lacks_is_said_at_every_place_that_reads_it(tmp_path: Path) -> None:
    """R005: an expression, a text in place, a text of content, and a rule."""
    accounts = (
        f"  acme: {{{CHANNELS}, config: {{open: true, mail: m, fax: f}}}}\n"
        f"  bank: {{{CHANNELS}, config: {{mail: m}}}}\n"
        f"  club: {{{CHANNELS}}}\n"
    )
    assert write(tmp_path, accounts) == [
        "content/en/demo.yaml:1:22 warning E306: 'config.fax' is empty for the accounts 'bank', 'club'",
        "flows/demo.yaml:3:37 warning E306: 'config.open' is empty for the accounts 'bank', 'club'",
        "flows/demo.yaml:4:28 warning E306: 'config.mail' is empty for the account 'club'",
        "rules/visits.yaml:1:57 warning E306: 'config.fax' is empty for the accounts 'bank', 'club'",
    ]
    assert "demo" in load(tmp_path, {}).flows, "the others have it, and the flow runs for them"


@pytest.mark.parametrize(
    ("flows", "said"),
    [
        ("[other]", []),
        ("[demo]", ["'config.fax' is empty for the account 'bank'", "'config.open'", "'config.mail'"]),
    ],
)
def test_r005_an_account_without_the_flow_needs_nothing_of_it(flows: str, said: list[str], tmp_path: Path) -> None:
    """R005"""
    accounts = (
        f"  acme: {{{CHANNELS}, config: {{open: true, mail: m, fax: f}}}}\n  bank: {{{CHANNELS}, flows: {flows}}}\n"
    )
    found = [one for one in write(tmp_path, accounts) if not one.startswith("rules/")]
    assert len(found) == len(said) and all(part in one for part, one in zip(said, found, strict=True))


def test_r005_what_only_an_account_without_the_flow_has_is_provided_by_nothing(tmp_path: Path) -> None:
    """R005"""
    accounts = (
        f"  acme: {{{CHANNELS}, flows: [demo], config: {{open: true, mail: m}}}}\n"
        f"  bank: {{{CHANNELS}, flows: [other], config: {{fax: f}}}}\n"
    )
    found = [one for one in write(tmp_path, accounts) if not one.startswith("rules/")]
    assert found == ["content/en/demo.yaml:1:22 error E302: nothing provides 'config.fax'"]
    assert "demo" not in load(tmp_path, {}).flows


def test_r005_a_rule_of_one_account_is_held_against_that_account(tmp_path: Path) -> None:
    """R005"""
    accounts = f"  acme: {{{CHANNELS}, config: {{open: 1, mail: m, fax: f}}}}\n  bank: {{{CHANNELS}, flows: [other]}}\n"
    assert len(write(tmp_path, accounts)) == 1
    (tmp_path / "rules/visits.yaml").write_text(RULE.replace("template: visit", "account: acme, template: visit"))
    assert [one for one in load(tmp_path, {}).problems if one.code == "E306"] == []
