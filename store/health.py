"""Figures of the whole centre for /metrics and /health/ready: no names, no numbers of people."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.base import Value
from schemas.message import MessageChannel

_QUEUES = text(
    """SELECT q.name, count(c.id) AS waiting,
              coalesce(extract(epoch FROM clock_timestamp() - min(c.queued_at)), 0) AS oldest
       FROM queue q LEFT JOIN call c ON c.queue_id = q.id AND c.stage IN ('waiting', 'ringing')
       WHERE q.archived_at IS NULL GROUP BY q.name ORDER BY q.name"""
)
_DESKS = text("SELECT status, count(*) FROM desk GROUP BY status")
_CALLS = text(
    """SELECT stage, count(*) FROM call
       WHERE stage IN ('waiting', 'ringing', 'talking', 'post_processing') GROUP BY stage"""
)


_MESSAGES = text(
    """SELECT channel, count(*) AS waiting, extract(epoch FROM clock_timestamp() - min(created_at)) AS oldest
       FROM message WHERE state = 'accepted' GROUP BY channel"""
)


class QueueLoad(Value):
    """How many wait in a queue, and how long the first of them, in seconds."""

    name: str
    waiting: int
    oldest: float


class Unsent(Value):
    """How many messages of a channel have not gone out yet, and the age of the oldest, in seconds."""

    waiting: int = 0
    oldest: float = 0.0


class Load(Value):
    """What the centre is doing."""

    messages: dict[MessageChannel, Unsent]
    queues: list[QueueLoad]
    desks: dict[str, int]
    calls: dict[str, int]


async def is_writable(session: AsyncSession) -> bool:
    """Whether PostgreSQL takes changes (a standby or a full disk does not)."""
    is_read_only: str = (await session.execute(text("SHOW transaction_read_only"))).scalar_one()
    return is_read_only == "off"


async def get_load(session: AsyncSession) -> Load:
    """Return the queues' lengths, the desks by state and the live calls by stage."""
    queues = (await session.execute(_QUEUES)).all()
    desks = (await session.execute(_DESKS)).all()
    calls = (await session.execute(_CALLS)).all()
    messages = (await session.execute(_MESSAGES)).all()
    unsent = {row.channel: Unsent(waiting=row.waiting, oldest=float(row.oldest)) for row in messages}
    return Load(
        messages={channel: unsent.get(channel, Unsent()) for channel in MessageChannel},
        queues=[QueueLoad(name=row.name, waiting=row.waiting, oldest=float(row.oldest)) for row in queues],
        desks={status: count for status, count in desks},
        calls={stage: count for stage, count in calls},
    )
