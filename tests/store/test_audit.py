"""The audit: sealed rows form a chain, and a change in it shows."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from store import audit


async def act(session: AsyncSession, count: int = 1) -> None:
    for n in range(count):
        audit.record(session, uuid4(), ("subscriber", "read"), uuid4(), n=n, why="карточка открыта")
    await session.flush()


async def test_it_works(session: AsyncSession) -> None:
    await act(session, 3)
    assert await audit.seal(session) == 3
    assert await audit.verify(session) is None


async def test_the_chain_goes_on(session: AsyncSession) -> None:
    await act(session, 3)
    assert [await audit.seal(session, limit=2) for _ in range(3)] == [2, 1, 0]
    await act(session)
    await audit.seal(session)
    session.expire_all()
    assert await audit.verify(session, page=2) is None
    assert await sequence(session) == [1, 2, 3, 4]


async def test_a_late_commit_is_sealed_late(session: AsyncSession) -> None:
    await act(session)
    await audit.seal(session)
    session.add(audit.Audit(verb="read", thing="call", at=datetime(2020, 1, 1, tzinfo=UTC)))
    await session.flush()
    await audit.seal(session)
    session.expire_all()
    assert await audit.verify(session) is None


async def test_an_empty_chain_holds(session: AsyncSession) -> None:
    assert await audit.verify(session) is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET verb = 'guess'",
        "UPDATE audit SET seal = '\\x00'",
        "UPDATE audit SET seq = seq + 1",
        "DELETE FROM audit",
        "TRUNCATE audit",
    ],
)
async def test_nobody_changes_what_is_sealed(session: AsyncSession, change: str) -> None:
    await act(session, 2)
    await audit.seal(session)
    with pytest.raises(ProgrammingError):
        await session.execute(text(change))


async def test_a_change_behind_our_back_shows(session: AsyncSession) -> None:
    await act(session, 3)
    await audit.seal(session)
    row = await session.scalar(select(audit.Audit).where(audit.Audit.seq == 2))  # type: ignore[arg-type]
    row.details = {"n": 1, "why": "ничего не было"}
    with session.no_autoflush:
        assert await audit.verify(session) == 2


async def sequence(session: AsyncSession) -> list[int]:
    rows = await session.execute(text("SELECT seq FROM audit ORDER BY seq"))
    return [row.seq for row in rows]
