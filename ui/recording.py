"""«Прослушать запись»: the recordings of a call and their player."""

from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services import recording
from ui.render import fragment
from ui.session import UiFront, right

router = APIRouter(include_in_schema=False)


@router.get("/calls/{call_id}/recordings", dependencies=[right("call.listen")])
async def show_recordings(request: Request, front: UiFront, call_id: UUID) -> HTMLResponse:
    found = await recording.list_recordings(front, call_id)
    return fragment(request, "recording/_recordings.html", {"recordings": found, "play": str(uuid4())})
