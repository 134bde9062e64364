"""Subscriber: cards that are one person, and how to take that back."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from schemas.subscriber import SubscriberType, SubscriberView
from schemas.subscriber_change import Act, changes_between
from store import subscriber as cards
from store.base import created_column, key_column, time_column
from store.subscriber import Subscriber

_STANDING = text("undone_at IS NULL")
_KEPT_APART = ("subscriber_change", "subscriber_merge")
"""What is said of a card itself stays with it: its history and its merges."""


class SubscriberMerge(SQLModel, table=True):
    """The merged card points to the kept one; `changes` is {field: [before, after]} of the kept card."""

    __tablename__ = "subscriber_merge"
    __table_args__ = (
        Index("ix_subscriber_merge_kept", "kept_id", postgresql_where=_STANDING),
        Index("uq_subscriber_merge_merged", "merged_id", unique=True, postgresql_where=_STANDING),
    )
    id: UUID = key_column()
    kept_id: UUID = Field(foreign_key="subscriber.id")
    merged_id: UUID = Field(foreign_key="subscriber.id")
    actor_id: UUID = Field(foreign_key="employee.id")
    at: datetime = created_column()
    changes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    undone_at: datetime | None = time_column(nullable=True)
    undone_by: UUID | None = Field(default=None, foreign_key="employee.id")


class SubscriberMoved(SQLModel, table=True):
    """A row (a call, a message…) that a merge moved to the kept card."""

    __tablename__ = "subscriber_moved"
    merge_id: UUID = Field(foreign_key="subscriber_merge.id", primary_key=True)
    thing: str = Field(primary_key=True)
    thing_id: UUID = Field(primary_key=True)


def pointers() -> list[tuple[str, str]]:
    """Return (table, column) of everything that belongs to a card: whatever has a foreign key to it."""
    found = []
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            points = any(key.target_fullname == "subscriber.id" for key in column.foreign_keys)
            if points and table.name not in _KEPT_APART:
                found.append((table.name, column.name))
    return found


async def list_like(session: AsyncSession, card: SubscriberView, typed: str, limit: int) -> list[Subscriber]:
    """Return other cards: those whose name or number was typed; without it those with the same number or name."""
    found, values = _typed_like(typed) if typed else _same_as(card)
    order = f"ORDER BY {cards.NAME_ORDER}, id LIMIT :limit"
    chosen = text(f"SELECT id FROM subscriber WHERE merged_into IS NULL AND id <> :card AND ({found}) {order}")
    ids = (await session.execute(chosen, values | {"card": card.id, "limit": limit})).scalars().all()
    listed = select(Subscriber).where(col(Subscriber.id).in_(ids))
    return list((await session.execute(listed.order_by(text(cards.NAME_ORDER), col(Subscriber.id)))).scalars())


async def lock_both(session: AsyncSession, one: UUID, other: UUID) -> dict[UUID, Subscriber]:
    """Return both cards locked, always in the same order."""
    return {each: await cards.lock(session, each) for each in sorted((one, other))}


async def merge(
    session: AsyncSession, kept: Subscriber, merged: Subscriber, values: dict[str, Any], actor_id: UUID
) -> SubscriberMerge:
    """Make two locked cards one: the kept one with these values, everything of the other moved to it."""
    changes = changes_between(kept.model_dump(), kept.model_dump() | values)
    row = SubscriberMerge(kept_id=kept.id, merged_id=merged.id, actor_id=actor_id, changes=changes)
    session.add(row)
    await session.flush()
    for table, column in pointers():
        await session.execute(_moving(table, column), {"merge": row.id, "old": merged.id, "new": kept.id})
    for name, value in values.items():
        setattr(kept, name, value)
    merged.merged_into = kept.id
    for card in (kept, merged):
        card.version += 1
        cards.note(session, card, (Act.MERGED, actor_id), changes if card is kept else {}, row.id)
    await session.flush()
    return row


async def find(session: AsyncSession, merge_id: UUID) -> SubscriberMerge | None:
    """Return a merge that stands, locked."""
    wanted = select(SubscriberMerge).where(col(SubscriberMerge.id) == merge_id, _STANDING).with_for_update()
    return (await session.execute(wanted)).scalar_one_or_none()


async def newest(session: AsyncSession, kept_id: UUID) -> UUID | None:
    """Return the last merge that stands of a card."""
    own = select(col(SubscriberMerge.id)).where(col(SubscriberMerge.kept_id) == kept_id, _STANDING)
    return (await session.execute(own.order_by(col(SubscriberMerge.id).desc()).limit(1))).scalar_one_or_none()


async def undo(session: AsyncSession, row: SubscriberMerge, actor_id: UUID) -> tuple[Subscriber, Subscriber]:
    """Take a merge back: what it moved returns, its values too, unless somebody has changed them since."""
    kept = await cards.lock(session, row.kept_id)
    merged = await session.get_one(Subscriber, row.merged_id, with_for_update=True, populate_existing=True)
    for table, column in pointers():
        await session.execute(_returning(table, column), {"merge": row.id, "old": merged.id, "new": kept.id})
    before = kept.model_dump()
    for name, (old, new) in row.changes.items():
        if changes_between({name: new}, {name: before[name]}) == {}:
            setattr(kept, name, _read(name, old))
    merged.merged_into = None
    changes = changes_between(before, kept.model_dump())
    for card in (kept, merged):
        card.version += 1
        cards.note(session, card, (Act.UNMERGED, actor_id), changes if card is kept else {}, row.id)
    row.undone_at, row.undone_by = (await session.execute(select(func.clock_timestamp()))).scalar_one(), actor_id
    await session.flush()
    return kept, merged


def _typed_like(typed: str) -> tuple[str, dict[str, Any]]:
    digits = "".join(sign for sign in typed if sign.isdigit())
    if len(digits) < 6:
        return cards.name_condition(typed)
    values = {"digits": digits, "number": f"+7{digits[-10:]}"}
    return "snils = :digits OR inn = :digits OR contact_phone = :number OR mobile_phone = :number", values


def _same_as(card: SubscriberView) -> tuple[str, dict[str, Any]]:
    numbers = [number for number in (card.contact_phone, card.mobile_phone) if number]
    same = "contact_phone = ANY(:numbers) OR mobile_phone = ANY(:numbers) OR snils = :snils OR inn = :inn"
    named = f"{cards.NAME_ORDER} = replace(lower(:name), 'ё', 'е')"
    values = {"numbers": numbers, "snils": card.snils, "inn": card.inn, "name": card.full_name}
    return f"{same} OR {named}", values


def _moving(table: str, column: str) -> Any:
    return text(
        f"""WITH moved AS (UPDATE {table} SET {column} = :new WHERE {column} = :old RETURNING id)
            INSERT INTO subscriber_moved (merge_id, thing, thing_id) SELECT :merge, '{table}', id FROM moved"""
    )


def _returning(table: str, column: str) -> Any:
    return text(
        f"""UPDATE {table} SET {column} = :old FROM subscriber_moved m
            WHERE m.merge_id = :merge AND m.thing = '{table}' AND m.thing_id = {table}.id AND {table}.{column} = :new"""
    )


def _read(name: str, value: str | None) -> Any:
    if value is None or name not in ("birth_date", "type"):
        return value
    return date.fromisoformat(value) if name == "birth_date" else SubscriberType(value)
