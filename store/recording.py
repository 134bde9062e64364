"""Recording: the talks that operators' browsers recorded, piece by piece, and who listened to them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, Index, Integer, Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from schemas.recording import Joined, RecordingState
from store import live, outbox
from store.base import created_column, one_of, time_column
from store.staff import Employee

_OPEN = text("state = 'open'")
PLAY_LASTS = timedelta(hours=1)
"""A player that asks for the next piece of sound within this time is still playing."""

# The queue's word; a talk without a queue (called out) is recorded. Colleagues among themselves are not.
_PEER = text(
    """SELECT peer.id, peer.side, peer.created_at,
              mine.side <> peer.side AND c.id IS NOT NULL AND coalesce(q.recorded, true) AS is_recorded
       FROM line_leg mine JOIN line_leg peer ON peer.id = mine.peer_id
       LEFT JOIN call c ON c.id = mine.call_id LEFT JOIN queue q ON q.id = c.queue_id WHERE mine.id = :leg"""
)
_ADD = text(
    """UPDATE recording SET segments = segments + 1, last_at = clock_timestamp(),
           state = CASE WHEN state = 'expired' THEN state ELSE 'open' END WHERE id = :id"""
)
# Its page is gone: the leg has ended, or nothing came for an hour. What was asked for and did not come is asked anew.
_RESEND = text(
    """UPDATE recording SET asked_at = clock_timestamp(), ended_at = coalesce(ended_at, last_at) WHERE id IN (
           SELECT r.id FROM recording r LEFT JOIN line_leg l ON l.id = r.leg_id WHERE r.state = 'open'
             AND (r.ended_at IS NOT NULL OR l.ended_at < clock_timestamp() - interval '30 seconds'
                  OR r.last_at < clock_timestamp() - interval '1 hour')
             AND r.last_at < clock_timestamp() - interval '20 seconds'
             AND (r.asked_at IS NULL OR r.asked_at < clock_timestamp() - interval '60 seconds')
           ORDER BY r.id FOR UPDATE OF r SKIP LOCKED) RETURNING id"""
)
_HEAR = text(
    """INSERT INTO recording_listening (recording_id, employee_id, play) VALUES (:recording, :employee, :play)
       ON CONFLICT (recording_id, employee_id, play) DO UPDATE SET at = clock_timestamp()
           WHERE recording_listening.at < clock_timestamp() - make_interval(secs => :lasts) RETURNING 1"""
)


class Recording(SQLModel, table=True):
    """What one page of an operator recorded of one talk. `object` is the joined sound, once there is one."""

    __tablename__ = "recording"
    __table_args__ = (
        Index("ix_recording_call", "call_id"),
        Index("ix_recording_leg", "leg_id"),
        Index("ix_recording_open", "last_at", postgresql_where=_OPEN),
        Index("ix_recording_kept", "started_at", postgresql_where=text("state <> 'expired'")),
    )
    id: UUID = Field(primary_key=True)
    call_id: UUID = Field(foreign_key="call.id")
    leg_id: UUID
    employee_id: UUID = Field(foreign_key="employee.id")
    state: RecordingState = Field(default=RecordingState.OPEN, sa_type=one_of(RecordingState))
    started_at: datetime = created_column()
    last_at: datetime = created_column()
    ended_at: datetime | None = time_column(nullable=True)
    asked_at: datetime | None = time_column(nullable=True)
    segments: int = 0
    object: str | None = None
    size: int | None = None
    seconds: float | None = None
    lost: list[int] = Field(
        default_factory=list, sa_column=Column(ARRAY(Integer), nullable=False, server_default=text("'{}'"))
    )


class RecordingSegment(SQLModel, table=True):
    """One piece of a recording as it came."""

    __tablename__ = "recording_segment"
    recording_id: UUID = Field(foreign_key="recording.id", primary_key=True, ondelete="CASCADE")
    seq: int = Field(primary_key=True)
    object: str
    size: int
    at: datetime = created_column()


class RecordingListening(SQLModel, table=True):
    """One play of a recording by one person; `play` is the player's own key."""

    __tablename__ = "recording_listening"
    recording_id: UUID = Field(foreign_key="recording.id", primary_key=True, ondelete="CASCADE")
    employee_id: UUID = Field(foreign_key="employee.id", primary_key=True)
    play: UUID = Field(primary_key=True)
    at: datetime = created_column()


