"""Voicemail: the messages of citizens whom nobody answered, and who listened to them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from schemas.recording import Joined, RecordingState
from store import live, outbox
from store.base import created_column, one_of, time_column
from store.recording import PLAY_LASTS

_OPEN = text("state = 'open'")
_NEW = text("heard_at IS NULL AND state <> 'expired'")
_RESEND = text(
    """UPDATE voicemail SET asked_at = clock_timestamp() WHERE id IN (
           SELECT id FROM voicemail WHERE state = 'open' AND asked_at < clock_timestamp() - interval '60 seconds'
           ORDER BY id FOR UPDATE SKIP LOCKED) RETURNING id"""
)
_HEAR = text(
    """WITH play AS (
           INSERT INTO voicemail_listening (voicemail_id, employee_id, play) VALUES (:voicemail, :employee, :play)
           ON CONFLICT (voicemail_id, employee_id, play) DO UPDATE SET at = clock_timestamp()
               WHERE voicemail_listening.at < clock_timestamp() - make_interval(secs => :lasts) RETURNING 1),
       first AS (
           UPDATE voicemail SET heard_by = :employee, heard_at = clock_timestamp()
           WHERE id = :voicemail AND heard_at IS NULL AND EXISTS (SELECT FROM play) RETURNING 1)
       SELECT EXISTS (SELECT FROM play) AS is_listening, EXISTS (SELECT FROM first) AS is_first"""
)


class Voicemail(SQLModel, table=True):
    """One message. `object` is what the page sent, and later the same sound prepared for players."""

    __tablename__ = "voicemail"
    __table_args__ = (
        Index("ix_voicemail_list", text("at DESC"), text("id DESC")),
        Index("ix_voicemail_new", text("at DESC"), text("id DESC"), postgresql_where=_NEW),
        Index("ix_voicemail_open", "asked_at", postgresql_where=_OPEN),
    )
    id: UUID = Field(primary_key=True)
    call_id: UUID = Field(foreign_key="call.id", unique=True)
    queue_id: UUID | None = Field(default=None, foreign_key="queue.id")
    number: str
    subscriber_id: UUID | None = Field(default=None, foreign_key="subscriber.id")
    state: RecordingState = Field(default=RecordingState.OPEN, sa_type=one_of(RecordingState))
    object: str | None = None
    size: int | None = None
    seconds: float | None = None
    at: datetime = created_column()
    asked_at: datetime = created_column()
    heard_by: UUID | None = Field(default=None, foreign_key="employee.id")
    heard_at: datetime | None = time_column(nullable=True)


class VoicemailListening(SQLModel, table=True):
    """One play of a message by one person; `play` is the player's own key."""

    __tablename__ = "voicemail_listening"
    voicemail_id: UUID = Field(foreign_key="voicemail.id", primary_key=True, ondelete="CASCADE")
    employee_id: UUID = Field(foreign_key="employee.id", primary_key=True)
    play: UUID = Field(primary_key=True)
    at: datetime = created_column()


# --- a message comes


async def add(session: AsyncSession, voicemail: Voicemail) -> bool:
    """Keep a message and have it prepared; return False when the call has one already."""
    values: dict[str, Any] = voicemail.model_dump(exclude={"at", "asked_at"})
    added = insert(Voicemail).values(**values).on_conflict_do_nothing().returning(col(Voicemail.id))
    if (await session.execute(added)).first() is None:
        return False
    _ask_join(session, voicemail.id)
    _tell(session, voicemail.call_id)
    return True


async def find(session: AsyncSession, voicemail_id: UUID) -> Voicemail | None:
    """Return a message as it stands in the database now."""
    return await session.get(Voicemail, voicemail_id, populate_existing=True)


async def find_of_call(session: AsyncSession, call_id: UUID) -> Voicemail | None:
    """Return the message of a call."""
    mine = select(Voicemail).where(col(Voicemail.call_id) == call_id)
    return (await session.execute(mine)).scalar_one_or_none()


async def resend(session: AsyncSession) -> int:
    """Have prepared what was asked for and did not come; return how many."""
    found = (await session.execute(_RESEND)).scalars().all()
    for voicemail_id in found:
        _ask_join(session, voicemail_id)
    return len(found)


async def settle(session: AsyncSession, voicemail: Voicemail, joined: Joined | None) -> bool:
    """Write what the message came to, nothing when it cannot be read; False when another run was faster."""
    values: dict[str, Any] = {"state": RecordingState.FAILED}
    if joined:
        values = {**joined.model_dump(exclude={"lost"}), "state": RecordingState.JOINED}
    mine = update(Voicemail).where(col(Voicemail.id) == voicemail.id, _OPEN).values(**values)
    settled = mine.returning(col(Voicemail.id)).execution_options(synchronize_session=False)
    if (await session.execute(settled)).first() is None:
        return False
    _tell(session, voicemail.call_id)
    return True


# --- heard and forgotten


async def hear(session: AsyncSession, voicemail: Voicemail, employee_id: UUID, play: UUID) -> bool:
    """Note a play, the first one as «heard»; return False when it is one that goes on. One statement."""
    asked = {"voicemail": voicemail.id, "employee": employee_id, "play": play, "lasts": PLAY_LASTS.total_seconds()}
    noted = (await session.execute(_HEAR, asked)).one()
    if noted.is_first:
        _tell(session, voicemail.call_id)
    return bool(noted.is_listening)


async def count_new(session: AsyncSession) -> int:
    """Return how many messages nobody has heard."""
    return (await session.execute(select(func.count()).select_from(Voicemail).where(_NEW))).scalar_one()


async def list_outdated(session: AsyncSession, keep: timedelta, limit: int = 200) -> Sequence[Voicemail]:
    """Return messages that were kept for long enough."""
    old = col(Voicemail.at) < func.clock_timestamp() - keep
    kept = select(Voicemail).where(old, col(Voicemail.state) != RecordingState.EXPIRED)
    return (await session.execute(kept.order_by(col(Voicemail.at)).limit(limit))).scalars().all()


async def expire(session: AsyncSession, voicemail: Voicemail) -> None:
    """Forget a sound whose object is removed: that it was, and who heard it, stays known."""
    voicemail.state, voicemail.object, voicemail.size = RecordingState.EXPIRED, None, None
    await session.flush()


def _ask_join(session: AsyncSession, voicemail_id: UUID) -> None:
    outbox.put(session, f"voicemail-{voicemail_id}", "run_job", {"voicemail_id": str(voicemail_id)})


def _tell(session: AsyncSession, call_id: UUID) -> None:
    for name, thing in (("voicemails", ""), ("calls", call_id), ("call", call_id)):
        live.notice(session, live.role("supervisor"), name, thing)
