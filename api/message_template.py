"""Templates of messages: the texts that operators begin with."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.session import ApiFront, right
from api.versions import Version, tag
from schemas.directory import EntryPosition
from schemas.message_template import SaveTemplate, TemplateView
from services import message_template as service

router = APIRouter(prefix="/api/v1/message-templates", tags=["message"])
MANAGE = [right("message.manage_templates")]


@router.get("", operation_id="list_message_templates", dependencies=MANAGE)
async def list_templates(front: ApiFront) -> list[TemplateView]:
    """List templates as operators see them: those of SMS first, each channel in its order, the archived ones last."""
    return await service.list_templates(front)


@router.post("", status_code=201, operation_id="add_message_template", dependencies=MANAGE)
async def add_template(front: ApiFront, typed: SaveTemplate, response: Response) -> TemplateView:
    """Add a template at the end of its list; its fields are those of the page, `{{ имя }}` for one."""
    return tagged(response, await service.add_template(front, typed))


@router.get("/{template_id}", operation_id="get_message_template", dependencies=MANAGE)
async def get_template(front: ApiFront, template_id: UUID, response: Response) -> TemplateView:
    """Return a template; its ETag is what a change must name."""
    return tagged(response, await service.get_template(front, template_id))


@router.put("/{template_id}", operation_id="save_message_template", dependencies=MANAGE)
async def save_template(
    front: ApiFront, template_id: UUID, typed: SaveTemplate, version: Version, response: Response
) -> TemplateView:
    """Change a template; 428 without If-Match, 412 when somebody changed it meanwhile."""
    return tagged(response, await service.save_template(front, template_id, version, typed))


@router.delete("/{template_id}", status_code=204, operation_id="archive_message_template", dependencies=MANAGE)
async def archive_template(front: ApiFront, template_id: UUID, version: Version) -> Response:
    """Offer a template no more; it stays in the archive. 412 when somebody changed it meanwhile, twice is once."""
    await service.archive_template(front, template_id, version)
    return Response(status_code=204)


@router.delete("/{template_id}/archive", status_code=204, operation_id="restore_message_template", dependencies=MANAGE)
async def restore_template(front: ApiFront, template_id: UUID) -> Response:
    """Offer an archived template again, last in its list."""
    await service.restore_template(front, template_id)
    return Response(status_code=204)


@router.put("/{template_id}/position", status_code=204, operation_id="place_message_template", dependencies=MANAGE)
async def place_template(front: ApiFront, template_id: UUID, place: EntryPosition) -> Response:
    """Move a template among those of its channel that are offered."""
    await service.place_template(front, template_id, place)
    return Response(status_code=204)


def tagged(response: Response, view: TemplateView) -> TemplateView:
    tag(response, view.version)
    return view
