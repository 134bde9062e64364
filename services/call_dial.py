"""Calling out at the front door."""

from datetime import datetime
from uuid import UUID

from schemas.base import id_from
from schemas.call import PlaceCall, StartCall
from schemas.desk import ChangeStatus, DeskStatus
from schemas.errors import Conflict, NotFound
from schemas.phone import normalise
from schemas.subscriber_book import DialledNumber
from services import desk, subscriber_book
from services.access import require
from services.front import Front
from store import call_dial, outbox
from store import desk as desk_store
from store.base import clock, routing_lock

MOST_RECENT = 5


async def place_call(front: Front, asked: PlaceCall) -> UUID:
    """Call a number from the actor's own desk, which must be in «Исходящие» and free; return the call's id.

    The desk is reserved, the row is written and the start of the process is left in one transaction: the same key
    calls once.
    """
    require(front.actor, "call.place")
    desk_id = _desk_of(front)
    number, subscriber_id = await _whom(front, asked)
    call_id = id_from("outbound-call", front.actor.employee_id, asked.key)
    await routing_lock(front.session)
    start = StartCall(
        call_id=call_id,
        leg_id=str(id_from("callee-leg", call_id)),
        operator_leg_id=call_dial.desk_leg_of(call_id),
        number=number,
        dialled="",
        at=await clock(front.session),
    )
    if await call_dial.place(front.session, start, desk_id, front.actor.employee_id, subscriber_id):
        outbox.start_call(front.session, start, call_id)
    return call_id


async def cancel_call(front: Front, call_id: UUID) -> None:
    """End the actor's call before anybody has answered it; it waits for no process, and a repeat is harmless."""
    require(front.actor, "call.place")
    await call_dial.cancel(front.session, call_id, _desk_of(front))


async def switch_and_call(front: Front, asked: PlaceCall) -> UUID:
    """Take the free desk to «Исходящие» and call from it."""
    require(front.actor, "call.place")
    await routing_lock(front.session)
    if await desk_store.has_live_serving(front.session, _desk_of(front)):
        raise Conflict(call_dial.BUSY)
    await desk.change_status(front, ChangeStatus(status=DeskStatus.OUTGOING))
    return await place_call(front, asked)


async def list_dialled(front: Front, since: datetime) -> list[DialledNumber]:
    """Return the numbers that the actor has called since then, the latest first."""
    require(front.actor, "call.place")
    rows = await call_dial.list_dialled(front.session, front.actor.employee_id, since, MOST_RECENT)
    return [DialledNumber(number=row.number, full_name=row.full_name, outcome=row.outcome) for row in rows]


def _desk_of(front: Front) -> UUID:
    if front.actor.desk_id is None:
        raise NotFound("У вас нет пульта в этой роли.")
    return front.actor.desk_id


async def _whom(front: Front, asked: PlaceCall) -> tuple[str, UUID | None]:
    if not asked.entry:
        return normalise(asked.number, may_be_short=True), None
    number, entry = await subscriber_book.read_entry(front, asked.entry)
    return number, entry.subscriber_id
