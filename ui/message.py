"""«Отправка SMS», «Отправка на эл. почту», the tab of what was sent, and the supervisor's list."""

from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from schemas.errors import Busy, NotFound, Refusal
from schemas.message import (
    CHANNEL_WORDS,
    LONGEST_SMS,
    MESSAGE_WORDS,
    MessageChannel,
    MessageState,
    SendMessage,
)
from schemas.message_list import MessageFilter, MessagePage, MessageRow
from schemas.message_template import Filled
from schemas.page import Place, Rows
from schemas.sentences import invalid
from services import call as calls
from services import journal, message, message_template, subscriber
from services.front import Front
from ui.errors import fields, words
from ui.journal import PERIOD, PeriodView, is_for, period_of
from ui.language import gettext
from ui.render import fragment, news, page, pages_of, phone
from ui.session import UiFront, right
from ui.table import Column, TableQuery

router = APIRouter(include_in_schema=False)
LIVE = "pult:messages"
SENT = {"sms": "SMS отправляется.", "email": "Письмо отправляется."}


@router.get("/calls/{call_id}/messages", dependencies=[right("message.read")])
async def show_of_call(request: Request, front: UiFront, call_id: UUID) -> HTMLResponse:
    call = await calls.get_call(front, call_id)
    caller = await subscriber.get_caller(front, call)
    rows = await message.list_of_card(front, call, caller, page_of(request))
    is_known = caller.subscriber is not None and not caller.is_masked
    awaited = "" if is_known else f"pult:call-{call_id}"
    return fragment(request, "message/_messages.html", shown(request, rows) | {"awaited": awaited})


@router.get("/subscribers/{subscriber_id}/messages", dependencies=[right("message.read")])
async def show_of_subscriber(request: Request, front: UiFront, subscriber_id: UUID) -> HTMLResponse:
    rows = await message.list_of_subscriber(front, subscriber_id, page_of(request))
    return fragment(request, "message/_messages.html", shown(request, rows))


@router.get("/calls/{call_id}/messages/form", dependencies=[right("message.send")])
async def show_form(
    request: Request, front: UiFront, call_id: UUID, channel: MessageChannel, field: str = ""
) -> HTMLResponse:
    return await form_dialog(request, front, call_id, {"channel": channel, "field": field})


@router.post("/calls/{call_id}/messages/form", dependencies=[right("message.send")])
async def fill_form(request: Request, front: UiFront, call_id: UUID) -> HTMLResponse:
    """Put a template into the form that is being typed; one that cannot be filled leaves it as it is."""
    typed = typed_of(await request.form())
    try:
        typed = with_template(typed, await filled_of(request, front, call_id, typed["template"]))
    except Refusal as refusal:
        return await form_dialog(request, front, call_id, typed | {"template": ""}, refusal)
    return await form_dialog(request, front, call_id, typed)


@router.post("/calls/{call_id}/messages", dependencies=[right("message.send")])
async def send_message(request: Request, front: UiFront, call_id: UUID) -> Response:
    typed = typed_of(await request.form())
    try:
        await message.send_message(front, call_id, message_of(typed), request.app.state.channels)
    except Busy:
        raise  # the page repeats the same key until there is an answer
    except Refusal as refusal:
        return await form_dialog(request, front, call_id, typed, refusal)
    said = gettext(SENT[typed["channel"]])
    return Response(status_code=204, headers=news("pult:message-sent", LIVE, toast=said, close_dialog=True))


@router.get("/messages", dependencies=[right("message.list")])
async def show_messages(request: Request, front: UiFront) -> HTMLResponse:
    columns = list_columns((await journal.get_choices(front)).employees)
    query = TableQuery.read(request.query_params, columns, PERIOD)
    wanted = filter_of(query).model_copy(update=period_of(query, pages_of(request.app).zone))
    place = MessagePage(size=50, after=Place.read(query.after), before=Place.read(query.before))
    rows = await message.list_messages(front, wanted, place)
    view = PeriodView("messages", "/messages", query, columns, rows.next_after, rows.prev_before, LIVE)
    context = {"view": view, "rows": rows.rows, "channel_words": CHANNEL_WORDS}
    if is_for(request, "messages"):
        return fragment(request, "message/_list.html", context)
    return page(request, "message/messages.html", {"section": "messages", **context})


