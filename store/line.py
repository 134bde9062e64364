"""Web line: legs, and the signals that one browser leaves for the other."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from schemas.call import ServingRole
from schemas.line import Destination, LegSide, LegState, SendSignal, SignalKind
from store import live
from store.base import created_column, one_of, time_column
from store.desk import Desk
from store.direct import load

_OPEN = text("state <> 'ended'")
_MAIN = {"server_default": text("'main'")}
# Signals carry the addresses of a citizen's network: nobody needs them after the end, whose time this tells.
_FORGET_SIGNALS = text(
    """WITH forgotten AS (DELETE FROM line_signal WHERE leg_id = ANY(CAST(:legs AS uuid[])))
       SELECT clock_timestamp()"""
)

_LOCK_CALL = text("SELECT * FROM line_leg WHERE call_id = :call_id ORDER BY id FOR UPDATE")
_ADD_CITIZEN = text(
    """INSERT INTO line_leg (id, call_id, side, state, role, number, token_hash, version)
       VALUES (:id, :call_id, 'citizen', 'waiting', 'main', :number, :token_hash, 0)
       ON CONFLICT (id) DO NOTHING RETURNING created_at"""
)
_COUNT_CALLS = text(
    """SELECT count(*) FROM line_leg WHERE number = :number AND side = 'citizen'
          AND created_at > clock_timestamp() - CAST(:since AS interval)"""
)
_DESTINATIONS = text(
    """SELECT n.number, q.name, q.recorded FROM queue_number n JOIN queue q ON q.id = n.queue_id
       WHERE q.archived_at IS NULL ORDER BY q.priority DESC, q.id, n.number"""
)
_TOUCH = text(
    """UPDATE line_leg SET seen_at = clock_timestamp()
       WHERE id = :id AND state <> 'ended' AND seen_at < clock_timestamp() - interval '1 second'"""
)
_SIGNALS = text("SELECT * FROM line_signal WHERE leg_id = :leg_id AND id > :after ORDER BY id")


class LineLeg(SQLModel, table=True):
    """One telephone page in one call. A citizen's leg has a token (its hash), an operator's leg has a desk.

    `role`: why it is in the call. `peer_id`: the one leg it has voice with. `page_id`: the open page that was called.
    `lost_at`: its page was last heard to be gone.
    """

    __tablename__ = "line_leg"
    __table_args__ = (
        Index("ix_line_leg_call", "call_id"),
        Index("ix_line_leg_desk", "desk_id", "created_at"),
        Index("ix_line_leg_number", "number", "created_at"),
        Index("ix_line_leg_open", "seen_at", postgresql_where=_OPEN),
    )
    id: UUID = Field(primary_key=True)
    call_id: UUID
    side: LegSide = Field(sa_type=one_of(LegSide))
    state: LegState = Field(default=LegState.WAITING, sa_type=one_of(LegState))
    desk_id: UUID | None = None
    offer_token: UUID | None = None
    role: ServingRole = Field(default=ServingRole.MAIN, sa_type=one_of(ServingRole), sa_column_kwargs=_MAIN)
    peer_id: UUID | None = None
    page_id: UUID | None = None
    number: str = ""
    token_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True, unique=True))
    version: int = 0
    created_at: datetime = created_column()
    seen_at: datetime = created_column()
    answered_at: datetime | None = time_column(nullable=True)
    lost_at: datetime | None = time_column(nullable=True)
    ended_at: datetime | None = time_column(nullable=True)
    ended_by: str | None = None


class LineSignal(SQLModel, table=True):
    """A WebRTC signal left for `leg_id`."""

    __tablename__ = "line_signal"
    __table_args__ = (Index("ix_line_signal_leg", "leg_id", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    leg_id: UUID
    kind: SignalKind = Field(sa_type=one_of(SignalKind))
    attempt: str
    body: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    at: datetime = created_column()


# --- legs


async def add_citizen(session: AsyncSession, leg: LineLeg) -> datetime | None:
    """Add a citizen's leg and return when; None when it is there already."""
    values = {"id": leg.id, "call_id": leg.call_id, "number": leg.number, "token_hash": leg.token_hash}
    at: datetime | None = (await session.execute(_ADD_CITIZEN, values)).scalar_one_or_none()
    return at


