"""Audit: who did what, in the transaction of the act; the relay seals the rows into a chain."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from store.base import created_column, key_column


class Audit(SQLModel, table=True):
    """One act. `seq` and `seal` (sha-256 over the row and the seal before) are filled by the relay."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_unsealed", "at", postgresql_where=text("seq IS NULL")),
        Index("ix_audit_thing", "thing", "thing_id", "at"),
    )
    id: UUID = key_column()
    at: datetime = created_column()
    actor_id: UUID | None = None
    verb: str
    thing: str
    thing_id: UUID | None = None
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    seq: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True, unique=True))
    seal: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


def record(session: AsyncSession, actor_id: UUID | None, act: tuple[str, str], thing_id: UUID | None, **details: Any) -> None:
    """Write one act, `act` being (thing, verb), into the transaction that does it."""
    thing, verb = act
    session.add(Audit(actor_id=actor_id, thing=thing, verb=verb, thing_id=thing_id, details=details))
