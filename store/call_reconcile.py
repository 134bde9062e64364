"""Calls that nobody would end: left by a desk that went away, or by a process that is gone."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.call import ENDS, CallStage, Party
from schemas.call_news import PostProcessingLapsed
from store import call_stage, outbox, queue
from store.base import clock, routing_lock
from store.call import Call

LAPSE = timedelta(minutes=5)
_UNKNOWN = text(
    """SELECT id FROM unnest(CAST(:calls AS uuid[])) AS alive (id)
       WHERE NOT EXISTS (SELECT FROM call c WHERE c.id = alive.id)"""
)

# Told once: the row of the news stays in the outbox for a day.
_LAPSED = text(
    """SELECT s.call_id, s.employee_id FROM serving s
       LEFT JOIN desk_presence p ON p.desk_id = s.desk_id
       WHERE s.finished_at IS NULL AND s.ended_at IS NOT NULL
         AND greatest(p.lease_until, s.ended_at) < clock_timestamp() - CAST(:lapse AS interval)
         AND NOT EXISTS (SELECT FROM outbox o WHERE o.key = 'call-' || s.call_id
                         AND o.payload->>'signal' = 'post_processing_lapsed'
                         AND o.payload->'news'->>'employee_id' = CAST(s.employee_id AS text))"""
)


async def lapse(session: AsyncSession) -> int:
    """Tell the processes whose post-processing nobody is there to finish; return how many."""
    left = (await session.execute(_LAPSED, {"lapse": LAPSE})).all()
    at = await clock(session)
    for call_id, employee_id in left:
        news = PostProcessingLapsed(employee_id=employee_id, at=at)
        outbox.signal_call(session, call_id, "post_processing_lapsed", news)
    return len(left)


async def list_live(session: AsyncSession) -> list[UUID]:
    """Return the calls that have not ended."""
    statement = select(col(Call.id)).where(col(Call.stage).not_in(ENDS)).order_by(col(Call.id))
    return list((await session.execute(statement)).scalars())


async def list_unknown(session: AsyncSession, calls: Sequence[UUID]) -> list[UUID]:
    """Return those of the calls that have no row."""
    return list((await session.execute(_UNKNOWN, {"calls": calls})).scalars())


async def fail(session: AsyncSession, call_id: UUID) -> bool:
    """End a call whose process is gone, free its desk, match again; False when it had ended by itself."""
    await routing_lock(session)
    call = await call_stage.lock(session, call_id)
    if call.stage in ENDS:
        return False
    await call_stage.end(session, call, CallStage.FAILED, Party.EXCHANGE)
    await session.flush()
    await queue.match(session)
    return True
