"""Web line: the citizen's telephone and the panel of the operator's."""

from datetime import timedelta
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.line import list_destinations
from services.line_phone import show_softphone
from ui.call_dial import outcomes
from ui.render import fragment, page, pages_of
from ui.session import UiFront, UiSession, public, right

router = APIRouter()

DIAL_LATE = timedelta(seconds=4)
"""Longer than this a process that is well does not take to dial."""


@router.get("/phone", dependencies=[public()])
async def show_phone(request: Request, session: UiSession) -> HTMLResponse:
    """The telephone of anybody who has the address."""
    context = {"destinations": await list_destinations(session), "zone": pages_of(request.app).zone}
    settings = request.app.state.settings
    context |= {"centre": settings.centre.name, "may_be_called": settings.line.trust_typed_numbers}
    return page(request, "line/phone.html", context)


@router.get("/softphone", dependencies=[right("line.use")])
async def show_panel(request: Request, front: UiFront) -> HTMLResponse:
    """The panel in the corner, as its desk stands now."""
    phone = await show_softphone(front, request.app.state.settings.line.ice_servers)
    keys = {"dial_key": str(uuid4()), "order_key": str(uuid4())}
    late_at = phone.started_at + DIAL_LATE if phone.started_at else None
    context = {"phone": phone, "outcomes": outcomes(), "late_at": late_at, **keys}
    return fragment(request, "line/_panel.html", context)


@router.get("/softphone/check", dependencies=[right("line.use")])
async def show_check(request: Request, front: UiFront) -> HTMLResponse:
    """The dialog «Проверить звук и микрофон»."""
    return fragment(request, "line/_check.html", {})
