"""Two years of a large centre, put into the tables by statements over whole sets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

LARGE = ("call", "serving", "call_reason", "call_event")
EMPLOYEES, QUEUES, REASONS = 100, 12, 40
RARE_QUEUE, RARE_REASON = QUEUES, REASONS
NEVER, GONE = EMPLOYEES + 1, EMPLOYEES
"""Employees by number: one who took no call at all, one who left after the first year."""

SUBSCRIBERS = 0.075
"""Subscribers a call: 150 000 of them for two million calls."""

STAFF = """
INSERT INTO employee (login, full_name, password_hash, roles)
SELECT 'operator' || n, 'Оператор ' || lpad(n::text, 3, '0') || ' Иванович', '', ARRAY['operator', 'supervisor']
FROM generate_series(1, $1 + 1) n;
"""
CENTRE = """
INSERT INTO desk (employee_id, status, misses, version) SELECT id, 'inactive', 0, 0 FROM employee;
INSERT INTO queue (name, priority, ring_seconds, misses_to_break)
SELECT 'Очередь ' || n, 0, 20, 3 FROM generate_series(1, {queues}) n;
INSERT INTO queue_member (queue_id, employee_id, priority) SELECT q.id, e.id, 0 FROM queue q CROSS JOIN employee e;
INSERT INTO reason (name, position) SELECT 'Причина ' || n, n FROM generate_series(1, {reasons}) n;
"""
PEOPLE = """
INSERT INTO subscriber (type, full_name, mobile_phone, version)
SELECT 'person',
       CASE WHEN n = 1 THEN 'Уникалова Аделаида Ксенофонтовна' ELSE
       (ARRAY['Иванов','Петров','Сидоров','Кузнецов','Смирнов','Попов','Васильев','Соколов','Михайлов','Новиков',
              'Фёдоров','Морозов','Волков','Алексеев','Лебедев','Семёнов','Егоров','Павлов','Козлов','Степанов'])
       [1 + n % 20] || (ARRAY['','ский','цев','ин','енко','ченко','юк'])[1 + n / 20 % 7] || ' ' ||
       (ARRAY['Анна','Пётр','Ольга','Семён','Вера','Иван','Мария','Юрий','Алёна','Глеб','Нина'])[1 + n / 140 % 11] ||
       ' ' || (ARRAY['Ивановна','Петрович','Сергеевна','Олегович','Юрьевна','Фёдорович'])[1 + n / 1540 % 6] END,
       '+79' || lpad((n * 6007 % 1000000000)::text, 9, '0'), 1
FROM generate_series(1, $1) n;
"""
# Who, where and how each call ended is drawn by a fixed seed; the newest call began a minute ago.
CALLS = """
INSERT INTO call (id, kind, stage, number, confirmed, dialled, leg_id, priority, started_at, queued_at, answered_at,
                  talk_ended_at, ended_at, comment, postponed, filled, version, queue_id, subscriber_id, employee_id,
                  outcome)
SELECT gen_random_uuid(), kind, CASE WHEN answered OR kind = 'outbound' THEN 'finished' ELSE lost END,
       coalesce(s.mobile_phone, '+7800' || lpad((draw * 9999999)::int::text, 7, '0')), draw > 0.02, '', '', 0, at, at,
       CASE WHEN answered THEN at + pause END, CASE WHEN answered THEN at + pause + talk END,
       at + pause + CASE WHEN answered THEN talk + '20 s' ELSE '0 s' END,
       CASE WHEN answered THEN 'Назван срок готовности, дело у исполнителя.' ELSE '' END, luck > 0.99, true, 1,
       CASE WHEN kind = 'inbound' THEN q.id END, s.id, CASE WHEN answered OR kind = 'outbound' THEN e.id END,
       CASE WHEN kind = 'outbound' THEN CASE WHEN answered THEN 'answered' ELSE missed END END
