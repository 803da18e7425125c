from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from marshmallow import Schema, ValidationError

from flowbot.library.project import HookType, read_project
from flowbot.library.yaml import read_yaml
from flowbot.model.problem import Problem
from flowbot.model.project import Project

CASES = yaml.safe_load((Path(__file__).parent / "project" / "mistakes.yaml").read_text("utf-8"))
FULL = """\
accounts:
  acme:
    title: Acme
    timezone: America/Bogota
    default_country: CO
    languages: [es, en]
    consent: permissive
    office: {mon-fri: ["08:00-12:00", "13:00-18:00"], sat: ["22:00-02:00"], holidays: CO}
    flows: all
    contact_fields: {city: text}
    config: {support: "+57 1 555"}
    channels:
      main:
        gateway: cloud_api
        number: "+57 300 111 2233"
        phone_number_id: 106540352242922
        waba_id: "102290129340398"
        access_token: ${env:WA_TOKEN}
        app_secret: ${file:%s}
        verify_token: ${env:WA_VERIFY}
        base_url: https://graph.facebook.com/v23.0/
        environment: production
        rate: 20/m
    endpoints:
      - {name: crm, url: "https://client.example/hooks", secret: "${env:HOOK}", events: [process.failed], format: jwt}
    integrations:
      crm: {base_url: "https://crm.example", auth: {bearer: "${env:CRM}"}, actions: {save: {method: POST, path: /p}}}
    verifiers:
      document: {url: "https://v.example", secret: "${env:HOOK}", timeout: 90s}
allow_private_urls: true
"""


def read(text: str, environ: dict[str, str] | None = None) -> tuple[Project, tuple[Problem, ...]]:
    source = read_yaml("flowbot.yaml", text.encode()).source
    assert source is not None
    return read_project(source, environ or {})


def test_everything_that_the_contract_names_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    environ = {"WA_TOKEN": "t", "WA_VERIFY": "v", "HOOK": "h", "CRM": "c"}
    project, problems = read(FULL % (tmp_path / "secret"), environ)
    assert problems == ()
    account = project.accounts["acme"]
    channel = account.channels["main"]
    assert (account.timezone, account.languages, account.consent) == ("America/Bogota", ("es", "en"), "permissive")
    assert account.office["wed"] == (("08:00", "12:00"), ("13:00", "18:00"))
    assert account.office["sat"] == (("22:00", "02:00"),) and account.office["holidays"] == "CO"
    assert (channel.key, channel.number, channel.missing) == ("acme/main", "+573001112233", ())
    assert channel.options["phone_number_id"] == "106540352242922"
    assert channel.options["access_token"] == "t" and channel.options["app_secret"] == "from a file"
    assert channel.base_url == "https://graph.facebook.com/v23.0"
    assert channel.rate == pytest.approx(1 / 3)
    endpoint = account.endpoints["crm"]
    assert (endpoint.secret, endpoint.events, endpoint.flows, endpoint.format) == ("h", ("process.failed",), (), "jwt")
    crm = account.integrations["crm"]
    assert (crm.auth, crm.actions["save"].method, crm.actions["save"].timeout) == ({"bearer": "c"}, "POST", 30_000)
    assert (account.verifiers["document"].timeout, account.verifiers["document"].secret) == (90_000, "h")
    assert account.contact_fields == {"city": "text"}
    assert project.allow_private_urls
    assert project.channel("acme", "main") is channel


def test_a_channel_whose_secrets_are_not_set_is_there_and_off() -> None:
    project, problems = read(FULL % "/nowhere/at/all")
    channel = project.accounts["acme"].channels["main"]
    assert channel.missing == ("WA_TOKEN", "/nowhere/at/all", "WA_VERIFY")
    assert "access_token" not in channel.options
    assert project.accounts["acme"].endpoints["crm"].missing == ("HOOK",)
    assert {(one.code, one.level) for one in problems} == {("P108", "note")}
    assert [one.message for one in problems if "WA_" in one.message] == ["the environment has no WA_TOKEN, WA_VERIFY"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_mistake_is_found_at_its_place(case: dict[str, Any]) -> None:
    text = "accounts:\n  acme:\n" + textwrap.indent(case["account"], "    ")
    problems = sorted(read(text, {"SET": "x"})[1])
    assert len(problems) == len(case["problems"]), problems
    for problem, wanted in zip(problems, case["problems"], strict=True):
        place, code, hint = wanted.split(" ", 2)
        assert f"{problem.line - 2}:{problem.column - 4} {problem.code}" == f"{place} {code}"
        assert hint in problem.hint


def test_what_is_sound_stays_when_something_is_not() -> None:
    text = "accounts:\n  a: {channels: {x: {gateway: nope}, y: {gateway: simulator}}}\n  b: 3\n  C: {}\n"
    project, problems = read(text)
    assert list(project.accounts) == ["a", "b"]
    assert list(project.accounts["a"].channels) == ["y"]
    assert {one.line for one in problems} == {2, 3, 4}


@pytest.mark.parametrize("text", ["", "3", "[]", "accounts: []", "accounts: {a: {channels: {m: }}}", "accounts:"])
def test_another_shape_is_a_problem_never_an_exception(text: str) -> None:
    project, problems = read(text)
    assert problems and not any(account.channels for account in project.accounts.values())


def test_a_secret_never_stands_in_a_message() -> None:
    text = "accounts: {a: {channels: {m: {gateway: cloud_api, access_token: EAAabcdefghijklmnopqrstuvwxyz0123}}}}"
    problems = read(text)[1]
    assert {one.code for one in problems} >= {"P107"}
    assert "EAAabc" not in repr(problems)


def test_a_group_of_hooks_goes_by_its_name() -> None:
    read = HookType().read
    assert [read(word) for word in ("process.*", "message.failed", "custom.paid")]
    for wrong in ("proces.*", "*", "process.begun", "process.*.x"):
        with pytest.raises(ValidationError):
            read(wrong)


def test_a_thousand_accounts_are_read_through_the_same_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0
    make = Schema.__init__

    def counted(self: Schema, *args: Any, **given: Any) -> None:
        nonlocal made
        made += 1
        make(self, *args, **given)

    monkeypatch.setattr(Schema, "__init__", counted)
    channel = 'main: {gateway: http, base_url: "https://a.example", secret: "${env:S}"}'
    endpoint = '{name: crm, url: "https://b.example", secret: "${env:S}"}'
    one = f"{{channels: {{{channel}}}, endpoints: [{endpoint}]}}"
    text = "accounts:\n" + "".join(f"  a{number}: {one}\n" for number in range(100))
    source = read_yaml("flowbot.yaml", text.encode()).source
    assert source is not None
    project, problems = read_project(source, {"S": "s" * 40})
    assert len(project.accounts) == 100 and not problems and made < 20
