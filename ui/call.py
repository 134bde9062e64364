"""A call's card and the dialog «Завершение обслуживания»."""

from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from schemas.call import ENDS, OUTCOME_WORDS, STAGE_WORDS, CallStage, CallView, Completion
from schemas.call_order import STILL_TALKING
from schemas.desk import DeskStatus, DeskView
from schemas.errors import Busy, Conflict, Refusal
from schemas.subscriber import Caller
from schemas.timeline import EVENT_WORDS
from services import call as calls
from services import call_filling as filling
from services import desk, draft, journal, message, number_mark, recording, subscriber, subscriber_card, voicemail
from services.front import Front
from ui.call_clock import clock_of, limit_of
from ui.errors import fields, words
from ui.journal import filter_of, history_columns, is_for, page_of, view_of
from ui.language import gettext
from ui.render import dom_id, fragment, news, page
from ui.session import UiFront, right
from ui.subscriber import card_fields, options, refusal_of
from ui.table import TableQuery

router = APIRouter(include_in_schema=False)

WORK, BREAK = "work", "break"
MOST_REASONS = 20
NOTHING_TYPED = {"reasons": [], "comment": "", "postponed": False, "after": ""}
NO_REASON = "Выберите хотя бы одну причину звонка."


@router.get("/calls/{call_id}", dependencies=[right("call.read")])
async def show_call(request: Request, front: UiFront, call_id: UUID) -> HTMLResponse:
    call = await calls.get_call(front, call_id)
    caller = await subscriber.get_caller(front, call)
    if is_for(request, "history"):
        return fragment(request, "call/_history.html", await history(request, front, call, caller))
    context = await card(request, front, call, caller)
    if is_for(request, dom_id(call, "card")):
        return fragment(request, "call/_card.html", context)
    await note_opened(front, call, caller)
    return page(request, "call/card.html", {"section": "journal", **context})


@router.get("/calls/{call_id}/process", dependencies=[right("call.read")])
async def show_process(request: Request, front: UiFront, call_id: UUID, shown: str = "") -> HTMLResponse:
    """Return what the process waits for; a card drawn a moment before a change hears here that it is behind."""
    process = await calls.show_process(front, call_id)
    answer = fragment(request, "call/_process.html", {"call_id": call_id, "process": process})
    if shown and shown != process.stage:
        answer.headers.update(news(f"pult:call-{call_id}"))
    return answer


@router.post("/calls/{call_id}/draft", dependencies=[right("call.finish")])
async def save_draft(request: Request, front: UiFront, call_id: UUID) -> Response:
    """Keep what is typed; the button of the card then opens the dialog with it."""
    typed = typed_of(await request.form())
    await require_mine(front, call_id)
    await draft.save_completion(front, call_id, typed)
    if not request.headers.get("hx-request"):
        return Response(status_code=204)
    await require_talk_over(front, call_id)
    return await completion_dialog(request, front, call_id, typed)


@router.get("/calls/{call_id}/completion", dependencies=[right("call.finish")])
async def show_completion(request: Request, front: UiFront, call_id: UUID) -> HTMLResponse:
    await require_mine(front, call_id)
    await require_talk_over(front, call_id)
    return await completion_dialog(request, front, call_id, await draft.find_completion(front, call_id))


@router.post("/calls/{call_id}/completion", dependencies=[right("call.finish")])
async def finish_service(request: Request, front: UiFront, call_id: UUID) -> Response:
    form = await request.form()
    try:
        await finish(front, call_id, await completion_of(front, form))
    except Busy:
        raise  # the page repeats the same key until there is an answer
    except (Refusal, ValidationError) as error:
        return await completion_dialog(request, front, call_id, typed_of(form) | key_of(form), refusal_of(error))
    await draft.drop_completion(front, call_id)
    return Response(status_code=204, headers=news(f"pult:call-{call_id}", "pult:calls", "pult:desk", close_dialog=True))


async def card(request: Request, front: Front, call: CallView, caller: Caller) -> dict[str, Any]:
    """Return all that the card shows; what the process waits for comes by itself, it may be slow."""
    typed = await draft.find_completion(front, call.id) if call.is_mine else {}
    return {
        "call": call,
        "caller": caller,
        "is_over": call.stage in ENDS,
        "is_recorded": bool(await recording.list_recorded(front, [call.id])),
        "has_message": bool(await voicemail.list_left(front, [call.id])),
        "may_message": await message.may_send(front, call.id),
        "not_connected": message.list_not_connected(request.app.state.channels),
        "may_fill": not call.is_mine and await filling.may_fill(front, call.id),
        "stage_words": STAGE_WORDS,
        "outcome_words": OUTCOME_WORDS,
        "event_words": EVENT_WORDS,
        "number": await number_mark.tell(front, call),
        **clock_of(call, front.actor.full_name, front.zone),
        "events": await calls.list_events(front, call.id),
        "open_items": await subscriber_card.list_open_of_caller(front, call, caller),
        "whose": whose_of(call, caller),
        "is_hidden": caller.is_masked and caller.subscriber is not None,
        "reasons": await reasons_of(front) if call.is_mine else (),
        "typed": NOTHING_TYPED | typed,
        "fields": card_fields(call.number),
        **options(),
        "errors": {},
        **await history(request, front, call, caller),
    }


