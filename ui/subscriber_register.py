"""«Абоненты»: the register, searched outside of a call, and a card made by hand."""

from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from schemas.errors import Refusal
from schemas.job import JobKind
from schemas.subscriber import TYPE_WORDS, SubscriberType
from schemas.subscriber_register import RegisterFilter, RegisterPage, RegisterRows
from services import job
from services import subscriber_register as register
from services.access import may
from ui.errors import words
from ui.job import slot_of
from ui.language import choose_language, gettext
from ui.render import fragment, page
from ui.session import UiFront, right
from ui.subscriber import card_fields, refusal_of, refused, subscriber_of
from ui.table import Column, TableQuery, TableView

router = APIRouter(prefix="/subscribers", include_in_schema=False)


@router.get("", dependencies=[right("subscriber.list")])
async def show_register(request: Request, front: UiFront) -> HTMLResponse:
    query = TableQuery.read(request.query_params, columns())
    rows = await register.list_subscribers(front, filter_of(query), page_of(query))
    context = {"section": "subscribers", "tab": "register", "view": view_of(query, rows), "rows": rows.rows}
    acts = {"may_add": may(front.actor, "subscriber.add"), "may_export": may(front.actor, "subscriber.export")}
    return page(request, "subscriber/register.html", context | acts | {"type_words": TYPE_WORDS})


@router.get("/new", dependencies=[right("subscriber.add")])
async def show_new(request: Request, front: UiFront) -> HTMLResponse:
    return add_dialog(request, card_fields(""))


@router.post("", dependencies=[right("subscriber.add")])
async def add_subscriber(request: Request, front: UiFront) -> Response:
    typed = {name: str(value) for name, value in (await request.form()).items()}
    try:
        added = await register.add_subscriber(front, subscriber_of(typed))
    except (Refusal, ValidationError) as error:
        return add_dialog(request, typed, refusal_of(error))
    return Response(status_code=204, headers={"HX-Redirect": f"/subscribers/{added.id}"})


@router.get("/export", dependencies=[right("subscriber.export")])
async def show_export(request: Request, front: UiFront) -> HTMLResponse:
    return slot_of(request, JobKind.SUBSCRIBERS, await job.find_latest(front, JobKind.SUBSCRIBERS))


@router.post("/export", dependencies=[right("subscriber.export")])
async def export_register(request: Request, front: UiFront) -> HTMLResponse:
    key = str((await request.form()).get("key", "")) or str(uuid4())
    wanted = filter_of(TableQuery.read(request.query_params, columns()))
    try:
        ordered = await register.export_register(front, wanted, key, choose_language(request.cookies.get("language")))
    except Refusal as refusal:
        latest = await job.find_latest(front, JobKind.SUBSCRIBERS)
        return slot_of(request, JobKind.SUBSCRIBERS, latest, words(request, refusal), refusal.status)
    return slot_of(request, JobKind.SUBSCRIBERS, ordered, status=202)


def columns() -> list[Column]:
    """Return the columns of the register."""
    types = [(one.value, gettext(word)) for one, word in TYPE_WORDS.items()]
    return [
        Column("name", gettext("ФИО или название"), css="rest"),
        Column("type", gettext("Тип абонента"), types),
        Column("birth_date", gettext("Дата рождения"), css="num"),
        Column("snils", gettext("СНИЛС")),
        Column("inn", gettext("ИНН")),
        Column("mobile_phone", gettext("Мобильный телефон")),
        Column("contact_phone", gettext("Контактный телефон")),
        Column("region", gettext("Регион"), css="text"),
        Column("last_call", gettext("Последний звонок"), css="num"),
    ]


def filter_of(query: TableQuery) -> RegisterFilter:
    """Return what the address asks for."""
    wanted = RegisterFilter(types=tuple(SubscriberType(value) for value in query.filters.get("type", ())))
    return wanted.searched(query.q) if query.q else wanted


def page_of(query: TableQuery) -> RegisterPage:
    return RegisterPage(after=card_id(query.after), before=card_id(query.before))


def card_id(text: str) -> UUID | None:
    """Return the card that an address names; one that was tampered with names none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def view_of(query: TableQuery, rows: RegisterRows) -> TableView:
    return TableView("subscribers", "/subscribers", query, columns(), rows.next_after, rows.prev_before)


def add_dialog(request: Request, typed: dict[str, Any], refusal: Refusal | None = None) -> HTMLResponse:
    context = {"fields": typed, **refused(request, refusal)}
    return fragment(request, "subscriber/_add.html", context, refusal.status if refusal else 200)
