"""«Очереди»: the list and the page of a queue, for the administrator."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from schemas.calendar import DAY_WORDS, written_spans
from schemas.desk import STATUS_WORDS, DeskStatus
from schemas.errors import Refusal
from schemas.queue_settings import QueueSettings, QueueView
from services import queue as queues
from services.front import Front
from ui.errors import fields, words
from ui.language import gettext
from ui.queue_form import TypedQueue, is_member, version_of
from ui.render import fragment, news, page
from ui.session import UiFront, right
from ui.table import Column, TableQuery, TableView

router = APIRouter(prefix="/queues", include_in_schema=False)
MANAGE = [right("queue.manage")]
IN_USE, ARCHIVED = "live", "archived"
LIVE = "pult:queue"


@router.get("", dependencies=MANAGE)
async def show_queues(request: Request, front: UiFront) -> HTMLResponse:
    columns = list_columns()
    query = TableQuery.read(request.query_params, columns)
    chosen = query.filters.get("state", (IN_USE,))
    rows = await queues.list_queues(front, query.q, tuple(state == ARCHIVED for state in chosen))
    view = TableView("queues", "/queues", query, columns, live=LIVE)
    return page(
        request, "queue/queues.html", {"section": "queues", "view": view, "rows": rows, "written": written_spans}
    )


@router.get("/new", dependencies=MANAGE)
async def show_new(request: Request, front: UiFront) -> HTMLResponse:
    typed = TypedQueue.of(QueueSettings.model_construct(name=""))
    return page(request, "queue/queue.html", await form(request, front, typed))


@router.get("/special-day", dependencies=MANAGE)
async def show_special_day(request: Request) -> HTMLResponse:
    return fragment(request, "queue/_special_day.html", {})


@router.get("/{queue_id}", dependencies=MANAGE)
async def show_queue(request: Request, front: UiFront, queue_id: UUID) -> HTMLResponse:
    view = await queues.get_queue(front, queue_id)
    return page(request, "queue/queue.html", await form(request, front, TypedQueue.of(view), view))


@router.post("", dependencies=MANAGE)
async def create_queue(request: Request, front: UiFront) -> Response:
    typed = TypedQueue.read(await request.form())
    try:
        created = await queues.create_queue(front, typed.settings())
    except Refusal as refusal:
        return await refused(request, front, typed, None, refusal)
    return Response(status_code=204, headers={"HX-Redirect": f"/queues/{created.id}"})


@router.put("/{queue_id}", dependencies=MANAGE)
async def save_queue(request: Request, front: UiFront, queue_id: UUID) -> Response:
    sent = await request.form()
    typed, view = TypedQueue.read(sent), await queues.get_queue(front, queue_id)
    try:
        saved = await queues.save_queue(front, queue_id, version_of(sent), typed.settings())
    except Refusal as refusal:
        return await refused(request, front, typed, view.model_copy(update={"version": version_of(sent)}), refusal)
    return fresh(request, await form(request, front, TypedQueue.of(saved), saved), gettext("Очередь сохранена."))


@router.put("/{queue_id}/archive", dependencies=MANAGE)
async def archive_queue(request: Request, front: UiFront, queue_id: UUID) -> Response:
    await queues.archive_queue(front, queue_id)
    return Response(status_code=204, headers={"HX-Redirect": f"/queues/{queue_id}"})


@router.delete("/{queue_id}/archive", dependencies=MANAGE)
async def restore_queue(request: Request, front: UiFront, queue_id: UUID) -> Response:
    await queues.restore_queue(front, queue_id)
    return Response(status_code=204, headers={"HX-Redirect": f"/queues/{queue_id}"})


async def form(
    request: Request, front: Front, typed: TypedQueue, view: QueueView | None = None, refusal: Refusal | None = None
) -> dict[str, Any]:
    """Return all that the page of a queue shows; what was refused stays as it was typed."""
    errors = fields(request, refusal) if refusal else {}
    candidates = await queues.list_candidates(front, view.id if view else None)
    return {
        "section": "queues",
        "queue": view,
        "typed": typed,
        # Who serves the queue stands first.
        "candidates": sorted(candidates, key=lambda one: not is_member(typed, one.id)),
        "days": [(day, gettext(word)) for day, word in DAY_WORDS.items()],
        "after_lapse": [("", gettext("Прежнее состояние")), *after_lapse()],
        "errors": errors,
        "refusal": words(request, refusal) if refusal and not errors else "",
    }


async def refused(
    request: Request, front: Front, typed: TypedQueue, view: QueueView | None, refusal: Refusal
) -> HTMLResponse:
    context = await form(request, front, typed, view, refusal)
    return fragment(request, "queue/_form.html", context, refusal.status)


def fresh(request: Request, context: dict[str, Any], said: str) -> HTMLResponse:
    return fragment(request, "queue/_form.html", context, headers=news(toast=said))


def after_lapse() -> list[tuple[str, str]]:
    return [(one.value, gettext(STATUS_WORDS[one])) for one in (DeskStatus.INCOMING, DeskStatus.BREAK)]


def list_columns() -> list[Column]:
    states = ((IN_USE, gettext("Работает")), (ARCHIVED, gettext("В архиве")))
    return [
        Column("name", gettext("Название"), css="rest"),
        Column("numbers", gettext("Номера")),
        Column("hours", gettext("Часы работы сегодня")),
        Column("members", gettext("Сотрудники"), css="num"),
        Column("waiting", gettext("Ждут сейчас"), css="num"),
        Column("priority", gettext("Приоритет"), css="num"),
        Column("ring", gettext("Звонок у оператора, с"), css="num"),
        Column("state", gettext("Состояние"), states),
    ]
