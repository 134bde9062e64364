"""Queue: its numbers, its members, and the match of waiting calls with free desks."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from schemas.base import Value
from schemas.call import CallStage
from schemas.call_news import OperatorOffered
from schemas.desk import DeskStatus
from schemas.queue import QueuePolicy
from store import call_offer, live, outbox
from store.base import clock, key_column, one_of, routing_lock, time_column
from store.call import Call
from store.direct import load


class Queue(SQLModel, table=True):
    """What a caller waits in. Times in seconds; None = no limit. `priority`: the higher goes first.

    `after_lapse`: the state of a desk whose post-processing ran out; None = the one it had.
    """

    __tablename__ = "queue"
    id: UUID = key_column()
    name: str = Field(unique=True)
    priority: int = 0
    ring_seconds: int = 20
    misses_to_break: int = 3
    post_processing_seconds: int | None = None
    wait_seconds: int | None = None
    choice_seconds: int = Field(default=60, sa_column_kwargs={"server_default": text("60")})
    talk_norm_seconds: int | None = None
    after_lapse: DeskStatus | None = Field(default=None, sa_type=one_of(DeskStatus), nullable=True)
    greeting: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    recorded: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    hours: dict[str, list[list[str]]] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))
    archived_at: datetime | None = time_column(nullable=True)
    version: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class QueueNumber(SQLModel, table=True):
    """A public number that leads to a queue."""

    __tablename__ = "queue_number"
    number: str = Field(primary_key=True)
    queue_id: UUID = Field(foreign_key="queue.id", index=True)


class QueueMember(SQLModel, table=True):
    """An employee serves a queue; the lower `priority` is asked first."""

    __tablename__ = "queue_member"
    __table_args__ = (Index(None, "employee_id"),)
    queue_id: UUID = Field(foreign_key="queue.id", primary_key=True)
    employee_id: UUID = Field(foreign_key="employee.id", primary_key=True)
    priority: int = 0


def policy_of(queue: Queue) -> QueuePolicy:
    """Return the rules that a call of this queue follows from its beginning to its end."""
    return QueuePolicy(
        queue_id=queue.id,
        name=queue.name,
        ring_seconds=queue.ring_seconds,
        misses_to_break=queue.misses_to_break,
        post_processing_seconds=queue.post_processing_seconds,
        wait_seconds=queue.wait_seconds,
        choice_seconds=queue.choice_seconds,
        after_lapse=queue.after_lapse,
    )


FRESH = timedelta(seconds=1)
_LOCKED: dict[str, Any] = {"with_for_update": True, "populate_existing": True}

_PAIR = text(
    """SELECT c.id AS call_id, d.id AS desk_id FROM call c JOIN LATERAL (
           SELECT d.id FROM queue_member m
           JOIN desk d ON d.employee_id = m.employee_id AND d.status = 'incoming'
           JOIN desk_presence p ON p.desk_id = d.id AND p.ready AND p.lease_until > clock_timestamp()
           WHERE m.queue_id = c.queue_id
             AND NOT EXISTS (SELECT FROM serving s WHERE s.desk_id = d.id AND s.finished_at IS NULL)
           ORDER BY EXISTS (SELECT FROM offer o WHERE o.call_id = c.id AND o.desk_id = d.id),
                    m.priority, d.idle_since, d.id LIMIT 1) d ON true
       WHERE c.stage = 'waiting' AND (c.silent_since IS NULL OR c.id = CAST(:asking AS uuid)
           OR c.silent_since < clock_timestamp() - interval '60 seconds')
       ORDER BY c.priority DESC, c.queued_at, c.id LIMIT 1"""
)

_BY_NUMBER = text(
    """SELECT q.* FROM queue q JOIN queue_number n ON n.queue_id = q.id
       WHERE n.number = :number AND q.archived_at IS NULL"""
)


async def match(session: AsyncSession, asking: UUID | None = None) -> UUID | None:
    """Offer waiting calls to free desks until none fits; return the token of the call that asks.

    Oldest call of the highest priority × longest-idle desk of its queue; a desk that let this call go is asked
    last. A call whose process is silent blocks no desk: it is offered when it asks, or after a minute. Under the
    routing lock. The other calls learn of their offers through the outbox.
    """
    offers = await _pair_off(session, asking)
    return next((offer.token for offer in offers if offer.call_id == asking), None)


async def match_all(session: AsyncSession) -> int:
    """Void stale offers and match again; return how many calls were helped that nobody had asked for (a net)."""
    await routing_lock(session)
    if await _void_stale(session):
        await match(session)
    # A call that has just come is about to ask by itself.
    return sum(not offer.is_fresh for offer in await _pair_off(session, None))


class _Made(Value):
    """An offer that a match has made."""

    token: UUID
    call_id: UUID
    is_fresh: bool


async def _pair_off(session: AsyncSession, asking: UUID | None) -> list[_Made]:
    made = []
    while pair := (await session.execute(_PAIR, {"asking": asking})).first():
        fresh = {} if pair.call_id == asking else _LOCKED  # who asks has locked his call
        call = await session.get_one(Call, pair.call_id, **fresh)
        offer = await call_offer.make(session, call, pair.desk_id)
        await session.flush()
        if offer is None:
            continue  # the desk went away between the look and its lock; look again
        made.append(_Made(token=offer.token, call_id=call.id, is_fresh=offer.made_at - call.queued_at < FRESH))
        live.notice(session, live.EVERYBODY, "queue")
        if call.id != asking:
            outbox.signal_call(session, call.id, "operator_offered", OperatorOffered(token=offer.token))
    return made


async def _void_stale(session: AsyncSession) -> bool:
    stale = await call_offer.list_stale(session)
    for offer in stale:
        call = await session.get_one(Call, offer.call_id, with_for_update=True, populate_existing=True)
        if await call_offer.void(session, offer.token) and call.stage is CallStage.RINGING:
            call.stage, call.silent_since = CallStage.WAITING, await clock(session)
            live.notice(session, live.EVERYBODY, "queue")
    await session.flush()
    return bool(stale)


async def find_by_number(session: AsyncSession, dialled: str) -> Queue | None:
    """Return the queue that a public number leads to."""
    found = await load(session, Queue, _BY_NUMBER, {"number": dialled})
    return found[0] if found else None
