"""Documents that take their time: ordered, watched, cancelled and fetched by the one who ordered them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from schemas.base import id_from
from schemas.errors import Conflict, Invalid, NotFound
from schemas.job import JobFile, JobKind, JobState, JobView
from schemas.journal import CHANNEL_WORDS, RESULT_WORDS, Choices, JournalFilter
from services import access, journal
from services.front import Front
from store import audit, job
from store.job import Job

MOST_OPEN = 3


async def export_journal(front: Front, wanted: JournalFilter, key: str, language: str = "ru") -> JobView:
    """Order the journal of calls, narrowed as the asker sees it, as an XLSX; the same key is the same order."""
    access.require(front.actor, "call.export")
    params = {
        "filter": wanted.model_dump(mode="json"),
        "own": access.is_own_only(front.actor, "call.export"),
        "conditions": [list(pair) for pair in conditions(wanted, await journal.get_choices(front))],
        "language": language,
        "by": front.actor.full_name,
    }
    order = {"kind": JobKind.JOURNAL.value, "params": params, "file_name": "journal.xlsx"}
    return view(await place(front, id_from("job", front.actor.employee_id, key), order))


async def place(front: Front, job_id: UUID, order: dict[str, Any]) -> Job:
    """Write the order once; refuse one more than a person may have at a time."""
    known = await job.find(front.session, job_id, front.actor.employee_id)
    if known and known.params != order["params"]:
        raise Invalid("Этот ключ уже использован для другого запроса.")
    if known:
        return known
    if await job.count_open(front.session, front.actor.employee_id) >= MOST_OPEN:
        raise Conflict("Уже готовятся другие файлы. Дождитесь их или отмените.")
    note(front, "order", job_id, kind=order["kind"], conditions=order["params"]["conditions"])
    return await job.add(front.session, job_id, front.actor.employee_id, order)


async def get_job(front: Front, job_id: UUID) -> JobView:
    """Return a job of the asker."""
    return view(await own(front, "job.read", job_id))


async def find_latest(front: Front, kind: JobKind) -> JobView | None:
    """Return the asker's newest job of a kind."""
    access.require(front.actor, "job.read")
    found = await job.find_latest(front.session, front.actor.employee_id, kind)
    return view(found) if found else None


async def cancel(front: Front, job_id: UUID) -> JobView:
    """Ask a job to stop; one that is over stays as it is."""
    mine = await own(front, "job.cancel", job_id)
    await job.ask_cancel(front.session, mine)
    return view(mine)


async def get_file(front: Front, job_id: UUID) -> JobFile:
    """Return where the document of a finished job lies."""
    mine = await own(front, "job.read", job_id)
    if mine.state != JobState.DONE or not mine.file_path:
        raise NotFound("Файла нет: он ещё не готов или срок его хранения истёк.")
    note(front, "fetch", job_id, kind=mine.kind)
    return JobFile(path=mine.file_path, name=mine.file_name or mine.file_path)


def note(front: Front, verb: str, job_id: UUID, **details: Any) -> None:
    """Record that personal data leave the house: who asked for them, what for, who took them."""
    audit.record(front.session, front.actor.employee_id, ("job", verb), job_id, **details)


async def own(front: Front, verb: str, job_id: UUID) -> Job:
    """Return a job of the asker; another's is not there for him."""
    access.require(front.actor, verb)
    found = await job.find(front.session, job_id, front.actor.employee_id)
    if found is None:
        raise NotFound
    return found


def view(row: Job) -> JobView:
    """Return a job as its owner sees it."""
    return JobView(
        id=row.id,
        kind=JobKind(row.kind),
        state=JobState(row.state),
        done=row.done,
        total=row.total,
        file_name=row.file_name or "",
        error=row.error,
        is_cancelling=row.cancel_asked,
        result=row.result or {},
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def conditions(wanted: JournalFilter, choices: Choices) -> Iterator[tuple[str, str]]:
    """Yield what narrowed the journal as pairs of words; the first of each pair is a gettext msgid."""
    ticked = {
        "Тип канала": [CHANNEL_WORDS[channel] for channel in wanted.channels],
        "Причина звонка": names(wanted.reasons, choices.reasons),
        "Очередь": names(wanted.queues, choices.queues),
        "Оператор": names(wanted.employees, choices.employees),
        "Результат": [RESULT_WORDS[result] for result in wanted.results],
        "Поиск": [wanted.name] if wanted.name else list(wanted.numbers[:1]),
    }
    yield from ((label, "; ".join(words)) for label, words in ticked.items() if words)
    if wanted.postponed is not None:
        yield "Отложен", "Да" if wanted.postponed else "Нет"


def names(chosen: tuple[UUID, ...], known: tuple[tuple[str, str], ...]) -> list[str]:
    words = dict(known)
    return [words[str(one)] for one in chosen if str(one) in words]
