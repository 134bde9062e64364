"""What a failed statement may say."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store.session import Database
from tests.people import ANNA


async def test_an_error_names_nobody(database: Database) -> None:
    with pytest.raises(DBAPIError) as error:
        async with database.transaction() as session:
            await session.execute(text("SELECT 1 / 0 WHERE CAST(:name AS text) <> ''"), {"name": ANNA})
    assert ANNA not in str(error.value)
