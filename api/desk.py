"""The desk of who asks."""

from fastapi import APIRouter

from api.session import ApiFront, right
from schemas.desk import ChangeStatus, DeskView, Presence, RenewPresence
from schemas.directory import ChoiceView
from services import desk

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])
reasons = APIRouter(prefix="/api/v1/break-reasons", tags=["desk"])


@router.get("", operation_id="get_desk", dependencies=[right("desk.read")])
async def get_desk(front: ApiFront) -> DeskView:
    """Return the asker's desk: its state, its next state, its call."""
    return await desk.get_desk(front)


@router.put("/state", operation_id="change_status", dependencies=[right("desk.change_status")])
async def change_status(front: ApiFront, order: ChangeStatus) -> DeskView:
    """Change the state; in a call it becomes the next state. `reason` is the id of a break reason."""
    return await desk.change_status(front, order)


@router.delete("/next-state", operation_id="cancel_next_status", dependencies=[right("desk.change_status")])
async def cancel_next_status(front: ApiFront) -> DeskView:
    """Take back the state asked for after the call."""
    return await desk.cancel_next_status(front)


@router.post("/presence", operation_id="renew_presence", dependencies=[right("desk.read")])
async def renew_presence(front: ApiFront, asked: RenewPresence) -> Presence:
    """Say that the phone is there: every 4 s, or no call comes after 12 s."""
    return await desk.renew_presence(front, asked)


@reasons.get("", operation_id="list_break_reasons", dependencies=[right("desk.read")])
async def list_break_reasons(front: ApiFront) -> list[ChoiceView]:
    """List the reasons that a break may have."""
    return await desk.list_break_reasons(front)
