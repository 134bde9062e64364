"""To whom a call may be handed over: desks and queues."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call_transfer import Colleague, OtherQueue

_COLLEAGUES = text(
    """SELECT d.id AS desk_id, e.full_name, CASE WHEN 'operator' = ANY(e.roles) THEN 'operator' ELSE 'supervisor' END
              AS role, d.status, b.name AS reason, s.id IS NOT NULL AS is_in_call,
              d.status = 'incoming' AND s.id IS NULL
                  AND coalesce(p.ready AND p.lease_until > clock_timestamp(), false) AS is_free
       FROM desk d JOIN employee e ON e.id = d.employee_id
       LEFT JOIN desk_presence p ON p.desk_id = d.id
       LEFT JOIN serving s ON s.desk_id = d.id AND s.finished_at IS NULL
       LEFT JOIN break_reason b ON b.id::text = d.reason
       WHERE d.status <> 'inactive' AND d.employee_id <> :me AND e.blocked_at IS NULL
         AND strpos(replace(lower(e.full_name), 'ё', 'е'), :q) > 0
       ORDER BY is_free DESC, replace(lower(e.full_name), 'ё', 'е'), d.id LIMIT 100"""
)
_QUEUES = text(
    """SELECT q.id AS queue_id, q.name,
              (SELECT count(*) FROM call c WHERE c.queue_id = q.id AND c.stage = 'waiting') AS waiting,
              (SELECT count(*) FROM queue_member m
               JOIN desk d ON d.employee_id = m.employee_id AND d.status = 'incoming'
               JOIN desk_presence p ON p.desk_id = d.id AND p.lease_until > clock_timestamp()
               WHERE m.queue_id = q.id AND m.employee_id <> :me) AS on_line
       FROM queue q WHERE q.archived_at IS NULL ORDER BY q.priority DESC, q.name"""
)


async def list_colleagues(session: AsyncSession, me: UUID, q: str) -> list[Colleague]:
    """Return the desks that are there, free ones first; `q` searches the name."""
    return [Colleague(**row) for row in await _rows(session, _COLLEAGUES, me=me, q=q.strip().lower().replace("ё", "е"))]


async def list_queues(session: AsyncSession, me: UUID) -> list[OtherQueue]:
    """Return the queues with who waits and who serves them."""
    return [OtherQueue(**row) for row in await _rows(session, _QUEUES, me=me)]


async def _rows(session: AsyncSession, statement: Any, **asked: Any) -> Any:
    return (await session.execute(statement, asked)).mappings().all()
