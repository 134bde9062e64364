"""What a desk's page asks to know."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.desk import DeskView

_VIEW = text(
    """SELECT d.id, d.status, d.status_since, d.reason, d.next_status, d.version,
              d.next_reason, b.name AS reason_name, n.name AS next_reason_name,
              c.id AS call_id, CASE WHEN s.ended_at IS NULL THEN c.stage ELSE 'post_processing' END AS call_stage
       FROM desk d LEFT JOIN break_reason b ON b.id::text = d.reason
       LEFT JOIN break_reason n ON n.id::text = d.next_reason
       LEFT JOIN serving s ON s.desk_id = d.id AND s.finished_at IS NULL
       LEFT JOIN call c ON c.id = s.call_id WHERE d.employee_id = :employee_id"""
)


async def find_by_employee(session: AsyncSession, employee_id: UUID) -> DeskView | None:
    """Return the employee's desk with the call it serves."""
    row = (await session.execute(_VIEW, {"employee_id": employee_id})).mappings().one_or_none()
    return DeskView(**row) if row else None


async def find_phone(session: AsyncSession, desk_id: UUID) -> tuple[bool, bool]:
    """Return whether some page holds the desk's phone now, and whether that phone can take a call."""
    lease = text("SELECT lease_until > clock_timestamp(), ready FROM desk_presence WHERE desk_id = :desk_id")
    row = (await session.execute(lease, {"desk_id": desk_id})).one_or_none()
    return (row[0], row[0] and row[1]) if row else (False, False)