# --- the pieces come


async def find_peer(session: AsyncSession, leg_id: UUID) -> Row[Any] | None:
    """Return with whom the leg has voice (id, side, created_at), and whether that is recorded: it is the other side of
    a call that its queue wants recorded."""
    return (await session.execute(_PEER, {"leg": leg_id})).one_or_none()


async def is_recorded(session: AsyncSession, leg_id: UUID) -> bool:
    """Whether the leg's voice is recorded."""
    peer = await find_peer(session, leg_id)
    return peer is not None and peer.is_recorded


async def find(session: AsyncSession, recording_id: UUID) -> Recording | None:
    """Return a recording as it stands in the database now."""
    return await session.get(Recording, recording_id, populate_existing=True)


async def begin(session: AsyncSession, recording: Recording, age: float) -> Recording:
    """Begin a recording, or return the one that has this id; what the leg's earlier pages recorded is over."""
    values: dict[str, Any] = recording.model_dump(include={"id", "call_id", "leg_id", "employee_id"})
    values |= {"state": RecordingState.OPEN, "segments": 0}
    values |= {"started_at": func.clock_timestamp() - timedelta(seconds=age)}
    added = insert(Recording).values(**values).on_conflict_do_nothing(index_elements=["id"])
    if (await session.execute(added.returning(col(Recording.id)))).first() is not None:
        earlier = (col(Recording.leg_id) == recording.leg_id, col(Recording.id) != recording.id, _OPEN)
        for one in (await session.execute(select(col(Recording.id)).where(*earlier))).scalars().all():
            await end(session, one)
    return await session.get_one(Recording, recording.id, populate_existing=True)


async def add_segment(session: AsyncSession, segment: RecordingSegment) -> bool:
    """Add a piece; return False when it is there already. One that comes late has the whole joined again."""
    values = segment.model_dump(exclude={"at"})
    added = insert(RecordingSegment).values(**values).on_conflict_do_nothing()
    if (await session.execute(added.returning(col(RecordingSegment.seq)))).first() is None:
        return False
    await session.execute(_ADD, {"id": segment.recording_id})
    return True


async def end(session: AsyncSession, recording_id: UUID) -> None:
    """Nothing more is expected: have the pieces joined."""
    now = func.clock_timestamp()
    mine = update(Recording).where(col(Recording.id) == recording_id, _OPEN)
    ended = mine.values(ended_at=func.coalesce(col(Recording.ended_at), now), asked_at=now)
    if (await session.execute(ended.returning(col(Recording.id)))).first() is not None:
        _ask_join(session, recording_id)


async def resend(session: AsyncSession) -> int:
    """Have joined what its page did not end, and what was asked for and did not come; return how many."""
    found = (await session.execute(_RESEND)).scalars().all()
    for recording_id in found:
        _ask_join(session, recording_id)
    return len(found)


def _ask_join(session: AsyncSession, recording_id: UUID) -> None:
    outbox.put(session, f"recording-{recording_id}", "run_job", {"recording_id": str(recording_id)})


# --- joined, kept, forgotten


async def find_to_join(session: AsyncSession, recording_id: UUID) -> Recording | None:
    """Return a recording that is over and not joined."""
    row = await find(session, recording_id)
    return row if row and row.state is RecordingState.OPEN and row.ended_at else None


