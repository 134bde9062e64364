"""Recordings: their pieces joined after the talk, and what was kept long enough forgotten."""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from schemas.recording import Joined
from store import audit, recording
from store.recording import Recording, RecordingSegment
from worker import sound
from worker.document_means import Means

log = logging.getLogger(__name__)


async def join(means: Means, recording_id: UUID) -> None:
    """Join the pieces of a recording that is over; what is out of reach leaves it to the relay, which asks again."""
    try:
        await _join(means, recording_id)
    except (SQLAlchemyError, OSError) as error:
        log.warning("recording.interrupted", extra={"error": type(error).__name__})


async def _join(means: Means, recording_id: UUID) -> None:
    async with means.database.transaction() as session:
        row = await recording.find_to_join(session, recording_id)
        segments = await recording.list_segments(session, recording_id)
    if row is None:
        return
    old, joined = row.object, await _make(means, recording_id, segments)
    async with means.database.transaction() as session:
        settled = await recording.settle(session, row, len(segments), joined)
    # The relay asks again for one that has got more pieces meanwhile.
    superfluous = old if settled and joined else (joined.object if joined else None)
    if superfluous:
        await means.objects.delete([superfluous])


async def _make(means: Means, recording_id: UUID, segments: Sequence[RecordingSegment]) -> Joined | None:
    """Return the joined sound, already stored; None when the pieces cannot be read."""
    pieces = {}
    for segment in segments:
        try:
            pieces[segment.seq] = await means.objects.get(segment.object)
        except FileNotFoundError:
            log.warning("recording.piece_missing", extra={"recording": str(recording_id), "seq": segment.seq})
    try:
        made = await asyncio.to_thread(sound.join, pieces)
    except sound.Unreadable as error:
        log.warning("recording.unreadable", extra={"recording": str(recording_id), "error": str(error)})
        return None
    # A name of its own for each run: a player of the earlier sound is not cut off in the middle by other bytes.
    name = f"recordings/{recording_id}/{secrets.token_hex(8)}.webm"
    await means.objects.put(name, made.content)
    return Joined(object=name, size=len(made.content), seconds=made.seconds, lost=made.lost)


async def clean(means: Means) -> None:
    """Remove what was kept long enough, and pieces that were joined long ago. First the bytes, then their names."""
    while await _expire_some(means) or await _drop_leftovers(means):
        continue


async def _expire_some(means: Means) -> int:
    async with means.database.transaction() as session:
        outdated = await recording.list_outdated(session, means.keep_recordings)
        for row in outdated:
            segments = await recording.list_segments(session, row.id)
            await means.objects.delete(_names(row, segments))
            await recording.expire(session, row)
            audit.record(session, None, ("recording", "expire"), row.id, call=str(row.call_id))
    return len(outdated)


async def _drop_leftovers(means: Means) -> int:
    async with means.database.transaction() as session:
        leftovers = await recording.list_leftovers(session)
        await means.objects.delete([segment.object for segment in leftovers])
        await recording.drop_segments(session, leftovers)
    return len(leftovers)


def _names(row: Recording, segments: Sequence[RecordingSegment]) -> list[str]:
    return [segment.object for segment in segments] + ([row.object] if row.object else [])
