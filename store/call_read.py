"""What one person may see of a call."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.call import Reason

_VIEW = text(
    """SELECT c.id, c.kind, CASE WHEN m.ended_at IS NULL THEN c.stage ELSE 'post_processing' END AS stage,
              q.name AS queue, c.held_since, c.outcome, q.greeting, q.talk_norm_seconds, q.post_processing_seconds,
              m.ended_at AS left_at,
              m.ended_at + make_interval(secs => q.post_processing_seconds) AS post_processing_until,
              c.number, c.confirmed, c.subscriber_id,
              e.full_name AS operator, c.started_at, c.answered_at, c.talk_ended_at, c.ended_at, c.comment,
              c.postponed, c.filled, c.version,
              ARRAY(SELECT r.name FROM call_reason cr JOIN reason r ON r.id = cr.reason_id
                    WHERE cr.call_id = c.id ORDER BY r.position, r.name) AS reasons,
              m.id IS NOT NULL AS is_mine,
              NOT :own_only OR EXISTS (SELECT FROM serving s WHERE s.call_id = c.id AND s.employee_id = :employee_id
                      AND (s.answered_at IS NOT NULL OR s.finished_at IS NULL)) AS may_know
       FROM call c LEFT JOIN queue q ON q.id = c.queue_id LEFT JOIN employee e ON e.id = c.employee_id
       LEFT JOIN serving m ON m.call_id = c.id AND m.employee_id = :employee_id AND m.finished_at IS NULL
             AND (m.answered_at IS NOT NULL OR m.role = 'outbound')
       WHERE c.id = :call_id AND (NOT :own_only OR EXISTS (
           SELECT FROM serving s WHERE s.call_id = c.id AND s.employee_id = :employee_id))"""
)
_EVENTS = text(
    """SELECT v.seq, v.kind, v.at, v.actor_id, e.full_name AS actor_name, v.details
       FROM call_event v LEFT JOIN employee e ON e.id = v.actor_id WHERE v.call_id = :call_id ORDER BY v.seq"""
)

_KNOWN_REASONS = text("SELECT id FROM reason WHERE id = ANY(CAST(:reasons AS uuid[])) AND archived_at IS NULL")


async def find(session: AsyncSession, call_id: UUID, employee_id: UUID, own_only: bool) -> RowMapping | None:
    """Return the call's fields of CallView, or None when there is no such call for this employee."""
    asked = {"call_id": call_id, "employee_id": employee_id, "own_only": own_only}
    return (await session.execute(_VIEW, asked)).mappings().one_or_none()


async def list_events(session: AsyncSession, call_id: UUID) -> list[dict[str, Any]]:
    """Return the timeline's lines in their order."""
    return [dict(row) for row in (await session.execute(_EVENTS, {"call_id": call_id})).mappings()]


async def list_reasons(session: AsyncSession) -> list[Reason]:
    """Return the values of «Причина звонка» that may be chosen, in their order."""
    chosen = select(Reason).where(col(Reason.archived_at).is_(None)).order_by(col(Reason.position), col(Reason.name))
    return list((await session.execute(chosen)).scalars())


async def has_reasons(session: AsyncSession, reasons: tuple[UUID, ...]) -> bool:
    """Whether every one of these reasons exists and may be chosen."""
    return set((await session.execute(_KNOWN_REASONS, {"reasons": list(reasons)})).scalars()) == set(reasons)
