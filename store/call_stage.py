"""A call moves from stage to stage: each function is one move, guarded by the stage it starts from."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call import ENDS, CallStage, OfferState, Party, StartCall
from schemas.timeline import EventKind
from schemas.webhook import WebhookEvent
from store import call_event, call_offer, desk, live, webhook
from store.base import clock
from store.call import Call, Serving
from store.direct import load
from store.number_mark import find_caller
from store.queue import Queue

_LIVE_SERVINGS = text("SELECT * FROM serving WHERE call_id = :call_id AND finished_at IS NULL")


async def add(session: AsyncSession, inbound: StartCall, queue: Queue | None, is_open: bool = True) -> Call:
    """Insert the call (waiting; choosing when its queue is closed; rejected without one, and from a blocked number) or
    return the row there is."""
    there = await session.get(Call, inbound.call_id, with_for_update=True)
    if there is not None:
        return there
    subscriber_id, block = await find_caller(session, inbound.number)
    call = Call(
        id=inbound.call_id,
        stage=CallStage.REJECTED if block else _first_stage(queue, is_open),
        queue_id=queue.id if queue else None,
        priority=queue.priority if queue else 0,
        number=inbound.number,
        confirmed=inbound.confirmed,
        dialled=inbound.dialled,
        leg_id=inbound.leg_id,
        subscriber_id=subscriber_id,
        started_at=inbound.at,
        queued_at=inbound.at,
        ended_at=None if queue and not block else inbound.at,
    )
    session.add(call)
    announce(session, call)
    await call_event.record(session, call.id, "arrived", EventKind.ARRIVED, dialled=inbound.dialled)
    if call.stage is CallStage.CHOOSING:
        await call_event.record(session, call.id, "closed", EventKind.CHOICE_OFFERED, closed=True)
    if block:
        await call_event.record(session, call.id, "blocked", EventKind.REJECTED, blocked=True, mark=str(block))
    return call


def _first_stage(queue: Queue | None, is_open: bool) -> CallStage:
    if queue is None:
        return CallStage.REJECTED
    return CallStage.WAITING if is_open else CallStage.CHOOSING


async def lock(session: AsyncSession, call_id: UUID) -> Call:
    """Return the call with its row locked."""
    return await session.get_one(Call, call_id, with_for_update=True, populate_existing=True)


async def connect(session: AsyncSession, call: Call, token: UUID, at: datetime) -> bool:
    """The desk answered: the talk begins; False when the offer or the call had ended before."""
    serving = await call_offer.accept(session, token, at)
    if serving is None or call.stage in ENDS:
        return False
    if call.stage is CallStage.RINGING:
        call.stage, call.answered_at, call.employee_id = CallStage.TALKING, call.answered_at or at, serving.employee_id
        announce(session, call)
        await call_event.record(session, call.id, f"answered:{token}", EventKind.ANSWERED, actor_id=serving.employee_id)
    return True


async def end_talk(session: AsyncSession, call: Call, at: datetime, by: Party) -> None:
    """The talk is over: post-processing begins, or the end when nobody is left to finish."""
    if call.stage is not CallStage.TALKING:
        return
    servings = await list_live_servings(session, call.id)
    call.talk_ended_at, call.ended_by, call.held_since = at, by.value, None
    call.stage, call.ended_at = (CallStage.POST_PROCESSING, None) if servings else (CallStage.FINISHED, at)
    for serving in servings:
        serving.ended_at = serving.ended_at or at
    announce(session, call)
    await call_event.record(session, call.id, "talk_ended", EventKind.TALK_ENDED, by=by.value)


async def offer_choice(session: AsyncSession, call: Call) -> None:
    """Take a waiting call out of its queue: the citizen chooses what else he wants."""
    if call.stage is CallStage.WAITING:
        call.stage = CallStage.CHOOSING
        announce(session, call)
        await call_event.record(session, call.id, "choice", EventKind.CHOICE_OFFERED)


async def end(session: AsyncSession, call: Call, stage: CallStage, by: Party) -> None:
    """End a call unserved: its open offer is withdrawn, its desks are freed. Under the routing lock.

    An operator who talked before the call came back to its queue finishes his serving; of a failed call nobody does.
    """
    if call.stage in ENDS:
        return
    at = await clock(session)
    call.stage, call.ended_at, call.ended_by = stage, at, by.value
    await session.flush()
    if offer := await call_offer.find_open(session, call.id):
        await call_offer.close(session, offer.token, OfferState.WITHDRAWN)
    await _close_servings(session, call, at, unanswered_only=stage is not CallStage.FAILED)
    announce(session, call)
    await call_event.record(session, call.id, "ended", EventKind(stage.value), by=by.value)


async def list_live_servings(session: AsyncSession, call_id: UUID) -> list[Serving]:
    """Return the call's open servings."""
    return await load(session, Serving, _LIVE_SERVINGS, {"call_id": call_id})


def announce(session: AsyncSession, call: Call, has_moved: bool = True) -> None:
    """Tell the operator in the call, and the supervisors, that it changed (everybody, when it may have moved in its
    queue): before the next statement, which writes the row, so that it is written once."""
    call.version += 1
    live.notice(session, live.role("supervisor"), "calls", call.id)
    if has_moved:
        live.notice(session, live.EVERYBODY, "queue")
    if call.stage in ENDS:
        webhook.tell(session, WebhookEvent.CALL_FINISHED, (call.id,), call_id=call.id, stage=call.stage)
    if call.employee_id is not None:
        tell(session, call, call.employee_id)


def tell(session: AsyncSession, call: Call, employee_id: UUID) -> None:
    """Tell one operator that a call of his changed."""
    for name in ("call", "calls", "leg"):
        live.notice(session, live.person(employee_id), name, call.id)


async def _close_servings(session: AsyncSession, call: Call, at: datetime, unanswered_only: bool) -> None:
    for serving in await list_live_servings(session, call.id):
        if unanswered_only and serving.answered_at is not None:  # its operator has words to write
            continue
        serving.ended_at = serving.ended_at or at
        serving.finished_at = at
        await session.flush()
        await desk.free(session, serving.desk_id)
