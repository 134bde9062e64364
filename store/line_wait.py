"""Web line: the place of a waiting call in its queue."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.base import Value
from store.call import Call
from store.queue import Queue

NEWEST = 50
"""So many of the last calls of today say how long a serving lasts: the question costs the same at night and at noon."""

# The order of the match. A busy operator is there too: he serves those ahead. «Not distinct» keeps the planner from the
# index of the queue, which holds every call that there ever was.
_PLACE = text(
    """SELECT (SELECT count(*) FROM call c WHERE c.stage = 'waiting' AND c.queue_id IS NOT DISTINCT FROM mine.queue_id
               AND (-c.priority, c.queued_at, c.id) <= (-mine.priority, mine.queued_at, mine.id)) AS position,
           (SELECT count(*) FROM queue_member m
               JOIN desk d ON d.employee_id = m.employee_id AND d.status = 'incoming'
               JOIN desk_presence p ON p.desk_id = d.id AND p.ready AND p.lease_until > clock_timestamp()
               WHERE m.queue_id = mine.queue_id) AS operators,
           coalesce(lately.served, 0) AS served, coalesce(lately.average, interval '0') AS average
       FROM call mine LEFT JOIN LATERAL (
           SELECT count(*) AS served, avg(ended_at - answered_at) AS average FROM (
               SELECT answered_at, ended_at FROM call
               WHERE queue_id = mine.queue_id AND started_at >= :today AND answered_at IS NOT NULL
                 AND ended_at IS NOT NULL ORDER BY started_at DESC, id DESC LIMIT :newest) newest) lately ON true
       WHERE mine.id = :call AND mine.stage = 'waiting'"""
)


class Place(Value):
    """Where a call stands in its queue (from 1), who serves it, and how long the last servings of today lasted."""

    position: int
    operators: int
    served: int
    average: timedelta


async def find_place(session: AsyncSession, call_id: UUID, today: datetime) -> Place | None:
    """Return the place of a call; None when it does not wait."""
    asked = {"call": call_id, "today": today, "newest": NEWEST}
    row = (await session.execute(_PLACE, asked)).mappings().one_or_none()
    return Place(**row) if row else None


async def find_queue(session: AsyncSession, call_id: UUID) -> Queue | None:
    """Return the queue of a call."""
    queues = select(Queue).join(Call, col(Call.queue_id) == col(Queue.id)).where(col(Call.id) == call_id)
    return (await session.execute(queues)).scalar_one_or_none()
