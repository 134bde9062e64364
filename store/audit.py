"""Audit: who did what, in the transaction of the act; the relay seals the rows into a chain."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, LargeBinary, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

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


def record(
    session: AsyncSession, actor_id: UUID | None, act: tuple[str, str], thing_id: UUID | None, **details: Any
) -> None:
    """Write one act, `act` being (thing, verb), into the transaction that does it."""
    thing, verb = act
    session.add(Audit(actor_id=actor_id, thing=thing, verb=verb, thing_id=thing_id, details=details))


_SEAL_LOCK = text("SELECT pg_advisory_xact_lock(20180515)")
_LAST = text("SELECT seq, seal FROM audit WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1")
_SEAL = text("UPDATE audit SET seq = :seq, seal = :seal WHERE id = :id AND seq IS NULL")
_START = b"pult"


async def seal(session: AsyncSession, limit: int = 500) -> int:
    """Give the unsealed rows their place in the chain; return how many. A late commit is sealed late, never lost."""
    await session.execute(_SEAL_LOCK)
    unsealed = select(Audit).where(col(Audit.seq).is_(None)).order_by(col(Audit.at), col(Audit.id)).limit(limit)
    rows = (await session.execute(unsealed)).scalars().all()
    if not rows:
        return 0
    last = (await session.execute(_LAST)).first()
    seq, chain = (last.seq, last.seal) if last else (0, _START)
    seals = []
    for row in rows:
        seq, chain = seq + 1, _seal_of(chain, seq + 1, row)
        seals.append({"seq": seq, "seal": chain, "id": row.id})
    await session.execute(_SEAL, seals)
    return len(rows)


async def verify(session: AsyncSession, page: int = 2000) -> int | None:
    """Return the sequence number at which the chain is broken, None when it holds."""
    seq, chain = 0, _START
    while True:
        sealed = select(Audit).where(col(Audit.seq) > seq).order_by(col(Audit.seq)).limit(page)
        rows = (await session.execute(sealed)).scalars().all()
        for row in rows:
            seq, chain = seq + 1, _seal_of(chain, seq + 1, row)
            if row.seq != seq or row.seal != chain:
                return seq
        if len(rows) < page:
            return None


def _seal_of(before: bytes, seq: int, row: Audit) -> bytes:
    facts = [
        seq,
        row.id,
        row.at.astimezone(UTC).isoformat(),
        row.actor_id,
        row.verb,
        row.thing,
        row.thing_id,
        row.details,
    ]
    written = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(before + written.encode()).digest()
