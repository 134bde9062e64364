"""The relay's ear: a connection of its own that hears of new rows, and holds the lead among relays."""

import asyncio
import logging
from collections.abc import Callable

import asyncpg
from sqlalchemy import make_url

from store.session import OUTBOX_CHANNEL, QUICK

# A notice that was lost (a reconnection, a retry that came due) costs at most this.
LOOK_EVERY = 1.0
LEAD_LOCK = 20180514
LONGEST_PAUSE = 2.0
log = logging.getLogger(__name__)


class Watch:
    """Calls `wake` for each new row and once a second; `leads` while this relay is the one for periodic work."""

    def __init__(self, url: str, wake: Callable[[], None]) -> None:
        parsed = make_url(url)
        self._address = parsed.translate_connect_args(username="user") | dict(parsed.query)
        self._wake = wake
        self.leads = False

    async def run(self) -> None:
        """Listen until cancelled, over every reconnection."""
        pause = 0.1
        while True:
            try:
                connection = await asyncpg.connect(**self._address, timeout=QUICK, command_timeout=QUICK)
                pause = 0.1
                await self._listen(connection)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("relay.listens_no_more", extra={"error": str(error)})
            self.leads = False
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _listen(self, connection: asyncpg.Connection) -> None:
        try:
            await connection.add_listener(OUTBOX_CHANNEL, lambda *_: self._wake())
            while True:
                self._wake()
                await self._seek_lead(connection)
                await asyncio.sleep(LOOK_EVERY)
        finally:
            self.leads = False
            connection.terminate()

    async def _seek_lead(self, connection: asyncpg.Connection) -> None:
        """Take the lead when nobody has it. PostgreSQL gives it back when this connection ends."""
        if self.leads:
            await connection.execute("SELECT 1")
        else:
            self.leads = await connection.fetchval(f"SELECT pg_try_advisory_lock({LEAD_LOCK})")
