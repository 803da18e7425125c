"""From a webhook's arrival to our call of the provider, on a system that is otherwise idle."""

from __future__ import annotations

import time

from tests.crash.people import UnixConnection

from .result import Result
from .town import percentile, post, town, until, webhook

WARM, SAMPLES = 30, 400
PAUSE = 0.03  # seconds between two webhooks


def measure() -> list[Result]:
    with town() as made:
        connection = UnixConnection(made.web_socket, timeout=30)
        sent: dict[str, float] = {}
        for index in range(WARM + SAMPLES):
            number = f"57301{index:07d}"
            body, headers = webhook(number, f"wamid.l{index}", "start")
            sent[number] = time.time()
            if post(connection, body, headers) != 200:
                raise SystemExit("the web does not take webhooks")
            time.sleep(PAUSE)
        until("all answers", lambda: len({one.to for one in made.provider.log.taken}) == WARM + SAMPLES, 20)
        first: dict[str, float] = {}
        for one in made.provider.log.taken:
            first.setdefault(one.to, one.at)
    took = [1000 * (first[number] - at) for number, at in list(sent.items())[WARM:]]
    return [
        Result(what="webhook in to provider call out, p50", value=percentile(took, 0.5), unit="ms", at_most=15),
        Result(what="webhook in to provider call out, p99", value=percentile(took, 0.99), unit="ms", at_most=60),
    ]
