"""The web line as an exchange: voice runs browser to browser, and our tables are the exchange."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call import DialOutcome
from schemas.line import LegSide
from store import line, line_ring, line_silence, line_talk
from store.line import LineLeg
from store.session import Database
from telephony.port import Dial, Ring, RingEnd

PATIENCE = timedelta(seconds=15)
"""A reloaded page has this long to come back."""
LAST_PATIENCE = timedelta(minutes=1)
DEAF = timedelta(seconds=6)
GRACE = timedelta(seconds=20)


class WebLine:
    """Exchange over store/line: each command is one transaction, or a part of the one that orders it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ring(self, ring: Ring, within: AsyncSession | None = None) -> None:
        """Let the desk's page ring."""
        leg = LineLeg(
            id=UUID(ring.leg_id),
            call_id=ring.call_id,
            side=LegSide.OPERATOR,
            desk_id=ring.desk_id,
            offer_token=ring.token,
            peer_id=UUID(ring.peer_leg_id),
            role=ring.role,
        )
        async with self._reached(within) as session:
            await line_ring.ring(session, leg)

    async def dial(self, dial: Dial) -> DialOutcome | None:
        """Let the page left open under the number ring."""
        callee, caller = UUID(dial.leg_id), UUID(dial.peer_leg_id)
        what: dict[str, Any] = {"call_id": dial.call_id, "role": dial.role}
        rung = LineLeg(id=callee, side=LegSide.CITIZEN, number=dial.number, peer_id=caller, **what)
        desk = None
        if dial.desk_id is not None:
            desk = LineLeg(id=caller, side=LegSide.OPERATOR, desk_id=dial.desk_id, peer_id=callee, **what)
        async with self._reached() as session:
            return await line_ring.dial(session, rung, desk)

    async def cancel_ring(self, leg_id: str) -> RingEnd:
        """Stop ringing, unless the leg was answered first."""
        async with self._reached() as session:
            leg = await line.find_leg(session, UUID(leg_id))
            if leg is None or await line_ring.stop_ringing(session, leg):
                return RingEnd()
            return RingEnd(answered_at=leg.answered_at)

    async def hold(self, call_id: UUID, within: AsyncSession | None = None) -> None:
        """Give the citizen music, and his desk silence."""
        async with self._reached(within) as session:
            await line_talk.hold(session, call_id)

    async def resume(self, call_id: UUID, within: AsyncSession | None = None) -> None:
        """Give the citizen and his desk their voice back; whoever was consulted goes."""
        async with self._reached(within) as session:
            await line_talk.resume(session, call_id)

    async def hand_over(self, call_id: UUID, leg_id: str) -> None:
        """Give the citizen this leg; the desk that had him is let go."""
        async with self._reached() as session:
            await line_talk.hand_over(session, call_id, UUID(leg_id))

    async def release(self, call_id: UUID, leg_id: str, if_lost: bool = False) -> bool:
        """Let a desk's leg go while the citizen waits with music; `if_lost`: only while its page is gone."""
        async with self._reached() as session:
            return await line_talk.release(session, call_id, UUID(leg_id), if_lost)

    async def offer_choice(self, call_id: UUID, within: AsyncSession | None = None) -> None:
        """Ask the waiting citizen whether he leaves a message or wants to be called back."""
        async with self._reached(within) as session:
            await line_talk.offer_choice(session, call_id)

    async def hang_up(self, call_id: UUID, within: AsyncSession | None = None) -> None:
        """End every leg of the call."""
        async with self._reached(within) as session:
            await line_talk.cut(session, call_id)

    @asynccontextmanager
    async def _reached(self, within: AsyncSession | None = None) -> AsyncIterator[AsyncSession]:
        if within is not None:
            yield within
            return
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
        now, newest = await line_silence.last_sign(session)
        if self._swept_at is None or now - self._swept_at > DEAF:  # we, or the database, were away
            self._started_at = now
        self._swept_at = now
        if newest is None or self._started_at is None or now - self._started_at < GRACE:  # pages need time to be heard
            return 0
        if now - newest > DEAF:
            self._deaf_at = now
        is_doubtful = self._deaf_at is not None and now - self._deaf_at < GRACE
        patience = LAST_PATIENCE if is_doubtful else PATIENCE
        return await line_silence.end_silent(session, patience.total_seconds())
