"""The relay and the real Temporal: nothing is lost while it is away, and a history holds no plain text."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text
from temporalio.client import Client, WorkflowFailureError
from temporalio.converter import DataConverter

from schemas.call import CallStage, call_workflow_id
from store.session import Database
from tests.centre import Centre
from tests.people import ANNA_NUMBER, People
from tests.worker.relaying import scalar, until_empty
from worker.payload import converter
from worker.relay_rounds import has_process, reconcile, tell_lost
from worker.stack import Stack

KEYS = {"k1": b"k" * 32}


@pytest.fixture(scope="session")
def data_converter() -> DataConverter:
    return converter(KEYS)


@pytest.fixture
async def centre(fresh_database: Database, fresh_people: People, temporal: Client) -> AsyncIterator[Centre]:
    async with Centre(fresh_database, fresh_people, temporal).working() as centre:
        yield centre


async def test_a_raw_history_holds_no_plain_text(centre: Centre, stack: Stack) -> None:
    await centre.go_on_line("olga")
    ring = await centre.ring_of(await centre.phone())
    plain = await Client.connect(stack.temporal.address, namespace=stack.temporal.namespace)
    raw = b"".join(
        [
            event.SerializeToString()
            async for event in plain.get_workflow_handle(call_workflow_id(ring.call_id)).fetch_history_events()
        ]
    )
    assert len(raw) > 500
    assert all(word.encode() not in raw for word in (ANNA_NUMBER, ANNA_NUMBER[1:], "Горячая линия"))


async def test_news_of_an_ended_process_is_laid_to_rest(centre: Centre) -> None:
    call_id = await centre.phone()
    await centre.reaches(call_id, CallStage.WAITING)
    await centre.citizen_hangs_up(call_id)
    await centre.reaches(call_id, CallStage.ABANDONED)
    await centre.process(call_id).result()
    await centre.citizen_hangs_up(call_id)
    await until_empty(centre.database)
    assert await scalar(centre.database, "SELECT error FROM outbox ORDER BY id DESC LIMIT 1") == "процесса нет"


async def test_nothing_is_lost_while_temporal_is_away(centre: Centre, stack: Stack) -> None:
    assert stack.temporal.process.popen
    stack.temporal.process.popen.kill()
    stack.temporal.process.popen.wait()
    calls = [await centre.phone() for _ in range(5)]
    await asyncio.sleep(3)
    stack.temporal.bring_back()
    for call_id in calls:
        await centre.reaches(call_id, CallStage.WAITING)
    assert await scalar(centre.database, "SELECT max(attempts) FROM outbox") == 0


async def test_a_call_without_a_process_is_ended(centre: Centre) -> None:
    call_id = await centre.phone()
    await centre.reaches(call_id, CallStage.WAITING)
    await centre.process(call_id).terminate()
    assert await reconcile(centre.database, centre.temporal) == 1
    assert await centre.stage(call_id) == CallStage.FAILED
    assert (await centre.events(call_id))[-1] == "failed"


async def test_a_process_without_its_row_is_told_so_and_ends(centre: Centre) -> None:
    call_id = await centre.phone()
    await centre.reaches(call_id, CallStage.WAITING)
    async with centre.database.transaction() as session:  # as after a restore from an older backup
        await session.execute(text("DELETE FROM call_event"))
        await session.execute(text("DELETE FROM call"))
    assert await until_listed(centre) == 1
    with suppress(WorkflowFailureError):  # unless its first act was on its way again, and wrote the row anew
        await asyncio.wait_for(centre.process(call_id).result(), 20)
    assert await tell_lost(centre.database, centre.temporal, centre.prefix, timedelta()) == 0


async def until_listed(centre: Centre) -> int:
    """Temporal lists a process a moment after it began."""
    async with asyncio.timeout(20):
        while not (told := await tell_lost(centre.database, centre.temporal, centre.prefix, timedelta())):
            await asyncio.sleep(0.05)
    return told


async def test_a_call_with_a_process_is_left_alone(centre: Centre) -> None:
    call_id = await centre.phone()
    await centre.reaches(call_id, CallStage.WAITING)
    assert await has_process(centre.temporal, call_id)
    assert await reconcile(centre.database, centre.temporal) == 0
    assert await tell_lost(centre.database, centre.temporal, centre.prefix, timedelta()) == 0
