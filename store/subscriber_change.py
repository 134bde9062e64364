"""Subscriber: the history of a card, written in the transaction of each change and never touched again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Row, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from schemas.subscriber_change import Act
from store.base import created_column, key_column, one_of


class SubscriberChange(SQLModel, table=True):
    """One change of a card: `changes` is {field: [old, new]} as JSON, `version` is the card's after it."""

    __tablename__ = "subscriber_change"
    __table_args__ = (Index("ix_subscriber_change_card", "subscriber_id", text("at DESC"), text("id DESC")),)
    id: UUID = key_column()
    subscriber_id: UUID = Field(foreign_key="subscriber.id")
    act: Act = Field(sa_type=one_of(Act))
    version: int
    actor_id: UUID | None = Field(default=None, foreign_key="employee.id")
    merge_id: UUID | None = None
    at: datetime = created_column()
    changes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))


_SHOWN = """SELECT c.id, c.act, c.version, c.at, c.actor_id, e.full_name AS actor_name, c.merge_id, c.changes
            FROM subscriber_change c LEFT JOIN employee e ON e.id = c.actor_id WHERE c.subscriber_id = :subscriber"""
_SINCE = text(f"{_SHOWN} AND c.version > :version ORDER BY c.version")
_NEWEST = text(f"{_SHOWN} ORDER BY c.at DESC, c.id DESC LIMIT :limit")
_OLDER = text(f"{_SHOWN} AND (c.at, c.id) < (:at, :id) ORDER BY c.at DESC, c.id DESC LIMIT :limit")


async def list_since(session: AsyncSession, subscriber_id: UUID, version: int) -> list[Row[Any]]:
    """Return what has changed since a version of the card was read, in order."""
    return list((await session.execute(_SINCE, {"subscriber": subscriber_id, "version": version})).all())


async def list_changes(
    session: AsyncSession, subscriber_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row[Any]]:
    """Return a page of the history, newest first."""
    values = {"subscriber": subscriber_id, "limit": limit}
    if before is None:
        return list((await session.execute(_NEWEST, values)).all())
    return list((await session.execute(_OLDER, values | {"at": before[0], "id": before[1]})).all())
