"""The kinds of `verify`: one file each, by the word that names it.

A kind has the face of a verb (steps.base.Verb) whose `word` is verify; `Verify.build` hands the step over to it.
"""

from __future__ import annotations

from typing import Any

from ..base import Verb
from .code import Code

_LISTED: dict[str, Any] = {"otp": Code, "email": Code, "phone": Code}
KINDS: dict[str, type[Verb]] = _LISTED
