"""What is known of templates: facts that only newer ones replace, a number that tells of changes, and news once."""

from __future__ import annotations

from typing import Any

import pytest

from flowbot.model import codec
from flowbot.model.hook import Hook
from flowbot.model.inbound import TemplateStatus
from flowbot.model.project import Channel
from flowbot.model.template import Approval
from flowbot.store import approval_news, approvals, hooks
from flowbot.store.approval_news import facts_of, facts_of_list, settle
from flowbot.store.approval_watch import Watch
from flowbot.store.approvals import Fact
from flowbot.store.client import Store

MAIN = Channel(account="acme", name="main", gateway="cloud_api", options={"waba_id": "7"})
SECOND = Channel(account="acme", name="second", gateway="cloud_api", options={"waba_id": "7"})
OTHERS = Channel(account="beta", name="main", gateway="cloud_api", options={"waba_id": "7"})
WHERE = approval_news.of(MAIN, [MAIN, SECOND, OTHERS])


def told(event: str, at: int, **more: Any) -> list[Fact]:
    item = TemplateStatus(name="invite", language="es", event=event, at=at, **more)
    return list(facts_of(item, now=99))


def emitted(store: Store) -> list[Hook]:
    found = [one for partition in range(store.partitions) for one in store.run(hooks.read(partition))]
    return [codec.decode(Hook, one.body) for one in found]


def known(store: Store, channel: Channel = MAIN) -> Approval | None:
    return store.run(approvals.read(channel.account, channel.holder)).approvals.get(("invite", "es"))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_the_newest_word_counts_in_whatever_order_it_comes(any_store: Store, order: tuple[int, ...]) -> None:
    """R082."""
    said = [
        told("pending", 10, provider_id="501"),
        told("rejected", 20, reason="TAG_CONTENT_MISMATCH", provider_id="501"),
        told("approved", 30, provider_id="501"),
    ]
    for place in order:
        settle(any_store, WHERE, said[place])
    found = known(any_store)
    assert found is not None and (found.status, found.reason, found.at, found.provider_id) == (
        "APPROVED",
        "",
        30,
        "501",
    )


def test_each_fact_has_its_own_time(any_store: Store) -> None:
    settle(any_store, WHERE, told("approved", 30))
    settle(any_store, WHERE, told("quality", 20, facts={"new_quality_score": "YELLOW"}))
    settle(any_store, WHERE, told("category", 25, facts={"new_category": "MARKETING"}))
    sent = Fact(kind="sent", name="invite", language="es", at=5, value={"digest": "d", "id": "501"})
    any_store.run(approvals.note("acme", MAIN.holder, [sent]))
    found = known(any_store)
    assert found == Approval(
        name="invite",
        language="es",
        status="APPROVED",
        at=30,
        category="marketing",
        quality="yellow",
        digest="d",
        provider_id="501",
    )
    settle(any_store, WHERE, told("flagged", 40))
    assert known(any_store) == found, "a warning is no status"


def test_nothing_of_one_account_is_known_to_another(any_store: Store) -> None:
    """I11: though both stand at the same account of the provider's."""
    settle(any_store, WHERE, told("approved", 30))
    assert known(any_store, SECOND) is not None and known(any_store, OTHERS) is None
    assert {hook.account for hook in emitted(any_store)} == {"acme"}


def test_a_change_is_told_once_with_the_status_before(any_store: Store) -> None:
    """R082."""
    for _ in range(2):
        settle(any_store, WHERE, told("rejected", 20, reason="INVALID_FORMAT"))
    settle(any_store, WHERE, told("approved", 10))  # late
    settle(any_store, WHERE, told("quality", 30, facts={"new_quality_score": "RED"}))
    settle(any_store, WHERE, facts_of_list([Approval(name="invite", language="es", status="REJECTED")], 40))
    settle(any_store, WHERE, told("paused", 50))
    rejected, paused = emitted(any_store)
    assert (rejected.type, rejected.at) == ("template.rejected", 20)
    assert rejected.data == {
        "account": "acme",
        "gateway": "cloud_api",
        "channels": ["main", "second"],
        "name": "invite",
        "language": "es",
        "status": "REJECTED",
        "before": "UNKNOWN",
        "reason": "INVALID_FORMAT",
    }
    assert (paused.type, paused.data["before"]) == ("template.paused", "REJECTED")


def test_who_died_before_keeping_tells_the_same_again(any_store: Store) -> None:
    before = any_store.run(approvals.read("acme", MAIN.holder))
    any_store.all(approval_news.emits(WHERE, before, told("approved", 20), any_store.partitions))
    settle(any_store, WHERE, told("approved", 20))
    first, again = emitted(any_store)
    assert first == again, "one id: an endpoint's queue takes it once"


def test_a_watch_hears_of_every_change_and_asks_for_what_it_misses(any_store: Store) -> None:
    now = 0.0
    watch = Watch(any_store, clock=lambda: now)
    assert watch.ask(MAIN, "invite", "es") is None
    wanted = any_store.run(approvals.read("acme", MAIN.holder)).wanted_at
    assert wanted > 0
    settle(any_store, WHERE, told("approved", 30))
    now += 5
    found = watch.ask(SECOND, "invite", "es")
    assert found is not None and found.status == "APPROVED"
    assert watch.ask(OTHERS, "invite", "es") is None
    settle(any_store, WHERE, told("paused", 40))
    now += 5
    found = watch.ask(MAIN, "invite", "es")
    assert found is not None and found.status == "PAUSED"


def test_one_process_asks_the_provider_at_a_time(any_store: Store) -> None:
    lease = approvals.lease("acme", MAIN.holder, 60_000)
    assert [any_store.run(lease), any_store.run(lease)] == [True, False]
    any_store.run(approvals.release("acme", MAIN.holder))
    assert any_store.run(lease)


def test_a_try_that_failed_leaves_what_was_told_before(any_store: Store) -> None:
    any_store.run(approvals.tried("acme", MAIN.holder, 100))
    any_store.run(approvals.tried("acme", MAIN.holder, 200, "HTTP 401"))
    table = any_store.run(approvals.read("acme", MAIN.holder))
    assert (table.pulled_at, table.tried_at, table.why) == (100, 200, "HTTP 401")


def test_a_webhook_beats_a_list_that_was_asked_for_within_its_second(any_store: Store) -> None:
    """Providers say whole seconds: the list was made before the change, and reached us after it."""
    settle(any_store, WHERE, told("approved", 20_000))
    settle(any_store, WHERE, facts_of_list([Approval(name="invite", language="es", status="PENDING")], 20_500))
    found = known(any_store)
    assert found is not None and found.status == "APPROVED"
