"""A blocked employee is out at once: his pages, his programs, his open stream."""

import asyncio
from uuid import UUID

from httpx import AsyncClient

from services import staff
from services.front import Front
from tests.doors import Doors
from tests.people import People


async def block(doors: Doors, admin: AsyncClient, employee_id: UUID) -> None:
    actor = await doors.actor(admin)
    async with doors.app.state.database.transaction() as session:
        await staff.block(Front(actor, session, doors.app.state.temporal), employee_id)


async def test_the_open_stream_ends_within_five_seconds(doors: Doors, fresh_people: People) -> None:
    olga, admin = await doors.browser(fresh_people.olga), await doors.browser(fresh_people.admin)
    stream = asyncio.create_task(olga.get("/live"))
    await asyncio.sleep(1)
    assert not stream.done()
    await block(doors, admin, fresh_people.olga.id)
    answer = await asyncio.wait_for(stream, 5)
    assert answer.text.rstrip().splitlines()[-2] == "event: pult:session"


async def test_pages_and_programs_are_refused(doors: Doors, fresh_people: People) -> None:
    page, program = await doors.browser(fresh_people.olga), await doors.program(fresh_people.olga)
    admin = await doors.browser(fresh_people.admin)
    await block(doors, admin, fresh_people.olga.id)
    assert (await page.get("/desk/state", headers={"hx-request": "true"})).status_code == 401
    assert (await program.get("/api/v1/desk")).status_code == 401


async def test_another_session_of_ones_own_keeps_its_stream(doors: Doors, fresh_people: People) -> None:
    first, second = await doors.browser(fresh_people.vera), await doors.browser(fresh_people.vera)
    stream = asyncio.create_task(second.get("/live"))
    await asyncio.sleep(1)
    assert (await first.post("/logout")).status_code == 303
    await asyncio.sleep(1)
    assert not stream.done()
    stream.cancel()
