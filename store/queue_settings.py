"""Settings of queues: the list of the administrator, what a queue is told, its numbers and members."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.queue_settings import QueueSettings
from store.queue import Queue, QueueMember, QueueNumber

ROWS = {"numbers", "members", "hours"}
_LIST = text(
    """SELECT q.id, q.name, q.priority, q.ring_seconds, q.hours, q.archived_at,
              ARRAY(SELECT number FROM queue_number n WHERE n.queue_id = q.id
                    ORDER BY length(number), number) AS numbers,
              (SELECT count(*) FROM queue_member m JOIN employee e ON e.id = m.employee_id
               WHERE m.queue_id = q.id AND e.blocked_at IS NULL) AS members,
              (SELECT count(*) FROM call c WHERE c.queue_id = q.id AND c.stage = 'waiting') AS waiting
       FROM queue q
       WHERE (strpos(replace(lower(q.name), 'ё', 'е'), :letters) > 0 OR (:digits <> '' AND EXISTS (
                 SELECT FROM queue_number n WHERE n.queue_id = q.id AND strpos(n.number, :digits) > 0)))
         AND (q.archived_at IS NOT NULL) = ANY(:archived)
       ORDER BY q.archived_at IS NOT NULL, q.priority DESC, replace(lower(q.name), 'ё', 'е'), q.id"""
)
_CANDIDATES = text(
    """SELECT e.id, e.full_name, e.login FROM employee e
       WHERE (e.blocked_at IS NULL AND e.roles && ARRAY['operator', 'supervisor']::varchar[]) OR e.id = ANY(:members)
       ORDER BY replace(lower(e.full_name), 'ё', 'е'), e.id"""
)


async def list_rows(session: AsyncSession, search: str, archived: Sequence[bool]) -> Sequence[RowMapping]:
    """Return the queues whose name or number has these letters."""
    digits = "".join(letter for letter in search if letter.isdigit())
    values = {"letters": search.lower().replace("ё", "е"), "digits": digits, "archived": list(archived)}
    return (await session.execute(_LIST, values)).mappings().all()


async def find(session: AsyncSession, queue_id: UUID, locked: bool = False) -> Queue | None:
    """Return a queue; locked, nobody else writes its settings meanwhile."""
    lock: dict[str, Any] = {"with_for_update": {"key_share": True}, "populate_existing": True} if locked else {}
    return await session.get(Queue, queue_id, **lock)


async def find_by_name(session: AsyncSession, name: str) -> Queue | None:
    """Return the queue with this very name."""
    return (await session.execute(select(Queue).where(col(Queue.name) == name))).scalar_one_or_none()


async def settings_of(session: AsyncSession, queue: Queue) -> dict[str, Any]:
    """Return what QueueSettings says of a queue."""
    numbers = select(col(QueueNumber.number)).where(col(QueueNumber.queue_id) == queue.id)
    members = select(QueueMember).where(col(QueueMember.queue_id) == queue.id)
    found = (await session.execute(members)).scalars()
    plain = {name: getattr(queue, name) for name in QueueSettings.model_fields.keys() - ROWS}
    return plain | {
        "hours": queue.hours,
        "numbers": sorted((await session.execute(numbers)).scalars(), key=lambda number: (len(number), number)),
        "members": [{"employee_id": member.employee_id, "priority": member.priority} for member in found],
    }


async def list_taken(session: AsyncSession, numbers: Sequence[str], but: UUID | None) -> Sequence[str]:
    """Return those numbers that lead to another queue in use."""
    taken = select(col(QueueNumber.number)).join(Queue, col(Queue.id) == col(QueueNumber.queue_id))
    taken = taken.where(col(QueueNumber.number).in_(numbers), col(Queue.archived_at).is_(None))
    if but is not None:
        taken = taken.where(col(Queue.id) != but)
    return (await session.execute(taken)).scalars().all()


async def list_candidates(session: AsyncSession, members: Sequence[UUID] = ()) -> Sequence[RowMapping]:
    """Return who may serve a queue: employees with a desk, and those who are its members already."""
    return (await session.execute(_CANDIDATES, {"members": list(members)})).mappings().all()


async def write(session: AsyncSession, queue: Queue, settings: QueueSettings) -> None:
    """Give the queue these settings, numbers and members, all of them anew. Under the routing lock."""
    for name in QueueSettings.model_fields.keys() - ROWS:
        setattr(queue, name, getattr(settings, name))
    queue.hours = settings.hours.model_dump(mode="json") if settings.hours else None
    queue.version += 1
    session.add(queue)
    await session.flush()
    # A number that an archived queue still has goes to the one that wants it.
    await session.execute(
        delete(QueueNumber).where(
            (col(QueueNumber.queue_id) == queue.id) | col(QueueNumber.number).in_(settings.numbers)
        )
    )
    await session.execute(delete(QueueMember).where(col(QueueMember.queue_id) == queue.id))
    session.add_all(QueueNumber(number=number, queue_id=queue.id) for number in set(settings.numbers))
    session.add_all(QueueMember(queue_id=queue.id, **member.model_dump()) for member in settings.members)
    await session.flush()
