"""What the telephone of a desk shows: its ring, its talk, what is left to finish."""

from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from schemas.call import CallStage
from schemas.errors import Forbidden
from schemas.line import LegSide, LegState, PhoneStage, Softphone
from services.front import Front
from services.line_phone import show_softphone
from store import line, line_ring, line_talk
from store.base import clock
from store.call import Call, Serving
from store.line import LineLeg
from store.subscriber import Subscriber
from tests.people import ANNA, ANNA_NUMBER, People
from tests.services.test_line import actor_of


async def shown(session: AsyncSession, people: People, temporal: Client) -> Softphone:
    return await show_softphone(Front(actor_of(people.olga, people), session, temporal))


async def ringing(session: AsyncSession, people: People) -> LineLeg:
    """Анна's call rings at Ольга's desk."""
    caller = LineLeg(id=uuid4(), call_id=uuid4(), side=LegSide.CITIZEN, number=ANNA_NUMBER)
    await line.add_citizen(session, caller)
    now, desk = await clock(session), people.desk(people.olga)
    times = {"started_at": now, "queued_at": now}
    session.add(Call(id=caller.call_id, number=ANNA_NUMBER, confirmed=False, queue_id=people.queue.id, **times))
    await session.flush()
    session.add(Serving(call_id=caller.call_id, desk_id=desk.id, employee_id=people.olga.id, offered_at=now))
    leg = LineLeg(id=uuid4(), call_id=caller.call_id, side=LegSide.OPERATOR, desk_id=desk.id, offer_token=uuid4())
    leg.peer_id = caller.id
    await line_ring.ring(session, leg)
    return leg


async def test_a_free_telephone_shows_nothing(session: AsyncSession, people: People, temporal: Client) -> None:
    assert await shown(session, people, temporal) == Softphone()


async def test_a_ring_shows_who_calls_and_where(session: AsyncSession, people: People, temporal: Client) -> None:
    leg = await ringing(session, people)
    session.add(Subscriber(full_name=ANNA, mobile_phone=ANNA_NUMBER))
    phone = await shown(session, people, temporal)
    assert (phone.stage, phone.leg_id, phone.number) == (PhoneStage.RINGING, leg.id, ANNA_NUMBER)
    assert (phone.names, phone.queue, phone.confirmed) == (("А••• С••• Б•••",), people.queue.name, False)


async def test_an_answered_leg_is_a_talk_and_an_ended_one_is_to_be_finished(
    session: AsyncSession, people: People, temporal: Client
) -> None:
    leg = await ringing(session, people)
    await line_ring.answer(session, leg)
    assert (await shown(session, people, temporal)).stage is PhoneStage.TALKING
    call = await session.get_one(Call, leg.call_id)
    call.stage = CallStage.TALKING
    await line_talk.hang_up(session, leg)
    phone = await shown(session, people, temporal)
    assert (phone.stage, phone.leg_id, leg.state) == (PhoneStage.POST_PROCESSING, None, LegState.ENDED)


async def test_a_missed_ring_leaves_nothing(session: AsyncSession, people: People, temporal: Client) -> None:
    leg = await ringing(session, people)
    await line_ring.stop_ringing(session, leg)
    assert (await shown(session, people, temporal)).stage is PhoneStage.IDLE


async def test_who_has_no_desk_has_no_telephone(session: AsyncSession, people: People, temporal: Client) -> None:
    with pytest.raises(Forbidden):
        await show_softphone(Front(actor_of(people.stranger, people), session, temporal))
