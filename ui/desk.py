"""Desk («пульт») in the header: its state, the state after the call, and the sign of life of its telephone."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from schemas.desk import CHOSEN_BY_HAND, ChangeStatus, DeskStatus, DeskView, Presence, RenewPresence
from schemas.errors import Invalid
from services import desk
from services.front import Front
from ui.render import fragment
from ui.session import UiFront, right

router = APIRouter(include_in_schema=False)


@router.get("/desk/state", dependencies=[right("desk.read")])
async def show_state(request: Request, front: UiFront) -> HTMLResponse:
    return await state_fragment(request, front, await desk.get_desk(front))


@router.put("/desk/state", dependencies=[right("desk.change_status")])
async def change_status(
    request: Request, front: UiFront, status: Annotated[str, Form()] = "", reason: Annotated[UUID | None, Form()] = None
) -> HTMLResponse:
    if status not in CHOSEN_BY_HAND:
        raise Invalid("Выберите «Входящие», «Исходящие» или «Перерыв».")
    order = ChangeStatus(status=DeskStatus(status), reason=reason)
    return await state_fragment(request, front, await desk.change_status(front, order))


@router.delete("/desk/next-state", dependencies=[right("desk.change_status")])
async def cancel_next_status(request: Request, front: UiFront) -> HTMLResponse:
    return await state_fragment(request, front, await desk.cancel_next_status(front))


@router.post("/desk/presence", dependencies=[right("desk.read")])
async def renew_presence(front: UiFront, asked: RenewPresence) -> Presence:
    return await desk.renew_presence(front, asked)


async def state_fragment(request: Request, front: Front, view: DeskView) -> HTMLResponse:
    context = {"desk": view, "break_reasons": await desk.list_break_reasons(front)}
    return fragment(request, "desk/_state.html", context)
