"""POST /calls by those who may, once for a key; the address book shows each role what it may see."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from schemas.call import CallStage
from schemas.desk import DeskStatus
from schemas.staff import Role
from tests.centre import Centre
from tests.doors import Doors
from tests.people import ANNA, ANNA_NUMBER, People

CALLS, BOOK = "/api/v1/calls", "/api/v1/address-book"
ASKED = {"key": "place-key-1", "number": "8 916 123-45-67"}


@pytest.fixture
async def olga(doors: Doors, fresh_people: People, centre: Centre) -> AsyncClient:
    """Ольга in «Исходящие», her telephone ready."""
    olga = await doors.program(fresh_people.olga)
    await centre.go_on_line("olga", status=DeskStatus.OUTGOING)
    return olga


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
