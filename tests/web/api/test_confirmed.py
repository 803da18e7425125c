"""A link that verifies: the call that a turn left in the store, the page, the next turn."""

from __future__ import annotations

import time

from flowbot.store import calls, keys
from flowbot.store.call import command
from flowbot.wiring import links_of

from .conftest import Office

ANA = "573001110001"
FLOW = """\
flow: talk
start: {keywords: [start]}
steps:
  mail: {verify: email, with: {by: link, to: ana@example.com}, next: {expired: late, rejected: late, error: late}}
  done: {say: Thank you, succeed: {}}
  late: {fail: late}
"""
PROJECT = """\
accounts:
  acme:
    languages: [en]
    codes: {email: mailer.send}
    integrations:
      mailer: {base_url: "https://mail.example", actions: {send: {path: /send, json: {text: "{{ text }}"}}}}
    channels: {main: {gateway: simulator, number: "+15550000001"}}
"""


def test_who_presses_the_button_is_verified_and_the_flow_goes_on(office: Office) -> None:
    (office.world.folder / "flowbot.yaml").write_text(PROJECT)
    office.world.write(FLOW)
    office.world.say(ANA, "start")
    office.work()
    partition = office.world.partition(ANA)
    waiting = {
        call.kind: call
        for name in office.store.run(command("ZRANGE", keys.calls(partition), 0, -1, read=list))
        if (call := office.store.run(calls.get(name.decode()))) is not None
    }
    assert set(waiting) == {"code.open", "code.issue"}
    assert waiting["code.issue"].body["link"] == waiting["code.open"].id
    assert waiting["code.open"].seen == waiting["code.issue"].seen == "in1"  # for the typing sign
    links = links_of(office.parts.settings)
    assert links is not None
    where = links.confirm(waiting["code.open"].id, time.time() + 60).removeprefix(links.public)
    assert "Is it you?" in office.client.get(where).text
    office.work()
    assert office.world.said(ANA) == []
    assert "Confirmed" in office.client.post(where).text
    office.work()
    assert office.world.said(ANA) == ["Thank you"] and office.world.session(ANA).process is None
    assert office.client.post(where).status_code == 404
