"""«Интеграции»: the tokens of other systems; in the card, what these systems sent about a citizen."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from schemas.errors import Refusal
from schemas.integration import SCOPE_WORDS, CreateIntegrationToken
from schemas.integration_record import RecordKind
from schemas.page import Place, next_place
from schemas.sentences import invalid
from services import integration, integration_record
from services.front import Front
from ui.errors import fields, words
from ui.language import gettext
from ui.render import fragment, news, page
from ui.session import UiFront, right, rules_of

router = APIRouter(include_in_schema=False)
MANAGE = [right("integration.manage")]
READ = [right("subscriber.read")]
CHANGED = "pult:integrations"
OPTIONAL = ("expires_on", "source")
RECORDS = {
    RecordKind.APPLICATION: "integration/_applications.html",
    RecordKind.ENQUIRY: "integration/_enquiries.html",
    RecordKind.TICKET: "integration/_tickets.html",
}


@router.get("/integrations", dependencies=MANAGE)
async def show_tokens(request: Request, front: UiFront) -> HTMLResponse:
    return page(request, "integration/integrations.html", await shown(front))


@router.get("/integrations/form", dependencies=MANAGE)
async def show_form(request: Request, front: UiFront) -> HTMLResponse:
    return token_form(request, {"name": "", "expires_on": "", "source": "", "scopes": ()})


@router.post("/integrations", dependencies=MANAGE)
async def create_token(request: Request, front: UiFront) -> HTMLResponse:
    typed = typed_of(await request.form())
    try:
        given = {name: value or None if name in OPTIONAL else value for name, value in typed.items()}
        order = CreateIntegrationToken(**given)
        secret = await integration.create_token(front, rules_of(request), order)
    except (Refusal, ValidationError) as error:
        return token_form(request, typed, refusal_of(error))
    return fragment(request, "integration/_secret.html", {"secret": secret}, headers=news(CHANGED))


@router.put("/integrations/{token_id}/revocation", dependencies=MANAGE)
async def revoke_token(request: Request, front: UiFront, token_id: UUID) -> HTMLResponse:
    await integration.revoke_token(front, token_id)
    return fragment(request, "integration/_tokens.html", await shown(front))


@router.get("/subscribers/{subscriber_id}/applications", dependencies=READ)
async def show_applications(request: Request, front: UiFront, subscriber_id: UUID, after: str = "") -> HTMLResponse:
    return await records(request, front, RecordKind.APPLICATION, subscriber_id, after)


@router.get("/subscribers/{subscriber_id}/enquiries", dependencies=READ)
async def show_enquiries(request: Request, front: UiFront, subscriber_id: UUID, after: str = "") -> HTMLResponse:
    return await records(request, front, RecordKind.ENQUIRY, subscriber_id, after)


@router.get("/subscribers/{subscriber_id}/tickets", dependencies=READ)
async def show_tickets(request: Request, front: UiFront, subscriber_id: UUID, after: str = "") -> HTMLResponse:
    return await records(request, front, RecordKind.TICKET, subscriber_id, after)


@router.get("/subscribers/{subscriber_id}/open-records", dependencies=READ)
async def show_open(request: Request, front: UiFront, subscriber_id: UUID) -> HTMLResponse:
    return fragment(
        request, "integration/_open.html", {"rows": await integration_record.list_open(front, subscriber_id)}
    )


async def records(request: Request, front: Front, kind: RecordKind, subscriber_id: UUID, after: str) -> HTMLResponse:
    """Return one page of what was sent; a later one comes without the frame."""
    place = Place.read(after)
    rows, has_more = await integration_record.list_records(
        front, kind, subscriber_id, (place.at, place.id) if place else None
    )
    context = {"rows": rows, "next_after": next_place(rows, has_more), "is_more": bool(place), "url": request.url.path}
    return fragment(request, RECORDS[kind], context)


async def shown(front: Front) -> dict[str, Any]:
    tokens = await integration.list_tokens(front)
    return {"section": "integrations", "tokens": tokens, "scope_words": SCOPE_WORDS}


def typed_of(form: FormData) -> dict[str, Any]:
    scopes = [str(value) for value in form.getlist("scopes")]
    return {name: str(form.get(name, "")) for name in ("name", *OPTIONAL)} | {"scopes": scopes}


def token_form(request: Request, typed: dict[str, Any], refusal: Refusal | None = None) -> HTMLResponse:
    context = {"typed": typed, "scopes": options(SCOPE_WORDS), **refused(request, refusal)}
    return fragment(request, "integration/_form.html", context, refusal.status if refusal else 200)


def refused(request: Request, refusal: Refusal | None) -> dict[str, Any]:
    errors = fields(request, refusal) if refusal else {}
    return {"errors": errors, "refusal": words(request, refusal) if refusal and not errors else ""}


def refusal_of(error: Refusal | ValidationError) -> Refusal:
    return invalid(error) if isinstance(error, ValidationError) else error


def options(table: dict[Any, str]) -> Sequence[tuple[str, str]]:
    return [(str(code), gettext(word)) for code, word in table.items()]
