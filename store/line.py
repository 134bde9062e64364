"""Web line: legs, and the signals that one browser leaves for the other."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from schemas.call import ServingRole
from schemas.call_news import CallerHungUp, OperatorAnswered, OperatorDeclined, OperatorHungUp
from schemas.line import Destination, LegSide, LegState, SendSignal, SignalKind
from store import live, outbox
from store.base import clock, created_column, one_of, time_column
from store.desk import Desk, DeskPresence
from store.queue import Queue, QueueNumber

_OPEN = text("state <> 'ended'")
_MAIN = {"server_default": text("'main'")}
_FRESH = {"populate_existing": True}
FORGOTTEN_RING = timedelta(minutes=3)
"""A leg that rings for so long is rung by no process any more."""


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


async def add_citizen(session: AsyncSession, leg: LineLeg) -> bool:
    """Add a citizen's leg; return False when it is there already."""
    values = {"id": leg.id, "call_id": leg.call_id, "number": leg.number, "token_hash": leg.token_hash}
    statement = insert(LineLeg).values(side=LegSide.CITIZEN, state=LegState.WAITING, version=0, **values)
    added = await session.execute(statement.on_conflict_do_nothing(index_elements=["id"]).returning(col(LineLeg.id)))
    return added.first() is not None


async def add_operator(session: AsyncSession, leg: LineLeg, citizen_id: UUID) -> bool:
    """Ring a desk, unless it rings already or the citizen is gone."""
    legs = {one.id: one for one in await lock_call(session, leg.call_id)}
    citizen = legs.get(citizen_id)
    if leg.id in legs or citizen is None or citizen.state not in (LegState.WAITING, LegState.RINGING):
        return False
    session.add(leg)
    leg.side, leg.state, leg.peer_id, leg.number = LegSide.OPERATOR, LegState.RINGING, citizen_id, citizen.number
    await session.flush()
    await _become(session, citizen, LegState.RINGING)
    await tell(session, leg)
    return True


async def find_leg(session: AsyncSession, leg_id: UUID) -> LineLeg | None:
    """Return the leg as it stands in the database now."""
    return await session.get(LineLeg, leg_id, populate_existing=True)


async def find_open_leg(session: AsyncSession, desk_id: UUID) -> LineLeg | None:
    """Return the leg that rings or talks at the desk."""
    mine = select(LineLeg).where(col(LineLeg.desk_id) == desk_id, _OPEN)
    return (await session.execute(mine.order_by(col(LineLeg.created_at).desc()).limit(1))).scalar_one_or_none()


async def lock_call(session: AsyncSession, call_id: UUID) -> list[LineLeg]:
    """Return the legs of a call, locked in one order by everybody who will write them."""
    legs = select(LineLeg).where(col(LineLeg.call_id) == call_id).order_by(col(LineLeg.id))
    return list((await session.execute(legs.with_for_update(), execution_options=_FRESH)).scalars())


async def touch(session: AsyncSession, leg_id: UUID) -> None:
    """Write that the leg's page is alive; often, so at most each second."""
    stale = col(LineLeg.seen_at) < func.clock_timestamp() - timedelta(seconds=1)
    mine = update(LineLeg).where(col(LineLeg.id) == leg_id, _OPEN, stale)
    await session.execute(mine.values(seen_at=func.clock_timestamp()).execution_options(synchronize_session=False))


async def count_calls(session: AsyncSession, number: str, since: timedelta) -> int:
    """Return how many times the number has called in this time."""
    mine = (col(LineLeg.number) == number, col(LineLeg.side) == LegSide.CITIZEN)
    recent = col(LineLeg.created_at) > func.clock_timestamp() - since
    return (await session.execute(select(func.count()).select_from(LineLeg).where(*mine, recent))).scalar_one()


async def list_destinations(session: AsyncSession) -> list[Destination]:
    """Return the numbers that a citizen can call, the most important queue first."""
    columns = (col(QueueNumber.number), col(Queue.name), col(Queue.recorded))
    statement = select(*columns).join(Queue, col(Queue.id) == col(QueueNumber.queue_id))
    order = (col(Queue.priority).desc(), col(Queue.id), col(QueueNumber.number))
    rows = await session.execute(statement.where(col(Queue.archived_at).is_(None)).order_by(*order))
    return [Destination(number=number, name=name, recorded=recorded) for number, name, recorded in rows]


# --- what happens to legs


async def answer(session: AsyncSession, leg: LineLeg) -> LineLeg | None:
    """Pick up a ringing leg and return the citizen's; None when it does not ring any more. The leg is the referee."""
    legs = {one.id: one for one in await lock_call(session, leg.call_id)}
    citizen = legs.get(leg.peer_id) if leg.peer_id else None
    if leg.state is not LegState.RINGING or citizen is None or citizen.state is LegState.ENDED:
        return None
    now = await clock(session)
    for one, other in ((leg, citizen), (citizen, leg)):
        one.answered_at, one.seen_at, one.peer_id = now, now if one is leg else one.seen_at, other.id
        await _become(session, one, LegState.TALKING)
    news = OperatorAnswered(token=leg.offer_token, leg_id=str(leg.id), at=now)
    outbox.signal_call(session, leg.call_id, "operator_answered", news)
    return citizen


async def decline(session: AsyncSession, leg: LineLeg) -> bool:
    """Refuse a ringing leg."""
    if not await stop_ringing(session, leg):
        return False
    news = OperatorDeclined(token=leg.offer_token, leg_id=str(leg.id), at=await clock(session))
    outbox.signal_call(session, leg.call_id, "operator_declined", news)
    return True


