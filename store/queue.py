"""Queue: its numbers, its members, and the match of waiting calls with free desks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from schemas.queue import QueuePolicy
from store.base import key_column, time_column


class Queue(SQLModel, table=True):
    """What a caller waits in. Times in seconds; None = no limit. `priority`: the higher goes first."""

    __tablename__ = "queue"
    id: UUID = key_column()
    name: str = Field(unique=True)
    priority: int = 0
    ring_seconds: int = 20
    misses_to_break: int = 3
    post_processing_seconds: int | None = None
    wait_seconds: int | None = None
    talk_norm_seconds: int | None = None
    hours: dict[str, list[list[str]]] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))
    archived_at: datetime | None = time_column(nullable=True)


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
    )
