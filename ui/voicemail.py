"""«Голосовая почта»: the messages of citizens whom nobody answered, and those who ask to be called back."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from schemas.page import Place, Rows
from schemas.voicemail import LeftRow, VoicemailFilter, VoicemailPage
from services import journal, voicemail
from services.front import Front
from ui.language import gettext
from ui.render import fragment, page
from ui.session import UiFront, right
from ui.table import Column, TableQuery, TableView

router = APIRouter(include_in_schema=False)
MAY_LISTEN = [right("call.listen_voicemail")]
SECTION = {"section": "voicemails"}
LIVE = "pult:voicemails"
NEW, HEARD = "new", "heard"
Left = TypeVar("Left", bound=LeftRow)


@router.get("/voicemails", dependencies=MAY_LISTEN)
async def show_messages(request: Request, front: UiFront) -> HTMLResponse:
    columns = message_columns(await queues_of(front))
    query = TableQuery.read(request.query_params, columns)
    found = await voicemail.list_messages(front, filter_of(query), page_of(query))
    view = view_of("voicemails", query, columns, found)
    return page(request, "voicemail/messages.html", SECTION | {"view": view, "rows": found.rows})


@router.get("/callback-wishes", dependencies=MAY_LISTEN)
async def show_wishes(request: Request, front: UiFront) -> HTMLResponse:
    columns = wish_columns(await queues_of(front))
    query = TableQuery.read(request.query_params, columns)
    found = await voicemail.list_wishes(front, filter_of(query), page_of(query))
    view = view_of("callback-wishes", query, columns, found)
    return page(request, "voicemail/wishes.html", SECTION | {"view": view, "rows": found.rows})


@router.get("/voicemails/new", dependencies=MAY_LISTEN)
async def show_count(request: Request, front: UiFront) -> HTMLResponse:
    return fragment(request, "voicemail/_count.html", {"unheard": await voicemail.count_new(front)})


@router.get("/calls/{call_id}/voicemail", dependencies=MAY_LISTEN)
async def show_message(request: Request, front: UiFront, call_id: UUID) -> HTMLResponse:
    message = await voicemail.get_message(front, call_id)
    return fragment(request, "voicemail/_message.html", {"message": message, "play": str(uuid4())})


async def queues_of(front: Front) -> Sequence[tuple[str, str]]:
    return (await journal.get_choices(front)).queues


def message_columns(queues: Sequence[tuple[str, str]]) -> tuple[Column, ...]:
    heard = [(NEW, gettext("Новые")), (HEARD, gettext("Прослушанные"))]
    return (
        *who_columns(queues),
        Column("at", gettext("Время сообщения"), css="num"),
        Column("seconds", gettext("Длительность сообщения"), css="num"),
        Column("heard", gettext("Кто прослушал"), heard, css="rest"),
        Column("listen", gettext("Прослушать")),
    )


def wish_columns(queues: Sequence[tuple[str, str]]) -> tuple[Column, ...]:
    return (
        *who_columns(queues),
        Column("queued_at", gettext("Ждёт с"), css="num"),
        Column("at", gettext("Попросил перезвонить"), css="num"),
    )


def who_columns(queues: Sequence[tuple[str, str]]) -> tuple[Column, ...]:
    return (
        Column("number", gettext("Номер телефона")),
        Column("name", gettext("ФИО абонента"), css="text"),
        Column("queue", gettext("Очередь"), queues, css="text"),
    )


def filter_of(query: TableQuery) -> VoicemailFilter:
    """Return what the address asks for; both ticks of «Кто прослушал» are no condition."""
    heard = query.filters.get("heard", ())
    wanted = VoicemailFilter(
        queues=tuple(UUID(value) for value in query.filters.get("queue", ())),
        heard=HEARD in heard if len(heard) == 1 else None,
    )
    return wanted.searched(query.q) if query.q else wanted


def page_of(query: TableQuery) -> VoicemailPage:
    return VoicemailPage(after=Place.read(query.after), before=Place.read(query.before))


def view_of(name: str, query: TableQuery, columns: tuple[Column, ...], found: Rows[Left]) -> TableView:
    return TableView(name, f"/{name}", query, columns, found.next_after, found.prev_before, LIVE)
