"""The desk of who asks."""

from fastapi import APIRouter

from api.session import ApiFront, right
from schemas.desk import ChangeStatus, DeskView, Presence, RenewPresence
from services import desk

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])


@router.get("", operation_id="get_desk", dependencies=[right("desk.read")])
async def get_desk(front: ApiFront) -> DeskView:
    """Return the asker's desk: its state, its next state, its call."""
    return await desk.get_desk(front)


@router.put("/state", operation_id="change_status", dependencies=[right("desk.change_status")])
async def change_status(front: ApiFront, order: ChangeStatus) -> DeskView:
    """Change the state; in a call it becomes the next state."""
    return await desk.change_status(front, order)


@router.post("/presence", operation_id="renew_presence", dependencies=[right("desk.read")])
async def renew_presence(front: ApiFront, asked: RenewPresence) -> Presence:
    """Say that the phone is there: every 4 s, or no call comes after 12 s."""
    return await desk.renew_presence(front, asked)
