"""An operator's day: what «Главная» counts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.desk import DeskStatus

_RINGS = text(
    """SELECT s.offered_at, s.answered_at, s.ended_at, s.finished_at, c.kind
       FROM serving s JOIN call c ON c.id = s.call_id
       WHERE s.employee_id = :employee_id AND s.offered_at >= :since AND s.offered_at < :until
         AND coalesce(s.outcome, '') <> 'void' AND coalesce(c.outcome, 'answered') = 'answered'
       ORDER BY s.offered_at"""
)
_QUEUES = text(
    """SELECT (SELECT count(*) FROM call c JOIN queue_member m ON m.queue_id = c.queue_id
               WHERE c.stage = 'waiting' AND m.employee_id = :employee_id) AS waiting,
              (SELECT avg(coalesce(q.talk_norm_seconds, :talk_norm)) FROM queue q
               JOIN queue_member m ON m.queue_id = q.id WHERE m.employee_id = :employee_id) AS talk_norm"""
)
_STATES = text(
    """WITH day AS (SELECT tstzrange(:since, least(:until, clock_timestamp())) AS span)
       SELECT i.status, sum(upper(i.during * day.span) - lower(i.during * day.span)) AS length
       FROM day CROSS JOIN desk d JOIN desk_interval i ON i.desk_id = d.id AND i.during && day.span
       WHERE d.employee_id = :employee_id GROUP BY i.status"""
)


async def list_rings(session: AsyncSession, employee_id: UUID, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """Return every ring of the employee's desk in this time."""
    values = {"employee_id": employee_id, "since": since, "until": until}
    return (await session.execute(_RINGS, values)).all()


async def count_waiting(session: AsyncSession, employee_id: UUID, talk_norm: timedelta) -> tuple[int, timedelta]:
    """Return how many calls wait in the employee's queues, and the norm of a talk in them."""
    values = {"employee_id": employee_id, "talk_norm": talk_norm.total_seconds()}
    found = (await session.execute(_QUEUES, values)).one()
    return found.waiting, talk_norm if found.talk_norm is None else timedelta(seconds=float(found.talk_norm))


async def sum_states(
    session: AsyncSession, employee_id: UUID, since: datetime, until: datetime
) -> dict[DeskStatus, timedelta]:
    """Return how long the employee's desk was in each state, the open one counted up to now."""
    values = {"employee_id": employee_id, "since": since, "until": until}
    return {DeskStatus(row.status): row.length for row in (await session.execute(_STATES, values)).all()}
