"""Web line: pages that are not heard any more."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.call import DialOutcome
from schemas.line import LegSide, LegState
from store.base import clock
from store.desk import DeskPresence
from store.line import LineLeg, lock_call
from store.line_ring import decline, rings, stop_ringing
from store.line_talk import IN_TALK, hang_up, mark_lost

FORGOTTEN_RING = timedelta(minutes=3)
"""A leg that rings for so long is rung by no process any more."""
AT_ONCE = 20
"""Legs of one sweep: their calls wait for it, and behind such a call the whole routing may."""
_OPEN = text("state <> 'ended'")


async def last_sign(session: AsyncSession) -> tuple[datetime, datetime | None]:
    """Return the time now, and when anybody's page was heard for the last time."""
    legs = select(func.max(col(LineLeg.seen_at))).where(_OPEN).scalar_subquery()
    # A lease lasts 12 s from the sign that renewed it.
    desks = select(func.max(col(DeskPresence.lease_until)) - timedelta(seconds=12)).scalar_subquery()
    now, newest = (await session.execute(select(func.clock_timestamp(), func.greatest(legs, desks)))).one()
    return now, newest


async def end_silent(session: AsyncSession, seconds: float) -> int:
    """End the calls of citizens not heard for so long, and forgotten rings; a desk's page in a talk is gone."""
    now = await clock(session)
    silence = now - timedelta(seconds=seconds)
    legs = select(LineLeg).where(_OPEN, col(LineLeg.seen_at) < silence, col(LineLeg.lost_at).is_(None))
    legs = legs.order_by(col(LineLeg.call_id), col(LineLeg.id))
    found = (await session.execute(legs, execution_options={"populate_existing": True})).scalars()
    silent = [leg for leg in found if _is_gone(leg, now, silence)][:AT_ONCE]
    for leg in silent:
        await lock_call(session, leg.call_id)
        if not _is_gone(leg, now, silence):
            continue
        if leg.state is LegState.CALLED:
            await decline(session, leg, DialOutcome.UNREACHABLE)  # the page was closed, nobody refused
        elif rings(leg):
            await stop_ringing(session, leg)
        elif leg.side is LegSide.OPERATOR and leg.state in IN_TALK:
            if not await mark_lost(session, leg):  # whoever is consulted only goes
                await hang_up(session, leg, ended_by="exchange")
        else:
            await hang_up(session, leg, ended_by="exchange")
    return len(silent)


def _is_gone(leg: LineLeg, now: datetime, silence: datetime) -> bool:
    if leg.state is LegState.ENDED or leg.seen_at >= silence:
        return False
    if leg.side is LegSide.OPERATOR and leg.state is LegState.RINGING:
        return now - leg.created_at > FORGOTTEN_RING
    return True
