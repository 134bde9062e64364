"""Voicemail: messages prepared for players, and what was kept long enough forgotten."""

import asyncio
import logging
import secrets
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from schemas.recording import Joined, RecordingState
from store import audit, voicemail
from store.voicemail import Voicemail
from worker import sound
from worker.document_means import Means

log = logging.getLogger(__name__)


async def join(means: Means, voicemail_id: UUID) -> None:
    """Prepare a message; what is out of reach leaves it to the relay, which asks again."""
    try:
        await _join(means, voicemail_id)
    except (SQLAlchemyError, OSError) as error:
        log.warning("voicemail.interrupted", extra={"error": type(error).__name__})


async def _join(means: Means, voicemail_id: UUID) -> None:
    async with means.database.transaction() as session:
        row = await voicemail.find(session, voicemail_id)
    if row is None or row.state is not RecordingState.OPEN or row.object is None:
        return
    sent, joined = row.object, await _make(means, row)
    async with means.database.transaction() as session:
        settled = await voicemail.settle(session, row, joined)
    if joined:
        await means.objects.delete([sent if settled else joined.object])


async def _make(means: Means, row: Voicemail) -> Joined | None:
    """Return the sound with its length and an index, already stored; None when it cannot be read."""
    assert row.object
    try:
        content = await means.objects.get(row.object)
        made = await asyncio.to_thread(sound.join, {0: content})
    except (FileNotFoundError, sound.Unreadable) as error:
        log.warning("voicemail.unreadable", extra={"voicemail": str(row.id), "error": str(error)})
        return None
    name = f"voicemail/{row.id}/{secrets.token_hex(8)}.webm"
    await means.objects.put(name, made.content)
    return Joined(object=name, size=len(made.content), seconds=made.seconds)


async def clean(means: Means) -> None:
    """Remove what was kept long enough. First the bytes, then their names."""
    while await _expire_some(means):
        continue


async def _expire_some(means: Means) -> int:
    async with means.database.transaction() as session:
        outdated = await voicemail.list_outdated(session, means.keep_recordings)
        for row in outdated:
            await means.objects.delete([row.object] if row.object else [])
            await voicemail.expire(session, row)
            audit.record(session, None, ("voicemail", "expire"), row.id, call=str(row.call_id))
    return len(outdated)
