"""What a telephone shows of the others in its call: who hears whom, and what became of a hand-over."""

from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from schemas.call import CallStage, DialOutcome, ServingRole
from schemas.line import LegSide, PhoneStage, Softphone
from schemas.line_party import HandedBy
from schemas.timeline import EventKind
from services.front import Front
from services.line_phone import show_softphone
from store import call_event, line_ring, line_talk
from store.base import clock
from store.call import Call, Serving
from store.line import LineLeg
from store.staff import Employee
from tests.people import People
from tests.services.test_line import actor_of
from tests.services.test_line_phone import ringing


async def shown(session: AsyncSession, people: People, temporal: Client, who: Employee) -> Softphone:
    return await show_softphone(Front(actor_of(who, people), session, temporal))


async def handed(session: AsyncSession, people: People, role: ServingRole) -> LineLeg:
    """Ольга's talk is held, and Пётр's desk rings."""
    first = await ringing(session, people)
    await line_ring.answer(session, first)
    await line_talk.hold(session, first.call_id)
    leg = LineLeg(id=uuid4(), call_id=first.call_id, side=LegSide.OPERATOR, offer_token=uuid4(), role=role)
    leg.desk_id = people.desk(people.pyotr).id
    leg.peer_id = first.id if role is ServingRole.CONSULT else first.peer_id
    await line_ring.ring(session, leg)
    return leg


def links(phone: Softphone) -> list[tuple[str, str]]:
    return [(party.kind, party.link) for party in phone.parties]


async def test_a_held_talk_says_since_when(session: AsyncSession, people: People, temporal: Client) -> None:
    leg = await ringing(session, people)
    await line_ring.answer(session, leg)
    call = await session.get_one(Call, leg.call_id)
    call.held_since = await clock(session)
    assert (await shown(session, people, temporal, people.olga)).held_since is None, "its legs are not held yet"
    await line_talk.hold(session, leg.call_id)
    phone = await shown(session, people, temporal, people.olga)
    assert (phone.stage, phone.held_since, phone.parties) == (PhoneStage.TALKING, call.held_since, ())


async def test_a_ringing_target_is_shown_to_both(session: AsyncSession, people: People, temporal: Client) -> None:
    await handed(session, people, ServingRole.TRANSFER)
    mine = await shown(session, people, temporal, people.olga)
    assert mine.transfer is not None
    assert (mine.transfer.name, mine.transfer.is_answered) == (people.pyotr.full_name, False)
    assert links(mine) == [("citizen", "held"), ("me", "ringing"), ("colleague", "none")]
    his = await shown(session, people, temporal, people.pyotr)
    assert (his.stage, his.handed_by) == (PhoneStage.RINGING, HandedBy(name=people.olga.full_name, consult=False))


async def test_a_consultation_shows_who_hears_whom(session: AsyncSession, people: People, temporal: Client) -> None:
    await line_ring.answer(session, await handed(session, people, ServingRole.CONSULT))
    mine, his = [await shown(session, people, temporal, who) for who in (people.olga, people.pyotr)]
    assert links(mine) == [("citizen", "held"), ("me", "talk"), ("colleague", "none")]
    assert links(his) == [("citizen", "held"), ("colleague", "talk"), ("me", "none")]
    assert mine.transfer is not None
    assert mine.transfer.is_answered


async def fail(session: AsyncSession, people: People, leg: LineLeg, why: DialOutcome) -> None:
    start, end = EventKind.TRANSFER_STARTED, EventKind.TRANSFER_FAILED
    key, to = str(uuid4()), str(people.pyotr.id)
    await call_event.record(session, leg.call_id, key, start, actor_id=people.olga.id, to=to)
    await call_event.record(session, leg.call_id, f"{key}-end", end, actor_id=people.pyotr.id, why=why.value)


async def test_a_failed_hand_over_is_told_in_words(session: AsyncSession, people: People, temporal: Client) -> None:
    leg = await ringing(session, people)
    await line_ring.answer(session, leg)
    await fail(session, people, leg, DialOutcome.REFUSED)
    failed = (await shown(session, people, temporal, people.olga)).failed
    assert failed is not None
    assert (failed.name, failed.why, failed.was_answered) == (people.pyotr.full_name, DialOutcome.REFUSED, False)
    await fail(session, people, leg, DialOutcome.CANCELLED)
    assert (await shown(session, people, temporal, people.olga)).failed is None, "she took it back herself"


async def test_who_lost_the_call_to_the_queue_has_words_to_write(
    session: AsyncSession, people: People, temporal: Client
) -> None:
    leg = await ringing(session, people)
    await line_ring.answer(session, leg)
    await line_talk.release(session, leg.call_id, leg.id)
    (await session.get_one(Call, leg.call_id)).stage = CallStage.WAITING
    await session.flush()
    assert (await shown(session, people, temporal, people.olga)).stage is PhoneStage.IDLE, "nothing is written yet"
    serving = (await session.execute(Serving.__table__.select())).one()  # type: ignore[attr-defined]
    row = await session.get_one(Serving, serving.id)
    row.answered_at = row.ended_at = await clock(session)
    await session.flush()
    assert (await shown(session, people, temporal, people.olga)).stage is PhoneStage.POST_PROCESSING
