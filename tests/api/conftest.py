"""The centre behind the API."""

from tests.ui.conftest import centre

__all__ = ["centre"]
