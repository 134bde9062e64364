"""«Метки номеров»: the list, the dialog that sets or changes a mark, and the same from a call's card."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeVar
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from schemas.errors import Invalid, Refusal
from schemas.number_mark import (
    MARK_END_WORDS,
    MARK_WORDS,
    NO_END,
    CallMark,
    EditMark,
    MarkFilter,
    MarkKind,
    MarkPage,
    MarkView,
    SetMark,
)
from schemas.page import Place, Rows
from schemas.phone import shown
from schemas.sentences import invalid
from services import number_mark as marks
from services.access import may
from services.front import Front
from ui.errors import fields, words
from ui.language import gettext
from ui.render import fragment, news, page, pages_of
from ui.session import UiFront, right
from ui.table import Column, TableQuery, TableView

router = APIRouter(include_in_schema=False)
MANAGE, SET = [right("number_mark.manage")], [right("number_mark.set")]
LIVE = "pult:marks"
HOLDS, OVER = "live", "over"
Mark = TypeVar("Mark", bound=EditMark)
TERMS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
BY_DATE, ENDLESS = "date", "endless"


@router.get("/number-marks", dependencies=MANAGE)
async def show_marks(request: Request, front: UiFront) -> HTMLResponse:
    query = TableQuery.read(request.query_params, columns())
    found = await marks.list_marks(front, filter_of(query), page_of(query))
    context = {"section": "subscribers", "tab": "marks", "view": view_of(query, found), "rows": found.rows}
    return page(request, "number_mark/marks.html", context | WORDS)


@router.get("/number-marks/new", dependencies=MANAGE)
async def show_new(request: Request, front: UiFront) -> HTMLResponse:
    return dialog(request, front, "/number-marks", {})


@router.post("/number-marks", dependencies=MANAGE)
async def set_mark(request: Request, front: UiFront) -> Response:
    typed = await typed_of(request)
    try:
        await marks.set_mark(front, read(SetMark, typed, front.zone, number=typed["number"]), typed["key"])
    except (Refusal, ValidationError) as error:
        return dialog(request, front, "/number-marks", typed, error)
    return saved(LIVE)


@router.get("/number-marks/{mark_id}", dependencies=MANAGE)
async def show_mark(request: Request, front: UiFront, mark_id: UUID) -> HTMLResponse:
    mark = await marks.get_mark(front, mark_id)
    return dialog(request, front, f"/number-marks/{mark_id}", fields_of(mark, front.zone))


@router.put("/number-marks/{mark_id}", dependencies=MANAGE)
async def edit_mark(request: Request, front: UiFront, mark_id: UUID) -> Response:
    typed = await typed_of(request)
    try:
        await marks.edit_mark(front, mark_id, read(EditMark, typed, front.zone), typed["key"])
    except (Refusal, ValidationError) as error:
        return dialog(request, front, f"/number-marks/{mark_id}", typed, error)
    return saved(LIVE)


@router.delete("/number-marks/{mark_id}", dependencies=MANAGE)
async def lift_mark(front: UiFront, mark_id: UUID) -> Response:
    await marks.lift_mark(front, mark_id)
    return saved(LIVE, toast=gettext("Метка снята."))


@router.get("/number-marks/{mark_id}/history", dependencies=MANAGE)
async def show_history(request: Request, front: UiFront, mark_id: UUID) -> HTMLResponse:
    return fragment(request, "number_mark/_history.html", {"rows": await marks.list_history(front, mark_id)} | WORDS)


@router.get("/calls/{call_id}/number-mark", dependencies=SET)
async def show_call_mark(request: Request, front: UiFront, call_id: UUID) -> HTMLResponse:
    number = await marks.get_number(front, call_id)
    return dialog(request, front, f"/calls/{call_id}/number-mark", {"number": shown(number)})


@router.post("/calls/{call_id}/number-mark", dependencies=SET)
async def mark_call(request: Request, front: UiFront, call_id: UUID) -> Response:
    typed = await typed_of(request)
    try:
        await marks.set_for_call(front, call_id, read(CallMark, typed, front.zone), typed["key"])
    except (Refusal, ValidationError) as error:
        return dialog(request, front, f"/calls/{call_id}/number-mark", typed, error)
    return saved(f"pult:call-{call_id}", toast=gettext("Номер отмечен."))


WORDS = {"mark_words": MARK_WORDS, "end_words": MARK_END_WORDS}


def columns() -> list[Column]:
    """Return the columns of the list."""
    kinds = [(kind.value, gettext(word)) for kind, word in MARK_WORDS.items()]
    states = [(HOLDS, gettext("Действует")), (OVER, gettext("Закончилась"))]
    return [
        Column("number", gettext("Номер телефона")),
        Column("kind", gettext("Метка"), kinds),
        Column("reason", gettext("Причина"), css="rest"),
        Column("set_by", gettext("Кто отметил"), css="text"),
        Column("set_at", gettext("Когда"), css="num"),
        Column("until", gettext("До"), css="num"),
        Column("state", gettext("Состояние"), states),
        Column("acts", gettext("Действия")),
    ]


def filter_of(query: TableQuery) -> MarkFilter:
    """Return what the address asks for; both ticks of «Состояние» are no condition."""
    states = query.filters.get("state", ())
    kinds = tuple(MarkKind(value) for value in query.filters.get("kind", ()))
    wanted = MarkFilter(kinds=kinds, live=HOLDS in states if len(states) == 1 else None)
    return wanted.searched(query.q) if query.q else wanted


def page_of(query: TableQuery) -> MarkPage:
    return MarkPage(after=Place.read(query.after), before=Place.read(query.before))


def view_of(query: TableQuery, found: Rows[MarkView]) -> TableView:
    newer, older = found.prev_before, found.next_after
    return TableView("number-marks", "/number-marks", query, columns(), older, newer, LIVE)


async def typed_of(request: Request) -> dict[str, str]:
    """Return the form as it is typed; one without a key gets one."""
    form = {name: str(value).replace("\x00", "").strip() for name, value in (await request.form()).items()}
    return {"number": "", **form, "key": form.get("key") or str(uuid4())}


def read(kind: type[Mark], typed: Mapping[str, str], zone: tzinfo, **more: str) -> Mark:
    """Return the mark that the form means."""
    chosen = typed.get("kind") or MarkKind.NUISANCE.value
    return kind(kind=chosen, reason=typed.get("reason", ""), until=until_of(typed, zone), **more)


def until_of(typed: Mapping[str, str], zone: tzinfo) -> datetime | None:
    """Return the end that the form asks for; a date is its last moment in the centre's zone."""
    term = typed.get("term", "")
    if term in TERMS:
        return datetime.now(UTC) + TERMS[term]
    if term == ENDLESS:
        return None
    try:
        day = date.fromisoformat(typed.get("date", ""))
        return datetime.combine(day, time(23, 59, 59), zone)
    except (ValueError, OverflowError):
        raise Invalid(fields={"until": NO_END if term != BY_DATE else "Укажите дату."}) from None