@router.get("/messages/{message_id}", dependencies=[right("message.list")])
async def show_message(request: Request, front: UiFront, message_id: UUID) -> HTMLResponse:
    found = await message.get_message(front, message_id)
    return fragment(request, "message/_message.html", {"message": found, "channel_words": CHANNEL_WORDS})


async def form_dialog(
    request: Request, front: Front, call_id: UUID, typed: dict[str, Any], refusal: Refusal | None = None
) -> HTMLResponse:
    """Return the window with what was typed; a refusal stands in it, with its true status."""
    errors = fields(request, refusal) if refusal else {}
    call = await calls.get_call(front, call_id)
    channel = MessageChannel(typed.get("channel") or MessageChannel.SMS)
    addresses = await message.list_addresses(front, call, channel)
    chosen = typed.get("to") or await message.address_of(front, call, str(typed.get("field", "")))
    context = {
        "url": f"/calls/{call_id}/messages",
        "channel": channel,
        "not_connected": message.list_not_connected(request.app.state.channels).get(channel, ""),
        "addresses": [(one, phone(one)) for one in addresses],
        "most": LONGEST_SMS,
        "templates": await message_template.list_choices(front, channel),
        "typed": NOTHING_TYPED | typed | {"to": chosen or (addresses[0] if addresses else "")},
        "key": typed.get("key") or str(uuid4()),
        "errors": errors,
        "refusal": words(request, refusal) if refusal and not errors else "",
    }
    return fragment(request, "message/_form.html", context, refusal.status if refusal else 200)


NOTHING_TYPED = {"to": "", "subject": "", "text": "", "template": "", "filled": ""}


def typed_of(form: FormData) -> dict[str, str]:
    """Return what is typed; lines end as we keep them."""
    names = (*NOTHING_TYPED, "key", "channel")
    return {name: str(form.get(name, "")).replace("\x00", "").replace("\r\n", "\n") for name in names}


def message_of(typed: dict[str, str]) -> SendMessage:
    try:
        return SendMessage(**{name: typed[name] for name in SendMessage.model_fields})
    except ValidationError as error:
        raise invalid(error) from None


async def filled_of(request: Request, front: Front, call_id: UUID, template: str) -> Filled | None:
    """Return the chosen template filled from the card, nothing when none is chosen."""
    if not template:
        return None
    try:
        chosen = UUID(template)
    except ValueError:
        raise NotFound(message_template.NO_SUCH) from None
    name: str = request.app.state.settings.centre.name
    return await message_template.fill(front, call_id, chosen, name)


def with_template(typed: dict[str, str], filled: Filled | None) -> dict[str, str]:
    """Return the form with the template in the place of the one before; what was typed by hand stays above it."""
    if filled is None:
        return typed
    own = typed["text"].removesuffix(typed["filled"]) if typed["filled"] else typed["text"]
    text = f"{own.rstrip()}\n\n{filled.text}" if own.strip() else filled.text
    return typed | {"text": text, "subject": filled.subject or typed["subject"], "filled": filled.text}


def shown(request: Request, rows: Rows[MessageRow]) -> dict[str, Any]:
    """Return the tab: its own address, and the way to older ones."""
    return {"messages": rows, "url": request.url.path, "channel_words": CHANNEL_WORDS}


def page_of(request: Request) -> MessagePage:
    asked = request.query_params
    return MessagePage(after=Place.read(asked.get("after", "")), before=Place.read(asked.get("before", "")))


def list_columns(employees: Any) -> tuple[Column, ...]:
    channels = [(channel.value, gettext(CHANNEL_WORDS[channel])) for channel in MessageChannel]
    states = [(state.value, gettext(MESSAGE_WORDS[state])) for state in MessageState]
    return (
        Column("at", gettext("Время")),
        Column("channel", gettext("Канал"), channels),
        Column("to", gettext("Кому"), css="text"),
        Column("name", gettext("ФИО абонента"), css="text"),
        Column("text", gettext("Текст сообщения"), css="rest"),
        Column("sender", gettext("Отправитель"), employees, css="text"),
        Column("state", gettext("Состояние"), states),
    )


def filter_of(query: TableQuery) -> MessageFilter:
    """Return what the address asks for; the values were checked against the columns."""
    chosen = query.filters
    wanted = MessageFilter(
        states=tuple(MessageState(value) for value in chosen.get("state", ())),
        channels=tuple(MessageChannel(value) for value in chosen.get("channel", ())),
        senders=tuple(UUID(value) for value in chosen.get("sender", ())),
    )
    return wanted.searched(query.q) if query.q else wanted
