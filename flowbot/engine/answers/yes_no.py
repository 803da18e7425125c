"""`expect: yes_no`: true or false; the words come from the entry `yes_no`, in the contact's language."""

from __future__ import annotations

from collections.abc import Mapping

from ...model.inbound import Inbound
from ..content import Options
from ..match import choose
from .asked import Answer, Asked, Bound, Refused, said

BOUNDS: Mapping[str, Bound] = {}
IDS = ("yes", "no")


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    if inbound.tap and inbound.tap.choice in IDS:
        return Answer(value=inbound.tap.choice == "yes")
    options: Options = asked.content.options("yes_no", asked.lang, IDS, {}) if asked.content else ()
    found = choose(said(inbound), options, asked.match)
    return Answer(value=found == "yes") if found else Refused(code="yes_no")
