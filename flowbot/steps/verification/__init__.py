"""The kinds of `verify`: one file each, by the word that names it; OTHER is for the names of verifiers.

A kind has the face of a verb (steps.base.Verb) whose `word` is verify; `Verify.build` hands the step over to it.
"""

from __future__ import annotations

from typing import Any

from ..base import Verb
from .code import Code
from .verifier import ByVerifier

_LISTED: dict[str, Any] = {"otp": Code, "email": Code, "phone": Code}
_OTHER: Any = ByVerifier
KINDS: dict[str, type[Verb]] = _LISTED
OTHER: type[Verb] = _OTHER
