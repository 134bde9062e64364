"""What was not filled in when the service was closed is filled in later, by the operator who talked."""

from uuid import UUID

from schemas.call import CallView, Completion
from schemas.errors import Conflict, Invalid
from services import call as calls
from services.access import require
from services.front import Front
from store import call_event, call_filling, call_read


async def may_fill(front: Front, call_id: UUID) -> bool:
    """Whether the actor's part in the call ended as «не заполнено»."""
    require(front.actor, "call.finish")
    return await call_filling.find_unfilled(front.session, call_id, front.actor.employee_id) is not None


async def was_filled(front: Front, call_id: UUID, key: str) -> bool:
    """Whether the form with this key has filled the call already: its answer was lost."""
    require(front.actor, "call.finish")
    done = await call_event.find(front.session, call_id, f"fill:{key}")
    return done is not None and done.actor_id == front.actor.employee_id


async def fill_service(front: Front, call_id: UUID, typed: Completion) -> CallView:
    """Write reasons and comment of the actor's own lapsed service, once; the same key gets the same answer."""
    require(front.actor, "call.finish")
    call = await calls.get_call(front, call_id)
    if await was_filled(front, call_id, typed.key):
        return call
    if call.is_mine:
        raise Conflict("Обслуживание ещё идёт: завершите его.")
    if not await call_read.has_reasons(front.session, typed.reasons):
        raise Invalid(fields={"reasons": "Выберите причину звонка из списка."})
    if not await call_filling.fill(front.session, call_id, front.actor.employee_id, typed):
        raise Conflict("Дополнить можно только свой вызов, отмеченный «не заполнено».")
    await front.session.flush()
    return await calls.get_call(front, call_id)
