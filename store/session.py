"""The one place that begins and ends transactions."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from store import tables

__all__ = ["OUTBOX_CHANNEL", "Database", "tables"]
OUTBOX_CHANNEL = "pult_outbox"
Publish = Callable[[list[tuple[str, str, str]]], Awaitable[None]]
PATIENCE = 0.3
"""Seconds for the notices of a transaction: the act that waits here has two for all it does."""
POOL_PATIENCE = 3.0
"""Seconds for a free connection; then «not now», before those who wait pile up."""
log = logging.getLogger(__name__)


class Database:
    """A pool of connections; `publish` sends the live notices of a transaction after its commit."""

    def __init__(self, url: str, publish: Publish | None = None, **options: Any) -> None:
        settings = {
            "statement_timeout": "15000",
            "lock_timeout": "5000",
            "idle_in_transaction_session_timeout": "30000",
        }
        options.setdefault("pool_size", 10)
        options.setdefault("max_overflow", 10)
        options.setdefault("pool_timeout", POOL_PATIENCE)
        self.engine = create_async_engine(
            url,
            connect_args={"server_settings": settings, "timeout": 5},
            pool_pre_ping=False,
            hide_parameters=True,  # an error's text goes to logs: names and numbers must not
            **options,
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=True)
        self._publish = publish

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Yield a session; commit at the end, roll back and drop its notices on an exception."""
        async with self._sessions() as session:
            yield session
            if session.info.pop("outbox", False):
                await session.execute(text(f"NOTIFY {OUTBOX_CHANNEL}"))
            await session.commit()
            await self._tell(session.info.pop("notices", []))

    async def _tell(self, notices: list[tuple[str, str, str]]) -> None:
        if not notices or self._publish is None:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self._publish(list(dict.fromkeys(notices)))
        except Exception as error:  # a lost notice costs a delay, never the work that was committed
            log.warning("live.publish_failed", extra={"error": type(error).__name__})

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
