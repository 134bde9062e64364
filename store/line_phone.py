"""Web line: what the telephone of a desk is busy with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.call import CallKind, CallStage, ServingRole
from schemas.desk import DeskStatus
from schemas.line import LegState, PhoneStage, Softphone
from schemas.number_mark import NumberNews
from schemas.subscriber import masked_name
from store import line_party, number_mark, subscriber
from store.call import Call, Serving
from store.desk import Desk
from store.line import LineLeg, find_open_leg
from store.queue import Queue
from store.subscriber import Subscriber

NAMES = 3
STAGES = {LegState.RINGING: PhoneStage.RINGING, LegState.DIALLING: PhoneStage.DIALLING}
_FIRST = (ServingRole.MAIN, ServingRole.OUTBOUND)


async def find_softphone(session: AsyncSession, desk_id: UUID) -> Softphone:
    """Return what the desk's panel shows: a ring, a talk, what is left to finish, or nothing."""
    leg = await find_open_leg(session, desk_id)
    row = await _find_call(session, desk_id, leg)
    stage = _stage(leg, row)
    if row is None or stage is PhoneStage.IDLE:
        return Softphone(is_outgoing=await _is_outgoing(session, desk_id))
    call: Call = row.Call
    cards = await _who_phones(session, call)
    return Softphone(
        stage=stage,
        leg_id=leg.id if leg else None,
        call_id=call.id,
        number=call.number,
        confirmed=call.confirmed,
        names=tuple(card.full_name if call.confirmed else masked_name(card.full_name) for card in cards),
        queue=row.name or "",
        started_at=call.started_at,
        answered_at=leg.answered_at if leg else call.answered_at,
        talk_ended_at=_ended_at(row),
        held_since=call.held_since if leg and leg.state is LegState.HELD else None,
        about=await _about(session, call),
        kind=call.kind,
        outcome=call.outcome,
        **(await line_party.find_parties(session, leg) if leg else {}),
    )


async def _is_outgoing(session: AsyncSession, desk_id: UUID) -> bool:
    return (await session.get_one(Desk, desk_id)).status is DeskStatus.OUTGOING


async def _who_phones(session: AsyncSession, call: Call) -> list[Subscriber]:
    if call.subscriber_id is not None:  # the operator has chosen
        return [await subscriber.get(session, call.subscriber_id)]
    return await subscriber.list_by_number(session, call.number, NAMES)


async def _about(session: AsyncSession, call: Call) -> NumberNews:
    return await number_mark.tell(session, call.number, call.started_at if call.kind is CallKind.INBOUND else None)


async def _find_call(session: AsyncSession, desk_id: UUID, leg: LineLeg | None) -> Row[Call, str, Serving] | None:
    mine = (col(Serving.call_id) == col(Call.id), col(Serving.desk_id) == desk_id, col(Serving.finished_at).is_(None))
    calls = select(Call, col(Queue.name), Serving).outerjoin(Queue, col(Queue.id) == col(Call.queue_id))
    if leg is not None:
        calls = calls.outerjoin(Serving, and_(*mine)).where(col(Call.id) == leg.call_id)
    else:
        calls = calls.join(Serving, and_(*mine))
    return (await session.execute(calls)).first()


def _ended_at(row: Row[Call, str, Serving]) -> datetime | None:
    """When the talk ended for this desk: it may have handed the call over."""
    ended_at: datetime | None = row.Serving.ended_at if row.Serving else None
    return ended_at or row.Call.talk_ended_at


def _stage(leg: LineLeg | None, row: Row[Call, str, Serving] | None) -> PhoneStage:
    if leg is not None:
        return STAGES.get(leg.state, PhoneStage.TALKING)
    if row is None:
        return PhoneStage.IDLE
    if row.Call.kind is CallKind.OUTBOUND and row.Call.stage is CallStage.RINGING:
        return PhoneStage.DIALLING  # its process has not dialled yet
    # A talk without a leg is over; its process only has not written so yet.
    is_over = row.Call.stage in (CallStage.TALKING, CallStage.POST_PROCESSING) and row.Serving.role in _FIRST
    return PhoneStage.POST_PROCESSING if is_over or row.Serving.answered_at is not None else PhoneStage.IDLE
