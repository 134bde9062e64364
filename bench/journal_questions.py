"""What people ask the journal: each question as our store answers it, beside the same one by hand."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from bench import journal_hand as hand
from bench.journal_hand import ByHand, DayByHand
from bench.journal_load import EMPLOYEES, GONE, NEVER, RARE_QUEUE, RARE_REASON
from schemas.journal import Channel, Day, JournalFilter, JournalPage, Result
from schemas.page import Place
from schemas.staff import Actor, Role
from services import journal
from services.front import Front
from store import call_journal

Ours = Callable[[AsyncSession], Awaitable[list[Any]]]
SIZE = 50


@dataclass(frozen=True)
class Question:
    """One question: what both sides find must be the same."""

    name: str
    ours: Ours
    by_hand: ByHand | DayByHand


@dataclass(frozen=True)
class Known:
    """What the questions name."""

    employees: dict[int, UUID]
    queues: dict[int, UUID]
    reasons: dict[int, UUID]
    number: str
    subscriber: UUID
    middle: Place
    oldest: Place
    own_middle: Place
    now: datetime

    @property
    def operator(self) -> UUID:
        return self.employees[EMPLOYEES // 2]

    @classmethod
    async def read(cls, connection: asyncpg.Connection) -> "Known":
        """Read the names from the filled tables."""
        staff = {int(row["login"].removeprefix("operator")): row["id"] for row in await _all(connection, "employee")}
        queues = {int(row["name"].split()[1]): row["id"] for row in await _all(connection, "queue")}
        reasons = {row["position"]: row["id"] for row in await _all(connection, "reason")}
        operator, year = staff[EMPLOYEES // 2], timedelta(days=365)
        call = await connection.fetchrow(
            "SELECT number, subscriber_id FROM call WHERE subscriber_id IS NOT NULL AND confirmed "
            "ORDER BY started_at DESC LIMIT 1"
        )
        oldest = "SELECT id, started_at AS at FROM call ORDER BY started_at, id LIMIT 1"
        middle = """SELECT id, started_at AS at FROM call WHERE started_at < now() - $1::interval
                    ORDER BY started_at DESC, id DESC LIMIT 1"""
        own = """SELECT id, offered_at AS at FROM serving WHERE employee_id = $2 AND offered_at < now() - $1::interval
                 ORDER BY offered_at DESC, id DESC LIMIT 1"""
        return cls(
            employees=staff,
            queues=queues,
            reasons=reasons,
            number=call["number"],
            subscriber=call["subscriber_id"],
            middle=Place(**await connection.fetchrow(middle, year)),
            oldest=Place(**await connection.fetchrow(oldest)),
            own_middle=Place(**await connection.fetchrow(own, year, operator)),
            now=await connection.fetchval("SELECT now()"),
        )


async def _all(connection: asyncpg.Connection, table: str) -> list[Any]:
    return list(await connection.fetch(f"SELECT * FROM {table}"))


def all_questions(known: Known) -> list[Question]:
    """Return every question."""
    return [*_pages(known), *_of_all(known), *_searches(known), *_of_own(known), *_days(known)]


def _list(
    name: str,
    wanted: JournalFilter,
    by_hand: ByHand,
    page: JournalPage | None = None,
    own: UUID | None = None,
) -> Question:
    source = call_journal.own(own) if own else call_journal.everybody()

    async def ours(session: AsyncSession) -> list[Any]:
        rows = await call_journal.list_rows(session, source, wanted, page or JournalPage(size=SIZE))
        found = [row.id for row in rows.rows]
        return found[::-1] if page and page.before else found

    return Question(name, ours, by_hand)


def _pages(known: Known) -> Iterator[Question]:
    everything, place = JournalFilter(), known.middle
    older, newer = "(c.started_at, c.id) < ($1, $2)", "(c.started_at, c.id) > ($1, $2)"
    yield _list("first_page", everything, hand.of_all())
    yield _list("deep_page", everything, hand.of_all(older, place.at, place.id), JournalPage(after=place))
    yield _list("page_back", everything, hand.newer(newer, place.at, place.id), JournalPage(before=place))
    last = JournalPage(before=known.oldest)
    yield _list("last_page", everything, hand.newer(newer, known.oldest.at, known.oldest.id), last)


def _of_all(known: Known) -> Iterator[Question]:
    one = known.employees
    for name, nth in (("operator", EMPLOYEES // 2), ("operator_who_left", GONE), ("operator_without_calls", NEVER)):
        wanted = JournalFilter(employees=(one[nth],))
        yield _list(name, wanted, hand.led(hand.SERVED_BY, one[nth]))
    two = (one[GONE], one[7])
    yield _list("two_operators", JournalFilter(employees=two), hand.led(hand.SERVED_BY, *two))
    for name, nth in (("reason", 1), ("seldom_reason", 35), ("rare_reason", RARE_REASON)):
        reason = known.reasons[nth]
        yield _list(name, JournalFilter(reasons=(reason,)), hand.led(hand.GIVEN, reason))
    rare = (known.reasons[39], known.reasons[RARE_REASON])
    yield _list("two_reasons", JournalFilter(reasons=rare), hand.led(hand.GIVEN, *rare))
    for name, nth in (("queue", 1), ("rare_queue", RARE_QUEUE)):
        queue = known.queues[nth]
        yield _list(name, JournalFilter(queues=(queue,)), hand.of_all("c.queue_id = $1", queue))
    queues = [known.queues[3], known.queues[RARE_QUEUE]]
    yield _list("two_queues", JournalFilter(queues=tuple(queues)), hand.of_all("c.queue_id = ANY($1)", queues))
    yield from _kinds()
    week = (known.now - timedelta(days=400), known.now - timedelta(days=393))
    period = JournalFilter(since=week[0], until=week[1])
    yield _list("period", period, hand.of_all("c.started_at >= $1 AND c.started_at < $2", *week))
    of_one = JournalFilter(subscriber_id=known.subscriber)
    yield _list("history_of_subscriber", of_one, hand.of_all("c.subscriber_id = $1", known.subscriber))


def _kinds() -> Iterator[Question]:
    yield _list("missed", JournalFilter(channels=(Channel.MISSED,)), hand.of_all(hand.MISSED))
    inbound = f"c.kind = 'inbound' AND NOT ({hand.MISSED})"
    yield _list("inbound", JournalFilter(channels=(Channel.INBOUND,)), hand.of_all(inbound))
    yield _list("outbound", JournalFilter(channels=(Channel.OUTBOUND,)), hand.of_all("c.kind = 'outbound'"))
    yield _list("postponed", JournalFilter(postponed=True), hand.of_all("c.postponed"))
    for stage in (Result.FINISHED, Result.ABANDONED, Result.VOICEMAIL, Result.REJECTED, Result.FAILED):
        by_hand = hand.of_all(f"c.stage = $1 AND {hand.REACHED}", stage.value)
        yield _list(f"result_{stage}", JournalFilter(results=(stage,)), by_hand)
    for outcome in (Result.NO_ANSWER, Result.UNREACHABLE, Result.CANCELLED):
        by_hand = hand.of_all("c.outcome = $1", outcome.value)
        yield _list(f"result_{outcome}", JournalFilter(results=(outcome,)), by_hand)
    rare = JournalFilter(results=(Result.FAILED, Result.UNREACHABLE))
    either = f"c.outcome = 'unreachable' OR (c.stage = 'failed' AND {hand.REACHED})"
    yield _list("two_results", rare, hand.of_all(either))


def _searches(known: Known) -> Iterator[Question]:
    for name, typed in (("name", "иванов"), ("rare_name", "Уникалова"), ("name_of_nobody", "Щщщщ")):
        patterns = f"%{typed.lower()}%", f"%{typed.lower().translate(LATIN)}%"
        by_hand = hand.of_all(hand.NAMED.format(1, 2), *patterns)
        yield _list(f"search_{name}", JournalFilter().searched(typed), by_hand)
    numbers = (("number", known.number), ("beginning", "+7900"), ("rare_beginning", "+790001"), ("stranger", "+70000"))
    for name, typed in numbers:
        by_hand = hand.of_all("c.number LIKE $1", f"{typed}%")
        yield _list(f"search_{name}", JournalFilter().searched(typed), by_hand)


LATIN = str.maketrans("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "abvgdeejziyklmnoprstufhc123456789")


def _of_own(known: Known) -> Iterator[Question]:
    who, place = known.operator, known.own_middle

    def own(name: str, wanted: JournalFilter, where: str, *values: Any, page: JournalPage | None = None) -> Question:
        return _list(f"own_{name}", wanted, hand.of_own(who, where, *values), page, who)

    yield own("first_page", JournalFilter(), "true")
    older = "(v.offered_at, v.id) < ($2, $3)"
    yield own("deep_page", JournalFilter(), older, place.at, place.id, page=JournalPage(after=place))
    yield own("missed", JournalFilter(channels=(Channel.MISSED,)), hand.OWN_MISSED)
    yield own("outbound", JournalFilter(channels=(Channel.OUTBOUND,)), "c.kind = 'outbound'")
    yield own("postponed", JournalFilter(postponed=True), "c.postponed")
    chosen = "c.id IN (SELECT g.call_id FROM call_reason g WHERE g.reason_id = $2) AND v.answered_at IS NOT NULL"
    for name, nth in (("reason", 1), ("seldom_reason", 35), ("rare_reason", RARE_REASON)):
        yield own(name, JournalFilter(reasons=(known.reasons[nth],)), chosen, known.reasons[nth])
    yield own("search_name", JournalFilter().searched("иванов"), hand.NAMED.format(2, 3), "%иванов%", "%ivanov%")
    yield own("search_number", JournalFilter().searched("+7900"), "c.number LIKE $2", "+7900%")
    period = (known.now - timedelta(days=400), known.now - timedelta(days=393))
    since, until = "v.offered_at >= $2", "v.offered_at < $3"
    yield own("period", JournalFilter(since=period[0], until=period[1]), f"{since} AND {until}", *period)


def _days(known: Known) -> Iterator[Question]:
    midnight = known.now.replace(hour=0, minute=0, second=0, microsecond=0)
    day = Day(since=midnight, until=midnight + timedelta(days=1), talk_norm=timedelta(minutes=10))
    for name, employee, role in (
        ("home_of_operator", known.operator, Role.OPERATOR),
        ("home_of_supervisor", known.employees[EMPLOYEES // 3], Role.SUPERVISOR),
    ):
        yield Question(name, _day(employee, role, day), DayByHand((employee, day.since, day.until)))


def _day(employee: UUID, role: Role, day: Day) -> Ours:
    actor = Actor(employee_id=employee, session_id=uuid4(), role=role, roles=(role,), full_name="")

    async def ours(session: AsyncSession) -> list[Any]:
        figures = await journal.get_day(Front(actor, session, None), day)  # type: ignore[arg-type]
        return [figures.accepted, figures.missed]

    return ours
