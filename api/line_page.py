"""Web line: a page left open under a number, which the centre can call."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from api.line import BEAT, NO_STORE, Key, Leg, Line
from api.line import COOKIE as LEG_COOKIE
from api.line import router as legs
from api.session import public
from schemas.line_page import LinePageView, OpenLinePage
from services import csrf
from services import line_page as service
from services.line_page import PageRules
from services.live import to_events
from store.live import leg as page_channel

router = APIRouter(prefix=f"{legs.prefix}/pages", tags=["line"])


@router.post("", status_code=201, operation_id="open_line_page", dependencies=[public()])
async def open_page(request: Request, response: Response, front: Line, command: OpenLinePage, key: Key) -> LinePageView:
    """Let the centre call this page. The same key gives the same page, with the same secret."""
    csrf.check_site(request.method, request.headers)
    rules = PageRules(request.app.state.settings.line.trust_typed_numbers)
    page = await service.open_page(front, command, key, rules)
    keep(request, response, page)
    return page


@router.get("/{page_id}", operation_id="get_line_page", dependencies=[public()])
async def get_page(request: Request, response: Response, front: Leg, page_id: UUID) -> LinePageView:
    """Show what calls the page; asking is its sign of life. The leg that calls it opens to this page from now on."""
    page = await service.get_page(front, page_id)
    keep(request, response, page)
    return page


@router.get("/{page_id}/events", operation_id="stream_line_page", dependencies=[public()])
async def stream(request: Request, front: Leg, page_id: UUID) -> Response:
    """Stream «somebody calls this page»; the page then asks."""
    await service.get_page(front, page_id)
    notices = request.app.state.live.subscribe([page_channel(page_id)], BEAT)
    events = (to_events(some) async for some in notices)
    return StreamingResponse(events, media_type="text/event-stream", headers={**NO_STORE, "X-Accel-Buffering": "no"})


@router.delete("/{page_id}", status_code=204, operation_id="close_line_page", dependencies=[public()])
async def close_page(front: Leg, page_id: UUID) -> Response:
    """Be called no more."""
    await service.close_page(front, page_id)
    return Response(status_code=204)


def keep(request: Request, response: Response, page: LinePageView) -> None:
    """Give the browser what opens its page, and the leg that calls it: each secret reaches its own addresses only."""
    secure = request.app.state.settings.security.cookie_secure
    secrets = [(f"{router.prefix}/{page.page_id}", page.token)]
    if page.call is not None:
        secrets.append((f"{legs.prefix}/legs/{page.call.leg_id}", page.call.token))
    for path, secret in secrets:
        if secret is not None:
            response.set_cookie(LEG_COOKIE, secret, path=path, secure=secure, httponly=True, samesite="strict")
    response.headers.update(NO_STORE)
