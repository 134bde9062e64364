"""Desk: its states follow each other without gaps, and a phone that is gone stops the calls."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.desk import DeskStatus, RenewPresence, WhyInactive
from store import desk, queue, staff
from store.base import routing_lock
from store.session import Database
from tests.people import People
from tests.store.test_queue import count, go_on_line, phone_in

RACES = 40


async def see(session: AsyncSession, statement: str, **values: Any) -> Any:
    return (await session.execute(text(statement), values)).scalar()


async def enter(session: AsyncSession, people: People, seconds: int = 60) -> UUID:
    """Ольга is at her desk, with a phone that stays for so long."""
    desk_id = await desk.enter(session, people.olga.id)
    await desk.renew(session, desk_id, RenewPresence(phone_id=uuid4()))
    moved = text("UPDATE desk_presence SET lease_until = clock_timestamp() + make_interval(secs => :seconds)")
    await session.execute(moved, {"seconds": seconds})
    return desk_id


async def test_a_login_begins_with_a_break(session: AsyncSession, people: People) -> None:
    desk_id = await desk.enter(session, people.olga.id)
    assert (await desk.get(session, desk_id)).status is DeskStatus.BREAK


async def test_a_second_login_changes_nothing(session: AsyncSession, people: People) -> None:
    desk_id = await desk.enter(session, people.olga.id)
    mine = await desk.get(session, desk_id)
    await desk.ask_status(session, mine, DeskStatus.INCOMING)
    assert await desk.enter(session, people.olga.id) == desk_id
    assert (await desk.get(session, desk_id)).status is DeskStatus.INCOMING


async def test_states_join_without_a_gap(session: AsyncSession, people: People) -> None:
    desk_id = await enter(session, people)
    for status in (DeskStatus.INCOMING, DeskStatus.OUTGOING, DeskStatus.BREAK):
        await desk.set_status(session, await desk.get(session, desk_id), status)
    gaps = """SELECT count(*) FROM (SELECT lower(during) - lag(upper(during)) OVER (ORDER BY lower(during)) AS gap
              FROM desk_interval WHERE desk_id = :d) i WHERE gap <> interval '0'"""
    assert await see(session, gaps, d=desk_id) == 0
    assert await see(session, "SELECT count(*) FROM desk_interval WHERE desk_id = :d", d=desk_id) == 4


async def test_a_desk_whose_phone_is_gone_is_inactive_since_then(session: AsyncSession, people: People) -> None:
    desk_id = await enter(session, people)
    await desk.set_status(session, await desk.get(session, desk_id), DeskStatus.INCOMING)
    await session.flush()
    gone = await see(session, "UPDATE desk_presence SET lease_until = clock_timestamp() RETURNING lease_until")
    assert await desk.expire_leases(session) == 1
    mine = await desk.get(session, desk_id)
    assert (mine.status, mine.reason, mine.status_since) == (DeskStatus.INACTIVE, WhyInactive.PHONE_LOST, gone)


async def test_a_desk_whose_phone_never_came_does_not_stay_in_its_break(session: AsyncSession, people: People) -> None:
    desk_id = await desk.enter(session, people.olga.id)
    assert await desk.expire_leases(session) == 0
    mine = await desk.get(session, desk_id)
    mine.status_since -= timedelta(seconds=61)
    await session.flush()
    assert await desk.expire_leases(session) == 1
    assert (mine.status, mine.reason) == (DeskStatus.INACTIVE, WhyInactive.PHONE_LOST)


async def test_a_phone_that_is_back_soon_brings_its_state_back(session: AsyncSession, people: People) -> None:
    desk_id = await enter(session, people)
    await desk.set_status(session, await desk.get(session, desk_id), DeskStatus.INCOMING)
    await see(session, "UPDATE desk_presence SET lease_until = clock_timestamp() RETURNING 1")
    await desk.expire_leases(session)
    assert await desk.come_back(session, desk_id)
    assert (await desk.get(session, desk_id)).status is DeskStatus.INCOMING


async def test_a_phone_that_is_back_late_brings_a_break(session: AsyncSession, people: People) -> None:
    desk_id = await enter(session, people)
    await desk.set_status(session, await desk.get(session, desk_id), DeskStatus.INCOMING)
    await see(session, "UPDATE desk_presence SET lease_until = clock_timestamp() RETURNING 1")
    await desk.expire_leases(session)
    mine = await desk.get(session, desk_id)
    mine.status_since -= timedelta(minutes=6)
    await session.flush()
    await desk.come_back(session, desk_id)
    assert (await desk.get(session, desk_id)).status is DeskStatus.BREAK


async def test_another_page_may_not_hold_the_phone_unasked(session: AsyncSession, people: People) -> None:
    desk_id = await enter(session, people)
    refused = await desk.renew(session, desk_id, RenewPresence(phone_id=uuid4()))
    assert (refused.is_held, refused.fencing) == (False, 1)


async def test_a_page_that_takes_over_gets_the_next_fencing_number(session: AsyncSession, people: People) -> None:
    desk_id = await enter(session, people)
    taken = await desk.renew(session, desk_id, RenewPresence(phone_id=uuid4(), take_over=True))
    assert (taken.is_held, taken.fencing) == (True, 2)


async def test_a_logout_makes_the_desk_inactive(session: AsyncSession, people: People) -> None:
    desk_id = await enter(session, people)
    await desk.leave(session, people.olga.id, WhyInactive.LOGGED_OUT)
    mine = await desk.get(session, desk_id)
    assert (mine.status, mine.reason) == (DeskStatus.INACTIVE, WhyInactive.LOGGED_OUT)
    assert await see(session, "SELECT count(*) FROM desk_presence WHERE desk_id = :d", d=desk_id) == 0


async def test_a_break_at_the_instant_of_an_offer(fresh_database: Database, fresh_people: People) -> None:
    """I4: whichever comes first, the break holds calls back at once or begins after the call."""
    await go_on_line(fresh_database, fresh_people, "olga")
    desk_id = fresh_people.desk(fresh_people.olga).id
    for _ in range(RACES):
        call_id = await phone_in(fresh_database)
        await asyncio.gather(seek(fresh_database, call_id), ask(fresh_database, desk_id, DeskStatus.BREAK))
        assert await count(fresh_database, OFFERED_IN_A_BREAK) == 0
        await count(fresh_database, "WITH gone AS (DELETE FROM offer RETURNING 1) SELECT count(*) FROM gone")
        await count(fresh_database, "WITH gone AS (DELETE FROM serving RETURNING 1) SELECT count(*) FROM gone")
        await count(fresh_database, "WITH ended AS (UPDATE call SET stage = 'abandoned' RETURNING 1) SELECT 1")
        await ask(fresh_database, desk_id, DeskStatus.INCOMING)


OFFERED_IN_A_BREAK = """SELECT count(*) FROM desk d JOIN serving s ON s.desk_id = d.id AND s.finished_at IS NULL
    WHERE d.status <> 'incoming' OR d.next_status IS DISTINCT FROM 'break'"""


async def seek(database: Database, call_id: UUID) -> None:
    async with database.transaction() as session:
        await routing_lock(session)
        await queue.match(session, asking=call_id)


async def ask(database: Database, desk_id: UUID, status: DeskStatus) -> None:
    async with database.transaction() as session:
        await routing_lock(session)
        await desk.ask_status(session, await desk.get(session, desk_id), status)


async def test_a_log_out_and_a_phone_that_comes_back_wait_for_each_other_in_one_order(
    fresh_database: Database, fresh_people: People
) -> None:
    await go_on_line(fresh_database, fresh_people, "olga")
    desk_id = fresh_people.desk(fresh_people.olga).id
    async with fresh_database.transaction() as session:
        assert (await desk.renew(session, desk_id, RenewPresence(phone_id=uuid4(), take_over=True))).is_held
        leaving = asyncio.create_task(leave(fresh_database, fresh_people.olga.id))
        await asyncio.sleep(0.3)
        await desk.come_back(session, desk_id)
    await leaving
    assert await count(fresh_database, "SELECT count(*) FROM desk_presence") == 0


async def leave(database: Database, employee_id: UUID) -> None:
    async with database.transaction() as session:
        await desk.leave(session, employee_id, WhyInactive.LOGGED_OUT)


async def test_a_block_and_an_offer_do_not_wait_for_each_other(fresh_database: Database, fresh_people: People) -> None:
    await go_on_line(fresh_database, fresh_people, "olga")
    desk_id, call_id = fresh_people.desk(fresh_people.olga).id, await phone_in(fresh_database)
    async with fresh_database.transaction() as session:
        await staff.get_employee(session, fresh_people.olga.id)
        offering = asyncio.create_task(seek(fresh_database, call_id))
        await asyncio.wait({offering}, timeout=0.5)
        await desk.get(session, desk_id)
    await offering
    assert await count(fresh_database, "SELECT count(*) FROM offer") == 1
