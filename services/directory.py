"""Directories at the front door: the administrator's lists of values."""

from collections.abc import Sequence
from uuid import UUID

from schemas.directory import Directory, EntryName, EntryPosition, EntryView
from schemas.errors import Invalid, NotFound
from services.access import require
from services.front import Front
from store import audit, live
from store import directory as store
from store.base import clock
from store.directory import Entry

TAKEN = "Такое значение уже есть в списке."
TAKEN_IN_ARCHIVE = "Такое значение есть в архиве: верните его оттуда."


async def list_entries(front: Front, directory: Directory) -> list[EntryView]:
    """Return every value, the archived ones last."""
    require(front.actor, "directory.manage")
    return [view(entry) for entry in await store.list_entries(front.session, directory, archived=True)]


async def get_entry(front: Front, directory: Directory, entry_id: UUID) -> EntryView:
    """Return one value."""
    require(front.actor, "directory.manage")
    return view(of(await store.list_entries(front.session, directory, archived=True), entry_id))


async def add_entry(front: Front, directory: Directory, typed: EntryName) -> EntryView:
    """Add a value at the end of the list."""
    require(front.actor, "directory.manage")
    entries = await store.lock(front.session, directory)
    await _refuse_taken(front, directory, typed.name)
    entry = await store.add(front.session, directory, typed.name, len(entries))
    _note(front, directory, "create", entry, name=typed.name)
    return view(entry)


async def rename_entry(front: Front, directory: Directory, entry_id: UUID, typed: EntryName) -> EntryView:
    """Give a value another name, wherever it was chosen."""
    require(front.actor, "directory.manage")
    entry = of(await store.lock(front.session, directory), entry_id)
    await _refuse_taken(front, directory, typed.name, entry_id)
    _note(front, directory, "rename", entry, name=typed.name, before=entry.name)
    entry.name = typed.name
    return view(entry)


async def place_entry(front: Front, directory: Directory, entry_id: UUID, place: EntryPosition) -> list[EntryView]:
    """Move a value among those that can be chosen; return the list."""
    require(front.actor, "directory.manage")
    entries = list(await store.lock(front.session, directory))
    entry = of([each for each in entries if each.archived_at is None], entry_id)
    entries.remove(entry)
    live_ones = sum(each.archived_at is None for each in entries)
    entries.insert(min(place.position, live_ones), entry)
    for position, each in enumerate(entries):
        each.position = position
    _note(front, directory, "place", entry, position=entry.position)
    return [view(each) for each in entries]


async def archive_entry(front: Front, directory: Directory, entry_id: UUID) -> None:
    """Let nobody choose a value any more; twice is once."""
    require(front.actor, "directory.manage")
    entry = of(await store.lock(front.session, directory), entry_id)
    if entry.archived_at is None:
        entry.archived_at = await clock(front.session)
        _note(front, directory, "archive", entry, name=entry.name)


async def restore_entry(front: Front, directory: Directory, entry_id: UUID) -> None:
    """Let a value be chosen again, last in the list."""
    require(front.actor, "directory.manage")
    entries = await store.lock(front.session, directory)
    entry = of(entries, entry_id)
    if entry.archived_at is not None:
        entry.archived_at, entry.position = None, len(entries)
        _note(front, directory, "restore", entry, name=entry.name)


def of(entries: Sequence[Entry], entry_id: UUID) -> Entry:
    found = next((entry for entry in entries if entry.id == entry_id), None)
    if found is None:
        raise NotFound("Такого значения нет.")
    return found


def view(entry: Entry) -> EntryView:
    return EntryView(id=entry.id, name=entry.name, archived_at=entry.archived_at)


async def _refuse_taken(front: Front, directory: Directory, name: str, but: UUID | None = None) -> None:
    same = await store.find_by_name(front.session, directory, name)
    if same is not None and same.id != but:
        raise Invalid(fields={"name": TAKEN if same.archived_at is None else TAKEN_IN_ARCHIVE})


def _note(front: Front, directory: Directory, verb: str, entry: Entry, **details: object) -> None:
    audit.record(front.session, front.actor.employee_id, (directory.value, verb), entry.id, **details)
    if directory is Directory.BREAK_REASONS:
        live.notice(front.session, live.EVERYBODY, "desk")  # the menus of all headers
