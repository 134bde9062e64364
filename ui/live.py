"""The stream that keeps the pages of one person live: it says what changed, and the pages refetch it."""

import logging
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.datastructures import State

from schemas.staff import Actor
from services import staff
from services.live import PING, Live, Notice, to_event, to_events
from store.live import EVERYBODY, person, role
from ui.session import UiFront, right

# A page takes 10 s of silence for a dead server; a session that has ended is noticed at the next beat.
BEAT = 4.0
SESSION = "session"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
router = APIRouter()
log = logging.getLogger(__name__)


@router.get("/live", dependencies=[right("staff.stay")])
async def show_live(request: Request, front: UiFront) -> StreamingResponse:
    """Open the stream; no database connection is held while it lasts."""
    events = events_of(request.app.state, front.actor)
    return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)


async def events_of(state: State, actor: Actor) -> AsyncIterator[str]:
    """Yield what this person may hear, until the session ends or the process stops."""
    yield to_event(PING)
    live: Live = state.live
    async for notices in live.subscribe(channels_of(actor), BEAT):
        is_doubtful = any(notice is PING or notice.name == SESSION for notice in notices)
        if is_doubtful and not await stands(state, actor):
            yield to_event(Notice(name=SESSION))
            return
        if told := to_events(notice for notice in notices if notice.name != SESSION):  # another session of his
            yield told


def channels_of(actor: Actor) -> tuple[str, ...]:
    """Return the channels of an employee in his role."""
    return person(actor.employee_id), role(actor.role), EVERYBODY


async def stands(state: State, actor: Actor) -> bool:
    """Whether the session is still good; a database out of reach ends nobody's session."""
    try:
        async with state.database.reading() as session:
            return await staff.is_live(session, state.rules, actor)
    except Exception as error:
        log.warning("live.session_unknown", extra={"error": type(error).__name__})
        return True
