"""Drafts go along with a call that is handed over (R197)."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from schemas.call import CallStage
from services import draft
from services.front import Front
from store.base import clock
from store.call import Serving
from store.staff import Employee
from tests.calls import Calls
from tests.people import People
from tests.services.test_line import actor_of

TYPED = {"comment": "Спрашивает о справке"}


async def handed_over(session: AsyncSession, people: People) -> UUID:
    """Ольга had the call, Пётр has it now."""
    now = await clock(session)
    call = await Calls(session, people, now).call(stage=CallStage.TALKING, employee="pyotr")
    for who, at in ((people.olga, now - timedelta(minutes=1)), (people.pyotr, now)):
        desk = people.desk(who)
        session.add(
            Serving(call_id=call.id, desk_id=desk.id, employee_id=who.id, offered_at=at, answered_at=at),
        )
    await session.flush()
    return call.id


def front_of(session: AsyncSession, people: People, temporal: Client, who: Employee) -> Front:
    return Front(actor_of(who, people), session, temporal)


async def test_the_colleague_finds_what_the_first_typed(
    session: AsyncSession, people: People, temporal: Client
) -> None:
    call_id = await handed_over(session, people)
    olga, pyotr = [front_of(session, people, temporal, who) for who in (people.olga, people.pyotr)]
    await draft.save_completion(olga, call_id, TYPED)
    assert await draft.find_completion(pyotr, call_id) == TYPED
    await draft.save_completion(pyotr, call_id, {"comment": "Своё"})
    assert await draft.find_completion(pyotr, call_id) == {"comment": "Своё"}
    assert await draft.find_completion(olga, call_id) == TYPED


async def test_it_stays_with_him_when_the_first_has_finished(
    session: AsyncSession, people: People, temporal: Client
) -> None:
    call_id = await handed_over(session, people)
    olga, pyotr = [front_of(session, people, temporal, who) for who in (people.olga, people.pyotr)]
    await draft.save_completion(olga, call_id, TYPED)
    await draft.drop_completion(olga, call_id)
    assert await draft.find_completion(pyotr, call_id) == TYPED
    assert await draft.find_completion(olga, call_id) == {}


async def test_nothing_goes_back_to_the_first(session: AsyncSession, people: People, temporal: Client) -> None:
    call_id = await handed_over(session, people)
    olga, pyotr = [front_of(session, people, temporal, who) for who in (people.olga, people.pyotr)]
    await draft.save_completion(pyotr, call_id, TYPED)
    assert await draft.find_completion(olga, call_id) == {}
