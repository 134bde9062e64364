"""Desk («пульт»): its state, its intervals without gaps, its phone's presence."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Row, func, select, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from schemas.call import ServingRole
from schemas.desk import DeskStatus, RenewPresence, WhyInactive
from store import live
from store.base import clock, created_column, key_column, one_of, time_column
from store.call import Serving


class Desk(SQLModel, table=True):
    """An employee's workplace. `version` grows with each change that its page must show."""

    __tablename__ = "desk"
    id: UUID = key_column()
    employee_id: UUID = Field(foreign_key="employee.id", unique=True)
    status: DeskStatus = Field(default=DeskStatus.INACTIVE, sa_type=one_of(DeskStatus))
    status_since: datetime = created_column()
    reason: str | None = None
    next_status: DeskStatus | None = Field(default=None, sa_type=one_of(DeskStatus), nullable=True)
    next_reason: str | None = None
    idle_since: datetime | None = time_column(nullable=True)
    misses: int = 0
    version: int = 0


class DeskInterval(SQLModel, table=True):
    """A state a desk was in; the last one is open. PostgreSQL refuses an overlap."""

    __tablename__ = "desk_interval"
    __table_args__ = (
        ExcludeConstraint(("desk_id", "="), ("during", "&&"), name="ex_desk_interval", using="gist"),
        Index("uq_desk_interval_open", "desk_id", unique=True, postgresql_where=text("upper_inf(during)")),
    )
    id: UUID = key_column()
    desk_id: UUID = Field(foreign_key="desk.id")
    status: DeskStatus = Field(sa_type=one_of(DeskStatus))
    reason: str | None = None
    during: Range[datetime] = Field(sa_column=Column(TSTZRANGE, nullable=False))


class DeskPresence(SQLModel, table=True):
    """The page that holds the desk's phone; without a live lease no call is offered."""

    __tablename__ = "desk_presence"
    desk_id: UUID = Field(foreign_key="desk.id", primary_key=True)
    phone_id: UUID
    fencing: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    lease_until: datetime = time_column(index=True)
    ready: bool = True


LEASE = timedelta(seconds=12)
NEVER_CAME = timedelta(minutes=1)
"""A desk that no phone has come to for so long is left: a page that was closed at once, a program without one."""
RETURN_AS_IT_WAS = timedelta(minutes=5)

_CLOSE_INTERVAL = text(
    """WITH open AS (SELECT id, greatest(lower(during), CAST(:at AS timestamptz)) AS cut FROM desk_interval
                     WHERE desk_id = :desk_id AND upper_inf(during)),
            kept AS (UPDATE desk_interval i SET during = tstzrange(lower(during), cut) FROM open
                     WHERE i.id = open.id AND lower(during) < cut),
            dropped AS (DELETE FROM desk_interval i USING open WHERE i.id = open.id AND lower(during) >= cut)
       SELECT cut FROM open"""
)
_OPEN_INTERVAL = text(
    """INSERT INTO desk_interval (desk_id, status, reason, during)
       VALUES (:desk_id, :status, :reason, tstzrange(CAST(:at AS timestamptz), NULL))"""
)
_LIVE_SERVING = text("SELECT id FROM serving WHERE desk_id = :desk_id AND finished_at IS NULL LIMIT 1")
# One statement, for every desk asks it every four seconds. «before» does not see what «renewed» writes.
_RENEW = text(
    """WITH before AS (
           SELECT d.version, d.reason, p.fencing, p.lease_until, p.ready, o.leg_id,
                  p.lease_until > clock_timestamp() AS live
           FROM desk d LEFT JOIN desk_presence p ON p.desk_id = d.id
           LEFT JOIN offer o ON o.desk_id = d.id AND o.state = 'ringing' WHERE d.id = :desk_id),
       renewed AS (
           INSERT INTO desk_presence (desk_id, phone_id, fencing, lease_until, ready)
           VALUES (:desk_id, :phone_id, 1, clock_timestamp() + CAST(:lease AS interval), :ready)
           ON CONFLICT (desk_id) DO UPDATE SET
               fencing = desk_presence.fencing + (desk_presence.phone_id <> excluded.phone_id)::int,
               phone_id = excluded.phone_id, lease_until = excluded.lease_until, ready = excluded.ready
           WHERE desk_presence.phone_id = excluded.phone_id OR :take_over
                 OR desk_presence.lease_until < clock_timestamp()
           RETURNING fencing, lease_until)
       SELECT r.fencing IS NOT NULL AS is_held, coalesce(r.fencing, b.fencing) AS fencing,
              coalesce(r.lease_until, b.lease_until) AS lease_until, b.version, b.reason, b.leg_id,
              coalesce(b.live, false) AS was_live, coalesce(b.live AND b.ready, false) AS was_ready
       FROM before b LEFT JOIN renewed r ON true"""
)