async def find_leg(session: AsyncSession, leg_id: UUID) -> LineLeg | None:
    """Return the leg as it stands in the database now."""
    return await session.get(LineLeg, leg_id, populate_existing=True)


async def find_open_leg(session: AsyncSession, desk_id: UUID) -> LineLeg | None:
    """Return the leg that rings or talks at the desk."""
    mine = select(LineLeg).where(col(LineLeg.desk_id) == desk_id, _OPEN)
    return (await session.execute(mine.order_by(col(LineLeg.created_at).desc()).limit(1))).scalar_one_or_none()


async def lock_call(session: AsyncSession, call_id: UUID) -> list[LineLeg]:
    """Return the legs of a call, locked in one order by everybody who will write them."""
    return await load(session, LineLeg, _LOCK_CALL, {"call_id": call_id})


async def touch(session: AsyncSession, leg_id: UUID) -> None:
    """Write that the leg's page is alive; often, so at most each second."""
    await session.execute(_TOUCH, {"id": leg_id})


async def count_calls(session: AsyncSession, number: str, since: timedelta) -> int:
    """Return how many times the number has called in this time."""
    calls: int = (await session.execute(_COUNT_CALLS, {"number": number, "since": since})).scalar_one()
    return calls


async def list_destinations(session: AsyncSession) -> list[Destination]:
    """Return the numbers that a citizen can call, the most important queue first."""
    return [Destination(**row) for row in (await session.execute(_DESTINATIONS)).mappings()]


async def become(session: AsyncSession, leg: LineLeg, state: LegState, peer: LineLeg | None = None) -> None:
    """Change what the leg's page plays and shows, and with whom it has voice."""
    leg.state, leg.version = state, leg.version + 1
    leg.peer_id = peer.id if peer else leg.peer_id
    await tell(session, leg)


async def end(session: AsyncSession, *legs: LineLeg, ended_by: str) -> None:
    """End legs; a repeat changes nothing."""
    open_ones = [leg for leg in legs if leg.state is not LegState.ENDED]
    if not open_ones:
        return
    at = (await session.execute(_FORGET_SIGNALS, {"legs": [leg.id for leg in open_ones]})).scalar_one()
    for leg in open_ones:
        leg.ended_at, leg.ended_by = at, ended_by
        await become(session, leg, LegState.ENDED)


async def tell(session: AsyncSession, leg: LineLeg) -> None:
    """Say to the leg's page that there is something new."""
    live.notice(session, live.leg(leg.id), "leg", leg.id)
    if leg.desk_id is not None:
        live.notice(session, live.person(await _owner(session, leg.desk_id)), "leg", leg.id)


_OWNERS: dict[UUID, UUID] = {}


async def _owner(session: AsyncSession, desk_id: UUID) -> UUID:
    """A desk is one employee's for ever: asked once."""
    if desk_id not in _OWNERS:
        mine = select(col(Desk.employee_id)).where(col(Desk.id) == desk_id)
        _OWNERS[desk_id] = (await session.execute(mine)).scalar_one()
    return _OWNERS[desk_id]


# --- signals


async def leave_signal(session: AsyncSession, peer: LineLeg, signal: SendSignal) -> None:
    """Leave a signal for the other side."""
    session.add(LineSignal(leg_id=peer.id, kind=signal.kind, attempt=signal.attempt, body=signal.body))
    await tell(session, peer)


async def list_signals(session: AsyncSession, leg_id: UUID, after: int) -> list[LineSignal]:
    """Return the signals left for the leg after this one."""
    return await load(session, LineSignal, _SIGNALS, {"leg_id": leg_id, "after": after})


async def count_signals(session: AsyncSession, leg_id: UUID, attempt: str) -> tuple[int, int]:
    """Return how many signals of this attempt, and of all attempts, were left for the leg."""
    of_attempt = func.count().filter(col(LineSignal.attempt) == attempt)
    counts = select(of_attempt, func.count()).where(col(LineSignal.leg_id) == leg_id)
    one, every = (await session.execute(counts)).one()
    return one, every
