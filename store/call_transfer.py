"""Hand-over of a call: a target reserved, answered, and whoever has the citizen in the end."""

from collections.abc import Awaitable
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call import CallStage, DialOutcome, OfferState, ServingRole
from schemas.call_order import TransferCall
from schemas.call_state import Transfer, TransferEnd
from schemas.errors import Conflict, NotFound
from schemas.timeline import EventKind
from store import call_event, call_finish, call_offer, call_stage, call_voice, desk, desk_read
from store.base import clock
from store.call import Call, Offer, Serving
from store.desk import Desk
from store.queue import Queue

BUSY = "Сотрудник занят или не на линии. Выберите другого."
NOBODY = "В очереди «{name}» сейчас никого нет на линии."

_ON_LINE = text(
    """SELECT EXISTS (SELECT FROM queue_member m
           JOIN desk d ON d.employee_id = m.employee_id AND d.status = 'incoming' AND d.employee_id <> :by
           JOIN desk_presence p ON p.desk_id = d.id AND p.ready AND p.lease_until > clock_timestamp()
           WHERE m.queue_id = :queue_id)"""
)
_STATES = {DialOutcome.REFUSED: OfferState.DECLINED, DialOutcome.NO_ANSWER: OfferState.MISSED}


async def begin_at_desk(session: AsyncSession, call: Call, order: TransferCall) -> Offer:
    """Reserve the target's desk; raise Conflict when it is not free. Under the routing lock."""
    assert order.desk_id is not None
    target = await session.get(Desk, order.desk_id)
    if target is None:
        raise NotFound("Такого пульта нет.")
    offer = None
    _, is_ready = await desk_read.find_phone(session, target.id)
    if is_ready:
        role = ServingRole.CONSULT if order.consult else ServingRole.TRANSFER
        offer = await call_offer.make(session, call, target.id, role)
    if offer is None:
        raise Conflict(BUSY)
    await _start(session, call, order, to=target.employee_id)
    return offer


async def begin_at_number(session: AsyncSession, call: Call, order: TransferCall) -> None:
    """Note that an outside number is called."""
    await _start(session, call, order, number=order.number)


async def move_to_queue(session: AsyncSession, call: Call, order: TransferCall) -> None:
    """Let the citizen wait in another queue, by the time he came; the desk is let go. Under the routing lock."""
    queue = await session.get(Queue, order.queue_id)
    if queue is None or queue.archived_at is not None:
        raise NotFound("Такой очереди нет.")
    asked = {"queue_id": queue.id, "by": order.actor_id}
    if not (await session.execute(_ON_LINE, asked)).scalar_one():
        raise Conflict(NOBODY.format(name=queue.name))
    await _start(session, call, order, queue=queue.name)
    call.queue_id = queue.id
    await call_voice.leave_desk(session, call, "transferred")
    call.priority = queue.priority


async def answer(session: AsyncSession, call: Call, transfer: Transfer, at: datetime) -> None:
    """The target answered, and talks with the operator while the citizen waits."""
    if transfer.token is not None:
        await call_offer.accept(session, transfer.token, at)
    key = f"transfer_answered:{transfer.key}"
    await call_event.record(session, call.id, key, EventKind.TRANSFER_ANSWERED, actor_id=transfer.employee_id)
    _announce(session, call, transfer)


def is_ended(session: AsyncSession, call: Call, transfer: Transfer) -> Awaitable[object]:
    """Return the line that the end of this hand-over wrote, if any."""
    return call_event.find(session, call.id, f"transfer_end:{transfer.key}")


async def fail(session: AsyncSession, call: Call, transfer: Transfer, how: TransferEnd, why: DialOutcome) -> None:
    """The target has no part in the call any more: the first operator has, or the queue. Under the routing lock."""
    await _close_target(session, call, transfer, why)
    call.held_since = None
    await _record_end(session, call, transfer, EventKind.TRANSFER_FAILED, how=how.value, why=why.value)
    if how is TransferEnd.QUEUED:
        await call_voice.leave_desk(session, call, "transfer_failed")
    _announce(session, call, transfer)


async def hand(session: AsyncSession, call: Call, transfer: Transfer, at: datetime) -> None:
    """The target has the citizen; the first operator has a serving to finish. Under the routing lock."""
    if transfer.token is not None:
        await call_offer.accept(session, transfer.token, at)
    giver = await call_finish.find_serving(session, call.id, transfer.by)
    if giver is not None:
        await call_voice.end_serving(session, giver)
    if transfer.employee_id is not None:
        taker = await call_finish.find_serving(session, call.id, transfer.employee_id)
        if taker is not None:
            taker.role = ServingRole.TRANSFER  # whoever stays in «consult» never had the citizen
    call.held_since = None
    call.employee_id = transfer.employee_id or call.employee_id
    await _record_end(session, call, transfer, EventKind.TRANSFERRED, to=str(transfer.employee_id or ""))
    _announce(session, call, transfer)


async def _close_target(session: AsyncSession, call: Call, transfer: Transfer, why: DialOutcome) -> None:
    if transfer.token is None:
        return
    state = _STATES.get(why, OfferState.WITHDRAWN)
    if await call_offer.close(session, transfer.token, state):
        return
    offer = await session.get_one(Offer, transfer.token)
    serving = await session.get_one(Serving, offer.serving_id)
    if serving.finished_at is None:  # he was consulted only, and has nothing to write
        at = await clock(session)
        serving.ended_at = serving.finished_at = at
        await session.flush()
        await desk.free(session, serving.desk_id)


async def _start(session: AsyncSession, call: Call, order: TransferCall, **to: object) -> None:
    if call.stage is not CallStage.TALKING:
        raise Conflict("Разговор уже закончен.")
    details = {name: str(value) for name, value in to.items()} | {"consult": str(order.consult)}
    await call_event.record(
        session, call.id, begin_key(order), EventKind.TRANSFER_STARTED, actor_id=order.actor_id, **details
    )
    call.held_since = call.held_since or await clock(session)
    call_stage.announce(session, call)


def begin_key(order: TransferCall) -> str:
    """Return the timeline's key of the beginning: a repeat of the order finds it."""
    return f"transfer:{order.key}"


async def _record_end(session: AsyncSession, call: Call, transfer: Transfer, kind: EventKind, **details: str) -> None:
    key = f"transfer_end:{transfer.key}"
    await call_event.record(session, call.id, key, kind, actor_id=transfer.employee_id or transfer.by, **details)


def _announce(session: AsyncSession, call: Call, transfer: Transfer) -> None:
    call_stage.announce(session, call)
    for employee_id in {transfer.by, transfer.employee_id} - {call.employee_id, None}:
        call_stage.tell(session, call, UUID(str(employee_id)))
