"""Recordings from their pieces to the sound that is played, over repeats, late pieces, losses, the end of time."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from schemas.recording import RecordingState
from store import recording
from store.objects import Objects
from store.recording import Recording, RecordingSegment
from store.session import Database
from tests.calls import Calls
from tests.objects import pieces
from tests.people import People
from worker import document_recording
from worker.document_means import Means


class Tape:
    """A recording of Ольга's talk, and what becomes of it."""

    def __init__(self, means: Means, people: People) -> None:
        self.means, self.people, self.id = means, people, uuid4()

    async def begin(self) -> None:
        async with self.means.database.transaction() as session:
            call = await Calls(session, self.people).served()
            row = Recording(id=self.id, call_id=call.id, leg_id=uuid4(), employee_id=self.people.olga.id)
            await recording.begin(session, row, age=10)

    async def add(self, found: dict[int, bytes]) -> None:
        for seq, content in found.items():
            name = f"recordings/{self.id}/{seq:05d}.part"
            await self.means.objects.put(name, content)
            async with self.means.database.transaction() as session:
                segment = RecordingSegment(recording_id=self.id, seq=seq, object=name, size=len(content))
                await recording.add_segment(session, segment)

    async def join(self) -> Recording:
        """The talk is over, and Celery does what the relay sends."""
        async with self.means.database.transaction() as session:
            await recording.end(session, self.id)
        await document_recording.join(self.means, self.id)
        return await self.look()

    async def look(self) -> Recording:
        async with self.means.database.transaction() as session:
            return await session.get_one(Recording, self.id)

    async def sql(self, statement: str) -> list[UUID | str]:
        async with self.means.database.transaction() as session:
            return list((await session.execute(text(statement))).scalars())

    async def sent(self) -> int:
        """How many times the relay was given this recording."""
        return len(await self.sql(f"SELECT key FROM outbox WHERE key = 'recording-{self.id}'"))


@pytest.fixture
def means(fresh_database: Database, valkey: Redis, tmp_path: Path, objects: Objects) -> Means:
    return Means(fresh_database, valkey, tmp_path, ZoneInfo("Europe/Moscow"), objects, timedelta(days=180))


@pytest.fixture
async def tape(means: Means, fresh_people: People) -> Tape:
    tape = Tape(means, fresh_people)
    await tape.begin()
    return tape


async def test_the_pieces_become_one_sound(tape: Tape) -> None:
    await tape.add(pieces())
    made = await tape.join()
    assert (made.state, made.lost, made.segments) == (RecordingState.JOINED, [], 5)
    assert made.seconds == pytest.approx(9, abs=0.1)
    assert len(await tape.means.objects.get(made.object or "")) == made.size
    assert await tape.sent() == 1


async def test_joined_twice_it_is_one_sound(tape: Tape) -> None:
    await tape.add(pieces())
    first, second = await tape.join(), await tape.join()
    assert (first.object, await tape.sent()) == (second.object, 1)


async def test_a_piece_that_is_lost_is_told(tape: Tape) -> None:
    await tape.add(pieces(2))
    made = await tape.join()
    assert (made.state, made.lost) == (RecordingState.JOINED, [3])


async def test_a_piece_that_comes_late_is_joined_too(tape: Tape) -> None:
    await tape.add(pieces(4))
    before = await tape.join()
    await tape.add({4: pieces()[4]})
    after = await tape.join()
    assert (after.seconds or 0) - (before.seconds or 0) == pytest.approx(2, abs=0.2)
    with pytest.raises(FileNotFoundError):
        await tape.means.objects.get(before.object or "")


async def test_what_cannot_be_read_is_failed_and_not_tried_for_ever(tape: Tape) -> None:
    await tape.add({0: b"noise" * 100})
    assert (await tape.join()).state == RecordingState.FAILED
    await tape.sql("UPDATE recording SET last_at = last_at - interval '1 day' RETURNING id")
    async with tape.means.database.transaction() as session:
        assert await recording.resend(session) == 0


async def test_what_a_dead_page_left_is_joined_by_the_relay_once_a_minute(tape: Tape) -> None:
    await tape.add(pieces())
    async with tape.means.database.transaction() as session:
        assert await recording.resend(session) == 0, "it may still come back"
    await tape.sql("UPDATE recording SET last_at = last_at - interval '61 minutes' RETURNING id")
    async with tape.means.database.transaction() as session:
        assert [await recording.resend(session), await recording.resend(session)] == [1, 0]
    await document_recording.join(tape.means, tape.id)
    assert (await tape.look()).state == RecordingState.JOINED


async def test_kept_long_enough_nothing_of_it_can_be_heard(tape: Tape) -> None:
    await tape.add(pieces())
    made = await tape.join()
    await tape.sql("UPDATE recording SET started_at = started_at - interval '181 days' RETURNING id")
    await document_recording.clean(tape.means)
    assert (await tape.look()).state == RecordingState.EXPIRED
    assert await tape.sql("SELECT verb FROM audit WHERE thing = 'recording'") == ["expire"]
    for name in (made.object or "", f"recordings/{tape.id}/00000.part"):
        with pytest.raises(FileNotFoundError):
            await tape.means.objects.get(name)


async def test_pieces_are_forgotten_a_day_after_they_were_joined(tape: Tape) -> None:
    await tape.add(pieces())
    made = await tape.join()
    await document_recording.clean(tape.means)
    assert len(await tape.sql("SELECT seq FROM recording_segment")) == 5
    await tape.sql("UPDATE recording SET last_at = last_at - interval '25 hours' RETURNING id")
    await document_recording.clean(tape.means)
    assert await tape.sql("SELECT seq FROM recording_segment") == []
    assert len(await tape.means.objects.get(made.object or "")) == made.size
