"""What a provider has said of templates, put into a real store."""

from __future__ import annotations

from flowbot.model.project import Channel
from flowbot.store import approvals
from flowbot.store.approvals import STATUS, Fact
from flowbot.store.client import Store


def say(
    store: Store,
    channel: Channel,
    *names: str,
    status: str = "APPROVED",
    language: str = "en",
    at: int = 1,
    **more: str,
) -> None:
    value = {"status": status, "reason": "", "provider_id": "", **more}
    facts = [Fact(kind=STATUS, name=name, language=language, at=at, value=value) for name in names]
    store.run(approvals.note(channel.account, channel.holder, facts))
