"""Subscribers' cards: opened, filled in, chosen for a call, confirmed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from schemas.errors import Invalid, Refusal
from schemas.phone import shown
from schemas.sentences import invalid
from schemas.subscriber import FIELD_WORDS, TYPE_WORDS, SaveSubscriber, SubscriberType, SubscriberView, has_field
from schemas.subscriber_change import Merged, Overtaken, changes_between, differences
from schemas.subscriber_region import REGIONS
from schemas.subscriber_zone import ZONES
from services import journal, subscriber, subscriber_card, subscriber_history
from services.front import Front
from ui.errors import fields, words
from ui.journal import filter_of, history_columns, is_for, page_of, view_of
from ui.language import gettext
from ui.render import fragment, news, page
from ui.session import UiFront, right
from ui.table import TableQuery

router = APIRouter(include_in_schema=False)

TEXTS = tuple(name for name in FIELD_WORDS if name not in ("type", "birth_date"))
SPELLED = ("snils", "contact_phone", "mobile_phone")
MOBILE = "+79"


@router.get("/subscribers/{subscriber_id}", dependencies=[right("subscriber.read")])
async def show_subscriber(request: Request, front: UiFront, subscriber_id: UUID) -> Response:
    try:
        found = await subscriber.get_subscriber(front, subscriber_id)
    except Merged as merged:
        return RedirectResponse(f"/subscribers/{merged.subscriber_id}", 303)
    context = {"section": "subscribers", "subscriber": found, **await history(request, front, subscriber_id)}
    if is_for(request, "history"):
        return fragment(request, "call/_history.html", context)
    if not is_for(request, "subscriber-card"):  # the open card redraws itself: nobody opens it anew
        await subscriber.note_opened(front, subscriber_id)
    return page(request, "subscriber/card.html", context | await beside(front, found))


@router.get("/subscribers/{subscriber_id}/form", dependencies=[right("subscriber.save")])
async def show_form(request: Request, front: UiFront, subscriber_id: UUID) -> HTMLResponse:
    found = await subscriber.get_subscriber(front, subscriber_id)
    return form_dialog(request, subscriber_id, {"version": found.version, **saved_fields(found)})


@router.post("/subscribers/{subscriber_id}", dependencies=[right("subscriber.save")])
async def save_subscriber(request: Request, front: UiFront, subscriber_id: UUID) -> Response:
    typed = {name: str(value) for name, value in (await request.form()).items()}
    try:
        version = int(typed["version"]) if typed.get("version", "").isdecimal() else 0
        await subscriber.save_subscriber(front, subscriber_id, version, subscriber_of(typed))
    except Overtaken as overtaken:
        return second_dialog(request, subscriber_id, typed, overtaken)
    except (Refusal, ValidationError) as error:
        return form_dialog(request, subscriber_id, typed, refusal_of(error))
    return saved(f"pult:subscriber-{subscriber_id}")


@router.post("/calls/{call_id}/subscriber", dependencies=[right("subscriber.save")])
async def add_for_call(request: Request, front: UiFront, call_id: UUID) -> Response:
    typed = {name: str(value) for name, value in (await request.form()).items()}
    try:
        await subscriber.add_for_call(front, call_id, subscriber_of(typed))
    except (Refusal, ValidationError) as error:
        refusal = refusal_of(error)
        context = {"call_id": call_id, "fields": typed, **refused(request, refusal)}
        return fragment(request, "subscriber/_new.html", context, refusal.status)
    return saved(f"pult:call-{call_id}")


@router.put("/calls/{call_id}/subscriber", dependencies=[right("subscriber.save")])
async def choose_for_call(request: Request, front: UiFront, call_id: UUID) -> Response:
    try:
        chosen = UUID(str((await request.form()).get("subscriber_id", "")))
    except ValueError:
        chosen = call_id  # no card has a call's id: refused in words like any other stranger
    await subscriber.choose_for_call(front, call_id, chosen)
    return saved(f"pult:call-{call_id}")


@router.post("/calls/{call_id}/confirmation", dependencies=[right("subscriber.read")])
async def confirm_caller(front: UiFront, call_id: UUID) -> Response:
    await subscriber.confirm_caller(front, call_id)
    return saved(f"pult:call-{call_id}")


async def beside(front: Front, found: SubscriberView) -> dict[str, Any]:
    """Return what the page of a card shows beside its fields."""
    open_items = await subscriber_card.list_open(front, found)
    return {"whose": found.id, "open_items": open_items, "may_merge": subscriber.may_merge(front)}


async def history(request: Request, front: Front, subscriber_id: UUID) -> dict[str, Any]:
    columns = history_columns(await journal.get_choices(front))
    query = TableQuery.read(request.query_params, columns)
    wanted = filter_of(query).model_copy(update={"subscriber_id": subscriber_id})
    rows = await journal.list_calls_of(front, wanted, page_of(query))
    return {"view": view_of("history", f"/subscribers/{subscriber_id}", query, columns, rows), "rows": rows.rows}


def card_fields(number: str) -> dict[str, str]:
    """Return the empty card of an unknown number: the number stands where it belongs (R153)."""
    return {
        "type": SubscriberType.PERSON.value,
        "mobile_phone" if number.startswith(MOBILE) else "contact_phone": shown(number),
    }


def saved_fields(found: SubscriberView) -> dict[str, str]:
    """Return the card as it stands in the fields of its form."""
    values = {name: in_form(name, getattr(found, name)) for name in TEXTS}
    return {**values, "type": found.type.value, "birth_date": found.birth_date.isoformat() if found.birth_date else ""}


def in_form(name: str, value: str | None) -> str:
    """Return a kept value as it stands in its field: numbers as people write them."""
    return subscriber_history.shown(name, value) or "" if name in SPELLED else value or ""


def subscriber_of(typed: Mapping[str, str]) -> SaveSubscriber:
    """Return the card as typed, an empty field as nothing; every field that is wrong is said at once."""
    values: dict[str, Any] = {n: typed.get(n, "").replace("\x00", "").strip() or None for n in (*TEXTS, "birth_date")}
    values |= {"full_name": values["full_name"] or "", "type": typed.get("type") or SubscriberType.PERSON}
    if values["type"] in tuple(SubscriberType):  # fields of another type are not shown: what stands in them is nothing
        kind = SubscriberType(values["type"])
        values = {n: value if has_field(kind, n) else None for n, value in values.items()} | {"type": kind}
    try:
        return SaveSubscriber(**values)
    except ValidationError as error:
        raise Invalid(fields=invalid(error).fields | subscriber.wrong_in(values)) from None


def second_dialog(
    request: Request, subscriber_id: UUID, typed: Mapping[str, str], overtaken: Overtaken
) -> HTMLResponse:
    """Return the form of whoever came second: what he left alone is the first one's, the rest he decides."""
    mine = changes_between({}, subscriber.checked(subscriber_of(typed)).model_dump())
    found = differences(overtaken, {name: new for name, (_, new) in mine.items()})
    taken = {one.field: in_form(one.field, one.theirs) for one in found if not one.is_conflict}
    shown_ones = [one.shown(subscriber_history.shown) for one in found]
    context = {"version": overtaken.current, "differences": shown_ones}
    return form_dialog(request, subscriber_id, {**typed, **taken, **context}, overtaken)


