"""Number marks: set by those who suffer a number, kept by the supervisor; what a card says of a number."""

from uuid import UUID

from schemas.base import id_from
from schemas.call import CallKind, CallView
from schemas.errors import Conflict, NotFound
from schemas.number_mark import CallMark, EditMark, MarkEnd, MarkFilter, MarkPage, MarkView, NumberNews, SetMark
from schemas.page import Rows
from schemas.phone import normalise
from services import call as calls
from services.access import may, require
from services.front import Front
from store import audit
from store import number_mark as store
from store.base import clock
from store.number_mark import NumberMark

ALREADY = "У этого номера уже есть метка. Измените её или снимите."
OVER = "Эта метка уже снята или изменена."


async def list_marks(front: Front, wanted: MarkFilter, page: MarkPage) -> Rows[MarkView]:
    """List marks, newest first."""
    require(front.actor, "number_mark.manage")
    return await store.list_marks(front.session, wanted, page)


async def get_mark(front: Front, mark_id: UUID) -> MarkView:
    """Return a mark."""
    require(front.actor, "number_mark.manage")
    return await _get(front, mark_id)


async def list_history(front: Front, mark_id: UUID) -> list[MarkView]:
    """Return all marks that the number of this one ever had, newest first."""
    return await store.list_of_number(front.session, (await get_mark(front, mark_id)).number)


async def set_mark(front: Front, typed: SetMark, key: str) -> MarkView:
    """Mark a number; the same key is the same mark."""
    require(front.actor, "number_mark.manage")
    return await _set(front, normalise(typed.number, may_be_short=True), typed, key)


async def set_for_call(front: Front, call_id: UUID, typed: CallMark, key: str) -> MarkView:
    """Mark the number of a call that the actor took part in."""
    return await _set(front, await get_number(front, call_id), typed, key, call_id)


async def get_number(front: Front, call_id: UUID) -> str:
    """Return the number of a call that the actor may mark."""
    require(front.actor, "number_mark.set")
    return (await calls.get_call(front, call_id)).number


async def edit_mark(front: Front, mark_id: UUID, typed: EditMark, key: str) -> MarkView:
    """Change a mark: the old one ends, a new one begins, the history keeps both."""
    require(front.actor, "number_mark.manage")
    if (replaced := await store.find(front.session, _id_of(front, key))) is not None:
        return replaced
    # First what may refuse: a form that shows the refusal commits what was done before it.
    typed.require_end(await clock(front.session), may_be_endless(front))
    number = (await _end(front, mark_id, MarkEnd.REPLACED)).number
    return await _set(front, number, typed, key)


async def lift_mark(front: Front, mark_id: UUID) -> MarkView:
    """Lift a mark before its time; lifted twice is lifted."""
    require(front.actor, "number_mark.manage")
    if (await get_mark(front, mark_id)).end is not MarkEnd.LIFTED:
        await _end(front, mark_id, MarkEnd.LIFTED)
    return await get_mark(front, mark_id)


async def tell(front: Front, call: CallView) -> NumberNews:
    """Return what a card says of the number that phones: its mark, and how often it phoned within a day."""
    return await store.tell(front.session, call.number, call.started_at if call.kind is CallKind.INBOUND else None)


def may_be_endless(front: Front) -> bool:
    """Whether the actor may block a number until the block is lifted."""
    return may(front.actor, "number_mark.manage")


async def _set(front: Front, number: str, typed: EditMark, key: str, call_id: UUID | None = None) -> MarkView:
    mark_id = _id_of(front, key)
    if (known := await store.find(front.session, mark_id)) is not None:
        return known
    typed.require_end(await clock(front.session), may_be_endless(front))
    mark = NumberMark(
        id=mark_id,
        number=number,
        kind=typed.kind,
        reason=typed.reason.strip(),
        set_by=front.actor.employee_id,
        until=typed.until,
        call_id=call_id,
    )
    if not await store.add(front.session, mark):
        raise Conflict(ALREADY)
    audit.record(front.session, front.actor.employee_id, ("number_mark", "set"), mark_id, kind=typed.kind.value)
    return await _get(front, mark_id)


async def _get(front: Front, mark_id: UUID) -> MarkView:
    found = await store.find(front.session, mark_id)
    if found is None:
        raise NotFound
    return found


async def _end(front: Front, mark_id: UUID, why: MarkEnd) -> NumberMark:
    ended = await store.end(front.session, mark_id, front.actor.employee_id, why)
    if ended is None:
        await get_mark(front, mark_id)  # not there at all: 404
        raise Conflict(OVER)
    audit.record(front.session, front.actor.employee_id, ("number_mark", why.value), mark_id)
    return ended


def _id_of(front: Front, key: str) -> UUID:
    return id_from("number_mark", front.actor.employee_id, key)
