"""What a failed statement may say, and how long one that finds no answer may take."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store import live, silence
from store.base import clock, routing_lock
from store.live import Publisher, connect_valkey
from store.session import POOL_PATIENCE, QUICK, Database
from tests.people import ANNA
from worker.stack import Stack
from worker.web_requests import refusal_of


async def test_an_error_names_nobody(database: Database) -> None:
    with pytest.raises(DBAPIError) as error:
        async with database.transaction() as session:
            await session.execute(text("SELECT 1 / 0 WHERE CAST(:name AS text) <> ''"), {"name": ANNA})
    assert ANNA not in str(error.value)


async def test_the_clock_stands_still_under_the_routing_lock_alone(fresh_database: Database) -> None:
    async with fresh_database.transaction() as session:
        await routing_lock(session)
        assert await clock(session) == (moment := await clock(session))
        await session.commit()
        assert moment < await clock(session) < await clock(session)


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


@pytest.mark.alone
async def test_a_frozen_postgresql_holds_nobody_for_long_and_is_found_again(
    stack: Stack, fresh_database: Database
) -> None:
    database = Database(fresh_database.engine.url.render_as_string(hide_password=False), patience=QUICK)
    assert await asyncio.gather(*(asked(database) for _ in range(20))) == [True] * 20
    with frozen(stack):
        asking = [asyncio.create_task(timed(database, nth / 30)) for nth in range(150)]
        waits = await asyncio.gather(*asking)
        assert max(waits) < 2
        assert max(waits[-60:]) < 0.1  # told at once, nobody piles up
    async with asyncio.timeout(1.5):
        while not await asked(database):
            await asyncio.sleep(0.05)
    assert await asyncio.gather(*(asked(database) for _ in range(20))) == [True] * 20
    await database.close()


async def test_a_slow_statement_is_no_silence(fresh_database: Database) -> None:
    database = Database(fresh_database.engine.url.render_as_string(hide_password=False), patience=QUICK)
    async with database.transaction() as session, asyncio.timeout(3):
        slow = asyncio.create_task(session.execute(text("SELECT pg_sleep(1.5)")))
        await asyncio.sleep(1.4)
        assert await asked(database)
        await slow
    await database.close()


async def test_a_slow_login_is_no_silence(fresh_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(fresh_database.engine.url.render_as_string(hide_password=False), patience=QUICK)
    assert await asked(database)
    monkeypatch.setattr(silence.Silence, "_greet", AsyncMock(side_effect=TimeoutError))
    async with database.transaction() as session:
        slow = asyncio.create_task(session.execute(text("SELECT pg_sleep(2)")))
        for _ in range(90):  # others are answered all the time
            assert await asked(database)
            await asyncio.sleep(0.02)
        await slow
    await database.close()


async def timed(database: Database, after: float) -> float:
    """Return how long a question that finds no answer is held."""
    await asyncio.sleep(after)
    begun = time.monotonic()
    assert not await asked(database)
    return time.monotonic() - begun


async def asked(database: Database) -> bool:
    try:
        async with database.transaction() as session:
            await session.execute(text("SELECT 1"))
    except (OSError, PoolTimeout, DBAPIError) as error:
        if refusal_of(error) is None:  # the edge would not answer 503
            raise
        return False
    return True


@contextlib.contextmanager
def frozen(stack: Stack) -> Iterator[None]:
    """Every process of PostgreSQL stands still."""
    assert stack.postgres.process.pid is not None
    pids = [stack.postgres.process.pid, *children(stack.postgres.process.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def listen_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(1000):
        pass
    writer.close()
