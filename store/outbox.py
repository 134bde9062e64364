"""Outbox: what must leave a transaction and must not be lost. The relay carries it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from schemas.base import Value
from store.base import created_column, time_column

_WAITING = text("delivered_at IS NULL")


class Outbox(SQLModel, table=True):
    """A row to be delivered; rows of one `key` go in their order."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "key", "id", postgresql_where=_WAITING),)
    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    key: str
    kind: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    created_at: datetime = created_column()
    retry_at: datetime | None = time_column(nullable=True)
    attempts: int = 0
    error: str | None = None
    delivered_at: datetime | None = time_column(nullable=True)
    parked_at: datetime | None = time_column(nullable=True)


def start_call(session: AsyncSession, inbound: Value, call_id: UUID) -> None:
    """Leave the start of a call's process."""
    put(session, f"call-{call_id}", "start_call", inbound.model_dump(mode="json"))


def signal_call(session: AsyncSession, call_id: UUID, signal: str, news: Value) -> None:
    """Leave news for a call's process; `signal` is the workflow's signal name."""
    body = {"call_id": str(call_id), "signal": signal, "news": news.model_dump(mode="json")}
    put(session, f"call-{call_id}", "signal_call", body)


def put(session: AsyncSession, key: str, kind: str, payload: dict[str, Any]) -> None:
    """Leave a row and wake the relay when the transaction commits."""
    session.add(Outbox(key=key, kind=kind, payload=payload))
    session.info["outbox"] = True
