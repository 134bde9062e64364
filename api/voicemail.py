"""Voicemail: the list of messages and their sound; the list of kept places."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response

from api import ranges
from api.recording import PLAYABLE
from api.session import ApiFront, right
from schemas.base import Value
from schemas.page import Place
from schemas.voicemail import VoicemailFilter, VoicemailPage, VoicemailView, WishView
from services import voicemail

router = APIRouter(prefix="/api/v1", tags=["voicemail"])
MAY_LISTEN = [right("call.listen_voicemail")]
Queues = Annotated[tuple[UUID, ...], Query(alias="queue", max_length=50)]
Typed = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]
After = Annotated[str, Query(max_length=100)]


class Messages(Value):
    """A page of messages; `next_after` asks for the next one."""

    items: list[VoicemailView]
    next_after: str | None


class Wishes(Value):
    """A page of kept places; `next_after` asks for the next one."""

    items: list[WishView]
    next_after: str | None


@router.get("/voicemails", operation_id="list_voicemails", dependencies=MAY_LISTEN)
async def list_messages(
    front: ApiFront,
    queues: Queues = (),
    heard: bool | None = None,
    q: Typed = "",
    after: After = "",
) -> Messages:
    """List messages, newest first; `q` is a name or (the beginning of) a number."""
    wanted = VoicemailFilter(queues=queues, heard=heard)
    found = await voicemail.list_messages(front, wanted.searched(q) if q else wanted, page_of(after))
    return Messages(items=list(found.rows), next_after=found.next_after or None)


@router.get("/callback-wishes", operation_id="list_callback_wishes", dependencies=MAY_LISTEN)
async def list_wishes(
    front: ApiFront,
    queues: Queues = (),
    q: Typed = "",
    after: After = "",
) -> Wishes:
    """List the places kept for citizens who want to be called back, newest first."""
    wanted = VoicemailFilter(queues=queues)
    found = await voicemail.list_wishes(front, wanted.searched(q) if q else wanted, page_of(after))
    return Wishes(items=list(found.rows), next_after=found.next_after or None)


@router.get(
    "/voicemails/{voicemail_id}/sound",
    operation_id="play_voicemail",
    dependencies=MAY_LISTEN,
    response_class=Response,
    responses=PLAYABLE,
)
async def play(request: Request, front: ApiFront, voicemail_id: UUID, play: UUID | None = None) -> Response:
    """Return the sound, or the part that Range asks for. Requests with one `play` are one listening in the audit."""
    file = await voicemail.listen(front, voicemail_id, play or uuid4())
    return await ranges.answer(request, request.app.state.objects, file)


def page_of(after: str) -> VoicemailPage:
    return VoicemailPage(after=Place.read(after))
