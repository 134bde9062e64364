"""What the talk's voice does to the call's row: hold, a page that is gone, the way back to the queue."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call import CallStage
from schemas.errors import Conflict
from schemas.timeline import EventKind
from store import call_event, call_stage
from store.base import clock
from store.call import Call, Serving

SERVED_BEFORE = 1000
"""The priority of a call that comes back from a talk: it goes before all that wait."""


async def switch_hold(session: AsyncSession, call: Call, key: str, actor_id: UUID, held: bool) -> None:
    """Put the citizen on hold, or take him back; a repeat of the key changes nothing."""
    if call.stage is not CallStage.TALKING:
        raise Conflict("Разговор уже закончен.")
    if (call.held_since is not None) is held:
        return
    kind = EventKind.HELD if held else EventKind.RESUMED
    if at := await call_event.record(session, call.id, f"hold:{key}", kind, actor_id=actor_id):
        call.held_since = at if held else None
        call_stage.announce(session, call, has_moved=False)


async def park(session: AsyncSession, call: Call, leg_id: str, at: datetime) -> None:
    """Write that the operator's page is gone and the citizen hears music."""
    await call_event.record(
        session, call.id, f"parked:{leg_id}:{at.isoformat()}", EventKind.PARKED, actor_id=call.employee_id
    )
    call_stage.announce(session, call)


async def note_return(session: AsyncSession, call: Call, leg_id: str, at: datetime) -> None:
    """Write that the operator's page is back."""
    key = f"returned:{leg_id}:{at.isoformat()}"
    if await call_event.record(session, call.id, key, EventKind.OPERATOR_RETURNED, actor_id=call.employee_id):
        call_stage.announce(session, call)


async def leave_desk(session: AsyncSession, call: Call, why: str) -> None:
    """The desk that had the citizen has him no more: he waits at the head of the queue. Under the routing lock."""
    if call.stage is not CallStage.TALKING:
        return
    for serving in await call_stage.list_live_servings(session, call.id):
        if serving.employee_id == call.employee_id:
            await end_serving(session, serving)
    call.stage, call.priority, call.held_since, call.silent_since = CallStage.WAITING, SERVED_BEFORE, None, None
    await call_event.record(
        session, call.id, f"left:{call.version}", EventKind.RETURNED_TO_QUEUE, actor_id=call.employee_id, why=why
    )
    call_stage.announce(session, call)
    await session.flush()


async def end_serving(session: AsyncSession, serving: Serving) -> None:
    """The operator has the citizen no more; he has words to write."""
    serving.ended_at = serving.ended_at or await clock(session)
