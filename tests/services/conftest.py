"""How sessions live in tests."""

from datetime import timedelta

import pytest

from services.staff import SessionRules


@pytest.fixture
def rules() -> SessionRules:
    return SessionRules("pepper", idle=timedelta(minutes=30), absolute=timedelta(hours=14))


@pytest.fixture
def rules_by_snils() -> SessionRules:
    return SessionRules("pepper", idle=timedelta(minutes=30), absolute=timedelta(hours=14), by_snils=True)