def fields_of(mark: MarkView, zone: tzinfo) -> dict[str, str]:
    """Return a mark as it stands in the fields of its form."""
    until = mark.until.astimezone(zone).date().isoformat() if mark.until else ""
    term = BY_DATE if until else ENDLESS
    return {"number": shown(mark.number), "kind": mark.kind, "reason": mark.reason, "term": term, "date": until}


def dialog(
    request: Request,
    front: Front,
    url: str,
    typed: Mapping[str, str],
    error: Refusal | ValidationError | None = None,
) -> HTMLResponse:
    """Return the dialog with what was typed; what was refused says why."""
    refusal = invalid(error) if isinstance(error, ValidationError) else error
    errors = fields(request, refusal) if refusal else {}
    context = {
        "url": url,
        "is_new": url == "/number-marks",
        "method": "put" if url.startswith("/number-marks/") else "post",
        "typed": {"kind": MarkKind.NUISANCE.value, "term": "week", "key": str(uuid4()), **typed},
        "kinds": [(kind.value, gettext(word)) for kind, word in MARK_WORDS.items()],
        "terms": terms(may(front.actor, "number_mark.manage")),
        "errors": errors,
        "refusal": words(request, refusal) if refusal and not errors else "",
        "today": datetime.now(pages_of(request.app).zone).date().isoformat(),
    }
    return fragment(request, "number_mark/_form.html", context, refusal.status if refusal else 200)


def terms(may_be_endless: bool) -> list[tuple[str, str]]:
    """Return how long a mark may hold."""
    said = {"day": "На сутки", "week": "На неделю", "month": "На месяц", BY_DATE: "До даты"}
    if may_be_endless:
        said |= {ENDLESS: "Бессрочно"}
    return [(term, gettext(word)) for term, word in said.items()]


def saved(event: str, toast: str | None = None) -> Response:
    return Response(status_code=204, headers=news(event, toast=toast, close_dialog=True))
