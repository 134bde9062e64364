"""The journal's questions as somebody would write them by hand: the floor that ours are compared with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

SERVED = "(v.answered_at IS NOT NULL OR v.role = 'outbound') AND v.role <> 'consult'"
SHOWN = f"""
       c.kind, c.stage, c.outcome, c.number, c.confirmed, c.started_at, c.answered_at, c.talk_ended_at, c.ended_at,
       c.comment, c.postponed, s.full_name, q.name,
       ARRAY(SELECT r.name FROM call_reason g JOIN reason r ON r.id = g.reason_id WHERE g.call_id = c.id
             ORDER BY r.position, r.name),
       ARRAY(SELECT e.full_name FROM serving v JOIN employee e ON e.id = v.employee_id WHERE v.call_id = c.id
             AND {SERVED} ORDER BY v.offered_at)"""
NAMES = "LEFT JOIN subscriber s ON s.id = c.subscriber_id LEFT JOIN queue q ON q.id = c.queue_id"
ALL = f"SELECT c.id, {SHOWN} FROM call c {NAMES} WHERE {{where}} ORDER BY c.started_at DESC, c.id DESC LIMIT 51"
NEWER = f"SELECT c.id, {SHOWN} FROM call c {NAMES} WHERE {{where}} ORDER BY c.started_at, c.id LIMIT 51"
OWN = f"""SELECT v.id, v.offered_at, {SHOWN} FROM serving v JOIN call c ON c.id = v.call_id {NAMES}
          WHERE v.employee_id = $1 AND coalesce(v.outcome, '') <> 'void' AND {{where}}
          ORDER BY v.offered_at DESC, v.id DESC LIMIT 51"""
LED = f"""SELECT c.id, {SHOWN} FROM ({{where}}) l JOIN call c ON c.id = l.call_id {NAMES}
          ORDER BY l.started_at DESC, l.call_id DESC LIMIT 51"""
SERVED_BY = f"SELECT v.started_at, v.call_id FROM serving v WHERE v.employee_id = ${{}} AND {SERVED}"
GIVEN = "SELECT g.started_at, g.call_id FROM call_reason g WHERE g.reason_id = ${}"
MISSED = "c.answered_at IS NULL AND c.ended_at IS NOT NULL AND c.kind = 'inbound'"
OWN_MISSED = "v.answered_at IS NULL AND v.finished_at IS NOT NULL AND c.kind = 'inbound'"
REACHED = "coalesce(c.outcome, 'answered') = 'answered'"
LETTERS = "translate(lower(s.full_name), 'абвгдеёжзийклмнопрстуфхцчшщъыьэюя', 'abvgdeejziyklmnoprstufhc123456789')"
PLAIN = "replace(lower(s.full_name), 'ё', 'е')"
NAMED = f"c.subscriber_id IN (SELECT s.id FROM subscriber s WHERE {PLAIN} LIKE ${{}} AND {LETTERS} LIKE ${{}})"
DAY = """
SELECT count(*) FILTER (WHERE s.answered_at IS NOT NULL AND c.kind = 'inbound') AS accepted,
       count(*) FILTER (WHERE s.answered_at IS NULL AND s.finished_at IS NOT NULL AND c.kind = 'inbound') AS missed,
       avg(s.ended_at - s.answered_at) AS talk, extract(hour FROM s.offered_at) AS hour
FROM serving s JOIN call c ON c.id = s.call_id
WHERE s.employee_id = $1 AND s.offered_at >= $2 AND s.offered_at < $3 AND coalesce(s.outcome, '') <> 'void'
GROUP BY hour ORDER BY hour
"""
DAY_QUEUES = """
SELECT (SELECT count(*) FROM call c JOIN queue_member m ON m.queue_id = c.queue_id
        WHERE c.stage = 'waiting' AND m.employee_id = $1),
       (SELECT avg(q.talk_norm_seconds) FROM queue q JOIN queue_member m ON m.queue_id = q.id WHERE m.employee_id = $1)
"""
DAY_STATES = """
SELECT i.status, sum(upper(i.during * tstzrange($2, $3)) - lower(i.during * tstzrange($2, $3)))
FROM desk d JOIN desk_interval i ON i.desk_id = d.id AND i.during && tstzrange($2, $3)
WHERE d.employee_id = $1 GROUP BY i.status
"""


@dataclass(frozen=True)
class ByHand:
    """A question by hand: one statement and its values; `anew`: with a plan for just these values."""

    statement: str
    values: Sequence[Any] = field(default=())
    anew: bool = False

    async def ask(self, connection: asyncpg.Connection) -> list[Any]:
        """Return the ids that it found."""
        if self.anew or " LIKE " in self.statement:
            await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        return [row[0] for row in await connection.fetch(self.statement, *self.values)]


@dataclass(frozen=True)
class DayByHand:
    """The figures of «Главная» by hand: three statements."""

    values: Sequence[Any]

    async def ask(self, connection: asyncpg.Connection) -> list[Any]:
        """Return how many calls were accepted and missed."""
        hours = await connection.fetch(DAY, *self.values)
        await connection.fetch(DAY_QUEUES, self.values[0])
        await connection.fetch(DAY_STATES, *self.values)
        return [sum(hour["accepted"] for hour in hours), sum(hour["missed"] for hour in hours)]


def of_all(where: str = "true", *values: Any) -> ByHand:
    return ByHand(ALL.format(where=where), values)


def newer(where: str, *values: Any) -> ByHand:
    return ByHand(NEWER.format(where=where), values)


def of_own(employee: Any, where: str = "true", *values: Any) -> ByHand:
    return ByHand(OWN.format(where=where), (employee, *values), anew="call_reason g WHERE" in where)


def led(leader: str, *values: Any) -> ByHand:
    """One index leads, or several that PostgreSQL merges."""
    ordered = [f"({leader.format(nth)} ORDER BY 1 DESC, 2 DESC)" for nth, _ in enumerate(values, 1)]
    return ByHand(LED.format(where=" UNION ALL ".join(ordered) if values[1:] else leader.format(1)), values)
