"""A working centre whose clock may jump."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from store.session import Database
from tests.centre import Centre
from tests.people import People


@pytest.fixture
async def centre(
    fresh_database: Database, fresh_people: People, time_skipping: WorkflowEnvironment
) -> AsyncIterator[Centre]:
    """Worker and relay at work on the time-skipping server."""
    async with Centre(fresh_database, fresh_people, time_skipping.client).working() as centre:
        yield centre
