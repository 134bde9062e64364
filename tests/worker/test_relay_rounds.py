"""The periodic work of the relay: one relay leads, and each round does what nobody else would do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from temporalio.client import Client

from config.settings import Settings
from schemas.call import CallStage
from schemas.desk import DeskStatus
from services.health import RELAY_ALIVE, RESCUED
from store import audit, call_reconcile
from store.session import Database
from tests.centre import Centre, until
from tests.people import People
from tests.worker.relaying import scalar
from worker.relay import run
from worker.relay_rounds import rescue
from worker.relay_watch import Watch
from worker.temporal import call_activities, call_worker, connect


@pytest.fixture
async def centre(fresh_database: Database, fresh_people: People, temporal: Client) -> AsyncIterator[Centre]:
    async with Centre(fresh_database, fresh_people, temporal).working() as centre:
        yield centre


@asynccontextmanager
async def watching(database: Database) -> AsyncIterator[Watch]:
    watch = Watch(database.engine.url.render_as_string(hide_password=False), lambda: None)
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def leads(watch: Watch) -> bool:
    return watch.leads


async def test_one_relay_leads_and_another_takes_over(fresh_database: Database) -> None:
    async with watching(fresh_database) as first:
        await until(lambda: leads(first))
        async with watching(fresh_database) as second:
            await asyncio.sleep(1.2)
            assert (first.leads, second.leads) == (True, False)
            await depose(fresh_database)
            await until(lambda: leads(second) if not first.leads else leads(first))
            assert first.leads + second.leads == 1


async def depose(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(
            text(
                """SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                   WHERE d.datname = current_database() AND l.locktype = 'advisory'"""
            )
        )


async def test_the_net_counts_what_it_rescues(centre: Centre, valkey: Redis) -> None:
    call_id = await centre.phone()
    await centre.reaches(call_id, CallStage.WAITING)
    await centre.go_on_line("olga", status=DeskStatus.BREAK)
    assert await rescue(centre.database, valkey) == 0
    await centre.sql("UPDATE desk SET status = 'incoming', idle_since = clock_timestamp() RETURNING 1")
    await centre.sql("UPDATE call SET queued_at = clock_timestamp() - interval '1 minute' RETURNING 1")
    assert await rescue(centre.database, valkey) == 1
    assert await valkey.get(RESCUED) == "1"
    await centre.ring_of(call_id)


async def test_an_offer_that_nobody_took_frees_its_desk_and_is_made_again_after_a_minute(
    centre: Centre, valkey: Redis
) -> None:
    await centre.go_on_line("olga")
    call_id = await centre.phone()
    await centre.ring_of(call_id)
    stale = "state = 'made', made_at = clock_timestamp() - interval '6 seconds', deadline = NULL"
    await centre.sql(f"UPDATE offer SET {stale} RETURNING 1")
    await rescue(centre.database, valkey)
    assert await states(centre) == ["void"]
    await centre.sql("UPDATE call SET silent_since = silent_since - interval '1 minute' RETURNING 1")
    await rescue(centre.database, valkey)
    assert await states(centre) == ["made", "void"]


async def states(centre: Centre) -> list[str]:
    found: list[str] = await centre.sql("SELECT array_agg(state ORDER BY made_at DESC) FROM offer")
    return found


async def test_a_deserted_post_processing_lapses_once(centre: Centre) -> None:
    ring = await centre.serve()
    assert await lapse(centre) == 0
    await centre.sql("UPDATE desk_presence SET lease_until = clock_timestamp() - interval '6 minutes' RETURNING 1")
    assert await lapse(centre) == 0, "he has five minutes from the end of the talk"
    await centre.sql("UPDATE serving SET ended_at = ended_at - interval '6 minutes' RETURNING 1")
    assert [await lapse(centre), await lapse(centre)] == [1, 0]
    await centre.reaches(ring.call_id, CallStage.FINISHED)
    assert await centre.sql("SELECT filled FROM call WHERE id = :id", id=ring.call_id) is False


async def lapse(centre: Centre) -> int:
    async with centre.database.transaction() as session:
        return await call_reconcile.lapse(session)


@pytest.fixture
async def served(settings: Settings, fresh_database: Database, fresh_people: People) -> AsyncIterator[Centre]:
    """A centre with the relay and the worker's client as the roots compose them."""
    centre = Centre(fresh_database, fresh_people, await connect(settings, lazy=False))
    centre.prefix = settings.temporal.task_queue
    relay = asyncio.create_task(run(settings))
    holders = call_activities(fresh_database, centre.exchange, ZoneInfo("UTC"))
    async with call_worker(centre.temporal, centre.prefix, holders):
        yield centre
    relay.cancel()
    await asyncio.gather(relay, return_exceptions=True)


async def test_the_whole_relay_works(served: Centre, valkey: Redis) -> None:
    await served.go_on_line("olga")
    await served.ring_of(await served.phone())
    await until(lambda: valkey.exists(RELAY_ALIVE))


async def test_the_relay_seals_the_audit(served: Centre) -> None:
    async with served.database.transaction() as session:
        audit.record(session, None, ("call", "read"), uuid4())
    await until(lambda: scalar(served.database, "SELECT max(seq) FROM audit"))
