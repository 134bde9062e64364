"""The journal as the checker reads it: calls, servings, timeline and intervals of desks, straight from the tables."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

_CALLS = "SELECT id, stage, comment, number, queued_at, priority, queue_id, ended_at, filled FROM call"
_SERVINGS = """SELECT id, call_id, desk_id, employee_id, role, outcome, offered_at, answered_at, finished_at
               FROM serving ORDER BY desk_id, offered_at"""
_EVENTS = "SELECT call_id, seq, key, kind, at, actor_id, details FROM call_event ORDER BY call_id, seq"
_INTERVALS = """SELECT desk_id, status, lower(during) AS since, upper(during) AS until
                FROM desk_interval ORDER BY desk_id, lower(during)"""
_RINGS = "SELECT token, deadline, ended_at, state FROM offer"


@dataclass(frozen=True)
class Row:
    """One row of the journal; times are seconds since 1970."""

    values: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass
class Journal:
    """All that is written down about the calls and the desks."""

    calls: dict[str, Row] = field(default_factory=dict)
    servings: list[Row] = field(default_factory=list)
    events: dict[str, list[Row]] = field(default_factory=dict)
    intervals: dict[str, list[Row]] = field(default_factory=dict)
    offers: dict[str, Row] = field(default_factory=dict)

    def events_of(self, call: str, *kinds: str) -> list[Row]:
        return [event for event in self.events.get(call, []) if not kinds or event.kind in kinds]

    def servings_of(self, call: str) -> list[Row]:
        return [serving for serving in self.servings if serving.call_id == call]


async def read(url: str) -> Journal:
    """Read everything in one snapshot."""
    connection = await asyncpg.connect(url.replace("+asyncpg", "").replace("ssl=", "sslmode="))
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            rows = {sql: [plain(row) for row in await connection.fetch(sql)] for sql in QUESTIONS}
    finally:
        await connection.close()
    return Journal(
        calls={row.id: row for row in rows[_CALLS]},
        servings=rows[_SERVINGS],
        events=grouped(rows[_EVENTS], "call_id"),
        intervals=grouped(rows[_INTERVALS], "desk_id"),
        offers={row.token: row for row in rows[_RINGS]},
    )


QUESTIONS = (_CALLS, _SERVINGS, _EVENTS, _INTERVALS, _RINGS)


def plain(record: asyncpg.Record) -> Row:
    return Row({name: value_of(value) for name, value in record.items()})


def value_of(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def grouped(rows: list[Row], name: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.values[name]].append(row)
    return dict(groups)
