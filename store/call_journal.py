"""Journal of calls: an operator's own servings, or the calls of all, newest first.

A page reads about as many rows as it shows, however large the table is: every filter has an index that keeps the order
of the list. Statements are put together from text: what an index's condition says has to stand there word for word.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call import ENDS
from schemas.journal import Channel, JournalFilter, JournalPage, JournalRows
from store.call_journal_row import row_of
from store.page import Condition, Order, beyond, ordered, way_of
from store.subscriber import escaped, name_condition

MOST_LEADERS = 10
"""Indexes that are merged; of more values so many rows are wanted that any order finds a page of them soon."""

_SERVED = "(serving.answered_at IS NOT NULL OR serving.role = 'outbound') AND serving.role <> 'consult'"
_SHOWN = f"""
    call.id, call.kind, call.stage, call.outcome, call.number, call.confirmed, call.started_at, call.comment,
    call.postponed, subscriber.full_name, queue.name,
    ARRAY(SELECT reason.name FROM call_reason JOIN reason ON reason.id = call_reason.reason_id
          WHERE call_reason.call_id = call.id ORDER BY reason.position, reason.name),
    ARRAY(SELECT employee.full_name FROM serving JOIN employee ON employee.id = serving.employee_id
          WHERE serving.call_id = call.id AND {_SERVED} ORDER BY serving.offered_at)"""
_NAMES = "LEFT JOIN subscriber ON subscriber.id = call.subscriber_id LEFT JOIN queue ON queue.id = call.queue_id"
_REACHED = "coalesce(call.outcome, 'answered') = 'answered'"
_ENDED = f"call.stage IN ({', '.join(repr(end.value) for end in sorted(ENDS))})"
# A plan made for any name is a bad one for most: two of them find half the table, two find nothing.
_PLAN_ANEW = text("SET LOCAL plan_cache_mode = force_custom_plan")
_CHOICES = text(
    """SELECT 'reasons' AS list, id, name, position FROM reason WHERE archived_at IS NULL
       UNION ALL SELECT 'queues', id, name, 0 FROM queue WHERE archived_at IS NULL
       UNION ALL SELECT 'employees', e.id, e.full_name, 0 FROM employee e JOIN desk d ON d.employee_id = e.id
       ORDER BY list, position, name"""
)


@dataclass(frozen=True)
class Source:
    """Where the rows of a list come from, and which columns mean what in it.

    `leader` is the column whose index is read first (see `_led`); one call `may_repeat` in it.
    """

    rows: str
    id: str
    at: str
    answered: str
    talk_ended: str
    ended: str
    scope: str = "true"
    values: Mapping[str, Any] = field(default_factory=dict)
    leader: str = ""
    may_repeat: bool = False

    @property
    def missed(self) -> str:
        """An incoming ring that is over and was never answered."""
        return f"({self.answered} IS NULL AND {self.ended} IS NOT NULL AND call.kind = 'inbound')"


def own(employee_id: UUID) -> Source:
    """Return the list of one employee: every ring of the desk is a row, a missed one too."""
    return Source(
        rows="serving JOIN call ON call.id = serving.call_id",
        id="serving.id",
        at="serving.offered_at",
        answered="serving.answered_at",
        talk_ended="serving.ended_at",
        ended="serving.finished_at",
        scope="serving.employee_id = :own AND coalesce(serving.outcome, '') <> 'void'",
        values={"own": employee_id},
    )


def everybody() -> Source:
    """Return the list of the whole centre: every call is a row."""
    return Source(
        rows="call",
        id="call.id",
        at="call.started_at",
        answered="call.answered_at",
        talk_ended="call.talk_ended_at",
        ended="call.ended_at",
    )


async def list_rows(session: AsyncSession, source: Source, wanted: JournalFilter, page: JournalPage) -> JournalRows:
    """Return one page of a list, in one statement (some say before that they want a plan of their own)."""
    if _wants_a_plan(source, wanted):
        await session.execute(_PLAN_ANEW)
    statement, values = _paged(source, wanted, page)
    found = (await session.execute(_text(statement), values)).all()
    return JournalRows.cut([row_of(*row) for row in found], page)


async def count_rows(session: AsyncSession, source: Source, wanted: JournalFilter) -> int:
    """Return how many rows the list has."""
    source, conditions, values = _narrowed(source, wanted)
    once = f"DISTINCT {source.id}" if source.may_repeat else "*"
    counted = text(f"SELECT count({once}) FROM {source.rows} WHERE {conditions}")
    total: int = (await session.execute(counted, values)).scalar_one()
    return total


async def list_choices(session: AsyncSession) -> dict[str, list[tuple[UUID, str]]]:
    """Return what a journal may be filtered by, in one statement."""
    choices: dict[str, list[tuple[UUID, str]]] = {"reasons": [], "queues": [], "employees": []}
    for row in (await session.execute(_CHOICES)).all():
        choices[row.list].append((row.id, row.name))
    return choices


@lru_cache(500)
def _text(statement: str) -> TextClause:
    """Filters are few and asked again and again."""
    return text(statement)


def _wants_a_plan(source: Source, wanted: JournalFilter) -> bool:
    """Whether how much a value finds decides where to begin: with it, or with the order of the list."""
    if wanted.name or wanted.numbers or (wanted.stages and wanted.outcomes):
        return True
    return source.scope != "true" and bool(wanted.reasons or wanted.queues or wanted.results)


def _paged(source: Source, wanted: JournalFilter, page: JournalPage) -> tuple[str, dict[str, Any]]:
    source, conditions, values = _narrowed(source, wanted, way_of(page))
    order = Order(source.at, source.id)
    further, place = beyond(page, order)
    once = f"DISTINCT ON ({source.at}, {source.id})" if source.may_repeat else ""
    statement = f"""SELECT {once} {source.id}, {source.at}, {source.answered}, {source.talk_ended}, {source.ended},
        {source.missed}, {_SHOWN}
    FROM {source.rows} {_NAMES} WHERE {conditions}{further} {ordered(page, order)}"""
    return statement, values | dict(place)


def _narrowed(source: Source, wanted: JournalFilter, way: str = " DESC") -> tuple[Source, str, dict[str, Any]]:
    """Return the rows to read, what narrows them, and its values; `way`: the order they are wanted in."""
    values = dict(source.values)
    conditions = [source.scope]
    if source.scope == "true":
        source, leader = _led(source, wanted, way)
        values |= leader
    for condition, named in _conditions(source, wanted):
        conditions.append(condition)
        values |= named
    return source, " AND ".join(conditions), values


def _led(source: Source, wanted: JournalFilter, way: str) -> tuple[Source, dict[str, Any]]:
    """Have the list of all read along the indexes of another table that hold it in its order: each call once."""
    for name, table, chosen, also in (
        ("employee_id", "serving", wanted.employees, f" AND {_SERVED}"),
        ("reason_id", "call_reason", wanted.reasons, ""),
    ):
        if not 0 < len(chosen) <= MOST_LEADERS:
            continue
        order = f"ORDER BY started_at{way}, call_id{way}" if chosen[1:] else ""
        each = [
            f"(SELECT started_at, call_id FROM {table} WHERE {name} = :leader{nth}{also} {order})"
            for nth, _ in enumerate(chosen)
        ]
        rows = f"({' UNION ALL '.join(each)}) AS leader JOIN call ON call.id = leader.call_id"
        led = replace(source, rows=rows, at="leader.started_at", id="leader.call_id", leader=name)
        may_repeat = table == "serving" or len(chosen) > 1
        return replace(led, may_repeat=may_repeat), {f"leader{nth}": value for nth, value in enumerate(chosen)}
    return source, {}


def _conditions(source: Source, wanted: JournalFilter) -> Iterator[Condition]:
    yield _channels(source, wanted.channels), {}
    yield _one_of("call.queue_id", "queue", wanted.queues)
    yield _results(wanted)
    yield from _with_reasons(source, wanted.reasons)
    yield from _with_employees(source, wanted.employees)
    if wanted.postponed is not None:
        yield ("" if wanted.postponed else "NOT ") + "call.postponed", {}
    if wanted.subscriber_id:
        yield "call.subscriber_id = :subscriber", {"subscriber": wanted.subscriber_id}
    if wanted.numbers:
        begins = {f"number{nth}": f"{escaped(number)}%" for nth, number in enumerate(wanted.numbers)}
        yield f"({' OR '.join(f'call.number LIKE :{name}' for name in begins)})", begins
    if wanted.name:
        named, letters = name_condition(wanted.name)
        yield f"call.subscriber_id IN (SELECT id FROM subscriber WHERE {named})", letters
    if wanted.since:
        yield f"{source.at} >= :since", {"since": wanted.since}
    if wanted.until:
        yield f"{source.at} < :until", {"until": wanted.until}


def _one_of(column: str, name: str, values: Sequence[Any]) -> Condition:
    """One value keeps the order of an index that begins with the column."""
    if not values:
        return "true", {}
    if values[1:]:
        return f"{column} = ANY(:{name})", {name: list(values)}
    return f"{column} = :{name}", {name: values[0]}


def _channels(source: Source, channels: Sequence[Channel]) -> str:
    meanings = {
        Channel.MISSED: source.missed,
        Channel.INBOUND: f"(call.kind = 'inbound' AND NOT {source.missed})",
        Channel.OUTBOUND: "call.kind = 'outbound'",
    }
    return f"({' OR '.join(meanings[channel] for channel in channels)})" if channels else "true"


def _results(wanted: JournalFilter) -> Condition:
    """A result is a stage of the call, or how its dialling ended, which says more."""
    stage, stages = _one_of("call.stage", "stage", wanted.stages)
    outcome, outcomes = _one_of("call.outcome", "outcome", wanted.outcomes)
    told = [f"{stage} AND {_REACHED}"] if wanted.stages else []
    told += [f"{outcome} AND {_ENDED}"] if wanted.outcomes else []
    return f"({' OR '.join(told)})" if told else "true", {**stages, **outcomes}


def _with_reasons(source: Source, reasons: Sequence[UUID]) -> Iterator[Condition]:
    """A missed ring shows no reasons (another operator chose them), so no reason finds it."""
    if not reasons:
        return
    yield f"NOT {source.missed}", {}
    if source.leader != "reason_id":
        given, values = _one_of("reason_id", "reason", reasons)
        yield f"call.id IN (SELECT call_id FROM call_reason WHERE {given})", values


def _with_employees(source: Source, employees: Sequence[UUID]) -> Iterator[Condition]:
    if not employees or source.leader == "employee_id":
        return
    if source.scope != "true":
        yield _one_of("serving.employee_id", "employee", employees)
        return
    served, values = _one_of("employee_id", "employee", employees)
    yield f"call.id IN (SELECT call_id FROM serving WHERE {served} AND {_SERVED})", values
