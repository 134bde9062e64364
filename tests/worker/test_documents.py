"""Documents: the journal's XLSX from the order to the file, over cancels, doubles, deaths and awkward texts."""

import asyncio
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from schemas.call import CallStage
from schemas.job import NO_ROOM, JobState
from schemas.journal import JournalFilter
from store import job
from store.call import Call
from store.job import Job
from store.objects import Objects
from store.session import Database
from tests.people import ANNA_NUMBER, People
from worker import documents
from worker.document_means import Means

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def means(fresh_database: Database, valkey: Redis, tmp_path: Path) -> Means:
    objects = Objects.at(f"file://{tmp_path}-objects")
    return Means(fresh_database, valkey, tmp_path, ZoneInfo("Europe/Moscow"), objects, timedelta(days=180))


async def add_calls(means: Means, people: People, count: int = 1, **more: object) -> None:
    """Calls of Анна that Ольга served."""
    async with means.database.transaction() as session:
        for n in range(count):
            at = AT + timedelta(seconds=n)
            values = {"number": ANNA_NUMBER, "started_at": at, "queued_at": at, "queue_id": people.queue.id, **more}
            values |= {"answered_at": at + timedelta(seconds=65), "employee_id": people.olga.id}
            session.add(Call(id=uuid4(), stage=CallStage.FINISHED, ended_at=at + timedelta(minutes=3), **values))


async def order(means: Means, people: People, wanted: JournalFilter | None = None, own: bool = False) -> UUID:
    """Ольга orders the journal."""
    params = {"filter": (wanted or JournalFilter()).model_dump(mode="json"), "own": own}
    params |= {"conditions": [], "language": "ru", "by": people.olga.full_name}
    async with means.database.transaction() as session:
        values = {"kind": "journal", "params": params, "file_name": "journal.xlsx"}
        return (await job.add(session, uuid4(), people.olga.id, values)).id


async def look(means: Means, job_id: UUID) -> Job:
    async with means.database.transaction() as session:
        return await session.get_one(Job, job_id)


async def made(means: Means, people: People, **asked: object) -> str:
    """The first sheet of a finished document, with its shared or inline texts."""
    job_id = await order(means, people, **asked)  # type: ignore[arg-type]
    await documents.make(means, str(job_id))
    row = await look(means, job_id)
    assert row.state == JobState.DONE, row.error
    assert row.file_path
    with zipfile.ZipFile(means.folder / row.file_path) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


async def test_it_makes_a_file_with_a_row_a_call(means: Means, fresh_people: People) -> None:
    await add_calls(means, fresh_people, 3)
    sheet = await made(means, fresh_people)
    assert sheet.count("<row ") == 4
    assert "+7 (916) 123-45-67" in sheet


async def test_the_filter_of_the_order_holds(means: Means, fresh_people: People) -> None:
    await add_calls(means, fresh_people, 3)
    sheet = await made(means, fresh_people, wanted=JournalFilter(since=AT + timedelta(seconds=2)))
    assert sheet.count("<row ") == 2


async def test_an_operator_gets_only_his_own_calls(means: Means, fresh_people: People) -> None:
    await add_calls(means, fresh_people, 3)
    sheet = await made(means, fresh_people, own=True)
    assert sheet.count("<row ") == 1, "no serving of Ольга's desk stands behind these calls"


async def test_it_goes_over_several_pages(means: Means, fresh_people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents.document_journal, "PAGE", 2)
    await add_calls(means, fresh_people, 5)
    assert (await made(means, fresh_people)).count("<row ") == 6


async def test_times_and_lengths_are_numbers(means: Means, fresh_people: People) -> None:
    await add_calls(means, fresh_people)
    sheet = await made(means, fresh_people)
    assert "<v>46083.52083333" in sheet, "2026-03-02 12:30 in Moscow, in Excel's days"
    assert "<v>0.000752314" in sheet, "65 seconds of waiting"


@pytest.mark.parametrize("evil", ["=1+1", "+7 900", "-2", "@SUM(A1)", "\t=1"])
async def test_no_text_becomes_a_formula(means: Means, fresh_people: People, evil: str) -> None:
    await add_calls(means, fresh_people, comment=evil)
    sheet = await made(means, fresh_people)
    assert "<f>" not in sheet
    assert f"{evil.strip()}</t>" in sheet


