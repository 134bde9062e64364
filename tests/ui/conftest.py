"""Calls in the database of the running application."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from config.settings import Settings
from tests.calls import Calls
from tests.centre import Centre
from tests.doors import Doors
from tests.people import People
from worker.temporal import connect


@pytest.fixture
async def calls(doors: Doors, fresh_people: People) -> AsyncIterator[Calls]:
    """Puts calls of the last minutes into the tables; committed by `commit`."""
    async with doors.app.state.database.transaction() as session:
        yield Calls(session, fresh_people, datetime.now(UTC) - timedelta(minutes=20))


@pytest.fixture
async def centre(doors: Doors, fresh_people: People, settings: Settings) -> AsyncIterator[Centre]:
    """The centre behind the pages, its processes running."""
    temporal = await connect(settings, lazy=False)
    async with Centre(doors.app.state.database, fresh_people, temporal).working() as working:
        yield working