async def get(session: AsyncSession, desk_id: UUID) -> Desk:
    """Return a desk with its row locked."""
    return await session.get_one(Desk, desk_id, with_for_update=True, populate_existing=True)


async def enter(session: AsyncSession, employee_id: UUID) -> UUID:
    """Open the employee's desk at login, in «Перерыв» (R186); return its id. A desk in a call stays as it is."""
    await session.execute(
        text(
            "INSERT INTO desk (employee_id, status, misses, version) VALUES (:e, 'inactive', 0, 0)"
            " ON CONFLICT DO NOTHING"
        ),
        {"e": employee_id},
    )
    desk_id = (await session.execute(select(col(Desk.id)).where(col(Desk.employee_id) == employee_id))).scalar_one()
    desk = await get(session, desk_id)
    if desk.status is DeskStatus.INACTIVE and not await has_live_serving(session, desk_id):
        desk.next_status = None
        await set_status(session, desk, DeskStatus.BREAK)
    return desk_id


async def leave(session: AsyncSession, employee_id: UUID, why: WhyInactive) -> None:
    """Make the employee's desk inactive; in a call, when the call is finished."""
    found = select(col(Desk.id)).where(col(Desk.employee_id) == employee_id)
    desk_id = (await session.execute(found)).scalar_one_or_none()
    if desk_id is None:
        return
    # The phone before the desk, as a renewal that brings the desk back locks them.
    await session.execute(text("DELETE FROM desk_presence WHERE desk_id = :d"), {"d": desk_id})
    await ask_status(session, await get(session, desk_id), DeskStatus.INACTIVE, why)


async def ask_status(session: AsyncSession, desk: Desk, status: DeskStatus, reason: str | None = None) -> None:
    """Change the state now, or, with a serving open, when that ends. The caller holds the desk's row."""
    if await has_live_serving(session, desk.id):
        desk.next_status, desk.next_reason = status, reason
        _touch(session, desk)
    else:
        await set_status(session, desk, status, reason)


async def set_status(
    session: AsyncSession, desk: Desk, status: DeskStatus, reason: str | None = None, at: datetime | None = None
) -> None:
    """Close the desk's interval and open the next one at the same instant: no gap, no overlap."""
    at = at or await clock(session)  # first: the desk's changes are then written once
    desk.next_status = desk.next_reason = None
    desk.idle_since = at if status is DeskStatus.INCOMING else None
    if desk.status is not status or desk.reason != reason or desk.version == 0:
        closed = await session.execute(_CLOSE_INTERVAL, {"desk_id": desk.id, "at": at})
        at = closed.scalar_one_or_none() or at
        opened = {"desk_id": desk.id, "status": status.value, "reason": reason, "at": at}
        await session.execute(_OPEN_INTERVAL, opened)
        desk.status, desk.reason, desk.status_since = status, reason, at
    _touch(session, desk)


