"""Every kind of answer, a line each."""

import pytest

from flowbot.delivery import retry
from flowbot.delivery.failure import Failure
from flowbot.model.gateway import Refused, Sent

CASES = [
    (Sent(provider_id="w"), {}, ("definite", "sent", 0, "", "")),
    (Failure(certainty="safe", reason="connect"), {}, ("safe", "again", 1000, "", "drops")),
    (Failure(certainty="safe", reason="connect"), {"drops": 99}, ("safe", "again", 30_000, "", "drops")),
    (Failure(certainty="ambiguous", reason="timeout"), {}, ("ambiguous", "leave", 0, "", "")),
    (Failure(certainty="forbidden", reason="address"), {}, ("definite", "failed", 0, "", "")),
    (Refused(kind="unclear"), {}, ("ambiguous", "leave", 0, "", "")),
    (Refused(kind="slow"), {}, ("safe", "again", 0, "channel", "slows")),
    (Refused(kind="slow", retry_after=7), {}, ("safe", "again", 7000, "channel", "slows")),
    (Refused(kind="slow", scope="recipient"), {}, ("safe", "again", 1000, "recipient", "slows")),
    (Refused(kind="slow", scope="recipient"), {"slows": 3}, ("safe", "again", 64_000, "recipient", "slows")),
    (Refused(kind="slow", scope="recipient"), {"slows": 50}, ("safe", "again", 300_000, "recipient", "slows")),
    (Refused(kind="hold", code=190), {}, ("safe", "again", 0, "hold", "")),
    (Refused(kind="hold-tmpl", code=132015), {}, ("definite", "failed", 0, "", "")),
    (Refused(kind="hold-tmpl", code=132015), {"patient": True}, ("safe", "again", 300_000, "", "")),
    (Refused(kind="retry"), {}, ("definite", "again", 2000, "", "tries")),
    (Refused(kind="retry", retry_after=60), {"tries": 2}, ("definite", "again", 60_000, "", "tries")),
    (Refused(kind="retry"), {"tries": 3}, ("definite", "failed", 0, "", "")),
    (Refused(kind="outage"), {"tries": 3}, ("definite", "again", 60_000, "", "tries")),
    (Refused(kind="outage"), {"tries": 15}, ("definite", "again", 300_000, "", "tries")),
    (Refused(kind="outage"), {"tries": 16}, ("definite", "failed", 0, "", "")),
    (Refused(kind="perm"), {}, ("definite", "failed", 0, "", "")),
    (Refused(kind="perm-user"), {}, ("definite", "failed", 0, "", "")),
    (Refused(kind="perm-tmpl"), {}, ("definite", "failed", 0, "", "")),
]


@pytest.mark.parametrize(("answer", "before", "wanted"), CASES)
def test_judge(answer, before, wanted):
    """R106: what passes is tried again, later and later, and not for ever; what lasts is not."""
    verdict = retry.judge(answer, **before)
    assert (verdict.certainty, verdict.outcome, verdict.wait, verdict.pause, verdict.counts) == wanted


def test_a_refusal_says_why():
    verdict = retry.judge(Refused(kind="perm", code=131009, title="Parameter value invalid"))
    assert (verdict.code, verdict.reason) == ("131009", "Parameter value invalid")


def test_the_schedule_of_hooks():
    waits = [retry.hook_wait(attempt) for attempt in range(1, 9)]
    assert waits == [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000, None]
    assert retry.hook_wait(2, jitter=1.0) == 360_000
    assert retry.hook_wait(2, jitter=-1.0) == 240_000
    assert retry.hook_wait(1, retry_after=1) == 5_000
    assert retry.hook_wait(1, retry_after=10**9) == retry.HOOK_WAIT_CAP
