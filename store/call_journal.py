"""Journal of calls: an operator's own servings, or the calls of all, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, not_, or_, select, text, true, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from schemas.call import CallKind, OfferState
from schemas.journal import Channel, JournalFilter, JournalPage, JournalRow, JournalRows
from schemas.subscriber import masked_name
from store.call import Call, CallReason, Reason, Serving
from store.queue import Queue
from store.staff import Employee
from store.subscriber import Subscriber, named

At = Mapped[Any]
_CHOICES = text(
    """SELECT 'reasons' AS list, id, name, position FROM reason WHERE archived_at IS NULL
       UNION ALL SELECT 'queues', id, name, 0 FROM queue WHERE archived_at IS NULL
       UNION ALL SELECT 'employees', e.id, e.full_name, 0 FROM employee e JOIN desk d ON d.employee_id = e.id
       ORDER BY list, position, name"""
)


@dataclass(frozen=True)
class Source:
    """Where the rows of a list come from, and which columns mean what in it."""

    rows: Any
    scope: ColumnElement[bool]
    id: At
    at: At
    answered: At
    talk_ended: At
    ended: At
    employee: At

    @property
    def missed(self) -> ColumnElement[bool]:
        """An incoming ring that is over and was never answered."""
        return and_(self.answered.is_(None), self.ended.is_not(None), col(Call.kind) == CallKind.INBOUND)


def own(employee_id: UUID) -> Source:
    """Return the list of one employee: every ring of the desk is a row, a missed one too."""
    return Source(
        rows=select().select_from(Serving).join(Call, col(Call.id) == Serving.call_id),
        scope=and_(
            col(Serving.employee_id) == employee_id, func.coalesce(Serving.outcome, "") != OfferState.VOID.value
        ),
        id=col(Serving.id),
        at=col(Serving.offered_at),
        answered=col(Serving.answered_at),
        talk_ended=col(Serving.ended_at),
        ended=col(Serving.finished_at),
        employee=col(Serving.employee_id),
    )


def everybody() -> Source:
    """Return the list of the whole centre: every call is a row."""
    return Source(
        rows=select().select_from(Call),
        scope=true(),
        id=col(Call.id),
        at=col(Call.started_at),
        answered=col(Call.answered_at),
        talk_ended=col(Call.talk_ended_at),
        ended=col(Call.ended_at),
        employee=col(Call.employee_id),
    )


async def list_rows(session: AsyncSession, source: Source, wanted: JournalFilter, page: JournalPage) -> JournalRows:
    """Return one page of a list in two statements: the rows, and the reasons of them all."""
    statement = _paged(_selected(source).where(source.scope, *_conditions(source, wanted)), source, page)
    found = list((await session.execute(statement)).all())
    has_more = len(found) > page.size
    found = found[: page.size]
    if page.before:
        found.reverse()
    reasons = await list_reasons(session, [row.call_id for row in found if not row.missed])
    return JournalRows(
        rows=tuple(_row(row, reasons) for row in found),
        has_newer=has_more if page.before else page.after is not None,
        has_older=page.before is not None or has_more,
    )


async def count_rows(session: AsyncSession, source: Source, wanted: JournalFilter) -> int:
    """Return how many rows the list has."""
    counted = source.rows.add_columns(func.count()).where(source.scope, *_conditions(source, wanted))
    total: int = (await session.execute(counted)).scalar_one()
    return total


async def list_reasons(session: AsyncSession, calls: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return the names of the reasons of these calls, in the order of the list of reasons."""
    if not calls:
        return {}
    statement = (
        select(CallReason.call_id, func.array_agg(_ordered_name()))  # type: ignore[call-overload]
        .join(Reason, col(Reason.id) == CallReason.reason_id)
        .where(col(CallReason.call_id).in_(set(calls)))
        .group_by(CallReason.call_id)
    )
    return {call_id: tuple(names) for call_id, names in (await session.execute(statement)).all()}


async def list_choices(session: AsyncSession) -> dict[str, list[tuple[UUID, str]]]:
    """Return what a journal may be filtered by, in one statement."""
    choices: dict[str, list[tuple[UUID, str]]] = {"reasons": [], "queues": [], "employees": []}
    for row in (await session.execute(_CHOICES)).all():
        choices[row.list].append((row.id, row.name))
    return choices


def _ordered_name() -> Any:
    return aggregate_order_by(col(Reason.name), col(Reason.position), col(Reason.name))


