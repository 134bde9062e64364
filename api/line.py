"""Web line: a citizen calls without logging in; each leg's page signals for itself."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.session import authenticate, bearer_of, public
from schemas.errors import Unauthenticated
from schemas.line import LegView, LineCall, SendSignal, StartLineCall
from services import csrf
from services import line as service
from services.line import LineFront
from services.live import to_events
from store.live import leg as leg_channel

COOKIE = "leg"
BEAT = 4.0
NO_STORE = {"Cache-Control": "no-store"}
router = APIRouter(prefix="/api/v1/line", tags=["line"])


async def _line_front(request: Request) -> AsyncIterator[LineFront]:
    """Find who asks: a citizen by his leg's secret, an employee by his session, or nobody yet."""
    state = request.app.state
    async with state.database.for_request(request.method) as session:
        front = LineFront(
            session=session,
            begin=state.database.transaction,
            valkey=state.valkey,
            pepper=state.settings.security.pepper.get_secret_value().encode(),
            ice_servers=state.settings.line.ice_servers,
            address=request.client.host if request.client else "",
            zone=ZoneInfo(state.settings.centre.zone),
        )
        yield front


async def _leg_front(
    request: Request, front: Annotated[LineFront, Depends(_line_front, scope="function")]
) -> LineFront:
    """As above; a leg needs one of the two. The cookie reaches only the addresses of its own leg."""
    if secret := request.cookies.get(COOKIE):
        csrf.check_site(request.method, request.headers)
        return front.of(secret=secret)
    try:
        return front.of(actor=await authenticate(request, front.session))
    except Unauthenticated:
        if not (secret := bearer_of(request)):
            raise
        return front.of(secret=secret)


Line = Annotated[LineFront, Depends(_line_front, scope="function")]
Leg = Annotated[LineFront, Depends(_leg_front, scope="function")]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=service.LEAST_KEY, max_length=100)]


@router.post("/calls", status_code=201, operation_id="start_line_call", dependencies=[public()])
async def start_call(request: Request, response: Response, front: Line, command: StartLineCall, key: Key) -> LineCall:
    """Call from a page. The same key gives the same call, with the same secret."""
    csrf.check_site(request.method, request.headers)
    call = await service.start_call(front, command, key)
    path, secure = f"{router.prefix}/legs/{call.leg_id}", request.app.state.settings.security.cookie_secure
    response.set_cookie(COOKIE, call.token, path=path, secure=secure, httponly=True, samesite="strict")
    response.headers.update(NO_STORE)
    return call


@router.get("/legs/{leg_id}", operation_id="get_leg", dependencies=[public()])
async def get_leg(
    front: Leg, response: Response, leg_id: UUID, after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0
) -> LegView:
    """Show a leg and the signals left for it after the given number; asking is the page's sign of life."""
    response.headers.update(NO_STORE)
    return await service.get_leg(front, leg_id, after)


@router.post("/legs/{leg_id}/answer", operation_id="answer_leg", dependencies=[public()])
async def answer(front: Leg, leg_id: UUID, signal: SendSignal) -> LegView:
    """Pick up a ringing leg with a WebRTC offer."""
    return await service.answer(front, leg_id, signal)


@router.post("/legs/{leg_id}/signals", status_code=204, operation_id="send_signal", dependencies=[public()])
async def send_signal(front: Leg, leg_id: UUID, signal: SendSignal) -> Response:
    """Leave a signal for the other side."""
    await service.send_signal(front, leg_id, signal)
    return Response(status_code=204)


@router.post("/legs/{leg_id}/decline", status_code=204, operation_id="decline_leg", dependencies=[public()])
async def decline(front: Leg, leg_id: UUID) -> Response:
    """Refuse a ring."""
    await service.decline(front, leg_id)
    return Response(status_code=204)


@router.post("/legs/{leg_id}/lost", status_code=204, operation_id="report_lost", dependencies=[public()])
async def report_lost(front: Leg, leg_id: UUID) -> Response:
    """Say that the operator's page is gone: his own as it closes, or the citizen's, who hears nothing."""
    await service.report_lost(front, leg_id)
    return Response(status_code=204)


@router.delete("/legs/{leg_id}/lost", status_code=204, operation_id="report_found", dependencies=[public()])
async def report_found(front: Leg, leg_id: UUID) -> Response:
    """Say that the operator is heard again."""
    await service.report_found(front, leg_id)
    return Response(status_code=204)


@router.delete("/legs/{leg_id}", status_code=204, operation_id="hang_up_leg", dependencies=[public()])
async def hang_up(front: Leg, leg_id: UUID) -> Response:
    """Hang up; while it rings, refuse."""
    await service.hang_up(front, leg_id)
    return Response(status_code=204)


@router.get("/legs/{leg_id}/events", operation_id="stream_leg", dependencies=[public()])
async def stream(request: Request, front: Leg, leg_id: UUID) -> Response:
    """Stream «this leg changed»; the page then asks for the leg."""
    await service.get_leg(front, leg_id)
    notices = request.app.state.live.subscribe([leg_channel(leg_id)], BEAT)
    events = (to_events(some) async for some in notices)
    return StreamingResponse(events, media_type="text/event-stream", headers={**NO_STORE, "X-Accel-Buffering": "no"})
