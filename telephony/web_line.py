"""The web line as an exchange: voice runs browser to browser, and our tables are the exchange."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.line import LegSide
from store import line
from store.session import Database
from telephony.port import Ring, RingEnd

PATIENCE = timedelta(seconds=15)
"""A reloaded page has this long to come back."""
LAST_PATIENCE = timedelta(minutes=1)
DEAF = timedelta(seconds=6)
GRACE = timedelta(seconds=20)


class WebLine:
    """Exchange over store/line: each command is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ring(self, ring: Ring) -> None:
        """Let the desk's page ring."""
        leg = line.LineLeg(
            id=UUID(ring.leg_id),
            call_id=ring.call_id,
            side=LegSide.OPERATOR,
            desk_id=ring.desk_id,
            offer_token=ring.token,
        )
        async with self._reached() as session:
            await line.add_operator(session, leg, UUID(ring.citizen_leg_id))

    async def cancel_ring(self, leg_id: str) -> RingEnd:
        """Stop ringing, unless the leg was answered first."""
        async with self._reached() as session:
            leg = await line.find_leg(session, UUID(leg_id))
            if leg is None or await line.stop_ringing(session, leg):
                return RingEnd()
            return RingEnd(answered_at=leg.answered_at)

    async def hang_up(self, call_id: UUID) -> None:
        """End every leg of the call."""
        async with self._reached() as session:
            await line.cut(session, call_id)

    @asynccontextmanager
    async def _reached(self) -> AsyncIterator[AsyncSession]:
        try:
            async with self._database.transaction() as session:
                yield session
        except (DBAPIError, OSError) as error:
            raise ConnectionError(type(error).__name__) from error


class Silence:
    """Ends the calls whose pages fell silent, unless it is our own web process that nobody could reach."""

    def __init__(self) -> None:
        self._started_at: datetime | None = None
        self._swept_at: datetime | None = None
        self._deaf_at: datetime | None = None

    async def sweep(self, session: AsyncSession) -> int:
        """Ask each second; return how many pages were found gone."""
        now, newest = await line.last_sign(session)
        if self._swept_at is None or now - self._swept_at > DEAF:  # we, or the database, were away
            self._started_at = now
        self._swept_at = now
        if newest is None or self._started_at is None or now - self._started_at < GRACE:  # pages need time to be heard
            return 0
        if now - newest > DEAF:
            self._deaf_at = now
        is_doubtful = self._deaf_at is not None and now - self._deaf_at < GRACE
        patience = LAST_PATIENCE if is_doubtful else PATIENCE
        return await line.end_silent(session, patience.total_seconds())
