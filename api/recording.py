"""Recordings: the operator's page sends them in pieces; those who may listen play them."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response

from api import ranges
from api.session import ApiFront, right
from schemas.recording import Piece, RecordingView
from services import recording

router = APIRouter(prefix="/api/v1", tags=["recording"])
WEBM = "audio/webm"
Content = Annotated[bytes, Body(media_type=WEBM)]
PLAYABLE: dict[int | str, dict[str, Any]] = {
    200: {"content": {WEBM: {}}},
    206: {"content": {WEBM: {}}},
    416: {"description": "No such part."},
}


def piece_of(
    recording_id: UUID,
    seq: Annotated[int, Path(ge=0, le=20_000)],
    age: Annotated[float, Query(ge=0, le=86_400)] = 0,
    last: bool = False,
) -> Piece:
    """Return what the address says of a piece."""
    return Piece(recording_id=recording_id, seq=seq, age=age, is_last=last)


PieceOf = Annotated[Piece, Depends(piece_of)]


@router.put(
    "/line/legs/{leg_id}/recordings/{recording_id}/{seq}",
    status_code=204,
    operation_id="keep_recording_piece",
    dependencies=[right("line.use")],
)
async def keep_piece(
    request: Request,
    front: ApiFront,
    leg_id: UUID,
    piece: PieceOf,
    content: Content = b"",
) -> Response:
    """Keep a piece of what the page records, numbered from 0; the page names the recording. A repeat is harmless."""
    await recording.keep_piece(front, request.app.state.objects, leg_id, piece, content)
    return Response(status_code=204)


@router.get("/calls/{call_id}/recordings", operation_id="list_recordings", dependencies=[right("call.listen")])
async def list_recordings(front: ApiFront, call_id: UUID) -> list[RecordingView]:
    """Return the recordings of a call, oldest first: after each reload or hand-over there is one more."""
    return await recording.list_recordings(front, call_id)


@router.get(
    "/calls/{call_id}/recordings/{recording_id}",
    operation_id="play_recording",
    dependencies=[right("call.listen")],
    response_class=Response,
    responses=PLAYABLE,
)
async def play(
    request: Request, front: ApiFront, call_id: UUID, recording_id: UUID, play: UUID | None = None
) -> Response:
    """Return the sound, or the part that Range asks for. Requests with one `play` are one listening in the audit."""
    file = await recording.listen(front, call_id, recording_id, play or uuid4())
    return await ranges.answer(request, request.app.state.objects, file)
