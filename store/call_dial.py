"""A call that goes out: placed with its desk reserved, connected, or ended with its true outcome."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.base import id_from
from schemas.call import CallKind, CallStage, DialOutcome, ServingRole, StartCall
from schemas.call_news import OperatorHungUp
from schemas.desk import DeskStatus
from schemas.errors import Conflict, NotFound, NotOutgoing
from schemas.line import LegSide
from schemas.timeline import EventKind
from store import call_event, call_stage, desk, desk_read, line_talk, outbox
from store.base import clock
from store.call import Call, Serving
from store.line import lock_call
from store.number_mark import find_caller

BUSY = "Сначала завершите обслуживание: у вас открыт другой вызов."
NO_PHONE = "Телефон не готов: проверьте микрофон и связь."
ANSWERED = "Отменить вызов нельзя: абонент уже ответил."
_DIALLED = text(
    """SELECT number, full_name, outcome FROM (
           SELECT DISTINCT ON (call.number) call.number, subscriber.full_name, call.outcome, call.started_at
           FROM call LEFT JOIN subscriber ON subscriber.id = call.subscriber_id
           WHERE call.employee_id = :mine AND call.kind = 'outbound' AND call.started_at >= :since
           ORDER BY call.number, call.started_at DESC) AS last
       ORDER BY started_at DESC LIMIT :limit"""
)
# The leg is the referee: one that has ended before it rang can not ring any more (`line_ring.dial`).
_BAR = text(
    """INSERT INTO line_leg (id, call_id, side, state, role, version, number, ended_at, ended_by)
       VALUES (:id, :call_id, 'citizen', 'ended', 'outbound', 0, '', clock_timestamp(), 'operator')
       ON CONFLICT (id) DO NOTHING"""
)


def desk_leg_of(call_id: UUID) -> str:
    """Return the id of the leg in which the desk hears its call out."""
    return str(id_from("leg", call_id))


async def place(
    session: AsyncSession, start: StartCall, desk_id: UUID, employee_id: UUID, subscriber_id: UUID | None = None
) -> bool:
    """Reserve the desk and write the call; False for a repeat. Under the routing lock."""
    if await session.get(Call, start.call_id) is not None:
        return False
    await _check_desk(session, desk_id)
    call = Call(
        id=start.call_id,
        kind=CallKind.OUTBOUND,
        stage=CallStage.RINGING,
        number=start.number,
        leg_id=start.leg_id,
        employee_id=employee_id,
        subscriber_id=subscriber_id or (await find_caller(session, start.number))[0],
        started_at=start.at,
        queued_at=start.at,
    )
    session.add(call)
    await session.flush()
    await desk.reserve_to_call(session, desk_id, call.id, start.at)
    await call_event.record(session, call.id, "dialled", EventKind.DIALLED, actor_id=employee_id)
    call_stage.announce(session, call)
    return True


async def _check_desk(session: AsyncSession, desk_id: UUID) -> None:
    """Refuse before anything is written: whoever shows the refusal may go on with the same transaction."""
    if await desk.has_live_serving(session, desk_id):
        raise Conflict(BUSY)
    if (await desk.get(session, desk_id)).status is not DeskStatus.OUTGOING:
        raise NotOutgoing
    _, is_ready = await desk_read.find_phone(session, desk_id)
    if not is_ready:
        raise Conflict(NO_PHONE)


async def list_dialled(session: AsyncSession, employee_id: UUID, since: datetime, limit: int) -> list[Row[Any]]:
    """Return the numbers that he has called since then, each with its last outcome, the latest first."""
    return list((await session.execute(_DIALLED, {"mine": employee_id, "since": since, "limit": limit})).all())


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


async def cancel(session: AsyncSession, call_id: UUID, desk_id: UUID) -> None:
    """End a call of this desk that nobody has answered, whether it rings or is not dialled yet, without its process; a
    repeat changes nothing."""
    call = await _lock_own(session, call_id, desk_id)
    if call.outcome is DialOutcome.ANSWERED:
        raise Conflict(ANSWERED)
    if call.stage is not CallStage.RINGING:
        return
    await session.execute(_BAR, {"id": UUID(call.leg_id), "call_id": call_id})
    callee = line_talk.Legs(await lock_call(session, call_id)).find(UUID(call.leg_id))
    if callee is not None and callee.answered_at is not None:  # the process is about to hear of it
        raise Conflict(ANSWERED)
    await line_talk.end_call(session, call_id, LegSide.OPERATOR)
    if callee is None or callee.ended_by == LegSide.OPERATOR:  # else the process knows why nobody answers
        await end(session, call, DialOutcome.CANCELLED)
        news = OperatorHungUp(leg_id=desk_leg_of(call_id), at=await clock(session))
        outbox.signal_call(session, call_id, "operator_hung_up", news)


async def _lock_own(session: AsyncSession, call_id: UUID, desk_id: UUID) -> Call:
    mine = (col(Serving.call_id) == call_id, col(Serving.desk_id) == desk_id, col(Serving.role) == ServingRole.OUTBOUND)
    if (await session.execute(select(col(Serving.id)).where(*mine))).first() is None:
        raise NotFound("Вызов не найден.")
    return await call_stage.lock(session, call_id)


async def find_serving(session: AsyncSession, call_id: UUID) -> Serving | None:
    """Return the serving of the desk that calls out."""
    servings = await call_stage.list_live_servings(session, call_id)
    return next((serving for serving in servings if serving.role is ServingRole.OUTBOUND), None)
