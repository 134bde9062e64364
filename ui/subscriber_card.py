"""The tabs of a subscriber's card that come when they are shown: enquiries, the history of changes."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from schemas.page import Place
from schemas.subscriber_change import ACT_WORDS
from services import subscriber_card, subscriber_merge
from ui.render import fragment
from ui.session import UiFront, right

router = APIRouter(include_in_schema=False)


@router.get("/subscribers/{subscriber_id}/served-calls", dependencies=[right("subscriber.read")])
async def show_enquiries(request: Request, front: UiFront, subscriber_id: UUID, after: str = "") -> HTMLResponse:
    page = await subscriber_card.list_enquiries(front, subscriber_id, Place.read(after))
    return fragment(request, "subscriber/_enquiries.html", listed(request, page, after))


@router.get("/subscribers/{subscriber_id}/changes", dependencies=[right("subscriber.read")])
async def show_changes(request: Request, front: UiFront, subscriber_id: UUID, after: str = "") -> HTMLResponse:
    page = await subscriber_card.list_changes(front, subscriber_id, Place.read(after))
    standing = await subscriber_merge.list_standing(front, subscriber_id)
    context = {"standing": standing, "act_words": ACT_WORDS, "subscriber_id": subscriber_id}
    return fragment(request, "subscriber/_changes.html", context | listed(request, page, after))


@router.get("/subscribers/{subscriber_id}/visits", dependencies=[right("subscriber.read")])
async def show_visits(request: Request, front: UiFront, subscriber_id: UUID) -> HTMLResponse:
    await subscriber_card.require_open(front, subscriber_id)
    return fragment(request, "subscriber/_visits.html", {"subscriber_id": subscriber_id})


def listed(request: Request, page: Any, after: str) -> dict[str, Any]:
    """Return what a list that grows downwards shows; a later part comes without the frame."""
    return {"rows": page.rows, "next_after": page.next_after, "is_more": bool(after), "url": request.url.path}
