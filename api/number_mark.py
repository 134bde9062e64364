"""Marks of telephone numbers: the list, set, changed, lifted."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query

from api.session import ApiFront, right
from schemas.base import Value
from schemas.number_mark import CallMark, EditMark, MarkFilter, MarkKind, MarkPage, MarkView, SetMark
from schemas.page import Place
from services import number_mark as marks

router = APIRouter(prefix="/api/v1", tags=["number mark"])
MANAGE, SET = [right("number_mark.manage")], [right("number_mark.set")]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=100)]
Kinds = Annotated[tuple[MarkKind, ...], Query(alias="kind", max_length=2)]


class Marks(Value):
    """A page of marks; `next_after` asks for the next one."""

    items: list[MarkView]
    next_after: str | None


@router.get("/number-marks", operation_id="list_number_marks", dependencies=MANAGE)
async def list_marks(
    front: ApiFront,
    kinds: Kinds = (),
    live: bool | None = None,
    q: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
    after: Annotated[str, Query(max_length=100)] = "",
) -> Marks:
    """List marks, newest first; `q` is the beginning of a number or a part of the reason."""
    wanted = MarkFilter(kinds=kinds, live=live)
    page = MarkPage(after=Place.read(after))
    found = await marks.list_marks(front, wanted.searched(q) if q else wanted, page)
    return Marks(items=list(found.rows), next_after=found.next_after or None)


@router.post("/number-marks", status_code=201, operation_id="set_number_mark", dependencies=MANAGE)
async def set_mark(front: ApiFront, typed: SetMark, key: Key) -> MarkView:
    """Mark a number; a nuisance has an end, a block may have none."""
    return await marks.set_mark(front, typed, key)


@router.post("/calls/{call_id}/number-mark", status_code=201, operation_id="mark_call_number", dependencies=SET)
async def mark_call(front: ApiFront, call_id: UUID, typed: CallMark, key: Key) -> MarkView:
    """Mark the number of a call that one took part in."""
    return await marks.set_for_call(front, call_id, typed, key)


@router.put("/number-marks/{mark_id}", operation_id="edit_number_mark", dependencies=MANAGE)
async def edit_mark(front: ApiFront, mark_id: UUID, typed: EditMark, key: Key) -> MarkView:
    """Change a mark: a new one takes the place of this."""
    return await marks.edit_mark(front, mark_id, typed, key)


@router.delete("/number-marks/{mark_id}", operation_id="lift_number_mark", dependencies=MANAGE)
async def lift_mark(front: ApiFront, mark_id: UUID) -> MarkView:
    """Lift a mark before its time."""
    return await marks.lift_mark(front, mark_id)