def whose_of(call: CallView, caller: Caller) -> UUID | None:
    """Return the card whose tabs may be opened from the call."""
    return caller.subscriber.id if caller.subscriber is not None and not caller.is_masked and call.may_know else None


async def history(request: Request, front: Front, call: CallView, caller: Caller) -> dict[str, Any]:
    """Return the tab «Звонки»; of a caller who has not shown who he is, nothing but his number is known."""
    columns = history_columns(await journal.get_choices(front))
    query = TableQuery.read(request.query_params, columns)
    known = caller.subscriber is not None and not caller.is_masked
    whose = {"subscriber_id": call.subscriber_id} if known else {"numbers": (call.number,)}
    wanted = filter_of(query).model_copy(update=whose)
    rows = await journal.list_calls_of(front, wanted, page_of(query), caller.is_masked)
    return {"view": view_of("history", f"/calls/{call.id}", query, columns, rows), "rows": rows.rows}


async def note_opened(front: Front, call: CallView, caller: Caller) -> None:
    if caller.subscriber is not None and not caller.is_masked:
        await subscriber.note_opened(front, caller.subscriber.id, call.id)


async def finish(front: Front, call_id: UUID, typed: Completion) -> None:
    """Finish the service, or fill in what was closed without its reasons while the form was open."""
    is_late = await filling.may_fill(front, call_id) or await filling.was_filled(front, call_id, typed.key)
    await (filling.fill_service if is_late else calls.finish_service)(front, call_id, typed)


async def require_mine(front: Front, call_id: UUID) -> None:
    call = await calls.get_call(front, call_id)
    if not call.is_mine and not await filling.may_fill(front, call_id):
        raise Conflict("Обслуживание этого звонка уже завершено или его ведёт другой сотрудник.")


async def require_talk_over(front: Front, call_id: UUID) -> None:
    if (await calls.get_call(front, call_id)).stage is CallStage.TALKING:
        raise Conflict(STILL_TALKING)


async def reasons_of(front: Front) -> list[tuple[str, str]]:
    return [(str(reason.id), reason.name) for reason in await calls.list_reasons(front)]


async def completion_dialog(
    request: Request, front: Front, call_id: UUID, typed: dict[str, Any], refusal: Refusal | None = None
) -> HTMLResponse:
    """Return the dialog with what was typed; a refusal stands in it, with its true status."""
    errors = fields(request, refusal) if refusal else {}
    if "reasons" in errors and not typed.get("reasons"):
        errors["reasons"] = gettext(NO_REASON)
    after = typed.get("after") or after_of(await desk.get_desk(front))
    call = await calls.get_call(front, call_id)
    context = {
        "call_id": call_id,
        "is_late": not call.is_mine,
        "limit": limit_of(call),
        "key": typed.get("key") or str(uuid4()),
        "reasons": await reasons_of(front),
        "typed": NOTHING_TYPED | typed | {"after": after},
        "errors": errors,
        "refusal": words(request, refusal) if refusal and not errors else "",
    }
    return fragment(request, "call/_completion.html", context, refusal.status if refusal else 200)


async def completion_of(front: Front, form: FormData) -> Completion:
    """Return the order that the form gives; raise ValidationError when it is not one."""
    typed = typed_of(form)
    return Completion(
        key=str(form.get("key", "")),
        reasons=tuple(typed["reasons"]),
        comment=typed["comment"],
        postponed=typed["postponed"],
        next_status=next_status(typed["after"], await desk.get_desk(front)),
    )


def typed_of(form: FormData) -> dict[str, Any]:
    """Return what is typed in the card or in the dialog: both have the same fields."""
    return {
        "reasons": [str(value) for value in form.getlist("reasons")][:MOST_REASONS],
        "comment": str(form.get("comment", "")).replace("\x00", "").replace("\r\n", "\n"),
        "postponed": bool(form.get("postponed")),
        "after": str(form.get("after", "")) if form.get("after") in (WORK, BREAK) else "",
    }


def key_of(form: FormData) -> dict[str, str]:
    """Return the form's own key: what is refused is sent again under it."""
    return {"key": str(form.get("key", ""))}


def after_of(view: DeskView) -> str:
    """Return «По завершению обслуживания» as the state menu has it."""
    return BREAK if view.next_status is DeskStatus.BREAK else WORK


def next_status(after: str, view: DeskView) -> DeskStatus:
    """Return the state that the form asks for: «Продолжить работу» is the working state chosen last."""
    if after == BREAK:
        return DeskStatus.BREAK
    working = (DeskStatus.INCOMING, DeskStatus.OUTGOING)
    return next((status for status in (view.next_status, view.status) if status in working), DeskStatus.INCOMING)
