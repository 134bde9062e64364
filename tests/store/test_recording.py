"""Which talks are recorded: a citizen's with a desk, when the queue says so."""

from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.line import LegSide, LegState
from store import recording
from store.line import LineLeg
from tests.calls import Calls
from tests.people import People


async def legs(session: AsyncSession, people: People, *sides: LegSide) -> list[LineLeg]:
    """Two legs of one call that talk with each other."""
    call = await Calls(session, people).served()
    made = [LineLeg(id=uuid4(), call_id=call.id, side=side, state=LegState.TALKING) for side in sides]
    made[0].peer_id, made[1].peer_id = made[1].id, made[0].id
    session.add_all(made)
    await session.flush()
    return made


@pytest.mark.parametrize("recorded", [True, False])
async def test_both_sides_hear_the_queues_word(session: AsyncSession, people: People, recorded: bool) -> None:
    people.queue.recorded = recorded
    for leg in await legs(session, people, LegSide.CITIZEN, LegSide.OPERATOR):
        assert await recording.is_recorded(session, leg.id) is recorded


async def test_colleagues_among_themselves_are_not_recorded(session: AsyncSession, people: People) -> None:
    for leg in await legs(session, people, LegSide.OPERATOR, LegSide.OPERATOR):
        assert not await recording.is_recorded(session, leg.id)


async def test_who_waits_is_not_recorded(session: AsyncSession, people: People) -> None:
    leg, _ = await legs(session, people, LegSide.CITIZEN, LegSide.OPERATOR)
    leg.peer_id = None
    await session.flush()
    assert not await recording.is_recorded(session, leg.id)
