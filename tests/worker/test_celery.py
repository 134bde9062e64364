"""The documents process itself: real Celery on real Valkey, killed in the middle of its work."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from config.settings import Settings
from schemas.job import JobState
from schemas.journal import JournalFilter
from schemas.recording import RecordingState
from store import job, recording
from store.job import Job
from store.session import Database
from tests.objects import pieces
from tests.people import People
from tests.worker.test_document_recording import Tape
from worker.celery import sender
from worker.document_means import Means
from worker.stack import Stack

ROOT = Path(__file__).parent.parent.parent
MANY_CALLS = text(
    """INSERT INTO call (id, kind, stage, number, confirmed, dialled, leg_id, priority, started_at, queued_at, comment,
                          postponed, filled, version)
       SELECT uuidv7(), 'inbound', 'finished', '+79160000000', true, '', '', 0, now() - n * interval '1 minute', now(),
              'строка ' || n, false, true, 1 FROM generate_series(1, :count) AS n"""
)


class Documents:
    """Processes `pult documents` of a test, and what they leave."""

    def __init__(self, stack: Stack, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.environment = os.environ | stack.environment()
        self.environment |= {
            "DATABASE__URL": settings.database.url.get_secret_value(),
            "STORAGE__PATH": str(settings.storage.path),
            "TEMPORAL__TASK_QUEUE": settings.temporal.task_queue,
        }
        self.children: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "worker.cli", "documents"]
        child = subprocess.Popen(argv, cwd=ROOT, env=self.environment)
        self.children.append(child)
        return child

    async def send(self, job_id: UUID) -> None:
        await asyncio.to_thread(sender(self.settings), {"job_id": str(job_id)})

    async def look(self, job_id: UUID) -> Job:
        async with self.database.transaction() as session:
            return await session.get_one(Job, job_id)

    async def reaches(self, job_id: UUID, state: JobState, done: int = 0) -> None:
        async with asyncio.timeout(40):
            while (row := await self.look(job_id)).state != state or row.done < done:
                await asyncio.sleep(0.05)

    async def silence(self) -> None:
        """Let the time pass after which a job counts as silent."""
        async with self.database.transaction() as session:
            await session.execute(text("UPDATE job SET alive_at = alive_at - interval '61 seconds'"))
            await job.resend_silent(session)

    def files(self) -> list[Path]:
        return list((self.settings.storage.path / "documents").iterdir())


@pytest.fixture
async def making(
    stack: Stack, settings: Settings, fresh_database: Database, valkey: Redis, tmp_path: Path
) -> AsyncIterator[Documents]:
    own = settings.model_copy(update={"storage": settings.storage.model_copy(update={"path": tmp_path})})
    own = own.model_copy(
        update={"temporal": settings.temporal.model_copy(update={"task_queue": f"t{uuid4().hex[:8]}"})}
    )
    documents = Documents(stack, own, fresh_database)
    yield documents
    for child in documents.children:
        child.kill()
        child.wait()


async def order(database: Database, people: People, calls: int) -> UUID:
    params = {"filter": JournalFilter().model_dump(mode="json"), "own": False, "conditions": [], "language": "ru"}
    async with database.transaction() as session:
        await session.execute(MANY_CALLS, {"count": calls})
        values = {"kind": "journal", "params": params | {"by": "Вера"}, "file_name": "journal.xlsx"}
        return (await job.add(session, uuid4(), people.vera.id, values)).id


async def test_it_makes_what_the_relay_sends(making: Documents, fresh_people: People) -> None:
    job_id = await order(making.database, fresh_people, calls=10)
    making.start()
    await making.send(job_id)
    await making.reaches(job_id, JobState.DONE)
    assert len(making.files()) == 1


async def test_killed_in_mid_export_the_file_appears_once(making: Documents, fresh_people: People) -> None:
    job_id = await order(making.database, fresh_people, calls=20000)
    first = making.start()
    await making.send(job_id)
    await making.reaches(job_id, JobState.RUNNING, done=500)
    first.kill()
    making.start()
    await making.silence()
    await asyncio.gather(making.send(job_id), making.send(job_id))
    await making.reaches(job_id, JobState.DONE)
    row = await making.look(job_id)
    assert row.done == row.total == 20000
    assert [path.name for path in making.files() if path.name == row.file_path] == [row.file_path]


async def test_asked_to_stop_it_hands_its_job_over(making: Documents, fresh_people: People) -> None:
    job_id = await order(making.database, fresh_people, calls=20000)
    first = making.start()
    await making.send(job_id)
    await making.reaches(job_id, JobState.RUNNING, done=500)
    first.terminate()
    assert await asyncio.to_thread(first.wait, 10) == 0
    assert (await making.look(job_id)).state == JobState.QUEUED
    assert not making.files()


async def test_it_goes_on_after_the_broker_was_lost(making: Documents, stack: Stack, fresh_people: People) -> None:
    making.start()
    first = await order(making.database, fresh_people, calls=1)
    await making.send(first)
    await making.reaches(first, JobState.DONE)
    await stack.valkey.process.stop()
    second = await order(making.database, fresh_people, calls=1)
    with pytest.raises(ConnectionError):
        await making.send(second)
    stack.valkey.bring_back()
    assert await stack.valkey.is_answering(20)
    await making.send(second)
    await making.reaches(second, JobState.DONE)


async def test_it_joins_the_recordings_that_the_relay_sends(making: Documents, fresh_people: People) -> None:
    means = Means.of(making.settings)
    tape = Tape(means, fresh_people)
    await tape.begin()
    await tape.add(pieces())
    async with making.database.transaction() as session:
        await recording.end(session, tape.id)
    making.start()
    await asyncio.to_thread(sender(making.settings), {"recording_id": str(tape.id)})
    async with asyncio.timeout(40):
        while (await tape.look()).state != RecordingState.JOINED:
            await asyncio.sleep(0.05)
    await means.close()
