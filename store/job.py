"""Job: a document being made by Celery, with progress and cancel."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from schemas.job import OPEN_JOB, JobKind, JobState
from store import live, outbox
from store.base import created_column, key_column, time_column

KEPT_HOURS = 24
SILENT_SECONDS = 60
"""A job without a sign of life for so long is sent again."""

_TAKE = text(
    """UPDATE job SET state = 'running', file_path = :path, done = 0, total = NULL, alive_at = clock_timestamp()
       WHERE id = :id AND NOT cancel_asked
         AND (state = 'queued' OR state = 'running' AND alive_at < clock_timestamp() - interval '15 seconds')
       RETURNING id"""
)
_BEAT = text(
    """UPDATE job SET alive_at = clock_timestamp(), done = :done, total = :total
       WHERE id = :id AND state = 'running' AND file_path = :path RETURNING cancel_asked"""
)
_SILENT = text(
    f"""UPDATE job SET state = 'queued', file_path = NULL, alive_at = clock_timestamp() WHERE id IN (
            SELECT id FROM job WHERE state IN ('queued', 'running')
               AND alive_at < clock_timestamp() - interval '{SILENT_SECONDS} seconds' FOR UPDATE SKIP LOCKED)
        RETURNING id"""
)
_EXPIRE = text(
    f"""UPDATE job SET state = 'expired', file_path = NULL WHERE state = 'done'
           AND finished_at < clock_timestamp() - interval '{KEPT_HOURS} hours' RETURNING id"""
)


class Superseded(ConnectionError):
    """Another run has the job: this one is to write nothing more."""


class Job(SQLModel, table=True):
    """queued → running → done | failed | cancelled. `alive_at` is its sign of life.

    `file_path` is chosen anew by each run, so that it also says which run the job belongs to.
    `result`: what the run counted, for those that count.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_employee", "employee_id", text("created_at DESC")),
        Index("ix_job_open", "alive_at", postgresql_where=text("state IN ('queued', 'running')")),
    )
    id: UUID = key_column()
    kind: str
    employee_id: UUID = Field(foreign_key="employee.id")
    params: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    state: str = "queued"
    done: int = 0
    total: int | None = None
    file_name: str | None = None
    file_path: str | None = None
    error: str | None = None
    result: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))
    cancel_asked: bool = False
    created_at: datetime = created_column()
    alive_at: datetime = created_column()
    finished_at: datetime | None = time_column(nullable=True)


async def add(session: AsyncSession, job_id: UUID, employee_id: UUID, order: dict[str, Any]) -> Job:
    """Insert a job and leave it to be sent, or return the one that has this id."""
    values = {"id": job_id, "employee_id": employee_id, "state": "queued", "done": 0, "cancel_asked": False, **order}
    inserted = await session.execute(insert(Job).values(values).on_conflict_do_nothing().returning(col(Job.id)))
    if inserted.first():
        send(session, job_id)
    return await session.get_one(Job, job_id)


def send(session: AsyncSession, job_id: UUID) -> None:
    """Leave word for those who make documents."""
    outbox.put(session, f"job-{job_id}", "run_job", {"job_id": str(job_id)})


async def find(session: AsyncSession, job_id: UUID, employee_id: UUID) -> Job | None:
    """Return a job of this employee."""
    mine = select(Job).where(col(Job.id) == job_id, col(Job.employee_id) == employee_id)
    return (await session.execute(mine)).scalar_one_or_none()


async def find_latest(session: AsyncSession, employee_id: UUID, kind: JobKind) -> Job | None:
    """Return the newest job of this kind that the employee ordered."""
    mine = select(Job).where(col(Job.employee_id) == employee_id, col(Job.kind) == kind.value)
    return (await session.execute(mine.order_by(col(Job.created_at).desc()).limit(1))).scalar_one_or_none()


async def count_open(session: AsyncSession, employee_id: UUID) -> int:
    """Return how many documents are being made for the employee."""
    is_open = col(Job.state).in_(OPEN_JOB)
    counted = select(func.count()).select_from(Job).where(col(Job.employee_id) == employee_id, is_open)
    return (await session.execute(counted)).scalar_one()


