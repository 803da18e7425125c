"""JSON Schemas (draft-07) of a project's files, for editors: what may stand where, and what it means.

They are made from the schemas that read the files, so that a key known here is a key known to `flowbot check`. What an
editor cannot know (whether a step exists, what an expression reads) stays with `check`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..library.library import Library
from .content import content_schema
from .flow import flow_schema
from .known import Known
from .project import project_schema
from .rule import rules_schema
from .template import template_schema
from .transcript import transcript_schema

__all__ = ["SCHEMAS", "Known", "schemas"]

# name -> its maker, and the files it is for, relative to the project
SCHEMAS: Mapping[str, tuple[Callable[[Known], dict[str, Any]], str]] = {
    "flow": (flow_schema, "flows/*.yaml"),
    "test": (transcript_schema, "flows/*.test.yaml"),
    "content": (content_schema, "content/*/*.yaml"),
    "template": (template_schema, "content/templates/*.yaml"),
    "rules": (rules_schema, "rules/*.yaml"),
    "flowbot": (project_schema, "flowbot.yaml"),
}


def schemas(library: Library) -> dict[str, dict[str, Any]]:
    """All schemas, with the names that this project has."""
    known = Known.of(library)
    return {name: make(known) for name, (make, _) in SCHEMAS.items()}
