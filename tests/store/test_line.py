"""Legs: the leg is the referee between an answer and a cancel, and nobody is left holding the line."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.line import LegSide, LegState, SendSignal, SignalKind
from store import line, line_ring, line_silence, line_talk
from store.line import LineLeg
from store.session import Database
from telephony.port import Ring
from telephony.web_line import Silence, WebLine
from tests.people import ANNA_NUMBER, HOTLINE, People


async def citizen(session: AsyncSession) -> LineLeg:
    """Анна's page has called."""
    leg = LineLeg(id=uuid4(), call_id=uuid4(), side=LegSide.CITIZEN, number=ANNA_NUMBER, token_hash=uuid4().bytes)
    assert await line.add_citizen(session, leg)
    found = await line.find_leg(session, leg.id)
    assert found is not None
    return found


async def ringing(session: AsyncSession, people: People, caller: LineLeg) -> LineLeg:
    """Her call rings at Ольга's desk."""
    leg = LineLeg(
        id=uuid4(), call_id=caller.call_id, side=LegSide.OPERATOR, desk_id=people.desks["olga"].id, offer_token=uuid4()
    )
    leg.peer_id = caller.id
    assert await line_ring.ring(session, leg)
    return leg


async def news(session: AsyncSession) -> list[str]:
    await session.flush()
    rows = await session.execute(text("SELECT payload->>'signal' FROM outbox WHERE kind = 'signal_call' ORDER BY id"))
    return list(rows.scalars())


async def test_a_ring_makes_the_citizen_hear_ringing(session: AsyncSession, people: People) -> None:
    caller = await citizen(session)
    leg = await ringing(session, people, caller)
    assert (leg.state, caller.state) == (LegState.RINGING, LegState.RINGING)
    leg.peer_id = caller.id
    assert not await line_ring.ring(session, leg), "the same leg rings once"


async def test_an_answer_connects_both_and_is_told_to_the_process(session: AsyncSession, people: People) -> None:
    caller = await citizen(session)
    leg = await ringing(session, people, caller)
    assert await line_ring.answer(session, leg) is caller
    assert (leg.state, caller.state, caller.peer_id) == (LegState.TALKING, LegState.TALKING, leg.id)
    assert await line_ring.answer(session, leg) is None
    assert await news(session) == ["operator_answered"]


async def test_a_declined_ring_lets_the_citizen_wait(session: AsyncSession, people: People) -> None:
    caller = await citizen(session)
    leg = await ringing(session, people, caller)
    assert await line_ring.decline(session, leg)
    assert (leg.state, caller.state) == (LegState.ENDED, LegState.WAITING)
    assert not await line_ring.decline(session, leg)
    assert await news(session) == ["operator_declined"]


async def test_a_citizen_who_is_gone_cannot_be_answered_or_rung(session: AsyncSession, people: People) -> None:
    caller = await citizen(session)
    leg = await ringing(session, people, caller)
    await line_talk.hang_up(session, caller)
    assert await line_ring.answer(session, leg) is None
    other = LineLeg(id=uuid4(), call_id=caller.call_id, side=LegSide.OPERATOR, desk_id=leg.desk_id)
    other.peer_id = caller.id
    assert not await line_ring.ring(session, other)
    assert await news(session) == ["caller_hung_up"]


async def test_hanging_up_twice_is_told_once(session: AsyncSession, people: People) -> None:
    caller = await citizen(session)
    leg = await ringing(session, people, caller)
    await line_ring.answer(session, leg)
    await line_talk.hang_up(session, leg)
    await line_talk.hang_up(session, caller)
    assert (caller.state, caller.ended_by) == (LegState.ENDED, "operator")
    assert await news(session) == ["operator_answered", "operator_hung_up"]


async def test_signals_are_read_after_the_last_one(session: AsyncSession) -> None:
    caller = await citizen(session)
    for body in ({"sdp": "a"}, {"sdp": "b"}):
        await line.leave_signal(session, caller, SendSignal(kind=SignalKind.OFFER, attempt="1", body=body))
    first, second = await line.list_signals(session, caller.id, 0)
    assert await line.list_signals(session, caller.id, first.id or 0) == [second]
    assert await line.count_signals(session, caller.id, "1") == (2, 2)
    assert await line.count_signals(session, caller.id, "2") == (0, 2)


