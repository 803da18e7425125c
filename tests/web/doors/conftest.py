"""The same office as the API's: what its clients post here is looked at there."""

from __future__ import annotations

from tests.web.api.conftest import office

__all__ = ["office"]
