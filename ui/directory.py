"""«Справочники»: lists that the administrator adds to, renames, puts in order, archives."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from schemas.directory import DIRECTORY_WORDS, Directory, EntryName, EntryPosition
from schemas.errors import Refusal
from schemas.sentences import invalid
from services import directory as directories
from services.front import Front
from ui.errors import fields, words
from ui.language import gettext
from ui.render import fragment, news, page
from ui.session import UiFront, right

router = APIRouter(prefix="/directories", include_in_schema=False)
MANAGE = [right("directory.manage")]
Name = Annotated[str, Form()]


@router.get("/{directory}", dependencies=MANAGE)
async def show_directory(request: Request, front: UiFront, directory: Directory) -> HTMLResponse:
    sections = [(f"/directories/{each}", gettext(DIRECTORY_WORDS[each]), each is directory) for each in Directory]
    context = {"section": "directories", "sections": sections, **await shown(front, directory)}
    return page(request, "directory/directory.html", context)


@router.post("/{directory}", dependencies=MANAGE)
async def add_entry(request: Request, front: UiFront, directory: Directory, name: Name = "") -> HTMLResponse:
    try:
        await directories.add_entry(front, directory, EntryName(name=name))
    except (Refusal, ValidationError) as error:
        return await entries(request, front, directory, typed=name, refusal=refusal_of(error))
    return await entries(request, front, directory)


@router.get("/{directory}/{entry_id}", dependencies=MANAGE)
async def show_entry(request: Request, front: UiFront, directory: Directory, entry_id: UUID) -> HTMLResponse:
    entry = await directories.get_entry(front, directory, entry_id)
    return entry_dialog(request, directory, entry_id, entry.name)


@router.put("/{directory}/{entry_id}", dependencies=MANAGE)
async def rename_entry(
    request: Request, front: UiFront, directory: Directory, entry_id: UUID, name: Name = ""
) -> Response:
    try:
        await directories.rename_entry(front, directory, entry_id, EntryName(name=name))
    except (Refusal, ValidationError) as error:
        return entry_dialog(request, directory, entry_id, name, refusal_of(error))
    return Response(status_code=204, headers=news("pult:directory", close_dialog=True))


@router.put("/{directory}/{entry_id}/position", dependencies=MANAGE)
async def place_entry(
    request: Request, front: UiFront, directory: Directory, entry_id: UUID, position: Annotated[int, Form(ge=0, le=999)]
) -> HTMLResponse:
    await directories.place_entry(front, directory, entry_id, EntryPosition(position=position))
    return await entries(request, front, directory)


@router.put("/{directory}/{entry_id}/archive", dependencies=MANAGE)
async def archive_entry(request: Request, front: UiFront, directory: Directory, entry_id: UUID) -> HTMLResponse:
    await directories.archive_entry(front, directory, entry_id)
    return await entries(request, front, directory)


@router.delete("/{directory}/{entry_id}/archive", dependencies=MANAGE)
async def restore_entry(request: Request, front: UiFront, directory: Directory, entry_id: UUID) -> HTMLResponse:
    await directories.restore_entry(front, directory, entry_id)
    return await entries(request, front, directory)


async def entries(
    request: Request, front: Front, directory: Directory, typed: str = "", refusal: Refusal | None = None
) -> HTMLResponse:
    """Return the list as it is now; a refused name stays in its field."""
    errors = fields(request, refusal) if refusal else {}
    context = {**await shown(front, directory), "typed": typed, "errors": errors}
    return fragment(request, "directory/_entries.html", context, refusal.status if refusal else 200)


async def shown(front: Front, directory: Directory) -> dict[str, object]:
    rows = await directories.list_entries(front, directory)
    return {
        "directory": directory,
        "title": gettext(DIRECTORY_WORDS[directory]),
        "live": [row for row in rows if row.archived_at is None],
        "archived": [row for row in rows if row.archived_at is not None],
        "typed": "",
        "errors": {},
    }


def entry_dialog(
    request: Request, directory: Directory, entry_id: UUID, name: str, refusal: Refusal | None = None
) -> HTMLResponse:
    errors = fields(request, refusal) if refusal else {}
    context = {
        "url": f"/directories/{directory}/{entry_id}",
        "name": name,
        "errors": errors,
        "refusal": words(request, refusal) if refusal and not errors else "",
    }
    return fragment(request, "directory/_entry.html", context, refusal.status if refusal else 200)


def refusal_of(error: Refusal | ValidationError) -> Refusal:
    return invalid(error) if isinstance(error, ValidationError) else error
