"""R036: how often a flow may be started, per day, per month or for good; by the client's account, else by contact."""

from __future__ import annotations

from functools import partial

import pytest

from flowbot.engine import attempts
from flowbot.engine.turn import advance
from flowbot.model.contact import Identity
from flowbot.model.event import MessageReceived
from flowbot.model.inbound import Inbound
from flowbot.model.project import Account, Channel
from flowbot.model.quick import replace
from tests.engine.talk import NOW, Book, Talk, flow_of

DAY = 86_400_000
FLOW = """
flow: demo
languages: [en, es]
start: {{keywords: [go], api: true}}
settings: {{timezone: America/Bogota, attempts: {{{limits}}}}}
steps:
  name: {{ask: Your name?}}
  bye: {{succeed: {{}}}}
"""
OTHER = """
flow: other
languages: [en]
start: {keywords: [other]}
steps:
  where: {ask: "Where to?", choices: {there: {jump: demo}, with_account: {jump: demo, with: {account_id: a-9}}}}
"""


def talk(limits: str, **account: object) -> Talk:
    flows = flow_of(FLOW.format(limits=limits)), flow_of(OTHER, id="other")
    return Talk(Book(*flows, account=Account(name="acme", default_country="CO", **account)))  # type: ignore[arg-type]


def run(found: Talk, word: str = "go") -> str:
    """Whether it began: what was said."""
    said = found.said(found.user(word))
    if found.session.process is not None and found.session.process.flow == "demo":
        found.user("Ana")
    return said[0]


def test_a_day_has_its_most_and_the_next_day_begins_at_midnight_there() -> None:
    found = talk("per_day: 2")
    found.now = NOW + 5 * 3_600_000 - 60_000  # 23:59 in Bogota
    assert [run(found) for _ in range(3)] == ["name", "name", "too_many_attempts"]
    found.now += 60_000
    assert [run(found) for _ in range(3)] == ["name", "name", "too_many_attempts"]


def test_a_month_has_its_most_beside_the_day_s() -> None:
    found = talk("per_day: 1, per_month: 2, say: Come back.")
    found.now = NOW + 9 * DAY  # the 30th of November
    assert [run(found), run(found)] == ["name", "attempts"]
    found.now += 2 * DAY  # December
    assert run(found) == "name"
    found.now += DAY
    assert run(found) == "name"
    found.now += DAY
    assert run(found) == "attempts"


def test_for_good_means_for_good() -> None:
    found = talk("ever: 1")
    assert run(found) == "name"
    found.now += 400 * DAY
    assert run(found) == "too_many_attempts"


def test_what_never_began_is_told_to_the_client_with_its_reason() -> None:
    found = talk("ever: 1")
    run(found)
    run(found)
    assert [one.type for one in found.hooks[-1:]] == ["process.failed"]
    told = found.hooks[-1].data
    assert (told["reason"], told["flow"], told["outcome"]) == ("too_many_attempts", "demo", "failed")
    assert found.session.process is None
    assert ("refused", "too_many_attempts") in found.traces()


def test_an_api_start_is_refused_likewise() -> None:
    """By the account_id that it names; another account is another matter."""
    found = talk("ever: 1")
    found.api("demo", account_id="a-1")
    found.user("Ana")
    turn = found.api("demo", account_id="a-1")
    assert found.session.process is None
    assert found.ended["reason"] == "too_many_attempts"
    assert found.said(turn) == ["too_many_attempts"]
    found.api("demo", inputs={"account_id": "a-1"})
    assert found.session.process is None
    found.api("demo", account_id="a-2")
    assert found.session.process is not None


def test_the_contact_s_own_are_others_than_an_account_s() -> None:
    found = talk("ever: 1")
    assert run(found) == "name"
    found.api("demo", account_id="a-1")
    assert found.session.process is not None


