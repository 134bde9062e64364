"""The place of a waiting call, by the order in which calls are matched, and how long it may take."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call import CallStage
from schemas.desk import DeskStatus, RenewPresence
from services.line_wait import DEFAULT_SERVING, expect
from store import desk as desk_store
from store import line_wait
from store.call import Call
from store.queue import Queue
from tests.calls import NOON, SECOND, Calls
from tests.people import People

Wait = Callable[..., Awaitable[Call]]


@pytest.fixture
def calls(session: AsyncSession, people: People) -> Calls:
    return Calls(session, people)


async def on_line(session: AsyncSession, people: People, *logins: str) -> None:
    for login in logins:
        desk_id = await desk_store.enter(session, getattr(people, login).id)
        await desk_store.renew(session, desk_id, RenewPresence(phone_id=uuid4()))
        await desk_store.ask_status(session, await desk_store.get(session, desk_id), DeskStatus.INCOMING)
    await session.flush()


async def place(session: AsyncSession, call: Call) -> line_wait.Place:
    found = await line_wait.find_place(session, call.id, NOON - timedelta(hours=12))
    assert found
    return found


async def test_places_follow_the_order_of_the_match(session: AsyncSession, calls: Calls) -> None:
    second, third = [await calls.call(CallStage.WAITING) for _ in range(2)]
    first = await calls.call(CallStage.WAITING, priority=5)
    returned = await calls.call(CallStage.WAITING, priority=5, queued_at=NOON - timedelta(hours=1))
    places = [(await place(session, call)).position for call in (returned, first, second, third)]
    assert places == [1, 2, 3, 4]


async def test_only_those_who_wait_in_the_same_queue_count(session: AsyncSession, calls: Calls) -> None:
    other = Queue(name="Другая")
    session.add(other)
    await session.flush()
    await calls.call(CallStage.WAITING, queue_id=other.id)
    for stage in (CallStage.RINGING, CallStage.TALKING, CallStage.CHOOSING, CallStage.ABANDONED):
        await calls.call(stage)
    mine = await calls.call(CallStage.WAITING)
    assert (await place(session, mine)).position == 1
    mine.stage = CallStage.RINGING
    await session.flush()
    assert await line_wait.find_place(session, mine.id, NOON) is None


async def test_operators_on_the_line_are_counted(session: AsyncSession, people: People, calls: Calls) -> None:
    mine = await calls.call(CallStage.WAITING)
    assert ((await place(session, mine)).operators, expect(await place(session, mine))) == (0, None)
    await on_line(session, people, "olga", "pyotr", "vera")  # Вера does not serve this queue
    assert (await place(session, mine)).operators == 2
    await session.execute(text("UPDATE desk_presence SET lease_until = now() - interval '1 second'"))
    assert (await place(session, mine)).operators == 0


async def test_a_serving_lasts_as_long_as_those_of_today(session: AsyncSession, people: People, calls: Calls) -> None:
    await on_line(session, people, "olga", "pyotr")
    yesterday = Calls(session, people, NOON - timedelta(days=1))
    await yesterday.served(seconds=3000)
    for _ in range(4):
        await calls.served(seconds=55)
    mine = await calls.call(CallStage.WAITING)
    assert expect(await place(session, mine)) == DEFAULT_SERVING.total_seconds() / 2, "four say nothing yet"
    await calls.served(seconds=55)
    found = await place(session, mine)
    assert (found.served, found.average, expect(found)) == (5, 60 * SECOND, 30)


async def test_the_newest_fifty_say_it(session: AsyncSession, people: People, calls: Calls) -> None:
    await on_line(session, people, "olga")
    for seconds in [3000] * 5 + [35] * 50:
        await calls.served(seconds=seconds)
    found = await place(session, await calls.call(CallStage.WAITING))
    assert (found.served, found.average) == (line_wait.NEWEST, 40 * SECOND)