FROM (SELECT now() - '1 min'::interval - (n - 1) * ('730 days'::interval / $1) AS at, n, draw, chance, luck,
             CASE WHEN fate < 0.06 THEN 'outbound' ELSE 'inbound' END AS kind,
             fate < 0.04 OR fate > 0.13 AS answered,
             (3 + draw * 60) * '1 s'::interval AS pause, (20 + chance * 500) * '1 s'::interval AS talk,
             CASE WHEN fate < 0.0602 THEN 'failed' WHEN fate < 0.061 THEN 'rejected' WHEN fate < 0.065 THEN 'voicemail'
                  WHEN fate < 0.067 THEN 'callback' ELSE 'abandoned' END AS lost,
             CASE WHEN fate < 0.052 THEN 'no_answer' WHEN fate < 0.058 THEN 'busy' WHEN fate < 0.0599 THEN 'refused'
                  ELSE 'unreachable' END AS missed,
             1 + (power(draw, 2) * 1e6)::int % ({queues} - 1) AS queue_nth,
             1 + (chance * 1e6)::int % ({employees} - (n < $1 / 2)::int) AS employee_nth
      FROM (SELECT n, random() AS draw, random() AS chance, random() AS fate, random() AS luck
            FROM generate_series(1, $1) n) drawn) d
JOIN numbered_queue q ON q.nth = CASE WHEN d.n % 20011 = 7 THEN {queues} ELSE d.queue_nth END
JOIN numbered_employee e ON e.nth = d.employee_nth
LEFT JOIN numbered_subscriber s ON s.nth = 1 + (power(d.draw, 1.5) * 1e9)::bigint * 31 % $2 AND d.luck > 0.12;
"""
NUMBERED = """
SELECT setseed(0.42);
CREATE TEMP TABLE numbered_queue AS SELECT id, row_number() OVER (ORDER BY name) AS nth FROM queue;
CREATE TEMP TABLE numbered_employee AS SELECT e.id, d.id AS desk_id, row_number() OVER (ORDER BY e.full_name) AS nth
  FROM employee e JOIN desk d ON d.employee_id = e.id;
CREATE TEMP TABLE numbered_reason AS SELECT id, position AS nth FROM reason;
CREATE TEMP TABLE numbered_subscriber AS SELECT id, mobile_phone, row_number() OVER (ORDER BY id) AS nth
  FROM subscriber;
ANALYZE numbered_employee, numbered_queue, numbered_reason, numbered_subscriber;
"""
# Nearly every answered call has one serving; some were missed by another desk before, some handed over.
SERVINGS = """
INSERT INTO serving (call_id, desk_id, employee_id, role, outcome, offered_at, answered_at, ended_at, finished_at,
                     started_at, filled)
SELECT c.id, e.desk_id, c.employee_id, CASE c.kind WHEN 'inbound' THEN 'main' ELSE 'outbound' END,
       CASE WHEN c.answered_at IS NOT NULL THEN 'answered' ELSE c.outcome END, coalesce(c.answered_at, c.started_at),
       c.answered_at, c.talk_ended_at, c.ended_at, c.started_at, true
FROM call c JOIN numbered_employee e ON e.id = c.employee_id;
INSERT INTO serving (call_id, desk_id, employee_id, role, outcome, offered_at, ended_at, finished_at, started_at,
                     filled)
SELECT c.id, e.desk_id, e.id, 'main', 'missed', c.started_at, c.started_at + '20 s', c.started_at + '20 s',
       c.started_at, true
FROM (SELECT *, 1 + abs(hashtext(id::text)) % ({employees} - 1) AS nth FROM call WHERE kind = 'inbound'
      AND abs(hashtext(id::text)) % 16 = 3) c JOIN numbered_employee e ON e.nth = c.nth AND e.id <> c.employee_id;
INSERT INTO serving (call_id, desk_id, employee_id, role, outcome, offered_at, answered_at, ended_at, finished_at,
                     started_at, filled)
SELECT c.id, e.desk_id, e.id, 'transfer', 'answered', c.answered_at + '10 s', c.answered_at + '15 s', c.talk_ended_at,
       c.ended_at, c.started_at, true
FROM (SELECT *, 1 + abs(hashtext(id::text)) % ({employees} - 1) AS nth FROM call WHERE answered_at IS NOT NULL
      AND abs(hashtext(id::text)) % 32 = 5) c JOIN numbered_employee e ON e.nth = c.nth AND e.id <> c.employee_id;
