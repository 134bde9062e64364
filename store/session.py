"""The one place that begins and ends transactions."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from store import tables, webhook
from store.direct import DirectSession
from store.silence import Silence

__all__ = ["OUTBOX_CHANNEL", "QUICK", "Database", "afterwards", "tables"]
OUTBOX_CHANNEL = "pult_outbox"
"""The table itself tells who listens: a trigger of it does."""
SETTINGS = {
    "idle_in_transaction_session_timeout": "30000",
    # Flash, and much of it in memory: following an index is cheap. Questions of many people get no helpers each.
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}
Publish = Callable[[list[tuple[str, str, str]]], Awaitable[None]]
PATIENCE = 0.3
"""Seconds for the notices of a transaction: the act that waits here has two for all it does."""
POOL_PATIENCE = 2.0
"""Seconds for a free connection; then «not now», before those who wait pile up."""
QUICK, SLOW = 3.0, 15.0
"""Seconds for one statement: of what people and calls wait for, and of what makes documents."""
log = logging.getLogger(__name__)


def afterwards(session: AsyncSession, act: Callable[[], Awaitable[object]]) -> None:
    """Act when the transaction has committed, or never; what the act raises reaches whoever opened the transaction."""
    session.info.setdefault("afterwards", []).append(act)


class Database:
    """A pool of connections; `publish` sends the live notices of a transaction after its commit."""

    def __init__(self, url: str, publish: Publish | None = None, patience: float = SLOW, **options: Any) -> None:
        options.setdefault("pool_size", 10)
        options.setdefault("max_overflow", 10)
        options.setdefault("pool_timeout", POOL_PATIENCE)
        options.setdefault("pool_use_lifo", True)  # a few warm connections, whose statements are planned already
        self.engine = create_async_engine(
            url,
            connect_args=_answer_within(patience),
            pool_pre_ping=False,
            hide_parameters=True,  # an error's text goes to logs: names and numbers must not
            **options,
        )
        self._silence = Silence(self.engine)
        self._sessions = async_sessionmaker(self.engine, class_=DirectSession, expire_on_commit=False, autoflush=True)
        alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._readings = async_sessionmaker(alone, class_=DirectSession, expire_on_commit=False, autoflush=True)
        self._publish = publish

    def for_request(self, method: str) -> AbstractAsyncContextManager[AsyncSession]:
        """Return what a request of this HTTP method works in."""
        return self.reading() if method in ("GET", "HEAD") else self.transaction()

    def reading(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Return a session for questions: each statement stands alone, as READ COMMITTED shows the rows anyway, and
        BEGIN and COMMIT, a third of a short question's cost, are saved. What a question writes (that it was asked) is
        one row."""
        return self._session(self._readings)

    def transaction(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Return a session; commit at the end, roll back and drop its notices on an exception."""
        return self._session(self._sessions)

    @asynccontextmanager
    async def _session(self, sessions: async_sessionmaker[DirectSession]) -> AsyncIterator[AsyncSession]:
        self._silence.refuse()
        async with sessions() as session:
            yield session
            if "events" in session.info:
                await webhook.leave(session)
            await session.flush()  # the short way, before the ORM's own
            await session.commit()
            await self._tell(session.info.pop("notices", []))
            for act in session.info.pop("afterwards", []):
                await act()

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
        self._silence.close()
        await self.engine.dispose()


def _answer_within(patience: float) -> dict[str, Any]:
    """Return a connection's settings: the server's own limits come first, ours are for a server that is frozen."""
    limits = {"statement_timeout": f"{patience * 900:.0f}", "lock_timeout": f"{min(patience * 750, 5000):.0f}"}
    return {
        "server_settings": SETTINGS | limits,
        "timeout": min(patience / 2, 5),
        "command_timeout": patience,
        "prepared_statement_cache_size": 500,
    }