def _selected(source: Source) -> Select[Any]:
    rows: Select[Any] = source.rows
    return (
        rows.outerjoin(Subscriber, col(Subscriber.id) == Call.subscriber_id)
        .outerjoin(Queue, col(Queue.id) == Call.queue_id)
        .outerjoin(Employee, col(Employee.id) == source.employee)
        .add_columns(
            source.id.label("id"),
            source.at.label("at"),
            source.answered.label("answered"),
            source.talk_ended.label("talk_ended"),
            source.ended.label("ended"),
            source.missed.label("missed"),
            col(Call.id).label("call_id"),
            col(Call.kind),
            col(Call.stage),
            col(Call.number),
            col(Call.confirmed),
            col(Call.started_at),
            col(Call.comment),
            col(Call.postponed),
            col(Subscriber.full_name).label("subscriber"),
            col(Queue.name).label("queue"),
            col(Employee.full_name).label("employee"),
        )
    )


def _paged(statement: Select[Any], source: Source, page: JournalPage) -> Select[Any]:
    place = tuple_(source.at, source.id)
    if page.before:
        newer = place > tuple_(page.before.at, page.before.id)
        return statement.where(newer).order_by(source.at.asc(), source.id.asc()).limit(page.size + 1)
    if page.after:
        statement = statement.where(place < tuple_(page.after.at, page.after.id))
    return statement.order_by(source.at.desc(), source.id.desc()).limit(page.size + 1)


def _conditions(source: Source, wanted: JournalFilter) -> list[ColumnElement[bool]]:
    conditions = [
        _channels(source, wanted.channels),
        _one_of(col(Call.queue_id), wanted.queues),
        _one_of(source.employee, wanted.employees),
        _one_of(col(Call.stage), wanted.results),
        _with_reasons(source, wanted.reasons),
        *_period(source, wanted),
    ]
    if wanted.postponed is not None:
        conditions.append(col(Call.postponed).is_(wanted.postponed))
    if wanted.subscriber_id:
        conditions.append(col(Call.subscriber_id) == wanted.subscriber_id)
    if wanted.numbers:
        conditions.append(or_(*(col(Call.number).startswith(number) for number in wanted.numbers)))
    if wanted.name:
        conditions.append(col(Call.subscriber_id).in_(select(Subscriber.id).where(named(wanted.name))))  # type: ignore[call-overload]
    return conditions


def _one_of(column: At, values: Sequence[Any]) -> ColumnElement[bool]:
    return column.in_(values) if values else true()


def _channels(source: Source, channels: Sequence[Channel]) -> ColumnElement[bool]:
    meanings = {
        Channel.MISSED: source.missed,
        Channel.INBOUND: and_(col(Call.kind) == CallKind.INBOUND, not_(source.missed)),
        Channel.OUTBOUND: col(Call.kind) == CallKind.OUTBOUND,
    }
    return or_(*(meanings[channel] for channel in channels)) if channels else true()


def _with_reasons(source: Source, reasons: Sequence[UUID]) -> ColumnElement[bool]:
    """A missed ring shows no reasons (another operator chose them), so no reason finds it."""
    if not reasons:
        return true()
    chosen = select(CallReason.call_id).where(col(CallReason.reason_id).in_(reasons))  # type: ignore[call-overload]
    return and_(col(Call.id).in_(chosen), source.answered.is_not(None))


def _period(source: Source, wanted: JournalFilter) -> list[ColumnElement[bool]]:
    since = source.at >= wanted.since if wanted.since else true()
    until = source.at < wanted.until if wanted.until else true()
    return [since, until]


def _row(row: Row[Any], reasons: dict[UUID, tuple[str, ...]]) -> JournalRow:
    return JournalRow(
        id=row.id,
        call_id=row.call_id,
        at=row.at,
        started_at=row.started_at,
        number=row.number,
        confirmed=row.confirmed,
        channel=Channel.MISSED if row.missed else Channel(row.kind),
        stage=row.stage,
        full_name=row.subscriber if row.confirmed or not row.subscriber else masked_name(row.subscriber),
        waiting=_between(row.started_at, row.answered or row.ended),
        talk=_between(row.answered, row.talk_ended or row.ended),
        post_processing=_between(row.talk_ended, row.ended) if row.answered else None,
        reasons=reasons.get(row.call_id, ()),
        comment="" if row.missed else row.comment,
        postponed=row.postponed and not row.missed,
        employee=row.employee,
        queue=row.queue,
    )


def _between(since: datetime | None, until: datetime | None) -> timedelta | None:
    return max(until - since, timedelta()) if since and until else None
