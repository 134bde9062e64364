"""Callback: places kept for citizens who want to be called back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from store import live
from store.base import created_column, time_column


class CallbackWish(SQLModel, table=True):
    """A citizen has left his queue and keeps his place in it: `queued_at`, since when he has been waiting."""

    __tablename__ = "callback_wish"
    __table_args__ = (
        Index("ix_callback_wish_list", text("at DESC"), text("id DESC")),
        Index("ix_callback_wish_number", "number"),
        Index("ix_callback_wish_subscriber", "subscriber_id"),
    )
    id: UUID = Field(primary_key=True)
    call_id: UUID = Field(foreign_key="call.id", unique=True)
    queue_id: UUID | None = Field(default=None, foreign_key="queue.id")
    number: str
    subscriber_id: UUID | None = Field(default=None, foreign_key="subscriber.id")
    queued_at: datetime = time_column()
    at: datetime = created_column()


async def add_wish(session: AsyncSession, wish: CallbackWish) -> bool:
    """Keep a wish; return False when the call has one already."""
    values: dict[str, Any] = wish.model_dump(exclude={"at"})
    added = insert(CallbackWish).values(**values).on_conflict_do_nothing().returning(col(CallbackWish.id))
    if (await session.execute(added)).first() is None:
        return False
    live.notice(session, live.role("supervisor"), "voicemails")
    return True


async def find_wish(session: AsyncSession, call_id: UUID) -> CallbackWish | None:
    """Return the wish of a call."""
    mine = select(CallbackWish).where(col(CallbackWish.call_id) == call_id)
    return (await session.execute(mine)).scalar_one_or_none()