async def test_an_unconfirmed_number_is_marked(means: Means, fresh_people: People) -> None:
    await add_calls(means, fresh_people, confirmed=False)
    assert "не подтверждён" in await made(means, fresh_people)


async def test_sent_twice_it_makes_one_file(means: Means, fresh_people: People) -> None:
    await add_calls(means, fresh_people, 50)
    job_id = str(await order(means, fresh_people))
    await asyncio.gather(*(documents.make(means, job_id) for _ in range(4)))
    await documents.make(means, job_id)
    assert len(list(means.folder.iterdir())) == 1


async def test_a_silent_run_is_replaced_and_cannot_end_the_job(means: Means, fresh_people: People) -> None:
    job_id = await order(means, fresh_people)
    async with means.database.transaction() as session:
        dead = await job.take(session, job_id, "dead")
        await session.execute(text("UPDATE job SET alive_at = alive_at - interval '20 seconds'"))
    assert dead
    await documents.make(means, str(job_id))
    async with means.database.transaction() as session:
        dead.file_path = "dead"
        assert not await job.end(session, dead, JobState.DONE)
        assert await job.beat(session, dead, 1, None) is None
    assert (await look(means, job_id)).file_path != "dead"


async def test_a_silent_job_is_sent_again_once_a_minute(means: Means, fresh_people: People) -> None:
    await order(means, fresh_people)
    async with means.database.transaction() as session:
        assert await job.resend_silent(session) == 0
        await session.execute(text("UPDATE job SET alive_at = alive_at - interval '61 seconds'"))
        assert await job.resend_silent(session) == 1
        assert await job.resend_silent(session) == 0


async def test_a_waiting_job_is_cancelled_at_once(means: Means, fresh_people: People) -> None:
    job_id = await order(means, fresh_people)
    async with means.database.transaction() as session:
        await job.ask_cancel(session, await session.get_one(Job, job_id))
    await documents.make(means, str(job_id))
    assert (await look(means, job_id)).state == JobState.CANCELLED
    assert not list(means.folder.iterdir())


async def slow(*_: object) -> None:
    await asyncio.sleep(30)


async def running(means: Means, people: People, monkeypatch: pytest.MonkeyPatch) -> tuple[UUID, asyncio.Task[None]]:
    """A run under way that would take half a minute."""
    monkeypatch.setitem(documents.KINDS, "journal", slow)
    job_id = await order(means, people)
    task = asyncio.create_task(documents.make(means, str(job_id)))
    while (await look(means, job_id)).state != JobState.RUNNING:
        await asyncio.sleep(0.02)
    return job_id, task


async def test_a_cancel_is_obeyed_within_two_seconds(
    means: Means, fresh_people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, task = await running(means, fresh_people, monkeypatch)
    async with means.database.transaction() as session:
        await job.ask_cancel(session, await session.get_one(Job, job_id))
    await asyncio.wait_for(task, 2)
    assert (await look(means, job_id)).state == JobState.CANCELLED


async def test_a_worker_that_stops_gives_its_job_back(
    means: Means, fresh_people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, task = await running(means, fresh_people, monkeypatch)
    documents.shutting_down.set()
    try:
        await asyncio.wait_for(task, 2)
    finally:
        documents.shutting_down.clear()
    assert (await look(means, job_id)).state == JobState.QUEUED
    assert not list(means.folder.iterdir())


async def fails_for_room(*_: object) -> None:
    raise OSError(28, "No space left on device")


async def test_a_full_disk_is_told_in_words(
    means: Means, fresh_people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(documents.KINDS, "journal", fails_for_room)
    job_id = await order(means, fresh_people)
    await documents.make(means, str(job_id))
    row = await look(means, job_id)
    assert (row.state, row.error) == (JobState.FAILED, NO_ROOM)


async def test_old_files_are_forgotten(means: Means, fresh_people: People) -> None:
    job_id = await order(means, fresh_people)
    await documents.make(means, str(job_id))
    async with means.database.transaction() as session:
        await session.execute(text("UPDATE job SET finished_at = finished_at - interval '25 hours'"))
    await documents.clean(means)
    assert (await look(means, job_id)).state == JobState.EXPIRED
