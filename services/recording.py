"""Recordings of talks: pieces come from the operator's browser, and those who may listen."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from schemas.errors import Conflict, NotFound, TooLarge
from schemas.line import LegSide
from schemas.recording import Piece, RecordingState, RecordingView, SoundFile
from services import call
from services.access import may, require
from services.front import Front
from store import audit, line, recording
from store.base import clock
from store.line import LineLeg
from store.objects import Objects
from store.recording import Recording, RecordingSegment

LARGEST = 256 * 1024
LATE = timedelta(hours=1)
"""A page that could not reach us sends its pieces for so long after the talk."""
NOT_RECORDED = "Этот разговор не записывается."
NOT_FOUND = "Записи нет: её не было или срок её хранения истёк."


async def keep_piece(front: Front, objects: Objects, leg_id: UUID, piece: Piece, content: bytes) -> None:
    """Keep one piece of what the actor's page records; a repeat is harmless. The last one has all of them joined."""
    require(front.actor, "line.use")
    if len(content) > LARGEST:
        raise TooLarge
    leg = await _own_leg(front, leg_id)
    row = await _begun(front, leg, piece)
    if content and row.state is not RecordingState.EXPIRED:
        name = f"recordings/{row.id}/{piece.seq:05d}.part"
        segment = RecordingSegment(recording_id=row.id, seq=piece.seq, object=name, size=len(content))
        if await recording.add_segment(front.session, segment):
            await objects.put(name, content)
    if piece.is_last or row.ended_at:
        await recording.end(front.session, row.id)


async def list_recordings(front: Front, call_id: UUID) -> list[RecordingView]:
    """Return the recordings of a call, oldest first."""
    require(front.actor, "call.listen")
    await call.get_call(front, call_id)
    return [view(row, name) for row, name in await recording.list_of_call(front.session, call_id)]


async def list_recorded(front: Front, call_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these calls the actor can listen to."""
    if not call_ids or not may(front.actor, "call.listen"):
        return set()
    return await recording.list_recorded(front.session, list(call_ids))


async def listen(front: Front, call_id: UUID, recording_id: UUID, play: UUID) -> SoundFile:
    """Return where a recording lies; the first request of a play (its player's key) is a listening, for the audit."""
    require(front.actor, "call.listen")
    await call.get_call(front, call_id)
    row = await recording.find_of_call(front.session, call_id, recording_id)
    if row is None or row.object is None or row.size is None:
        raise NotFound(NOT_FOUND)
    if await recording.hear(front.session, row.id, front.actor.employee_id, play):
        act = ("recording", "listen")
        audit.record(front.session, front.actor.employee_id, act, row.id, call=str(call_id), play=str(play))
    return SoundFile(object=row.object, size=row.size)


def view(row: Recording, employee: str) -> RecordingView:
    """Return a recording as it is shown."""
    return RecordingView(
        id=row.id,
        call_id=row.call_id,
        employee=employee,
        started_at=row.started_at,
        ended_at=row.ended_at,
        seconds=row.seconds,
        state=row.state,
        lost=tuple(row.lost),
    )


async def _own_leg(front: Front, leg_id: UUID) -> LineLeg:
    leg = await line.find_leg(front.session, leg_id)
    if leg is None or leg.side is not LegSide.OPERATOR or leg.desk_id != front.actor.desk_id:
        raise NotFound
    if leg.answered_at is None or (leg.ended_at and await clock(front.session) - leg.ended_at > LATE):
        raise Conflict(NOT_RECORDED)
    return leg


async def _begun(front: Front, leg: LineLeg, piece: Piece) -> Recording:
    row = await recording.find(front.session, piece.recording_id)
    if row is None:
        if not await recording.is_recorded(front.session, leg.id):
            raise Conflict(NOT_RECORDED)
        actor = front.actor.employee_id
        row = Recording(id=piece.recording_id, call_id=leg.call_id, leg_id=leg.id, employee_id=actor)
        row = await recording.begin(front.session, row, piece.age)
    if row.leg_id != leg.id or row.employee_id != front.actor.employee_id:
        raise NotFound
    return row
