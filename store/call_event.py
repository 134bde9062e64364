"""The timeline of a call («Хронология обслуживания»), and with it the memory of what was already done."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.timeline import EventKind
from store.call import CallEvent
from store.direct import load

_APPEND = text(
    """INSERT INTO call_event (call_id, seq, key, kind, actor_id, details)
       SELECT :call_id, coalesce(max(seq), 0) + 1, :key, :kind, :actor_id, CAST(:details AS jsonb)
       FROM call_event WHERE call_id = :call_id
       ON CONFLICT (call_id, key) DO NOTHING RETURNING at"""
)

_FIND = text("SELECT * FROM call_event WHERE call_id = :call_id AND key = :key")


async def record(
    session: AsyncSession, call_id: UUID, key: str, kind: EventKind, *, actor_id: UUID | None = None, **details: Any
) -> datetime | None:
    """Append one line and return its time; None when this key is already there. The caller holds the call's row."""
    values = {"call_id": call_id, "key": key, "kind": kind.value, "actor_id": actor_id, "details": json.dumps(details)}
    at: datetime | None = (await session.execute(_APPEND, values)).scalar_one_or_none()
    return at


async def find(session: AsyncSession, call_id: UUID, key: str) -> CallEvent | None:
    """Return the line that this key once wrote."""
    found = await load(session, CallEvent, _FIND, {"call_id": call_id, "key": key})
    return found[0] if found else None
