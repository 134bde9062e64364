"""Subscribers from a file."""

from fastapi import APIRouter, Request, UploadFile

from api.job import Key
from api.session import ApiFront, right
from schemas.job import JobView
from services import subscriber_import as imports

router = APIRouter(prefix="/api/v1", tags=["subscriber"])


@router.post(
    "/subscribers/import",
    status_code=202,
    operation_id="import_subscribers",
    dependencies=[right("subscriber.import")],
)
async def import_subscribers(request: Request, front: ApiFront, file: UploadFile, key: Key) -> JobView:
    """Order the import of a table, XLSX or CSV; the job's file is a report, its `result` counts the rows."""
    sent = (file.filename or "", await file.read())
    return await imports.order_import(front, request.app.state.objects, sent, key)
