"""Directory («справочник»): lists of values that people choose from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from schemas.directory import Directory
from store.base import key_column, time_column
from store.call import Reason


class BreakReason(SQLModel, table=True):
    """A reason of a break; `desk.reason` and `desk_interval.reason` hold its id."""

    __tablename__ = "break_reason"
    __table_args__ = (Index("uq_break_reason_name", text("lower(name)"), unique=True),)
    id: UUID = key_column()
    name: str
    position: int = 0
    archived_at: datetime | None = time_column(nullable=True)


Entry = BreakReason | Reason
TABLES: dict[Directory, Any] = {Directory.BREAK_REASONS: BreakReason, Directory.CALL_REASONS: Reason}


async def list_entries(session: AsyncSession, directory: Directory, archived: bool = False) -> Sequence[Entry]:
    """Return the values in their order; the archived ones come last."""
    table = TABLES[directory]
    entries = select(table).order_by(col(table.archived_at).is_not(None), col(table.position), col(table.name))
    if not archived:
        entries = entries.where(col(table.archived_at).is_(None))
    found: Sequence[Entry] = (await session.execute(entries)).scalars().all()
    return found


async def lock(session: AsyncSession, directory: Directory) -> Sequence[Entry]:
    """Return all values, locked: two administrators order a list one after the other."""
    table = TABLES[directory]
    rows = await session.execute(
        select(table).order_by(col(table.id)).with_for_update().execution_options(populate_existing=True)
    )
    return sorted(rows.scalars(), key=lambda entry: (entry.archived_at is not None, entry.position, entry.name))


async def find_by_name(session: AsyncSession, directory: Directory, name: str) -> Entry | None:
    """Return the value with this name, whatever its letters' case."""
    table = TABLES[directory]
    same = func.lower(col(table.name)) == name.lower()
    found: Entry | None = (await session.execute(select(table).where(same).limit(1))).scalar_one_or_none()
    return found


async def add(session: AsyncSession, directory: Directory, name: str, position: int) -> Entry:
    """Write a new value."""
    entry: Entry = TABLES[directory](name=name, position=position)
    session.add(entry)
    await session.flush()
    return entry


async def has_break_reason(session: AsyncSession, reason_id: UUID) -> bool:
    """Whether a break may have this reason now."""
    live = select(col(BreakReason.id)).where(col(BreakReason.id) == reason_id, col(BreakReason.archived_at).is_(None))
    return (await session.execute(live)).first() is not None
