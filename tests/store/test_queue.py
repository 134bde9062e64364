"""Routing under many hands at once."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from schemas.call import CallStage, OfferState, Party, StartCall
from schemas.desk import DeskStatus, RenewPresence
from store import call_offer, call_stage, desk, queue
from store.base import routing_lock
from store.session import Database
from tests.people import ANNA_NUMBER, HOTLINE, People

HANDS = 12
CALLS = 120


async def test_many_hands_at_once_never_double_a_desk_nor_lose_a_call(
    fresh_database: Database, fresh_people: People
) -> None:
    await go_on_line(fresh_database, fresh_people)
    waiting = iter([await phone_in(fresh_database) for _ in range(CALLS)])
    await asyncio.gather(*(serve_all(fresh_database, waiting) for _ in range(HANDS)))
    assert await count(fresh_database, "SELECT count(*) FROM call WHERE stage = 'abandoned'") == CALLS
    assert await count(fresh_database, "SELECT count(*) FROM serving WHERE finished_at IS NULL") == 0
    assert await count(fresh_database, OVERLAPS) == 0


async def test_the_oldest_call_is_served_first(fresh_database: Database, fresh_people: People) -> None:
    first, second = await phone_in(fresh_database), await phone_in(fresh_database)
    await go_on_line(fresh_database, fresh_people, "olga")
    async with fresh_database.transaction() as session:
        await routing_lock(session)
        await queue.match(session)
    assert await stage(fresh_database, first) == CallStage.RINGING
    assert await stage(fresh_database, second) == CallStage.WAITING


async def test_a_desk_without_a_live_phone_gets_no_call(fresh_database: Database, fresh_people: People) -> None:
    await go_on_line(fresh_database, fresh_people, "olga")
    async with fresh_database.transaction() as session:
        await session.execute(text("UPDATE desk_presence SET lease_until = clock_timestamp()"))
        await routing_lock(session)
    call_id = await phone_in(fresh_database)
    async with fresh_database.transaction() as session:
        await routing_lock(session)
        assert await queue.match(session, asking=call_id) is None


async def test_a_call_whose_process_is_silent_does_not_hold_the_only_desk(
    fresh_database: Database, fresh_people: People
) -> None:
    silent = await phone_in(fresh_database)
    await go_on_line(fresh_database, fresh_people, "olga")
    await match_all(fresh_database)
    late = await phone_in(fresh_database)
    await count(fresh_database, "UPDATE offer SET made_at = made_at - interval '6 s' RETURNING 1")
    await match_all(fresh_database)
    assert (await stage(fresh_database, silent), await stage(fresh_database, late)) == ("waiting", "ringing")


async def test_a_silent_call_that_asks_is_heard_in_its_turn(fresh_database: Database, fresh_people: People) -> None:
    silent = await phone_in(fresh_database)
    await go_on_line(fresh_database, fresh_people, "olga")
    await count(fresh_database, "UPDATE call SET silent_since = clock_timestamp() RETURNING 1")
    await match_all(fresh_database)
    assert await stage(fresh_database, silent) == CallStage.WAITING
    async with fresh_database.transaction() as session:
        await routing_lock(session)
        assert await queue.match(session, asking=silent)


async def test_a_priority_goes_first(fresh_database: Database, fresh_people: People) -> None:
    old, urgent = await phone_in(fresh_database), await phone_in(fresh_database)
    await go_on_line(fresh_database, fresh_people, "olga")
    async with fresh_database.transaction() as session:
        await routing_lock(session)
        await session.execute(text("UPDATE call SET priority = 5 WHERE id = :id"), {"id": urgent})
        await queue.match(session)
    assert (await stage(fresh_database, urgent), await stage(fresh_database, old)) == ("ringing", "waiting")


async def test_an_offer_taken_at_the_last_moment_rings_on(fresh_database: Database, fresh_people: People) -> None:
    await go_on_line(fresh_database, fresh_people, "olga")
    call_id = await phone_in(fresh_database)
    async with fresh_database.transaction() as session:
        await routing_lock(session)
        token = await queue.match(session, asking=call_id)
        await session.execute(text("UPDATE offer SET made_at = made_at - interval '5 seconds'"))
    async with fresh_database.transaction() as session:
        await call_stage.lock(session, call_id)
        voiding = asyncio.create_task(void_stale(fresh_database))
        await asyncio.sleep(0.3)
        assert token is not None
        assert await call_offer.take(session, token, 20)
    await voiding
    assert await count(fresh_database, "SELECT count(*) FROM offer WHERE state = 'ringing'") == 1


async def void_stale(database: Database) -> None:
    async with database.transaction() as session:
        await queue.match_all(session)


async def test_a_take_locks_the_call_before_its_offer(fresh_database: Database, fresh_people: People) -> None:
    await go_on_line(fresh_database, fresh_people, "olga")
    call_id = await phone_in(fresh_database)
    async with fresh_database.transaction() as session:
        await routing_lock(session)
        token = await queue.match(session, asking=call_id)
    async with fresh_database.transaction() as session:
        await call_stage.lock(session, call_id)
        taking = asyncio.create_task(take(fresh_database, token))
        await asyncio.wait({taking}, timeout=0.3)
        assert await call_offer.find_open(session, call_id)
    assert await taking


async def take(database: Database, token: UUID | None) -> bool:
    async with database.transaction() as session:
        return token is not None and await call_offer.take(session, token, 20) is not None


OVERLAPS = """SELECT count(*) FROM serving a JOIN serving b ON a.desk_id = b.desk_id AND a.id < b.id
    AND tstzrange(a.offered_at, a.finished_at) && tstzrange(b.offered_at, b.finished_at)"""


async def serve_all(database: Database, waiting: Iterator[UUID]) -> None:
    """One hand: offers, misses and gives up calls until none is left."""
    for nth, call_id in enumerate(waiting):
        async with database.transaction() as session:
            await routing_lock(session)
            await queue.match(session, asking=call_id)
        async with database.transaction() as session:
            await routing_lock(session)
            call = await call_stage.lock(session, call_id)
            offer = await call_offer.find_open(session, call_id)
            if offer and nth % 2 and await call_offer.close(session, offer.token, OfferState.MISSED):
                call.stage = CallStage.WAITING
            await call_stage.end(session, call, CallStage.ABANDONED, Party.CITIZEN)
            await queue.match(session)


async def go_on_line(database: Database, people: People, *logins: str) -> None:
    async with database.transaction() as session:
        for login in logins or ("olga", "pyotr"):
            desk_id = await desk.enter(session, getattr(people, login).id)
            await desk.renew(session, desk_id, RenewPresence(phone_id=uuid4()))
            await desk.ask_status(session, await desk.get(session, desk_id), DeskStatus.INCOMING)
        await session.execute(text("UPDATE desk_presence SET lease_until = 'infinity'"))


async def match_all(database: Database) -> None:
    async with database.transaction() as session:
        await queue.match_all(session)


async def phone_in(database: Database) -> UUID:
    at = datetime.now(UTC) - timedelta(minutes=1)
    inbound = StartCall(call_id=uuid4(), leg_id="c", number=ANNA_NUMBER, dialled=HOTLINE, at=at)
    async with database.transaction() as session:
        await call_stage.add(session, inbound, await queue.find_by_number(session, HOTLINE))
    return inbound.call_id


async def stage(database: Database, call_id: UUID) -> str:
    async with database.transaction() as session:
        found: str = (
            await session.execute(text("SELECT stage FROM call WHERE id = :id"), {"id": call_id})
        ).scalar_one()
        return found


async def count(database: Database, statement: str) -> int:
    async with database.transaction() as session:
        found: int = (await session.execute(text(statement))).scalar_one()
        return found