async def stop_ringing(session: AsyncSession, leg: LineLeg) -> bool:
    """End a ringing leg and let the citizen wait again; return False when it does not ring."""
    legs = await lock_call(session, leg.call_id)
    if leg.state is not LegState.RINGING:
        return False
    await _end(session, leg, "declined")
    for citizen in legs:
        if citizen.state is LegState.RINGING and citizen.id == leg.peer_id:
            await _become(session, citizen, LegState.WAITING)
    return True


async def end_call(session: AsyncSession, call_id: UUID, ended_by: str) -> bool:
    """End every leg of the call; return False when all had ended."""
    legs = [leg for leg in await lock_call(session, call_id) if leg.state is not LegState.ENDED]
    for leg in legs:
        await _end(session, leg, ended_by)
    return bool(legs)


async def hang_up(session: AsyncSession, leg: LineLeg, ended_by: str = "") -> None:
    """The page of this leg hung up, or is gone: end the call's voice and tell its process."""
    if not await end_call(session, leg.call_id, ended_by or leg.side):
        return
    if leg.side is LegSide.CITIZEN:
        news = CallerHungUp(leg_id=str(leg.id), at=await clock(session))
        outbox.signal_call(session, leg.call_id, "caller_hung_up", news)
    else:
        await _report_hang_up(session, leg)


async def cut(session: AsyncSession, call_id: UUID) -> None:
    """End the voice by an order; the process hears of the operator's leg that talked as of a hang-up."""
    talking = [leg for leg in await lock_call(session, call_id) if leg.state is LegState.TALKING]
    await end_call(session, call_id, "exchange")
    for leg in talking:
        if leg.side is LegSide.OPERATOR:
            await _report_hang_up(session, leg)


async def _report_hang_up(session: AsyncSession, leg: LineLeg) -> None:
    news = OperatorHungUp(leg_id=str(leg.id), at=await clock(session))
    outbox.signal_call(session, leg.call_id, "operator_hung_up", news)


async def _become(session: AsyncSession, leg: LineLeg, state: LegState) -> None:
    leg.state, leg.version = state, leg.version + 1
    await session.flush()
    await tell(session, leg)


async def _end(session: AsyncSession, leg: LineLeg, ended_by: str) -> None:
    leg.ended_at, leg.ended_by = await clock(session), ended_by
    # Signals carry the addresses of a citizen's network: nobody needs them any more.
    await session.execute(delete(LineSignal).where(col(LineSignal.leg_id) == leg.id))
    await _become(session, leg, LegState.ENDED)


async def tell(session: AsyncSession, leg: LineLeg) -> None:
    """Say to the leg's page that there is something new."""
    live.notice(session, live.leg(leg.id), "leg", leg.id)
    if leg.desk_id is not None:
        owner = select(col(Desk.employee_id)).where(col(Desk.id) == leg.desk_id)
        live.notice(session, live.person((await session.execute(owner)).scalar_one()), "leg", leg.id)


# --- signals


async def leave_signal(session: AsyncSession, peer: LineLeg, signal: SendSignal) -> None:
    """Leave a signal for the other side."""
    session.add(LineSignal(leg_id=peer.id, kind=signal.kind, attempt=signal.attempt, body=signal.body))
    await tell(session, peer)


async def list_signals(session: AsyncSession, leg_id: UUID, after: int) -> list[LineSignal]:
    """Return the signals left for the leg after this one."""
    mine = select(LineSignal).where(col(LineSignal.leg_id) == leg_id, col(LineSignal.id) > after)
    return list((await session.execute(mine.order_by(col(LineSignal.id)))).scalars())


async def count_signals(session: AsyncSession, leg_id: UUID, attempt: str) -> tuple[int, int]:
    """Return how many signals of this attempt, and of all attempts, were left for the leg."""
    of_attempt = func.count().filter(col(LineSignal.attempt) == attempt)
    counts = select(of_attempt, func.count()).where(col(LineSignal.leg_id) == leg_id)
    one, every = (await session.execute(counts)).one()
    return one, every


# --- silence


async def last_sign(session: AsyncSession) -> tuple[datetime, datetime | None]:
    """Return the time now, and when anybody's page was heard for the last time."""
    legs = select(func.max(col(LineLeg.seen_at))).where(_OPEN).scalar_subquery()
    # A lease lasts 12 s from the sign that renewed it.
    desks = select(func.max(col(DeskPresence.lease_until)) - timedelta(seconds=12)).scalar_subquery()
    now, newest = (await session.execute(select(func.clock_timestamp(), func.greatest(legs, desks)))).one()
    return now, newest


async def end_silent(session: AsyncSession, seconds: float, grace: float = 5) -> int:
    """End the calls of pages not heard for so long (an operator in talk gets `grace` more), and forgotten rings."""
    now = await clock(session)
    silence = now - timedelta(seconds=seconds)
    legs = select(LineLeg).where(_OPEN, col(LineLeg.seen_at) < silence).order_by(col(LineLeg.call_id), col(LineLeg.id))
    found = (await session.execute(legs, execution_options=_FRESH)).scalars()
    silent = [leg for leg in found if _is_gone(leg, now, silence, grace)]
    for leg in silent:
        await lock_call(session, leg.call_id)
        if leg.side is LegSide.OPERATOR and leg.state is LegState.RINGING:
            await stop_ringing(session, leg)
        elif _is_gone(leg, now, silence, grace):
            await hang_up(session, leg, ended_by="exchange")
    return len(silent)


def _is_gone(leg: LineLeg, now: datetime, silence: datetime, grace: float) -> bool:
    if leg.state is LegState.ENDED or leg.seen_at >= silence:
        return False
    if leg.side is LegSide.CITIZEN:
        return True
    if leg.state is LegState.RINGING:
        return now - leg.created_at > FORGOTTEN_RING
    return leg.seen_at < silence - timedelta(seconds=grace)
