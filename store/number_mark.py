"""Number marks: the numbers that are a nuisance or blocked, what is known of a number that phones."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, func, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from schemas.number_mark import MarkEnd, MarkFilter, MarkKind, MarkPage, MarkView, NumberNews
from schemas.page import Rows
from store import live
from store.base import created_column, key_column, one_of, time_column
from store.page import Condition, Order, read
from store.subscriber import escaped

MOST_COUNTED = 100
"""Of more calls of a day the exact number says nothing new."""

_HOLDS = "m.ended_at IS NULL AND (m.until IS NULL OR m.until > clock_timestamp())"
_SELECT = f"""SELECT m.id, m.number, m.kind, m.reason, m.set_at, m.until, who.full_name AS set_by,
    CASE WHEN {_HOLDS} THEN NULL ELSE coalesce(m.ended_at, m.until) END AS ended_at, by_whom.full_name AS ended_by,
    CASE WHEN {_HOLDS} THEN NULL ELSE coalesce(m."end", 'expired') END AS "end"
    FROM number_mark m JOIN employee who ON who.id = m.set_by LEFT JOIN employee by_whom ON by_whom.id = m.ended_by"""
_LIVE = text(f"{_SELECT} WHERE m.number = :number AND {_HOLDS}")
_OF_NUMBER = text(f"{_SELECT} WHERE m.number = :number ORDER BY m.set_at DESC, m.id DESC LIMIT 100")
_ONE = text(f"{_SELECT} WHERE m.id = :id")
_CALLER = text(
    f"""SELECT ARRAY(SELECT DISTINCT coalesce(merged_into, id) FROM subscriber
                     WHERE contact_phone = :number OR mobile_phone = :number LIMIT 2),
               (SELECT m.id FROM number_mark m WHERE m.number = :number AND m.kind = 'blocked' AND {_HOLDS})"""
)
# The parameter's type is said: asyncpg would take it for an interval.
_NTH = text(
    f"""SELECT count(*) FROM (SELECT FROM call WHERE number = :number AND kind = 'inbound'
           AND started_at > CAST(:at AS timestamptz) - interval '24 hours' AND started_at <= CAST(:at AS timestamptz)
           LIMIT {MOST_COUNTED}) c"""
)
_EXPIRE = text(
    """UPDATE number_mark SET ended_at = until, "end" = 'expired'
       WHERE number = :number AND ended_at IS NULL AND until <= clock_timestamp()"""
)


class NumberMark(SQLModel, table=True):
    """A mark holds until it is ended or `until` has come; one a number. A changed mark is a new row."""

    __tablename__ = "number_mark"
    __table_args__ = (
        Index("uq_number_mark_open", "number", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_number_mark_number", "number", text("set_at DESC")),
        Index("ix_number_mark_list", text("set_at DESC"), text("id DESC")),
    )
    id: UUID = key_column()
    number: str
    kind: MarkKind = Field(sa_type=one_of(MarkKind))
    reason: str
    set_by: UUID = Field(foreign_key="employee.id")
    set_at: datetime = created_column()
    until: datetime | None = time_column(nullable=True)
    call_id: UUID | None = Field(default=None, foreign_key="call.id")
    ended_at: datetime | None = time_column(nullable=True)
    ended_by: UUID | None = Field(default=None, foreign_key="employee.id")
    end: MarkEnd | None = Field(default=None, sa_type=one_of(MarkEnd), nullable=True)


async def add(session: AsyncSession, mark: NumberMark) -> bool:
    """Insert a mark; False when its number has one that holds."""
    await session.execute(_EXPIRE, {"number": mark.number})
    values = {name: value for name, value in mark.model_dump().items() if value is not None}
    added = await session.execute(
        insert(NumberMark).values(values).on_conflict_do_nothing().returning(col(NumberMark.id))
    )
    _announce(session, mark.id)
    return added.first() is not None


async def end(session: AsyncSession, mark_id: UUID, employee_id: UUID, end: MarkEnd) -> NumberMark | None:
    """End a mark that holds; None when it holds no longer."""
    is_over = col(NumberMark.until) <= func.clock_timestamp()
    holding = update(NumberMark).where(
        col(NumberMark.id) == mark_id, col(NumberMark.ended_at).is_(None), is_over.is_not(True)
    )
    values = {"ended_at": func.clock_timestamp(), "ended_by": employee_id, "end": end}
    _announce(session, mark_id)
    return (await session.execute(holding.values(values).returning(NumberMark))).scalar_one_or_none()


async def find(session: AsyncSession, mark_id: UUID) -> MarkView | None:
    """Return a mark."""
    found = (await session.execute(_ONE, {"id": mark_id})).mappings().one_or_none()
    return MarkView(**found) if found else None


async def find_live(session: AsyncSession, number: str) -> MarkView | None:
    """Return the mark that a number has now."""
    found = (await session.execute(_LIVE, {"number": number})).mappings().one_or_none()
    return MarkView(**found) if found else None


async def find_caller(session: AsyncSession, number: str) -> tuple[UUID | None, UUID | None]:
    """Return the only subscriber with this number (of several the operator chooses), and the mark because of which its
    calls are not taken."""
    cards, block = (await session.execute(_CALLER, {"number": number})).one()
    return cards[0] if len(cards) == 1 else None, block


async def list_of_number(session: AsyncSession, number: str) -> list[MarkView]:
    """Return all marks that a number ever had, newest first."""
    return [MarkView(**row) for row in (await session.execute(_OF_NUMBER, {"number": number})).mappings()]


async def tell(session: AsyncSession, number: str, at: datetime | None) -> NumberNews:
    """Return what is to be known of a number, and, if it phoned then, the how-manieth time within a day."""
    nth = (await session.execute(_NTH, {"number": number, "at": at})).scalar_one() if at else 1
    return NumberNews(mark=await find_live(session, number), nth=max(1, nth))


async def was_refused(session: AsyncSession, call_id: UUID) -> bool:
    """Whether a call was not taken because its number is blocked."""
    asked = text("SELECT 1 FROM call_event WHERE call_id = :call AND key = 'blocked'")
    return (await session.execute(asked, {"call": call_id})).first() is not None


async def list_marks(session: AsyncSession, wanted: MarkFilter, page: MarkPage) -> Rows[MarkView]:
    """Return one page of marks, newest first."""
    found = await read(session, _SELECT, _conditions(wanted), page, Order("m.set_at", "m.id"))
    return Rows.cut([MarkView(**row) for row in found], page)


def _conditions(wanted: MarkFilter) -> Iterator[Condition]:
    yield {None: "true", True: _HOLDS, False: f"NOT ({_HOLDS})"}[wanted.live], {}
    if wanted.kinds:
        yield "m.kind = ANY(:kinds)", {"kinds": [kind.value for kind in wanted.kinds]}
    if wanted.numbers:
        begins = {f"number{nth}": f"{escaped(number)}%" for nth, number in enumerate(wanted.numbers)}
        yield f"({' OR '.join(f'm.number LIKE :{name}' for name in begins)})", begins
    if wanted.reason:
        part = escaped(wanted.reason.lower().replace("ё", "е"))
        yield "replace(lower(m.reason), 'ё', 'е') LIKE :reason", {"reason": f"%{part}%"}


def _announce(session: AsyncSession, mark_id: UUID) -> None:
    live.notice(session, live.role("supervisor"), "marks", mark_id)
