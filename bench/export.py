"""The journal's XLSX against the floor: the same cells written by XlsxWriter with no database, job or progress."""

import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bench.figures import Figure
from schemas.call import CallStage
from schemas.job import JobState
from schemas.journal import Channel, JournalFilter, JournalRow
from store import job
from store.job import Job
from store.live import Publisher, connect_valkey
from store.objects import Objects
from store.session import Database
from store.staff import Employee
from worker import documents
from worker.document_journal import JournalBook
from worker.document_means import Means
from worker.migrate import migrate
from worker.place import Place
from worker.postgres import APP, OWNER
from worker.stack import Stack

ROWS, QUICK_ROWS = 50_000, 10_000
GOAL = ">= 0.25"
ZONE = ZoneInfo("Europe/Moscow")
CALLS = text(
    """INSERT INTO call (id, kind, stage, number, confirmed, dialled, leg_id, priority, started_at, queued_at,
                          answered_at, talk_ended_at, ended_at, comment, postponed, filled, version)
       SELECT uuidv7(), 'inbound', 'finished', '+79160000000', true, '', '', 0, t, t, t + interval '9 s',
              t + interval '3 min', t + interval '4 min', 'Назван срок готовности.', false, true, 1
       FROM (SELECT now() - n * interval '1 minute' AS t FROM generate_series(1, :count) AS n) AS times"""
)


async def measure(quick: bool) -> list[Figure]:
    """Return how much of the floor's speed is left when a whole job runs."""
    rows = QUICK_ROWS if quick else ROWS
    with tempfile.TemporaryDirectory() as folder:
        floor = bare(Path(folder) / "bare.xlsx", rows)
        async with centre(Path(folder)) as means:
            ours = await exported(means, rows)
    size = f"{rows} звонков в журнале"
    return [
        Figure("export", "rate_vs_bare", floor / ours, "ratio", GOAL, size),
        Figure("export", "rate", rows / ours, "строк/с", size=size),
    ]


def bare(path: Path, rows: int) -> float:
    """Return the seconds that the cells alone take."""
    at = datetime.now(UTC)
    row = JournalRow(
        id=uuid4(),
        call_id=uuid4(),
        at=at,
        started_at=at,
        number="+79160000000",
        confirmed=True,
        channel=Channel.INBOUND,
        stage=CallStage.FINISHED,
        waiting=timedelta(seconds=9),
        talk=timedelta(minutes=3),
        post_processing=timedelta(minutes=1),
        comment="Назван срок готовности.",
    )
    began = time.perf_counter()
    book = JournalBook(path, ZONE)
    for _ in range(rows):
        book.add(row)
    book.close()
    return time.perf_counter() - began


@asynccontextmanager
async def centre(folder: Path) -> AsyncIterator[Means]:
    """PostgreSQL and Valkey of this bench alone."""
    place = Place(folder / "var")
    place.claim()
    stack = Stack.at(place, hasty=True)
    await stack.start()
    try:
        await migrate(stack.postgres.url(OWNER), stack.postgres.url(APP))
        valkey = connect_valkey(stack.valkey.url())
        database, objects = (
            Database(stack.postgres.url(APP), Publisher(valkey)),
            Objects.at((folder / "sound").as_uri()),
        )
        means = Means(database, valkey, folder / "documents", ZONE, objects, keep_recordings=timedelta(days=1))
        yield means
        await means.close()
    finally:
        await stack.stop()


async def exported(means: Means, rows: int) -> float:
    """Return the seconds from the taking of a job to its end."""
    job_id = await ordered(means, rows)
    began = time.perf_counter()
    await documents.make(means, str(job_id))
    seconds = time.perf_counter() - began
    async with means.database.transaction() as session:
        made = await session.get_one(Job, job_id)
    assert (made.state, made.done) == (JobState.DONE, rows), made.error
    return seconds


async def ordered(means: Means, rows: int) -> UUID:
    params = {"filter": JournalFilter().model_dump(mode="json"), "own": False, "conditions": [], "language": "ru"}
    async with means.database.transaction() as session:
        employee = Employee(login="bench", full_name="Bench", password_hash="", roles=["supervisor"])
        session.add(employee)
        await session.flush()
        await session.execute(CALLS, {"count": rows})
        await session.execute(text("SET LOCAL statement_timeout = '60s'"))
        values = {"kind": "journal", "params": params | {"by": "Bench"}, "file_name": "journal.xlsx"}
        return (await job.add(session, uuid4(), employee.id, values)).id
