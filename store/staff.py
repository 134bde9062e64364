"""Staff: employees and their sessions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    Index,
    LargeBinary,
    Row,
    String,
    delete,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from schemas.errors import NotFound
from schemas.staff import Role
from store.base import created_column, key_column, one_of, time_column
from store.desk import Desk


class Employee(SQLModel, table=True):
    """A person who works in the centre; `login` may be a СНИЛС."""

    __tablename__ = "employee"
    id: UUID = key_column()
    login: str = Field(unique=True)
    full_name: str
    password_hash: str
    roles: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    blocked_at: datetime | None = time_column(nullable=True)
    created_at: datetime = created_column()


class StaffSession(SQLModel, table=True):
    """A reference token: only its hash is kept. `role` is empty until one of several is chosen."""

    __tablename__ = "staff_session"
    id: UUID = key_column()
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    employee_id: UUID = Field(foreign_key="employee.id", index=True)
    role: Role | None = Field(default=None, sa_type=one_of(Role), nullable=True)
    kind: str = "browser"
    csrf: str = ""
    address: str = ""
    created_at: datetime = created_column()
    seen_at: datetime = created_column()
    ended_at: datetime | None = time_column(nullable=True)
    end_reason: str | None = None


class LoginAttempt(SQLModel, table=True):
    """A failed login: throttles the account and the address. `subject` is a keyed hash, not the login itself."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index(None, "subject", text("at DESC")),)
    id: UUID = key_column()
    subject: str
    at: datetime = created_column()


_IS_LIVE = text(
    """staff_session.ended_at IS NULL AND employee.blocked_at IS NULL
       AND staff_session.created_at > clock_timestamp() - CAST(:absolute AS interval)
       AND (staff_session.seen_at > clock_timestamp() - CAST(:idle AS interval)
            OR EXISTS (SELECT FROM desk_presence p WHERE p.desk_id = desk.id AND p.lease_until > clock_timestamp())
            OR EXISTS (SELECT FROM serving s WHERE s.desk_id = desk.id AND s.finished_at IS NULL))"""
)
_IS_UNMARKED = literal_column("staff_session.seen_at < clock_timestamp() - interval '1 minute'", Boolean)
# SKIP LOCKED: a slow request of the same session must not make the others wait for this mark.
_SEEN = text(
    """UPDATE staff_session SET seen_at = clock_timestamp() WHERE id IN (
           SELECT id FROM staff_session WHERE id = :id AND seen_at < clock_timestamp() - interval '1 minute'
           FOR UPDATE SKIP LOCKED)"""
)
_SUBJECT_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 20180513))")

# Longer than any throttle looks back.
KEPT = timedelta(days=1)

LiveSession = tuple[StaffSession, Employee, UUID | None]

# Every request asks this: read as plain columns, it costs a third of what the tables' own objects cost.
_ASKER = text(
    f"""SELECT staff_session.id, staff_session.employee_id, staff_session.role, staff_session.csrf, employee.full_name,
               employee.roles, desk.id AS desk_id,
               staff_session.seen_at < clock_timestamp() - interval '1 minute' AS is_unmarked
        FROM staff_session JOIN employee ON employee.id = staff_session.employee_id
        LEFT JOIN desk ON desk.employee_id = staff_session.employee_id
        WHERE staff_session.token_hash = :token_hash AND staff_session.kind = :kind AND {_IS_LIVE}"""
)


async def find_by_login(session: AsyncSession, spellings: Sequence[str]) -> Employee | None:
    """Return the employee with a login spelled in one of these ways, the first that exists."""
    rows = await session.execute(select(Employee).where(col(Employee.login).in_(spellings)))
    found = {employee.login: employee for employee in rows.scalars()}
    return next((found[spelling] for spelling in spellings if spelling in found), None)


async def get_employee(session: AsyncSession, employee_id: UUID) -> Employee:
    """Return an employee with his row locked."""
    # NO KEY: a match that gives his desk a call refers to him and must not wait for whoever then waits for his desk.
    no_key = {"key_share": True}
    employee = await session.get(Employee, employee_id, with_for_update=no_key, populate_existing=True)
    if employee is None:
        raise NotFound
    return employee


async def list_employees(session: AsyncSession, search: str, limit: int = 100) -> Sequence[Employee]:
    """Return employees whose name or login has these letters (ё is е), by name."""
    name = func.replace(func.lower(col(Employee.full_name)), "ё", "е")
    found = select(Employee).order_by(name, col(Employee.id)).limit(limit)
    if search:
        letters = search.lower().replace("ё", "е")
        found = found.where(
            or_(name.contains(letters, autoescape=True), col(Employee.login).contains(letters, autoescape=True))
        )
    return (await session.execute(found)).scalars().all()


