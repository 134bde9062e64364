"""POST /calls by those who may, once for a key; the address book shows each role what it may see."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from config.settings import Settings
from schemas.call import CallStage, DialOutcome
from schemas.desk import DeskStatus
from schemas.line import LegSide, LegState
from schemas.staff import Role
from store import line_page, line_ring
from store.call_dial import desk_leg_of
from store.line import LineLeg
from telephony.port import Dial
from telephony.web_line import WebLine
from tests.centre import Centre, until
from tests.doors import Doors
from tests.people import ANNA, ANNA_NUMBER, People
from worker.temporal import connect

CALLS, BOOK = "/api/v1/calls", "/api/v1/address-book"
ASKED = {"key": "place-key-1", "number": "8 916 123-45-67"}


@pytest.fixture
async def olga(doors: Doors, fresh_people: People, centre: Centre) -> AsyncClient:
    """Ольга in «Исходящие», her telephone ready."""
    olga = await doors.program(fresh_people.olga)
    await centre.go_on_line("olga", status=DeskStatus.OUTGOING)
    return olga


@pytest.fixture
async def idle(doors: Doors, fresh_people: People, settings: Settings) -> Centre:
    """A centre whose worker does not run; Ольга and Пётр in «Исходящие»."""
    centre = Centre(doors.app.state.database, fresh_people, await connect(settings, lazy=False))
    await centre.go_on_line("olga", "pyotr", status=DeskStatus.OUTGOING)
    return centre


async def add_anna(centre: Centre) -> UUID:
    added: UUID = await centre.sql(
        "INSERT INTO subscriber (type, full_name, mobile_phone, version) VALUES ('person', :name, :phone, 1)"
        " RETURNING id",
        name=ANNA,
        phone=ANNA_NUMBER,
    )
    return added


async def test_a_call_is_placed_once_for_its_key(olga: AsyncClient, centre: Centre) -> None:
    placed = await asyncio.gather(*(olga.post(CALLS, json=ASKED) for _ in range(5)))
    assert {(each.status_code, each.json()["call_id"]) for each in placed} == {(201, placed[0].json()["call_id"])}
    dial = await centre.dialled(UUID(placed[0].json()["call_id"]))
    assert (dial.number, len(centre.exchange.dials)) == (ANNA_NUMBER, 1)
    assert await centre.sql("SELECT count(*) FROM serving WHERE role = 'outbound'") == 1


async def test_of_twenty_at_once_one_calls(olga: AsyncClient, centre: Centre) -> None:
    asked = ({"key": f"place-key-{place}", "number": f"+791612345{place:02}"} for place in range(20))
    codes = sorted(each.status_code for each in await asyncio.gather(*(olga.post(CALLS, json=one) for one in asked)))
    assert codes == [201, *[409] * 19]
    assert await centre.sql("SELECT count(*) FROM call") == await centre.sql("SELECT count(*) FROM serving") == 1


async def test_a_desk_that_is_not_in_outgoing_is_told_so(olga: AsyncClient, centre: Centre) -> None:
    await centre.go_on_line("olga", status=DeskStatus.BREAK)
    refused = await olga.post(CALLS, json=ASKED)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_outgoing")
    assert "«Исходящие»" in refused.json()["detail"]
    assert await centre.sql("SELECT count(*) FROM call") == 0


async def test_a_desk_without_a_telephone_does_not_call(olga: AsyncClient, centre: Centre) -> None:
    await centre.sql("UPDATE desk_presence SET ready = false RETURNING desk_id")
    assert "Телефон не готов" in (await olga.post(CALLS, json=ASKED)).json()["detail"]


async def test_a_misspelt_number_is_refused_at_its_field(olga: AsyncClient) -> None:
    refused = await olga.post(CALLS, json=ASKED | {"number": "12 34 567"})
    assert (refused.status_code, [each["pointer"] for each in refused.json()["errors"]]) == (422, ["/number"])


@pytest.mark.parametrize("login", ["admin", "stranger"])
async def test_who_has_no_desk_calls_nobody(doors: Doors, fresh_people: People, login: str) -> None:
    program = await doors.program(getattr(fresh_people, login))
    assert (await program.post(CALLS, json=ASKED)).status_code == 403
    assert (await program.get(BOOK)).status_code == 403


async def test_a_stranger_is_half_hidden_until_he_was_served(olga: AsyncClient, centre: Centre) -> None:
    anna = await add_anna(centre)
    (hidden,) = (await olga.get(BOOK)).json()["contacts"]
    assert (hidden["full_name"], "1234" in hidden["number"], hidden["is_masked"]) == ("А••• С••• Б•••", False, True)
    (named,) = (await olga.get(BOOK, params={"q": "белов"})).json()["contacts"]
    assert (named["full_name"], named["number"]) == (ANNA, hidden["number"]), "who asks for a name knows it"
    call_id = (await olga.post(CALLS, json={"key": "place-key-1", "entry": hidden["entry"]})).json()["call_id"]
    await centre.callee_answers(await centre.dialled(UUID(call_id)))
    await centre.reaches(UUID(call_id), CallStage.TALKING)
    (known,) = (await olga.get(BOOK, params={"q": "8916123"})).json()["contacts"]
    assert (known["full_name"], known["number"]) == (ANNA, ANNA_NUMBER)
    assert await centre.sql("SELECT subscriber_id FROM call") == anna


async def test_a_supervisor_reads_the_whole_book(doors: Doors, fresh_people: People, centre: Centre) -> None:
    vera = await doors.program(fresh_people.vera, Role.SUPERVISOR)
    await add_anna(centre)
    found: dict[str, Any] = (await vera.get(BOOK, params={"q": "анна"})).json()
    assert ([each["number"] for each in found["contacts"]], found["has_more"]) == ([ANNA_NUMBER], False)
    assert (await vera.get(BOOK, params={"q": "никого такого"})).json()["contacts"] == []


# --- «Отменить вызов»


async def dial_of(centre: Centre, call_id: UUID) -> Dial:
    """What the process of the call orders."""
    leg_id = await centre.sql("SELECT leg_id FROM call WHERE id = :id", id=call_id)
    desk_id = centre.people.desk(centre.people.olga).id
    return Dial(call_id=call_id, leg_id=leg_id, number=ANNA_NUMBER, peer_leg_id=desk_leg_of(call_id), desk_id=desk_id)


def legs_of(dial: Dial) -> tuple[LineLeg, LineLeg]:
    callee, caller = UUID(dial.leg_id), UUID(dial.peer_leg_id)
    rung = LineLeg(id=callee, call_id=dial.call_id, side=LegSide.CITIZEN, number=dial.number, peer_id=caller)
    desk = LineLeg(id=caller, call_id=dial.call_id, side=LegSide.OPERATOR, desk_id=dial.desk_id, peer_id=callee)
    return rung, desk


async def open_page(centre: Centre) -> None:
    async with centre.database.transaction() as session:
        page = line_page.LinePage(id=uuid4(), number=ANNA_NUMBER, token_hash=b"anna", confirmed=True)
        await line_page.add(session, page)


async def outcome_of(centre: Centre) -> str:
    said: str = await centre.sql("SELECT stage || ' ' || coalesce(outcome, '') FROM call")
    return said


async def test_a_call_is_cancelled_before_it_is_dialled_without_a_process(
    doors: Doors, idle: Centre, fresh_people: People
) -> None:
    olga, call_id = await doors.program(fresh_people.olga), await idle.place()
    await open_page(idle)
    again = await asyncio.gather(*(olga.delete(f"{CALLS}/{call_id}/dialling") for _ in range(5)))
    assert ({each.status_code for each in again}, await outcome_of(idle)) == ({204}, "post_processing cancelled")
    assert await WebLine(idle.database).dial(await dial_of(idle, call_id)) is DialOutcome.REFUSED, "too late to ring"
    assert await idle.sql("SELECT count(*) FROM line_leg WHERE state <> 'ended'") == 0
    async with idle.working():
        await until(lambda: asyncio.sleep(0, call_id in idle.exchange.hung_up))
        await idle.finish(call_id)
        assert (await idle.process(call_id).result()).stage is CallStage.FINISHED
    assert (idle.exchange.dials, await outcome_of(idle)) == ({}, "finished cancelled")
    assert await idle.events(call_id) == ["dialled", "dial_ended", "finished"]


async def test_a_cancelling_at_once_with_the_dialling_leaves_nobody_ringing(
    doors: Doors, idle: Centre, fresh_people: People
) -> None:
    olga, call_id = await doors.program(fresh_people.olga), await idle.place()
    await open_page(idle)
    dial = await dial_of(idle, call_id)
    async with idle.database.transaction() as session:
        assert await line_ring.dial(session, *legs_of(dial)) is None
        cancelling = asyncio.create_task(olga.delete(f"{CALLS}/{call_id}/dialling"))
        assert not (await asyncio.wait([cancelling], timeout=0.3))[0], "it waits for who dials"
    assert ((await cancelling).status_code, await outcome_of(idle)) == (204, "post_processing cancelled")
    assert await idle.sql("SELECT array_agg(DISTINCT state) FROM line_leg") == ["ended"]
    assert await idle.sql("SELECT count(*) FROM line_leg") == 2


async def test_who_has_answered_is_not_cancelled(doors: Doors, idle: Centre, fresh_people: People) -> None:
    olga, call_id = await doors.program(fresh_people.olga), await idle.place()
    await open_page(idle)
    rung, desk = legs_of(await dial_of(idle, call_id))
    async with idle.database.transaction() as session:
        await line_ring.dial(session, rung, desk)
        assert await line_ring.answer(session, rung) is desk
    refused = await olga.delete(f"{CALLS}/{call_id}/dialling")  # no process has heard of the answer yet
    assert (refused.status_code, refused.json()["detail"]) == (409, "Отменить вызов нельзя: абонент уже ответил.")
    assert (await outcome_of(idle), desk.state) == ("ringing ", LegState.TALKING)
    assert await idle.sql("SELECT array_agg(DISTINCT state) FROM line_leg") == ["talking"]


async def test_a_talk_is_not_cancelled_nor_a_refusal_renamed(olga: AsyncClient, centre: Centre) -> None:
    first = await centre.dialled(await centre.place())
    await centre.callee_refuses(first)
    await centre.reaches(first.call_id, CallStage.POST_PROCESSING)
    assert (await olga.delete(f"{CALLS}/{first.call_id}/dialling")).status_code == 204
    assert await outcome_of(centre) == "post_processing refused"
    await centre.finish(first.call_id)
    second = await centre.dialled(await centre.place(key="place-key-2"))
    await centre.callee_answers(second)
    await centre.reaches(second.call_id, CallStage.TALKING)
    assert (await olga.delete(f"{CALLS}/{second.call_id}/dialling")).status_code == 409
    assert await centre.stage(second.call_id) == CallStage.TALKING


@pytest.mark.parametrize(("login", "status"), [("pyotr", 404), ("admin", 403), ("stranger", 403)])
async def test_nobody_cancels_the_call_of_another_desk(
    doors: Doors, idle: Centre, fresh_people: People, login: str, status: int
) -> None:
    call_id = await idle.place()
    program = await doors.program(getattr(fresh_people, login))
    assert (await program.delete(f"{CALLS}/{call_id}/dialling")).status_code == status
    assert await outcome_of(idle) == "ringing "
