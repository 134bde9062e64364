"""Web line: what a citizen leaves whom nobody answered."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request

from api.line import Key, Leg
from api.session import public
from schemas.voicemail import KeptVoicemail, KeptWish
from services import line_choice

router = APIRouter(prefix="/api/v1/line", tags=["line"])
Content = Annotated[bytes, Body(media_type="audio/webm")]


@router.post("/legs/{leg_id}/voicemail", status_code=201, operation_id="leave_voicemail", dependencies=[public()])
async def leave_voicemail(request: Request, front: Leg, leg_id: UUID, content: Content, key: Key) -> KeptVoicemail:
    """Leave a message (WebM, up to 960 KiB: some five minutes of speech) and end the call."""
    return await line_choice.keep_voicemail(front, request.app.state.objects, leg_id, content, key)


@router.post("/legs/{leg_id}/callback-wish", status_code=201, operation_id="keep_place", dependencies=[public()])
async def keep_place(front: Leg, leg_id: UUID) -> KeptWish:
    """Keep the place in the queue, to be called back, and end the call. A repeat is harmless."""
    return await line_choice.keep_place(front, leg_id)
