"""What the providers take that may carry a flow's words: the limits of every gateway in use."""

from __future__ import annotations

from collections.abc import Mapping

from ..gateways import GATEWAYS
from ..model.gateway import Limits
from ..model.project import Project


def limits_of(project: Project, flow: str) -> Mapping[str, Limits]:
    """Gateway -> its limits, of the channels of every account that runs the flow.

    >>> from ..model.project import Account, Channel
    >>> main = Channel(account="a", name="main", gateway="twilio")
    >>> project = Project(accounts={"a": Account(name="a", channels={"main": main})})
    >>> limits_of(project, "demo")["twilio"].text
    1600
    """
    accounts = [one for one in project.accounts.values() if not one.flows or flow in one.flows]
    names = sorted({channel.gateway for account in accounts for channel in account.channels.values()})
    return {name: GATEWAYS[name].LIMITS if name in GATEWAYS else Limits() for name in names}