async def ask_cancel(session: AsyncSession, job: Job) -> None:
    """Cancel a job that waits at once; ask the run of one under way to stop."""
    still_open = update(Job).where(col(Job.id) == job.id, col(Job.state).in_(OPEN_JOB))
    await session.execute(still_open.values(cancel_asked=True))
    waiting = update(Job).where(col(Job.id) == job.id, col(Job.state) == JobState.QUEUED.value)
    ended = {"state": JobState.CANCELLED.value, "finished_at": func.clock_timestamp()}
    await session.execute(waiting.values(ended))
    await session.refresh(job)
    live.notice(session, live.person(job.employee_id), "job", job.id)


async def take(session: AsyncSession, job_id: UUID, path: str) -> Job | None:
    """Begin a run that will write `path`; None when the job is over, cancelled or in the hands of a living run."""
    if (await session.execute(_TAKE, {"id": job_id, "path": path})).first() is None:
        return None
    job = await session.get_one(Job, job_id)
    live.notice(session, live.person(job.employee_id), "job", job_id)
    return job


async def beat(session: AsyncSession, job: Job, done: int, total: int | None) -> bool | None:
    """Give a sign of life of a run; True when it is asked to stop, None when the job is no longer its own."""
    values = {"id": job.id, "path": job.file_path, "done": done, "total": total}
    asked: bool | None = (await session.execute(_BEAT, values)).scalar_one_or_none()
    if asked is not None:
        live.notice(session, live.person(job.employee_id), "job", job.id)
    return asked


async def end(session: AsyncSession, job: Job, state: JobState, error: str | None = None) -> bool:
    """End a run; False when the job was no longer its own."""
    own = update(Job).where(col(Job.id) == job.id, col(Job.state) == "running", col(Job.file_path) == job.file_path)
    values: dict[str, Any] = {"state": state.value, "error": error, "finished_at": func.clock_timestamp()}
    if state is not JobState.DONE:
        values["file_path"] = None
    ended = (await session.execute(own.values(values).returning(col(Job.id)))).first() is not None
    if ended:
        live.notice(session, live.person(job.employee_id), "job", job.id)
    return ended


async def count(session: AsyncSession, job: Job, counted: Mapping[Any, int]) -> None:
    """Keep what a run has counted so far, unless the job is another's by now: then nothing of this is written."""
    own = update(Job).where(col(Job.id) == job.id, col(Job.state) == "running", col(Job.file_path) == job.file_path)
    result = {str(name): number for name, number in counted.items()}
    if (await session.execute(own.values(result=result).returning(col(Job.id)))).first() is None:
        raise Superseded


async def list_over_imports(session: AsyncSession) -> Sequence[UUID]:
    """Return the imports that ended lately, however they did."""
    since = func.clock_timestamp() - timedelta(hours=2 * KEPT_HOURS)
    is_over = col(Job.state).not_in(OPEN_JOB)
    over = select(col(Job.id)).where(col(Job.kind) == JobKind.IMPORT.value, is_over, col(Job.created_at) > since)
    return (await session.execute(over)).scalars().all()


async def give_back(session: AsyncSession, job: Job) -> None:
    """Let another worker begin this run's job anew, at once."""
    own = update(Job).where(col(Job.id) == job.id, col(Job.state) == "running", col(Job.file_path) == job.file_path)
    values = {"state": "queued", "file_path": None, "done": 0, "alive_at": func.clock_timestamp()}
    if (await session.execute(own.values(values).returning(col(Job.id)))).first():
        send(session, job.id)


async def resend_silent(session: AsyncSession) -> int:
    """Send again the open jobs that show no sign of life: whoever had them is dead, or owns them no longer."""
    silent = (await session.execute(_SILENT)).scalars().all()
    for job_id in silent:
        send(session, job_id)
    return len(silent)


async def expire(session: AsyncSession) -> int:
    """Forget the files that were kept long enough; whoever keeps the files removes them."""
    return len((await session.execute(_EXPIRE)).all())


async def ask_cleaning(session: AsyncSession) -> None:
    """Leave word for those who keep the files that it is time to clean."""
    outbox.put(session, "documents", "run_job", {"clean": True})