"""
# The rare reason was chosen some hundred times, all of them more than a year ago.
GIVEN = """
INSERT INTO call_reason (call_id, reason_id, started_at)
SELECT c.id, r.id, c.started_at
FROM (SELECT id, started_at, abs(hashtext(id::text)) AS h FROM call WHERE answered_at IS NOT NULL) c
JOIN numbered_reason r ON r.nth = CASE WHEN h % 10007 < 3 AND c.started_at < now() - '400 days'::interval
                                       THEN {reasons}
                                       ELSE 1 + power(h % 1000 / 1000.0, 3)::numeric * ({reasons} - 2) END::int;
INSERT INTO call_reason (call_id, reason_id, started_at)
SELECT c.id, r.id, c.started_at
FROM (SELECT id, started_at FROM call WHERE answered_at IS NOT NULL AND abs(hashtext(id::text)) % 9 = 1) c
JOIN numbered_reason r ON r.nth = 2
ON CONFLICT DO NOTHING;
"""
EVENTS = """
INSERT INTO call_event (call_id, seq, key, kind, at, actor_id, details)
SELECT c.id, k.seq, k.kind, k.kind, c.started_at + k.seq * '5 s'::interval, c.employee_id, '{{}}'
FROM (SELECT * FROM call ORDER BY started_at DESC LIMIT 20000) c
CROSS JOIN (VALUES (1, 'arrived'), (2, 'offered'), (3, 'ringing'), (4, 'answered'), (5, 'finished')) k(seq, kind);
"""
DAYS = """
INSERT INTO desk_interval (desk_id, status, during)
SELECT d.id, (ARRAY['incoming','break','outgoing','break'])[1 + n % 4],
       tstzrange(now() - n * '20 min'::interval, now() - (n - 1) * '20 min'::interval)
FROM desk d CROSS JOIN generate_series(1, {spells}) n;
"""
WAITING = """
UPDATE call SET stage = 'waiting', answered_at = NULL, talk_ended_at = NULL, ended_at = NULL, employee_id = NULL
WHERE id IN (SELECT id FROM call WHERE stage = 'abandoned' ORDER BY started_at DESC LIMIT 20);
"""


@dataclass(frozen=True)
class Load:
    """How much was put in."""

    calls: int
    spells: int

    @property
    def subscribers(self) -> int:
        return int(self.calls * SUBSCRIBERS)


async def fill(connection: asyncpg.Connection, load: Load) -> None:
    """Fill the empty tables of a migrated database; as its superuser."""
    sizes = {"employees": EMPLOYEES, "queues": QUEUES, "reasons": REASONS, "spells": load.spells}
    async with connection.transaction(), unindexed(connection):
        await connection.execute(STAFF.replace("$1", str(EMPLOYEES)))
        await connection.execute(CENTRE.format(**sizes))
        await connection.execute(PEOPLE.replace("$1", str(load.subscribers)))
        await connection.execute(NUMBERED)
        await connection.execute(
            CALLS.format(**sizes).replace("$1", str(load.calls)).replace("$2", str(load.subscribers))
        )
        await connection.execute(SERVINGS.format(**sizes))
        await connection.execute(GIVEN.format(**sizes))
        await connection.execute(EVENTS.format(**sizes))
        await connection.execute(DAYS.format(**sizes))
        await connection.execute(WAITING)
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")


@asynccontextmanager
async def unindexed(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Take the indexes and references of the large tables off, and put them back as they were."""
    found = await connection.fetch(
        """SELECT c.conrelid::regclass::text AS on_table, c.conname AS name, pg_get_constraintdef(c.oid) AS definition
           FROM pg_constraint c
           WHERE c.contype = 'f' AND (c.conrelid = ANY($1::regclass[]) OR c.confrelid = ANY($1))""",
        LARGE,
    )
    indexes = await connection.fetch(
        """SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
           WHERE i.indrelid = ANY($1::regclass[])
           AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)""",
        LARGE,
    )
    for one in found:
        await connection.execute(f"ALTER TABLE {one['on_table']} DROP CONSTRAINT {one['name']}")
    for one in indexes:
        await connection.execute(f"DROP INDEX {one['name']}")
    await connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
    yield
    for one in indexes:
        await connection.execute(one["definition"])
    for one in found:
        await connection.execute(f"ALTER TABLE {one['on_table']} ADD CONSTRAINT {one['name']} {one['definition']}")
