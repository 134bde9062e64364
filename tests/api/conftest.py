"""The centre behind the API."""

from tests.ui.conftest import calls, centre

__all__ = ["calls", "centre"]
