"""The relay: everything arrives, in order per key, whatever dies."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from store import outbox
from store.session import Database
from tests.worker.relaying import Addressee, leave, relaying, scalar, until_empty
from worker.relay import Relay

KEYS = [f"call-{n}" for n in range(12)]


async def test_it_works(fresh_database: Database) -> None:
    addressee = Addressee()
    async with relaying(fresh_database, addressee):
        await leave(fresh_database, "call-1", 1, 2, 3)
        await until_empty(fresh_database)
    assert addressee.of("call-1") == [1, 2, 3]


async def test_a_row_arrives_at_once(fresh_database: Database) -> None:
    addressee, waits = Addressee(), list[float]()
    async with relaying(fresh_database, addressee):
        await asyncio.sleep(0.3)
        for n in range(30):
            await leave(fresh_database, f"call-{n}", n)
            waits.append(await seconds_until(lambda: len(addressee.got) > len(waits)))
    assert statistics.median(waits) < 0.05, waits


async def test_what_stands_behind_a_row_follows_it_without_another_wake(fresh_database: Database) -> None:
    addressee = Addressee(pause=0.05)
    relay = Relay(fresh_database, {"note": addressee.take})
    await leave(fresh_database, "call-1", 1, 2, 3, 4)
    relay.wake()
    relaying_task = asyncio.create_task(relay.run())
    await seconds_until(lambda: addressee.of("call-1") == [1, 2, 3, 4])
    relaying_task.cancel()
    await asyncio.gather(relaying_task, return_exceptions=True)


@pytest.mark.parametrize("others", [(), ("another",)])  # of one transaction's rows there is one wake
async def test_a_row_that_comes_behind_one_in_our_hands_waits_for_no_second_look(
    others: tuple[str, ...], fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "mark_delivered", slowly(outbox.mark_delivered))
    addressee, waits = Addressee(), list[float]()
    async with relaying(fresh_database, addressee):
        for n in range(0, 120, 2):
            await leave(fresh_database, "call-1", n)
            await asyncio.sleep(n % 13 / 1000)
            await leave_together(fresh_database, n + 1, "call-1", *(f"{key}-{n}" for key in others))
            waits.append(await seconds_until(lambda: len(addressee.of("call-1")) == len(waits) * 2 + 2))
    assert addressee.of("call-1") == list(range(120))
    assert sorted(waits)[-3] < 0.3, waits  # a second look comes once a second


async def test_two_relays_keep_the_order_of_a_key(fresh_database: Database) -> None:
    addressee = Addressee(pause=0.003)
    async with relaying(fresh_database, addressee), relaying(fresh_database, addressee):
        for n in range(10):
            await asyncio.gather(*(leave(fresh_database, key, n) for key in KEYS))
        await until_empty(fresh_database)
    assert all(addressee.of(key) == list(range(10)) for key in KEYS)


async def test_a_killed_relay_loses_nothing(fresh_database: Database) -> None:
    addressee = Addressee(pause=0.02)
    async with relaying(fresh_database, addressee) as victim, relaying(fresh_database, addressee):
        for n in range(6):
            await asyncio.gather(*(leave(fresh_database, key, n) for key in KEYS))
        victim.cancel()
        await until_empty(fresh_database)
    # What the victim had under way may arrive twice, never late.
    assert all(list(dict.fromkeys(addressee.of(key))) == sorted(set(addressee.of(key))) for key in KEYS)
    assert all(set(addressee.of(key)) == set(range(6)) for key in KEYS)


async def test_a_bad_row_is_parked_and_blocks_only_its_key(fresh_database: Database) -> None:
    addressee = Addressee()
    async with relaying(fresh_database, addressee):
        await leave(fresh_database, "call-1", 1, is_bad=True)
        await leave(fresh_database, "call-1", 2)
        await leave(fresh_database, "call-2", 3)
        async with asyncio.timeout(20):
            while not await scalar(fresh_database, "SELECT count(parked_at) FROM outbox"):
                await asyncio.sleep(0.1)
        await leave(fresh_database, "call-2", 4)
        await until_empty(fresh_database)
    assert addressee.got == [("call-2", 3), ("call-2", 4)]
    assert await scalar(fresh_database, "SELECT max(attempts) FROM outbox") == 5


async def test_an_unreachable_addressee_is_no_failure(fresh_database: Database) -> None:
    addressee = Addressee()
    addressee.is_away = True
    async with relaying(fresh_database, addressee):
        await leave(fresh_database, "call-1", 1, 2)
        await asyncio.sleep(3)
        addressee.is_away = False
        await until_empty(fresh_database, seconds=3)
    assert addressee.of("call-1") == [1, 2]
    assert await scalar(fresh_database, "SELECT max(attempts) FROM outbox") == 0


async def test_many_unreachable_rows_do_not_hold_the_others(fresh_database: Database) -> None:
    addressee = Addressee()
    addressee.is_away = True
    async with relaying(fresh_database, addressee):
        await asyncio.gather(*(leave(fresh_database, f"away-{n}", n, is_away=True) for n in range(100)))
        addressee.is_away = False
        await leave(fresh_database, "call-1", 1)
        assert await seconds_until(lambda: addressee.of("call-1") == [1]) < 1.5


async def test_it_works_again_after_the_database_was_cut_off(fresh_database: Database) -> None:
    addressee = Addressee()
    async with relaying(fresh_database, addressee):
        await leave(fresh_database, "call-1", 1)
        await until_empty(fresh_database)
        await cut_off(fresh_database)
        await leave(fresh_database, "call-1", 2)
        await until_empty(fresh_database)
    assert list(dict.fromkeys(addressee.of("call-1"))) == [1, 2]


async def leave_together(database: Database, n: int, *keys: str) -> None:
    """Leave a row of each key in one transaction."""
    async with database.transaction() as session:
        for key in keys:
            outbox.put(session, key, "note", {"key": key, "n": n})


def slowly(mark: Callable[..., Awaitable[bool]]) -> Callable[..., Awaitable[bool]]:
    """Let rows come between the look behind our own and the commit."""

    async def marked(*rows: Any) -> bool:
        is_more = await mark(*rows)
        await asyncio.sleep(0.006)
        return is_more

    return marked


async def cut_off(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(
            text(
                """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()"""
            )
        )
    await database.engine.dispose()


async def seconds_until(is_so: Callable[[], bool], limit: float = 10.0) -> float:
    begun = time.perf_counter()
    async with asyncio.timeout(limit):
        while not is_so():
            await asyncio.sleep(0.001)
    return time.perf_counter() - begun
