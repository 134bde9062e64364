"""Queues at the front door of the administrator: how callers wait and who serves them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from schemas import calendar
from schemas.errors import Invalid, NotFound, Stale
from schemas.queue_settings import Candidate, QueueRow, QueueSettings, QueueView
from services.access import require
from services.front import Front
from store import audit, live, queue
from store import queue_settings as store
from store.base import clock, routing_lock
from store.queue import Queue


async def list_queues(front: Front, search: str = "", archived: tuple[bool, ...] = (False, True)) -> list[QueueRow]:
    """Return the queues by priority, archived ones last; an empty search finds all."""
    require(front.actor, "queue.manage")
    rows = await store.list_rows(front.session, search.replace("\x00", "").strip(), archived)
    return [_row(front, dict(row), datetime.now(UTC)) for row in rows]


async def get_queue(front: Front, queue_id: UUID) -> QueueView:
    """Return a queue with all its settings."""
    require(front.actor, "queue.manage")
    return await _view(front, await _find(front, queue_id))


async def list_candidates(front: Front, queue_id: UUID | None = None) -> list[Candidate]:
    """Return who may serve a queue: employees with a desk, and its members of before."""
    require(front.actor, "queue.manage")
    members = (await get_queue(front, queue_id)).members if queue_id else ()
    rows = await store.list_candidates(front.session, [member.employee_id for member in members])
    return [Candidate(**row) for row in rows]


async def create_queue(front: Front, settings: QueueSettings) -> QueueView:
    """Open a new queue."""
    require(front.actor, "queue.manage")
    await routing_lock(front.session)
    await _check(front, settings, None)
    created = Queue(name=settings.name)
    await _write(front, created, settings)
    _note(front, "create", created, name=created.name)
    return await _view(front, created)


async def save_queue(front: Front, queue_id: UUID, version: int, settings: QueueSettings) -> QueueView:
    """Change a queue that nobody changed meanwhile; calls that wait are matched again by its new members."""
    require(front.actor, "queue.manage")
    await routing_lock(front.session)
    found = await _find(front, queue_id, locked=True)
    if found.version != version:
        raise Stale
    before = await _view(front, found)
    await _check(front, settings, queue_id)
    await _write(front, found, settings)
    saved = await _view(front, found)
    _note(front, "save", found, version=found.version, changed=changed(before, saved))
    return saved


async def archive_queue(front: Front, queue_id: UUID) -> None:
    """Let no call come into the queue any more; those that wait in it are served to the end."""
    require(front.actor, "queue.manage")
    found = await _find(front, queue_id, locked=True)
    if found.archived_at is None:
        found.archived_at, found.version = await clock(front.session), found.version + 1
        _note(front, "archive", found)


async def restore_queue(front: Front, queue_id: UUID) -> None:
    """Let calls come again, by the numbers that no other queue has taken."""
    require(front.actor, "queue.manage")
    found = await _find(front, queue_id, locked=True)
    if found.archived_at is not None:
        found.archived_at, found.version = None, found.version + 1
        _note(front, "restore", found)


def changed(before: QueueView, after: QueueView) -> dict[str, list[Any]]:
    """Return the settings that differ, as they were and as they are."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return {name: [old[name], new[name]] for name in QueueSettings.model_fields if old[name] != new[name]}


async def _find(front: Front, queue_id: UUID, locked: bool = False) -> Queue:
    found = await store.find(front.session, queue_id, locked)
    if found is None:
        raise NotFound("Очередь не найдена.")
    return found


async def _check(front: Front, settings: QueueSettings, queue_id: UUID | None) -> None:
    wrong: dict[str, str] = {}
    same = await store.find_by_name(front.session, settings.name)
    if same is not None and same.id != queue_id:
        wrong["name"] = "Очередь с таким названием уже есть."
    if await store.list_taken(front.session, settings.numbers, queue_id):
        wrong["numbers"] = "Один из номеров уже ведёт в другую очередь."
    known = {one.id for one in await list_candidates(front, queue_id)}
    if any(member.employee_id not in known for member in settings.members):
        wrong["members"] = "В очереди работают операторы и супервизоры."
    if wrong:
        raise Invalid(fields=wrong)


async def _write(front: Front, written: Queue, settings: QueueSettings) -> None:
    await store.write(front.session, written, settings)
    await queue.match(front.session)


async def _view(front: Front, found: Queue) -> QueueView:
    known = await store.settings_of(front.session, found)
    return QueueView(id=found.id, version=found.version, archived_at=found.archived_at, **known)


def _row(front: Front, row: dict[str, Any], now: datetime) -> QueueRow:
    hours = row.pop("hours")
    today = calendar.WorkingHours.model_validate(hours).of(now.astimezone(front.zone).date()) if hours else ()
    is_open = calendar.is_open(hours, now, front.zone)
    opens_at = None if is_open else calendar.opens_at(hours, now, front.zone)
    return QueueRow(is_always_open=hours is None, is_open=is_open, today=today, opens_at=opens_at, **row)


def _note(front: Front, verb: str, found: Queue, **details: object) -> None:
    audit.record(front.session, front.actor.employee_id, ("queue", verb), found.id, **details)
    live.notice(front.session, live.EVERYBODY, "queue")
