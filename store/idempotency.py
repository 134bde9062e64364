"""Idempotency: the stored answer of a request with an effect, in the effect's own transaction."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, delete, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from store.base import created_column


class Idempotency(SQLModel, table=True):
    """`owner` (session or leg) and its `key` → what was asked (hash) and what was answered."""

    __tablename__ = "idempotency"
    owner: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    asked: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    answer: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    at: datetime = created_column()


KEPT = timedelta(days=2)
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:subject, 20180514))")


async def begin(session: AsyncSession, owner: UUID, key: str) -> bool:
    """Take the key until the end of the transaction; False while another request holds it."""
    taken = await session.execute(_TRY_LOCK, {"subject": f"{owner}/{key}"})
    return bool(taken.scalar_one())


async def find(session: AsyncSession, owner: UUID, key: str) -> Idempotency | None:
    """Return what was asked and answered under this key."""
    return await session.get(Idempotency, (owner, key))


def keep(session: AsyncSession, owner: UUID, key: str, asked: bytes, answer: dict[str, Any]) -> None:
    """Store the answer in the transaction of its effect."""
    session.add(Idempotency(owner=owner, key=key, asked=asked, answer=answer))


async def prune(session: AsyncSession, older_than: timedelta = KEPT) -> None:
    """Drop answers that nobody will ask for again."""
    await session.execute(delete(Idempotency).where(col(Idempotency.at) < func.clock_timestamp() - older_than))
