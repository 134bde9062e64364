"""What a failed statement may say."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store import live
from store.live import Publisher, connect_valkey
from store.session import POOL_PATIENCE, Database
from tests.people import ANNA


async def test_an_error_names_nobody(database: Database) -> None:
    with pytest.raises(DBAPIError) as error:
        async with database.transaction() as session:
            await session.execute(text("SELECT 1 / 0 WHERE CAST(:name AS text) <> ''"), {"name": ANNA})
    assert ANNA not in str(error.value)


async def test_a_bus_that_is_stuck_holds_nobody_up(fresh_database: Database) -> None:
    stuck = await asyncio.start_server(listen_only, "127.0.0.1", 0)
    valkey = connect_valkey(f"redis://127.0.0.1:{stuck.sockets[0].getsockname()[1]}")
    database = Database(fresh_database.engine.url.render_as_string(hide_password=False), Publisher(valkey))
    async with asyncio.timeout(1.5), database.transaction() as session:
        live.notice(session, live.EVERYBODY, "queue")
    await database.close()
    await valkey.aclose()
    stuck.close()


async def test_whoever_finds_every_connection_taken_is_told_so_soon(fresh_database: Database) -> None:
    url = fresh_database.engine.url.render_as_string(hide_password=False)
    database = Database(url, pool_size=1, max_overflow=0)
    async with database.transaction() as session, asyncio.timeout(2 * POOL_PATIENCE):
        await session.execute(text("SELECT 1"))
        with pytest.raises(PoolTimeout):
            async with database.transaction() as second:
                await second.execute(text("SELECT 1"))
    await database.close()


async def listen_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(1000):
        pass
    writer.close()