async def free(
    session: AsyncSession, desk_id: UUID, asked: DeskStatus | None = None, at: datetime | None = None
) -> None:
    """Take the state asked for (or the desk's next one) now that its serving has ended."""
    desk = await get(session, desk_id)
    status, reason = desk.next_status or desk.status, desk.next_reason
    if asked and asked is not status:  # a break asked for beforehand keeps its reason
        status, reason = asked, None
    if desk.next_status is DeskStatus.INACTIVE:  # logged out or blocked meanwhile: a form cannot bring it back
        status, reason = desk.next_status, desk.next_reason
    await set_status(session, desk, status, reason if reason or status is not desk.status else desk.reason, at)


async def reserve(
    session: AsyncSession, desk_id: UUID, call_id: UUID, at: datetime, role: ServingRole = ServingRole.MAIN
) -> Serving | None:
    """Take the desk for a call that comes in; None when it is no longer free. Under the routing lock."""
    return await _reserve(session, desk_id, DeskStatus.INCOMING, {"call_id": call_id, "role": role, "offered_at": at})


async def reserve_to_call(session: AsyncSession, desk_id: UUID, call_id: UUID, at: datetime) -> Serving | None:
    """Take the desk for a call that goes out; None when it is busy or not in «Исходящие». Under the routing lock."""
    serving = {"call_id": call_id, "role": ServingRole.OUTBOUND, "offered_at": at}
    return await _reserve(session, desk_id, DeskStatus.OUTGOING, serving)


async def _reserve(session: AsyncSession, desk_id: UUID, status: DeskStatus, part: dict[str, Any]) -> Serving | None:
    desk = await get(session, desk_id)
    if desk.status is not status or await has_live_serving(session, desk_id):
        return None
    serving = Serving(desk_id=desk_id, employee_id=desk.employee_id, **part)
    session.add(serving)
    _touch(session, desk)
    await session.flush()
    return serving


async def has_live_serving(session: AsyncSession, desk_id: UUID) -> bool:
    """Whether the desk is in a call, from the offer to the end of post-processing."""
    return (await session.execute(_LIVE_SERVING, {"desk_id": desk_id})).first() is not None


async def renew(session: AsyncSession, desk_id: UUID, asked: RenewPresence) -> Row[Any]:
    """Renew the phone's lease, unless another page holds it and no take-over was asked; return what its page must know,
    as it was before."""
    values = asked.model_dump() | {"desk_id": desk_id, "lease": LEASE}
    return (await session.execute(_RENEW, values)).one()


async def come_back(session: AsyncSession, desk_id: UUID) -> bool:
    """Give a desk whose phone was lost the state it had (after a long absence «Перерыв»); True if it changed."""
    desk = await get(session, desk_id)
    if desk.status is not DeskStatus.INACTIVE or desk.reason != WhyInactive.PHONE_LOST:
        return False
    away = await clock(session) - desk.status_since
    before = desk.next_status if away < RETURN_AS_IT_WAS else None
    await set_status(session, desk, before or DeskStatus.BREAK)
    return True


async def expire_leases(session: AsyncSession) -> int:
    """Make desks with a dead lease inactive, back-dated to the lease's end; return how many."""
    until = func.coalesce(DeskPresence.lease_until, col(Desk.status_since) + NEVER_CAME)
    dead = (
        select(Desk, until)
        .outerjoin(DeskPresence, col(DeskPresence.desk_id) == col(Desk.id))
        .where(until < func.clock_timestamp(), col(Desk.status) != DeskStatus.INACTIVE)
        .with_for_update(of=Desk)
    )
    expired = 0
    for desk, lease_until in (await session.execute(dead)).all():
        if not await has_live_serving(session, desk.id):
            before = desk.status
            await set_status(session, desk, DeskStatus.INACTIVE, WhyInactive.PHONE_LOST, lease_until)
            desk.next_status = before
            expired += 1
    return expired


def _touch(session: AsyncSession, desk: Desk) -> None:
    desk.version += 1
    live.notice(session, live.person(desk.employee_id), "desk", desk.id)
    live.notice(session, live.role("supervisor"), "desks", desk.id)
