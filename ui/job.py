"""Documents that take their time: the journal's export in its toolbar, with progress, cancel and the file."""

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


@router.get("/journal/export", dependencies=[right("call.export")])
async def show_export(request: Request, front: UiFront) -> HTMLResponse:
    return export_of(request, await job.find_latest(front, JobKind.JOURNAL))


@router.post("/journal/export", dependencies=[right("call.export")])
async def export_journal(request: Request, front: UiFront) -> HTMLResponse:
    key = str((await request.form()).get("key", "")) or str(uuid4())
    language = choose_language(request.cookies.get("language"))
    try:
        ordered = await job.export_journal(front, await wanted_of(request, front), key, language)
    except Refusal as refusal:
        latest = await job.find_latest(front, JobKind.JOURNAL)
        return export_of(request, latest, words(request, refusal), refusal.status)
    return export_of(request, ordered, status=202)


@router.delete("/jobs/{job_id}", dependencies=[right("job.cancel")])
async def cancel(request: Request, front: UiFront, job_id: UUID) -> HTMLResponse:
    return export_of(request, await job.cancel(front, job_id))


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


def export_of(request: Request, latest: JobView | None, refusal: str = "", status: int = 200) -> HTMLResponse:
    """Return the toolbar's piece: what is being made or was made, and the button with a key of its own."""
    context = {"job": latest, "refusal": refusal, "key": str(uuid4()), "query": request.url.query}
    return fragment(request, "job/_export.html", context, status)
