"""The timeline of a call as a PDF: printable, in words, with its fonts inside."""

import asyncio
import threading
from pathlib import Path
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from schemas.call import STAGE_WORDS
from schemas.errors import Refusal
from schemas.timeline import EVENT_WORDS
from services import timeline
from ui.render import pages_of
from ui.session import UiFront, right

router = APIRouter(include_in_schema=False)


class NotPrintable(Refusal):
    """The server lacks the libraries that PDF needs."""

    code, status = "not_printable", 503
    sentence = "На сервере нет библиотек для PDF. Сообщите администратору: их назовёт команда pult doctor."


FONTS = ("cyrillic", "cyrillic-ext", "latin", "latin-ext")
# A page costs up to a tenth of a second of one core: papers are printed one after another.
printing = threading.Lock()


@router.get("/calls/{call_id}/timeline.pdf", dependencies=[right("call.read")])
async def print_timeline(request: Request, front: UiFront, call_id: UUID) -> Response:
    paper = await timeline.print_timeline(front, call_id)
    pages = pages_of(request.app)
    words = {"events": EVENT_WORDS, "stages": STAGE_WORDS}
    context = {"paper": paper, "words": words, "fonts": fonts(pages.dist), "centre": request.app.state.settings.centre}
    document = await asyncio.to_thread(printed, pages.render(request, "call/timeline_pdf.html", context), pages.dist)
    name = f"timeline-{paper.call.started_at:%Y%m%d-%H%M%S}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(document, media_type="application/pdf", headers=headers)


def fonts(dist: Path) -> dict[str, str]:
    """Return the built files of each script.

    They come apart by script under one family name; WeasyPrint would mix their glyphs, so each gets a name of its own.
    """
    found = {script: sorted(dist.glob(f"golos-text-{script}-wght-normal-*.woff2")) for script in FONTS}
    return {script: files[-1].as_uri() for script, files in found.items() if files}


def printed(html: str, folder: Path) -> bytes:
    """Return the PDF; nothing but files is ever fetched for it."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:  # pango and its friends are libraries of the system
        raise NotPrintable from error
    with printing:
        document: bytes = HTML(
            string=html, base_url=folder.as_uri(), url_fetcher=URLFetcher(allowed_protocols={"file"})
        ).write_pdf()
    return document
