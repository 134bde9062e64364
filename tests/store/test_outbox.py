"""The outbox: heads of keys are claimed once, in order, and what fails too often is parked."""

import contextlib
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store import outbox
from store.session import Database


async def put(session: AsyncSession, *keys: str) -> None:
    for n, key in enumerate(keys):
        outbox.put(session, key, "note", {"n": n})
        await session.flush()


async def claimed(session: AsyncSession, limit: int = 10) -> list[tuple[str, int]]:
    return [(row.key, row.payload["n"]) for row in await outbox.claim(session, limit)]


async def test_it_works(session: AsyncSession) -> None:
    await put(session, "a", "b")
    assert await claimed(session) == [("a", 0), ("b", 1)]


async def test_only_the_head_of_a_key_is_claimed(session: AsyncSession) -> None:
    await put(session, "a", "a", "b")
    assert await claimed(session) == [("a", 0), ("b", 2)]


async def test_the_next_one_follows_a_delivery(session: AsyncSession) -> None:
    await put(session, "a", "a")
    head = (await outbox.claim(session, 10))[0]
    await outbox.mark_delivered(session, [(head.id, None)])
    assert await claimed(session) == [("a", 1)]


async def test_a_key_in_other_hands_is_left_alone(fresh_database: Database) -> None:
    async with fresh_database.transaction() as session:
        await put(session, "a", "a", "b")
    async with fresh_database.transaction() as one, fresh_database.transaction() as other:
        assert await claimed(one, limit=1) == [("a", 0)]
        assert await claimed(other) == [("b", 2)]


async def test_a_postponed_row_waits_and_keeps_its_key_waiting(session: AsyncSession) -> None:
    await put(session, "a", "a")
    head = (await outbox.claim(session, 10))[0]
    await outbox.postpone(session, head.id, 60)
    assert await claimed(session) == []
    await outbox.postpone(session, head.id, -1)
    assert await claimed(session) == [("a", 0)]


async def test_five_failures_park_a_row(session: AsyncSession) -> None:
    await put(session, "a", "a", "b")
    head = (await outbox.claim(session, 10))[0]
    assert [await outbox.mark_failed(session, head.id, "сбой") for _ in range(5)] == [False] * 4 + [True]
    assert await claimed(session) == [("b", 2)]
    state = await outbox.get_state(session)
    assert (state.waiting, state.parked) == (2, 1)


async def test_an_empty_outbox_has_no_age(session: AsyncSession) -> None:
    assert await outbox.get_state(session) == outbox.OutboxState(waiting=0, parked=0, age=0)


async def test_delivered_rows_are_forgotten_after_a_day(session: AsyncSession) -> None:
    await put(session, "a", "b", "c")
    await session.execute(text("UPDATE outbox SET delivered_at = clock_timestamp() - interval '25 h' WHERE key = 'a'"))
    await session.execute(text("UPDATE outbox SET delivered_at = clock_timestamp() WHERE key = 'b'"))
    await outbox.prune(session)
    rows = await session.execute(text("SELECT key FROM outbox ORDER BY key"))
    assert [row.key for row in rows] == ["b", "c"]


async def test_nothing_is_left_by_a_transaction_that_fails(fresh_database: Database) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with fresh_database.transaction() as session:
            await put(session, "a")
            raise ZeroDivisionError
    async with fresh_database.transaction() as session:
        assert await claimed(session) == []


async def test_news_of_a_call_stand_under_its_key(session: AsyncSession) -> None:
    call_id = uuid4()
    outbox.signal_call(session, call_id, "operator_offered", outbox.OutboxState(waiting=0, parked=0, age=0))
    await session.flush()
    row: Any = (await outbox.claim(session, 1))[0]
    assert (row.key, row.kind, row.payload["signal"]) == (f"call-{call_id}", "signal_call", "operator_offered")
