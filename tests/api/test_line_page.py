"""A page left open under a number is called, if the number is believed; nobody else reaches its call."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from schemas.call import DialOutcome
from schemas.line import LegSide
from store import line_page, line_ring, line_silence
from store.line import LineLeg
from tests.doors import Doors
from tests.people import ANNA_NUMBER, People

PAGES, LEGS = "/api/v1/line/pages", "/api/v1/line/legs"
KEY = {"Idempotency-Key": "a-key-of-the-page-1"}
OFFER = {"kind": "offer", "attempt": "first", "body": {"sdp": "v=0"}}


@pytest.fixture
async def anna(doors: Doors, fresh_people: People) -> AsyncClient:
    """Anna's browser, at a centre that believes what she types."""
    settings = doors.app.state.settings
    line = settings.line.model_copy(update={"trust_typed_numbers": True})
    doors.app.state.settings = settings.model_copy(update={"line": line})
    return await doors.nobody()


async def open_page(client: AsyncClient) -> dict[str, Any]:
    answer = await client.post(PAGES, json={"number": "8 916 123-45-67"}, headers=KEY)
    assert answer.status_code == 201
    opened: dict[str, Any] = answer.json()
    return opened


async def dial(doors: Doors, people: People) -> tuple[DialOutcome | None, LineLeg]:
    """Ольга's desk calls Анна."""
    call_id, caller_id = uuid4(), uuid4()
    callee = LineLeg(id=uuid4(), call_id=call_id, side=LegSide.CITIZEN, number=ANNA_NUMBER, peer_id=caller_id)
    caller = LineLeg(id=caller_id, call_id=call_id, side=LegSide.OPERATOR, peer_id=callee.id)
    caller.desk_id = people.desk(people.olga).id
    async with doors.app.state.database.transaction() as session:
        return await line_ring.dial(session, callee, caller), callee


async def test_a_page_is_called_and_answers_with_the_secret_of_its_leg(
    doors: Doors, fresh_people: People, anna: AsyncClient
) -> None:
    opened = await open_page(anna)
    assert (await open_page(anna), opened["confirmed"], opened["call"]) == (opened, True, None)
    outcome, leg = await dial(doors, fresh_people)
    page = (await anna.get(f"{PAGES}/{opened['page_id']}")).json()
    assert (outcome, page["call"]["leg_id"]) == (None, str(leg.id))
    answered = await anna.post(f"{LEGS}/{leg.id}/answer", json=OFFER)
    assert (answered.status_code, answered.json()["state"]) == (200, "talking")
    assert {cookie.path for cookie in anna.cookies.jar} == {f"{PAGES}/{opened['page_id']}", f"{LEGS}/{leg.id}"}


async def test_nobody_else_sees_the_page_or_its_call(doors: Doors, fresh_people: People, anna: AsyncClient) -> None:
    opened = await open_page(anna)
    _, leg = await dial(doors, fresh_people)
    await anna.get(f"{PAGES}/{opened['page_id']}")
    wrong = {"Authorization": "Bearer wrong"}
    stranger = await doors.nobody()
    assert (await stranger.get(f"{PAGES}/{opened['page_id']}")).status_code == 401
    for address in (f"{PAGES}/{opened['page_id']}", f"{PAGES}/{opened['page_id']}/events", f"{LEGS}/{leg.id}"):
        assert (await stranger.get(address, headers=wrong)).status_code == 404
    assert (await stranger.delete(f"{PAGES}/{opened['page_id']}", headers=wrong)).status_code == 404


async def test_a_number_that_was_only_typed_is_not_called(doors: Doors, fresh_people: People) -> None:
    opened = await open_page(await doors.nobody())
    assert opened["confirmed"] is False
    assert (await dial(doors, fresh_people))[0] is DialOutcome.UNREACHABLE


async def test_a_closed_page_is_not_called_and_a_called_one_is_busy(
    doors: Doors, fresh_people: People, anna: AsyncClient
) -> None:
    opened = await open_page(anna)
    await dial(doors, fresh_people)
    assert (await dial(doors, fresh_people))[0] is DialOutcome.BUSY
    assert (await anna.delete(f"{PAGES}/{opened['page_id']}")).status_code == 204
    assert (await anna.delete(f"{PAGES}/{opened['page_id']}")).status_code == 204
    assert (await dial(doors, fresh_people))[0] is DialOutcome.UNREACHABLE


async def test_a_page_that_falls_silent_while_it_rings_has_refused_nothing(
    doors: Doors, fresh_people: People, anna: AsyncClient
) -> None:
    await open_page(anna)
    _, leg = await dial(doors, fresh_people)
    async with doors.app.state.database.transaction() as session:
        (await session.get_one(LineLeg, leg.id)).seen_at = leg.created_at.replace(year=2020)
        await session.flush()
        assert await line_silence.end_silent(session, 15) == 1
    assert await told(doors, leg.call_id) == "unreachable"


async def told(doors: Doors, call_id: UUID) -> str:
    async with doors.app.state.database.transaction() as session:
        found = text("SELECT payload->'news'->>'outcome' FROM outbox WHERE payload->>'call_id' = :id")
        return str((await session.execute(found, {"id": str(call_id)})).scalar())


async def test_a_page_not_heard_for_an_hour_is_forgotten(doors: Doors, anna: AsyncClient) -> None:
    opened = await open_page(anna)
    async with doors.app.state.database.transaction() as session:
        page = await session.get_one(line_page.LinePage, UUID(opened["page_id"]))
        page.seen_at = page.seen_at.replace(year=2020)
        await session.flush()
        assert await line_page.prune(session) == 1
    assert (await anna.get(f"{PAGES}/{opened['page_id']}")).status_code == 404
