"""A call that goes out: placed with its desk reserved, connected, or ended with its true outcome."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call import CallKind, CallStage, DialOutcome, ServingRole, StartCall
from schemas.errors import Conflict
from schemas.timeline import EventKind
from store import call_event, call_stage, desk
from store.base import clock
from store.call import Call, Serving


async def place(session: AsyncSession, start: StartCall, desk_id: UUID, employee_id: UUID) -> bool:
    """Reserve the desk and write the call; False for a repeat. Under the routing lock."""
    if await session.get(Call, start.call_id) is not None:
        return False
    call = Call(
        id=start.call_id,
        kind=CallKind.OUTBOUND,
        stage=CallStage.RINGING,
        number=start.number,
        leg_id=start.leg_id,
        employee_id=employee_id,
        subscriber_id=await call_stage.only_subscriber(session, start.number),
        started_at=start.at,
        queued_at=start.at,
    )
    session.add(call)
    await session.flush()
    if await desk.reserve_to_call(session, desk_id, call.id, start.at) is None:
        raise Conflict("Пульт занят другим вызовом или не в состоянии «Исходящие».")
    await call_event.record(session, call.id, "dialled", EventKind.DIALLED, actor_id=employee_id)
    call_stage.announce(session, call)
    return True


async def connect(session: AsyncSession, call: Call, at: datetime) -> None:
    """The called one answered: the talk begins."""
    if call.stage is not CallStage.RINGING:
        return
    call.stage, call.answered_at, call.outcome = CallStage.TALKING, at, DialOutcome.ANSWERED
    for serving in await call_stage.list_live_servings(session, call.id):
        serving.answered_at, serving.outcome = at, "answered"
    await call_event.record(session, call.id, "answered", EventKind.ANSWERED, callee=True)
    call_stage.announce(session, call)


async def end(session: AsyncSession, call: Call, outcome: DialOutcome) -> CallStage:
    """Nobody answered: post-processing begins, with the outcome that the journal shows."""
    if call.stage is CallStage.RINGING:
        at = await clock(session)
        call.stage, call.outcome, call.talk_ended_at = CallStage.POST_PROCESSING, outcome, at
        for serving in await call_stage.list_live_servings(session, call.id):
            # The service has begun although nobody talked: it is to be finished like any other.
            serving.answered_at, serving.ended_at, serving.outcome = at, at, outcome.value
        await call_event.record(session, call.id, "dial_ended", EventKind.DIAL_ENDED, outcome=outcome.value)
        call_stage.announce(session, call)
    return call.stage


async def find_serving(session: AsyncSession, call_id: UUID) -> Serving | None:
    """Return the serving of the desk that calls out."""
    servings = await call_stage.list_live_servings(session, call_id)
    return next((serving for serving in servings if serving.role is ServingRole.OUTBOUND), None)
