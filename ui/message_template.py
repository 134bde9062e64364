"""«Шаблоны сообщений»: the administrator's texts that operators begin with."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from schemas.directory import EntryPosition
from schemas.errors import Refusal
from schemas.message import CHANNEL_WORDS, LONGEST_SMS, MessageChannel
from schemas.message_length import measure
from schemas.message_template import FIELD_WORDS, SaveTemplate
from schemas.sentences import invalid
from services import message_template as templates
from services.front import Front
from ui.errors import fields, words
from ui.language import gettext
from ui.render import fragment, news, page
from ui.session import UiFront, right

router = APIRouter(prefix="/message-templates", include_in_schema=False)
MANAGE = [right("message.manage_templates")]
CHANGED = "pult:message-templates"


@router.get("", dependencies=MANAGE)
async def show_templates(request: Request, front: UiFront) -> HTMLResponse:
    return page(request, "message/templates.html", {"section": "message-templates", **await shown(front)})


@router.get("/form", dependencies=MANAGE)
async def show_new(request: Request, front: UiFront) -> HTMLResponse:
    return form_dialog(request, None, NOTHING_TYPED)


@router.get("/{template_id}", dependencies=MANAGE)
async def show_template(request: Request, front: UiFront, template_id: UUID) -> HTMLResponse:
    found = await templates.get_template(front, template_id)
    typed = {name: str(getattr(found, name)) for name in ("name", "channel", "subject", "text", "version")}
    return form_dialog(request, template_id, typed)


@router.post("/preview", dependencies=MANAGE)
async def preview(request: Request, front: UiFront) -> HTMLResponse:
    """Return the template on a sample card, or what is wrong with it, while it is being typed."""
    typed = typed_of(await request.form())
    try:
        filled = await templates.preview(front, template_of(typed), request.app.state.settings.centre.name)
    except (Refusal, ValidationError) as error:
        errors = list(fields(request, refusal_of(error)).values())
        return fragment(request, "message/_preview.html", {"errors": errors})
    length = measure(filled.text) if typed["channel"] == MessageChannel.SMS else None
    return fragment(request, "message/_preview.html", {"filled": filled, "length": length, "errors": []})


@router.post("", dependencies=MANAGE)
async def add_template(request: Request, front: UiFront) -> Response:
    typed = typed_of(await request.form())
    try:
        await templates.add_template(front, template_of(typed))
    except (Refusal, ValidationError) as error:
        return form_dialog(request, None, typed, refusal_of(error))
    return Response(status_code=204, headers=news(CHANGED, close_dialog=True))


@router.put("/{template_id}", dependencies=MANAGE)
async def save_template(request: Request, front: UiFront, template_id: UUID) -> Response:
    typed = typed_of(await request.form())
    version = int(typed["version"]) if typed["version"].isdecimal() else 0
    try:
        await templates.save_template(front, template_id, version, template_of(typed))
    except (Refusal, ValidationError) as error:
        return form_dialog(request, template_id, typed, refusal_of(error))
    return Response(status_code=204, headers=news(CHANGED, close_dialog=True))


@router.put("/{template_id}/position", dependencies=MANAGE)
async def place_template(
    request: Request, front: UiFront, template_id: UUID, position: Annotated[int, Form(ge=0, le=999)]
) -> HTMLResponse:
    await templates.place_template(front, template_id, EntryPosition(position=position))
    return fragment(request, "message/_templates.html", await shown(front))


@router.put("/{template_id}/archive", dependencies=MANAGE)
async def archive_template(request: Request, front: UiFront, template_id: UUID) -> HTMLResponse:
    await templates.archive_template(front, template_id)
    return fragment(request, "message/_templates.html", await shown(front))


@router.delete("/{template_id}/archive", dependencies=MANAGE)
async def restore_template(request: Request, front: UiFront, template_id: UUID) -> HTMLResponse:
    await templates.restore_template(front, template_id)
    return fragment(request, "message/_templates.html", await shown(front))


NOTHING_TYPED = {"name": "", "channel": MessageChannel.SMS.value, "subject": "", "text": "", "version": ""}


async def shown(front: Front) -> dict[str, Any]:
    """Return the list: what is offered in each channel, and the archive."""
    found = await templates.list_templates(front)
    offered = {each: [one for one in found if one.channel is each and not one.archived_at] for each in MessageChannel}
    archived = [one for one in found if one.archived_at]
    return {"offered": offered, "archived": archived, "channel_words": CHANNEL_WORDS}


def form_dialog(
    request: Request, template_id: UUID | None, typed: dict[str, str], refusal: Refusal | None = None
) -> HTMLResponse:
    """Return the window with what was typed; a refusal stands in it, with its true status."""
    errors = fields(request, refusal) if refusal else {}
    context = {
        "template_id": template_id,
        "typed": typed,
        "channels": [(each.value, gettext(CHANNEL_WORDS[each])) for each in MessageChannel],
        "field_words": FIELD_WORDS,
        "most": LONGEST_SMS,
        "errors": errors,
        "refusal": words(request, refusal) if refusal and not errors else "",
    }
    return fragment(request, "message/_template.html", context, refusal.status if refusal else 200)


def typed_of(form: FormData) -> dict[str, str]:
    return {name: str(form.get(name, "")).replace("\x00", "").replace("\r\n", "\n") for name in NOTHING_TYPED}


def template_of(typed: dict[str, str]) -> SaveTemplate:
    """Return the template that the form gives; a subject is a letter's alone."""
    values = {name: typed[name] for name in ("name", "channel", "subject", "text")}
    return SaveTemplate(**values | ({"subject": ""} if typed["channel"] == MessageChannel.SMS else {}))


def refusal_of(error: Refusal | ValidationError) -> Refusal:
    return invalid(error) if isinstance(error, ValidationError) else error