async def test_destinations_are_the_numbers_of_queues(session: AsyncSession, people: People) -> None:
    (place,) = await line.list_destinations(session)
    assert (place.number, place.name) == (HOTLINE, people.queue.name)


async def silent(session: AsyncSession, leg: LineLeg, seconds: float) -> None:
    moved = {"id": leg.id, "ago": timedelta(seconds=seconds)}
    await session.execute(
        text("UPDATE line_leg SET seen_at = clock_timestamp() - CAST(:ago AS interval) WHERE id = :id"), moved
    )


async def test_a_silent_citizen_is_hung_up_and_a_heard_one_is_not(session: AsyncSession) -> None:
    gone, here = await citizen(session), await citizen(session)
    await silent(session, gone, 16)
    await silent(session, here, 14)
    assert await line_silence.end_silent(session, 15) == 1
    assert (gone.state, here.state) == (LegState.ENDED, LegState.WAITING)
    assert await news(session) == ["caller_hung_up"]


async def test_the_citizen_of_a_silent_operator_hears_music(session: AsyncSession, people: People) -> None:
    caller = await citizen(session)
    leg = await ringing(session, people, caller)
    await line_ring.answer(session, leg)
    await silent(session, leg, 16)
    assert await line_silence.end_silent(session, 15) == 1
    assert await line_silence.end_silent(session, 15) == 0, "told once"
    assert (caller.state, leg.state) == (LegState.PARKED, LegState.TALKING)
    assert await news(session) == ["operator_answered", "media_lost"]


async def test_after_our_own_absence_pages_get_time_to_be_heard(session: AsyncSession) -> None:
    caller, silence = await citizen(session), Silence()
    await silence.sweep(session)
    assert silence._started_at is not None
    silence._started_at = silence._swept_at = silence._started_at - timedelta(minutes=2)
    await silent(session, caller, 120)
    assert await silence.sweep(session) == 0, "the machine or the database stood still"
    await silent(session, caller, 5)
    assert caller.state is LegState.WAITING


async def rung(database: Database, people: People) -> tuple[WebLine, UUID]:
    """A ring on the real exchange; return it with the leg."""
    exchange, leg_id = WebLine(database), uuid4()
    async with database.transaction() as session:
        caller = await citizen(session)
    ring: dict[str, Any] = {"call_id": caller.call_id, "token": uuid4(), "leg_id": str(leg_id), "caller": ANNA_NUMBER}
    ring |= {"desk_id": people.desks["olga"].id, "peer_leg_id": str(caller.id), "seconds": 20}
    await exchange.ring(Ring(**ring))
    await exchange.ring(Ring(**ring))
    return exchange, leg_id


async def pick_up(database: Database, leg_id: UUID) -> bool:
    async with database.transaction() as session:
        leg = await line.find_leg(session, leg_id)
        assert leg is not None
        return await line_ring.answer(session, leg) is not None


async def test_answer_and_cancel_at_once_have_one_winner(fresh_database: Database, fresh_people: People) -> None:
    for _ in range(20):
        exchange, leg_id = await rung(fresh_database, fresh_people)
        is_answered, end = await asyncio.gather(pick_up(fresh_database, leg_id), exchange.cancel_ring(str(leg_id)))
        assert is_answered is (end.answered_at is not None)
        again = await exchange.cancel_ring(str(leg_id))
        assert again == end


async def test_who_orders_a_hang_up_needs_no_news_of_it(fresh_database: Database, fresh_people: People) -> None:
    exchange, leg_id = await rung(fresh_database, fresh_people)
    await pick_up(fresh_database, leg_id)
    async with fresh_database.transaction() as session:
        leg = await line.find_leg(session, leg_id)
        assert leg is not None
    await exchange.hang_up(leg.call_id)
    await exchange.hang_up(leg.call_id)
    async with fresh_database.transaction() as session:
        assert await news(session) == ["operator_answered"]
