"""What the tests of the roots share."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from schemas.call import StartCall
from tests.people import ANNA_NUMBER, HOTLINE


@pytest.fixture
def inbound() -> StartCall:
    """Анна phones the hotline."""
    return StartCall(call_id=uuid4(), leg_id=str(uuid4()), number=ANNA_NUMBER, dialled=HOTLINE, at=datetime.now(UTC))