def test_an_open_question_stays_open() -> None:
    found = talk("ever: 1")
    run(found)
    found.user("other")
    before = found.session.process
    assert found.said(found.user("go")) == ["too_many_attempts", "where"]
    assert found.session.process is not None and before is not None
    assert found.session.process.id == before.id
    found.api("demo", if_open="supersede")
    assert found.session.process.id == before.id


def test_a_jump_into_such_a_flow_is_a_start_of_it() -> None:
    found = talk("ever: 1")
    run(found)
    found.user("other")
    assert found.said(found.tap("there")) == ["too_many_attempts"]
    assert (found.ended["flow"], found.ended["reason"]) == ("other", "too_many_attempts")
    found.user("other")
    assert found.said(found.tap("with_account")) == ["name"]


def test_the_words_are_in_the_language_that_would_have_been_spoken() -> None:
    found = talk("ever: 1, say: 'Vuelve mañana, por favor.'")
    run(found)
    assert found.sent(found.user("go"))[0].text == "Vuelve mañana, por favor."


def test_the_same_event_again_has_its_place_already() -> None:
    """A turn that is run again, by whatever worker and on whatever version of the session, takes no second place."""
    found = talk("ever: 1")
    asked: list[attempts.Attempt] = []

    def take(attempt: attempts.Attempt) -> bool:
        asked.append(attempt)
        return True

    inbound = Inbound(id="m", sender=Identity(number="573001112233"), kind="text", text="go")
    event = MessageReceived(inbound=inbound)
    for version in (0, 5):
        session = replace(found.session, version=version)
        run = partial(advance, session, found.contact, event, found.book, NOW)
        attempts.told(lambda known, run=run: run(attempts=known), take)  # type: ignore[misc]
    assert len(asked) == 2 and len({one.name for one in asked}) == 1


def test_flows_without_limits_ask_for_nothing() -> None:
    found = talk("ever: 1")
    found.user("other")
    assert found.tried == {}


@pytest.mark.parametrize(("gateway", "shared"), [("cloud_api", True), ("simulator", False)])
def test_simulated_contacts_share_no_account_s_attempts(gateway: str, shared: bool) -> None:
    """R153."""
    channels = {"main": Channel(account="acme", name="main", gateway=gateway)}
    one = talk("ever: 1", channels=channels)
    one.api("demo", account_id="a-1")
    other = talk("ever: 1", channels=channels)
    other.session = replace(other.session, contact_id="c2")
    other.contact = replace(other.contact, id="c2")
    other.tried = one.tried
    other.events = 50
    other.api("demo", account_id="a-1")
    assert (other.session.process is None) == shared


WHOLE = """
flow: whole
languages: [en]
start: {keywords: [whole]}
steps:
  part: {run: demo, next: {failed: sorry}}
  again: {run: demo, next: {failed: sorry}}
  done: {say: Both., succeed: {}}
  sorry: {say: "{{ part.reason }}{{ again.reason }}", succeed: {}}
"""
MIDDLE = """
flow: middle
languages: [en]
steps: {a: {jump: demo}}
"""


def test_a_part_of_another_flow_counts_as_a_start_of_its_own() -> None:
    """Who may do it once a day does it once a day, whoever runs it."""
    found = talk("per_day: 2")
    found.book.publish(flow_of(WHOLE, id="whole"))
    assert found.said(found.user("whole")) == ["name"]
    assert found.said(found.user("Ana")) == ["name"]  # the second in its own turn
    assert found.texts(found.user("Ana")) == ["Both."]
    found.user("whole")
    assert found.said() == ["too_many_attempts", "sorry"] and found.texts()[1] == "too_many_attempts"
    assert run(found) == "too_many_attempts"


def test_a_part_that_jumps_there_fails_with_it() -> None:
    found = talk("per_day: 1")
    found.book.publish(flow_of(MIDDLE, id="middle"))
    found.book.publish(flow_of(WHOLE.replace("run: demo", "run: middle"), id="whole"))
    assert found.said(found.user("whole")) == ["name"]
    assert found.said(found.user("Ana")) == ["too_many_attempts", "sorry"]
    assert found.texts()[1] == "too_many_attempts"
