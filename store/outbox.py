"""Outbox: what must leave a transaction and must not be lost. The relay carries it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from schemas.base import Value
from store.base import created_column, time_column

FAILURES_TO_PARK = 5

_WAITING = text("delivered_at IS NULL")
# The head of each key, whoever holds it left out: its lock is the lock on the key. A parked head blocks its key.
_CLAIM = text(
    """SELECT o.id, o.key, o.kind, o.payload FROM outbox o
       WHERE o.delivered_at IS NULL AND o.parked_at IS NULL
         AND (o.retry_at IS NULL OR o.retry_at <= clock_timestamp())
         AND NOT EXISTS (SELECT FROM outbox e WHERE e.key = o.key AND e.delivered_at IS NULL AND e.id < o.id)
       ORDER BY o.id LIMIT :limit FOR UPDATE OF o SKIP LOCKED"""
)
_DELIVERED = text(
    """UPDATE outbox o SET delivered_at = clock_timestamp(), error = d.error
       FROM unnest(CAST(:ids AS bigint[]), CAST(:errors AS text[])) AS d (id, error) WHERE o.id = d.id
       RETURNING EXISTS (SELECT FROM outbox e WHERE e.key = o.key AND e.delivered_at IS NULL AND e.id > o.id)"""
)
_POSTPONED = text("UPDATE outbox SET retry_at = clock_timestamp() + make_interval(secs => :seconds) WHERE id = :id")
_FAILED = text(
    f"""UPDATE outbox SET attempts = attempts + 1, error = :error,
           retry_at = clock_timestamp() + make_interval(secs => 0.5 * power(2, attempts)),
           parked_at = CASE WHEN attempts + 1 >= {FAILURES_TO_PARK} THEN clock_timestamp() END
       WHERE id = :id RETURNING parked_at IS NOT NULL"""
)
_PRUNE = text(
    """DELETE FROM outbox WHERE id IN (
           SELECT id FROM outbox WHERE delivered_at < clock_timestamp() - interval '1 day' LIMIT :limit)"""
)
_STATE = text(
    """SELECT count(*) FILTER (WHERE parked_at IS NULL) AS waiting, count(parked_at) AS parked,
              extract(epoch FROM clock_timestamp() - min(created_at) FILTER (WHERE parked_at IS NULL)) AS age
       FROM outbox WHERE delivered_at IS NULL"""
)


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
    """Leave a row; a trigger of the table wakes the relay when the transaction commits."""
    session.add(Outbox(key=key, kind=kind, payload=payload))


class Waiting(Value):
    """A claimed row on its way."""

    id: int
    key: str
    kind: str
    payload: dict[str, Any]


class OutboxState(Value):
    """How much waits (parked rows apart), and how long the oldest has been waiting, in seconds."""

    waiting: int
    parked: int
    age: float


async def claim(session: AsyncSession, limit: int) -> list[Waiting]:
    """Lock and return the oldest undelivered row of as many keys; the lock lasts as long as the transaction."""
    rows = await session.execute(_CLAIM, {"limit": limit})
    return [Waiting(id=row.id, key=row.key, kind=row.kind, payload=row.payload) for row in rows]


async def mark_delivered(session: AsyncSession, rows: Sequence[tuple[int, str | None]]) -> bool:
    """Note that these rows (id, remark) are done; return whether others wait behind them."""
    done = {"ids": [row_id for row_id, _ in rows], "errors": [remark for _, remark in rows]}
    return any((await session.execute(_DELIVERED, done)).scalars().all())


async def postpone(session: AsyncSession, row_id: int, seconds: float) -> None:
    """Try again later: the addressee is out of reach, which is not the row's fault."""
    await session.execute(_POSTPONED, {"id": row_id, "seconds": seconds})


async def mark_failed(session: AsyncSession, row_id: int, error: str) -> bool:
    """Count a failure; return whether the row is parked now."""
    parked: bool = (await session.execute(_FAILED, {"id": row_id, "error": error[:500]})).scalar_one()
    return parked


async def prune(session: AsyncSession, limit: int = 5000) -> None:
    """Forget what was delivered more than a day ago."""
    await session.execute(_PRUNE, {"limit": limit})


async def get_state(session: AsyncSession) -> OutboxState:
    """Return what waits and what is parked."""
    row = (await session.execute(_STATE)).one()
    return OutboxState(waiting=row.waiting, parked=row.parked, age=float(row.age or 0))
