"""`flowbot rollback`; see publish.py."""

from __future__ import annotations

from .publish import rollback as command

__all__ = ["command"]