async def list_segments(session: AsyncSession, recording_id: UUID) -> Sequence[RecordingSegment]:
    """Return the pieces of a recording in their order."""
    mine = select(RecordingSegment).where(col(RecordingSegment.recording_id) == recording_id)
    return (await session.execute(mine.order_by(col(RecordingSegment.seq)))).scalars().all()


async def settle(session: AsyncSession, recording: Recording, segments: int, joined: Joined | None) -> bool:
    """Write what so many pieces came to, nothing when they cannot be read; False when there are others meanwhile."""
    values: dict[str, Any] = {"state": RecordingState.FAILED}
    if joined:
        values = {**joined.model_dump(), "lost": list(joined.lost), "state": RecordingState.JOINED}
    same = (col(Recording.id) == recording.id, col(Recording.segments) == segments, _OPEN)
    settled = update(Recording).where(*same).values(**values).returning(col(Recording.id))
    if (await session.execute(settled.execution_options(synchronize_session=False))).first() is None:
        return False
    for name, thing in (("calls", ""), ("call", recording.call_id)):
        live.notice(session, live.role("supervisor"), name, thing)
    return True


async def list_outdated(session: AsyncSession, keep: timedelta, limit: int = 200) -> Sequence[Recording]:
    """Return recordings that were kept for long enough."""
    old = col(Recording.started_at) < func.clock_timestamp() - keep
    kept = select(Recording).where(old, col(Recording.state) != RecordingState.EXPIRED)
    return (await session.execute(kept.order_by(col(Recording.started_at)).limit(limit))).scalars().all()


async def list_leftovers(session: AsyncSession, limit: int = 2000) -> Sequence[RecordingSegment]:
    """Return the pieces that were joined a day ago."""
    joined, a_day_ago = col(Recording.state) == RecordingState.JOINED, func.clock_timestamp() - timedelta(days=1)
    pieces = select(RecordingSegment).join(Recording).where(joined, col(Recording.last_at) < a_day_ago)
    return (await session.execute(pieces.limit(limit))).scalars().all()


async def drop_segments(session: AsyncSession, segments: Sequence[RecordingSegment]) -> None:
    """Forget pieces whose objects are removed."""
    for segment in segments:
        await session.delete(segment)


async def expire(session: AsyncSession, recording: Recording) -> None:
    """Forget a recording whose objects are removed: that it was, and who heard it, stays known."""
    mine = col(RecordingSegment.recording_id) == recording.id
    await session.execute(delete(RecordingSegment).where(mine))
    recording.state, recording.object, recording.size = RecordingState.EXPIRED, None, None
    await session.flush()


# --- what people see and hear


async def list_of_call(session: AsyncSession, call_id: UUID) -> Sequence[tuple[Recording, str]]:
    """Return the recordings of a call with the names of those who recorded, oldest first."""
    rows = select(Recording, Employee).join(Employee, col(Employee.id) == col(Recording.employee_id))
    found = await session.execute(rows.where(col(Recording.call_id) == call_id).order_by(col(Recording.started_at)))
    return [(recording, employee.full_name) for recording, employee in found]


async def list_recorded(session: AsyncSession, call_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these calls have something to play."""
    playable = (col(Recording.call_id).in_(call_ids), col(Recording.object).is_not(None))
    return set((await session.execute(select(col(Recording.call_id)).where(*playable).distinct())).scalars())


async def find_of_call(session: AsyncSession, call_id: UUID, recording_id: UUID) -> Recording | None:
    """Return a recording of this very call."""
    mine = select(Recording).where(col(Recording.id) == recording_id, col(Recording.call_id) == call_id)
    return (await session.execute(mine)).scalar_one_or_none()


async def hear(session: AsyncSession, recording_id: UUID, employee_id: UUID, play: UUID) -> bool:
    """Note a play; return False when it is one that goes on."""
    values = {"recording": recording_id, "employee": employee_id, "play": play, "lasts": PLAY_LASTS.total_seconds()}
    return (await session.execute(_HEAR, values)).first() is not None
