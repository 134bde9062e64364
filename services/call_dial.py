"""Calling out at the front door."""

from uuid import UUID

from schemas.base import id_from
from schemas.call import PlaceCall, StartCall
from schemas.errors import NotFound
from schemas.phone import normalise
from services.access import require
from services.front import Front
from store import call_dial, outbox
from store.base import clock, routing_lock


async def place_call(front: Front, asked: PlaceCall) -> UUID:
    """Call a number from the actor's own desk, which must be in «Исходящие» and free; return the call's id.

    The desk is reserved, the row is written and the start of the process is left in one transaction: the same key
    calls once.
    """
    require(front.actor, "call.place")
    if front.actor.desk_id is None:
        raise NotFound("У вас нет пульта в этой роли.")
    call_id = id_from("outbound-call", front.actor.employee_id, asked.key)
    await routing_lock(front.session)
    start = StartCall(
        call_id=call_id,
        leg_id=str(id_from("callee-leg", call_id)),
        operator_leg_id=str(id_from("leg", call_id)),
        number=normalise(asked.number, may_be_short=True),
        dialled="",
        at=await clock(front.session),
    )
    if await call_dial.place(front.session, start, front.actor.desk_id, front.actor.employee_id):
        outbox.start_call(front.session, start, call_id)
    return call_id