async def find_live_session(
    session: AsyncSession, token_hash: bytes, kind: str, idle: timedelta, absolute: timedelta
) -> LiveSession | None:
    """Return a session that may still be used, its employee and his desk."""
    found = (
        select(StaffSession, Employee, col(Desk.id), _IS_UNMARKED)
        .join(Employee, col(Employee.id) == col(StaffSession.employee_id))
        .outerjoin(Desk, col(Desk.employee_id) == col(StaffSession.employee_id))
        .where(col(StaffSession.token_hash) == token_hash, col(StaffSession.kind) == kind, _IS_LIVE)
    )
    row = (await session.execute(found, {"idle": idle, "absolute": absolute})).one_or_none()
    if row is None:
        return None
    live, employee, desk_id, is_unmarked = row
    if is_unmarked:
        await session.execute(_SEEN, {"id": live.id})
    return live, employee, desk_id


async def find_asker(
    session: AsyncSession, token_hash: bytes, kind: str, idle: timedelta, absolute: timedelta
) -> Row[Any] | None:
    """Return what a request must know of its asker: his session, role, name and desk; the session is marked as seen."""
    asked = {"token_hash": token_hash, "kind": kind, "idle": idle, "absolute": absolute}
    row = (await session.execute(_ASKER, asked)).one_or_none()
    if row is not None and row.is_unmarked:
        await session.execute(_SEEN, {"id": row.id})
    return row


async def is_live(session: AsyncSession, session_id: UUID, idle: timedelta, absolute: timedelta) -> bool:
    """Whether a session may still be used, asked without a sign of life (an open stream asks)."""
    found = (
        select(col(StaffSession.id))
        .join(Employee, col(Employee.id) == col(StaffSession.employee_id))
        .outerjoin(Desk, col(Desk.employee_id) == col(StaffSession.employee_id))
        .where(col(StaffSession.id) == session_id, _IS_LIVE)
    )
    return (await session.execute(found, {"idle": idle, "absolute": absolute})).first() is not None


async def end_session(session: AsyncSession, session_id: UUID, reason: str) -> None:
    """End one session, once."""
    await _end(session, col(StaffSession.id) == session_id, reason)


async def end_sessions_of(session: AsyncSession, employee_id: UUID, reason: str) -> None:
    """End every session of an employee."""
    await _end(session, col(StaffSession.employee_id) == employee_id, reason)


async def _end(session: AsyncSession, which: ColumnElement[bool], reason: str) -> None:
    ended = {"ended_at": func.clock_timestamp(), "end_reason": reason}
    await session.execute(update(StaffSession).where(which, col(StaffSession.ended_at).is_(None)).values(ended))


async def is_known_address(session: AsyncSession, employee_id: UUID, address: str) -> bool:
    """Whether the employee has logged in from this address in the last month."""
    month = text("created_at > clock_timestamp() - interval '30 days'")
    known = select(col(StaffSession.id)).where(
        col(StaffSession.employee_id) == employee_id, col(StaffSession.address) == address, month
    )
    return (await session.execute(known.limit(1))).first() is not None


async def attempts_of(session: AsyncSession, subject: str, window: timedelta) -> list[float]:
    """Return the ages in seconds of a subject's failed logins, newest first, with the subject locked."""
    await session.execute(_SUBJECT_LOCK, {"subject": subject})
    age = func.extract("epoch", func.clock_timestamp() - col(LoginAttempt.at))
    recent = col(LoginAttempt.at) > func.clock_timestamp() - window
    rows = select(age).where(col(LoginAttempt.subject) == subject, recent).order_by(age)
    return [float(seconds) for seconds in (await session.execute(rows)).scalars()]


async def add_attempts(session: AsyncSession, subjects: Sequence[str]) -> list[UUID]:
    """Count an attempt against each subject before its password is looked at; return the marks."""
    marks = [LoginAttempt(subject=subject) for subject in subjects]
    session.add_all(marks)
    await session.flush()
    return [mark.id for mark in marks]


async def forget_attempts(session: AsyncSession, marks: Sequence[UUID], subject: str) -> None:
    """Take back the marks of an attempt that was right, and all of its own subject."""
    mine = or_(col(LoginAttempt.id).in_(marks), col(LoginAttempt.subject) == subject)
    await session.execute(delete(LoginAttempt).where(mine))


async def prune(session: AsyncSession, older_than: timedelta = KEPT) -> None:
    """Drop failed logins that no throttle counts any more."""
    await session.execute(delete(LoginAttempt).where(col(LoginAttempt.at) < func.clock_timestamp() - older_than))
