"""The verbs of the flow language: one file each, listed here in the order in which they act within a step.

A new verb is its file, its name in VERBS, and its cases in tests/steps/.
"""

from __future__ import annotations

from typing import Any

from .ask import Ask
from .base import Verb
from .branch import Branch
from .call import Call
from .event import Event
from .fail import Fail
from .groups import Groups
from .handoff import Handoff
from .jump import Jump
from .labels import Labels
from .language import Language
from .opt_in import OptIn
from .opt_out import OptOut
from .run import Run
from .say import Say
from .set import Set
from .split import Split
from .succeed import Succeed
from .template import Template
from .verify import Verify
from .wait import Wait

_LISTED: tuple[Any, ...] = (
    *(Say, Ask, Template, Verify, Call, Set, Labels, Groups, Language, Branch, Split, Wait),
    *(Run, Jump, Handoff, OptIn, OptOut, Event, Succeed, Fail),
)
VERBS: dict[str, type[Verb]] = {verb.word: verb for verb in _LISTED}
