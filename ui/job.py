"""Documents that take their time: an export in the toolbar of its list, with progress, cancel and the file."""

from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse

from schemas.errors import Refusal
from schemas.job import JobKind, JobView
from services import job, journal
from services.access import is_own_only
from services.front import Front
from ui.errors import words
from ui.journal import PERIOD, filter_of, journal_columns, period_of
from ui.language import choose_language
from ui.render import fragment, pages_of
from ui.session import UiFront, right
from ui.table import TableQuery

router = APIRouter(include_in_schema=False)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SLOTS = {
    JobKind.JOURNAL: ("journal", "/journal/export"),
    JobKind.SUBSCRIBERS: ("subscribers", "/subscribers/export"),
    JobKind.IMPORT: ("import", "/subscribers/import/progress"),
}
"""Where a document shows its progress: the name of the place, and the address that fills it."""


@router.get("/journal/export", dependencies=[right("call.export")])
async def show_export(request: Request, front: UiFront) -> HTMLResponse:
    return slot_of(request, JobKind.JOURNAL, await job.find_latest(front, JobKind.JOURNAL))


@router.post("/journal/export", dependencies=[right("call.export")])
async def export_journal(request: Request, front: UiFront) -> HTMLResponse:
    key = str((await request.form()).get("key", "")) or str(uuid4())
    language = choose_language(request.cookies.get("language"))
    try:
        ordered = await job.export_journal(front, await wanted_of(request, front), key, language)
    except Refusal as refusal:
        latest = await job.find_latest(front, JobKind.JOURNAL)
        return slot_of(request, JobKind.JOURNAL, latest, words(request, refusal), refusal.status)
    return slot_of(request, JobKind.JOURNAL, ordered, status=202)


@router.delete("/jobs/{job_id}", dependencies=[right("job.cancel")])
async def cancel(request: Request, front: UiFront, job_id: UUID) -> HTMLResponse:
    cancelled = await job.cancel(front, job_id)
    return slot_of(request, cancelled.kind, cancelled)


@router.get("/jobs/{job_id}/file", dependencies=[right("job.read")])
async def get_file(request: Request, front: UiFront, job_id: UUID) -> FileResponse:
    found = await job.get_file(front, job_id)
    folder = request.app.state.settings.storage.path / "documents"
    return FileResponse(folder / found.path, media_type=XLSX, filename=found.name)


async def wanted_of(request: Request, front: Front) -> Any:
    """Return the journal's filter as the address of its table says it."""
    columns = journal_columns(await journal.get_choices(front), is_own_only(front.actor, "call.list"))
    query = TableQuery.read(request.query_params, columns, PERIOD)
    return filter_of(query).model_copy(update=period_of(query, pages_of(request.app).zone))


def slot_of(
    request: Request, kind: JobKind, latest: JobView | None, refusal: str = "", status: int = 200
) -> HTMLResponse:
    """Return a list's piece: what is being made or was made, and the button with a key of its own."""
    slot, source = SLOTS[kind]
    context = {"job": latest, "refusal": refusal, "key": str(uuid4()), "query": request.url.query}
    template = "job/_import.html" if kind is JobKind.IMPORT else "job/_export.html"
    return fragment(request, template, context | {"slot": slot, "source": source}, status)
