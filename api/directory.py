"""Directories: the administrator's lists of values."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.session import ApiFront, right
from schemas.directory import Directory, EntryName, EntryPosition, EntryView
from services import directory as directories

router = APIRouter(prefix="/api/v1/directories/{directory}", tags=["directory"])
MANAGE = [right("directory.manage")]


@router.get("", operation_id="list_entries", dependencies=MANAGE)
async def list_entries(front: ApiFront, directory: Directory) -> list[EntryView]:
    """List the values of a directory in their order, the archived ones last."""
    return await directories.list_entries(front, directory)


@router.post("", status_code=201, operation_id="add_entry", dependencies=MANAGE)
async def add_entry(front: ApiFront, directory: Directory, typed: EntryName) -> EntryView:
    """Add a value at the end; a name is taken once."""
    return await directories.add_entry(front, directory, typed)


@router.put("/{entry_id}", operation_id="rename_entry", dependencies=MANAGE)
async def rename_entry(front: ApiFront, directory: Directory, entry_id: UUID, typed: EntryName) -> EntryView:
    """Rename a value, wherever it was chosen."""
    return await directories.rename_entry(front, directory, entry_id, typed)


@router.put("/{entry_id}/position", operation_id="place_entry", dependencies=MANAGE)
async def place_entry(front: ApiFront, directory: Directory, entry_id: UUID, place: EntryPosition) -> list[EntryView]:
    """Move a value; return the list as it is then."""
    return await directories.place_entry(front, directory, entry_id, place)


@router.put("/{entry_id}/archive", status_code=204, operation_id="archive_entry", dependencies=MANAGE)
async def archive_entry(front: ApiFront, directory: Directory, entry_id: UUID) -> Response:
    """Let nobody choose the value any more."""
    await directories.archive_entry(front, directory, entry_id)
    return Response(status_code=204)


@router.delete("/{entry_id}/archive", status_code=204, operation_id="restore_entry", dependencies=MANAGE)
async def restore_entry(front: ApiFront, directory: Directory, entry_id: UUID) -> Response:
    """Let the value be chosen again."""
    await directories.restore_entry(front, directory, entry_id)
    return Response(status_code=204)
