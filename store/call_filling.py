"""A serving that ended as «не заполнено» is filled in later by the operator who talked."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.call import Completion
from schemas.timeline import EventKind
from store import call_event, call_stage
from store.call import CallReason, Serving


async def find_unfilled(session: AsyncSession, call_id: UUID, employee_id: UUID) -> Serving | None:
    """Return the employee's ended serving of the call that still lacks its reasons, the latest of several."""
    mine = select(Serving).where(
        col(Serving.call_id) == call_id,
        col(Serving.employee_id) == employee_id,
        col(Serving.finished_at).is_not(None),
        col(Serving.filled).is_(False),
    )
    return (await session.execute(mine.order_by(col(Serving.finished_at).desc()).limit(1))).scalar_one_or_none()


async def fill(session: AsyncSession, call_id: UUID, employee_id: UUID, typed: Completion) -> bool:
    """Write the reasons and the comment, once; False when the serving was filled meanwhile."""
    call = await call_stage.lock(session, call_id)
    serving = await find_unfilled(session, call_id, employee_id)
    if serving is None:
        return False
    serving.filled = True
    # As at a finish in time: who has talked last has the last word.
    is_last = call.employee_id in (None, employee_id)
    call.filled = call.filled or is_last
    if is_last or not call.comment:
        call.comment = typed.comment.strip()
    call.postponed = call.postponed or typed.postponed
    chosen = [{"call_id": call_id, "reason_id": reason} for reason in dict.fromkeys(typed.reasons)]
    await session.execute(insert(CallReason).on_conflict_do_nothing(), chosen)
    await call_event.record(session, call_id, f"fill:{typed.key}", EventKind.FILLED, actor_id=employee_id)
    call_stage.announce(session, call)
    if call.employee_id != employee_id:
        call_stage.tell(session, call, employee_id)
    return True