def refusal_of(error: Refusal | ValidationError) -> Refusal:
    return invalid(error) if isinstance(error, ValidationError) else error


def refused(request: Request, refusal: Refusal | None) -> dict[str, Any]:
    errors = fields(request, refusal) if isinstance(refusal, Invalid) else {}
    return {
        "errors": errors,
        "refusal": words(request, refusal) if refusal and not errors else "",
        **options(),
    }


def options() -> dict[str, list[tuple[str, str]]]:
    """Return what the fields of a card let choose."""
    unknown = ("", gettext("Не указан"))
    return {
        "type_options": [(one.value, gettext(TYPE_WORDS[one])) for one in SubscriberType],
        "region_options": [unknown, *((name, name) for name in sorted(REGIONS))],
        "zone_options": [("", gettext("По региону или номеру")), *((zone, gettext(ZONES[zone])) for zone in ZONES)],
    }


def form_dialog(
    request: Request, subscriber_id: UUID, typed: Mapping[str, Any], refusal: Refusal | None = None
) -> HTMLResponse:
    context = {"subscriber_id": subscriber_id, "fields": typed, **refused(request, refusal)}
    context |= {"differences": typed.get("differences")}
    return fragment(request, "subscriber/_form.html", context, refusal.status if refusal else 200)


def saved(event: str) -> Response:
    return Response(status_code=204, headers=news(event, "pult:calls", close_dialog=True))
