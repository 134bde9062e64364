"""Documents: one run of a job from its taking to its end, with signs of life, progress and an ear for «stop»."""

import asyncio
import contextlib
import errno
import logging
import secrets
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from schemas.job import BROKEN, NO_ROOM, JobKind, JobState
from store import job
from store.job import Job
from worker import document_import, document_journal, document_register
from worker.document_means import Means, Progress, Refused

BEAT = 0.5
KEPT_SECONDS = job.KEPT_HOURS * 3600
shutting_down = threading.Event()
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    state: JobState
    error: str | None = None


Write = Callable[[Means, Job, Path, Progress], Awaitable[None]]
Forget = Callable[[Means, Job], Awaitable[None]]
KINDS: dict[str, Write] = {
    JobKind.JOURNAL.value: document_journal.write,
    JobKind.SUBSCRIBERS.value: document_register.write,
    JobKind.IMPORT.value: document_import.write,
}
LEFT: dict[str, Forget] = {JobKind.IMPORT.value: document_import.forget}
"""What a job that is over leaves behind, besides its file."""


async def make(means: Means, job_id: str) -> None:
    """Make the document of a job, unless it is over or in the hands of a living run."""
    name = secrets.token_hex(16)
    async with means.database.transaction() as session:
        row = await job.take(session, UUID(job_id), name)
    if row is None:
        return
    means.folder.mkdir(parents=True, exist_ok=True)
    path = means.folder / name
    progress = Progress()
    work = asyncio.ensure_future(KINDS[row.kind](means, row, path, progress))
    try:
        outcome = await watch(means, row, work, progress)
    except (SQLAlchemyError, OSError) as error:
        outcome = trouble_of(error)
    if not (outcome and await end(means, row, outcome)):
        path.unlink(missing_ok=True)
    if outcome and row.kind in LEFT:
        await LEFT[row.kind](means, row)


async def watch(means: Means, row: Job, work: asyncio.Future[None], progress: Progress) -> Outcome | None:
    """Wait for the work, giving signs of life; None when the job is another's or was given back."""
    while not work.done():
        await asyncio.wait({work}, timeout=BEAT)
        async with means.database.transaction() as session:
            stop = await job.beat(session, row, progress.done, progress.total)
            if shutting_down.is_set() and not work.done():
                await job.give_back(session, row)
                stop = None
        if stop is not False and not work.done():
            await give_up(work)
            return Outcome(JobState.CANCELLED) if stop else None
    return outcome_of(work)


async def give_up(work: asyncio.Future[None]) -> None:
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await work


def outcome_of(work: asyncio.Future[None]) -> Outcome | None:
    """Return what a finished work came to."""
    try:
        work.result()
    except Refused as refused:
        return Outcome(JobState.FAILED, str(refused))
    except (SQLAlchemyError, OSError) as error:
        return trouble_of(error)
    except Exception:
        log.exception("job.broken")
        return Outcome(JobState.FAILED, BROKEN)
    return Outcome(JobState.DONE)


def trouble_of(error: Exception) -> Outcome | None:
    """A full disk is told; a database out of reach leaves the job silent, and the relay sends it again."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Outcome(JobState.FAILED, NO_ROOM)
    log.warning("job.interrupted", extra={"error": type(error).__name__})
    return None


async def end(means: Means, row: Job, outcome: Outcome) -> bool:
    """Write the end of a run; return whether its file is to be kept."""
    async with means.database.transaction() as session:
        ended = await job.end(session, row, outcome.state, outcome.error)
    return ended and outcome.state is JobState.DONE


async def clean(means: Means) -> None:
    """Forget the files that were kept long enough, then remove them and what dead runs left behind."""
    await document_import.clean(means)
    async with means.database.transaction() as session:
        await job.expire(session)
    for path in means.folder.glob("*"):
        if path.stat().st_mtime < time.time() - KEPT_SECONDS - 3600:
            path.unlink(missing_ok=True)
