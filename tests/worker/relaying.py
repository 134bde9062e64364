"""Relays over a test's own database, with addressees that remember."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text

from store import outbox
from store.session import Database
from worker.relay import Relay
from worker.relay_watch import Watch


class Addressee:
    """Takes rows of kind `note`; refuses those whose payload says so."""

    def __init__(self, pause: float = 0.0) -> None:
        self.got: list[tuple[str, int]] = []
        self.pause = pause
        self.is_away = False

    async def take(self, payload: dict[str, Any]) -> None:
        if self.is_away:
            raise ConnectionError
        if payload.get("is_bad"):
            raise ValueError("нечитаемо")
        await asyncio.sleep(self.pause)
        self.got.append((payload["key"], payload["n"]))

    def of(self, key: str) -> list[int]:
        return [n for k, n in self.got if k == key]


@asynccontextmanager
async def relaying(database: Database, addressee: Addressee) -> AsyncIterator[asyncio.Task[None]]:
    """A relay with an ear of its own, killed at the end."""
    task = asyncio.create_task(relay_forever(database, addressee))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def relay_forever(database: Database, addressee: Addressee) -> None:
    relay = Relay(database, {"note": addressee.take})
    watch = Watch(database.engine.url.render_as_string(hide_password=False), relay.wake)
    async with asyncio.TaskGroup() as group:
        group.create_task(relay.run())
        group.create_task(watch.run())


async def leave(database: Database, key: str, *numbers: int, **more: Any) -> None:
    """Leave notes for the addressee, in one transaction."""
    async with database.transaction() as session:
        for n in numbers:
            outbox.put(session, key, "note", {"key": key, "n": n, **more})
            await session.flush()


async def until_empty(database: Database, seconds: float = 15.0) -> None:
    """Wait until nothing but parked rows and what stands behind them is left."""
    async with asyncio.timeout(seconds):
        while await scalar(
            database,
            """SELECT count(*) FROM outbox o WHERE delivered_at IS NULL AND NOT EXISTS (SELECT FROM outbox p
               WHERE p.key = o.key AND p.id <= o.id AND p.parked_at IS NOT NULL AND p.delivered_at IS NULL)""",
        ):
            await asyncio.sleep(0.02)


async def scalar(database: Database, statement: str) -> Any:
    async with database.transaction() as session:
        return (await session.execute(text(statement))).scalar_one()
