"""A message from what the page sent to what players want, over repeats, damage and the end of time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from schemas.call import CallStage
from schemas.recording import RecordingState
from store import voicemail
from store.objects import Objects
from store.session import Database
from store.voicemail import Voicemail
from tests.calls import Calls
from tests.objects import pieces
from tests.people import People
from worker import document_voicemail
from worker.document_means import Means


@pytest.fixture
def means(fresh_database: Database, valkey: Redis, tmp_path: Path) -> Means:
    objects = Objects.at(f"file://{tmp_path}/objects")
    return Means(fresh_database, valkey, tmp_path, ZoneInfo("Europe/Moscow"), objects, timedelta(days=365))


async def left(means: Means, people: People, content: bytes) -> UUID:
    """Анна's message as the page sent it."""
    name = f"voicemail/{uuid4()}/sent.webm"
    await means.objects.put(name, content)
    async with means.database.transaction() as session:
        call = await Calls(session, people, datetime.now(UTC)).call(CallStage.VOICEMAIL)
        row = Voicemail(id=uuid4(), call_id=call.id, number=call.number, object=name, size=len(content))
        await voicemail.add(session, row)
    return row.id


async def prepared(means: Means, voicemail_id: UUID) -> Voicemail:
    await document_voicemail.join(means, voicemail_id)
    async with means.database.transaction() as session:
        return await session.get_one(Voicemail, voicemail_id)


async def test_a_message_gets_its_length_and_only_one_object_stays(means: Means, fresh_people: People) -> None:
    sent = b"".join(pieces().values())
    voicemail_id = await left(means, fresh_people, sent)
    row, again = await prepared(means, voicemail_id), await prepared(means, voicemail_id)
    assert (row.state, round(row.seconds or 0), again.object) == (RecordingState.JOINED, 9, row.object)
    assert row.object
    assert len(await means.objects.get(row.object)) == row.size
    assert len([*(means.folder / "objects").rglob("*.webm")]) == 1


async def test_what_cannot_be_read_stays_as_it_came(means: Means, fresh_people: People) -> None:
    row = await prepared(means, await left(means, fresh_people, b"\x1a\x45\xdf\xa3 no sound"))
    assert (row.state, row.seconds) == (RecordingState.FAILED, None)
    assert row.object
    assert await means.objects.get(row.object) == b"\x1a\x45\xdf\xa3 no sound"


async def test_what_was_asked_for_and_did_not_come_is_asked_again(means: Means, fresh_people: People) -> None:
    await left(means, fresh_people, b"sound")
    for minutes, sent in ((0, 0), (2, 1), (0, 0)):
        async with means.database.transaction() as session:
            ago = f"asked_at - interval '{minutes} minutes'"
            await session.execute(text(f"UPDATE voicemail SET asked_at = {ago}"))
            assert await voicemail.resend(session) == sent


async def test_a_message_kept_long_enough_is_forgotten_but_not_that_it_was(means: Means, fresh_people: People) -> None:
    voicemail_id = await left(means, fresh_people, b"".join(pieces().values()))
    await prepared(means, voicemail_id)
    await document_voicemail.clean(means)
    async with means.database.transaction() as session:
        assert (await session.get_one(Voicemail, voicemail_id)).object, "a year has not passed"
        await session.execute(text("UPDATE voicemail SET at = at - interval '366 days'"))
    await document_voicemail.clean(means)
    async with means.database.transaction() as session:
        row = await session.get_one(Voicemail, voicemail_id)
    assert (row.state, row.object, [*(means.folder / "objects").rglob("*.webm")]) == (RecordingState.EXPIRED, None, [])
