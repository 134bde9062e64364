"""Documents that take their time: order, watch, cancel, fetch."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request
from fastapi.responses import FileResponse

from api.session import ApiFront, right
from schemas.job import JobView
from schemas.journal import JournalFilter
from services import job

router = APIRouter(prefix="/api/v1", tags=["job"])
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=100)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.post("/calls/export", status_code=202, operation_id="export_calls", dependencies=[right("call.export")])
async def export_calls(front: ApiFront, wanted: JournalFilter, key: Key) -> JobView:
    """Order an XLSX of the calls that the filter finds: an operator's own, a supervisor's all."""
    return await job.export_journal(front, wanted, key)


@router.get("/jobs/{job_id}", operation_id="get_job", dependencies=[right("job.read")])
async def get_job(front: ApiFront, job_id: UUID) -> JobView:
    """Return the state and the progress of a document."""
    return await job.get_job(front, job_id)


@router.delete("/jobs/{job_id}", operation_id="cancel_job", dependencies=[right("job.cancel")])
async def cancel_job(front: ApiFront, job_id: UUID) -> JobView:
    """Ask to stop; a document that is ready stays as it is."""
    return await job.cancel(front, job_id)


@router.get(
    "/jobs/{job_id}/file",
    operation_id="get_job_file",
    dependencies=[right("job.read")],
    response_class=FileResponse,
)
async def get_file(request: Request, front: ApiFront, job_id: UUID) -> FileResponse:
    """Return the document itself; it is kept for 24 hours."""
    found = await job.get_file(front, job_id)
    folder = request.app.state.settings.storage.path / "documents"
    return FileResponse(folder / found.path, media_type=XLSX, filename=found.name)
