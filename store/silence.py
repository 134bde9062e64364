"""Notices a PostgreSQL that takes statements and does not answer (stopped, cut off), until it answers again."""

import asyncio
import logging
import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine

SUSPICIOUS = 0.8
"""Seconds without an answer to anybody, while somebody may wait for one."""
GREETED_WITHIN = 0.6
"""Seconds for the first byte of a new connection: a statement, or a login, may be slow, a greeting is not."""
LOOK_EVERY = 0.2
# «Do you speak TLS?», which is answered before anybody asks who one is.
_GREETING = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
log = logging.getLogger(__name__)


class Silent(ConnectionError):
    """PostgreSQL has left a statement without an answer, and has not answered anything since."""


class Silence:
    """Whether an engine's server is silent: from the first greeting that it does not return to the first that it does.

    Who waits when the silence begins is let go: connections in use are cut, which is an outage like any other. Who
    comes later is refused at once.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._url = engine.url
        self._is_on = False
        self._answered_at = 0.0
        self._in_use: dict[int, Any] = {}
        self._next_look: asyncio.TimerHandle | None = None
        self._probing: asyncio.Task[None] | None = None
        event.listen(engine.sync_engine, "handle_error", self._look_at)
        event.listen(engine.sync_engine, "after_cursor_execute", self._hear)
        event.listen(engine.sync_engine, "do_connect", self.refuse)  # whoever has waited for a place in the pool
        event.listen(engine.sync_engine.pool, "checkout", self._take)
        event.listen(engine.sync_engine.pool, "checkin", self._give)

    def refuse(self, *_: object) -> None:
        """Raise Silent while the silence lasts."""
        if self._is_on:
            raise Silent

    def close(self) -> None:
        """Look no more."""
        for watch in (self._next_look, self._probing):
            if watch is not None:
                watch.cancel()
        self._next_look = None

    # --- what the engine tells

    def _take(self, connection: Any, record: object, *_: object) -> None:
        self._in_use[id(record)] = connection
        self._look_soon()

    def _give(self, _connection: object, record: object) -> None:
        self._in_use.pop(id(record), None)
        self._answered_at = time.monotonic()

    def _hear(self, *_: object) -> None:
        self._answered_at = time.monotonic()
        if self._is_on:
            self._is_on = False
            log.warning("database.answers_again")

    def _look_at(self, failed: ExceptionContext) -> None:
        if not isinstance(failed.original_exception, TimeoutError | asyncio.CancelledError):
            return
        if isinstance(failed.original_exception, TimeoutError) and self._is_doubtful():
            self._begin()
        if failed.connection is not None and not failed.connection.invalidated:
            # At once: a farewell to a server that is silent would be waited for, too.
            raw: Any = failed.connection.connection.driver_connection
            raw.terminate()
            failed.is_disconnect = True
            failed.invalidate_pool_on_disconnect = False

    # --- the watch, as long as somebody works or the silence lasts

    def _look_soon(self) -> None:
        if self._next_look is None:
            self._answered_at = time.monotonic()
            self._next_look = asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)

    def _look(self) -> None:
        self._next_look = None
        if not self._is_on and not self._in_use:
            return
        if (self._is_on or self._is_doubtful()) and (self._probing is None or self._probing.done()):
            self._probing = asyncio.get_running_loop().create_task(self._probe())
        self._next_look = asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)

    def _is_doubtful(self) -> bool:
        return time.monotonic() - self._answered_at > SUSPICIOUS

    async def _probe(self) -> None:
        try:
            async with asyncio.timeout(GREETED_WITHIN):
                await self._greet()
        except TimeoutError:
            if self._is_doubtful():
                self._begin()
                for connection in list(self._in_use.values()):
                    connection.driver_connection.terminate()
            return
        except (OSError, EOFError):
            pass  # an answer, too: whoever asks hears it himself
        self._hear()

    async def _greet(self) -> None:
        host, port = self._url.host or "localhost", self._url.port or 5432
        if host.startswith("/"):
            reader, writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(_GREETING)
            await reader.readexactly(1)
        finally:
            writer.transport.abort()

    def _begin(self) -> None:
        if not self._is_on:
            self._is_on = True
            log.warning("database.silent")
            self._look_soon()
