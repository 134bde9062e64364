"""The end of a serving: each operator who talked finishes his own, and the last one ends the call."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call import CallStage
from schemas.call_order import FinishService
from schemas.desk import DeskStatus
from schemas.timeline import EventKind
from store import call_event, call_stage, desk
from store.base import clock
from store.call import Call, Serving
from store.direct import load

_SERVING = text(
    "SELECT * FROM serving WHERE call_id = :call_id AND employee_id = :employee_id AND finished_at IS NULL LIMIT 1"
)
_CHOOSE = text(
    """INSERT INTO call_reason (call_id, reason_id) SELECT :call_id, unnest(CAST(:reasons AS uuid[]))
       ON CONFLICT DO NOTHING"""
)


async def find_serving(session: AsyncSession, call_id: UUID, employee_id: UUID) -> Serving | None:
    """Return the employee's open serving of the call."""
    found = await load(session, Serving, _SERVING, {"call_id": call_id, "employee_id": employee_id})
    return found[0] if found else None


async def finish(
    session: AsyncSession, call: Call, serving: Serving, order: FinishService, *, is_last: bool
) -> datetime:
    """Close the serving with its reasons and free the desk into the chosen state; the last one ends the call. Under the
    routing lock."""
    at = await clock(session)
    await session.execute(_CHOOSE, {"call_id": call.id, "reasons": list(order.reasons)})
    await _close(session, call, serving, at, order.next_status)
    _end_if(is_last, call, at)
    _keep_words(call, order)
    call_stage.announce(session, call)
    await call_event.record(
        session,
        call.id,
        f"finish:{order.key}",
        EventKind.FINISHED,
        actor_id=order.actor_id,
        at=at.isoformat(),
        actor_name=order.actor_name,
        next_status=order.next_status,
        postponed=order.postponed,
    )
    return at


async def lapse(
    session: AsyncSession, call: Call, serving: Serving, next_status: DeskStatus | None, *, is_last: bool
) -> None:
    """Close a serving that nobody finished: «не заполнено», the draft is kept. Under the routing lock."""
    at = await clock(session)
    serving.filled = False
    if serving.employee_id == call.employee_id:
        call.filled = False
    await _close(session, call, serving, at, next_status)
    _end_if(is_last, call, at)
    call_stage.announce(session, call)
    await call_event.record(session, call.id, f"lapsed:{serving.id}", EventKind.LAPSED, actor_id=serving.employee_id)


def _keep_words(call: Call, order: FinishService) -> None:
    """Who has talked last has the last word; the others' words stand until then."""
    is_last = call.employee_id in (None, order.actor_id)
    if is_last or not call.comment:
        call.comment = order.comment.strip()
    call.postponed = order.postponed or (call.postponed and not is_last)
    call.filled = call.filled or is_last


async def _close(
    session: AsyncSession, call: Call, serving: Serving, at: datetime, next_status: DeskStatus | None
) -> None:
    serving.finished_at = at
    await desk.free(session, serving.desk_id, next_status, at)
    if serving.employee_id != call.employee_id:
        call_stage.tell(session, call, serving.employee_id)


def _end_if(is_last: bool, call: Call, at: datetime) -> None:
    if is_last and call.stage is CallStage.POST_PROCESSING:
        call.stage, call.ended_at = CallStage.FINISHED, at
