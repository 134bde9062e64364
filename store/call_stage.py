"""A call moves from stage to stage: each function is one move, guarded by the stage it starts from."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.call import ENDS, CallStage, OfferState, Party, StartCall
from schemas.call_order import FinishService
from schemas.timeline import EventKind
from store import call_event, call_offer, desk, live
from store.base import clock
from store.call import Call, CallReason, Serving
from store.queue import Queue
from store.subscriber import Subscriber


async def add(session: AsyncSession, inbound: StartCall, queue: Queue | None) -> Call:
    """Insert the call, waiting in its queue (or rejected without one); a repeat returns the row there is."""
    there = await session.get(Call, inbound.call_id, with_for_update=True)
    if there is not None:
        return there
    call = Call(
        id=inbound.call_id,
        stage=CallStage.WAITING if queue else CallStage.REJECTED,
        queue_id=queue.id if queue else None,
        priority=queue.priority if queue else 0,
        number=inbound.number,
        confirmed=inbound.confirmed,
        dialled=inbound.dialled,
        leg_id=inbound.leg_id,
        subscriber_id=await _only_subscriber(session, inbound.number),
        started_at=inbound.at,
        queued_at=inbound.at,
        ended_at=None if queue else inbound.at,
    )
    session.add(call)
    await session.flush()
    await call_event.record(session, call.id, "arrived", EventKind.ARRIVED, dialled=inbound.dialled)
    announce(session, call)
    return call


async def lock(session: AsyncSession, call_id: UUID) -> Call:
    """Return the call with its row locked."""
    return await session.get_one(Call, call_id, with_for_update=True, populate_existing=True)


async def connect(session: AsyncSession, call: Call, token: UUID, at: datetime) -> bool:
    """The desk answered: the talk begins; False when the offer or the call had ended before."""
    serving = await call_offer.accept(session, token, at)
    if serving is None or call.stage in ENDS:
        return False
    if call.stage is CallStage.RINGING:
        call.stage, call.answered_at, call.employee_id = CallStage.TALKING, at, serving.employee_id
        await call_event.record(session, call.id, f"answered:{token}", EventKind.ANSWERED, actor_id=serving.employee_id)
        announce(session, call)
    return True


async def end_talk(session: AsyncSession, call: Call, at: datetime, by: Party) -> None:
    """The talk is over: post-processing begins."""
    if call.stage is not CallStage.TALKING:
        return
    call.stage, call.talk_ended_at, call.ended_by = CallStage.POST_PROCESSING, at, by.value
    for serving in await list_live_servings(session, call.id):
        serving.ended_at = serving.ended_at or at
    await call_event.record(session, call.id, "talk_ended", EventKind.TALK_ENDED, by=by.value)
    announce(session, call)


async def finish(session: AsyncSession, call: Call, order: FinishService) -> datetime:
    """Close the serving with its reasons and free the desk into the chosen state. Under the routing lock."""
    at = await clock(session)
    call.stage, call.ended_at, call.filled = CallStage.FINISHED, at, True
    call.comment, call.postponed = order.comment.strip(), order.postponed
    await session.execute(delete(CallReason).where(col(CallReason.call_id) == call.id))
    chosen = [{"call_id": call.id, "reason_id": reason} for reason in dict.fromkeys(order.reasons)]
    await session.execute(insert(CallReason), chosen)
    await _close_servings(session, call, at, order)
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
    announce(session, call)
    return at


async def lapse(session: AsyncSession, call: Call) -> None:
    """Close a post-processing that nobody is there to finish: «не заполнено», the draft is kept."""
    if call.stage is not CallStage.POST_PROCESSING:
        return
    at = await clock(session)
    call.stage, call.ended_at, call.filled = CallStage.FINISHED, at, False
    await _close_servings(session, call, at, None)
    await call_event.record(session, call.id, "lapsed", EventKind.LAPSED)
    announce(session, call)


async def end(session: AsyncSession, call: Call, stage: CallStage, by: Party) -> None:
    """End a call unserved: its open offer is withdrawn, its desks are freed. Under the routing lock."""
    if call.stage in ENDS:
        return
    at = await clock(session)
    call.stage, call.ended_at, call.ended_by = stage, at, by.value
    await session.flush()
    if offer := await call_offer.find_open(session, call.id):
        await call_offer.close(session, offer.token, OfferState.WITHDRAWN)
    await _close_servings(session, call, at, None)
    await call_event.record(session, call.id, "ended", EventKind(stage.value), by=by.value)
    announce(session, call)


async def list_live_servings(session: AsyncSession, call_id: UUID) -> list[Serving]:
    """Return the call's open servings."""
    live_ones = select(Serving).where(col(Serving.call_id) == call_id, col(Serving.finished_at).is_(None))
    return list((await session.execute(live_ones)).scalars())


def announce(session: AsyncSession, call: Call) -> None:
    """Tell the operator in the call, and the supervisors, that it changed."""
    call.version += 1
    live.notice(session, live.role("supervisor"), "calls", call.id)
    live.notice(session, live.EVERYBODY, "queue")
    if call.employee_id is not None:
        for name in ("call", "calls", "leg"):
            live.notice(session, live.person(call.employee_id), name, call.id)


async def _close_servings(session: AsyncSession, call: Call, at: datetime, order: FinishService | None) -> None:
    for serving in await list_live_servings(session, call.id):
        serving.ended_at = serving.ended_at or at
        serving.finished_at = at
        await session.flush()
        await desk.free(session, serving.desk_id, order.next_status if order else None)


async def _only_subscriber(session: AsyncSession, number: str) -> UUID | None:
    either = (col(Subscriber.contact_phone) == number) | (col(Subscriber.mobile_phone) == number)
    found = (await session.execute(select(col(Subscriber.id)).where(either).limit(2))).scalars().all()
    return found[0] if len(found) == 1 else None
