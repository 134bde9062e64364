"""«Загрузка из файла»: subscribers from a table, the progress and the report of it, and an empty table."""

from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import UploadFile

from schemas.errors import Refusal
from schemas.job import JobKind
from services import job, subscriber_file
from services import subscriber_import as imports
from services.front import Front
from ui.errors import fields, words
from ui.job import XLSX, slot_of
from ui.language import choose_language
from ui.render import fragment, news, page
from ui.session import UiFront, right

router = APIRouter(prefix="/subscribers/import", include_in_schema=False)
IMPORT = [right("subscriber.import")]


@router.get("", dependencies=IMPORT)
async def show_import(request: Request, front: UiFront) -> HTMLResponse:
    return page(request, "subscriber/import.html", {"section": "subscribers", "tab": "import", **form()})


@router.post("", dependencies=IMPORT)
async def order_import(request: Request, front: UiFront) -> Response:
    try:
        await order(request, front)
    except Refusal as refusal:
        return fragment(request, "subscriber/_import.html", form(request, refusal), refusal.status)
    return fragment(request, "subscriber/_import.html", form(), headers=news("pult:job"))


@router.get("/progress", dependencies=IMPORT)
async def show_progress(request: Request, front: UiFront) -> HTMLResponse:
    return slot_of(request, JobKind.IMPORT, await job.find_latest(front, JobKind.IMPORT))


@router.get("/template", dependencies=IMPORT)
async def get_template() -> Response:
    headers = {"Content-Disposition": 'attachment; filename="subscribers-template.xlsx"'}
    return Response(subscriber_file.make_template(), media_type=XLSX, headers=headers)


async def order(request: Request, front: Front) -> None:
    """Order the import of the file that was sent; a form without one sends an empty file."""
    async with request.form(max_files=1) as sent:
        file, key = sent.get("file"), str(sent.get("key", "")) or str(uuid4())
        named = (file.filename or "", await file.read()) if isinstance(file, UploadFile) else ("", b"")
    language = choose_language(request.cookies.get("language"))
    await imports.order_import(front, request.app.state.objects, named, key, language)


def form(request: Request | None = None, refusal: Refusal | None = None) -> dict[str, object]:
    """Return the form with a key of its own, and why what was sent was refused."""
    errors = fields(request, refusal) if request and refusal else {}
    said = words(request, refusal) if request and refusal and not errors else ""
    most = {"most_rows": subscriber_file.MOST_ROWS, "most_mb": imports.LARGEST // 2**20}
    return {"key": str(uuid4()), "errors": errors, "refusal": said, **most}
